"""The delivery role: hears, delivers, stops when told, takes over from the dead."""
import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest

from mta.base import metrics
from mta.base.clock import SystemClock
from mta.base.events import Event, Journal, Record, Recorded
from mta.base.names import Domain
from mta.config.model import Config, Route, Transport
from mta.dns.zone import Zone
from mta.net.resolver import Answering
from mta.store import queue
from mta.store.database import Store
from tests.flow.outbox import put
from tests.peers import Server, listening
from workers import delivery
from workers.doorbells import Doorbells
from workers.loads import Loads
from workers.place import Place, Stop
from workers.worlds import open_world


class Outside(threading.Thread):
    """Everything outside the role: a server that takes mail, and the resolver role; on a loop of its own."""

    def __init__(self, resolver: Path) -> None:
        super().__init__(daemon=True)
        self.server = Server()
        self._resolver, self._up = resolver, threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end: asyncio.Event | None = None

    def run(self) -> None:
        """Live until closed."""
        asyncio.run(self._live())

    async def _live(self) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        answering = Answering(Zone())
        with socket.socket(socket.AF_UNIX) as sock:
            sock.bind(str(self._resolver))
            sock.listen()
            sock.setblocking(False)
            names = await answering.listen(sock)
            async with listening(self.server):
                self._up.set()
                await self._end.wait()
            names.close()
            await asyncio.sleep(0.01)

    def up(self) -> "Outside":
        """Start; returns when everything listens."""
        self.start()
        assert self._up.wait(10)
        return self

    def close(self) -> None:
        """End."""
        assert self._loop is not None
        assert self._end is not None
        self._loop.call_soon_threadsafe(self._end.set)
        self.join(10)


class Heard:
    """A sink by which a test waits for events."""

    def __init__(self) -> None:
        self._changed, self._seen = threading.Condition(), list[Event]()

    def __call__(self, record: Record) -> None:
        with self._changed:
            self._seen.append(record.event)
            self._changed.notify_all()

    def wait(self, event: Event, count: int) -> None:
        """Return when event has happened count times."""
        with self._changed:
            assert self._changed.wait_for(lambda: self._seen.count(event) >= count, 20), self._seen


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Outside]:
    """The world outside the role."""
    (tmp_path / "run").mkdir()
    outside = Outside(tmp_path / "run" / "resolver.sock").up()
    yield outside
    outside.close()


@pytest.fixture
def heard() -> Heard:
    """What happened in the role."""
    return Heard()


@pytest.fixture
def place(store: Store, journal: Journal, heard: Heard, tmp_path: Path, outside: Outside) -> Iterator[Place]:
    """A place in which nothing runs yet; all mail goes to the server outside."""
    journal.add_sink(heard)
    config = Config(
        hostname=Domain.parse("mx.example.org"), data=store.directory, run=tmp_path / "run", user="", postmaster="ann",
        transports=(Transport("out", "127.0.0.1", outside.server.port, "none"),), routes=(Route(transport="out"),))
    metrics.fresh(config.counters)
    bells = Doorbells.make([("reporter", 0), ("delivery", 0)])
    yield Place(config, "delivery", 0, {}, bells.of("delivery"), Loads(1), Stop(), SystemClock(), journal, lambda: None)
    for pair in bells.pairs.values():
        for sock in pair:
            sock.close()


def serving(place: Place) -> Callable[[], None]:
    """The role at work in a thread, once it answers; call what this returns to end it."""
    ready = threading.Event()
    thread = threading.Thread(target=delivery.serve, args=(replace(place, tell_ready=ready.set),))
    thread.start()
    assert ready.wait(20)

    def end() -> None:
        place.stop.set()
        thread.join(20)
        assert not thread.is_alive()
    return end


def submit(place: Place, count: int = 1) -> None:
    """Queue mail as another process does: commit, then ring the doorbell."""
    journal = Journal("other", place.clock, stream=StringIO())
    with open_world(place.config, place.clock, journal, place.doorbells.ring) as world:
        for _ in range(count):
            asyncio.run(put(world, "bob@b.test"))


def test_importing_is_all_the_preparation() -> None:
    """Nothing that may not exist before a fork is made."""
    delivery.prepare()


def test_a_commit_elsewhere_is_heard(place: Place, heard: Heard, outside: Outside, recorded: Recorded) -> None:
    """Mail that another process queues goes out at its doorbell."""
    end = serving(place)
    submit(place, 3)
    heard.wait(Event.DELIVERED, 3)
    end()

    assert len(outside.server.mails) == 3
    assert Event.UNEXPECTED not in [record.event for record in recorded.records]


def test_a_bell_is_heard(place: Place, heard: Heard, outside: Outside) -> None:
    """So it does when only a bell tells of it, as from the reporter's sweep."""
    end = serving(place)
    submit(replace(place, doorbells=Doorbells({})))
    with open_world(place.config, place.clock, Journal("other", place.clock, stream=StringIO()), place.doorbells.ring) as world:
        world.bell.ring("delivery", "deliver", 1)
    heard.wait(Event.DELIVERED, 1)
    end()

    assert len(outside.server.mails) == 1


def test_a_new_process_takes_over(place: Place, heard: Heard, outside: Outside, store: Store) -> None:
    """What a killed predecessor had claimed, and what came meanwhile, goes out at once."""
    submit(place)
    [(_, [claimed])] = store.write_now(
        lambda db: queue.claim(db, place.clock, "transport:out", "delivery-0:999999999:1:dead", 10))
    assert claimed.attempts == 0
    submit(place)
    end = serving(place)
    heard.wait(Event.DELIVERED, 2)
    end()

    assert len(outside.server.mails) == 2


def test_stopping_idle_is_quick(place: Place, store: Store) -> None:
    """Without work there is nothing to wait for."""
    end = serving(place)
    end()
    assert store.read(queue.next_due) is None
