"""The reporter role: everything on a clock, the search index, and learning what is junk.

huey ticks once a minute; what is due stands in the schedule (mta.flow.upkeep).  The
doorbell tells of messages that came or went (mta.flow.indexing) and of lessons
(mta.flow.learning), gathered for half a second, since nobody waits for either.  A thread
for each of them, one for backups and one for the looks of each minute, so that a sweep or a new index of
everything holds up nothing else.

Trusted with: reading all mail, removing what is no longer needed, signing reports to other
domains, the passwords of imports.  Reaches their web servers, for policies on protected
transport and for those who want reports there, push services of browsers (mta.flow.notifying),
and the IMAP servers that people import from (importer.py); names are asked of the resolver
role.  All on a loop of their own (errands.py).
"""
import threading
from collections.abc import Callable

from mta.base.errors import TemporaryError, origin
from mta.base.events import Event
from mta.flow import importing, indexing, learning, notifying, upkeep
from mta.flow.world import World
from mta.store import leases
from mta.store.batcher import Batcher
from mta.store.bell import TICK
from mta.store.learned import Learned
from mta.store.search import SearchIndex
from workers import control
from workers.errands import Errands
from workers.importer import Importer
from workers.place import STOP_WAIT, Place
from workers.worlds import world_of

#: Seconds that commits are gathered before they are indexed.
GATHER = 0.5


def prepare() -> None:
    """Importing this module was the work."""


def serve(place: Place) -> None:
    """Index and tidy up until told to stop; leave between two slices."""
    with world_of(place) as world:
        world.certify = lambda: control.certify(place.config.control_socket)
        reporter = Reporter(world, leases.incarnation(place.role, place.number))
        consumer = world.bell.consumer(place.role, reporter.hear, place.doorbells.fd, tick=True, pause=GATHER)
        reporter.start()
        consumer.start()
        place.ready()
        place.stop.wait()
        consumer.stop()
        reporter.stop()


class Reporter:
    """Threads that do what bells ask for; owner is what this process claims chores as."""

    def __init__(self, world: World, owner: str) -> None:
        self._world, self._owner = world, owner
        self._stopping = threading.Event()
        self._index = SearchIndex(world.store.search_db)
        self._learned = Learned(world.store.learned_db, world.clock)
        self._errands = Errands(world.journal)
        self._notifier = notifying.Notifier(world, owner)
        self._importer = Importer(world, owner, self._stopping, self._errands.do)
        each_minute = upkeep.EachMinute(world)
        self._indexing = Batcher("index", self._advance, 0.0)
        self._learning = Batcher("learning", self._learn, 0.0)
        self._chores = Batcher("chores", self._do_what_is_due, 0.0)
        self._long_chores = Batcher("long chores", lambda: self._do_what_is_due(long=True), 0.0)
        self._minute = Batcher("minute", lambda: self._careful(each_minute), 0.0)

    def start(self) -> None:
        """Take over from dead predecessors, and begin with what happened while nobody listened."""
        self._careful(lambda: upkeep.begin(self._world, self._owner))
        self._errands.begin(self._notifier.run())
        self._importer.poke()
        self._indexing.poke()
        self._learning.poke()

    def hear(self, kind: str, ident: int) -> None:
        """A bell: a tick means that a minute has passed, any other that there may be messages, lessons or a chore brought forward."""
        for work in (self._minute, self._chores, self._long_chores) if kind == TICK else (
                self._indexing, self._learning, self._chores, self._long_chores):
            work.poke()
        self._errands.call(self._notifier.wake)
        if kind in (TICK, importing.BELL):
            self._importer.poke()

    def stop(self) -> None:
        """Leave after the slices in hand, and close."""
        self._stopping.set()
        self._importer.stop(STOP_WAIT / 5)
        self._errands.close()
        for work in (self._indexing, self._learning, self._chores, self._long_chores, self._minute):
            work.close(STOP_WAIT / 6)
        self._index.close()
        self._learned.close()

    def _advance(self) -> None:
        """Index until nothing is left."""
        def work() -> None:
            while not self._stopping.is_set() and indexing.advance(self._world, self._index):
                pass
        self._careful(work)

    def _learn(self) -> None:
        """Learn until nothing is left."""
        def work() -> None:
            while not self._stopping.is_set() and learning.advance(self._world, self._learned):
                pass
        self._careful(work)

    def _do_what_is_due(self, *, long: bool = False) -> None:
        def work() -> None:
            while not self._stopping.is_set() and (due := upkeep.next_chore(self._world, self._owner, long=long)):
                upkeep.do(self._world, due, self._owner, self._stopping.wait, self._errands.do)
        self._careful(work)

    def _careful(self, work: Callable[[], object]) -> None:
        """work(), with whatever goes wrong noted: the next bell tries again."""
        try:
            work()
        except TemporaryError as problem:
            self._world.journal.note(Event.STORE_TROUBLE, where="reporter", problem=str(problem))
        except Exception as problem:    # a bug in one thing must not end the others
            self._world.journal.note(Event.UNEXPECTED, where=origin(problem), problem=repr(problem))
