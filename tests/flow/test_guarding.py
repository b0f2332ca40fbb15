"""mta.flow.guarding: what is known of a host, what follows, and what is told of it."""
import dataclasses

import pytest

from mta.base.events import Event, Recorded
from mta.base.names import Domain, ip_address
from mta.dns.zone import Zone
from mta.flow import guarding
from mta.flow.guarding import Guard, objection, refusal, tell_ignored, tell_refusal
from mta.flow.policies import Found
from mta.flow.world import World
from mta.judge import route
from mta.judge.route import MailHost
from mta.secure.dane import Lookup
from mta.secure.mtasts import Mode, Policy
from mta.secure.pkix import Trust
from mta.secure.protection import DaneState, Demand, Lack, Shown, StsState
from mta.secure.tlsresult import Result, Verdict
from tests.flow.protected import ENFORCED, FOUND, LEAF, ROOT, TESTED
from tests.secure.chains import NOW
from tests.secure.chains import shown as sent

B, MX = Domain("b.test"), Domain("mx.b.test")
GOOD, BAD = Verdict(), Verdict(Result.NOT_TRUSTED, "by nobody")
NO_TLS = Verdict(Result.STARTTLS_NOT_SUPPORTED, "no STARTTLS")
HERE = ip_address("192.0.2.1")


def made(found: Found = FOUND["none"], state: DaneState = DaneState.NONE, *, signed: bool = False) -> Guard:
    """A guard."""
    return Guard(B, found, Lookup(MX, state, f"the DNS says {state.value}", MX), (MX, B), signed)


@pytest.mark.parametrize(("found", "state"), [
    (FOUND["none"], StsState.NONE), (TESTED, StsState.TESTING), (ENFORCED, StsState.ENFORCE), (FOUND["other"], StsState.OTHER_HOST),
    (FOUND["trouble"], StsState.TROUBLE), (Found(Policy(Mode.NONE, 60)), StsState.NONE),
    # A policy that could not be fetched is none but for REQUIRETLS (RFC 8461 §3.3); one that is kept counts, renewed or not.
    (Found(None, "sts-policy-fetch-error", "no answer"), StsState.UNFETCHED),
    (dataclasses.replace(ENFORCED, text="no answer"), StsState.ENFORCE),
], ids=["none", "testing", "enforce", "other", "trouble", "mode none", "not fetched", "not renewed"])
def test_what_a_domain_asks_for(found: Found, state: StsState) -> None:
    """A policy and a host come to one of five states."""
    assert made(found).sts is state


async def test_what_is_found_out(world: World, zone: Zone) -> None:
    """Records of the host, and the names that its certificate may bear under an authority of DANE's."""
    zone.add("b.test SECURE\nalias.b.test CNAME mx.b.test\nmx.b.test A 192.0.2.1\n_25._tcp.mx.b.test TLSA 3 1 1 " + "ab" * 32)
    host = MailHost(Domain("alias.b.test"), 10, True, (B, Domain("other.b.test")))
    answers = await route.address_answers(host.name, zone)
    found = await guarding.guard(B, host, ENFORCED, answers, world.resolver, 25)
    assert [name.ascii for name in found.names] == ["mx.b.test", "alias.b.test", "b.test", "other.b.test"]
    assert (found.lookup.state, found.lookup.base, found.host.ascii) == (DaneState.USABLE, MX, "alias.b.test")
    assert not found.allowed        # MTA-STS compares the name in the MX record
    unsigned = await guarding.guard(B, dataclasses.replace(host, signed=False), ENFORCED, answers, world.resolver, 25)
    assert unsigned.lookup.state is DaneState.NONE


