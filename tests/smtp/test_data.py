"""mta.smtp.data: the octets of a message, whatever the network does to them."""
import itertools
import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from mta.smtp.data import Decoder, Fault, refusal

ATTACKS = json.loads((Path(__file__).parent.parent / "vectors" / "smtp-wire-attacks" / "wire.json").read_text())["smuggling"]
LARGEST, LONGEST = 60, 20


def decode(*pieces: bytes, largest: int = LARGEST, longest: int = LONGEST) -> tuple[bytes, Fault, int, bool, bytes]:
    """(content, fault, size, done, rest); what comes once it is done joins the rest."""
    decoder, content, rest = Decoder(largest, longest), b"", b""
    for piece in pieces:
        if decoder.done:
            rest += piece
        else:
            content += decoder.feed(piece)
            rest += decoder.rest
    assert decoder.received <= sum(map(len, pieces))
    return content, decoder.fault, decoder.size, decoder.done, rest


@pytest.mark.parametrize(("octets", "content", "rest"), [
    (b".\r\n", b"", b""),
    (b"a\r\n.\r\n", b"a\r\n", b""),
    (b"\r\n.\r\nQUIT\r\n", b"\r\n", b"QUIT\r\n"),
    (b"..\r\n.\r\n", b".\r\n", b""),
    (b".a\r\n..\r\n...\r\n.b.\r\n.\r\n.\r\n", b"a\r\n.\r\n..\r\nb.\r\n", b".\r\n"),
    (b"a\r\n. \r\n.\r\n", b"a\r\n \r\n", b""),
    (b"\xff\x80\r\n.\r\n", b"\xff\x80\r\n", b""),
])
def test_unstuffing(octets: bytes, content: bytes, rest: bytes) -> None:
    """RFC 5321 §4.5.2, whole and octet by octet."""
    wanted = (content, Fault.NONE, len(content), True, rest)

    assert decode(octets) == wanted
    assert decode(*(octets[at:at + 1] for at in range(len(octets)))) == wanted


@pytest.mark.parametrize("attack", ATTACKS["inbound_end_of_data"], ids=lambda attack: attack["name"])
def test_smuggling(attack: dict[str, str]) -> None:
    """None of the known tricks ends a message early, and a message with one is refused as a whole."""
    octets = b"line\r\n" + attack["octets"].encode("latin-1") + b"MAIL FROM:<evil@a.example>\r\n"

    content, fault, _, done, _ = decode(octets)
    assert not done
    _, fault, _, done, rest = decode(octets + b"\r\n.\r\nQUIT\r\n")
    assert done
    assert fault is not Fault.NONE
    assert rest == b"QUIT\r\n"
    assert b"MAIL" not in content


@pytest.mark.parametrize(("octets", "fault"), [
    (b"a\nb\r\n", Fault.BARE_LF), (b"a\rb\r\n", Fault.BARE_CR), (b"a\r\r\n", Fault.BARE_CR), (b"\n", Fault.BARE_LF), (b"\r", Fault.BARE_CR),
    (b"a\0\r\n", Fault.NUL), (b"x" * 21 + b"\r\n", Fault.LINE_TOO_LONG), ((b"x" * 18 + b"\r\n") * 3 + b"\r", Fault.BARE_CR),
    ((b"x" * 18 + b"\r\n") * 4, Fault.TOO_LARGE), ((b"x" * 18 + b"\r\n") * 4 + b"\n", Fault.BARE_LF), (b"a\n\0\r", Fault.BARE_LF),
    (b"x" * 200 + b"\r\n", Fault.LINE_TOO_LONG), ((b"x" * 18 + b"\r\n") * 4 + b"x" * 21 + b"\r\n", Fault.LINE_TOO_LONG),
])
def test_faults(octets: bytes, fault: Fault) -> None:
    """The worst of them is reported, wherever it is; nothing of the message comes out after it, and the end is still found."""
    octets += b"\r\n.\r\n"
    whole, singly = decode(octets), decode(*(octets[at:at + 1] for at in range(len(octets))))

    assert whole[0] == b""
    for _, found, size, done, rest in (whole, singly):
        assert (found, done, rest) == (fault, True, b"")
        assert size == whole[2]


