"""Tell senders what became of their mail: not delivered, or not yet.

A notice has the null sender, so that no notice is ever made about a notice (RFC 5321
§4.5.5), and takes the same way as all mail of ours: submit.send signs and queues it.  The
row of the queue that it tells about changes in the same commit, so that a crash loses no
notice and doubles none.

It travels as its message was to: one that asked for REQUIRETLS has notices that ask for it
too, and never holds more of the message than its header (RFC 8689 §5).  Since their sender
is the null one, they are delivered where REQUIRETLS is not to be had as well.

Read on: report.dsn writes the text, report.advice knows what to say.
"""
from collections.abc import Callable, Sequence

from mta.base import tokens
from mta.base.errors import UserError
from mta.base.events import Event
from mta.flow import submit
from mta.flow.world import World
from mta.message import header, tlsrequired
from mta.message.identifiers import new_message_id
from mta.report import dsn
from mta.report.dsn import Fate, Notice
from mta.store.connection import Connection
from mta.store.queue import QueuedMessage

Change = Callable[[Connection], None]


def wanted(message: QueuedMessage) -> bool:
    """Whether anybody is to be told: never about notices and reports of our own, and never without an address."""
    return message.sender is not None and message.kind == "mail"


async def failed(world: World, message: QueuedMessage, fates: Sequence[Fate], also: Change) -> None:
    """Tell the sender of message which recipients it could not be delivered to; also is done in the same commit.

    Does only what also asks for if nobody is to be told.  TemporaryError as Store.write.
    """
    await _send(world, message, fates, "bounce", also)


async def delayed(world: World, message: QueuedMessage, fates: Sequence[Fate], also: Change) -> None:
    """Tell the sender of message for which recipients we are still trying; else like failed."""
    await _send(world, message, fates, "delayed", also)


async def _send(world: World, message: QueuedMessage, fates: Sequence[Fate], kind: dsn.Kind, also: Change) -> None:
    sender = message.sender
    if sender is None or not wanted(message):
        await world.store.write(also)
        return
    hostname, now = world.config.hostname, world.clock.timestamp()
    message_id = new_message_id(hostname)
    beginning = _beginning(world, message)
    notice = Notice(
        kind, hostname, sender, fates, message.created, message.created + world.config.queue.give_up_after, message.subject,
        message.message_id, message.trace, beginning, message.tls_required == "no" and tlsrequired.is_optional(header.parse(beginning)))
    octets = dsn.compose(notice, now, message_id, f"=_{tokens.short_id(30)}")
    try:
        await submit.send(world, None, octets, None, [sender], message.trace, kind=kind, also=also,
                          tls_required="yes" if message.tls_required == "yes" else "")
    except UserError as problem:
        # Nothing that a retry would mend: the row must not stay because of it.
        world.journal.note(Event.UNEXPECTED, message.trace, where=__name__, problem=str(problem))
        await world.store.write(also)
        return
    world.journal.note(Event.NOTICE_SENT, message.trace, queued=message.id, sender=sender, kind=kind, message_id=message_id)


def _beginning(world: World, message: QueuedMessage) -> bytes:
    """The message up to somewhere behind its header, or as much as can be read."""
    try:
        return message.prefix + world.store.bodies.read(message.body_name, 0, dsn.HEADER_ROOM)
    except OSError:
        return message.prefix
