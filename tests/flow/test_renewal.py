"""mta.flow.renewal: certificates come, stay, are renewed, and one bad name costs nothing but itself."""
import datetime
from collections.abc import Iterator
from dataclasses import replace

import pytest

from mta.base.clock import SetClock
from mta.base.errors import SetupError
from mta.base.events import Event, Recorded
from mta.config.model import Acme, Tls
from mta.dns.answer import RecordType
from mta.dns.zone import Zone
from mta.flow import certificates, hostkeys, people
from mta.flow.world import World
from mta.net import certificates as files
from mta.net.tls import Certificates
from mta.store import certificates as standings
from mta.store import hostkeys as rows
from tests.flow.certified import NAMES, Certified
from tests.flow.conftest import BY
from tests.net.authority import FakeAuthority, problem, running

DAY = 86_400.0
DOMAIN = "domain-example.org"
LABELS = ("host-ec", "host-rsa", DOMAIN)


@pytest.fixture
def server(served: World, zone: Zone, clock: SetClock) -> Iterator[Certified]:
    """example.org, and an authority for it."""
    authority = FakeAuthority(clock)
    with running(authority):
        yield Certified.of(served, zone, authority)


def test_everything_is_had_and_then_kept(server: Certified, recorded: Recorded) -> None:
    """Two for the host with its own keys, one for the domain; the next run has nothing to do."""
    said = server.renew()

    assert [line.partition(":")[0] for line in said[-3:]] == list(LABELS)
    assert server.facts("host-ec").names == server.facts("host-rsa").names == NAMES
    assert server.facts(DOMAIN).names == ("mta-sts.example.org", "autoconfig.example.org")
    digests = {row.algorithm: row.digest for row in server.world.store.read(rows.all)}
    assert {"ec": server.facts("host-ec").digest, "rsa": server.facts("host-rsa").digest} == digests
    pairs = files.served(server.world.config)
    assert [file.stem for file, _ in pairs] == ["host-ec", "host-rsa", "self-signed-ec", "self-signed-rsa", DOMAIN]
    assert len(Certificates(pairs).leaves) == 5
    assert sum(record.event is Event.CERTIFICATE_ISSUED for record in recorded.records) == 3
    orders = len(server.authority.orders)
    assert server.renew() == []
    assert len(server.authority.orders) == orders
    assert server.authority.asked["account"] == 1


def test_renewed_with_a_third_left(server: Certified, clock: SetClock) -> None:
    """At about that time, not all at once, and the host's keys stay."""
    server.renew()
    before = {label: server.facts(label) for label in LABELS}
    config = server.world.config
    times = {label: certificates.renew_at(config, facts, server.standing(label)) - facts.since for label, facts in before.items()}
    assert all(90 * DAY * (1 - 0.33 * 1.1) <= at <= 90 * DAY * 0.67 for at in times.values())
    assert len(set(times.values())) == 3
    clock.advance(min(times.values()) - 60)
    assert server.renew() == []
    clock.advance(max(times.values()) - min(times.values()) + 120)
    assert len(server.renew()) == 3
    for label in ("host-ec", "host-rsa"):
        assert server.facts(label).digest == before[label].digest
        assert server.facts(label).until > before[label].until
    assert server.facts(DOMAIN).digest != before[DOMAIN].digest


