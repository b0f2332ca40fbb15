"""Mailboxes of an account: a hierarchy of names with / between the parts.

A mailbox may have a role (RFC 6154 special use, one mailbox per role); Inbox always
exists and is found by its name in any case (RFC 9051 §5.1).  UIDVALIDITY is the time of
making, and larger than any the account had before, so that a name that comes back never
revives old UIDs.  Counts are kept by mta.store.messages in the transaction that changes a
message.
"""
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from mta.base.clock import Clock
from mta.base.errors import Conflict, NotAllowed, NotFound, UserError
from mta.base.limits import LIMITS
from mta.store import changes, deleted, rules, threads
from mta.store.connection import Connection, value

ROLES: Final = ("inbox", "sent", "drafts", "archive", "junk", "trash", "rejects")
#: What every account starts with: name by role.
STANDARD: Final = {role: role.capitalize() for role in ROLES}


@dataclass(frozen=True, slots=True)
class MailboxRow:
    r"""One mailbox.  total has no \Deleted messages, unread is neither \Seen nor \Deleted; size is octets of all."""

    id: int
    account_id: int
    name: str
    role: str | None
    uidvalidity: int
    uidnext: int
    modseq: int
    total: int
    unread: int
    unseen: int
    deleted: int
    size: int
    subscribed: bool


SELECT: Final = """
    SELECT id, account_id, name, role, uidvalidity, uidnext, modseq, total, unread, unseen, deleted, size, subscribed != 0
      FROM mailbox
"""


def all(db: Connection, account_id: int) -> list[MailboxRow]:
    """Every mailbox of the account: those with a role first, in the order of ROLES, then by name."""
    order = {role: number for number, role in enumerate(ROLES)}
    rows = _rows(db, "WHERE account_id = ?", account_id)
    return sorted(rows, key=lambda row: (order.get(row.role or "", len(order)), row.name.casefold(), row.name))


def get(db: Connection, id: int) -> MailboxRow | None:
    """The mailbox with this id."""
    return next(iter(_rows(db, "WHERE id = ?", id)), None)


def by_name(db: Connection, account_id: int, name: str) -> MailboxRow | None:
    """The mailbox called name; "inbox" in any case is the Inbox."""
    return next(iter(_rows(db, "WHERE account_id = ? AND name = ?", account_id, _inbox(unicodedata.normalize("NFC", name)))), None)


def by_role(db: Connection, account_id: int, role: str) -> MailboxRow | None:
    """The mailbox that has this role now."""
    return next(iter(_rows(db, "WHERE account_id = ? AND role = ?", account_id, role)), None)


def check_name(name: str) -> str:
    """The name as we store it; UserError if it cannot be one."""
    name = _inbox(unicodedata.normalize("NFC", name))
    problem = None
    if not name or len(name.encode("utf-8", "surrogatepass")) > LIMITS.mailbox_name:
        problem = f"it needs 1 to {LIMITS.mailbox_name} octets"
    elif any(not char.isprintable() for char in name):
        problem = "it has a control character"
    elif any(part != part.strip() or not part for part in name.split("/")):
        problem = "no part between slashes may be empty or begin or end with a space"
    elif any(char in name for char in '*%\\"') or name.startswith("#"):
        # RFC 9051 §5.1: wildcards of LIST, quoting, and the mark of foreign namespaces.
        problem = 'the characters * % \\ " and a # in front are not possible'
    if problem is not None:
        raise UserError(f"{name!r} is no name for a mailbox: {problem}")
    return name


def add(db: Connection, clock: Clock, account_id: int, name: str, role: str | None = None) -> int:
    """Make a mailbox, and its parents where they are missing; returns its id.  Conflict if the name or role is taken."""
    name = check_name(name)
    if role is not None:
        _check_role(db, account_id, role)
    if by_name(db, account_id, name) is not None:
        raise Conflict(f"there is a mailbox {name!r} already")
    parts = name.split("/")
    for depth in range(1, len(parts)):
        parent = "/".join(parts[:depth])
        if by_name(db, account_id, parent) is None:
            _insert(db, clock, account_id, parent, None)
    return _insert(db, clock, account_id, name, role)


