"""What is unusual about what comes in."""
from mta.base.clock import SetClock
from mta.base.events import Event, Record
from mta.flow import traffic
from mta.flow.world import World
from mta.store import traffic as rows
from mta.store.events import TraceSink
from mta.store.traffic import HOUR, Hour
from tests.store.population import add_account, deliver, mailbox


def remember(world: World, hours: list[Hour]) -> None:
    """So it was."""
    for row in hours:
        world.store.write_now(lambda db, row=row: rows.note(db, row))    # type: ignore[misc]  # a lambda with a default


def test_no_mail_for_longer_than_ever(world: World, clock: SetClock) -> None:
    """A server with mail each hour is alarmed after six, one with mail each day after a day and a half."""
    now = int(clock.timestamp() // HOUR)
    remember(world, [Hour(now - at, 5 if at > 7 else 0, 0, 0) for at in range(400, 0, -1)])
    assert "No mail came in for 7 hours" in traffic.problems(world)[0]
    remember(world, [Hour(now - at, 5 if at % 24 == 8 else 0, 0, 0) for at in range(400, 0, -1)])
    assert traffic.problems(world) == []
    clock.advance(40 * HOUR)
    assert "longest pause of the last weeks was 23" in traffic.problems(world)[0]


def test_a_young_server_knows_nothing_usual(world: World, clock: SetClock) -> None:
    """Nor one that gets nothing."""
    now = int(clock.timestamp() // HOUR)
    remember(world, [Hour(now - at, 5 if at > 20 else 0, 0, 0) for at in range(100, 0, -1)])
    assert traffic.problems(world) == []


def test_handshakes_that_fail(world: World, clock: SetClock) -> None:
    """Many, and more than usual."""
    now = int(clock.timestamp() // HOUR)
    calm = [Hour(now - at, 0, 20, 1) for at in range(400, 6, -1)]
    remember(world, [*calm, *(Hour(now - at, 0, 10, 10) for at in range(6, 0, -1))])
    assert "50% of the TLS handshakes" in traffic.problems(world)[0]
    remember(world, [Hour(now - at, 0, 10, 10) for at in range(400, 0, -1)])
    assert traffic.problems(world) == []


def test_counting(world: World, clock: SetClock) -> None:
    """Messages by their time, once for all recipients; handshakes from the trace; each hour once."""
    account = add_account(world.store)
    deliver(world.store, mailbox(world.store, account), remote_ip="192.0.2.7")
    sink = TraceSink(world.store.trace_db, clock, delay=0.0)
    for event in (Event.TLS_STARTED, Event.TLS_FAILED, Event.TLS_STARTED):
        sink(Record(event, clock.timestamp(), "0123456789", "acceptor", {"ip": "192.0.2.7"}))
        sink.flush()
    sink.close()
    clock.advance(HOUR)
    assert traffic.count(world) != "0 hours"
    assert traffic.count(world) == "0 hours"
    counted = world.store.read(rows.listing)
    assert sum(row.received for row in counted) == 1
    assert sum(row.failed for row in counted) >= 1
    clock.advance(40 * 24 * HOUR)
    assert world.store.write_now(lambda db: rows.prune(db, clock, 100)) == len(counted)
