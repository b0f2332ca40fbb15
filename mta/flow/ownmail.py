"""Messages that the server writes for an account by itself: made complete and signed, but queued by whoever has a change.

Mail that people send goes through flow.submit instead, which asks more.
"""
import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from mta.auth import dkim
from mta.base.names import Address
from mta.flow import completion, routing, signing
from mta.flow.completion import Complete
from mta.flow.world import World
from mta.message import trace
from mta.store import bodies, queue
from mta.store.connection import Connection
from mta.store.demands import TlsRequired
from mta.store.queue import NewQueued


@dataclass(frozen=True, slots=True)
class Ready:
    """A message on its way to one recipient: its body is still to be handed to the committer; prefix goes in front of it."""

    whole: Complete
    prefix: bytes
    author: Address
    sender: Address | None
    recipient: Address


async def ready(
    world: World, pieces: Iterable[bytes], author: Address, sender: Address | None, recipient: Address, trace_id: str, *,
    large: bool = False,
) -> Ready:
    """The message that pieces are, signed for its author's domain.  Unfit, or TemporaryErrors as Store.write."""
    spool = world.store.bodies.spool
    body = await asyncio.to_thread(spool, pieces) if large else spool(pieces)
    arguments = world.store.bodies, body, world.config.hostname, world.clock.timestamp(), world.config.limits
    try:
        whole = await asyncio.to_thread(completion.complete, *arguments) if large else completion.complete(*arguments)
    except BaseException:
        body.abandon()
        raise
    hop = world.store.read(lambda db: routing.next_hop(db, world, sender, recipient))
    now = world.clock.timestamp()
    wanted = signing.policy(world, hop)
    keys = signing.fitting(signing.signers(world, author.domain, trace_id), wanted) if wanted != "none" else []
    received = trace.received_field(by=world.config.hostname, with_="local", id_=trace_id, when=now)
    prefix = b"".join([received, *(dkim.sign(whole.fields, whole.body_hash, signer, now) for signer in keys)])
    return Ready(whole, prefix, author, sender, recipient)


def put(db: Connection, world: World, made: Ready, account: int, trace_id: str, tls_required: TlsRequired = "") -> int:
    """Queue it, within the change that its body was handed over with; the row of the queue."""
    whole, known = made.whole, made.whole.structure.envelope
    return queue.add(db, world.clock, NewQueued(
        account, made.sender, [made.recipient], bodies.insert(db, whole.body), whole.body.size, made.prefix,
        whole.smtputf8 or made.recipient.needs_smtputf8, whole.eight_bit, known.message_id, known.subject, made.author.ascii, trace_id,
        tls_required), lambda recipient: routing.next_hop(db, world, made.sender, recipient))
