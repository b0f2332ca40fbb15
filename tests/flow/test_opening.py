"""mta.flow.opening: what connections to mail hosts come to, over real TLS; every case of the table."""
import asyncio
from pathlib import Path

import pytest

from mta.base.errors import Failure, Reach
from mta.base.events import Event, Recorded
from mta.base.measures import Measure
from mta.base.names import Domain
from mta.config.model import Tls
from mta.dns.answer import RecordType
from mta.dns.zone import Zone
from mta.flow.dialing import Dialing, Hosts
from mta.flow.opening import Opening
from mta.flow.world import World
from mta.net.tls import Certificates
from mta.secure.protection import DaneState, Demand, StsState
from mta.smtp.client import Client
from mta.store import evidence
from tests.flow.outbox import facts, lone, quick, until
from tests.flow.protected import ENFORCED, FOUND, LEAF, OTHER, OWN, ROOT, TESTED, Says, believing, context, dial, promises, server
from tests.measured import Measured
from tests.peers import CLOSE, Server, listening
from tests.secure.chains import make
from tests.secure.test_protection import DANE, STS, Case, cases


def proven(hosts: Hosts) -> str:
    """How the current host was proven to be the right one."""
    seen = hosts.seen(requiretls=False)
    assert seen is not None
    return seen.verified



@pytest.fixture
def zone() -> Zone:
    """b.test and its mail host, on this machine."""
    return Zone("b.test MX 10 mx.b.test\nmx.b.test A 127.0.0.1")


def named(table: dict[str, StsState] | dict[str, DaneState], state: StsState | DaneState) -> str:
    """The word for a state in the file of cases."""
    return next(word for word, known in table.items() if known is state)


@pytest.mark.parametrize("case", cases(), ids=lambda case: f"{case.sts.name}-{case.dane.name}-{case.demand.name}-{case.why}")
async def test_every_case_of_the_table(world: World, zone: Zone, recorded: Recorded, tmp_path: Path, case: Case) -> None:
    """A real server that is as the case says gets the mail, or not a word of it."""
    believing(world, tmp_path)
    shown, dane = case.shown, named(DANE, case.dane)
    made = LEAF if shown.pkix is not None and shown.pkix.good else OWN
    tls = context(made, tmp_path) if shown.encrypted else None
    async with listening(server(tls, *["REQUIRETLS"] * shown.requiretls)) as peer:
        if dane != "none":
            promises(zone, peer.port)
        if dane == "usable":
            promises(zone, peer.port, made if shown.dane is not None and shown.dane.good else OTHER)
        elif dane == "unusable":
            promises(zone, peer.port, made, usage=1)
        elif dane == "trouble":
            zone.add(f"_{peer.port}._tcp.mx.b.test BOGUS")
        client, dialing, hosts = await dial(world, peer.port, FOUND[named(STS, case.sts)], case.demand)
        await dialing.close()
        if isinstance(client, Client):
            assert case.wanted == "delivered"
            assert (client.secured is not None) == shown.encrypted
            assert hosts.serves(case.demand)
            await client.quit()
            return
    assert case.wanted != "delivered"
    assert client.reach is Reach.HOST
    assert client.lasting == (case.wanted in ("bounce", "REQUIRETLS"))
    assert client.enhanced == ("5.7.30" if client.lasting else "4.7.5")
    if case.wanted in ("bounce", "later", "next host"):
        assert peer.connections == 0
    else:
        assert peer.verbs() in (["EHLO", "STARTTLS", "EHLO"], ["EHLO"])
    assert len([record for record in recorded.records if record.event.key.endswith(
        ("_enforced", "_refused", "_unknown")) and record.event.key.startswith("delivery.")]) == 1


# --- without TLS -------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", ["454 4.7.0 Not now", "220 Go\r\n250 injected", CLOSE])
@pytest.mark.parametrize("found", [FOUND["none"], TESTED], ids=["no policy", "testing"])
async def test_tls_that_fails_where_nobody_promised_it(
        world: World, recorded: Recorded, tmp_path: Path, answer: str, found: object) -> None:
    """At once, on the same host, without; and it is told."""
    quick(world)
    async with listening(server(context(OWN, tmp_path), STARTTLS=answer)) as peer:
        client, dialing, hosts = await dial(world, peer.port, found)    # type: ignore[arg-type]  # a Found
        assert isinstance(client, Client)
        assert client.secured is None
        assert client.usable
        await client.quit()
        await dialing.close()
    assert peer.connections == (1 if answer.startswith("454") else 2)
    assert lone(facts(recorded, Event.CLEAR))["host"] == "mx.b.test"
    assert len(facts(recorded, Event.STS_IGNORED)) == (found is TESTED)
    assert not hosts.serves(Demand.DMARC_REPORT)
    assert hosts.serves(Demand.USUAL)


