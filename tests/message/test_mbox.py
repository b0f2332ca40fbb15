"""mta.message.mbox: where messages begin and end, in all four dialects, and what is noted in them."""
import io

import pytest

from mta.message.flags import Flags
from mta.message.mbox import Found, Mbox, heading, quoted

HEAD = b"From ann@example.org Mon Jan  1 10:00:00 2024\n"


def read(octets: bytes, start: int = 0, *, seek: bool = False) -> list[tuple[Found, bytes]]:
    """Every message of a file, from an offset on."""
    file = io.BytesIO(octets)
    file.seek(start)
    box = Mbox(file, start, len(octets) if seek else None)
    found: list[tuple[Found, bytes]] = []
    while True:
        pieces: list[bytes] = []
        one = box.next(pieces.append)
        if one is None:
            return found
        found.append((one, b"".join(pieces)))


def test_messages_and_their_dates() -> None:
    """A separating line begins each; line ends become CRLF, the empty line in between is nobody's."""
    found = read(HEAD + b"Subject: a\n\none\n\n" + HEAD + b"Subject: b\r\n\r\ntwo\r\n\n\n")

    assert [text for _, text in found] == [b"Subject: a\r\n\r\none\r\n", b"Subject: b\r\n\r\ntwo\r\n\r\n"]
    assert found[0][0].received == 1704103200.0


def test_every_start_leads_on() -> None:
    """Reading on at the end of a message gives what comes after it: that is how an import goes on."""
    octets = b"".join(HEAD + b"Subject: %d\n\ntext\n\n" % number for number in range(5))
    whole = read(octets)
    for place, (one, _) in enumerate(whole):
        assert [text for _, text in read(octets, one.end)] == [text for _, text in whole[place + 1:]]


@pytest.mark.parametrize("line", [
    b"From here on it goes well", b"From: ann@example.org", b"From ann at 10:00 in 2024 it went on", b">From ann Mon Jan  1 10:00:00 2024"])
def test_text_does_not_separate(line: bytes) -> None:
    """A line of a text that only looks like a separating line: there is no date in it, or no header after it."""
    found = read(HEAD + b"Subject: a\n\n\n" + line + b"\nand more\n\n" + HEAD + b"Subject: b\n\n")

    assert len(found) == 2
    assert line.removeprefix(b">") in found[0][1]


def test_quoting() -> None:
    """One > goes from lines that have it for their likeness; others stay."""
    text = read(HEAD + b"Subject: a\n\n>From x\n>>From y\n> From z\n>Fromage\n\n")[0][1]

    assert text.endswith(b"From x\r\n>From y\r\n> From z\r\n>Fromage\r\n")


def test_content_length() -> None:
    """mboxcl2 quotes nothing: its length is believed where a message really begins behind it, and nowhere else."""
    inner = b"one\n\nFrom ann@example.org Mon Jan  1 10:00:00 2024\nSubject: not a message\n\n>From stays\n"
    good = HEAD + b"Subject: a\nContent-Length: %d\n\n" % len(inner) + inner + b"\n" + HEAD + b"Subject: b\n\n"

    found = read(good, seek=True)
    assert len(found) == 2
    assert b">From stays\r\n" in found[0][1]
    assert b"Content-Length" not in found[0][1]
    assert len(read(good.replace(b"Content-Length: %d" % len(inner), b"Content-Length: 9"), seek=True)) == 3
    assert len(read(good)) == 3     # in a stream nobody can look ahead
    assert len(read(good.replace(b"Content-Length: %d" % len(inner), b"Content-Length: 99999999999999"), seek=True)) == 3


def test_length_with_quoting() -> None:
    """mboxcl quotes although it has a length: the > goes."""
    inner = b"one\n>From two\n"
    found = read(HEAD + b"Subject: a\nContent-Length: %d\n\n" % len(inner) + inner + b"\n" + HEAD + b"Subject: b\n\n", seek=True)

    assert found[0][1].endswith(b"one\r\nFrom two\r\n")


def test_marks() -> None:
    """What programs noted for themselves is taken out and understood."""
    one, text = read(HEAD + b"Status: RO\nX-Status: AF\nX-Keywords: work, $Forwarded\n  next\nSubject: a\n\nx\n")[0]

    assert text == b"Subject: a\r\n\r\nx\r\n"
    assert one.flags == Flags.SEEN | Flags.ANSWERED | Flags.FLAGGED
    assert one.keywords == ("work", "$Forwarded", "next")


def test_thunderbird() -> None:
    """Its bits are flags; what it has deleted and not yet removed is no message."""
    one = read(HEAD + b"X-Mozilla-Status: 1005\nX-Mozilla-Keys: tag1    \nSubject: a\n\nx\n")[0][0]
    gone = read(HEAD + b"X-Mozilla-Status: 0009\nSubject: a\n\nx\n")[0][0]

    assert one.flags == Flags.SEEN | Flags.FLAGGED | Flags.FORWARDED
    assert one.keywords == ("tag1",)
    assert "deleted" in gone.gone


def test_what_is_silent_was_read() -> None:
    """Old mail of which nothing is said is not thousands of unread messages."""
    assert read(HEAD + b"Subject: a\n\nx\n")[0][0].flags == Flags.SEEN
    assert read(HEAD + b"Status: O\nSubject: a\n\nx\n")[0][0].flags == Flags.NONE


def test_servers_notes_are_no_message() -> None:
    """UW-IMAP's and Dovecot's first message is their own."""
    one = read(HEAD + b"Subject: DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA\nX-IMAP: 1 2\n\nx\n")[0][0]

    assert one.gone


@pytest.mark.parametrize("content", [
    b"Subject: a\r\n\r\nFrom x\r\n>From y\r\n\r\n", b"Status: mine\r\nSubject: a\r\n\r\nlast line\r\n", b"Subject: a\r\n\r\n", b"\r\nno header\r\n"])
def test_what_we_write_comes_back(content: bytes) -> None:
    """A message that was written with its marks is read as the same octets, flags, keywords and moment."""
    flags = Flags.SEEN | Flags.FLAGGED | Flags.FORWARDED | Flags.DRAFT
    lines = b"".join(map(quoted, content.splitlines(keepends=True)))
    one, text = read(heading(1700000000.25, flags, ("work",)) + lines + b"\n")[0]

    assert text == content
    assert one.received == 1700000000.25
    assert one.flags == flags & ~Flags.FORWARDED
    assert one.keywords == ("$Forwarded", "work")


def test_hostile_octets_end() -> None:
    """No file makes it run for ever or hold much: long lines, no ends, a header without end."""
    for octets in (b"From ", b"From " + b"x" * 1_000_000, HEAD + b"A: b\n" * 300_000, HEAD + b"A" * 3_000_000, b"\0" * 10_000,
                   HEAD * 1_000, b"\n" * 100_000):
        assert sum(len(text) for _, text in read(octets)) <= 2 * len(octets)
