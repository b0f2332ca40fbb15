"""mta.dns.zone: the resolver that tests hand in."""
from pathlib import Path

import pytest

from mta.base.names import Domain
from mta.dns.answer import CAA, MX, SRV, TLSA, Outcome, RecordType
from mta.dns.master import BadZone
from mta.dns.zone import Zone

TEXT = """
; a small world
example.org   MX 10 mx.example.org
example.org   MX 20 .
example.org   TXT "v=spf1 " "-all"
mx.example.org A 192.0.2.25
mx.example.org AAAA 2001:db8::25
alias.example.org CNAME mx.example.org
loop.example.org CNAME loop.example.org
*.wild.example.org A 192.0.2.1
_25._tcp.mx.example.org TLSA 3 1 1 00ff
_imap._tcp.example.org SRV 0 1 993 mx.example.org
example.org CAA 0 issue "ca.example"
sick.example TROUBLE
forged.example BOGUS
example.org SECURE
"""


async def ask(name: str, kind: RecordType) -> tuple[Outcome, tuple[object, ...]]:
    """Outcome and records."""
    answer = await Zone(TEXT).ask(Domain.parse(name), kind)
    return answer.outcome, answer.records


async def test_records_of_each_type() -> None:
    """Data is typed by kind."""
    mx = Domain("mx.example.org")

    assert await ask("example.org", RecordType.MX) == (Outcome.FOUND, (MX(10, mx), MX(20, None)))
    assert await ask("example.org", RecordType.TXT) == (Outcome.FOUND, ("v=spf1 -all",))
    assert await ask("_25._tcp.mx.example.org", RecordType.TLSA) == (Outcome.FOUND, (TLSA(3, 1, 1, b"\0\xff"),))
    assert await ask("_imap._tcp.example.org", RecordType.SRV) == (Outcome.FOUND, (SRV(0, 1, 993, mx),))
    assert await ask("example.org", RecordType.CAA) == (Outcome.FOUND, (CAA(0, "issue", "ca.example"),))


async def test_absence_has_two_faces() -> None:
    """A name that exists without such records is not a name that does not exist (RFC 2308 §2)."""
    assert (await ask("mx.example.org", RecordType.MX))[0] is Outcome.EMPTY
    assert (await ask("_tcp.mx.example.org", RecordType.A))[0] is Outcome.EMPTY
    assert (await ask("nobody.example.org", RecordType.A))[0] is Outcome.NOTHING


async def test_aliases_wildcards_and_trouble() -> None:
    """CNAMEs are followed and recorded, a loop is trouble, a wildcard covers what is not there."""
    answer = await Zone(TEXT).ask(Domain("alias.example.org"), RecordType.A)

    assert answer.found
    assert answer.authentic
    assert answer.canonical == Domain("mx.example.org")
    assert (await ask("loop.example.org", RecordType.A))[0] is Outcome.TROUBLE
    assert (await ask("any.wild.example.org", RecordType.A))[0] is Outcome.FOUND
    assert (await ask("sick.example", RecordType.A))[0] is Outcome.TROUBLE
    assert (await ask("forged.example", RecordType.A))[0] is Outcome.BOGUS


async def test_names_of_any_octets() -> None:
    """They are written as in master files, wherever a name may stand."""
    zone = Zone("a\\032b:c.example CNAME 1.0/26.example\n1.0/26.example MX 10 d:e.example")
    answer = await zone.ask(Domain.of_octets("A\\032b:c.example"), RecordType.MX)

    assert answer.records == (MX(10, Domain.of_octets("d:e.example")),)


async def test_questions_are_counted() -> None:
    """A test can say how much DNS a judgement costs."""
    zone = Zone(TEXT)
    await zone.ask(Domain("example.org"), RecordType.MX)

    assert zone.questions == [("example.org", "MX")]


async def test_trouble_of_some_questions() -> None:
    """A name may fail for some types only, under a wildcard too, and what stands there otherwise is answered."""
    zone = Zone("a.example TXT x\na.example TIMEOUT MX\nb.example CNAME c.example\nc.example SERVFAIL\n*.d.example SERVFAIL TXT")
    late = await zone.ask(Domain("a.example"), RecordType.MX)
    failed = await zone.ask(Domain("b.example"), RecordType.TXT)

    assert (late.outcome, late.error) == (Outcome.TROUBLE, "no answer in time")
    assert (failed.outcome, failed.error) == (Outcome.TROUBLE, "SERVFAIL")
    assert (await zone.ask(Domain("a.example"), RecordType.TXT)).found
    assert (await zone.ask(Domain("x.d.example"), RecordType.TXT)).temporary
    assert (await zone.ask(Domain("x.d.example"), RecordType.MX)).outcome is Outcome.EMPTY


async def test_what_a_wildcard_stands_for() -> None:
    """It covers names that are not there, not what is there and not what is below that (RFC 4592 §2.2.1)."""
    zone = Zone("*.example A 192.0.2.1\nhost.sub.example A 192.0.2.2")

    assert (await zone.ask(Domain("a.b.example"), RecordType.A)).found
    assert (await zone.ask(Domain("sub.example"), RecordType.A)).outcome is Outcome.EMPTY
    assert (await zone.ask(Domain("other.sub.example"), RecordType.A)).outcome is Outcome.NOTHING
    assert (await zone.ask(Domain("example"), RecordType.A)).outcome is Outcome.EMPTY


async def test_the_shortest_ttl_counts() -> None:
    """Records of one answer may differ; nothing is kept longer than any of them."""
    zone = Zone("a.example 60 A 192.0.2.1\na.example 30 A 192.0.2.2")

    assert (await zone.ask(Domain("a.example"), RecordType.A)).ttl == 30


async def test_a_file(tmp_path: Path) -> None:
    """A zone can be read from a file, and a mistake in it is found by its line."""
    good, bad, binary = tmp_path / "good.zone", tmp_path / "bad.zone", tmp_path / "binary.zone"
    good.write_text("\ufeff$ORIGIN example.org.\n@ MX 10 mx\n", "utf-8")
    bad.write_text("$ORIGIN example.org.\n@ MX ten mx\n")
    binary.write_bytes(b"a.example TXT \xff")

    assert (await Zone.read(good).ask(Domain("example.org"), RecordType.MX)).records == (MX(10, Domain("mx.example.org")),)
    with pytest.raises(BadZone, match=r"bad\.zone, line 2: MX needs a number from 0 to 65535, not 'ten'"):
        Zone.read(bad)
    with pytest.raises(BadZone, match=r"binary\.zone: octet 14 is not UTF-8"):
        Zone.read(binary)
