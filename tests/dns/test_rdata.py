"""mta.dns.rdata: what the data of each type means."""
import pytest

from mta.base.names import Domain
from mta.dns.answer import CAA, SOA, SRV, TLSA, Record, RecordType
from mta.dns.rdata import Word, read_record


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
