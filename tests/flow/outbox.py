"""Queued mail and a Delivery that works it off, for tests of flows."""
import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from mta.base.events import Event, Recorded
from mta.base.limits import LIMITS
from mta.base.names import Address
from mta.config.model import Config
from mta.flow.deliver import Delivery
from mta.flow.routing import next_hop
from mta.flow.world import World
from mta.store import bodies, outgoing, queue
from mta.store.connection import Connection
from mta.store.database import Store
from mta.store.outgoing import OutgoingRow
from mta.store.queue import NewQueued, QueuedMessage, QueuedRecipient

CONTENT = b"From: ann@example.org\r\nSubject: Hello\r\nMessage-ID: <1@example.org>\r\n\r\n.dot\r\nText\r\n"
#: Waits that a test can afford.
QUICK = dataclasses.replace(LIMITS, connect_wait=1.0, reply_wait=0.3, data_reply_wait=0.3, chunk_wait=0.3, quit_wait=0.1, tls_handshake=0.5)


class QuickConfig(Config):
    """A configuration whose limits are QUICK."""

    __slots__ = ()

    @property
    def limits(self) -> Any:
        return QUICK


def quick(world: World, **changes: Any) -> None:
    """Give world short waits, and other settings."""
    given = {field.name: getattr(world.config, field.name) for field in dataclasses.fields(Config)}
    world.config = QuickConfig(**{**given, **changes})


class FullAtFirst:
    """A store whose first writes fail."""

    def __init__(self, store: Store, problems: list[Exception]) -> None:
        self._store, self.problems = store, problems

    async def write(self, change: Callable[..., Any], bodies: Sequence[Any] = ()) -> Any:
        """As Store.write, once the problems are used up."""
        if self.problems:
            raise self.problems.pop(0)
        return await self._store.write(change, bodies)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


class SlowAtOutcomes:
    """A store that writes no outcome of an attempt before `on` is set; `waiting` is set once there is one."""

    def __init__(self, store: Store) -> None:
        self._store, self.waiting, self.on = store, asyncio.Event(), asyncio.Event()

    async def write(self, change: Callable[..., Any], bodies: Sequence[Any] = ()) -> Any:
        """As Store.write."""
        if "_record" in change.__code__.co_names:
            self.waiting.set()
            await self.on.wait()
        return await self._store.write(change, bodies)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


async def put(world: World, *recipients: str, sender: str | None = "ann@example.org", content: bytes = CONTENT, prefix: bytes = b"",
              trace: str = "0123456789.1", **flags: Any) -> int:
    """Queue a message; its id."""
    sink = world.store.bodies.sink()
    sink.write(content)
    body = sink.finish()
    reverse = Address.parse(sender) if sender else None
    given = {"smtputf8": False, "eight_bit": False, **flags}
    account = given.pop("account", None)

    def change(db: Connection) -> int:
        new = NewQueued(
            account, reverse, [Address.parse(one) for one in recipients], bodies.insert(db, body), body.size, prefix,
            message_id="1@example.org", subject="Hello", header_from="ann@example.org", trace=trace, **given)
        return queue.add(db, world.clock, new, lambda recipient: next_hop(db, world, reverse, recipient, account, transport=new.transport))

    return await world.store.write(change, [body])


@contextlib.asynccontextmanager
async def delivering(world: World, port: int = 25) -> AsyncIterator[Delivery]:
    """A Delivery that runs."""
    delivery = Delivery(world, "delivery-0:1:1:test", port)
    running = asyncio.create_task(delivery.run())
    try:
        yield delivery
    finally:
        delivery.stop()
        await running
        await asyncio.sleep(0)


async def settled(delivery: Delivery, world: World) -> None:
    """Return when nothing is due and nothing is being done.

    In these tests nobody hears the store's doorbell, so this wakes the delivery.
    """
    async with asyncio.timeout(20):
        delivery.wake()
        while delivery.busy or world.store.read(lambda db: queue.due_next_hops(db, world.clock)):
            if not delivery.busy:
                delivery.wake()
            await asyncio.sleep(0.002)


async def until(what: Callable[[], bool]) -> None:
    """Return once what() is true."""
    async with asyncio.timeout(20):
        while True:
            if what():
                return
            await asyncio.sleep(0.002)


async def deliver(world: World, port: int = 25) -> None:
    """Work off what is due now."""
    async with delivering(world, port) as delivery:
        await settled(delivery, world)


def waiting(world: World) -> list[tuple[QueuedMessage, QueuedRecipient]]:
    """What is in the queue, oldest first."""
    return world.store.read(lambda db: queue.listing(db, world.clock))[::-1]


def history(world: World) -> list[OutgoingRow]:
    """What became of mail, oldest first."""
    return world.store.read(lambda db: outgoing.listing(db, limit=1_000))[::-1]


def facts(recorded: Recorded, event: Event) -> list[dict[str, Any]]:
    """The facts of all events of a kind."""
    return [record.facts for record in recorded.records if record.event is event]


def lone(things: Sequence[Any]) -> Any:
    """The only one."""
    assert len(things) == 1, things
    return things[0]
