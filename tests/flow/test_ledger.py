"""Outcomes are written down, whatever happens meanwhile."""
import asyncio
from dataclasses import replace
from typing import Any

from mta.base.clock import SetClock
from mta.base.errors import Failure, NoRoom, Reach
from mta.base.events import Event, Recorded
from mta.base.measures import Measure
from mta.base.reply import Reply
from mta.flow.ledger import Attempt, Ledger
from mta.flow.world import World
from mta.store import queue
from tests.flow.outbox import FullAtFirst, facts, history, lone, put, waiting
from tests.flow.post import letters
from tests.measured import Measured

TAKEN = Reply(250, "2.0.0", "Taken")
BUSY = Failure(Reach.HOST, False, 421, "4.3.2", "Busy", "banner", "mx.b.test")
NO = Failure(Reach.RECIPIENT, True, 550, "5.1.1", "No", "RCPT", "mx.b.test")


async def claimed(world: World) -> list[tuple[Any, Any]]:
    """All that waits for b.test, claimed."""
    taken = await world.store.write(lambda db: queue.claim(db, world.clock, "b.test", "test", 100))
    return [(message, one) for message, recipients in taken for one in recipients]


async def test_outcomes_are_written_together(world: World) -> None:
    """Many notes in a row are few commits, and whoever holds the claims is told when they are on disk."""
    for _ in range(20):
        await put(world, "bob@b.test")
    settled: list[int] = []
    ledger = Ledger(world, settled.extend)
    pieces = await claimed(world)

    for message, one in pieces:
        await ledger.note([Attempt(message, one, TAKEN, "mx.b.test")])
    assert settled == []
    await ledger.close()

    assert sorted(settled) == sorted(one.id for _, one in pieces)
    assert [row.outcome for row in history(world)] == ["delivered"] * 20
    assert waiting(world) == []


async def test_a_full_disk_forgets_nothing(served: World, recorded: Recorded) -> None:
    """What could not be written is written when it can, notices included."""
    await put(served, "bob@b.test", "cy@b.test", "dee@b.test")
    pieces = await claimed(served)
    store = served.store
    settled: list[int] = []
    ledger = Ledger(served, settled.extend)
    served.store = FullAtFirst(store, [NoRoom("full"), NoRoom("full"), RuntimeError("bug")])    # type: ignore[assignment]

    outcomes: list[Reply | Failure] = [TAKEN, BUSY, NO]
    await ledger.note([Attempt(message, one, outcome, "") for (message, one), outcome in zip(pieces, outcomes, strict=True)])
    async with asyncio.timeout(20):
        await ledger.close()
    served.store = store

    assert len(settled) == 3
    assert sorted(row.outcome for row in history(served)) == ["delivered", "failed"]
    assert sorted(message.kind for message, _ in waiting(served)) == ["bounce", "mail"]
    assert len(facts(recorded, Event.STORE_TROUBLE)) == 2
    assert len(facts(recorded, Event.UNEXPECTED)) == 1


async def test_rows_that_are_gone(world: World) -> None:
    """Somebody dropped it meanwhile: nothing breaks, and nobody is told."""
    await put(world, "bob@b.test")
    [(message, one)] = await claimed(world)
    await world.store.write(lambda db: db.execute("UPDATE queue_recipient SET claimed_until = NULL"))
    await world.store.write(lambda db: queue.drop(db, world.clock, [one.id], "a test"))
    ledger = Ledger(world, lambda ids: None)

    outcomes: list[Reply | Failure] = [TAKEN, BUSY, NO]
    for outcome in outcomes:
        await ledger.note([Attempt(message, one, outcome, "")])
    await ledger.close()

    assert lone(history(world)).outcome == "dropped"
    assert waiting(world) == []


async def test_the_failure_and_its_notice_are_one(served: World) -> None:
    """The row leaves the queue in the commit that queues the bounce: never one without the other."""
    await put(served, "bob@b.test")
    pieces = await claimed(served)
    seen: list[tuple[int, int]] = []
    ledger = Ledger(served, lambda ids: seen.append((len(history(served)), len(waiting(served)))))

    await ledger.note([Attempt(message, one, NO, "") for message, one in pieces])
    await ledger.close()

    assert seen == [(1, 1)]
    assert letters(served, "ann") == []


async def test_outcomes_are_counted(served: World) -> None:
    """By what came of them, the number of the attempt, and the way; each once, when it is on disk."""
    await put(served, "bob@b.test", "cy@b.test", "dee@b.test", "eve@b.test")
    pieces = await claimed(served)
    heard = Measured()
    served.journal.add_meter(heard)
    ledger = Ledger(served, lambda ids: None)
    (first, bob), (_, cy), (_, dee), (_, eve) = pieces
    outcomes: list[tuple[Any, Reply | Failure]] = [
        (bob, TAKEN), (replace(cy, attempts=1), BUSY), (replace(dee, attempts=3), NO),
        (replace(eve, attempts=7, next_hop="transport:relay"), TAKEN)]
    await ledger.note([Attempt(first, one, outcome, "") for one, outcome in outcomes])
    await ledger.close()
    assert sorted(heard.labels(Measure.DELIVERIES)) == [
        ("deferred", "2", "direct"), ("delivered", "1", "direct"), ("delivered", "later", "transport"), ("failed", "later", "direct")]


async def test_a_report_has_a_day(served: World, clock: SetClock) -> None:
    """Reports of our own are given up after 24 hours, other mail is tried on (RFC 8460 §5.5)."""
    await put(served, "agg@b.test", kind="tls_report")
    await put(served, "bob@b.test")
    for _ in range(30):
        ledger = Ledger(served, lambda ids: None)
        await ledger.note([Attempt(message, one, BUSY, "mx.b.test") for message, one in await claimed(served)])
        await ledger.close()
        due = [one.due for message, one in waiting(served) if message.kind == "tls_report"]
        if not due:
            break
        clock.advance(max(due[0] - clock.timestamp(), 0.0) + 1.0)

    gone = lone(history(served))
    assert gone.kind == "tls_report"
    assert 23 * 3_600 < gone.finished - gone.queued < 25 * 3_600
    assert [message.kind for message, _ in waiting(served)] == ["mail"]
    assert [letter.summary.subject for letter in letters(served, "ann", "TLSRPT")] == ["Not delivered: Hello"]
