"""mta.flow.policies: policies of other domains, from servers good and bad."""
import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from mta.base.clock import SetClock
from mta.base.errors import NotFound, UserError
from mta.base.events import Recorded
from mta.base.limits import LIMITS
from mta.base.measures import Measure
from mta.base.names import Domain
from mta.config.model import Config, Tls
from mta.dns.answer import RecordType
from mta.dns.zone import Zone
from mta.flow.policies import FETCH_ERROR, INVALID, UNTRUSTED, Found, Policies, forget, refresh, renew_due
from mta.flow.world import World
from mta.secure.mtasts import Mode, Policy
from mta.store import policies
from mta.store.policies import PolicyRow
from tests.authority import Authority
from tests.measured import Measured
from tests.webserver import CUT, SILENCE, Webserver, page, serving

DOMAIN = Domain("example.com")
HOST = "mta-sts.example.com"
GOOD = "version: STSv1\r\nmode: enforce\r\nmx: mx.example.com\r\nmax_age: 604800\r\n"
POLICY = Policy(Mode.ENFORCE, 604_800, ("mx.example.com",))
HOUR, DAY, WEEK = 3_600.0, 86_400.0, 604_800.0
GET = "GET /.well-known/mta-sts.txt HTTP/1.1"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Whom the server believes."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def trusting(world: World, authority: Authority) -> World:
    """A server that believes that authority, and does not wait long."""
    world.config = replace(world.config, tls=Tls(ca_file=authority.file))
    return world


@pytest.fixture
async def server(authority: Authority, zone: Zone) -> AsyncIterator[Webserver]:
    """example.com has a record and a good policy."""
    zone.add(f'{HOST} A 127.0.0.1\n_mta-sts.example.com TXT "v=STSv1; id=1;"')
    async with serving(Webserver({HOST: authority.serving(HOST)}, {HOST: page(GOOD)})) as server:
        yield server


@pytest.fixture
def finding(trusting: World, server: Webserver) -> Policies:
    """Who looks for policies."""
    return Policies(trusting, server.port)


@pytest.fixture
def record(zone: Zone) -> Callable[[str], None]:
    """Puts another record in place of the one that is there; "" for none."""
    def put(text: str) -> None:
        zone.remove("_mta-sts.example.com", RecordType.TXT)
        if text:
            zone.add(f'_mta-sts.example.com TXT "{text}"')
    return put


def row(world: World, domain: Domain = DOMAIN) -> PolicyRow | None:
    """What is remembered."""
    return world.store.read(lambda db: policies.get(db, domain))


async def test_a_policy_is_found_and_kept(finding: Policies, server: Webserver, zone: Zone, trusting: World, recorded: Recorded) -> None:
    """One question and one fetch; then only the record is looked at, by another process too."""
    trusting.journal.add_meter(heard := Measured())
    assert await finding.find(DOMAIN) == Found(POLICY, record_id="1")
    assert await finding.find(DOMAIN) == Found(POLICY, record_id="1")
    assert await Policies(trusting, server.port).find(DOMAIN) == Found(POLICY, record_id="1")

    assert server.lines() == [GET]
    assert server.asked == [HOST]
    assert [name for name, kind in zone.questions if kind == "TXT"] == ["_mta-sts.example.com"] * 3
    assert not [kind for _, kind in zone.questions if kind == "CNAME"]
    assert recorded.keys() == ["mtasts.fetched", *["mtasts.enforced"] * 3]
    assert (await finding.find(DOMAIN)).lines == POLICY.lines
    assert heard.labels(Measure.HTTPS_SECONDS) == [("policy", "ok")]


async def test_no_policy(finding: Policies, server: Webserver, record: Callable[[str], None], trusting: World) -> None:
    """A domain without a record has none, and nobody is asked; a record that is none is told."""
    assert await finding.find(Domain("example.net")) == Found()
    record("v=STSv1; id=")
    found = await finding.find(DOMAIN)
    assert (found.policy, found.problem, found.temporary) == (None, "", False)
    assert "cannot be read" in found.text
    assert server.asked == []
    assert trusting.store.read(policies.all) == []
    assert await finding.find(Domain(".".join(["a" * 60] * 4))) == Found()


