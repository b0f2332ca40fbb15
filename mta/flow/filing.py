r"""What one does with one's mail: mailboxes made and renamed, messages flagged, moved, thrown away.

Every function is one change (large ones are several, in slices that hold nobody up) and
blocks until that is on disk.  What is not the account's own does not exist (NotFound).
Moves, copies and flags say what is junk and what is not: flow.teaching notes it.
"""
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from mta.base.errors import Conflict, NotAllowed, UserError
from mta.flow import teaching
from mta.flow.reading import own_mailbox
from mta.flow.world import World
from mta.message import flags
from mta.message.flags import Flags
from mta.store import mailboxes, messages
from mta.store.connection import Connection
from mta.store.mailboxes import STANDARD, MailboxRow

#: Messages that one call may name.
TOGETHER = 1_000
#: Messages removed in one change.
SLICE = 500
#: Where thrown away means gone.
NO_TRASH = ("trash", "junk", "rejects", "drafts")


@dataclass(frozen=True, slots=True)
class Deleted:
    """What became of messages that were thrown away: moved to the mailbox trash, or removed for good."""

    trashed: tuple[int, ...]
    removed: tuple[int, ...]
    trash: int


# --- mailboxes ---------------------------------------------------------------------------


def add_mailbox(world: World, account: int, name: str) -> MailboxRow:
    """A new mailbox, with those above it where they are missing; Conflict, UserError."""
    def change(db: Connection) -> MailboxRow:
        return own_mailbox(db, account, mailboxes.add(db, world.clock, account, name))

    return world.store.write_now(change)


def rename_mailbox(world: World, account: int, mailbox_id: int, name: str) -> MailboxRow:
    """Another name for a mailbox and all below it."""
    def change(db: Connection) -> MailboxRow:
        own_mailbox(db, account, mailbox_id)
        mailboxes.rename(db, world.clock, mailbox_id, name)
        return own_mailbox(db, account, mailbox_id)

    return world.store.write_now(change)


def set_role(world: World, account: int, mailbox_id: int, role: str | None) -> MailboxRow:
    """What a mailbox is for, or nothing in particular (None); another that was for it is for nothing then."""
    def change(db: Connection) -> MailboxRow:
        own_mailbox(db, account, mailbox_id)
        mailboxes.set_role(db, mailbox_id, role)
        return own_mailbox(db, account, mailbox_id)

    return world.store.write_now(change)


def remove_mailbox(world: World, account: int, mailbox_id: int) -> None:
    """Remove a mailbox with all its messages; Conflict for one with a role, or with others below it."""
    def check(db: Connection) -> None:
        row = own_mailbox(db, account, mailbox_id)
        if row.role is not None:
            raise Conflict(f"{row.name} is the mailbox for {row.role}; it stays")
        if any(other.name.startswith(f"{row.name}/") for other in mailboxes.all(db, account)):
            raise Conflict(f"there are mailboxes below {row.name}; remove them first")

    def change(db: Connection) -> None:
        check(db)
        mailboxes.remove(db, mailbox_id)

    world.store.read(check)
    _clear(world, mailbox_id)
    world.store.write_now(change)


def empty_mailbox(world: World, account: int, mailbox_id: int) -> int:
    """Remove everything in Trash, Junk or Rejects for good; gives the number of messages.  NotAllowed elsewhere."""
    row = world.store.read(lambda db: own_mailbox(db, account, mailbox_id))
    if row.role not in ("trash", "junk", "rejects"):
        raise NotAllowed(f"{row.name} cannot be emptied at once; throw its messages away")
    return _clear(world, mailbox_id)


# --- messages ------------------------------------------------------------------------------


def flag(world: World, account: int, ids: Sequence[int], add: Sequence[str] = (), remove: Sequence[str] = ()) -> list[int]:
    r"""Set and clear flags ("\Flagged") and keywords by their names; gives the ids of messages that differ now."""
    added, add_keywords = _flags(add)
    removed, remove_keywords = _flags(remove)
    _check(ids)

    def change(db: Connection) -> list[int]:
        changed = messages.set_flags(db, account, ids, added, removed, add_keywords, remove_keywords)
        teaching.flagged(db, world, account, changed, added, removed, add_keywords, remove_keywords)
        return changed

    return world.store.write_now(change)


