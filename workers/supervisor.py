"""The supervisor: binds ports, forks one process per post, and restarts what falls.

It knows no mail.  Started as root it stays root, so it reads nothing that strangers wrote
and never writes into the data directory.  One thread, one poll; no event loop and no
database exists here, or a fork would copy it.

A reload replaces the program, then makes a new generation of processes beside the old one.
What lies on disk now is tried in a child (rehearsal.py); if it is good, we start anew in
the same process and take over all that we had (handover.py): bind what is new, prepare
the data, fork; when all of the new ones answer, the old ones are told to finish.  If
anything of that fails, the old generation simply stays.

Read on: process.py has the table of roles, generation.py and child.py the forking,
listening.py the ports, preparing.py what runs before any role.
"""
import functools
import math
import os
import selectors
import signal
import socket
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mta import VERSION
from mta.base.clock import Clock
from mta.base.errors import PillarboxError, SetupError, origin
from mta.base.events import Event, Journal, Record, Sink
from mta.config.model import Config
from workers import certifying, control, handover, memory, preparing, rehearsal
from workers.child import EX_CONFIG, Child, fork
from workers.generation import Generation, Post
from workers.listening import listen
from workers.place import STOP_WAIT
from workers.privileges import raise_open_files, service_user
from workers.process import CERTIFICATES, ROLES, Role, import_roles
from workers.sdnotify import Systemd
from workers.signals import Signals, drain

#: Seconds a process may take to get ready, and one of an old generation to finish its connections.
START_WAIT, RETIRE_WAIT = 60.0, 120.0
#: So often in a row a process may fall before it was ever ready; a first start then ends.
START_TRIES = 4
#: Seconds between two looks at the operator's certificate, and for a helper to do its work.
LOOK_WAIT, HELPER_WAIT = 60.0, 1_800.0


