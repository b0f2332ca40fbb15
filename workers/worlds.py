"""The World of one process, put together: the same way for every role and for the command line."""
import contextlib
from collections.abc import Callable, Iterator

from mta.base.clock import Clock
from mta.base.events import Journal
from mta.base.tokens import CHANCE
from mta.config.model import Config
from mta.flow.world import World
from mta.net.resolver import SocketResolver
from mta.store.bell import Bell
from mta.store.counts import Counts
from mta.store.database import Store
from mta.store.events import TraceSink
from mta.store.loudness import Loudness
from mta.store.signins import SignInLog
from workers import machine
from workers.counting import counting
from workers.place import Place


@contextlib.contextmanager
def open_world(config: Config, clock: Clock, journal: Journal, ring: Callable[[str], None], *,
               patient: bool = True) -> Iterator[World]:
    """Open the store and what else flows need; at the end, write what waits and close.

    Only after the fork.  ring pokes a role's doorbell and never blocks.  patient: DNS
    questions wait for a resolver process that is not there yet.  SetupError if the data
    directory is not ready.
    """
    with contextlib.ExitStack() as closing:
        store = Store.open(config.data, clock, ring=ring)
        closing.callback(store.close)
        trace = TraceSink(store.trace_db, clock, journal)
        closing.callback(trace.close)
        journal.add_sink(trace)
        counts = Counts(store.trace_db, clock, journal)
        closing.callback(counts.close)
        signins = SignInLog(store, clock, journal, delay=1.0)
        closing.callback(signins.close)
        bell = Bell(config.data, ring, journal)
        closing.callback(bell.close)
        resolver = SocketResolver(config.resolver_socket, config.limits, patient=patient)
        yield World(config, clock, CHANCE, store, resolver, journal, bell, counts, look=lambda: machine.look(config.data),
                    sign_in_log=signins)


@contextlib.contextmanager
def world_of(place: Place) -> Iterator[World]:
    """The World of a role, open and counting."""
    with counting(place), open_world(place.config, place.clock, place.journal, place.doorbells.ring) as world:
        place.journal.steer(Loudness(place.config.data, place.clock))
        yield world
