"""mta.dns.master: files as name servers read them, and one clear message for a mistake."""
import pytest

from mta.base.names import Domain, ip_address
from mta.dns.answer import MX, RecordType
from mta.dns.master import BadZone, Entry, Reader

FILE = """\
$ORIGIN example.org.
$TTL 1h30m
@       IN  SOA  ns1 hostmaster (
                 2026010101 ; serial
                 4h 1h 1w   ; refresh, retry, expire
                 300 )
        IN  NS   ns1
            MX   10 mx          ; the owner before, no class
            MX   20 mx.other.example.
ns1     600 IN A 192.0.2.1
        IN 700 AAAA 2001:db8::1
mx      A    192.0.2.2
_dmarc  TXT  ( "v=DMARC1; p=none; "
               "rua=mailto:d@example.org" )
*.wild  A    192.0.2.3
münchen A    192.0.2.4
$ORIGIN sub
www     CNAME @
@       A    192.0.2.5
"""


def entries(text: str) -> list[Entry]:
    """All records of text, 300 seconds where it says nothing."""
    return list(Reader(300).read(text))


def brief(text: str) -> list[tuple[str, str, object]]:
    """Owner, type and record."""
    return [(entry.owner, entry.kind, entry.record) for entry in entries(text)]


def test_an_ordinary_file() -> None:
    """Origin, omitted owners, TTLs and classes, parentheses and comments mean what they mean to a name server."""
    found = brief(FILE)

    assert [(owner, kind) for owner, kind, _ in found] == [
        ("example.org", "SOA"), ("example.org", "NS"), ("example.org", "MX"), ("example.org", "MX"), ("ns1.example.org", "A"),
        ("ns1.example.org", "AAAA"), ("mx.example.org", "A"), ("_dmarc.example.org", "TXT"), ("*.wild.example.org", "A"),
        ("xn--mnchen-3ya.example.org", "A"), ("www.sub.example.org", "CNAME"), ("sub.example.org", "A")]
    assert found[2][2] == MX(10, Domain("mx.example.org"))
    assert found[3][2] == MX(20, Domain("mx.other.example"))
    assert found[7][2] == "v=DMARC1; p=none; rua=mailto:d@example.org"
    assert found[10][2] == Domain("sub.example.org")


def test_times_to_live() -> None:
    """$TTL holds until a record says otherwise; class and TTL come in either order (RFC 1035 §5.1)."""
    assert [entry.ttl for entry in entries(FILE)[3:7]] == [5_400, 600, 700, 700]
    assert entries("a.example 5 A 192.0.2.1")[0].ttl == 5
    assert entries("a.example A 192.0.2.1")[0].ttl == 300
    assert entries("$TTL 2w\na.example A 192.0.2.1")[0].ttl == 1_209_600


def test_the_short_form() -> None:
    """Without an origin names stand for themselves, and indented lines may begin with one."""
    assert brief("  a.example A 192.0.2.1\n    b.example MX 10 a.example\n      A 192.0.2.2") == [
        ("a.example", "A", ip_address("192.0.2.1")), ("b.example", "MX", MX(10, Domain("a.example"))),
        ("b.example", "A", ip_address("192.0.2.2"))]
    assert brief("25.2.0.192.in-addr.arpa PTR a.example")[0][0] == "25.2.0.192.in-addr.arpa"
    assert brief("* A 192.0.2.1")[0][0] == "*"


def test_a_reader_goes_on_where_it_stopped() -> None:
    """Origin and owner hold from one text to the next."""
    reader = Reader(300)
    first = list(reader.read("$ORIGIN example.org.\nwww A 192.0.2.1"))
    second = list(reader.read("  A 192.0.2.2\nmail A 192.0.2.3"))

    assert [entry.owner for entry in first + second] == ["www.example.org", "www.example.org", "mail.example.org"]


def test_what_goes_wrong_can_be_said() -> None:
    """Special types stand for trouble, for all questions or some."""
    found = entries("a.example TIMEOUT\nb.example SERVFAIL TXT MX\nexample SECURE")

    assert [(entry.kind, entry.kinds) for entry in found] == [
        ("TIMEOUT", ()), ("SERVFAIL", (RecordType.TXT, RecordType.MX)), ("SECURE", ())]


def test_types_that_nobody_asks_for() -> None:
    """They make their owner exist and are otherwise passed over."""
    assert brief('a.example NAPTR 1 1 "u" "E2U+sip" "!^.*$!sip:a@example!" .\nb.example TYPE65280 \\# 1 00') == [
        ("a.example", "NAPTR", None), ("b.example", "TYPE65280", None)]


@pytest.mark.parametrize(("text", "problem"), [
    ("a.example A 192.0.2.1\n\na.example TX x", "line 3: 'TX' is no record type"),
    ("a.example", "line 1: a.example has neither type nor data"),
    ("a.example 300 IN", "line 1: a.example has neither type nor data"),
    ("a.example CH A 192.0.2.1", "line 1: only class IN is known here, not CH"),
    ("a.example A", "line 1: A needs more data"),
    ("a.example A 192.0.2.300", "line 1: '192.0.2.300' is not an IP address"),
    ("a.example A 2001:db8::1", "line 1: '2001:db8::1' is no IPv4 address"),
    ("a.example A 192.0.2.1 192.0.2.2", "line 1: A has '192.0.2.2' too much"),
    ("a.example MX mx.example", "line 1: MX needs a number from 0 to 65535, not 'mx.example'"),
    ("a.example PTR .", "line 1: PTR cannot point to the root"),
    ('a.example TXT "open\nb.example A 192.0.2.1', "line 1: a quote does not end in this line"),
    ('a.example TXT ("x"\n"y"\n', "line 1: a parenthesis is never closed"),
    ("a.example TXT x )", "line 1: a parenthesis too many"),
    ("a.example TXT ((x))", "line 1: a parenthesis too many"),
    ("x\ty..z A 192.0.2.1", "line 1: 'y..z' is no record type"),
    ("a..b A 192.0.2.1", "line 1: 'a..b' is no name that the DNS could be asked for"),
    ("@ A 192.0.2.1", "line 1: @ stands for nothing before $ORIGIN"),
    ("  A 192.0.2.1", "line 1: the first record has no name"),
    ("$INCLUDE other.zone", "line 1: $INCLUDE is not understood; write out what it stands for"),
    ("$TTL soon", "line 1: $TTL needs one number of seconds"),
    ("$ORIGIN", "line 1: $ORIGIN needs one name"),
    ("a.example SERVFAIL NAPTR", "line 1: nobody asks for records of type 'NAPTR'"),
    ("a.example TXT x\\", "line 1: '\\\\' cannot stand here"),
    ("a.example TXT x\\300", "line 1: \\300 is more than an octet"),
    ("a.example 4294967296 A 192.0.2.1", "line 1: '4294967296' is no record type"),
])
def test_mistakes(text: str, problem: str) -> None:
    """One message with the line, and what to change there."""
    with pytest.raises(BadZone) as raised:
        entries(text)

    assert str(raised.value) == problem
