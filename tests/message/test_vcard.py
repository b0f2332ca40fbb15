"""mta.message.vcard: cards of any program, and ours."""
import pytest

from mta.message.vcard import Card, Version, read, write

FULL = Card("Ähm, Böse; & Söhne\\", ("a@b.example", "c@d.example"), ("+49 1", "2"), "Firm, Ltd", "two\nlines", ("Friends", "a, b"), "urn:1",
            ("BDAY:20000101", "ADR;TYPE=home:;;Street 1;Town;;1;Land"))
#: As programs write them.
OTHERS = """BEGIN:VCARD\r
VERSION:3.0\r
PRODID:-//Apple Inc.//macOS 14//EN\r
N:Night;Carla;;;\r
FN:Carla Night\r
ORG:Firm;Department\r
item1.EMAIL;type=INTERNET;type=pref:carla@far.example\r
item1.X-ABLabel:_$!<Other>!$_\r
TEL;VALUE=uri;TYPE="voice,home":tel:+1-555-555-5555\r
PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQSkZJRgABAQAAAQABAAD\r
 abcdef\r
NOTE:first\\nsecond\\, third\r
CATEGORIES:Friends,Boat\\, club\r
END:VCARD\r
begin:vcard
fn:A long name th
 at was folded
email:mailto:x@y.example
end:vcard
BEGIN:VCARD
N:Only;Parts;;;
END:VCARD
BEGIN:VCARD
FN:Never ended
"""


@pytest.mark.parametrize("version", ["3.0", "4.0"])
def test_there_and_back(version: Version) -> None:
    """What we write we read again, whatever stands in it, in lines that others take."""
    text = write([FULL, Card("Plain")], version)
    assert list(read(text)) == [FULL, Card("Plain")]
    assert text.startswith(f"BEGIN:VCARD\r\nVERSION:{version}\r\n")
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75
    assert ("\r\nN:" in text) == (version == "3.0")


def test_cards_of_others() -> None:
    """Groups, parameters, folding, case; no pictures; what is not whole is passed over."""
    carla, folded, parts = read(OTHERS)
    assert carla == Card("Carla Night", ("carla@far.example",), ("+1-555-555-5555",), "Firm, Department", "first\nsecond, third",
                         ("Friends", "Boat, club"), "", ("item1.X-ABLabel:_$!<Other>!$_",))
    assert (folded.name, folded.addresses) == ("A long name that was folded", ("x@y.example",))
    assert parts.name == "Parts Only"


@pytest.mark.parametrize("text", ["", "BEGIN:VCARD", "END:VCARD", "BEGIN:VCARD\n:::\n;;\n\x00\nEND:VCAR", " folded", "BEGIN:VCARD\nEND:VCARD"])
def test_rubbish(text: str) -> None:
    """Costs nothing and says nothing."""
    assert [card for card in read(text) if card != Card("")] == []


def test_a_long_file() -> None:
    """Time grows with length, not faster."""
    assert len(list(read("BEGIN:VCARD\n" + "X" * 1_000_000 + "\n" + " y\n" * 200_000 + "END:VCARD\n"))) == 1
    assert len(list(read("BEGIN:VCARD\nFN:x\nEND:VCARD\n" * 20_000))) == 20_000