async def test_international_names_and_cnames(finding: Policies, server: Webserver, authority: Authority, zone: Zone) -> None:
    """A-labels in TLS and HTTP; where a CNAME leads is where we connect, not whom we ask for."""
    zone.add('_mta-sts.xn--bcher-kva.example CNAME record.example.net\nrecord.example.net TXT "v=STSv1; id=7"\n'
             "mta-sts.xn--bcher-kva.example CNAME sts.example.net\nsts.example.net A 127.0.0.1")
    host = "mta-sts.xn--bcher-kva.example"
    server.contexts[host] = authority.serving(host)
    server.answers[host] = page(GOOD)
    assert await finding.find(Domain.parse("bücher.example")) == Found(POLICY, record_id="7")
    assert server.asked == [host]


async def test_a_new_version_is_fetched(finding: Policies, server: Webserver, record: Callable[[str], None], trusting: World) -> None:
    """When the record has another id."""
    await finding.find(DOMAIN)
    server.answers[HOST] = page(GOOD.replace("enforce", "testing"))
    assert (await finding.find(DOMAIN)).policy == POLICY
    record("v=STSv1; id=2")
    found = await finding.find(DOMAIN)

    assert found == Found(replace(POLICY, mode=Mode.TESTING), record_id="2")
    assert len(server.requests) == 2
    kept = row(trusting)
    assert kept is not None
    assert (kept.record_id, kept.policy) == ("2", found.policy)


@pytest.mark.parametrize("gone", ["", "v=STSv1; id=", "v=spf1 -all"])
async def test_a_policy_outlives_its_record(
        finding: Policies, server: Webserver, record: Callable[[str], None], clock: SetClock, gone: str) -> None:
    """Up to its max_age (RFC 8461 §5.1); not a second longer."""
    await finding.find(DOMAIN)
    record(gone)
    clock.advance(WEEK - 1)
    assert (await finding.find(DOMAIN)).policy == POLICY
    clock.advance(1)
    assert (await finding.find(DOMAIN)).policy is None
    assert len(server.requests) == 1


@pytest.mark.parametrize("trouble", ["TIMEOUT", "BOGUS"])
async def test_the_dns_does_not_tell(finding: Policies, zone: Zone, server: Webserver, clock: SetClock, trouble: str) -> None:
    """A policy that is known holds; if none is, nobody knows, and mail had better wait."""
    await finding.find(DOMAIN)
    zone.add(f"_mta-sts.example.com {trouble} TXT\n_mta-sts.example.net {trouble}")
    assert (await finding.find(DOMAIN)).policy == POLICY
    for domain in (DOMAIN, Domain("example.net")):
        clock.advance(WEEK)
        found = await finding.find(domain)
        assert (found.policy, found.problem, found.temporary) == (None, "", True)
        assert "_mta-sts.example." in found.text


BAD = {
    "missing": (page("", "404 Not Found"), FETCH_ERROR, "status 404 instead of 200"),
    "error": (page("", "500 Oh"), FETCH_ERROR, "status 500"),
    "other-success": (page(GOOD, "203 Non-Authoritative"), FETCH_ERROR, "status 203"),
    "redirect": (page("", "301 Moved", f"Location: https://www.example.com/{'x' * 300}"), FETCH_ERROR, "which is not followed"),
    "large": (page(GOOD + "x: y\r\n" * 11_000), FETCH_ERROR, "too large"),
    "silent": (SILENCE, FETCH_ERROR, "took too long"),
    "half": (page(GOOD)[:-20] + CUT, FETCH_ERROR, "HTTP"),
    "nonsense": (page("Welcome!"), INVALID, "line 1 is not a name"),
    "empty": (page(""), INVALID, "no version"),
    "mode": (page(GOOD.replace("enforce", "hard")), INVALID, "mode is 'hard'"),
    "html": (page("<p>x", kind="text/html"), INVALID, "text/html and not text/plain"),
    "latin": (page(b"version: STSv1\nx: \xe4\n"), INVALID, "not UTF-8"),
}


@pytest.mark.parametrize("case", BAD)
async def test_bad_answers(trusting: World, server: Webserver, recorded: Recorded, case: str) -> None:
    """Mail goes as if there were no policy, and the report says why (RFC 8461 §3.3, RFC 8460 §4.3)."""
    answer, problem, said = BAD[case]
    if case == "silent":
        trusting.config = Impatient(**{name: getattr(trusting.config, name) for name in trusting.config.__slots__})
    server.answers[HOST] = answer
    found = await Policies(trusting, server.port).find(DOMAIN)

    assert (found.policy, found.problem, found.temporary, found.record_id) == (None, problem, False, "1")
    assert said in found.text
    assert recorded.keys() == [{FETCH_ERROR: "mtasts.unreachable", INVALID: "mtasts.invalid"}[problem]]