def add_standard(db: Connection, clock: Clock, account_id: int) -> None:
    """Make the mailboxes that every account starts with."""
    for role, name in STANDARD.items():
        add(db, clock, account_id, name, role)


def rename(db: Connection, clock: Clock, id: int, name: str) -> None:
    """Give the mailbox and everything below it another name; the Inbox keeps its own."""
    row, name = _get(db, id), check_name(name)
    if row.role == "inbox":
        raise NotAllowed("the Inbox cannot be renamed")
    if name == row.name:
        return
    if name.startswith(row.name + "/"):
        raise Conflict("a mailbox cannot be put below itself")
    moved = [row, *(below for below in _rows(db, "WHERE account_id = ?", row.account_id) if below.name.startswith(row.name + "/"))]
    taken = {other.name for other in _rows(db, "WHERE account_id = ?", row.account_id)} - {other.name for other in moved}
    new_names = [check_name(name + other.name[len(row.name):]) for other in moved]
    for new_name in new_names:
        if new_name in taken:
            raise Conflict(f"there is a mailbox {new_name!r} already")
    parent = name.rpartition("/")[0]
    if parent and by_name(db, row.account_id, parent) is None:
        add(db, clock, row.account_id, parent)
    for other, new_name in zip(moved, new_names, strict=True):
        _update(db, other, "mailbox_renamed", "name", new_name, {"name": new_name, "old": other.name})
        rules.find_mailbox(db, row.account_id, other.id, new_name)


def remove(db: Connection, id: int) -> None:
    """Remove the mailbox with its messages, which can be had back; Conflict if there are mailboxes below it, NotAllowed for the Inbox.

    For a mailbox with many thousands of messages call messages.clear() in slices first.
    """
    row = _get(db, id)
    if row.role == "inbox":
        raise NotAllowed("the Inbox cannot be removed")
    if any(other.name.startswith(row.name + "/") for other in _rows(db, "WHERE account_id = ?", row.account_id)):
        raise Conflict(f"there are mailboxes below {row.name!r}; remove them first")
    deleted.keep_mailbox(db, id)
    drop(db, row)
    changes.note(db, row.account_id, changes.take(db, row.account_id), "mailbox_removed", id)


def drop(db: Connection, row: MailboxRow) -> None:
    """Remove the rows of a mailbox and of its messages for good, whatever it is; no change is noted."""
    db.execute("INSERT OR IGNORE INTO unsearchable SELECT id FROM message WHERE mailbox_id = ?", (row.id,))
    touched = {found[0] for found in db.execute("SELECT DISTINCT thread_id FROM message WHERE mailbox_id = ?", (row.id,))}
    db.execute("DELETE FROM message WHERE mailbox_id = ?", (row.id,))
    gone = db.changes()
    threads.forget_empty(db, touched)
    db.execute("UPDATE account SET size = size - ?, messages = messages - ? WHERE id = ?", (row.size, gone, row.account_id))
    rules.lose_mailbox(db, row.account_id, row.id, row.name)
    db.execute("DELETE FROM mailbox WHERE id = ?", (row.id,))
    db.touched |= {"web", "imap", "reporter"}


def set_role(db: Connection, id: int, role: str | None) -> None:
    """Give the mailbox a role, taking it from the one that has it; the Inbox keeps its own."""
    row = _get(db, id)
    if row.role == role:
        return
    if row.role == "inbox" or role == "inbox":
        raise NotAllowed("the role of the Inbox cannot change")
    if role is not None:
        if role not in ROLES:
            raise UserError(f"there is no role {role!r}; roles are {', '.join(ROLES)}")
        holder = by_role(db, row.account_id, role)
        if holder is not None:
            _update(db, holder, "mailbox_role", "role", None, {"role": None})
    _update(db, row, "mailbox_role", "role", role, {"role": role})


