"""mta.flow.neighbours: what is known of other domains, and looking again."""
from pathlib import Path

import pytest

from mta.base.errors import TemporaryError, UserError
from mta.base.names import Domain
from mta.dns.zone import Zone
from mta.flow import neighbours
from mta.flow.world import World
from mta.secure.mtasts import Mode, Policy
from mta.secure.protection import Seen
from mta.store import accounts, policies, seen
from tests.flow.protected import OWN, believing, context, promises, server
from tests.peers import listening

B = Domain("b.test")


async def test_looking_again(world: World, zone: Zone, tmp_path: Path) -> None:
    """The DNS, the policy and the host as they are now, and what is found is remembered for who wrote there."""
    believing(world, tmp_path)
    ann = world.store.write_now(lambda db: accounts.add(db, world.clock, "ann"))
    old = Seen(B, False, "", False, world.clock.timestamp() - 86_400)
    world.store.write_now(lambda db: seen.note(db, [ann], old))
    zone.add("b.test MX 10 mx.b.test")
    zone.add("mx.b.test A 127.0.0.1")
    async with listening(server(context(OWN, tmp_path), "REQUIRETLS")) as peer:
        promises(zone, peer.port, OWN)
        found = await neighbours.look(world, " B.test ", peer.port)
    assert found.usable
    assert {one.host for one in found.parts} == {"b.test", "mx.b.test"}
    [known] = neighbours.known(world, "b.te")
    assert known.seen == Seen(B, True, "dane", True, world.clock.timestamp(), False, True, True)
    assert (known.policy, known.accounts) == (None, 1)
    assert neighbours.known(world, "c.test") == []


async def test_what_cannot_be_looked_at(world: World, zone: Zone) -> None:
    """No domain, no hosts, no answer, nobody there: each in words, and what was known stays."""
    with pytest.raises(UserError, match="is no domain"):
        await neighbours.look(world, "a..b")
    with pytest.raises(UserError):
        await neighbours.look(world, "none.test")
    zone.add("slow.test TIMEOUT")
    with pytest.raises(TemporaryError):
        await neighbours.look(world, "slow.test")
    zone.add("b.test MX 10 mx.b.test")
    zone.add("mx.b.test A 127.0.0.1")
    found = await neighbours.look(world, "b.test", 1)
    assert not found.usable
    assert "No connection" in str([finding.what for one in found.parts for finding in one.findings])


def test_policies_are_known_too(world: World) -> None:
    """A domain whose policy is kept stands in the list before mail went there."""
    now = world.clock.timestamp()
    world.store.write_now(lambda db: policies.keep(db, B, Policy(Mode.ENFORCE, 60, ("mx.b.test",)), "1", now, now + 60, now + 9))
    world.store.write_now(lambda db: policies.failed(db, Domain("c.test"), "2", "sts-policy-fetch-error", "no answer", now, now + 300))
    [known] = neighbours.known(world)
    assert (known.domain, known.seen, known.accounts) == (B, None, 0)