class Impatient(Config):
    """A configuration with little patience."""

    __slots__ = ()

    @property
    def limits(self):    # type: ignore[no-untyped-def]  # as in Config
        """With another wait."""
        return replace(LIMITS, https_wait=0.3)


@pytest.mark.parametrize("case", ["expired", "own", "other", "stranger"])
async def test_bad_certificates(
        finding: Policies, server: Webserver, authority: Authority, tmp_path: Path, recorded: Recorded, case: str) -> None:
    """They are a result type of their own."""
    contexts = {"expired": lambda: authority.serving(HOST, starts=-9, ends=-1), "own": lambda: authority.serving(HOST, own=True),
                "other": lambda: authority.serving("example.com"), "stranger": lambda: Authority(tmp_path).serving(HOST)}
    server.contexts[HOST] = contexts[case]()
    found = await finding.find(DOMAIN)

    assert (found.policy, found.problem, server.requests) == (None, UNTRUSTED, [])
    assert "certificate" in found.text
    assert recorded.keys() == ["mtasts.untrusted"]


async def test_no_server(finding: Policies, zone: Zone, server: Webserver) -> None:
    """A record whose host is not there, or not known at the moment."""
    zone.add('_mta-sts.example.net TXT "v=STSv1; id=1"\n_mta-sts.example.org TXT "v=STSv1; id=1"\nmta-sts.example.org TIMEOUT')
    for domain, said in (("example.net", "no address"), ("example.org", "does not tell")):
        found = await finding.find(Domain(domain))
        assert (found.policy, found.problem, found.temporary) == (None, FETCH_ERROR, False)
        assert said in found.text


async def test_failures_are_not_repeated_at_once(
        finding: Policies, server: Webserver, record: Callable[[str], None], clock: SetClock, trusting: World) -> None:
    """Five minutes at first, then longer; a new version is tried at once; what works ends it."""
    server.answers[HOST] = page("", "404 Not Found")
    first = await finding.find(DOMAIN)
    clock.advance(299)
    assert await finding.find(DOMAIN) == first
    assert await Policies(trusting, server.port).find(DOMAIN) == first
    assert len(server.requests) == 1
    clock.advance(62)
    await finding.find(DOMAIN)
    assert len(server.requests) == 2
    clock.advance(361)
    assert (await finding.find(DOMAIN)).problem == FETCH_ERROR
    assert len(server.requests) == 2
    record("v=STSv1; id=2")
    await finding.find(DOMAIN)
    assert len(server.requests) == 3
    server.answers[HOST] = page(GOOD)
    clock.advance(HOUR + 1_000)
    assert await finding.find(DOMAIN) == Found(POLICY, record_id="2")
    kept = row(trusting)
    assert kept is not None
    assert (kept.failures, kept.problem, kept.paused_until) == (0, "", 0)


async def test_a_known_policy_is_kept_when_the_new_one_cannot_be_had(
        finding: Policies, server: Webserver, record: Callable[[str], None], clock: SetClock, recorded: Recorded) -> None:
    """Otherwise a broken server could switch it off; the reason is told, and nobody asks again at once."""
    await finding.find(DOMAIN)
    server.answers[HOST] = page("oops", kind="text/html")
    record("v=STSv1; id=2")
    for _ in range(3):
        found = await finding.find(DOMAIN)
        assert (found.policy, found.problem, found.record_id) == (POLICY, "", "1")
        assert "text/html" in found.text
    assert len(server.requests) == 2
    assert [record.facts["kept"] for record in recorded.records if record.event.key == "mtasts.invalid"] == ["enforce"]
    clock.advance(WEEK)
    assert (await finding.find(DOMAIN)).problem == INVALID


async def test_a_policy_that_is_not_to_be_kept(finding: Policies, server: Webserver, clock: SetClock) -> None:
    """max_age 0 counts for this mail, and for some minutes; one of years for a year."""
    server.answers[HOST] = page(GOOD.replace("604800", "0"))
    assert (await finding.find(DOMAIN)).policy == replace(POLICY, max_age=0)
    clock.advance(299)
    await finding.find(DOMAIN)
    assert len(server.requests) == 1
    clock.advance(1)
    server.answers[HOST] = page(GOOD.replace("604800", "9999999999"))
    await finding.find(DOMAIN)
    assert len(server.requests) == 2
    clock.advance(365 * DAY)
    await finding.find(DOMAIN)
    clock.advance(DAY)
    await finding.find(DOMAIN)
    assert len(server.requests) == 3