@pytest.mark.parametrize("answer", ["454 4.7.0 Not now", "220 Go\r\n250 injected", CLOSE])
async def test_tls_that_fails_where_it_was_promised(world: World, zone: Zone, tmp_path: Path, answer: str) -> None:
    """Whatever the server, or who stands before it, does about STARTTLS: not a word of the mail in the clear."""
    quick(world)
    async with listening(server(context(OWN, tmp_path), STARTTLS=answer)) as peer:
        promises(zone, peer.port, OWN)
        for found, demand in ((FOUND["none"], Demand.USUAL), (ENFORCED, Demand.USUAL), (FOUND["none"], Demand.DMARC_REPORT)):
            client, dialing, _ = await dial(world, peer.port, found, demand)
            await dialing.close()
            assert isinstance(client, Failure)
            assert (client.lasting, client.enhanced) == (False, "4.7.5")
            assert "must be encrypted" in client.text
    assert set(peer.verbs()) == {"EHLO", "STARTTLS"}


async def test_a_server_that_turns_us_away_once_encrypted(world: World, tmp_path: Path) -> None:
    """That is no trouble with TLS: nobody comes back in the clear, and no report says so."""
    quick(world)
    async with listening(server(context(OWN, tmp_path))) as peer:
        peer.answers = {"EHLO": ["250 peer.test|STARTTLS", "421 4.3.2 Busy"]}
        client, dialing, _ = await dial(world, peer.port)
        await dialing.close()
    assert isinstance(client, Failure)
    assert (client.code, client.lasting) == (421, False)
    assert peer.connections == 1
    assert world.store.read(evidence.days) == []


async def test_optional_mail_goes_in_the_clear_all_the_same(world: World, zone: Zone, recorded: Recorded, tmp_path: Path) -> None:
    """TLS-Required: No, a host that breaks two promises: both are told and counted."""
    quick(world)
    async with listening(server(context(OWN, tmp_path), STARTTLS=CLOSE)) as peer:
        promises(zone, peer.port, OWN)
        client, dialing, _ = await dial(world, peer.port, ENFORCED, Demand.TLS_OPTIONAL)
        assert isinstance(client, Client)
        await client.quit()
        await dialing.close()
    for event in (Event.STS_IGNORED, Event.DANE_IGNORED, Event.CLEAR):
        assert len(facts(recorded, event)) == 1
    kept = world.store.read(lambda db: [*evidence.results(db, Domain("b.test"), "2030-01-01"),
                                        *evidence.results(db, Domain("mx.b.test"), "2030-01-01")])
    assert [(str(one.policy.kind), one.failures, one.details[0].result) for one in kept] == [
        ("sts", 1, "validation-failure"), ("tlsa", 1, "validation-failure")]


# --- what is told ------------------------------------------------------------------------------------


async def counted(world: World, zone: Zone, tmp_path: Path, found: object, made: object, about: object, demand: Demand = Demand.USUAL,
                  usage: int = 3) -> list[tuple[str, str, int, int, list[str]]]:
    """(kind, policy domain, successes, failures, result types) after one set-up."""
    believing(world, tmp_path)
    async with listening(server(context(made, tmp_path) if made else None)) as peer:    # type: ignore[arg-type]  # Made
        if about:
            promises(zone, peer.port, about, usage=usage)    # type: ignore[arg-type]  # Made
        client, dialing, _ = await dial(world, peer.port, found, demand)    # type: ignore[arg-type]  # Found
        if isinstance(client, Client):
            await client.quit()
        await dialing.close()
    kept = [one for name in ("b.test", "mx.b.test")
            for one in world.store.read(lambda db, name=name: evidence.results(db, Domain(name), "2030-01-01"))]    # type: ignore[misc]
    for one in kept:
        assert one.policy.is_host == (str(one.policy.kind) == "tlsa")
        assert all(detail.mx_host == "mx.b.test" and detail.mx_ip in ("", "127.0.0.1") for detail in one.details)
        assert one.recipient == Domain("b.test")
    return [(str(one.policy.kind), one.policy.domain.ascii, one.successes, one.failures, [detail.result for detail in one.details])
            for one in kept]


