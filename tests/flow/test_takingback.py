"""mta.flow.takingback: what waits for its time, and having it back."""
from dataclasses import replace

import pytest

from mta.base.clock import SetClock, SystemClock
from mta.base.errors import Conflict, NotFound, UserError
from mta.base.limits import LIMITS
from mta.flow import drafting, people, takingback, upkeep
from mta.flow.world import World
from mta.store import bodies, queue
from mta.store.uploads import Uploads
from tests.flow.post import letters, queued

TRACE = "0123456789.1"


@pytest.fixture
def ann(served: World) -> int:
    """Ann's account."""
    return people.get_account(served, "ann").id


@pytest.fixture
def uploads(served: World) -> Uploads:
    """Files that were sent ahead."""
    return Uploads(served.store.directory, SystemClock())


async def sent(world: World, uploads: Uploads, account: int, later: float) -> int:
    """Something that waits so many seconds; its id."""
    draft = replace(drafting.begin(world, account), to="carl@else.example, dora@far.example, bob@example.org", bcc="eve@far.example",
                    subject="Plan", text="Text")
    done = await drafting.send(world, uploads, account, draft, TRACE, at=world.clock.timestamp() + later)
    found = takingback.of(world, account, done.queued)
    assert found is not None
    return found


async def test_it_waits(served: World, clock: SetClock, ann: int, uploads: Uploads) -> None:
    """Nobody gets it before its time, here or elsewhere; then everybody."""
    await sent(served, uploads, ann, 10)

    [waiting] = takingback.waiting(served, ann)
    assert (waiting.at, waiting.subject, waiting.recipients) == (clock.timestamp() + 10, "Plan", 4)
    assert waiting.sent_to == "carl@else.example, dora@far.example, bob@example.org, eve@far.example"
    assert served.store.read(lambda db: queue.due_next_hops(db, clock)) == []
    assert letters(served, "ann", "Drafts") == []
    clock.advance(11)
    assert sum(count for _, count in served.store.read(lambda db: queue.due_next_hops(db, clock))) == 4
    assert takingback.waiting(served, ann) == []


async def test_having_it_back(served: World, ann: int, uploads: Uploads) -> None:
    """It is a draft again with all its recipients, and nothing is left of it; once."""
    id = await sent(served, uploads, ann, 10)
    draft = drafting.take_up(served, ann, takingback.take_back(served, ann, id))

    assert (draft.to, draft.bcc, draft.subject, draft.text) == (
        "carl@else.example, dora@far.example, bob@example.org", "eve@far.example", "Plan", "Text\n")
    assert queued(served) == []
    assert letters(served, "ann", "Sent") == []
    assert len(letters(served, "ann", "Drafts")) == 1
    with pytest.raises(NotFound):
        takingback.take_back(served, ann, id)
    kept = drafting.keep(served, uploads, ann, replace(draft, text="Other", writer="desk"))
    await drafting.send(served, uploads, ann, kept, TRACE)
    assert len(letters(served, "ann", "Sent")) == 1


async def test_too_late(served: World, clock: SetClock, ann: int, uploads: Uploads) -> None:
    """Once somebody was asked to take it for one recipient, it goes to all; and it is nobody else's to have."""
    id = await sent(served, uploads, ann, 10)
    with pytest.raises(NotFound):
        takingback.take_back(served, people.get_account(served, "bob").id, id)
    clock.advance(11)
    served.store.write_now(lambda db: queue.claim(db, clock, "far.example", "delivery-1-x", 10))
    with pytest.raises(Conflict, match="too late"):
        takingback.take_back(served, ann, id)

    assert len(queued(served)) == 4
    assert len(letters(served, "ann", "Sent")) == 1


async def test_its_date(served: World, clock: SetClock, ann: int, uploads: Uploads) -> None:
    """What goes tomorrow is dated tomorrow, what may be undone is dated now; and it is not given up earlier for it."""
    await sent(served, uploads, ann, 86_400)
    [letter] = letters(served, "ann", "Sent")
    assert letter.summary.date == clock.timestamp() + 86_400
    assert queued(served)[0][0].created == clock.timestamp() + 86_400
    await sent(served, uploads, ann, 10)
    assert letters(served, "ann", "Sent")[0].summary.date == clock.timestamp()
    with pytest.raises(UserError, match="at most 370 days"):
        await sent(served, uploads, ann, LIMITS.send_later + 60)


async def test_what_is_left_goes(served: World, clock: SetClock, ann: int, uploads: Uploads) -> None:
    """The draft of what has gone is swept; that of what waits stays."""
    await sent(served, uploads, ann, 10)
    await sent(served, uploads, ann, 3 * 86_400)
    clock.advance(2 * 86_400)
    upkeep.prune_delayed(served, lambda seconds: False)
    bodies.sweep(served.store)

    [waiting] = takingback.waiting(served, ann)
    assert drafting.take_up(served, ann, takingback.take_back(served, ann, waiting.id)).text == "Text\n"
