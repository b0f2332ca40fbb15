"""Bringing mail to a desk as a session would, for tests of flows."""
from collections.abc import Sequence
from dataclasses import dataclass, field

from mta.base.names import Address, ip_address
from mta.base.reply import Reply
from mta.flow import people, reading
from mta.flow.reading import Letter
from mta.flow.receive import ReceiveDesk
from mta.flow.submit import SubmitDesk
from mta.flow.world import World
from mta.smtp.desk import Login, Peer, Session, TlsFacts, Transaction
from mta.store import messages
from mta.store.queue import QueuedMessage, QueuedRecipient, listing

SIMPLE = b"From: Carl <carl@else.example>\r\nTo: ann@example.org\r\nSubject: Hello\r\nMessage-ID: <1@else.example>\r\n\r\nText\r\n"


@dataclass
class Delivered:
    """What a desk answered: to each recipient, and to the message (None if nobody was left)."""

    reply: Reply | None
    refused: dict[str, Reply] = field(default_factory=dict)


def session(ip: str = "192.0.2.1", *, trace: str = "0123456789", account: int | None = None, tls: bool = False) -> Session:
    """A session after EHLO."""
    listener = "smtp" if account is None else "submission"
    peer = Peer(ip_address(ip), 40_000, ip_address("192.0.2.25"), 25, listener, trace)
    facts = TlsFacts("TLSv1.3", "TLS_AES_256_GCM_SHA384", None) if tls else None
    login = None if account is None else Login(account, 1, f"account {account}", "PLAIN")
    return Session(peer, 0.0, facts, "mail.else.example", True, login)


async def bring(
    desk: ReceiveDesk | SubmitDesk, recipients: Sequence[str], message: bytes = SIMPLE, sender: str | None = "carl@else.example",
    *, here: Session | None = None, size: int | None = None, smtputf8: bool = False, requiretls: bool = False,
) -> Delivered:
    """One whole transaction."""
    here = here or session()
    here.transactions += 1
    transaction = Transaction(
        here, f"{here.peer.session}.{here.transactions}", None if sender is None else Address.parse(sender), size, smtputf8,
        requiretls=requiretls)
    reply = await desk.mail(transaction)
    if not reply.positive:
        return Delivered(reply)
    refused: dict[str, Reply] = {}
    for text in recipients:
        recipient = Address.parse(text)
        reply = await desk.recipient(transaction, recipient)
        if reply.positive:
            transaction.recipients.append(recipient)
        else:
            refused[text] = reply
    if not transaction.recipients:
        return Delivered(None, refused)
    sink = desk.sink()
    sink.write(message)
    return Delivered(await desk.message(transaction, sink.finish()), refused)


def letters(world: World, account: str, mailbox: str = "Inbox") -> list[Letter]:
    """What is in a mailbox, newest first."""
    row = people.get_account(world, account)
    page = reading.page(world, row.id, reading.mailbox_named(world, row.id, mailbox).id)
    return [reading.letter(world, row.id, each.id) for each in page.messages]


def source(world: World, letter: Letter) -> bytes:
    """The whole message as it is stored."""
    account = reading.account_of(world, letter.summary.id)
    row = world.store.read(lambda db: messages.get(db, account, letter.summary.id))
    assert row is not None
    return messages.content(world.store, row)


def queued(world: World) -> list[tuple[QueuedMessage, QueuedRecipient]]:
    """What waits in the queue."""
    return world.store.read(lambda db: listing(db, world.clock))


def written(world: World, message: QueuedMessage) -> bytes:
    """A queued message as it goes out."""
    return message.prefix + world.store.bodies.read(message.body_name)


def spooled(world: World) -> list[str]:
    """Files of bodies that were not kept."""
    return [path.name for path in (world.store.directory / "mail" / "tmp").iterdir()]
