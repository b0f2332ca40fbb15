"""Tell senders what became of their mail: not delivered, or not yet.

A notice has the null sender, so that no notice is ever made about a notice (RFC 5321
§4.5.5), and takes the same way as all mail of ours: submit.send signs and queues it.  The
row of the queue that it tells about changes in the same commit, so that a crash loses no
notice and doubles none.

It travels as its message was to: one that asked for REQUIRETLS has notices that ask for it
too, and never holds more of the message than its header (RFC 8689 §5).  Since their sender
is the null one, they are delivered where REQUIRETLS is not to be had as well.

About reports of our own nobody is told by mail: the notice is put, as read, into a mailbox
of the postmaster's (flow.reportsender).

Read on: report.dsn writes the text, report.advice knows what to say.
"""
from collections.abc import Callable, Sequence
from typing import Final

from mta.base import tokens
from mta.base.errors import UserError
from mta.base.events import Event
from mta.base.names import Address
from mta.flow import deposit, reportsender, submit
from mta.flow.deposit import Copy, Happening, Parcel
from mta.flow.opening import said
from mta.flow.world import World
from mta.judge import returnpath
from mta.judge.reason import Reason
from mta.message import header, structure, tlsrequired
from mta.message.flags import Flags
from mta.message.identifiers import new_message_id
from mta.report import dsn
from mta.report.dsn import Fate, Notice
from mta.store import accounts, bodies
from mta.store.connection import Connection
from mta.store.queue import Kind, QueuedMessage

Change = Callable[[Connection], None]

#: Where notices about reports of our own are put.
FILED: Final[dict[Kind, str]] = {"dmarc_report": reportsender.FOLDERS["dmarc"], "tls_report": reportsender.FOLDERS["tls"]}
FAILED: Final = Reason("A report that this server sent could not be delivered.", key="report-failed")


def wanted(message: QueuedMessage) -> bool:
    """Whether anybody is to be told: never about notices and reports of our own, and never without an address."""
    return message.sender is not None and message.kind == "mail"


async def failed(world: World, message: QueuedMessage, fates: Sequence[Fate], also: Change) -> None:
    """Tell the sender of message which recipients it could not be delivered to; also is done in the same commit.

    Does only what also asks for if nobody is to be told.  TemporaryError as Store.write.
    """
    if message.kind in FILED:
        await _file(world, message, fates, also)
        return
    await _send(world, message, fates, "bounce", also)


async def delayed(world: World, message: QueuedMessage, fates: Sequence[Fate], also: Change) -> None:
    """Tell the sender of message for which recipients we are still trying; else like failed."""
    await _send(world, message, fates, "delayed", also)


async def _send(world: World, message: QueuedMessage, fates: Sequence[Fate], kind: dsn.Kind, also: Change) -> None:
    sender = message.sender
    if sender is None or not wanted(message):
        await world.store.write(also)
        return
    message_id = new_message_id(world.config.hostname)
    octets = _composed(world, message, fates, kind, sender, message_id)
    try:
        await submit.send(world, None, octets, None, [sender], message.trace, kind=kind, also=also,
                          tls_required="yes" if message.tls_required == "yes" else "")
    except UserError as problem:
        # Nothing that a retry would mend: the row must not stay because of it.
        world.journal.note(Event.UNEXPECTED, message.trace, where=__name__, problem=str(problem))
        await world.store.write(also)
        return
    world.journal.note(Event.NOTICE_SENT, message.trace, queued=message.id, sender=sender, kind=kind, message_id=message_id)


def _composed(
    world: World, message: QueuedMessage, fates: Sequence[Fate], kind: dsn.Kind, sender: Address, message_id: str,
) -> bytes:
    """The notice to sender, with CRLF."""
    beginning = _beginning(world, message)
    notice = Notice(
        kind, world.config.hostname, sender, fates, message.created, message.created + world.config.queue.give_up_after, message.subject,
        message.message_id, message.trace, beginning, message.tls_required == "no" and tlsrequired.is_optional(header.parse(beginning)),
        returnpath.is_one(sender) and message.account_id is not None)
    return dsn.compose(notice, world.clock.timestamp(), message_id, f"=_{tokens.short_id(30)}")


async def _file(world: World, message: QueuedMessage, fates: Sequence[Fate], also: Change) -> None:
    """Put the notice about a report of ours where the postmaster finds it when he looks for it; if there is no room, nowhere."""
    postmaster = Address.parse(message.header_from)
    message_id = new_message_id(world.config.hostname)
    octets = _composed(world, message, fates, "bounce", postmaster, message_id)
    spooled = world.store.bodies.sink()
    spooled.write(octets)
    body = spooled.finish()
    found = structure.analyse(octets)
    parcel = Parcel(message.trace, None, b"", found.envelope, structure.pack(found), body.size)

    def change(db: Connection) -> tuple[None, list[Happening]]:
        also(db)
        row = accounts.by_login(db, world.config.postmaster)
        if row is None:
            return None, []
        copy = Copy(postmaster, row.id, f"={FILED[message.kind]}", (FAILED,), flags=Flags.SEEN)
        return None, deposit.put(db, world, parcel, bodies.insert(db, body), [copy])[0]

    await deposit.commit(world, message.trace, change, [body])
    for fate in fates:
        world.journal.note(Event.REPORT_FAILED, message.trace, kind=message.kind, recipient=fate.recipient, reply=said(fate.failure))


def _beginning(world: World, message: QueuedMessage) -> bytes:
    """The message up to somewhere behind its header, or as much as can be read."""
    try:
        return message.prefix + world.store.bodies.read(message.body_name, 0, dsn.HEADER_ROOM)
    except OSError:
        return message.prefix