def test_bounds_are_inclusive() -> None:
    """A line of exactly the longest length, and a message of exactly the largest size, are taken."""
    line = b"x" * LONGEST + b"\r\n"
    assert decode(line * 2 + b".\r\n")[1] is Fault.NONE
    assert decode(b"." + line + b".\r\n")[:2] == (line, Fault.NONE)
    filled = (b"x" * 18 + b"\r\n") * 3
    assert len(filled) == LARGEST
    assert decode(filled + b".\r\n")[1] is Fault.NONE
    assert decode(b"." + filled + b".\r\n")[1] is Fault.NONE
    assert decode(filled[:-2] + b"x\r\n.\r\n")[1] is Fault.TOO_LARGE


def reference(octets: bytes) -> tuple[bytes, Fault, int]:
    """What should come out of octets up to the final dot, decided slowly."""
    end = (b"\r\n" + octets).find(b"\r\n.\r\n")
    raw = (b"\r\n" + octets)[2:end + 2]
    lines = raw.split(b"\r\n")
    clean = b"\r\n".join(line[1:] if line.startswith(b".") else line for line in lines)
    faults = [Fault.NONE]
    without = raw.replace(b"\r\n", b"")
    faults += [fault for mark, fault in ((b"\n", Fault.BARE_LF), (b"\r", Fault.BARE_CR)) if mark in without]
    faults += [Fault.NUL] if b"\0" in raw else []
    faults += [Fault.TOO_LARGE] if len(clean) > LARGEST else []
    return clean, max(faults), len(clean)


@given(some.lists(some.sampled_from([b"\r\n", b"\r", b"\n", b".", b"..", b"a", b"\0", b"xxxxxxxx", b"\r\n.", b"\r\n."]), max_size=30),
       some.sets(some.integers(0, 120)))
@example([b"\r\n", b".", b"\r"], {3})
def test_any_octets_and_any_cuts(parts: list[bytes], cuts: set[int]) -> None:
    """The decoder says what a slow reading of the whole says, wherever the octets were cut."""
    octets = b"".join(parts) + b"\r\n.\r\n"
    edges = [0, *sorted(cut for cut in cuts if cut < len(octets)), len(octets)]

    content, fault, size, done, rest = decode(*(octets[start:end] for start, end in itertools.pairwise(edges)), longest=1_000)

    clean, wanted, length = reference(octets)
    assert done
    assert (fault, size) == (wanted, length)
    assert clean.startswith(content)
    if not fault:
        assert content == clean
    assert (b"\r\n" + octets).endswith(b"\r\n.\r\n" + rest)


@given(some.lists(some.integers(0, 25), max_size=12), some.sets(some.integers(0, 300)))
def test_long_lines_by_any_cuts(lengths: list[int], cuts: set[int]) -> None:
    """A line is too long or not wherever it was cut."""
    octets = b"".join(b"x" * length + b"\r\n" for length in lengths) + b".\r\n"
    edges = [0, *sorted(cut for cut in cuts if cut < len(octets)), len(octets)]

    _, fault, *_ = decode(*(octets[start:end] for start, end in itertools.pairwise(edges)), largest=10_000)

    assert (fault is Fault.LINE_TOO_LONG) == any(length > LONGEST for length in lengths)


def test_replies_name_the_reason() -> None:
    """Each fault has a 5xx that says what to change."""
    decoder = Decoder(1_000, 100)
    for fault in set(Fault) - {Fault.NONE}:
        decoder.fault = fault
        assert refusal(decoder).lasting
    decoder.fault = Fault.BARE_LF
    assert "LF" in refusal(decoder).text
    decoder.fault = Fault.TOO_LARGE
    assert (refusal(decoder).code, refusal(decoder).enhanced) == (552, "5.3.4")