WRONG = ROOT.signs("other.b.test")


@pytest.mark.parametrize(("found", "made", "about", "want"), [
    (FOUND["none"], LEAF, None, [("no-policy-found", "b.test", 1, 0, [])]),
    (FOUND["none"], OWN, None, [("no-policy-found", "b.test", 1, 0, ["certificate-not-trusted"])]),
    (FOUND["none"], None, None, [("no-policy-found", "b.test", 0, 1, ["starttls-not-supported"])]),
    (ENFORCED, LEAF, LEAF, [("sts", "b.test", 1, 0, []), ("tlsa", "mx.b.test", 1, 0, [])]),
    (ENFORCED, OWN, OWN, [("sts", "b.test", 0, 1, ["certificate-not-trusted"]), ("tlsa", "mx.b.test", 1, 0, [])]),
    (ENFORCED, LEAF, OWN, [("sts", "b.test", 1, 0, []), ("tlsa", "mx.b.test", 0, 1, ["validation-failure"])]),
    (ENFORCED, WRONG, None, [("sts", "b.test", 0, 1, ["certificate-host-mismatch"])]),
    (TESTED, OWN, None, [("sts", "b.test", 0, 1, ["certificate-not-trusted"])]),
    (TESTED, None, OWN, [("sts", "b.test", 0, 1, ["starttls-not-supported"]), ("tlsa", "mx.b.test", 0, 1, ["starttls-not-supported"])]),
    (FOUND["other"], LEAF, None, [("sts", "b.test", 0, 1, ["validation-failure"])]),
    (FOUND["trouble"], LEAF, None, [("no-policy-found", "b.test", 0, 1, ["sts-policy-fetch-error"])]),
    (FOUND["unfetched"], LEAF, None, [("no-policy-found", "b.test", 0, 1, ["sts-policy-fetch-error"])]),
], ids=["good", "untrusted", "no STARTTLS", "both good", "DANE only", "MTA-STS only", "wrong name", "testing", "testing without TLS",
        "other host", "trouble", "not fetched"])
async def test_evidence(world: World, zone: Zone, tmp_path: Path, found: object, made: object, about: object, want: object) -> None:
    """Each set-up counts once under each policy, with what each would have said."""
    assert await counted(world, zone, tmp_path, found, made, about) == want


async def test_evidence_of_records_that_cannot_be_used(world: World, zone: Zone, tmp_path: Path) -> None:
    """TLS without verification, and the owner is told why."""
    assert (await counted(world, zone, tmp_path, FOUND["none"], OWN, OWN, usage=1))[1] == ("tlsa", "mx.b.test", 0, 1, ["tlsa-invalid"])


async def test_evidence_of_forged_records(world: World, zone: Zone, tmp_path: Path, recorded: Recorded) -> None:
    """Nobody is connected to; the host's owner is told."""
    zone.add("b.test SECURE\n*._tcp.mx.b.test BOGUS")
    assert await counted(world, zone, tmp_path, ENFORCED, LEAF, None) == [("tlsa", "mx.b.test", 0, 1, ["dnssec-invalid"])]
    assert lone(facts(recorded, Event.PROTECTION_UNKNOWN))["host"] == Domain("mx.b.test")


async def test_reports_about_tls_leave_no_evidence(world: World, zone: Zone, tmp_path: Path) -> None:
    """Else two servers could go on reporting their reports for ever."""
    assert await counted(world, zone, tmp_path, ENFORCED, OWN, OTHER, Demand.TLS_REPORT) == []
    assert await counted(world, zone, tmp_path, FOUND["other"], OWN, None, Demand.TLS_REPORT) == []


async def test_dmarc_reports_are_no_reason_to_report(world: World, zone: Zone, tmp_path: Path) -> None:
    """What their sessions came to is told beside others."""
    usual = await counted(world, zone, tmp_path, FOUND["none"], OWN, OWN)
    assert usual
    await counted(world, zone, tmp_path, FOUND["none"], OWN, OWN, Demand.DMARC_REPORT)
    found = world.store.read(lambda db: [
        kept for domain, day in evidence.due(db, "9999") for kept in evidence.results(db, domain, day)])
    assert {(kept.policy.domain.ascii, kept.successes + kept.failures, kept.optional) for kept in found} == {
        ("b.test", 2, 1), ("mx.b.test", 2, 1)}