@pytest.mark.parametrize("base", ["host.b.test", "b.test"])
async def test_a_domain_that_is_its_own_mail_host_by_another_name(world: World, zone: Zone, base: str) -> None:
    """No MX records, and a CNAME: its TLSA records may stand at either name."""
    zone.add(f"b.test SECURE\nb.test CNAME host.b.test\nhost.b.test A 192.0.2.1\n_25._tcp.{base} TLSA 3 1 1 " + "ab" * 32)
    hosts = await route.mail_hosts(B, world.config.hostname, zone, world.chance)
    assert isinstance(hosts, list)
    host, = hosts
    found = await guarding.guard(B, host, Found(), await route.address_answers(host.name, zone), zone, 25)
    assert (found.lookup.state, found.lookup.base.ascii) == (DaneState.USABLE, base)
    assert set(found.names) == {B, Domain("host.b.test")}


def test_a_host_that_is_not_asked() -> None:
    """Why, and for how long."""
    assert objection(made(), made().plan(Demand.USUAL)) is None
    for guard, demand, lasting, code, word in (
            (made(FOUND["other"]), Demand.USUAL, False, "4.7.5", "does not name mx.b.test"),
            (made(FOUND["trouble"]), Demand.USUAL, False, "4.7.5", "the DNS does not say"),
            (made(FOUND["unfetched"]), Demand.REQUIRETLS, False, "4.7.5", "whether the policy of b.test vouches for mx.b.test"),
            (made(state=DaneState.TROUBLE), Demand.USUAL, False, "4.7.5", "the DNS says cannot be looked up"),
            (made(), Demand.REQUIRETLS, True, "5.7.30", "neither DNSSEC nor MTA-STS")):
        failure = objection(guard, guard.plan(demand))
        assert failure is not None
        assert (failure.lasting, failure.enhanced, failure.host) == (lasting, code, "mx.b.test")
        assert word in failure.text


def test_a_connection_that_is_not_used() -> None:
    """Only what a server says of itself is for good; the rest somebody can mend."""
    shown = Shown(True, BAD, BAD)
    for lack in Lack:
        failure = refusal(made(), lack, shown, "the server does not offer encryption")
        assert failure.lasting == (lack is Lack.REQUIRETLS)
        assert failure.enhanced == ("5.7.30" if failure.lasting else "4.7.5")
    assert "by nobody" in refusal(made(), Lack.DANE, shown, "").text
    assert "does not offer encryption" in refusal(made(), Lack.TLS, Shown(), "the server does not offer encryption").text


@pytest.mark.parametrize(("guard", "problem", "demand", "hopeless"), [
    (made(), NO_TLS, Demand.REQUIRETLS, True), (made(state=DaneState.SIGNED), NO_TLS, Demand.REQUIRETLS, True),
    (made(TESTED), NO_TLS, Demand.REQUIRETLS, True), (made(), NO_TLS, Demand.DMARC_REPORT, False), (made(), None, Demand.REQUIRETLS, False),
    (made(), dataclasses.replace(NO_TLS, reason="starttls-454"), Demand.REQUIRETLS, False),
    (made(), Verdict(Result.VALIDATION_FAILURE, "alert"), Demand.REQUIRETLS, False),
    (made(ENFORCED), NO_TLS, Demand.REQUIRETLS, False), (made(state=DaneState.USABLE), NO_TLS, Demand.REQUIRETLS, False),
    (made(state=DaneState.UNUSABLE), NO_TLS, Demand.REQUIRETLS, False)],
    ids=["no policy", "signed", "testing", "report", "TLS", "not now", "broken", "enforce", "DANE", "unusable"])
def test_a_host_that_never_will(guard: Guard, problem: Verdict | None, demand: Demand, hopeless: bool) -> None:
    """Without TLS where nobody promised any: the sender who insists on it is told at once, instead of after days."""
    assert guard.hopeless(problem, demand) is hopeless
    failure = refusal(guard, Lack.TLS, Shown(), "there is no TLS", never=hopeless)
    assert (failure.lasting, failure.enhanced) == ((True, "5.7.30") if hopeless else (False, "4.7.5"))