def test_one_bad_name_costs_only_itself(server: Certified, recorded: Recorded, clock: SetClock) -> None:
    """The rest is ordered in the same run; the bad one again later, with growing pauses, and is then in it."""
    server.authority.refused["mail.example.org"] = "404 from 192.0.2.1"
    server.renew()
    assert server.facts("host-ec").names == NAMES[:1]
    out = server.standing("host-ec").left_out["mail.example.org"]
    assert "404 from 192.0.2.1" in out.problem
    came = next(one for one in server.history() if one.label == "host-ec")
    assert (came.names, came.until, came.problem) == (NAMES[:1], server.facts("host-ec").until, f"without mail.example.org: {out.problem}")
    assert came.next == certificates.renew_at(server.world.config, server.facts("host-ec"), server.standing("host-ec"))
    assert 600 <= out.retry - clock.timestamp() <= 720
    assert server.standing("host-ec").failures == 0
    assert [record.facts["name"] for record in recorded.records if record.event is Event.CERTIFICATE_LEFT_OUT] == ["mail.example.org"] * 2
    orders = len(server.authority.orders)
    server.renew()
    assert len(server.authority.orders) == orders
    clock.advance(721)
    server.renew()
    out = server.standing("host-ec").left_out["mail.example.org"]
    assert (out.failures, out.retry - clock.timestamp() >= 1_800) == (2, True)
    server.authority.refused.clear()
    clock.advance(2_200)
    server.renew()
    assert server.facts("host-ec").names == NAMES
    assert server.standing("host-ec").left_out == {}


def test_the_hosts_own_name_must_be_in_it(server: Certified, clock: SetClock) -> None:
    """Without it there is no certificate for the host; the domains get theirs."""
    server.authority.refused["mx.example.org"] = "no"
    server.renew()
    assert "urn:ietf:params:acme:error:unauthorized: no" in server.standing("host-ec").problem
    assert server.standing("host-ec").failures == 1
    failed = next(one for one in server.history() if one.label == "host-ec")
    assert (failed.until, failed.next, failed.issuer) == (None, server.standing("host-ec").retry, server.world.config.acme.directory)
    assert failed.problem == server.standing("host-ec").problem
    assert server.facts(DOMAIN)
    with pytest.raises(SetupError):
        server.facts("host-ec")
    assert [file.stem for file, _ in files.served(server.world.config)] == ["self-signed-ec", "self-signed-rsa", DOMAIN]


def test_pauses_grow_and_the_authority_may_ask_for_more(server: Certified, clock: SetClock) -> None:
    """Ten minutes, half an hour, an hour and so on; a Retry-After that is longer counts."""
    server.world.config = replace(server.world.config, acme=replace(server.world.config.acme, names=()))
    server.authority.refused["mx.example.org"] = "no"
    pauses = []
    for _ in range(7):
        server.renew()
        pauses.append(server.standing("host-ec").retry - clock.timestamp())
        clock.advance(pauses[-1] + 1)
    lows = (600, 1_800, 3_600, 10_800, 21_600, 43_200, 43_200)
    assert all(low <= pause <= 1.2 * low for low, pause in zip(lows, pauses, strict=True))
    server.authority.instead["new"] = [problem("rateLimited", "later", 429, Retry_After="100000")]
    asked = server.authority.asked["new"]
    server.renew()
    assert server.authority.asked["new"] == asked + 1, "nor is it asked for another"
    assert server.standing("host-ec").retry - clock.timestamp() == 100_000
    assert "rateLimited: later" in server.standing("host-ec").problem


def test_an_order_survives_a_restart(server: Certified, clock: SetClock) -> None:
    """What was proven is not proven again, with the same key."""
    server.authority.instead["finalize"] = [problem("serverInternal", "hiccup", 500)] * 3
    server.renew()
    orders, proofs = len(server.authority.orders), server.authority.asked["challenge"]
    assert server.standing(DOMAIN).order_url == f"{server.authority.url}/order/3"
    clock.advance(721)
    server.renew()
    assert (len(server.authority.orders), server.authority.asked["challenge"]) == (orders, proofs)
    assert server.facts(DOMAIN).names[0] == "mta-sts.example.org"
    assert server.standing(DOMAIN).order_url == ""
    assert list((server.world.store.directory / "keys" / "ordered").iterdir()) == []


def test_a_certificate_for_another_key_is_not_used(server: Certified, clock: SetClock) -> None:
    """An authority that errs harms nobody; what there was stays."""
    server.renew()
    before = server.facts("host-ec")
    server.authority.wrong_key = True
    certificates.ask_again(server.world, ("host-ec",), by=BY)
    server.renew()
    assert "is for another key" in server.standing("host-ec").problem
    assert server.facts("host-ec") == before


