"""The supervisor: binds ports, forks one process per post, and restarts what falls.

It knows no mail.  Started as root it stays root, so it reads nothing that strangers wrote
and never writes into the data directory.  One thread, one poll; no event loop and no
database exists here, or a fork would copy it.

A reload makes a new generation of processes beside the old one: read the configuration,
bind what is new, prepare the data, fork; when all of the new ones answer, the old ones are
told to finish.  If anything of that fails, the old generation simply stays.

Read on: process.py has the table of roles, generation.py and child.py the forking,
listening.py the ports, preparing.py what runs before any role.
"""
import contextlib
import functools
import math
import os
import selectors
import signal
import socket
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any

from mta import VERSION
from mta.base.clock import Clock
from mta.base.errors import PillarboxError, SetupError
from mta.base.events import Event, Journal, Record
from mta.config.model import Config
from workers import control, memory, preparing
from workers.child import EX_CONFIG, Child, fork
from workers.generation import Generation, Post
from workers.listening import listen
from workers.place import STOP_WAIT
from workers.privileges import raise_open_files, service_user
from workers.process import ROLES, Role, restart_after
from workers.sdnotify import Systemd

#: Seconds a process may take to get ready, and one of an old generation to finish its connections.
START_WAIT, RETIRE_WAIT = 60.0, 120.0
#: So often in a row a process may fall before it was ever ready; a first start then ends.
START_TRIES = 4
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)


