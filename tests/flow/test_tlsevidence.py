"""mta.flow.tlsevidence: what was seen is gathered, and written now and then."""
import dataclasses

from mta.base.clock import SetClock
from mta.base.errors import NoRoom
from mta.base.events import Event, Recorded
from mta.base.names import Domain
from mta.flow.tlsevidence import Gathering
from mta.flow.world import World
from mta.secure.tlsresult import Policy, PolicyKind, Session, success
from mta.store import evidence
from tests.flow.outbox import FullAtFirst, facts, lone, until

B = Domain("b.test")
OUTCOME = success(Policy(PolicyKind.NONE, B), Session(B, "mx.b.test"))


def kept(world: World) -> list[tuple[str, int]]:
    """(day, successes) that are written."""
    return [(day, successes) for _, day, successes, _ in world.store.read(evidence.days)]


async def test_what_was_seen_is_written_at_the_end(world: World, clock: SetClock) -> None:
    """However many sessions: one change, each on its day."""
    gathering = Gathering(world)
    gathering.note([OUTCOME] * 3)
    clock.advance(86_400)
    gathering.note([OUTCOME])
    assert kept(world) == []
    await gathering.close()
    assert kept(world) == [("2030-01-02", 1), ("2030-01-01", 3)]
    await gathering.close()
    assert kept(world) == [("2030-01-02", 1), ("2030-01-01", 3)]


async def test_what_is_no_reason_to_write(world: World) -> None:
    """Sessions that were set up to send reports are counted with the others, and told apart."""
    gathering = Gathering(world)
    gathering.note([OUTCOME] * 3)
    gathering.note([OUTCOME] * 2, optional=True)
    await gathering.close()
    found = lone(world.store.read(lambda db: evidence.results(db, B, "2030-01-01")))
    assert (found.successes, found.failures, found.optional) == (5, 0, 2)


async def test_it_is_written_meanwhile(world: World) -> None:
    """A process that runs for weeks does not keep it all until then."""
    gathering = Gathering(world, delay=0.01)
    for number in (1, 2):
        gathering.note([OUTCOME])
        await until(lambda number=number: kept(world) == [("2030-01-01", number)])    # type: ignore[misc]  # a lambda with a default
    await gathering.close()


async def test_a_full_disk(world: World, recorded: Recorded) -> None:
    """What cannot be written stays, and is told."""
    store = world.store
    world.store = FullAtFirst(store, [NoRoom("full")])    # type: ignore[assignment]  # it does what is asked of it here
    gathering = Gathering(world)
    gathering.note([OUTCOME])
    await gathering.flush()
    assert kept(world) == []
    assert lone(facts(recorded, Event.STORE_TROUBLE))["problem"] == "full"
    await gathering.close()
    assert kept(world) == [("2030-01-01", 1)]
    world.store = store


async def test_a_crowd(world: World, recorded: Recorded) -> None:
    """What is beyond the bound is counted as lost, and told."""
    gathering = Gathering(world)
    limit = world.config.limits.tls_gathered
    gathering.note([dataclasses.replace(OUTCOME, text=str(number)) for number in range(limit + 7)])
    gathering.note([dataclasses.replace(OUTCOME, text="1")])
    await gathering.close()
    assert kept(world) == [("2030-01-01", limit + 1)]
    assert lone(facts(recorded, Event.EVIDENCE_DROPPED)) == {"sessions": 7}
