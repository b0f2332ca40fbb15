"""The mailbox for rejects: what was refused for now is kept for a while, so that a lost sign-up mail can be found.

A copy is stored as read and counts as nothing new.  The same message that comes again is
kept once; when it, or a later copy of it, is accepted, the kept one goes (flow.deposit).
Number, octets and age are bounded, so a stranger can push out what other strangers sent,
and nothing else.
"""
from collections.abc import Iterator, Sequence

from mta.base.errors import NoRoom, TemporaryError
from mta.base.events import Event
from mta.base.limits import LIMITS
from mta.flow import deposit, preferences
from mta.flow.deposit import Copy, Happening, Parcel
from mta.flow.world import World
from mta.store import accounts, bodies, mailboxes
from mta.store import rejects as rows
from mta.store.bodies import SpooledBody
from mta.store.connection import Connection
from mta.store.mailboxes import MailboxRow

DAY = 86_400.0
#: The largest message that is kept, as a part of what all together may have.
LARGEST = LIMITS.rejects_octets // 10


async def keep(world: World, parcel: Parcel, body: SpooledBody, copies: Sequence[Copy]) -> None:
    """Keep a refused message for those whose copies are given.

    Never fails: the peer is told to come again, whether we could keep it or not.
    """
    if body.size > LARGEST:
        return
    wanted = world.store.read(lambda db: [copy for copy in copies if _missing(db, parcel, body, copy)])
    if not wanted:
        return

    def change(db: Connection) -> tuple[None, list[Happening]]:
        here = [copy for copy in wanted if _missing(db, parcel, body, copy)]
        happenings: list[Happening] = []
        if here:
            body_id = bodies.insert(db, body)
            for copy in here:
                rows.make_room(db, _mailbox(db, copy), body.size + len(parcel.fields), LIMITS.rejects, LIMITS.rejects_octets)
                happenings += deposit.put(db, world, parcel, body_id, [copy])[0]
            if not happenings:
                raise NoRoom("no account has room for what it refused")
        return None, happenings

    try:
        await deposit.commit(world, parcel.trace, change, [body])
    except NoRoom:
        pass    # the account is full: there is no room even for real mail
    except TemporaryError as problem:
        world.journal.note(Event.STORE_TROUBLE, parcel.trace, where="rejects", problem=str(problem))


def prune(world: World, limit: int) -> int:
    """Remove what was kept for as long as its account wants it, from each account limit at most; gives how many went."""
    gone, now = 0, world.clock.timestamp()
    for row, before in world.store.read(lambda db: list(_kept(db, now))):
        gone += world.store.write_now(lambda db, row=row, before=before: rows.expire(db, row, before, limit))    # type: ignore[misc]  # a lambda with defaults
    return gone


def _kept(db: Connection, now: float) -> Iterator[tuple[MailboxRow, float]]:
    """Where something is kept, and before when it must have come to go now."""
    for account in accounts.all(db):
        row = mailboxes.by_role(db, account.id, "rejects")
        if row is not None and row.total + row.deleted:
            yield row, now - preferences.of(db, account.id).reject_days * DAY


def _missing(db: Connection, parcel: Parcel, body: SpooledBody, copy: Copy) -> bool:
    """Whether the account has a mailbox for rejects, and the message is not there yet."""
    row = mailboxes.by_role(db, copy.account, "rejects")
    return row is not None and not rows.same(db, row, parcel.envelope.message_id.strip("<>"), body.sha256, body.size)


def _mailbox(db: Connection, copy: Copy) -> MailboxRow:
    row = mailboxes.by_role(db, copy.account, "rejects")
    assert row is not None
    return row
