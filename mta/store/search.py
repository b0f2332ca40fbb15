"""The full-text index, search.db: what it holds, and how it is asked.

One FTS5 table without content: rowid is message.id.  Messages of an account are found
through a term of their own (marks), newest first and never ranked, so a search stops as
soon as it has a page.  Every id is checked against pillarbox.db before it is shown: the
row must exist and be the account's, whatever the index says.

The index is derived.  How far it has come (the last message id) is committed with it, so
after a crash it goes on where it was; rebuild() begins again from nothing.  Filling it is
mta.flow.indexing's work, in the reporter, off the delivery path.
"""
import json
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Final

from mta.base.limits import LIMITS
from mta.store import messages
from mta.store import query as queries
from mta.store.beginnings import Beginnings, learn_vocabulary
from mta.store.connection import Connection, value
from mta.store.database import Store
from mta.store.derived import Derived
from mta.store.messages import MessageRow
from mta.store.query import Query, account_mark, marks, spaced

FIND: Final = "SELECT rowid FROM text WHERE text MATCH ? AND rowid < ? ORDER BY rowid DESC"
NO_END: Final = (1 << 62) - 1


@dataclass(frozen=True, slots=True)
class Document:
    """A message as it is indexed: text of sender, recipients, subject and body, without markup."""

    id: int
    account_id: int
    received: float
    sender: str
    recipients: str
    subject: str
    body: str
    attachment: bool


@dataclass(frozen=True, slots=True)
class Found:
    """Message ids, newest first; before is where to go on, None if that was all."""

    ids: list[int]
    before: int | None


class SearchIndex:
    """search.db of one process; safe to use from every thread.  Made after the fork."""

    def __init__(self, path: Path) -> None:
        # The log is copied back when it is long: after each commit it would take two and a half times as long to fill.
        self._file = Derived(path, "the search index", learn_vocabulary)

    # --- asking -------------------------------------------------------------------------

    def find(self, store: Store, account_id: int, text: str, *, before: int | None = None, limit: int = 50) -> Found:
        """Messages of account_id that fit what a person typed (mta.store.query), newest first.

        A query with conditions that few messages fulfil may come back with less than
        limit, even none, and still say where to go on.  TemporaryError if the index
        cannot be read.
        """
        query = queries.read(text)
        last = before if before is not None else NO_END
        if query.mailboxes and not query.has_text:
            ids = store.read(lambda db: _by_rows(db, account_id, query, last, limit))
            return Found(ids, ids[-1] if len(ids) == limit else None)
        return self._by_text(store, account_id, query, last, limit)

    def position(self) -> int:
        """The id of the last message that was indexed."""
        with self._file.reading() as db:
            return int(value(db, "SELECT value FROM position WHERE name = 'message'", default=0))

    # --- filling --------------------------------------------------------------------------

    def add(self, documents: Sequence[Document], gone: Iterable[int], since: int, position: int) -> bool:
        """Index documents, forget the messages gone, and note the new position, in one transaction.

        False, and nothing is done, if the position is not since any more: somebody else
        indexes too.  TemporaryError if it cannot be written.
        """
        with self._file.transaction() as db:
            if value(db, "SELECT value FROM position WHERE name = 'message'", default=0) != since:
                return False
            db.executemany(
                "INSERT INTO text (rowid, marks, sender, recipients, subject, body) VALUES (?, ?, ?, ?, ?, ?)",
                ((document.id, marks(document.account_id, document.received, document.attachment), spaced(document.sender),
                  spaced(document.recipients), spaced(document.subject), spaced(document.body)) for document in documents))
            db.executemany("DELETE FROM text WHERE rowid = ?", ((ident,) for ident in gone))
            db.execute("INSERT OR REPLACE INTO position (name, value) VALUES ('message', ?)", (position,))
            return True

    def rebuild(self) -> None:
        """Begin again with an empty index; the reporter fills it.  TemporaryError if it cannot be written."""
        with self._file.transaction() as db:
            db.execute("INSERT INTO text (text) VALUES ('delete-all')")
            db.execute("DELETE FROM position")

    def close(self) -> None:
        """Close what is open."""
        self._file.close()

    # --- how ---------------------------------------------------------------------------------

    def _by_text(self, store: Store, account_id: int, query: Query, last: int, limit: int) -> Found:
        kept: list[int] = []
        examined, step = 0, limit if not query.exact else max(limit, 500)
        with self._file.reading() as index:
            expression = query.expression(account_mark(account_id), Beginnings(index))
            with closing(index.execute(FIND, (expression, last))) as found:
                while ids := [ident for ident, in islice(found, step)]:
                    kept += store.read(partial(_checked, account_id=account_id, query=query, ids=ids, limit=limit - len(kept)))
                    if len(kept) == limit:
                        return Found(kept, kept[-1])
                    examined += len(ids)
                    if len(ids) == step and examined >= LIMITS.search_examined:
                        return Found(kept, ids[-1])
        return Found(kept, None)


