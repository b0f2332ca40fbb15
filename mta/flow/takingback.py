"""Mail that was sent and has not gone yet: what waits for its time, and having it back.

What is written in the webmail is not tried for some seconds (the account's choice), or until
a time that its author gave.  It is in the queue all the same, so nothing can be lost and
mistakes are told at once.  Taking it back removes it there and puts the draft into Drafts
again, in one change; once anybody was asked to take it, it is too late.

All of it blocks.
"""
from collections.abc import Sequence
from typing import Final

from mta.base.errors import Conflict, NotFound, UserError
from mta.base.limits import LIMITS
from mta.base.names import Address
from mta.base.tokens import short_id
from mta.flow import deposit, filing
from mta.flow.submit import Sent
from mta.flow.world import World
from mta.message import structure
from mta.message.flags import Flags
from mta.store import bodies, delayed, drafts, messages, queue
from mta.store.connection import Connection
from mta.store.delayed import Delayed

#: Seconds: what goes later than that has the date of when it goes.
SOON: Final = 300.0
#: Recipients that are named.
NAMED: Final = 20


def due(world: World, at: float | None) -> float:
    """When a message goes that is wanted at a time; 0 = at once.  UserError for one that is too far away."""
    now = world.clock.timestamp()
    if at is None or at <= now:
        return 0.0
    if at > now + LIMITS.send_later:
        raise UserError(f"mail can be sent at most {LIMITS.send_later / 86_400:.0f} days later")
    return at


def date(world: World, due: float) -> float:
    """The date that such a message has."""
    now = world.clock.timestamp()
    return due if due > now + SOON else now


def remember(db: Connection, account: int, draft: int, sent: Sent, due: float, recipients: Sequence[Address], subject: str) -> None:
    """A message waits: keep the draft that it was; inside the change that queues it."""
    row = messages.get(db, account, draft)
    if row is None:
        raise NotFound("the draft is gone")
    named = ", ".join(str(one) for one in recipients[:NAMED]) + (", …" if len(recipients) > NAMED else "")
    delayed.add(db, account, Delayed(0, due, row.body_id, sent.copy, sent.queued, len(set(recipients)), subject, named))


def waiting(world: World, account: int) -> list[Delayed]:
    """What waits for its time, the next one first."""
    return world.store.read(lambda db: delayed.waiting(db, world.clock, account, LIMITS.delayed_shown))


def of(world: World, account: int, queued: Sequence[int]) -> int | None:
    """The id of what waits with these rows of the queue; None if it does not."""
    return world.store.read(lambda db: delayed.by_queued(db, account, queued))


def take_back(world: World, account: int, id: int) -> int:
    """Do not send it; the id of the draft that it is again.  NotFound, Conflict if it is on its way."""
    found = world.store.read(lambda db: delayed.get(db, account, id))
    if found is None:
        raise NotFound("this message has gone, or was had back already")
    name, size = world.store.read(lambda db: bodies.named(db, found.body_id))
    with world.store.bodies.view(name) as octets:
        known = structure.analyse(octets)

    def change(db: Connection) -> int:
        if delayed.get(db, account, id) is None:
            raise NotFound("this message has gone, or was had back already")
        if not queue.take_back(db, found.queued, found.recipients):
            raise Conflict("it is too late: the message is on its way")
        place = filing.mailbox_for(db, world, account, "drafts")
        new = messages.add(db, world.clock, deposit.new_message(
            place.id, found.body_id, size, known.envelope, structure.pack(known), world.clock.timestamp(),
            flags=Flags.DRAFT | Flags.SEEN)).id
        drafts.note(db, account, new, short_id(), "")
        if found.copy is not None:
            messages.expunge(db, account, [found.copy])
        delayed.remove(db, id)
        return new

    return world.store.write_now(change)
