"""Our resolver against unbound and nsd: what DNSSEC says arrives where it is asked for."""
import pytest

from mta.base.clock import SystemClock
from mta.base.names import Domain, ip_address
from mta.dns.answer import MX, Outcome, RecordType
from mta.dns.resolver import reverse_name
from mta.net.upstream import Upstreams, servers
from tests.lab.names import Names


def upstreams(*trusted: str) -> Upstreams:
    """A resolver that asks the lab's unbound."""
    return Upstreams(servers(("127.0.0.1",), trusted), SystemClock())


async def test_signed_and_unsigned_answers(names: Names) -> None:
    """A signed zone is authentic, an unsigned one is not; both are found."""
    signed = await upstreams().ask(Domain("us.test"), RecordType.MX)
    unsigned = await upstreams().ask(Domain("plain.test"), RecordType.MX)

    assert signed.records == (MX(10, Domain("mx.us.test")),)
    assert signed.authentic
    assert unsigned.found
    assert not unsigned.authentic


async def test_a_forged_record_is_bogus(names: Names) -> None:
    """A record changed after signing is told from a server that is broken."""
    answer = await upstreams().ask(Domain("mx.forged.test"), RecordType.A)

    assert answer.outcome is Outcome.BOGUS
    assert "bogus" in answer.error


@pytest.mark.parametrize(("name", "kind", "outcome"), [
    ("nobody.us.test", RecordType.A, Outcome.NOTHING), ("mx.us.test", RecordType.MX, Outcome.EMPTY),
    ("nobody.plain.test", RecordType.A, Outcome.NOTHING), ("example.com", RecordType.A, Outcome.NOTHING)])
async def test_absence(names: Names, name: str, kind: RecordType, outcome: Outcome) -> None:
    """No name and no record are told apart, signed or not."""
    assert (await upstreams().ask(Domain(name), kind)).outcome is outcome


async def test_reverse_and_alias(names: Names) -> None:
    """PTR records and CNAMEs come through a real server as they do through a zone."""
    pointer = await upstreams().ask(reverse_name(ip_address("127.0.0.10")), RecordType.PTR)
    alias = await upstreams().ask(Domain("mx.alias.test"), RecordType.A)

    assert pointer.names == [Domain("mx.us.test")]
    assert alias.addresses == [ip_address("127.0.0.20")]
    assert alias.canonical == Domain("mx.them.test")
    assert not alias.authentic


async def test_a_changed_record_is_seen(names: Names) -> None:
    """The lab can change a zone while it runs."""
    before = names.records("other.test")
    names.change("other.test", before + "\nnew A 127.0.0.77")

    assert (await upstreams().ask(Domain("new.other.test"), RecordType.A)).addresses == [ip_address("127.0.0.77")]
    names.change("other.test", before)
    assert (await upstreams().ask(Domain("new.other.test"), RecordType.A)).absent