def test_an_account_that_is_gone_is_made_again(server: Certified) -> None:
    """The authority forgot us; nobody has to do anything."""
    server.renew()
    server.authority.instead["new"] = [problem("accountDoesNotExist", "who are you", 400)]
    certificates.ask_again(server.world, ("host-ec",), by=BY)
    before = server.facts("host-ec").serial
    server.renew()
    assert server.facts("host-ec").serial != before
    assert server.authority.asked["account"] == 2


def test_another_contact_is_told(server: Certified) -> None:
    """The account stays."""
    server.renew()
    server.world.config = replace(server.world.config, acme=replace(server.world.config.acme, contact="bob@example.org"))
    certificates.ask_again(server.world, ("host-ec",), by=BY)
    server.renew()
    assert server.authority.said[-1] is not None
    assert {"contact": ["mailto:bob@example.org"]} in [payload for path, payload in server.authority.said if path == "/account/1"]


def test_names_that_lead_elsewhere_are_not_asked_for(server: Certified, recorded: Recorded, clock: SetClock) -> None:
    """Nor those without an address, nor while the DNS does not answer; when it is mended they are."""
    server.zone.remove("autoconfig.example.org", RecordType.A)
    server.zone.remove("mail.example.org", RecordType.A)
    server.zone.add("mail.example.org A 198.51.100.7\n")
    server.renew()
    assert server.facts("host-ec").names == NAMES[:1]
    assert server.facts(DOMAIN).names == ("mta-sts.example.org",)
    assert "198.51.100.7" in server.standing("host-ec").left_out["mail.example.org"].problem
    assert server.standing(DOMAIN).left_out["autoconfig.example.org"].problem == "it has no address"
    assert not any("198" in str(path) or payload == "mail.example.org" for path, payload in server.authority.said)
    told = sum(record.event is Event.CERTIFICATE_LEFT_OUT for record in recorded.records)
    server.zone.add("autoconfig.example.org A 192.0.2.1\n")
    clock.advance(3_601)
    server.renew()
    assert server.facts(DOMAIN).names == ("mta-sts.example.org", "autoconfig.example.org")
    assert sum(record.event is Event.CERTIFICATE_LEFT_OUT for record in recorded.records) == told


def test_a_domain_without_names_of_ours_costs_one_look_an_hour(server: Certified, clock: SetClock) -> None:
    """Nothing is asked for, and nothing is wrong."""
    people.add_domain(server.world, "elsewhere.example", by=BY)
    server.renew()
    assert server.standing("domain-elsewhere.example").failures == 0
    assert certificates.due(server.world) == []
    clock.advance(3_601)
    assert [want.label for want in certificates.due(server.world)] == ["domain-elsewhere.example"]


def test_what_is_no_longer_wanted_goes(server: Certified) -> None:
    """With the domain go its certificate and what is remembered of it."""
    people.add_domain(server.world, "b.example", by=BY)
    server.zone.add("mta-sts.b.example A 192.0.2.1\n")
    server.renew()
    assert server.facts("domain-b.example").names == ("mta-sts.b.example",)
    people.remove_domain(server.world, "b.example", by=BY)
    server.renew()
    assert not files.issued(server.world.config, "domain-b.example").exists()
    assert server.standing("domain-b.example").left_out == {}


