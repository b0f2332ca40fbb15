"""Lists as a reader wants them: sorted, by conversations; and what is done with all of a list.

Acting on a list goes in slices: each call does one, says what it did and where to go on.
So whoever asks sees how far it has come and may stop, no change holds others up, and a
crash leaves whole slices.
"""
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from mta.base.errors import UserError
from mta.flow import filing, reading
from mta.flow.reading import Cursor, own_mailbox, summary
from mta.flow.world import World
from mta.message.flags import Flags
from mta.store import changes, listing, messages
from mta.store.connection import Connection
from mta.store.listing import Conversation
from mta.store.mailboxes import MailboxRow
from mta.store.messages import MessageRow
from mta.store.search import SearchIndex

Action = Literal["move", "archive", "delete", "flags"]
#: Messages of one slice.
SLICE: Final = 200


@dataclass(frozen=True, slots=True)
class Done:
    """What a slice did: the ids that it found, those that went to mailbox (None: nowhere) by where they were, and where to go on."""

    found: int
    moved: dict[int, list[int]]
    mailbox: int | None
    next: Cursor | None


def page(world: World, account: int, mailbox_id: int, order: str, skip: int = 0, limit: int = 50) -> reading.Page:
    """Messages of a mailbox in an order (mta.store.listing.ORDERS): at most limit after skip.  NotFound, UserError."""
    if order == "newest":
        return reading.page(world, account, mailbox_id, None, skip, limit)
    if order not in listing.ORDERS:
        raise UserError(f"there is no order {order!r}; there are {', '.join(listing.ORDERS)}")
    limit = max(1, min(limit, reading.PAGE))

    def question(db: Connection) -> tuple[list[MessageRow], MailboxRow, int]:
        row = own_mailbox(db, account, mailbox_id)
        return listing.page(db, account, mailbox_id, order, limit, max(0, skip)), row, changes.latest(db, account)

    rows, row, modseq = world.store.read(question)
    return reading.Page(tuple(summary(world, each) for each in rows), row.total + row.deleted, None, modseq)


def conversations(
    world: World, account: int, mailbox_id: int, before: Cursor | None, limit: int,
) -> tuple[reading.Page, list[Conversation]]:
    """The newest message of each conversation of a mailbox, newest first, and the conversations beside them."""
    limit = max(1, min(limit, reading.PAGE))
    after = None if before is None else (before.received, before.id)

    def question(db: Connection) -> tuple[list[MessageRow], list[Conversation], tuple[float, int] | None, int]:
        own_mailbox(db, account, mailbox_id)
        return *listing.conversations(db, account, mailbox_id, after, limit), changes.latest(db, account)

    rows, told, place, modseq = world.store.read(question)
    return reading.Page(tuple(summary(world, row) for row in rows), -1, Cursor(*place) if place else None, modseq), told


def labels(world: World, account: int) -> list[str]:
    """The keywords of an account."""
    return world.store.read(lambda db: listing.labels(db, account))


def read_all(world: World, account: int, mailbox_id: int) -> int:
    """Mark everything in a mailbox as read; gives how many messages were not."""
    world.store.read(lambda db: own_mailbox(db, account, mailbox_id))
    count = 0
    while some := world.store.read(lambda db: listing.unread(db, mailbox_id, SLICE)):
        count += len(world.store.write_now(lambda db, ids=some: messages.set_flags(db, account, ids, Flags.SEEN)))  # type: ignore[misc]  # the default binds it
    return count


def act(world: World, index: SearchIndex, account: int, mailbox_id: int | None, query: str, action: Action, before: Cursor | None,
        target: int | None = None, add: Sequence[str] = (), remove: Sequence[str] = ()) -> Done:
    """Do something with the next messages of a mailbox, or of what a query finds.

    "move" needs target; "delete" moves to Trash, and removes what is there already.
    """
    if not query and mailbox_id is None:
        raise UserError("act on what? name a mailbox or a search")
    if query:
        page = reading.search(world, index, account, query, mailbox_id, before, SLICE)
    else:
        page = reading.page(world, account, mailbox_id or 0, before, 0, SLICE)
    ids = [one.id for one in page.messages]
    if action == "flags":
        filing.flag(world, account, ids, add, remove)
        return Done(len(ids), {}, None, page.next)
    moved, where = _moved(world, account, ids, action, target)
    places: dict[int, list[int]] = {}
    gone = set(moved)
    for one in page.messages:
        if one.id in gone:
            places.setdefault(one.mailbox_id, []).append(one.id)
    return Done(len(ids), places, where, page.next)


def _moved(world: World, account: int, ids: Sequence[int], action: Action, target: int | None) -> tuple[Sequence[int], int]:
    if action == "archive":
        return filing.archive(world, account, ids)
    if action == "delete":
        deleted = filing.delete(world, account, ids)
        return deleted.trashed, deleted.trash
    if target is None:
        raise UserError("move where to? name a mailbox")
    return filing.move(world, account, ids, target), target
