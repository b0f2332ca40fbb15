"""mta.dns.rdata: what the data of each type means."""
import pytest

from mta.base.names import Domain, ip_address
from mta.dns.answer import CAA, MX, SOA, SRV, TLSA, Record, RecordType
from mta.dns.master import Reader
from mta.dns.rdata import Word, read_record, written


def record(kind: RecordType, data: str) -> Record:
    """The record whose words stand in data, names as they are."""
    words = [Word(word.strip('"'), word.startswith('"')) for word in data.split()]
    return read_record(kind, words, lambda word: None if word.source == "." else Domain(word.source))


@pytest.mark.parametrize(("kind", "data", "wanted"), [
    (RecordType.TLSA, "3 1 1 00ff 01", TLSA(3, 1, 1, b"\0\xff\1")),
    (RecordType.SRV, "0 1 993 .", SRV(0, 1, 993, None)),
    (RecordType.CAA, '128 issue "ca.example"', CAA(128, "issue", "ca.example")),
    (RecordType.SOA, "ns.example who.example 7 4h 1h 1w 300", SOA(Domain("ns.example"), 7, 300)),
    (RecordType.NS, "ns.example", Domain("ns.example")),
    (RecordType.DS, "00ff", b"\0\xff"),
    (RecordType.DS, "1 13 2 " + "00" * 32, b"\0\1\x0d\2" + bytes(32)),
    (RecordType.DNSKEY, "257 3 13 AAAA AAAA", b"\1\1\3\x0d" + bytes(6)),
])
def test_each_type(kind: RecordType, data: str, wanted: Record) -> None:
    """Data is typed by kind."""
    assert record(kind, data) == wanted


def test_text() -> None:
    """Strings are joined without space; escapes are octets, and text beyond ASCII is UTF-8 (RFC 1035 §5.1)."""
    assert record(RecordType.TXT, '"v=spf1" "-all"') == "v=spf1-all"
    assert record(RecordType.TXT, r"a\;b\"c\\d\065\255") == 'a;b"c\\dA\xff'
    assert record(RecordType.TXT, '"ü"') == "ü".encode().decode("latin-1")


@pytest.mark.parametrize(("kind", "data"), [
    (RecordType.TLSA, "3 1 1 0f0"), (RecordType.TLSA, "256 1 1 00"), (RecordType.DS, "1 13 2 xx"), (RecordType.DS, "1 13"),
    (RecordType.SRV, "0 1 65536 a.example"), (RecordType.TXT, ""), (RecordType.CAA, "0 issue"), (RecordType.MX, "²"),
    (RecordType.CNAME, "."), (RecordType.NS, "a.example b.example"),
])
def test_broken_data(kind: RecordType, data: str) -> None:
    """What the type does not allow is refused."""
    with pytest.raises(ValueError, match=kind.name):
        record(kind, data)


@pytest.mark.parametrize(("kind", "wanted", "text"), [
    (RecordType.A, ip_address("192.0.2.1"), "192.0.2.1"), (RecordType.AAAA, ip_address("2001:db8::1"), "2001:db8::1"),
    (RecordType.MX, MX(10, Domain("mx.example")), "10 mx.example."), (RecordType.MX, MX(0, None), "0 ."),
    (RecordType.TLSA, TLSA(3, 1, 1, b"\0\xff"), "3 1 1 00ff"), (RecordType.SRV, SRV(0, 1, 993, None), "0 1 993 ."),
    (RecordType.CAA, CAA(128, "issue", "ca.example"), '128 issue "ca.example"'),
    (RecordType.SOA, SOA(Domain("ns.example"), 7, 300), "ns.example. . 7 0 0 0 300"), (RecordType.NS, Domain("ns.example"), "ns.example."),
    (RecordType.TXT, 'a"b\\c\xff', r'"a\"b\\c\255"'), (RecordType.TXT, "", '""'),
    (RecordType.TXT, "x" * 256, f'"{"x" * 255}" "x"'), (RecordType.DS, b"\0\1\x0d\2" + bytes(32), "1 13 2 " + "00" * 32),
    (RecordType.DNSKEY, b"\1\1\3\x0d" + bytes(6), "257 3 13 AAAAAAAA")])
def test_written_out(kind: RecordType, wanted: Record, text: str) -> None:
    """Records are written as a zone file has them, and mean the same when they are read."""
    assert written(kind, wanted) == text
    [entry] = Reader(60).read(f"x.example. {kind.name} {text}")
    assert entry.record == wanted