def subscribe(db: Connection, id: int, subscribed: bool) -> None:
    """Note whether mail programs should show the mailbox (RFC 9051 §6.3.7)."""
    _get(db, id)
    db.execute("UPDATE mailbox SET subscribed = ? WHERE id = ?", (int(subscribed), id))
    db.touched |= {"web", "imap"}


def keywords(db: Connection, mailbox_id: int) -> list[str]:
    """Every keyword that was ever set in the mailbox, by name."""
    return [row[0] for row in db.execute("SELECT name FROM keyword WHERE mailbox_id = ? ORDER BY name", (mailbox_id,))]


def learn_keywords(db: Connection, account_id: int, mailbox_id: int, names: Iterable[str]) -> list[str]:
    """Note that keywords are set in the mailbox; returns them as first spelled there.  UserError if there are too many."""
    known = {name.lower(): name for name in keywords(db, mailbox_id)}
    new = {name.lower(): name for name in names if name.lower() not in known}
    if new:
        if len(known) + len(new) > LIMITS.keywords_per_mailbox:
            raise UserError(f"a mailbox can have {LIMITS.keywords_per_mailbox} different keywords, no more")
        db.executemany("INSERT INTO keyword (mailbox_id, name) VALUES (?, ?)", ((mailbox_id, name) for name in new.values()))
        known |= new
        changes.note(db, account_id, changes.take(db, account_id), "mailbox_keywords", mailbox_id, {"keywords": sorted(known.values())})
    return [known[name.lower()] for name in names]


def _rows(db: Connection, where: str, *params: object) -> list[MailboxRow]:
    return [MailboxRow(*[*row[:12], bool(row[12])]) for row in db.execute(SELECT + where, params)]


def _get(db: Connection, id: int) -> MailboxRow:
    row = get(db, id)
    if row is None:
        raise NotFound(f"there is no mailbox {id}")
    return row


def _check_role(db: Connection, account_id: int, role: str) -> None:
    if role not in ROLES:
        raise UserError(f"there is no role {role!r}; roles are {', '.join(ROLES)}")
    if by_role(db, account_id, role) is not None:
        raise Conflict(f"another mailbox has the role {role!r}")


def _insert(db: Connection, clock: Clock, account_id: int, name: str, role: str | None) -> int:
    modseq = changes.take(db, account_id)
    if value(db, "SELECT count(*) FROM mailbox WHERE account_id = ?", (account_id,)) >= LIMITS.mailboxes:
        raise UserError(f"an account can have {LIMITS.mailboxes} mailboxes, no more")
    # RFC 9051 §2.3.1.1: must grow; a number of 32 bits.
    uidvalidity = value(db, "UPDATE account SET uidvalidity = max(uidvalidity + 1, ?) WHERE id = ? RETURNING uidvalidity",
                        (int(clock.timestamp()), account_id))
    db.execute("INSERT INTO mailbox (account_id, name, role, uidvalidity, modseq) VALUES (?, ?, ?, ?, ?)",
               (account_id, name, role, uidvalidity, modseq))
    id = db.last_insert_rowid()
    changes.note(db, account_id, modseq, "mailbox_added", id, {"name": name, "role": role})
    rules.find_mailbox(db, account_id, id, name)
    return id


def _update(db: Connection, row: MailboxRow, kind: str, column: str, new: str | None, facts: dict[str, str | None]) -> None:
    modseq = changes.take(db, row.account_id)
    db.execute(f"UPDATE mailbox SET {column} = ?, modseq = ? WHERE id = ?", (new, modseq, row.id))
    changes.note(db, row.account_id, modseq, kind, row.id, facts)


def _inbox(name: str) -> str:
    first, slash, rest = name.partition("/")
    return "Inbox" + slash + rest if first.casefold() == "inbox" else name