def test_judging_a_chain() -> None:
    """Both verdicts, whatever is asked for."""
    lookup = Lookup(MX, DaneState.USABLE, "", MX, (ROOT.tlsa(3),))
    guard = dataclasses.replace(made(ENFORCED), lookup=lookup)
    shown = guard.judge(sent(LEAF), Trust([ROOT.certificate]), NOW, requiretls=True)
    assert (shown.encrypted, shown.requiretls) == (True, True)
    assert shown.pkix is not None
    assert shown.pkix.good
    assert shown.dane is not None
    assert shown.dane.reason == "dane-no-match"
    assert made().judge(sent(LEAF), Trust([]), NOW, requiretls=False).dane is None


@pytest.mark.parametrize(("guard", "lack", "demand", "event"), [
    (made(ENFORCED), Lack.PKIX, Demand.USUAL, Event.STS_ENFORCED), (made(ENFORCED), Lack.TLS, Demand.USUAL, Event.STS_ENFORCED),
    (made(ENFORCED, DaneState.USABLE), Lack.DANE, Demand.USUAL, Event.DANE_ENFORCED),
    (made(state=DaneState.UNUSABLE), Lack.TLS, Demand.USUAL, Event.DANE_ENFORCED),
    (made(), Lack.TLS, Demand.DMARC_REPORT, Event.TLS_ENFORCED),
    (made(ENFORCED), Lack.REQUIRETLS, Demand.REQUIRETLS, Event.REQUIRETLS_REFUSED),
    (made(state=DaneState.SIGNED), Lack.PKIX, Demand.REQUIRETLS, Event.REQUIRETLS_REFUSED)],
    ids=["certificate", "no TLS", "DANE", "unusable without TLS", "report", "REQUIRETLS", "REQUIRETLS and DNSSEC"])
def test_what_was_enforced(world: World, recorded: Recorded, guard: Guard, lack: Lack, demand: Demand, event: Event) -> None:
    """Each refusal is one event, of whoever asked for it."""
    tell_refusal(world, guard, lack, demand, HERE, refusal(guard, lack, Shown(), "no TLS"))
    assert [record.event for record in recorded.records] == [event]


@pytest.mark.parametrize(("guard", "shown", "events"), [
    (made(), Shown(), []), (made(), Shown(True, BAD), []), (made(ENFORCED), Shown(True, GOOD), []),
    (made(ENFORCED), Shown(True, BAD), [Event.STS_IGNORED]), (made(TESTED), Shown(), [Event.STS_IGNORED]),
    (made(FOUND["other"]), Shown(True, GOOD), [Event.STS_HOST_IGNORED]), (made(FOUND["trouble"]), Shown(), [Event.UNKNOWN_IGNORED]),
    (made(TESTED, DaneState.USABLE), Shown(True, BAD, BAD), [Event.STS_IGNORED, Event.DANE_IGNORED]),
    (made(state=DaneState.USABLE), Shown(True, BAD, GOOD), []), (made(state=DaneState.UNUSABLE), Shown(True, BAD), [Event.DANE_UNUSABLE]),
    (made(state=DaneState.UNUSABLE), Shown(), [Event.DANE_IGNORED]), (made(state=DaneState.TROUBLE), Shown(), [Event.UNKNOWN_IGNORED])],
    ids=range(12))
def test_what_was_ignored(world: World, recorded: Recorded, guard: Guard, shown: Shown, events: list[Event]) -> None:
    """Each policy that is not kept on a connection that is used is one event."""
    tell_ignored(world, guard, Demand.TLS_OPTIONAL, shown, HERE, "no TLS")
    assert [record.event for record in recorded.records] == events


def test_a_policy_that_cannot_be_fetched_is_reported() -> None:
    """Though mail goes as if there were none."""
    guard = made(Found(None, "sts-policy-invalid", "it has no mode"))
    outcome, = guarding.outcomes(guard, Shown(True, GOOD), None, HERE)
    assert (str(outcome.policy.kind), outcome.failed, outcome.result, outcome.text) == (
        "no-policy-found", True, Result.STS_POLICY_INVALID, "it has no mode")