async def test_dmarc_reports_that_are_not_even_sent_are_none_either(world: World, zone: Zone, tmp_path: Path) -> None:
    """A policy that names another host keeps them back: nobody is connected to, and nobody is told of that alone."""
    assert await counted(world, zone, tmp_path, FOUND["other"], OWN, None, Demand.DMARC_REPORT) != []
    found = world.store.read(lambda db: [
        kept for domain, day in evidence.due(db, "9999") for kept in evidence.results(db, domain, day)])
    assert {(kept.failures, kept.optional) for kept in found} == {(1, 1)}


async def test_an_alert_is_told(world: World, zone: Zone, tmp_path: Path) -> None:
    """The reason for a failed handshake, by the name that the standard gives it."""
    quick(world)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in (b"220 x\r\n", b"250-x\r\n250 STARTTLS\r\n", b"220 Go\r\n"):
            writer.write(answer)
            await reader.readuntil(b"\r\n") if b"Go" not in answer else await reader.read(1_000)
        writer.write(bytes.fromhex("15 0303 0002 02 28"))      # RFC 8446 §6: fatal, handshake_failure
        writer.close()

    peer = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = peer.sockets[0].getsockname()[1]
    promises(zone, port, OWN)
    client, dialing, _ = await dial(world, port)
    assert isinstance(client, Failure)
    await dialing.close()
    peer.close()
    kept, = world.store.read(lambda db: evidence.results(db, Domain("mx.b.test"), "2030-01-01"))
    detail, = kept.details
    assert (detail.result, detail.reason, detail.sending_ip) == ("validation-failure", "tls-remote-alert-40-handshake-failure", "127.0.0.1")


# --- names and chains ---------------------------------------------------------------------------------


async def test_the_name_that_is_asked_for(world: World, zone: Zone, tmp_path: Path) -> None:
    """The TLSA base domain (RFC 7672 §8.1), which an alias gives: a server with many certificates shows the right one."""
    believing(world, tmp_path)
    target = ROOT.signs("to.b.test")
    certificates = Certificates([OTHER.files(tmp_path / "other"), target.files(tmp_path / "target"), LEAF.files(tmp_path / "leaf")])
    zone.remove("mx.b.test", RecordType.A)
    zone.add("mx.b.test CNAME to.b.test\nto.b.test A 127.0.0.1")
    async with listening(server(certificates.context)) as peer:
        promises(zone, peer.port, target, host="to.b.test")
        client, _, hosts = await dial(world, peer.port)
        assert isinstance(client, Client)
        assert proven(hosts) == "dane"
        await client.quit()
        # Without records the mail host's own name is asked for, which its certificate must bear.
        zone.remove(f"_{peer.port}._tcp.to.b.test", RecordType.TLSA)
        client, _, hosts = await dial(world, peer.port, ENFORCED)
        assert isinstance(client, Client)
        assert proven(hosts) == "mta-sts"
        await client.quit()


async def test_an_authority_named_by_dane(world: World, zone: Zone, tmp_path: Path) -> None:
    """DANE-TA over a real connection: an authority that nobody else knows, the one between sent along; the domain's name will do."""
    quick(world)
    private = make("Private", ca=True)
    below = private.signs("Below", ca=True)
    for name, good in (("mx.b.test", True), ("b.test", True), ("mx.other.test", False)):
        async with listening(server(context(below.signs(name), tmp_path / name, below, private))) as peer:
            promises(zone, peer.port, private, usage=2)
            client, _, hosts = await dial(world, peer.port)
            assert isinstance(client, Client) == good
            if isinstance(client, Client):
                assert proven(hosts) == "dane"
                assert client.secured is not None
                assert client.secured.verified
                await client.quit()
            else:
                assert "is for mx.other.test" in client.text


@pytest.mark.parametrize(("found", "signed", "made", "verified"), [
    (FOUND["none"], False, LEAF, ""), (FOUND["none"], True, LEAF, "dnssec"), (FOUND["none"], True, OWN, ""), (TESTED, False, LEAF, ""),
    (ENFORCED, False, LEAF, "mta-sts")], ids=["nobody", "dnssec", "not proven", "testing", "mta-sts"])