class Supervisor:
    """A running server."""

    def __init__(self, load: Callable[[], Config], clock: Clock, announce: Callable[[str], None], *,
                 roles: Sequence[Role] = ROLES, prepare: preparing.Preparation = preparing.prepare,
                 stop_wait: float = STOP_WAIT) -> None:
        """load reads the configuration, now and at each reload; announce tells a person; the rest is for tests."""
        self._load, self._clock, self._announce, self._roles, self._prepare = load, clock, announce, roles, prepare
        self._stop_wait = stop_wait
        self._systemd = Systemd(clock)
        self._began = clock.monotonic()
        self._sign_due = self._began if self._systemd.watchdog else math.inf
        self._current: Generation | None = None                # what serves
        self._coming: Generation | None = None                 # what will, once it is ready
        self._preparing: Child | None = None
        self._retiring: dict[int, tuple[Child, float]] = {}    # by pid: told to finish, and when our patience ends
        self._generations = 0
        self._answering = 0                                    # the newest generation that was ready altogether
        self._asked: set[signal.Signals] = set()
        self._failure = ""
        # Counted here, told when asked: root writes no file in a folder of the service user (mta.base.metrics).
        self._events: Counter[str] = Counter()
        self._selector = selectors.DefaultSelector()

    def run(self) -> None:
        """Serve until told to stop.  SetupError if it cannot begin, or a role cannot at the first start."""
        config = self._load()
        self._journal = Journal("supervisor", self._clock, level=config.log_level, sinks=(self._count,))
        user = service_user(config.user)
        preparing.make_directories(config, user)
        raise_open_files()
        with preparing.locked(config, user, self._clock), self._hearing_signals():
            self._begin(config)
            self._import_roles()
            while self._current or self._coming or self._preparing or self._retiring:
                self._wait()
                self._obey()
                self._reap()
                self._advance()
        if self._failure:
            raise SetupError(self._failure)

    # --- generations ------------------------------------------------------------------------

    def _begin(self, config: Config) -> None:
        """Make a new generation and prepare its data.  SetupError if that cannot be."""
        user = service_user(config.user)
        preparing.make_directories(config, user)
        certificate = preparing.read_certificate(config)
        old = self._current
        listening = listen(config, user, old.listening.sockets if old else {})
        self._generations += 1
        self._coming = Generation.make(self._generations, config, user, listening, self._roles, old.doorbells if old else None)
        for ear in listening.of("control")["control"]:
            if ear not in self._selector.get_map():
                self._selector.register(ear, selectors.EVENT_READ, functools.partial(self._accept, ear))
        journal = Journal("prepare", self._clock, level=config.log_level)
        self._preparing = self._watched(fork("prepare", user, self._clock.monotonic(), self._let_go, journal,
                                             lambda tell_ready: self._prepare(config, certificate, self._clock, journal, old is None)))

    def _import_roles(self) -> None:
        """Import what the roles need, once, into memory that all of them share; the data is being prepared meanwhile."""
        for role in self._roles:
            import_module(role.module).prepare()
        memory.freeze()

    def _prepared(self) -> None:
        """The data is ready: fork what may run beside the old generation."""
        assert self._coming
        for post in self._coming.posts:
            if not (post.role.alone and self._current):
                post.due = self._clock.monotonic()

    def _settle(self) -> None:
        """See how far the generations have come, after a process became ready or ended."""
        coming = self._coming
        if coming and not self._preparing and all(
                post.child and post.child.ready for post in coming.posts if not (post.role.alone and self._current)):
            old, self._current, self._coming = self._current, coming, None
            if old:
                self._retire(old, RETIRE_WAIT)
                self._drop_sockets(old, keep=coming)
        current = self._current
        if not current:
            return
        finishing = {child.role for child, _ in self._retiring.values()}
        for post in current.posts:
            if post.child is None and post.due == math.inf and not (post.role.alone and post.role.name in finishing):
                post.due = self._clock.monotonic()
        if current.ready and current.number > self._answering:
            self._answering = current.number
            self._systemd.tell(READY=1, STATUS=f"{len(current.posts)} processes answer")
            memory.forget_libraries()
            if current.number == 1:
                self._journal.note(Event.STARTED, version=VERSION, seconds=self._clock.monotonic() - self._began)
                self._announce("pillarbox ready")
            else:
                self._journal.note(Event.RELOADED, generation=current.number)

    def _refuse(self, reason: str) -> None:
        """The coming generation cannot be: the old one stays, or there is none and we end."""
        coming, self._coming = self._coming, None
        if coming:
            self._retire(coming, self._stop_wait)
            self._drop_sockets(coming, keep=self._current)
        if self._current:
            self._journal.note(Event.RELOAD_REFUSED, reason=reason)
            self._systemd.tell(READY=1, STATUS="the new configuration was refused")
        else:
            self._failure = self._failure or reason

    def _retire(self, generation: Generation, patience: float) -> None:
        """Tell all processes of generation to finish within patience seconds."""
        for child in generation.children():
            self._retiring[child.pid] = child, self._clock.monotonic() + patience
            child.signal(signal.SIGTERM)

    def _drop_sockets(self, generation: Generation, keep: Generation | None) -> None:
        """Close the sockets of generation that keep does not use."""
        for ear in generation.listening.of("control")["control"]:
            if not keep or ear not in keep.listening.sockets.values():
                self._selector.unregister(ear)
        generation.listening.close(list(keep.listening.sockets.values()) if keep else [])

    # --- processes ----------------------------------------------------------------------------

    def _advance(self) -> None:
        """Do what is due: fork, lose patience, give a sign of life."""
        now = self._clock.monotonic()
        for generation in filter(None, (self._current, self._coming)):
            for post in generation.posts:
                if post.due <= now:
                    let_go = functools.partial(self._let_go, generation, post.role.sockets)
                    child = self._watched(generation.fill(post, self._clock, self._journal, let_go))
                    self._journal.note(Event.ROLE_STARTED, process=post.name, pid=child.pid)
                elif post.child and not post.child.ready and now >= post.child.started + START_WAIT:
                    post.child.said = post.child.said or f"did not get ready within {START_WAIT:.0f} seconds".encode()
                    post.child.signal(signal.SIGKILL)
        for child, patience in self._retiring.values():
            if patience <= now:
                child.signal(signal.SIGKILL)
        if self._systemd.watchdog and self._sign_due <= now:
            self._systemd.tell(WATCHDOG=1)
            self._sign_due = now + self._systemd.watchdog

    def _wait(self) -> None:
        """Sleep until something is due or happens, and hear it."""
        posts = [post for generation in (self._current, self._coming) if generation for post in generation.posts]
        due = [self._sign_due, *(post.due for post in posts), *(patience for _, patience in self._retiring.values())]
        due += [post.child.started + START_WAIT for post in posts if post.child and not post.child.ready]
        waits = min(due) - self._clock.monotonic()
        for key, _ in self._selector.select(None if waits == math.inf else max(0.0, waits)):
            if isinstance(key.data, Child):
                self._hear(key.data)
            else:
                key.data()

    def _watched(self, child: Child) -> Child:
        """child, its reports from now on heard."""
        self._selector.register(child.report, selectors.EVENT_READ, child)
        return child

    def _hear(self, child: Child) -> None:
        """Hear what a process reports."""
        was_ready = child.ready
        if not child.hear():
            self._selector.unregister(child.report)
        if child.ready and not was_ready:
            self._journal.note(Event.ROLE_READY, process=child.name, pid=child.pid, seconds=self._clock.monotonic() - child.started)
            self._settle()

    def _hear_out(self, child: Child) -> None:
        """Hear the last that a process had to say, and close its pipe, even if something it forked still holds that."""
        if child.report in self._selector.get_map():
            self._hear(child)
        if child.report in self._selector.get_map():
            self._selector.unregister(child.report)
        os.close(child.report)

    def _reap(self) -> None:
        """Notice processes that ended."""
        children = [self._preparing, *(child for child, _ in self._retiring.values())]
        children += [child for generation in (self._current, self._coming) if generation for child in generation.children()]
        for child in filter(None, children):
            pid, status = os.waitpid(child.pid, os.WNOHANG)
            if pid:
                self._hear_out(child)
                self._ended(child, os.waitstatus_to_exitcode(status))
                self._settle()

    def _ended(self, child: Child, status: int) -> None:
        """A process ended: as it was told, or it fell."""
        if child is self._preparing:
            self._preparing = None
            if status == 0 and self._coming:
                self._prepared()
            elif self._coming:
                self._refuse(child.reason or f"preparing the data ended with status {status}")
        elif self._retiring.pop(child.pid, None):
            self._journal.note(Event.ROLE_ENDED, process=child.name, status=status)
        else:
            for generation in filter(None, (self._current, self._coming)):
                for post in generation.posts:
                    if post.child is child:
                        self._fell(generation, post, child, status)

    def _fell(self, generation: Generation, post: Post, child: Child, status: int) -> None:
        """A process ended that should not have: fork it again, at once if it had lived well."""
        now = self._clock.monotonic()
        pause = restart_after(now - child.started, child.ready, post.failures)
        post.child, post.failures, post.due = None, post.failures + 1 if pause else 0, now + pause
        generation.loads[post.role.name].gone(post.number)
        if child.reason:
            self._journal.note(Event.ROLE_CANNOT_START, process=post.name, reason=child.reason)
        self._journal.note(Event.ROLE_FELL, process=post.name, status=status, wait=pause)
        setup_error = status == EX_CONFIG
        if generation is self._coming and not child.ready and (setup_error or post.failures >= START_TRIES):
            self._refuse(f"{post.name} cannot start: {child.reason or f'it ended with status {status}'}")

    def _let_go(self, generation: Generation | None = None, services: tuple[str, ...] = ()) -> None:
        """In a child: close what is the supervisor's, and every socket but those of services in generation."""
        for key in list(self._selector.get_map().values()):
            if isinstance(key.fileobj, socket.socket):
                key.fileobj.close()
        self._selector.close()
        kept = [sock for socks in generation.listening.of(*services).values() for sock in socks] if generation else []
        for other in filter(None, (self._current, self._coming)):
            other.listening.close(kept)

    # --- being told -----------------------------------------------------------------------------

    @contextlib.contextmanager
    def _hearing_signals(self) -> Iterator[None]:
        """Signals wake the poll and are obeyed there, never in the middle of something."""
        heard, written = os.pipe()
        os.set_blocking(heard, False)
        os.set_blocking(written, False)
        before = {number: signal.signal(number, lambda number, frame: self._asked.add(signal.Signals(number))) for number in SIGNALS}
        signal.set_wakeup_fd(written, warn_on_full_buffer=False)
        self._selector.register(heard, selectors.EVENT_READ, lambda: os.read(heard, 512))
        try:
            yield
        finally:
            signal.set_wakeup_fd(-1)
            for number, handler in before.items():
                signal.signal(number, handler)
            os.close(written)
            os.close(heard)
            self._selector.close()

    def _obey(self) -> None:
        """Do what signals and callers asked for."""
        # A handler may run between any two steps: from here on it adds to the new set.
        asked, self._asked = self._asked, set()
        ends = asked & {signal.SIGTERM, signal.SIGINT}
        if ends:
            self._stop(ends.pop())
        elif signal.SIGHUP in asked and self._coming:
            self._asked.add(signal.SIGHUP)    # one reload at a time
        elif signal.SIGHUP in asked and self._current:
            self._reload()

    def _stop(self, number: signal.Signals) -> None:
        """Turn away who comes, and let everybody finish."""
        if not (self._current or self._coming):
            return
        self._journal.note(Event.STOPPING, signal=number.name)
        self._systemd.tell(STOPPING=1)
        if self._preparing:
            self._preparing.signal(signal.SIGTERM)
        current, coming = self._current, self._coming
        self._current = self._coming = None
        for generation in filter(None, (coming, current)):
            self._retire(generation, self._stop_wait)
        for child, _ in list(self._retiring.values()):    # those of older generations have had their time
            self._retiring[child.pid] = child, self._clock.monotonic() + self._stop_wait
        if coming:
            self._drop_sockets(coming, keep=current)
        if current:
            self._drop_sockets(current, keep=None)

    def _reload(self) -> None:
        """Read the configuration again and begin a new generation with it."""
        self._systemd.reloading()
        try:
            config = self._load()
            if self._current and config.data != self._current.config.data:
                raise SetupError(f"data cannot become {config.data} while the server runs, since we hold {self._current.config.data} "
                                 "for us alone: stop it, then start it")
            self._begin(config)
        except PillarboxError as problem:
            self._refuse(str(problem))

    def _accept(self, ear: socket.socket) -> None:
        """Someone calls the control socket."""
        users = {0, os.geteuid()} | {generation.user.uid for generation in (self._current, self._coming) if generation}
        commands: dict[str, control.Command] = {
            "status": self._tell_status, "events": lambda _asked: {"events": self._events},
            "ring": self._ring, "reload": self._ask(signal.SIGHUP), "stop": self._ask(signal.SIGTERM)}
        caller = control.accept(ear, users, commands)
        if caller:
            def heard() -> None:
                if not caller.hear():
                    self._selector.unregister(caller.conn)
                    caller.conn.close()
            self._selector.register(caller.conn, selectors.EVENT_READ, heard)

    def _ask(self, number: signal.Signals) -> control.Command:
        """A command that does what a signal does."""
        def obey(_asked: Mapping[str, Any]) -> control.Answer:
            self._asked.add(number)
            return {}
        return obey

    def _count(self, record: Record) -> None:
        """See Journal: a sink."""
        self._events[record.event.key] += 1

    def _ring(self, asked: Mapping[str, Any]) -> control.Answer:
        """Ring the doorbell that a caller names."""
        if self._current:
            self._current.doorbells.ring(str(asked["role"]))
        return {}

    def _tell_status(self, _asked: Mapping[str, Any]) -> control.Answer:
        """What runs, for the overview page and `pillarbox status`."""
        now = self._clock.monotonic()
        posts = self._current.posts if self._current else []
        roles: list[dict[str, Any]] = [{
            "role": post.role.name, "number": post.number, "pid": post.child.pid if post.child else None,
            "ready": bool(post.child and post.child.ready), "uptime": now - post.child.started if post.child else 0.0,
            "falls": post.failures, "memory": memory.share(post.child.pid) if post.child else 0} for post in posts]
        own = {"role": "supervisor", "number": 0, "pid": os.getpid(), "ready": True, "uptime": now - self._began,
               "falls": 0, "memory": memory.share(os.getpid())}
        return {"version": VERSION, "generation": self._answering, "ready": bool(self._current and self._current.ready),
                "roles": [own, *roles]}
