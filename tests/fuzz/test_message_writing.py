"""What we write ourselves from what users give.

Invariant: a composed message is CRLF only, has no long line and exactly the fields it was
given, and says when it is read what it was told to say.
"""

from hypothesis import assume, given
from hypothesis import strategies as some

from mta.base.names import Address
from mta.message import address, codec, header, mime, parameters, words
from mta.message import text as texts
from mta.message.address import Mailbox
from mta.message.compose import Attachment, Letter, compose
from mta.message.reencode import has_long_line
from mta.message.structure import analyse, decode_part, part_text
from tests.fuzz.effort import tries
from tests.message.test_compose import ANN

TIME = tries(120)

#: Everything but half of a surrogate pair.
CHARACTER = some.characters(exclude_categories=["Cs"])
WRITTEN = some.lists(some.one_of(
    some.sampled_from([
        "\r\n", "\n", "\r", " ", "  ", "\t", ".", "From ", "ü", "日本", "=?utf-8?q?x?=", "=", "-- \n", ">", "word", "x" * 1200, "\0", "\u2028", "😀"]),
    some.text(some.characters(exclude_categories=["Cs"]), max_size=6)), max_size=30).map("".join)
NAMES = some.text(some.characters(exclude_categories=["Cs"]), max_size=40)
PEOPLE = some.builds(Mailbox, NAMES, some.sampled_from([Address.parse(each) for each in (
    "a@b.example", '"a b"@c.example', "a@bücher.example", "very.long.local.part.of.a.person@very.long.domain.example")]))


@TIME
@given(WRITTEN, WRITTEN, some.lists(PEOPLE, max_size=12), some.one_of(some.none(), WRITTEN), some.binary(max_size=300), NAMES,
       some.booleans())
def test_letters(subject: str, text: str, to: list[Mailbox], html: str | None, content: bytes, filename: str, flowed: bool) -> None:
    """The invariant, for letters."""
    attachments = [Attachment(filename, "application/x-any", content)]
    data = compose(Letter([ANN], to=to, subject=subject, text=text, html=html, attachments=attachments, flowed=flowed))
    found = analyse(data)

    assert data.count(b"\r") == data.count(b"\n") == data.count(b"\r\n")
    assert not has_long_line(data)
    assert data.isascii()
    top = header.parse(data)
    assert top.defects == header.Defects.NONE
    assert [field.lower for field in top.fields] == ["from", *(["to"] if to else []), "subject", "date", "mime-version", "content-type"]
    assert [mailbox.address for mailbox in found.envelope.to] == [mailbox.address for mailbox in to]
    attached = found.root.children[-1]
    assert decode_part(data, attached) == content
    body = found.root.children[0]
    leaf = body if html is None else body.children[0]
    if not flowed:
        lines = text.replace("\r\n", "\n").replace("\r", "\n")
        assert part_text(data, leaf).rstrip("\n") == lines.rstrip("\n")


@TIME
@given(WRITTEN)
def test_subjects_come_back(text: str) -> None:
    """A subject reads as it was written, white space apart."""
    value = words.unstructured(header.clean(text), 9)

    assert value.isascii()
    assert "".join(words.decode(value.replace("\r\n", "")).split()) == "".join(header.clean(text).split())


@TIME
@given(some.lists(PEOPLE, min_size=1, max_size=20))
def test_mailboxes_come_back(people: list[Mailbox]) -> None:
    """A list of addresses reads as it was written, names but for white space and control characters."""
    for text in (address.format(people), address.folded(people, 6).replace("\r\n", "")):
        again = address.parse_list(text)

        assert [mailbox.address for mailbox in again] == [mailbox.address for mailbox in people]
        for mailbox, before in zip(again, people, strict=True):
            if before.name.isprintable():
                assert mailbox.name.split() == before.name.split()


@TIME
@given(NAMES)
def test_parameters_come_back(value: str) -> None:
    """A parameter reads as it was written."""
    # A mark of byte order says nothing at the beginning of a text.
    assume("=?" not in value and not value.startswith("\ufeff"))
    pieces = parameters.format("name", header.clean(value))

    assert parameters.parse("; ".join(["x/y", *pieces]))[1] == {"name": header.clean(value)}


@TIME
@given(some.binary(max_size=4_000), some.integers(1, 500))
def test_encodings_come_back(content: bytes, size: int) -> None:
    """Whatever was encoded, in whatever pieces, decodes to the same, in lines of 76."""
    pieces = [content[at:at + size] for at in range(0, len(content), size)]
    coded = b"".join(codec.encode_base64(pieces))
    assert codec.decode_base64(coded) == content

    lines = content.replace(b"\r", b"").replace(b"\n", b"\r\n")
    pieces = [lines[at:at + size] for at in range(0, len(lines), size)]
    quoted = b"".join(codec.encode_quoted_printable(pieces))
    assert codec.decode_quoted_printable(quoted) == lines
    assert b"".join(codec.decoded([quoted[at:at + size] for at in range(0, len(quoted), size)], "quoted-printable")) == lines
    assert all(len(line) <= 76 for each in (coded, quoted) for line in each.split(b"\r\n"))


@TIME
@given(WRITTEN)
def test_flowed_text_comes_back(text: str) -> None:
    """Paragraphs read as they were written, spaces at their ends apart."""
    text = text.replace("\r", "")
    lines = [line if line == "-- " or line.startswith(">") else line.rstrip(" ") for line in text.split("\n")]
    assume(not any(line.startswith(">") for line in lines))

    assert texts.unflow(texts.flow(text)) == "\n".join(lines)


@TIME
@given(some.binary(max_size=200))
def test_a_message_of_octets_has_a_tree(content: bytes) -> None:
    """A message attached to a letter is the same octets again, or the same content."""
    inner = b"Subject: x\r\n\r\n" + content.replace(b"\r", b"").replace(b"\0", b"").replace(b"\n", b"\r\n")
    data = compose(Letter([ANN], attachments=[Attachment("x.eml", "message/rfc822", inner)]))
    part = mime.parse(data).children[1]

    assert data[part.start:part.end] == inner