class Supervisor:
    """A running server."""

    def __init__(self, load: Callable[[], Config], clock: Clock, announce: Callable[[str], None], *,
                 roles: Sequence[Role] = ROLES, prepare: preparing.Preparation = preparing.prepare,
                 certify: certifying.Certify = certifying.certify, stop_wait: float = STOP_WAIT, look_wait: float = LOOK_WAIT) -> None:
        """load reads the configuration, now and at each reload; announce tells a person; the rest is for tests."""
        self._load, self._clock, self._announce, self._roles, self._prepare = load, clock, announce, roles, prepare
        self._certify, self._stop_wait, self._look_wait = certify, stop_wait, look_wait
        self._command = handover.command_line()
        self._systemd = Systemd(clock)
        self._signals = Signals()
        self._began = clock.monotonic()
        self._current: Generation | None = None                # what serves
        self._coming: Generation | None = None                 # what will, once it is ready
        self._rehearsing: Child | None = None                  # the program that may take our place
        self._preparing: Child | None = None
        self._retiring: dict[int, tuple[Child, float]] = {}    # by pid: told to finish, and when our patience ends
        self._helpers: dict[str, Child] = {}                   # by name: those that do something once
        self._certify_due = False
        self._look_due = math.inf                              # at the operator's certificate
        self._signs: tuple[tuple[int, int, int], ...] = ()
        self._made = 0
        self._answering = 0                                    # the newest generation that was ready altogether
        self._reload_due = False
        self._refused = ""                                     # why the last reload was
        self._failure = ""
        # Counted here, told when asked: root writes no file in a folder of the service user (mta.base.metrics).
        self._events: Counter[str] = Counter()
        self._selector = selectors.DefaultSelector()
        self._callers = control.Callers(
            self._selector, lambda: {0, os.geteuid(), *(generation.user.uid for generation in self._generations())}, {
                "status": self._tell_status, "events": lambda _asked: {"events": self._events},
                "ring": self._ring, "certify": self._ask_to_certify, "reload": self._ask(signal.SIGHUP), "stop": self._ask(signal.SIGTERM)})

    def run(self) -> None:
        """Serve until told to stop.  SetupError if it cannot begin, or a role cannot at the first start."""
        how, estate = handover.received() or ("", None)
        if estate and how == "rehearse":
            rehearsal.perform(estate, self._load, self._roles, self._prepare, self._clock)
            return
        config = estate.serving.config if estate else self._load()
        self._journal = self._journal_of("supervisor", config, self._count)
        user = estate.serving.user if estate else service_user(config.user)
        if not estate:
            preparing.make_directories(config, user)
        raise_open_files()
        with preparing.locked(config, user, self._clock, estate.lock if estate else None) as self._lock, self._selector, \
                self._signals.hearing() as heard:
            self._selector.register(heard, selectors.EVENT_READ, functools.partial(drain, heard))
            if estate:
                self._take_over(estate)
            else:
                self._begin(config)
                import_roles(self._roles)    # while the data is being prepared
            while self._current or self._changing or self._retiring or self._helpers:
                self._wait()
                self._reap()
                self._obey()
                self._advance()
        if self._failure:
            raise SetupError(self._failure)

    # --- generations ------------------------------------------------------------------------

    def _begin(self, config: Config) -> None:
        """Make a new generation and prepare its data.  SetupError if that cannot be."""
        user = service_user(config.user)
        preparing.make_directories(config, user)
        self._signs = preparing.certificate_signs(config)
        self._look_due = self._clock.monotonic() + self._look_wait if self._signs else math.inf
        certificate = preparing.read_certificate(config)
        old = self._current
        listening = listen(config, user, old.listening.sockets if old else {})
        self._made += 1
        self._coming = Generation.make(self._made, config, user, listening, self._roles, old.doorbells if old else None)
        self._callers.listen(listening.of("control")["control"])
        journal = self._journal_of("prepare", config)
        self._preparing = self._watched(fork("prepare", user, self._clock.monotonic(), self._let_go, journal,
                                             lambda tell_ready: self._prepare(config, certificate, self._clock, journal, old is None)))

    def _settle(self) -> None:
        """See how far the generations have come, after a process became ready or ended."""
        coming = self._coming
        if coming and not self._preparing and all(
                post.child and post.child.ready for post in coming.posts if not (post.role.alone and self._current)):
            old, self._current, self._coming = self._current, coming, None
            self._journal = self._journal_of("supervisor", coming.config, self._count)
            if old:
                self._retire(old, RETIRE_WAIT, keep=coming)
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
                self._journal.note(Event.RELOADED, generation=current.number, version=VERSION)

    def _refuse(self, reason: str) -> None:
        """The coming generation cannot be: the old one stays, or there is none and we end."""
        coming, self._coming = self._coming, None
        if coming:
            self._retire(coming, self._stop_wait, keep=self._current)
        if self._current:
            self._refused = reason
            self._journal.note(Event.RELOAD_REFUSED, reason=reason)
            self._systemd.tell(READY=1, STATUS="the reload was refused")
        else:
            self._failure = self._failure or reason

    def _retire(self, generation: Generation, patience: float, keep: Generation | None) -> None:
        """Tell all processes of generation to finish within patience seconds, and close its sockets that keep does not use."""
        for child in generation.children():
            self._retiring[child.pid] = child, self._clock.monotonic() + patience
            child.signal(signal.SIGTERM)
        kept = keep.listening.sockets.values() if keep else ()
        self._callers.forget(ear for ear in generation.listening.of("control")["control"] if ear not in kept)
        generation.close(keep)

    @property
    def _changing(self) -> bool:
        """Whether a new generation is on its way."""
        return bool(self._rehearsing or self._preparing or self._coming)

    def _generations(self) -> list[Generation]:
        """Those that serve or will."""
        return [generation for generation in (self._current, self._coming) if generation]

    # --- processes ----------------------------------------------------------------------------

    def _advance(self) -> None:
        """Do what is due: fork, lose patience, give a sign of life."""
        now = self._clock.monotonic()
        for generation in self._generations():
            for post in generation.posts:
                if post.due <= now and generation in self._generations():    # it may be refused on the way
                    self._fill(generation, post)
        for child in self._starting():
            if now >= child.started + START_WAIT:
                child.said = child.said or f"did not get ready within {START_WAIT:.0f} seconds".encode()
                child.signal(signal.SIGKILL)
        for child, patience in self._retiring.values():
            if patience <= now:
                child.signal(signal.SIGKILL)
        for child in self._helpers.values():
            if now >= child.started + HELPER_WAIT:
                child.signal(signal.SIGKILL)
        if self._current and not self._changing:
            self._help(self._current, now)
        self._systemd.sign()

    def _fill(self, generation: Generation, post: Post) -> None:
        """Fork for post; where the system has no room for a process, those that run go on, and it is tried again."""
        let_go = functools.partial(self._let_go, generation, post.role.sockets)
        try:
            child = self._watched(generation.fill(post, self._clock, self._journal, let_go))
        except SetupError as problem:
            self._journal.note(Event.ROLE_CANNOT_START, process=post.name, reason=str(problem))
            if generation is self._coming and post.failures >= START_TRIES:
                self._refuse(str(problem))
        else:
            self._journal.note(Event.ROLE_STARTED, process=post.name, pid=child.pid)

    def _help(self, current: Generation, now: float) -> None:
        """Fork who is needed once: who asks an authority for certificates, who puts the operator's in place."""
        if self._certify_due and CERTIFICATES not in self._helpers:
            self._certify_due = False
            journal = self._journal_of(CERTIFICATES, current.config)
            self._fork_helper(CERTIFICATES, current, journal, lambda: self._certify(
                current.config, self._clock, journal, current.doorbells.ring))
        if self._look_due <= now:
            self._look_due = now + self._look_wait
            before, self._signs = self._signs, preparing.certificate_signs(current.config)
            if before != self._signs:
                self._copy_certificate(current)

    def _copy_certificate(self, current: Generation) -> None:
        """Let the operator's certificate, which has changed, be put where the roles find it: read by us, written by the service user."""
        try:
            certificate = preparing.read_certificate(current.config)
        except SetupError as problem:
            self._journal.note(Event.CERTIFICATE_UNFIT, problem=str(problem))
            return
        self._fork_helper("copy", current, self._journal,
                          lambda: preparing.install_certificate(current.config, certificate, self._clock))

    def _fork_helper(self, name: str, current: Generation, journal: Journal, work: Callable[[], object]) -> None:
        """Let a child do work as the service user, and end."""
        def do(_tell_ready: Callable[[], None]) -> None:
            work()
        try:
            child = fork(name, current.user, self._clock.monotonic(), self._let_go, journal, do)
        except SetupError as problem:
            self._journal.note(Event.CERTIFICATE_UNFIT, problem=str(problem))
        else:
            self._helpers[name] = self._watched(child)

    def _wait(self) -> None:
        """Sleep until something is due or happens, and hear it."""
        due = [self._systemd.due, *(patience for _, patience in self._retiring.values())]
        due += [post.due for generation in self._generations() for post in generation.posts]
        due += [child.started + START_WAIT for child in self._starting()]
        due += [child.started + HELPER_WAIT for child in self._helpers.values()]
        if self._current and not self._changing:
            due.append(self._look_due)
        waits = min(due) - self._clock.monotonic()
        for key, _ in self._selector.select(None if waits == math.inf else max(0.0, waits)):
            key.data()

    def _starting(self) -> list[Child]:
        """Processes that should get ready."""
        children = [self._rehearsing, *(child for generation in self._generations() for child in generation.children())]
        return [child for child in children if child and not child.ready]

    def _watched(self, child: Child) -> Child:
        """child, its reports from now on heard."""
        self._selector.register(child.report, selectors.EVENT_READ, functools.partial(self._hear, child))
        return child

    def _hear(self, child: Child) -> None:
        """Hear what a process reports."""
        was_ready = child.ready
        if not child.hear():
            self._selector.unregister(child.report)
        if child.ready and not was_ready and child is not self._rehearsing:
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
        children = [self._rehearsing, self._preparing, *(child for child, _ in self._retiring.values()), *self._helpers.values()]
        children += [child for generation in self._generations() for child in generation.children()]
        for child in filter(None, children):
            if (status := child.ended()) is not None:
                self._hear_out(child)
                self._ended(child, status)
                self._settle()

    def _ended(self, child: Child, status: int) -> None:
        """A process ended: as it was told, or it fell."""
        if child is self._rehearsing:
            self._rehearsing = None
            if status == 0 and child.ready:
                self._replace()
            elif self._current:
                self._refuse(rehearsal.last_words(child, status))
        elif child is self._preparing:
            self._preparing = None
            if status == 0 and self._coming:
                for post in self._coming.posts:
                    if not (post.role.alone and self._current):
                        post.due = self._clock.monotonic()
            elif self._coming:
                self._refuse(child.reason or f"preparing the data ended with status {status}")
        elif self._helpers.get(child.name) is child:
            del self._helpers[child.name]
            if status not in (0, -signal.SIGTERM):
                self._journal.note(Event.CERTIFICATE_UNFIT, problem=child.reason or f"process {child.name} ended with status {status}")
        elif self._retiring.pop(child.pid, None):
            self._journal.note(Event.ROLE_ENDED, process=child.name, status=status)
        else:
            for generation in self._generations():
                for post in generation.posts:
                    if post.child is child:
                        self._fell(generation, post, child, status)

    def _fell(self, generation: Generation, post: Post, child: Child, status: int) -> None:
        """A process ended that should not have: fork it again, at once if it had lived well."""
        pause = generation.fell(post, child, self._clock.monotonic())
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
        for other in self._generations():
            other.listening.close(kept)

    # --- being told -----------------------------------------------------------------------------

    def _obey(self) -> None:
        """Do what signals and callers asked for."""
        asked = self._signals.take()
        ends = asked & {signal.SIGTERM, signal.SIGINT}
        self._reload_due = self._reload_due or signal.SIGHUP in asked
        if ends:
            self._stop(ends.pop())
        elif self._reload_due and self._current and not self._changing:    # one at a time
            for child in self._helpers.values():    # the next program would not know them; what they do goes on later
                child.signal(signal.SIGTERM)
            if not self._helpers:
                self._reload()

    def _stop(self, number: signal.Signals) -> None:
        """Turn away who comes, and let everybody finish."""
        if not (self._current or self._coming):
            return
        self._journal.note(Event.STOPPING, signal=number.name)
        self._systemd.tell(STOPPING=1)
        for child in filter(None, (self._preparing, self._rehearsing, *self._helpers.values())):
            child.signal(signal.SIGTERM)
        current, coming = self._current, self._coming
        self._current = self._coming = None
        for generation, keep in ((coming, current), (current, None)):
            if generation:
                self._retire(generation, self._stop_wait, keep)
        for child, _ in list(self._retiring.values()):    # those of older generations have had their time
            self._retiring[child.pid] = child, self._clock.monotonic() + self._stop_wait

    def _reload(self) -> None:
        """Try the program and the configuration that lie on disk now."""
        self._reload_due, self._refused = False, ""
        self._systemd.reloading()
        try:
            self._rehearsing = self._watched(rehearsal.start(self._estate(), self._command, self._clock.monotonic()))
        except SetupError as problem:
            self._refuse(str(problem))

    def _replace(self) -> None:
        """Let the program that rehearsed well take our place; unless we are to end."""
        if not self._current or self._signals.hold_back() & {signal.SIGTERM, signal.SIGINT}:
            self._signals.let_come()
            return
        self._journal.note(Event.REPLACED)
        self._systemd.tell(WATCHDOG=1)    # for some seconds nobody will
        try:
            handover.replace(self._estate(), self._command)
        except SetupError as problem:
            self._signals.let_come()
            self._refuse(str(problem))

    def _estate(self) -> handover.Estate:
        """All we have and know, for the program that takes our place."""
        assert self._current
        return handover.Estate(
            os.getpid(), self._lock, self._began, self._made, self._answering, self._reload_due, self._signals.waiting, self._events,
            tuple(self._callers.held()), tuple(self._retiring.values()), handover.Standing.of(self._current))

    def _take_over(self, estate: handover.Estate) -> None:
        """Go on where the program before us left off, which had been told to reload."""
        self._systemd.sign()
        self._began, self._made, self._answering = estate.began, estate.generations, estate.answering
        self._reload_due = estate.reload_due
        self._events.update(estate.events)
        self._current = estate.serving.generation()
        self._retiring = {child.pid: (child, patience) for child, patience in estate.retiring}
        for child in (*self._current.children(), *(child for child, _ in self._retiring.values())):
            self._watched(child)
        self._callers.listen(self._current.listening.of("control")["control"])
        for descriptor, heard in estate.callers:
            self._callers.welcome(socket.socket(fileno=descriptor), heard)
        for number in estate.asked:
            self._signals.ask(number)
        try:
            self._begin(self._load())
            import_roles(self._roles)    # while the data is being prepared
        except PillarboxError as problem:
            self._refuse(str(problem))
        except Exception as problem:    # the program changed once more since it rehearsed; those who serve go on
            self._refuse(f"{origin(problem)}: {type(problem).__name__}: {problem}")
        self._reap()
        self._settle()

    def _ask(self, number: signal.Signals) -> control.Command:
        """A command that does what a signal does."""
        def obey(_asked: Mapping[str, Any]) -> control.Answer:
            self._signals.ask(number)
            return {}
        return obey

    def _journal_of(self, role: str, config: Config, *sinks: Sink) -> Journal:
        """Where role notes what happens, as config wants it."""
        return Journal(role, self._clock, level=config.log_level, sinks=sinks)

    def _count(self, record: Record) -> None:
        """See Journal: a sink."""
        self._events[record.event.key] += 1

    def _ring(self, asked: Mapping[str, Any]) -> control.Answer:
        """Ring the doorbell that a caller names."""
        if self._current:
            self._current.doorbells.ring(str(asked["role"]))
        return {}

    def _ask_to_certify(self, _asked: Mapping[str, Any]) -> control.Answer:
        """Let somebody see to the certificates."""
        self._certify_due = bool(self._current or self._coming)    # the first role may ask before the others are ready
        return {}

    def _tell_status(self, _asked: Mapping[str, Any]) -> control.Answer:
        """What runs, for the overview page and `pillarbox status`."""
        now = self._clock.monotonic()
        own = {"role": "supervisor", "number": 0, "pid": os.getpid(), "ready": True, "uptime": now - self._began,
               "falls": 0, "memory": memory.share(os.getpid())}
        current, changing = self._current, self._changing or self._reload_due or signal.SIGHUP in self._signals.waiting
        return {"version": VERSION, "generation": self._answering, "ready": bool(current and current.ready),
                "reloading": changing or bool(current and current.number > self._answering), "refused": self._refused,
                "certifying": self._certify_due or CERTIFICATES in self._helpers,
                "roles": [own, *(current.status(now) if current else ())]}