def move(world: World, account: int, ids: Sequence[int], mailbox_id: int) -> list[int]:
    """Move messages to a mailbox; they keep their ids.  Gives those that moved."""
    _check(ids)
    return world.store.write_now(lambda db: _move(db, world, account, ids, mailbox_id))


def copy(world: World, account: int, ids: Sequence[int], mailbox_id: int) -> list[int]:
    """Copy messages to a mailbox; gives the ids of the copies.  NoRoom if the quota forbids."""
    _check(ids)

    def change(db: Connection) -> list[int]:
        before = messages.places(db, account, ids)
        copies = [row.id for row in messages.copy(db, world.clock, account, ids, mailbox_id)]
        teaching.copied(db, world, account, before, copies, mailbox_id)
        return copies

    return world.store.write_now(change)


def archive(world: World, account: int, ids: Sequence[int]) -> tuple[list[int], int]:
    """Move messages to Archive; gives those that moved, and where they are."""
    _check(ids)
    return world.store.write_now(lambda db: archive_within(db, world, account, ids))


def archive_within(db: Connection, world: World, account: int, ids: Sequence[int]) -> tuple[list[int], int]:
    """The same, inside a change."""
    where = mailbox_for(db, world, account, "archive")
    return _move(db, world, account, ids, where.id), where.id


def delete(world: World, account: int, ids: Sequence[int]) -> Deleted:
    """Move messages to Trash; those in Trash, Junk, Rejects or Drafts are removed for good."""
    _check(ids)

    def change(db: Connection) -> Deleted:
        trash = mailbox_for(db, world, account, "trash")
        final = {row.id for row in mailboxes.all(db, account) if row.role in NO_TRASH}
        rows = messages.by_ids(db, account, ids)
        gone = messages.expunge(db, account, [row.id for row in rows if row.mailbox_id in final])
        moved = messages.move(db, world.clock, account, [row.id for row in rows if row.mailbox_id not in final], trash.id)
        return Deleted(tuple(row.id for row in moved), tuple(gone), trash.id)

    return world.store.write_now(change)


def mailbox_for(db: Connection, world: World, account: int, role: str) -> MailboxRow:
    """The mailbox that has a role, made or given the role if none has; inside a change."""
    found = mailboxes.by_role(db, account, role)
    if found is not None:
        return found
    named = mailboxes.by_name(db, account, STANDARD[role])
    if named is None:
        return own_mailbox(db, account, mailboxes.add(db, world.clock, account, STANDARD[role], role))
    mailboxes.set_role(db, named.id, role)
    return named


def _move(db: Connection, world: World, account: int, ids: Sequence[int], mailbox_id: int) -> list[int]:
    """Move messages, and note what that teaches."""
    before = messages.places(db, account, ids)
    moved = [row.id for row in messages.move(db, world.clock, account, ids, mailbox_id)]
    teaching.moved(db, world, account, before, mailbox_id)
    return moved


def _clear(world: World, mailbox_id: int) -> int:
    gone = 0
    while some := world.store.write_now(partial(messages.clear, mailbox_id=mailbox_id, limit=SLICE)):
        gone += some
    return gone


def _flags(names: Sequence[str]) -> tuple[Flags, list[str]]:
    """Flags and keywords among names; UserError for a system flag that does not exist."""
    found, keywords = Flags.NONE, []
    for name in names:
        known = flags.BY_NAME.get(name.lower())
        if known is not None:
            found |= known
        elif name.startswith("\\"):
            raise UserError(f"there is no flag {name}; flags are {', '.join(flags.NAMES.values())}")
        else:
            keywords.append(name)
    return found, keywords


def _check(ids: Sequence[int]) -> None:
    if len(ids) > TOGETHER:
        raise UserError(f"at most {TOGETHER} messages at a time")