async def test_how_a_host_was_proven(world: World, zone: Zone, recorded: Recorded, tmp_path: Path, found: object, signed: bool,
                                     made: object, verified: str) -> None:
    """A good certificate proves a name; whether it is the right host's, DNSSEC or MTA-STS must say."""
    believing(world, tmp_path)
    async with listening(server(context(made, tmp_path))) as peer:    # type: ignore[arg-type]  # Made
        if signed:
            promises(zone, peer.port)
        client, _, hosts = await dial(world, peer.port, found)    # type: ignore[arg-type]  # Found
        assert isinstance(client, Client)
        await client.quit()
    assert proven(hosts) == verified
    assert lone(facts(recorded, Event.DELIVERY_TLS))["verified"] == bool(verified)


async def test_an_authorities_file_that_cannot_be_read(world: World, recorded: Recorded, tmp_path: Path) -> None:
    """The system's count then, and it is told once; the check before the start says it in the first place."""
    quick(world, tls=Tls(ca_file=tmp_path / "missing"))
    opening = Opening(world)
    assert await opening.trust() is await opening.trust()
    assert "missing" in lone(facts(recorded, Event.UNEXPECTED))["problem"]


async def test_other_hosts_are_tried(world: World, zone: Zone, tmp_path: Path) -> None:
    """A host that breaks its promise is no reason to wait while another keeps its own."""
    quick(world)
    zone.add("b.test MX 20 two.b.test\ntwo.b.test A 127.0.0.2")
    async with listening(server(context(OWN, tmp_path)), "127.0.0.1") as bad, listening(
            server(context(OTHER, tmp_path / "2")), "127.0.0.2", bad.port) as good:
        promises(zone, bad.port, OTHER)
        promises(zone, bad.port, OTHER, host="two.b.test")
        client, _, hosts = await dial(world, bad.port)
        assert isinstance(client, Client)
        assert hosts.target is not None
        assert hosts.target.host == "two.b.test"
        await client.quit()
    assert (bad.connections, good.connections) == (1, 1)
    assert "MAIL" not in bad.verbs()


async def test_one_host_in_trouble_keeps_a_message_from_bouncing(world: World, zone: Zone, tmp_path: Path) -> None:
    """REQUIRETLS: one host lacks it for certain, another cannot be judged now: later."""
    believing(world, tmp_path)
    zone.add("b.test MX 20 two.b.test\ntwo.b.test A 127.0.0.2")
    async with listening(server(context(LEAF, tmp_path))) as peer:
        promises(zone, peer.port, LEAF)
        zone.add(f"_{peer.port}._tcp.two.b.test SERVFAIL")
        client, _, hosts = await dial(world, peer.port, demand=Demand.REQUIRETLS)
    assert isinstance(client, Failure)
    assert [failure.lasting for failure in hosts.failures] == [True, False]
    assert not client.lasting


async def test_the_policy_is_that_of_the_recipients_domain(world: World, zone: Zone, tmp_path: Path) -> None:
    """Never of what it is an alias of (RFC 8461 §5)."""
    quick(world)
    zone.add("alias.test CNAME b.test")
    says = Says(FOUND["none"])
    async with listening(Server()) as peer:
        hosts = await Dialing(world, peer.port, says).hosts("alias.test")
        assert isinstance(hosts, Hosts)
        client = await hosts.client()
        assert isinstance(client, Client)
        await client.quit()
    assert says.asked == [Domain("alias.test")]


async def test_a_lane_that_is_ended_hangs_up(world: World, tmp_path: Path) -> None:
    """A connection that is given up while TLS is set up leaves nothing behind."""
    quick(world)

    def end(line: str) -> str:
        work.cancel()
        return "220 2.0.0 Go"

    async with listening(Server({"STARTTLS": end}, offers=("STARTTLS",))) as peer:
        work = asyncio.create_task(dial(world, peer.port))
        assert isinstance((await asyncio.gather(work, return_exceptions=True))[0], asyncio.CancelledError)
        await until(lambda: not peer.open)


async def test_answers_are_counted(world: World, zone: Zone, tmp_path: Path) -> None:
    """What other servers answer is counted and timed from the banner on, within TLS and without."""
    believing(world, tmp_path)
    heard = Measured()
    world.journal.add_meter(heard)
    async with listening(server(context(LEAF, tmp_path))) as peer:
        client, dialing, _ = await dial(world, peer.port, FOUND["none"], Demand.USUAL)
        assert isinstance(client, Client)
        await client.quit()
        await dialing.close()
    assert heard.labels(Measure.DELIVERY_COMMANDS) == [(command, "ok") for command in ("banner", "EHLO", "STARTTLS", "EHLO", "QUIT")]
    assert len(heard.labels(Measure.DELIVERY_COMMAND_SECONDS)) == 5
