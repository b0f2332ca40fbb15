"""Something to put into a store: domains, accounts and messages for tests."""
from typing import Any

from mta.base.names import Address, Domain
from mta.store import accounts, bodies, domains, mailboxes, messages
from mta.store.bodies import SpooledBody
from mta.store.connection import Connection
from mta.store.database import Store
from mta.store.messages import MessageRow, NewMessage

EXAMPLE = Domain.parse("example.org")
ANN = Address.parse("ann@example.org")


def add_account(store: Store, name: str = "ann", **fields: Any) -> int:
    """An account with the address NAME@example.org."""
    def change(db: Connection) -> int:
        if domains.get(db, EXAMPLE) is None:
            domains.add(db, store.clock, EXAMPLE)
        account = accounts.add(db, store.clock, name, **fields)
        accounts.add_address(db, account, Address(name, EXAMPLE))
        return account
    return store.write_now(change)


def mailbox(store: Store, account: int, role: str = "inbox") -> int:
    """The id of the account's mailbox with this role."""
    row = store.read(lambda db: mailboxes.by_role(db, account, role))
    assert row is not None
    return row.id


def spool(store: Store, content: bytes) -> SpooledBody:
    """A body that waits to be stored."""
    sink = store.bodies.sink()
    sink.write(content)
    return sink.finish()


def new(store: Store, mailbox_id: int, body_id: int, size: int, **facts: Any) -> NewMessage:
    """What deliver() puts into a mailbox, with some facts of it changed."""
    given: dict[str, Any] = {
        "prefix": b"Delivered-To: ann@example.org\r\n", "received": store.clock.timestamp(), "structure": b"\xa0", **facts}
    return NewMessage(mailbox_id, body_id, size, **given)


def deliver(store: Store, mailbox_id: int, content: bytes = b"Subject: hello\r\n\r\nHello.\r\n", **facts: Any) -> MessageRow:
    """Put a message into a mailbox, as the server would."""
    body = spool(store, content)
    return store.write_now(
        lambda db: messages.add(db, store.clock, new(store, mailbox_id, bodies.insert(db, body), body.size, **facts)), [body])