# --- what is to be indexed, of pillarbox.db -----------------------------------------------------


def unindexed(db: Connection, since: int, limit: int) -> list[MessageRow]:
    """The messages with ids above since, in the order of their ids."""
    wanted: dict[int, list[int]] = {}
    for ident, account_id in db.execute("SELECT id, account_id FROM message WHERE id > ? ORDER BY id LIMIT ?", (since, limit)):
        wanted.setdefault(account_id, []).append(ident)
    rows = [row for account_id, ids in wanted.items() for row in messages.by_ids(db, account_id, ids)]
    return sorted(rows, key=lambda row: row.id)


def unsearchable(db: Connection, limit: int) -> list[int]:
    """Messages that are gone and may still be in the index."""
    return [ident for ident, in db.execute("SELECT message_id FROM unsearchable LIMIT ?", (limit,))]


def forgotten(db: Connection, ids: Iterable[int]) -> None:
    """The index knows these no more."""
    db.executemany("DELETE FROM unsearchable WHERE message_id = ?", ((ident,) for ident in ids))


# --- how ids are checked ----------------------------------------------------------------------------


def _checked(db: Connection, account_id: int, query: Query, ids: Sequence[int], limit: int) -> list[int]:
    """Those of ids that exist, are the account's and fulfil the conditions, newest first."""
    wheres, terms = _conditions(db, account_id, query)
    return [ident for ident, in db.execute(
        "SELECT id FROM message WHERE id IN (SELECT value FROM json_each(:ids)) AND account_id = :account "
        f"{wheres} ORDER BY id DESC LIMIT :limit", terms | {"ids": json.dumps(ids), "limit": limit})]


def _by_rows(db: Connection, account_id: int, query: Query, last: int, limit: int) -> list[int]:
    """The same for queries that name mailboxes and no text: without the index."""
    wheres, terms = _conditions(db, account_id, query)
    return [ident for ident, in db.execute(
        f"SELECT id FROM message WHERE account_id = :account AND id < :last {wheres} ORDER BY id DESC LIMIT :limit",
        terms | {"last": last, "limit": limit})]


def _conditions(db: Connection, account_id: int, query: Query) -> tuple[str, dict[str, Any]]:
    """The conditions on rows as SQL, and its terms."""
    terms: dict[str, Any] = {"account": account_id, "set": int(query.flags_set), "clear": int(query.flags_clear)}
    wheres = [""]
    if query.flags_set or query.flags_clear:
        wheres.append("flags & :set = :set AND flags & :clear = 0")
    if query.since is not None:
        wheres.append("received >= :since")
        terms["since"] = query.since
    if query.until is not None:
        wheres.append("received < :until")
        terms["until"] = query.until
    for number, (name, has) in enumerate([(name, True) for name in query.labels] + [(name, False) for name in query.other_labels]):
        wheres.append(f"instr(' ' || lower(keywords) || ' ', :label{number}) {'> 0' if has else '= 0'}")
        terms[f"label{number}"] = f" {name} "
    if query.larger is not None:
        wheres.append("size > :larger")
        terms["larger"] = query.larger
    if query.smaller is not None:
        wheres.append("size <= :smaller")
        terms["smaller"] = query.smaller
    for number, (name, inside) in enumerate([(name, True) for name in query.mailboxes] + [(name, False) for name in query.other_mailboxes]):
        wheres.append(f"mailbox_id {'IN' if inside else 'NOT IN'} (SELECT value FROM json_each(:mailboxes{number}))")
        terms[f"mailboxes{number}"] = json.dumps([ident for ident, in db.execute(
            "SELECT id FROM mailbox WHERE account_id = ?1 AND (role = lower(?2) OR lower(name) = lower(?2))", (account_id, name))])
    return " AND ".join(wheres), terms
