"""Bring mail back from a backup into a server, which may run: an account, a mailbox, or single messages.

Nothing that is there is touched.  A message that the account still has, with the same
content, is not brought back a second time; the others go to a mailbox of the name they
were in, with their flags.  An account that is gone is made anew, with its passwords, what
each is good for, its second factor, and those of its addresses that nobody has by now.  The quota does not stand in the way.
"""
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from mta.base.errors import Conflict, NotFound, PillarboxError, SetupError, UserError
from mta.base.events import Event
from mta.flow import deposit
from mta.flow.world import World
from mta.message import structure
from mta.store import accounts, archive, bodies, contents, mailboxes, messages, proofs, restore
from mta.store.archive import Backup
from mta.store.connection import Connection, one
from mta.store.database import Store
from mta.store.mailboxes import MailboxRow
from mta.store.messages import MessageRow

#: Hears how far it has come.
Told = Callable[[int, int, int], None]
#: Messages read at once.
SLICE: Final = 200


@dataclass(frozen=True, slots=True)
class BroughtBack:
    """What was brought back: messages, those that were still there, and sentences about those that could not be."""

    account: str
    messages: int
    present: int
    wrong: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of a backup: all mail of an account, or of one mailbox, or some messages by their ids there."""

    account: str
    mailbox: str | None = None
    ids: tuple[int, ...] = ()
    to: str | None = None       # another account that gets it


def bring_back(world: World, backup: Backup, secret: str | None, wanted: Wanted, *, by: str,
               told: Told = lambda done, total, added: None) -> BroughtBack:
    """Do it; blocks.  NotFound if the backup has no such account, mailbox or message.

    told hears after each message how many were looked at, of how many, and how many came back; it may raise to break it off.
    """
    with restore.inside(world.store.directory, world.clock, backup, secret) as old:
        source = old.read(lambda db: accounts.by_login(db, wanted.account))
        if source is None:
            raise NotFound(f"the backup {backup.name} has no account {wanted.account!r}")
        places = _places(old, source.id, wanted.mailbox)
        target, name = _target(world, old, source.id, wanted.to or source.name, made=wanted.to is None)
        there = world.store.read(lambda db: contents.marks(db, target))
        count = present = 0
        total = len(wanted.ids) or sum(place.total + place.deleted for place in places.values())
        wrong: list[str] = []
        for row in _rows(old, places, wanted.ids):
            place = places[row.mailbox_id]
            try:
                if _one(world, backup, secret, row, old, place, target, there):
                    count += 1
                else:
                    present += 1
            except SetupError as problem:
                wrong.append(f"message {row.id} ({row.subject[:60]!r} in {place.name}): {problem}")
            told(count + present + len(wrong), total, count)
    world.journal.note(Event.BROUGHT_BACK, by=by, name=backup.name, account=name, messages=count)
    return BroughtBack(name, count, present, tuple(wrong))


def listing(world: World, backup: Backup, secret: str | None, account: str, mailbox: str | None,
            limit: int, *, browse: bool = False) -> list[tuple[MailboxRow, MessageRow]]:
    """The newest messages of an account in a backup, with the mailbox of each; browse as for restore.inside."""
    with restore.inside(world.store.directory, world.clock, backup, secret, browse=browse) as old:
        source = old.read(lambda db: accounts.by_login(db, account))
        if source is None:
            raise NotFound(f"the backup {backup.name} has no account {account!r}")
        places = _places(old, source.id, mailbox)
        found = [row for place in places for row in old.read(lambda db, id=place: messages.page(db, id, limit=limit))]    # type: ignore[misc]
        found.sort(key=lambda row: row.received, reverse=True)
        return [(places[row.mailbox_id], row) for row in found[:limit]]


def _places(old: Store, account: int, name: str | None) -> dict[int, MailboxRow]:
    rows = {row.id: row for row in old.read(lambda db: mailboxes.all(db, account))
            if name is None or row.name == name or row.name.startswith(f"{name}/") or name.casefold() == row.name.casefold() == "inbox"}
    if not rows:
        raise NotFound(f"the account had no mailbox {name!r}")
    return rows


def _rows(old: Store, places: dict[int, MailboxRow], ids: Sequence[int]) -> Iterator[MessageRow]:
    if ids:
        account = next(iter(places.values())).account_id
        rows = [row for row in old.read(lambda db: messages.by_ids(db, account, ids)) if row.mailbox_id in places]
        missing = sorted(set(ids) - {row.id for row in rows})
        if missing:
            raise NotFound(f"the backup has no message {missing[0]} there; `pillarbox backup messages` lists them")
        yield from rows
        return
    for place in places.values():
        after = 0
        while some := old.read(lambda db, id=place.id, after=after: messages.by_uids(db, id, after + 1, limit=SLICE)):    # type: ignore[misc]
            yield from some
            after = some[-1].uid


def _target(world: World, old: Store, source: int, name: str, *, made: bool) -> tuple[int, str]:
    """The account that gets the mail; made anew if it is gone and that is meant."""
    there = world.store.read(lambda db: accounts.by_login(db, name))
    if there is not None:
        return there.id, there.name
    if not made:
        raise NotFound(f"there is no account {name!r}")
    row = old.read(lambda db: accounts.get(db, source))
    assert row is not None
    held = old.read(lambda db: accounts.addresses(db, source))
    known = old.read(lambda db: proofs.take(db, source))

    def change(db: Connection) -> int:
        new = accounts.add(db, world.clock, row.name, row.full_name, row.quota)
        proofs.put(db, new, known)
        return new

    new = world.store.write_now(change)
    for one_address in held:
        try:
            world.store.write_now(lambda db, address=one_address.address: accounts.add_address(db, new, address))    # type: ignore[misc]
        except (Conflict, NotFound, UserError):
            continue    # somebody else's by now, or its domain is gone
    return new, row.name


def _one(world: World, backup: Backup, secret: str | None, row: MessageRow, old: Store, place: MailboxRow, target: int,
         there: set[bytes]) -> bool:
    """Bring one message back; False if the account has it, which is then noted in there."""
    digest = old.read(lambda db: one(db, "SELECT sha256 FROM body WHERE id = ?", (row.body_id,)))
    assert digest is not None
    mark = contents.mark(bytes(digest[0]), row.prefix)
    if mark in there:
        return False
    body = world.store.bodies.spool(archive.content(backup, f"data/mail/{row.body_name}", secret))
    if body.sha256 != digest[0]:
        body.abandon()
        raise SetupError("its content in the backup is damaged")

    with body.view() as view:
        known = structure.analyse(view).envelope

    def change(db: Connection) -> None:
        found = mailboxes.by_name(db, target, place.name)
        where = found.id if found else _mailbox(db, world, target, place)
        new = deposit.new_message(
            where, bodies.insert(db, body), body.size, known, row.structure, row.received, prefix=row.prefix, flags=row.flags,
            keywords=row.keywords, trace=row.trace, mail_from=row.mail_from, rcpt_to=row.rcpt_to, remote_ip=row.remote_ip,
            identity=row.identity)
        new.reasons = row.reasons
        messages.add(db, world.clock, new, skip_quota=True)

    try:
        world.store.write_now(change, [body])
    except PillarboxError:
        body.abandon()
        raise
    there.add(mark)
    return True


def _mailbox(db: Connection, world: World, account: int, place: MailboxRow) -> int:
    role = place.role if place.role and mailboxes.by_role(db, account, place.role) is None else None
    return mailboxes.add(db, world.clock, account, place.name, role)