async def test_askers_share_and_crowds_wait(trusting: World, zone: Zone, server: Webserver, authority: Authority) -> None:
    """One fetch for all who ask for a domain; not more fetches at a time than there is room for."""
    names = [f"d{number}.example" for number in range(30)]
    for name in names:
        zone.add(f'_mta-sts.{name} TXT "v=STSv1; id=1"\nmta-sts.{name} A 127.0.0.1')
        server.answers[f"mta-sts.{name}"] = page(GOOD)
    context = authority.serving("*.d0.example", *(f"mta-sts.{name}" for name in names))
    server.contexts |= {f"mta-sts.{name}": context for name in names}
    finding, server.gate = Policies(trusting, server.port), asyncio.Event()
    asking = [asyncio.create_task(finding.find(Domain(name))) for name in names for _ in range(3)]
    for _ in range(LIMITS.policies_at_once):
        await server.arrived.acquire()
    asking[0].cancel()      # the others of the same domain lose nothing
    server.gate.set()
    found = await asyncio.gather(*asking, return_exceptions=True)

    assert [one for one in found if one != Found(POLICY, record_id="1")] == [found[0]]
    assert isinstance(found[0], asyncio.CancelledError)
    assert len(server.requests) == 30
    assert server.most_open == LIMITS.policies_at_once


