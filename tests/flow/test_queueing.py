"""What people do with mail that waits."""
import re

import pytest

from mta.base.clock import SetClock
from mta.base.errors import Conflict, NotFound
from mta.base.events import Event, Recorded
from mta.config.model import Transport
from mta.flow import queueing
from mta.flow.world import World
from mta.store import queue
from tests.flow.outbox import facts, history, lone, put, quick, waiting
from tests.flow.post import letters

BY = "a test"


async def three(world: World) -> list[int]:
    """Ids of three waiting recipients: bob and cy of one message, dee of another."""
    await put(world, "bob@b.test", "cy@c.test")
    await put(world, "dee@d.test", sender="eve@e.test")
    return [one.id for _, one in waiting(world)]


async def test_listing(served: World) -> None:
    """Newest first, by what is in the addresses, held or not, page by page."""
    bob, cy, dee = await three(served)
    queueing.hold(served, [cy], by=BY)

    def ids(**filters: object) -> list[int]:
        return [one.id for _, one in queueing.listing(served, **filters)]    # type: ignore[arg-type]  # as the caller says

    assert ids() == [dee, cy, bob]
    assert ids(limit=1) == [dee]
    assert ids(before=dee) == [cy, bob]
    assert ids(search="EVE@") == [dee]
    assert ids(sender="ann") == [cy, bob]
    assert ids(recipient="cy") == [cy]
    assert ids(held=True) == [cy]
    assert ids(held=False) == [dee, bob]


async def test_show(served: World, clock: SetClock) -> None:
    """Everything known, and what the last answer means."""
    bob, *_ = await three(served)
    assert queueing.show(served, bob).explanation is None
    failure = queueing.last_failure(waiting(served)[0][1])
    served.store.write_now(lambda db: queue.defer(db, clock, bob, clock.timestamp() + 60, failure))

    shown = queueing.show(served, bob)

    assert (str(shown.recipient.recipient), shown.message.subject, shown.recipient.attempts) == ("bob@b.test", "Hello", 1)
    assert shown.explanation is not None
    with pytest.raises(NotFound, match="nothing waits under id 999"):
        queueing.show(served, 999)


async def test_hold_release_retry(served: World, recorded: Recorded, clock: SetClock) -> None:
    """Each changes what it says, rings the delivery, and is noted with who did it."""
    bob, cy, _ = await three(served)

    assert queueing.hold(served, [bob, cy, 999], by=BY) == 2
    assert [one.held for _, one in waiting(served)] == [True, True, False]
    assert queueing.release(served, [bob], by=BY) == 1
    assert queueing.release(served, [bob], by=BY) == 0
    served.store.write_now(lambda db: queue.defer(db, clock, cy, clock.timestamp() + 60, queueing.last_failure(waiting(served)[1][1])))
    assert queueing.retry(served, [cy], by=BY) == 1
    assert [one.held or one.due > clock.timestamp() for _, one in waiting(served)] == [False] * 3
    assert [fact["action"] for fact in facts(recorded, Event.QUEUE_CHANGED)] == ["hold", "release", "retry"]
    assert facts(recorded, Event.QUEUE_CHANGED)[0]["by"] == BY


async def test_drop(served: World) -> None:
    """Gone without a word; what is being tried stays."""
    bob, cy, dee = await three(served)
    served.store.write_now(lambda db: queue.claim(db, served.clock, "d.test", "somebody", 10))

    assert queueing.drop(served, [bob], by=BY) == 1
    assert [one.id for _, one in waiting(served)] == [cy, dee]
    assert lone(history(served)).outcome == "dropped"
    with pytest.raises(Conflict, match="being delivered"):
        queueing.drop(served, [dee], by=BY)
    with pytest.raises(NotFound, match=re.escape(f"id {bob}")):
        queueing.drop(served, [bob], by=BY)
    assert letters(served, "ann") == []


async def test_drop_and_tell(served: World) -> None:
    """Each sender gets one notice about all of theirs."""
    bob, cy, dee = await three(served)
    served.store.write_now(lambda db: queue.claim(db, served.clock, "d.test", "somebody", 10))

    assert await queueing.drop_and_tell(served, [bob, cy, dee], by=BY) == 2
    assert [row.outcome for row in history(served)] == ["failed", "failed"]
    notice = lone([message for message, _ in waiting(served) if message.kind == "bounce"])
    assert notice.sender is None
    assert notice.subject == "Not delivered: Hello"
    with pytest.raises(Conflict):
        await queueing.drop_and_tell(served, [dee], by=BY)
    with pytest.raises(NotFound):
        await queueing.drop_and_tell(served, [], by=BY)


async def test_protection(served: World, recorded: Recorded) -> None:
    """For the whole message, noted in its trace; not while it is being sent, and reports are what they are."""
    bob, cy, dee = await three(served)

    def asked() -> list[str]:
        return [message.tls_required for message, _ in waiting(served)]

    assert queueing.require_tls(served, [cy], "not-required", by=BY) == 1
    assert asked() == ["no", "no", ""]
    assert queueing.require_tls(served, [bob, cy, dee], "required", by=BY) == 2
    assert asked() == ["yes", "yes", "yes"]
    served.store.write_now(lambda db: queue.claim(db, served.clock, "d.test", "somebody", 10))
    assert queueing.require_tls(served, [dee, bob], "default", by=BY) == 1
    with pytest.raises(Conflict, match="being delivered"):
        queueing.require_tls(served, [dee], "default", by=BY)
    assert asked() == ["", "", "yes"]
    with pytest.raises(NotFound):
        queueing.require_tls(served, [999], "default", by=BY)
    assert [(fact["was"], fact["now"], fact["by"]) for fact in facts(recorded, Event.PROTECTION_CHANGED)] == [
        ("default", "not-required", BY), ("not-required", "required", BY), ("default", "required", BY), ("required", "default", BY)]
    assert {record.trace for record in recorded.records if record.event is Event.PROTECTION_CHANGED} == {"0123456789.1"}

    await put(served, "rua@e.test", kind="dmarc_report")
    report = waiting(served)[-1][1]
    with pytest.raises(Conflict, match="it is a report"):
        queueing.require_tls(served, [report.id], "not-required", by=BY)


async def test_another_way(served: World) -> None:
    """By a transport, direct, and back to what the routes say."""
    quick(served, transports=(Transport("relay", "127.0.0.1"),))
    bob, *_ = await three(served)

    def hops() -> list[tuple[str, str | None]]:
        return [(one.next_hop, one.transport) for _, one in waiting(served)]

    assert queueing.transports(served) == ["relay"]
    assert queueing.send_by(served, [bob], "relay", by=BY) == 1
    assert hops()[0] == ("transport:relay", "relay")
    queueing.send_by(served, [bob], "direct", by=BY)
    assert hops()[0] == ("b.test", "direct")
    queueing.send_by(served, [bob], "", by=BY)
    assert hops()[0] == ("b.test", None)
    with pytest.raises(NotFound, match="there are: relay, direct"):
        queueing.send_by(served, [bob], "other", by=BY)
