"""Messages that were removed for good, and are kept for a time in case that was a mistake.

They count for no quota.  Each is there for LIMITS.deleted_age; an account with a quota has
at most as much of them as its quota, the oldest go first.  What is brought back counts
again, and needs room.  It goes to the mailbox it was in, which is made again if it is gone;
out of Trash, and out of mailboxes for what is not to be kept, to the Inbox.
"""
from collections.abc import Sequence
from math import ceil
from typing import Final

from mta.base.errors import NoRoom, NotFound, UserError
from mta.base.limits import LIMITS
from mta.flow import deposit
from mta.flow.world import World
from mta.message import structure
from mta.message.flags import Flags
from mta.store import deleted, mailboxes, messages
from mta.store.connection import Connection
from mta.store.deleted import Deleted

#: Roles of mailboxes out of which nothing is put back to where it was.
INBOX_INSTEAD: Final = frozenset({"trash", "junk", "rejects"})
#: Ids of one call, and rows of one slice.
MOST, SLICE = 1_000, 200


def page(world: World, account: int, before: tuple[float, int] | None = None, limit: int = 100) -> tuple[list[Deleted], int, int]:
    """Some of what an account removed, the last first; with how many there are in all, and their octets."""
    def question(db: Connection) -> tuple[list[Deleted], int, int]:
        return deleted.page(db, account, before, limit), *deleted.totals(db, account)

    return world.store.read(question)


def bring_back(world: World, account: int, ids: Sequence[int]) -> list[str]:
    """Put messages back; the names of the mailboxes they are in now.  NotFound; NoRoom if the quota forbids (the ones before are back)."""
    _check(ids)
    where: dict[str, None] = {}
    for id in ids:
        row = world.store.read(lambda db, id=id: deleted.get(db, account, id))    # type: ignore[misc]  # a lambda with a default
        where[_one(world, account, row)] = None
    return list(where)


def forget(world: World, account: int, ids: Sequence[int]) -> int:
    """Remove some for good at once; how many there were."""
    _check(ids)
    return world.store.write_now(lambda db: deleted.forget(db, account, ids))


def forget_all(world: World, account: int) -> int:
    """Remove all of them for good at once; how many there were."""
    gone = 0
    while some := world.store.write_now(lambda db: deleted.clear(db, account, SLICE)):
        gone += some
    return gone


def _one(world: World, account: int, row: Deleted) -> str:
    try:
        with world.store.bodies.view(row.body_name) as view:
            known = structure.analyse(view).envelope
    except FileNotFoundError:
        raise NotFound(f"the deleted message {row.id} is gone for good") from None

    def change(db: Connection) -> str:
        deleted.get(db, account, row.id)    # somebody else may have been faster
        inbox = mailboxes.by_role(db, account, "inbox")
        assert inbox is not None    # every account has one
        place = inbox if row.role in INBOX_INSTEAD else mailboxes.by_name(db, account, row.mailbox)
        where = place.id if place else mailboxes.add(db, world.clock, account, row.mailbox)
        new = deposit.new_message(
            where, row.body_id, row.body_size, known, row.structure, row.received, prefix=row.prefix, flags=row.flags & ~Flags.DELETED,
            keywords=row.keywords, trace=row.trace, mail_from=row.mail_from, rcpt_to=row.rcpt_to, remote_ip=row.remote_ip,
            identity=row.identity)
        new.reasons = row.reasons
        try:
            messages.add(db, world.clock, new)
        except NoRoom:
            raise NoRoom("there is no room for it: what is brought back counts for the quota again; remove something else first") from None
        deleted.forget(db, account, [row.id])
        return place.name if place else row.mailbox

    return world.store.write_now(change)


def _check(ids: Sequence[int]) -> None:
    if not 1 <= len(ids) <= MOST:
        raise UserError(f"name 1 to {MOST} messages at a time")


def days_left(world: World, row: Deleted) -> int:
    """Days for which it can still be had, the one that has begun included."""
    age = world.clock.timestamp() - (row.deleted if row.deleted is not None else world.clock.timestamp())
    return max(0, ceil((LIMITS.deleted_age - age) / 86_400))