async def test_nothing_is_raised(world: World, server: Webserver, recorded: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    """Authorities that are gone, a store in trouble, a bug: nobody knows, and mail had better wait."""
    world.config = replace(world.config, tls=Tls(ca_file=Path("/nowhere.pem")))
    found = await Policies(world, server.port).find(DOMAIN)
    assert (found.temporary, "ca_file" in found.text) == (True, True)

    def fail(question: object) -> None:
        raise ZeroDivisionError
    monkeypatch.setattr(type(world.store), "read", lambda self, question: fail(question))
    assert (await Policies(world, server.port).find(DOMAIN)).temporary
    assert recorded.keys() == ["unexpected"]


# --- The clock ------------------------------------------------------------------------------------


async def test_daily_renewal(finding: Policies, server: Webserver, clock: SetClock, trusting: World) -> None:
    """Each policy once a day at a time of its own, before it runs out, though nobody asks for it."""
    await finding.find(DOMAIN)
    clock.advance(0.74 * DAY)
    assert await renew_due(trusting, server.port) == "nothing to do"
    clock.advance(0.26 * DAY)
    assert await renew_due(trusting, server.port) == "1 renewed"
    assert await renew_due(trusting, server.port) == "nothing to do"
    assert len(server.requests) == 2
    kept = row(trusting)
    assert kept is not None
    assert (kept.fetched, kept.valid_until) == (clock.timestamp(), clock.timestamp() + WEEK)
    assert kept.used == clock.timestamp() - DAY


async def test_renewal_needs_no_record(
        finding: Policies, server: Webserver, zone: Zone, record: Callable[[str], None], clock: SetClock, trusting: World) -> None:
    """Who hides the record does not make us forget the policy (RFC 8461 §3.3)."""
    await finding.find(DOMAIN)
    for trouble in ("", "TIMEOUT"):
        record("")
        if trouble:
            zone.add(f"_mta-sts.example.com {trouble} TXT")
        clock.advance(DAY)
        assert await renew_due(trusting, server.port) == "1 renewed"
    kept = row(trusting)
    assert kept is not None
    assert kept.record_id == "1"


async def test_renewal_is_not_done_for_what_is_fresh(finding: Policies, server: Webserver, clock: SetClock, trusting: World) -> None:
    """Not within twelve hours of the last time, whatever the row says."""
    await finding.find(DOMAIN)
    clock.advance(LIMITS.policy_fresh - 1)
    trusting.store.write_now(lambda db: policies.put_off(db, DOMAIN, 0))
    assert await renew_due(trusting, server.port) == "1 left alone"
    assert len(server.requests) == 1


async def test_renewal_fails(finding: Policies, server: Webserver, clock: SetClock, trusting: World, recorded: Recorded) -> None:
    """The policy is kept until it runs out; tried with growing pauses, told of, and then forgotten."""
    await finding.find(DOMAIN)
    server.answers[HOST] = page("", "503 Busy")
    clock.advance(DAY)
    assert await renew_due(trusting, server.port) == "1 failed"
    assert await renew_due(trusting, server.port) == "nothing to do"
    assert (await finding.find(DOMAIN)).policy == POLICY
    tries = 1
    while (kept := row(trusting)) is not None:
        clock.advance(HOUR)
        if kept.live(clock.timestamp()):
            assert (await finding.find(DOMAIN)).policy == POLICY
        said = await renew_due(trusting, server.port)
        tries += said != "nothing to do"
    assert said == "1 run out"
    assert 10 < tries < 25
    assert kept is None
    assert recorded.keys().count("mtasts.unreachable") == tries
    assert recorded.keys()[-1] == "mtasts.ended"


async def test_an_ended_policy(
        finding: Policies, server: Webserver, record: Callable[[str], None], clock: SetClock, trusting: World) -> None:
    """Mode none whose record is gone: nothing is left to be known (RFC 8461 §8.3)."""
    server.answers[HOST] = page("version: STSv1\nmode: none\nmax_age: 864000\n")
    assert (await finding.find(DOMAIN)).policy == Policy(Mode.NONE, 864_000)
    clock.advance(DAY)
    assert await renew_due(trusting, server.port) == "1 renewed"
    record("")
    clock.advance(DAY)
    assert await renew_due(trusting, server.port) == "1 ended"
    assert row(trusting) is None


async def test_what_nobody_uses_is_forgotten(finding: Policies, server: Webserver, clock: SetClock, trusting: World) -> None:
    """After 180 days without mail; what is used is noted to the day; what only failed goes soon."""
    await finding.find(DOMAIN)
    server.answers[HOST] = page("", "404 Not Found")
    server.contexts["mta-sts.example.net"] = server.contexts[HOST]
    clock.advance(100 * DAY)
    server.answers[HOST] = page(GOOD)
    await finding.find(DOMAIN)
    used = clock.timestamp()
    clock.advance(0.9 * DAY)
    await finding.find(DOMAIN)
    kept = row(trusting)
    assert kept is not None
    assert kept.used == used
    clock.advance(179 * DAY)
    assert await renew_due(trusting, server.port) == "1 renewed"
    clock.advance(2 * DAY)
    assert await renew_due(trusting, server.port) == "1 forgotten"
    assert row(trusting) is None
    server.answers[HOST] = page("", "404 Not Found")
    await finding.find(DOMAIN)
    clock.advance(HOUR)
    assert await renew_due(trusting, server.port) == "1 left alone"
    assert row(trusting) is not None
    clock.advance(2 * DAY)
    assert await renew_due(trusting, server.port) == "1 forgotten"
    assert row(trusting) is None


async def test_a_run_of_the_clock_ends(trusting: World, finding: Policies, server: Webserver, clock: SetClock,
                                       monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers that are slow do not hold up the other chores; what was not done is still due."""
    await finding.find(DOMAIN)
    server.gate = asyncio.Event()
    clock.advance(DAY)
    monkeypatch.setattr("mta.flow.policies.RENEWAL_WAIT", 0.1)
    assert await renew_due(trusting, server.port) == "nothing to do"
    server.gate.set()
    monkeypatch.setattr("mta.flow.policies.RENEWAL_WAIT", 30.0)
    assert await renew_due(trusting, server.port) == "1 renewed"


async def test_asked_for_by_people(trusting: World, server: Webserver) -> None:
    """Now, whatever pause a failure made; forgotten, it is as if nobody had ever written there."""
    assert (await refresh(trusting, "example.com", by="admin", port=server.port)).policy == POLICY
    trusting.store.write_now(lambda db: policies.failed(db, DOMAIN, "1", FETCH_ERROR, "no answer", 0.0, 9e12))
    assert (await refresh(trusting, " Example.com ", by="admin", port=server.port)).text == ""
    [row] = trusting.store.read(policies.all)
    assert (row.failures, row.policy) == (0, POLICY)
    forget(trusting, "example.com", by="admin")
    assert trusting.store.read(policies.all) == []
    with pytest.raises(NotFound):
        forget(trusting, "example.com", by="admin")
    with pytest.raises(UserError):
        await refresh(trusting, "a..b", by="admin")
