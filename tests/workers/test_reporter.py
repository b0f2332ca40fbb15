"""The reporter role: indexes what arrives, does what is due, stops when told."""
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mta.base import metrics
from mta.base.clock import SetClock
from mta.base.events import Event, Journal, Recorded
from mta.base.names import Address, Domain
from mta.config.model import Config
from mta.store import accounts, bodies, lessons, mailboxes, messages, queue, schedule
from mta.store.connection import Connection
from mta.store.database import Store
from mta.store.learned import Learned
from mta.store.search import SearchIndex
from workers import reporter
from workers.doorbells import Doorbells
from workers.loads import Loads
from workers.place import Place, Stop


class Heard:
    """A sink by which a test waits for an event."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._events: list[Event] = []

    def __call__(self, record: object) -> None:
        with self._changed:
            self._events.append(record.event)  # type: ignore[attr-defined]  # a Record
            self._changed.notify_all()

    def wait(self, wanted: Callable[[list[Event]], bool]) -> None:
        """Return when wanted is true of the events so far."""
        with self._changed:
            assert self._changed.wait_for(lambda: wanted(self._events), 20), self._events


@pytest.fixture
def heard() -> Heard:
    """What happened in the role."""
    return Heard()


@pytest.fixture
def place(store: Store, clock: SetClock, journal: Journal, heard: Heard, tmp_path: Path) -> Iterator[Place]:
    """A place in which nothing runs yet, with bells for two roles."""
    journal.add_sink(heard)
    config = Config(hostname=Domain.parse("mx.example.org"), data=store.directory, run=tmp_path / "run", user="", postmaster="ann")
    metrics.fresh(config.counters)
    bells = Doorbells.make([("reporter", 0), ("delivery", 0)])
    yield Place(config, "reporter", 0, {}, bells.of("reporter"), Loads(1), Stop(), clock, journal, lambda: None)
    for pair in bells.pairs.values():
        for sock in pair:
            sock.close()


@pytest.fixture
def running(place: Place) -> Iterator[Callable[[], None]]:
    """Starts the role in a thread; it is stopped at the end."""
    ready = threading.Event()
    thread = threading.Thread(target=reporter.serve, args=(replace(place, tell_ready=ready.set),))

    def start() -> None:
        thread.start()
        assert ready.wait(20)
    yield start
    place.stop.set()
    if thread.ident is not None:
        thread.join(20)
        assert not thread.is_alive()


def put(store: Store, ring: Callable[[str], None]) -> tuple[int, int]:
    """A message in a new account's inbox; account and message id."""
    sink = store.bodies.sink()
    sink.write(b"Subject: lorry\r\n\r\nblue\r\n")
    spooled = sink.finish()

    def change(db: Connection) -> tuple[int, int]:
        row = accounts.by_name(db, "ann")
        account = row.id if row else accounts.add(db, store.clock, "ann")
        inbox = mailboxes.by_role(db, account, "inbox")
        assert inbox is not None
        new = messages.NewMessage(
            mailbox_id=inbox.id, body_id=bodies.insert(db, spooled), body_size=spooled.size, prefix=b"", structure=b"", received=0.0)
        return account, messages.add(db, store.clock, new).id
    account, message = store.write_now(change, [spooled])
    ring("reporter")
    return account, message


def test_what_arrives_is_indexed(running: Callable[[], None], place: Place, store: Store, heard: Heard) -> None:
    """What came before the start is found by looking, what comes later by the doorbell."""
    account, first = put(store, place.doorbells.ring)
    running()
    heard.wait(lambda events: events.count(Event.INDEXED) == 1)
    _, second = put(store, place.doorbells.ring)
    heard.wait(lambda events: events.count(Event.INDEXED) == 2)
    index = SearchIndex(store.search_db)
    assert index.find(store, account, "blue").ids == [second, first]
    index.close()


def test_what_people_teach_is_learned(running: Callable[[], None], place: Place, store: Store, clock: SetClock, heard: Heard) -> None:
    """A lesson from before the start, and one that a doorbell tells of."""
    account, message = put(store, place.doorbells.ring)
    store.write_now(lambda db: lessons.note(db, clock, account, {message: "junk"}, "a test"))
    running()
    heard.wait(lambda events: events.count(Event.LEARNED) == 1)
    store.write_now(lambda db: lessons.note(db, clock, account, {message: "good"}, "a test"))
    place.doorbells.ring("reporter")
    heard.wait(lambda events: events.count(Event.LEARNED) == 2)
    learned = Learned(store.learned_db, clock)
    assert learned.volume(account)[2:] == (1, 0)
    learned.close()


def test_chores_that_are_due_are_done_at_the_first_tick(
    running: Callable[[], None], place: Place, store: Store, clock: SetClock, heard: Heard,
) -> None:
    """A row that was due while the server was down is done at the start."""
    store.write_now(lambda db: schedule.plan(db, "sweep-bodies", clock.timestamp() - 100_000))
    running()
    heard.wait(lambda events: Event.DUE_DONE in events)


def test_due_mail_rings_delivery_at_the_first_tick(running: Callable[[], None], place: Place, store: Store) -> None:
    """A message whose bell was lost is rung for."""
    sink = store.bodies.sink()
    sink.write(b"x")
    spooled = sink.finish()
    store.write_now(lambda db: queue.add(db, store.clock, queue.NewQueued(
        None, None, [Address.parse("bob@b.example")], bodies.insert(db, spooled), 1, b"", False, False, "", "", "", "t.1"),
        lambda recipient: recipient.domain.ascii), [spooled])
    delivery = place.doorbells.pairs["delivery", 0][0]
    delivery.setblocking(True)
    delivery.settimeout(20)
    running()
    assert delivery.recv(16)


def test_trouble_is_noted_and_the_role_goes_on(
    running: Callable[[], None], place: Place, store: Store, heard: Heard, recorded: Recorded,
) -> None:
    """An index that cannot be read is no end of the role: it is tried again with the next bell."""
    moved = store.search_db.with_name("elsewhere.db")
    store.search_db.rename(moved)
    running()
    heard.wait(lambda events: Event.STORE_TROUBLE in events)
    moved.rename(store.search_db)
    put(store, place.doorbells.ring)
    heard.wait(lambda events: Event.INDEXED in events)


def test_preparing_imports() -> None:
    """There is nothing to do before the fork but the import."""
    reporter.prepare()
