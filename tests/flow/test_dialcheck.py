"""mta.flow.dialcheck: what mail would meet, in plain words."""
from pathlib import Path

from mta.auth.status import Status
from mta.base.names import Domain
from mta.dns.zone import Zone
from mta.flow import dialcheck
from mta.flow.dialcheck import Caller, of_domain, of_host
from mta.judge.route import MailHost
from mta.secure.pkix import Trust
from tests.flow.outbox import QUICK
from tests.flow.protected import ENFORCED, FOUND, LEAF, OWN, ROOT, TESTED, context, promises, server
from tests.peers import CLOSE, listening
from tests.secure.chains import NOW

B, MX = Domain("b.test"), MailHost(Domain("mx.b.test"), 10, True, (Domain("b.test"),))


def statuses(dialled: dialcheck.Dialled) -> dict[str, Status]:
    """The result of each method; of plans that for usual mail."""
    assert len(dialled.findings) == len(dialled.details)
    return {finding.method: finding.status for finding in reversed(dialled.findings)}


def test_what_the_domain_asks_for() -> None:
    """Signed or not, and the policy that was found, or why none was."""
    assert statuses(of_domain(B, [MX], ENFORCED)) == {"hosts": Status.PASS, "mtasts": Status.PASS}
    assert statuses(of_domain(B, [MailHost(B, 0)], TESTED)) == {"hosts": Status.NEUTRAL, "mtasts": Status.NEUTRAL}
    assert statuses(of_domain(B, [MX], FOUND["none"]))["mtasts"] is Status.NONE
    assert statuses(of_domain(B, [MX], FOUND["trouble"]))["mtasts"] is Status.TEMPERROR


async def test_a_host(tmp_path: Path) -> None:
    """By all rules at once; the same connection serves one policy and not another."""
    zone = Zone("mx.b.test A 127.0.0.1")
    async with listening(server(context(OWN, tmp_path))) as peer:
        promises(zone, peer.port, OWN)
        caller = Caller(zone, Trust([ROOT.certificate]), NOW, Domain("us.test"), peer.port, QUICK)
        good = await of_host(B, MX, FOUND["none"], caller)
        refused = await of_host(B, MX, ENFORCED, caller)
        other = await of_host(B, MX, FOUND["other"], caller)
    assert statuses(good) == {
        "tlsa": Status.PASS, "connection": Status.PASS, "dane": Status.PASS, "pkix": Status.FAIL, "plan": Status.PASS}
    assert (good.usable, refused.usable, other.usable) == (True, False, False)
    assert "does not prove its name" in next(finding.what for finding in refused.findings if finding.method == "plan")
    assert statuses(other)["mtasts"] is Status.FAIL


async def test_a_host_with_broken_tls(tmp_path: Path) -> None:
    """Told as it is, with what would follow."""
    zone = Zone("mx.b.test A 127.0.0.1")
    async with listening(server(context(LEAF, tmp_path), STARTTLS=CLOSE)) as peer:
        caller = Caller(zone, Trust([]), NOW, Domain("us.test"), peer.port, QUICK)
        found = await of_host(B, MX, FOUND["none"], caller)
    assert statuses(found)["connection"] is Status.FAIL
    assert found.usable
