"""DATA: one message from the channel into the desk's sink, and the desk's answer.

From the final dot on the message is seen through: a half-closed or lost connection ends
the conversation, never the storing.
"""
import asyncio
from typing import Any

from mta.base.errors import NoRoom, TemporaryError
from mta.base.events import Event
from mta.base.limits import Limits
from mta.base.reply import Reply
from mta.smtp.channel import Channel, Gone
from mta.smtp.data import Decoder, refusal
from mta.smtp.desk import Body, BodySink, Desk, Transaction
from mta.smtp.register import Register

GO_AHEAD = Reply(354, "", "Send the message and end it with a dot on a line of its own")
TOO_SLOW = Reply(421, "4.4.2", "The message took too long to arrive")


def trouble_reply(problem: TemporaryError) -> Reply:
    """What a peer hears when we cannot, but may be able to later."""
    if isinstance(problem, NoRoom):
        return Reply(452, "4.3.1", "There is no room to store mail just now; try again later")
    return Reply(451, "4.3.0", "The server has a problem just now; try again later")


async def receive(
        channel: Channel, desk: Desk[Any], transaction: Transaction, sink: BodySink[Any], limits: Limits, register: Register) -> Reply:
    """Read the message, hand it to the desk and give its reply; Gone if the peer leaves before the final dot."""
    decoder = Decoder(desk.max_size, limits.stored_line)
    try:
        refused = await _read(channel, decoder, sink, limits)
        body = None if refused else sink.finish()
    except BaseException:
        sink.abandon()
        raise
    if refused:
        sink.abandon()
        desk.note(Event.MESSAGE_REFUSED, transaction.trace, ip=transaction.session.peer.ip, sender=str(transaction.sender or "<>"),
                  recipients=[str(recipient) for recipient in transaction.recipients], octets=decoder.size, reply=str(refused))
        return refused
    return await register.see_through(_hand_over(desk, transaction, body))


async def _read(channel: Channel, decoder: Decoder, sink: BodySink[Any], limits: Limits) -> Reply | None:
    """Fill sink up to the final dot; the refusal if the message cannot be taken, which is read to its end all the same."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + limits.data_wait
    trouble: Reply | None = None
    while not decoder.done:
        left = deadline - loop.time()
        if left <= 0:
            raise Gone("the message took too long", TOO_SLOW)
        clean = decoder.feed(await channel.next_octets(min(left, limits.chunk_wait)))
        if clean and not trouble:
            try:
                sink.write(clean)
            except TemporaryError as problem:
                trouble = trouble_reply(problem)
        if decoder.received > decoder.largest + limits.refused_message:
            raise Gone("a refused message did not end", trouble or refusal(decoder))
    channel.put_back(decoder.rest)
    return trouble or (refusal(decoder) if decoder.fault else None)


async def _hand_over(desk: Desk[Body], transaction: Transaction, body: Body) -> Reply:
    """The desk's answer; whatever it raises, the body does not stay behind."""
    try:
        return await desk.message(transaction, body)
    except BaseException:
        body.abandon()
        raise
