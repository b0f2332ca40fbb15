"""An account's changes as events for its pages: what streams.py asks, answered from the store.

A change of a message is told with the message as lists show it now; if it is gone or
somewhere else by now, later changes tell that, and this one is left out.
"""
from typing import Final

from mta.flow import reading
from mta.flow.world import World
from mta.message import flags
from mta.store import accounts, changes, mailboxes, messages
from mta.store.changes import Change as Row
from mta.store.changes import Forgotten
from mta.store.connection import Connection
from web.api.webmail import (
    Change,
    Changes,
    MailboxChanged,
    MailboxRemoved,
    MessageAdded,
    MessageFlags,
    MessageRemoved,
    MessageThread,
    Reset,
)
from web.shapes import mailbox, summary
from web.streams import Piece, event

#: Changes told at once; a page that is further behind than FAR reads everything again.
AT_ONCE: Final = 200
FAR: Final = 2_000


class ChangeFeed:
    """The Source of streams.py."""

    def __init__(self, world: World) -> None:
        self._world, self._store = world, world.store

    def version(self) -> int:
        """A number that differs once anybody has committed anything."""
        return self._store.data_version()

    def latest(self, accounts_asked: list[int]) -> dict[int, int]:
        """The newest modseq of each account; one that is gone is left out."""
        def question(db: Connection) -> dict[int, int]:
            rows = (accounts.get(db, account) for account in accounts_asked)
            return {row.id: row.modseq for row in rows if row is not None}
        return self._store.read(question)

    def since(self, account: int, modseq: int) -> Piece | None:
        """The first of the changes after modseq as an event, None if there are none."""
        return self._store.read(lambda db: _piece(self._world, db, account, modseq))


def _piece(world: World, db: Connection, account: int, modseq: int) -> Piece | None:
    newest = changes.latest(db, account)
    if newest == modseq:
        return None
    # A page that knows more than we do saw another database: it must start anew too.
    if newest < modseq or newest - modseq > FAR:
        return _reset(newest)
    try:
        rows = changes.since(db, account, modseq, AT_ONCE)
    except Forgotten:
        return _reset(newest)
    until = rows[-1].modseq if len(rows) >= AT_ONCE else newest
    told = Changes(until, _told(world, db, account, rows))
    return Piece(event("changes", told, until), until)


def _reset(newest: int) -> Piece:
    return Piece(event("reset", Reset(newest), newest), newest)


def _told(world: World, db: Connection, account: int, rows: list[Row]) -> list[Change]:
    added = [row.message_id for row in rows if row.kind == "message_added" and row.message_id]
    known = {row.id: row for row in messages.by_ids(db, account, added)}
    boxes = {row.id: row for row in mailboxes.all(db, account)}
    told: list[Change] = []
    for row in rows:
        box, message = row.mailbox_id or 0, row.message_id or 0
        if row.kind == "message_added":
            if message in known and known[message].mailbox_id == box:
                told.append(MessageAdded(row.modseq, summary(reading.summary(world, known[message]))))
        elif row.kind == "message_removed":
            told.append(MessageRemoved(row.modseq, box, message))
        elif row.kind == "message_flags":
            told.append(MessageFlags(row.modseq, box, message, flags.names(row.facts["flags"]), row.facts["keywords"]))
        elif row.kind == "message_thread":
            told.append(MessageThread(row.modseq, box, message, row.facts["thread"]))
        elif row.kind == "mailbox_removed":
            told.append(MailboxRemoved(row.modseq, box))
        elif box in boxes:
            told.append(MailboxChanged(row.modseq, mailbox(boxes[box])))
    return told
