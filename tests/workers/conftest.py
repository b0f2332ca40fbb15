"""A role in this process: in a thread, with real sockets and a store of its own."""
import contextlib
import io
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType

import pytest

from mta.base.clock import SystemClock
from mta.base.events import Journal, Recorded
from mta.config.model import Config, local
from mta.store.database import Store
from mta.store.verify import problems
from tests.workers import outside
from workers.doorbells import Doorbells
from workers.loads import Loads
from workers.place import Place, Stop
from workers.preparing import make_directories, prepare, prepare_host_keys
from workers.privileges import whoever

CLOCK = SystemClock()
UNIX = ("sendmail", "resolver")


@dataclass(frozen=True, slots=True)
class Running:
    """A role that serves: where, and what it notes."""

    config: Config
    ports: dict[str, int]
    bells: Doorbells
    recorded: Recorded
    stop: Stop


@contextmanager
def running(directory: Path, role: ModuleType, name: str, services: tuple[str, ...],
            change: Callable[[Config], Config] = lambda config: config) -> Iterator[Running]:
    """Run a role's `serve` on free ports in the demo world of localserve; at the end it stops, and its store is whole.

    change makes another configuration of that of localserve.
    """
    config = local(directory)
    make_directories(config, whoever())
    prepare(config, None, CLOCK, Journal("prepare", CLOCK, stream=io.StringIO()), True)
    config = change(config)
    if not config.local:
        prepare_host_keys(config, CLOCK, Journal("prepare", CLOCK, stream=io.StringIO()))
    ready, stop, recorded = threading.Event(), Stop(), Recorded()
    with ExitStack() as closed:
        sockets = {service: [closed.enter_context(_listening(config, service))] for service in services}
        ports = {service: many[0].getsockname()[1] for service, many in sockets.items() if service not in UNIX}
        config = replace(config, listeners=(replace(config.listeners[0], **ports),))
        bells = closed.enter_context(closing(Doorbells.make([(name, 0)])))
        journal = Journal(name, CLOCK, stream=io.StringIO(), sinks=(recorded,))
        place = Place(config, name, 0, sockets, bells.of(name), Loads(1), stop, CLOCK, journal, ready.set)
        fell: list[BaseException] = []
        thread = threading.Thread(target=_serve, args=(role, place, fell, ready))
        thread.start()
        try:
            assert ready.wait(20)
            yield Running(config, ports, bells, recorded, stop)
        finally:
            stop.set()
            thread.join(20)
        assert not thread.is_alive()
        assert fell == []
    with closing(Store.open(config.data, CLOCK)) as store:
        assert problems(store) == []
    assert not [record for record in recorded.records if record.event.key == "unexpected"]


def _serve(role: ModuleType, place: Place, fell: list[BaseException], ready: threading.Event) -> None:
    try:
        role.serve(place)
    except BaseException as problem:
        fell.append(problem)
    finally:
        ready.set()


def _listening(config: Config, service: str) -> socket.socket:
    if service in UNIX:
        sock = socket.socket(socket.AF_UNIX)
        sock.bind(str(config.run / f"{service}.sock"))
        sock.listen()
    else:
        sock = socket.create_server(("127.0.0.1", 0))
    sock.setblocking(False)
    return sock


Runner = Callable[..., Running]


@pytest.fixture
def run_role(tmp_path: Path) -> Iterator[Runner]:
    """Run a role until the test ends: run_role(module, name, service, …)."""
    with ExitStack() as stopped:
        def run(role: ModuleType, name: str, *services: str, **change: Callable[[Config], Config]) -> Running:
            return stopped.enter_context(running(tmp_path, role, name, services, **change))
        yield run


@pytest.fixture
def server(tmp_path: Path) -> Iterator[outside.Running]:
    """A server of small roles that was not started yet; ended with all its processes afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    running = outside.Running(tmp_path, port)
    yield running
    if running.process:
        with contextlib.suppress(ProcessLookupError):
            running.process.kill()
        running.process.wait()