def test_the_authority_says_when(server: Certified, clock: SetClock) -> None:
    """RFC 9773: within its window, chosen once; a window that is past means now; no answer means as usual."""
    now = clock.now()
    server.authority.window = now + datetime.timedelta(days=10), now + datetime.timedelta(days=12)
    server.renew()
    clock.advance(60)
    server.renew()
    first = server.standing("host-ec").renew
    assert first is not None
    assert 10 * DAY <= first - now.timestamp() <= 12 * DAY
    clock.advance(DAY)
    server.renew()
    assert server.standing("host-ec").renew == first
    serial = server.facts("host-ec").serial
    server.authority.window = now, now + datetime.timedelta(hours=1)
    clock.advance(DAY)
    server.renew()
    assert server.facts("host-ec").serial != serial
    server.authority.instead["renewal"] = [problem("serverInternal", "hiccup", 500)] * 3
    asked = server.authority.asked["renewal"]
    server.renew()
    assert server.standing("host-ec").renew is None
    server.renew()
    assert server.authority.asked["renewal"] == asked + 3


def test_another_key_means_another_certificate(server: Certified) -> None:
    """After a switch of the host's keys both are ordered anew, at once."""
    server.renew()
    before = server.facts("host-ec").digest
    hostkeys.make_next(server.world, by=BY)
    server.world.store.write_now(rows.switch)
    assert [want.label for want in certificates.due(server.world)] == ["host-ec", "host-rsa"]
    server.renew()
    assert server.facts("host-ec").digest != before
    assert hostkeys.sweep(server.world) == 2


def test_the_operators_own_certificate(server: Certified) -> None:
    """With [tls] the host's is not asked for, the domains' are."""
    made = files.own(server.world.config, "ec")
    server.renew()
    server.world.config = replace(server.world.config, tls=Tls(made, made))
    server.world.config.certificate.write_bytes(made.read_bytes())
    server.world.config.certificate_key.write_bytes(made.read_bytes())
    server.renew()
    assert [files.label_of(server.world.config, file) for file, _ in files.served(server.world.config)] == ["files", DOMAIN]


def test_a_binding_key_that_cannot_be_read(server: Certified) -> None:
    """It is said of which setting, and counts as a failure of each."""
    key_file = server.world.store.directory / "none"
    server.world.config = replace(server.world.config, acme=replace(server.world.config.acme, eab_kid="one", eab_key_file=key_file))
    server.renew()
    assert "setting eab_key_file" in server.standing("host-ec").problem
    assert server.standing(DOMAIN).failures == 1
    key_file.write_text("a key with spaces")
    certificates.ask_again(server.world, by=BY)
    server.renew()
    assert "is no key as authorities give them" in server.standing("host-ec").problem


def test_a_setting_that_is_taken_away_for_a_while(server: Certified) -> None:
    """Our own certificates serve meanwhile; what was had is not had twice."""
    server.renew()
    before, acme = server.facts("host-ec"), server.world.config.acme
    server.world.config = replace(server.world.config, acme=Acme())
    server.renew()
    assert [file.stem for file, _ in files.served(server.world.config)] == ["self-signed-ec", "self-signed-rsa"]
    server.world.config = replace(server.world.config, acme=acme)
    server.renew()
    assert server.facts("host-ec") == before


def test_without_an_authority(served: World, clock: SetClock) -> None:
    """Certificates of our own with the host's keys, made anew a month before their end; localserve has neither."""
    served.config = replace(served.config, acme=Acme())
    alone = Certified(served, Zone(), FakeAuthority(clock))
    assert len(alone.renew()) == 4
    assert alone.renew() == []
    clock.advance(370 * DAY)
    assert certificates.wants_advice(served)
    assert alone.renew() == ["made a certificate of our own with the ec key", "made a certificate of our own with the rsa key"]
    served.config = replace(served.config, local=True)
    assert alone.renew() == []


async def test_keys_changed_within_a_second(world: World) -> None:
    """Certificates of one second end together; the history has each of them, once."""
    hostkeys.ensure(world.store, world.clock)
    hostkeys.take_up(world)
    hostkeys.make_next(world, by=BY)
    await hostkeys.switch(world, by=BY)
    hostkeys.take_up(world)
    hostkeys.take_up(world)
    known = world.store.read(lambda db: standings.history(db, 10))
    assert sorted(one.label for one in known) == ["self-signed-ec"] * 2 + ["self-signed-rsa"] * 2
