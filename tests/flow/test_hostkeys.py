"""mta.flow.hostkeys: keys that stay, records about them, and a change in two steps."""
from dataclasses import replace

import pytest

from mta.base.clock import SetClock
from mta.base.errors import Conflict, NotFound
from mta.config.model import Tls
from mta.dns.answer import RecordType
from mta.dns.zone import Zone
from mta.flow import hostkeys
from mta.flow.world import World
from mta.net import certificates, keys
from mta.store import hostkeys as rows
from tests.flow.conftest import BY

OWNER = "_25._tcp.mx.example.org"


def in_use(world: World) -> dict[str, str]:
    """The digests of the keys in use."""
    return {row.algorithm: row.digest for row in world.store.read(rows.all) if row.state == "current"}


def serve(world: World) -> None:
    """Make certificates with the keys in use."""
    for algorithm, key in hostkeys.current(world.store).items():
        certificates.make_own(world.config, algorithm, key, world.clock)


def publish(zone: Zone, world: World, *states: str) -> None:
    """Let the DNS list the keys of these states."""
    zone.remove(OWNER, RecordType.TLSA)
    zone.add("".join(f"{OWNER} 600 TLSA 3 1 1 {row.digest}\n" for row in world.store.read(rows.all) if row.state in states))


def test_missing_keys_are_made_once(world: World, clock: SetClock) -> None:
    """One of each kind, in files that only we may read; a file that is gone is replaced, and that is said."""
    assert len(hostkeys.ensure(world.store, clock)) == 2
    before = in_use(world)
    assert hostkeys.ensure(world.store, clock) == []
    assert in_use(world) == before
    assert {algorithm: keys.digest(key) for algorithm, key in hostkeys.current(world.store).items()} == before
    files = [world.store.directory / row.path for row in world.store.read(rows.all)]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    files[0].unlink()
    [said] = hostkeys.ensure(world.store, clock)
    assert "was gone: made another" in said
    assert in_use(world)["ec"] != before["ec"]
    assert in_use(world)["rsa"] == before["rsa"]


def test_records(world: World, clock: SetClock) -> None:
    """For each key that a sender may meet, today or after the next switch."""
    hostkeys.ensure(world.store, clock)
    serve(world)
    now = hostkeys.records(world)
    assert [(record.name, record.about) for record in now] == [(f"{OWNER}.", "ec key, in use"), (f"{OWNER}.", "rsa key, in use")]
    assert {record.value for record in now} == {f"3 1 1 {digest}" for digest in in_use(world).values()}
    hostkeys.make_next(world, by=BY)
    assert len(hostkeys.make_next(world, by=BY)) == 4
    assert len(hostkeys.records(world)) == 4


def test_the_operators_certificate_has_a_record_too(world: World, clock: SetClock) -> None:
    """It is what senders see; our own keys are not."""
    hostkeys.ensure(world.store, clock)
    serve(world)
    made = certificates.own(world.config, "ec")
    world.config = replace(world.config, tls=Tls(made, made))
    world.config.certificate.write_bytes(made.read_bytes())
    [record] = hostkeys.records(world)
    assert record.about == "the certificate of [tls] (EC P-256)"


async def test_a_change_of_keys(world: World, zone: Zone, clock: SetClock) -> None:
    """Made, published, listed for two TTLs, switched, served, forgotten; each step says what comes next."""
    hostkeys.ensure(world.store, clock)
    serve(world)
    before = in_use(world)
    assert "begin with `pillarbox tls hostkeys --next`" in hostkeys.advice(world)
    with pytest.raises(NotFound, match="no next keys"):
        await hostkeys.switch(world, by=BY)
    publish(zone, world, "current")
    hostkeys.make_next(world, by=BY)
    assert "Add the TLSA records of the next keys" in hostkeys.advice(world)
    with pytest.raises(Conflict, match="does not list the next keys yet"):
        await hostkeys.switch(world, by=BY)

    publish(zone, world, "current", "next")
    assert await hostkeys.look(world)
    assert "The DNS lists the next keys; from 2030-01-01 00:20 UTC on" in hostkeys.advice(world)
    clock.advance(1_199)
    with pytest.raises(Conflict, match="until 2030-01-01 00:20"):
        await hostkeys.switch(world, by=BY)
    clock.advance(1)
    assert "long enough" in hostkeys.advice(world)
    await hostkeys.switch(world, by=BY)
    assert set(in_use(world).values()).isdisjoint(before.values())
    assert len(hostkeys.records(world)) == 4, "the old keys are still shown"
    assert hostkeys.sweep(world) == 0
    assert "until then leave the TLSA records" in hostkeys.advice(world)

    hostkeys.make_next(world, by=BY)
    with pytest.raises(Conflict, match="the last switch is not over"):
        await hostkeys.switch(world, by=BY, at_once=True)
    serve(world)
    assert {record.about for record in hostkeys.records(world)} == {
        "ec key, in use", "rsa key, in use", "ec key, comes next", "rsa key, comes next"}
    assert hostkeys.sweep(world) == 2
    assert len(list((world.store.directory / "keys" / "host").iterdir())) == 4


async def test_records_that_go_start_anew(world: World, zone: Zone, clock: SetClock) -> None:
    """Two TTLs are counted from the last time that they came."""
    hostkeys.ensure(world.store, clock)
    hostkeys.make_next(world, by=BY)
    publish(zone, world, "current", "next")
    await hostkeys.look(world)
    clock.advance(600)
    publish(zone, world, "current")
    await hostkeys.look(world)
    publish(zone, world, "current", "next")
    clock.advance(600)
    with pytest.raises(Conflict, match="may remember"):
        await hostkeys.switch(world, by=BY)


async def test_a_domain_without_tlsa_need_not_wait(world: World, zone: Zone, clock: SetClock) -> None:
    """Nobody knows the keys, so nobody can be surprised; a DNS that does not answer is another matter."""
    hostkeys.ensure(world.store, clock)
    hostkeys.make_next(world, by=BY)
    zone.add(f"{OWNER} SERVFAIL\n")
    with pytest.raises(Conflict, match="does not tell"):
        await hostkeys.switch(world, by=BY)
    zone_without = Zone()
    world.resolver = zone_without
    await hostkeys.switch(world, by=BY)
    assert {row.state for row in world.store.read(rows.all)} == {"current", "old"}
    hostkeys.make_next(world, by=BY)
    assert hostkeys.sweep(world) == 2
    world.resolver = zone
    await hostkeys.switch(world, by=BY, at_once=True)
