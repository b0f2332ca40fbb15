"""The rules of accounts, in their order.

Each change gives an account's rules another version, by which whoever keeps them knows
whether they still hold.  A rule whose mailbox is removed keeps the name of it, and files
there again once there is a mailbox of that name.

All functions run inside a change of Store.write, or in a question of Store.read.  What a
rule means is for mta.judge.rules, what may be written into it for mta.flow.ruling.
"""
import ipaddress
from typing import Any, Final

import cbor2

from mta.base.errors import NotFound
from mta.base.names import Domain
from mta.judge.rules import Actions, Conditions, Rule
from mta.message.flags import Flags
from mta.store.connection import Connection, one, value

SELECT: Final = """
    SELECT id, name, enabled, last, author, sender, recipient, verified, network, list_id, headers,
           mailbox_id, lost_mailbox, flags, keywords, accept, forwarder, mailing_list, forward, reply
      FROM rule
"""
#: The columns that are a rule's own.
COLUMNS: Final = ("name", "enabled", "last", "author", "sender", "recipient", "verified", "network", "list_id", "headers",
                  "mailbox_id", "lost_mailbox", "flags", "keywords", "accept", "forwarder", "mailing_list", "forward", "reply")


def all(db: Connection, account_id: int) -> list[Rule]:
    """The rules of an account in their order, those that are switched off too."""
    return [_rule(row) for row in db.execute(f"{SELECT} WHERE account_id = ? ORDER BY position", (account_id,))]


def version(db: Connection, account_id: int) -> int:
    """A number that no other state of the account's rules has had or will have, once it is committed."""
    return int(value(db, "SELECT rules_version FROM account WHERE id = ?", (account_id,), -1))


def get(db: Connection, account_id: int, id: int) -> Rule | None:
    """The rule with this id, if it is the account's."""
    row = one(db, f"{SELECT} WHERE id = ? AND account_id = ?", (id, account_id))
    return None if row is None else _rule(row)


def add(db: Connection, account_id: int, rule: Rule) -> int:
    """A rule below all others; gives its id."""
    position = value(db, "SELECT coalesce(max(position), 0) + 1 FROM rule WHERE account_id = ?", (account_id,))
    db.execute(f"INSERT INTO rule (account_id, position, {', '.join(COLUMNS)}) VALUES (?, ?{', ?' * len(COLUMNS)})",
               (account_id, position, *_columns(rule)))
    id = db.last_insert_rowid()
    _changed(db, account_id)
    return id


def change(db: Connection, account_id: int, rule: Rule) -> None:
    """What the rule with this id says from now on; it stays where it is.  NotFound."""
    db.execute(f"UPDATE rule SET {', '.join(f'{name} = ?' for name in COLUMNS)} WHERE id = ? AND account_id = ?",
               (*_columns(rule), rule.id, account_id))
    _found(db, rule.id)
    _changed(db, account_id)


def remove(db: Connection, account_id: int, id: int) -> None:
    """Forget a rule; NotFound."""
    db.execute("DELETE FROM rule WHERE id = ? AND account_id = ?", (id, account_id))
    _found(db, id)
    _changed(db, account_id)


def move(db: Connection, account_id: int, id: int, place: int) -> None:
    """Put a rule at a place among the others, 1 is the first, any higher than there are the last.  NotFound."""
    order = [row[0] for row in db.execute("SELECT id FROM rule WHERE account_id = ? ORDER BY position", (account_id,))]
    if id not in order:
        raise NotFound(f"there is no rule {id}")
    order.remove(id)
    order.insert(max(place, 1) - 1, id)
    db.executemany("UPDATE rule SET position = ? WHERE id = ?", ((position, each) for position, each in enumerate(order, 1)))
    _changed(db, account_id)


def lose_mailbox(db: Connection, account_id: int, mailbox_id: int, name: str) -> None:
    """A mailbox is about to be removed: rules that file into it keep its name."""
    db.execute("UPDATE rule SET mailbox_id = NULL, lost_mailbox = ? WHERE account_id = ? AND mailbox_id = ?",
               (name, account_id, mailbox_id))
    if db.changes():
        _changed(db, account_id)


def find_mailbox(db: Connection, account_id: int, mailbox_id: int, name: str) -> None:
    """There is a mailbox of that name now: rules that lost one of that name file into it."""
    db.execute("UPDATE rule SET mailbox_id = ?, lost_mailbox = '' WHERE account_id = ? AND lost_mailbox = ?",
               (mailbox_id, account_id, name))
    if db.changes():
        _changed(db, account_id)


def _changed(db: Connection, account_id: int) -> None:
    db.execute("UPDATE account SET rules_version = rules_version + 1 WHERE id = ?", (account_id,))


def _found(db: Connection, id: int) -> None:
    if not db.changes():
        raise NotFound(f"there is no rule {id}")


def _rule(row: tuple[Any, ...]) -> Rule:
    (id, name, enabled, last, author, sender, recipient, verified, network, list_id, headers,
     mailbox, lost, flags, keywords, accept, forwarder, mailing_list, forward, reply) = row
    return Rule(
        name,
        Conditions(author, sender, recipient, Domain(verified) if verified else None, ipaddress.ip_network(network) if network else None,
                   list_id, tuple((field, pattern) for field, pattern in cbor2.loads(headers))),
        Actions(mailbox, Flags(flags), tuple(keywords.split()), bool(accept), bool(forwarder), bool(mailing_list), lost,
                forward, reply),
        bool(enabled), bool(last), id)


def _columns(rule: Rule) -> tuple[Any, ...]:
    asked, done = rule.conditions, rule.actions
    return (
        rule.name, int(rule.enabled), int(rule.last), asked.author, asked.sender, asked.recipient,
        asked.verified.ascii if asked.verified else "", str(asked.network) if asked.network else "", asked.list_id,
        cbor2.dumps([list(pair) for pair in asked.headers]), done.mailbox, done.lost, int(done.flags), " ".join(done.keywords),
        int(done.accept), int(done.forwarder), int(done.mailing_list), done.forward, done.reply)
