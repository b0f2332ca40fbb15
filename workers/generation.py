"""One generation: the processes that were forked for one reading of the configuration."""
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from mta.base.clock import Clock
from mta.base.events import Journal
from mta.config.model import Config
from workers import memory
from workers.child import Child, fork
from workers.doorbells import Doorbells
from workers.listening import Listening
from workers.loads import Loads
from workers.place import Place, Stop
from workers.privileges import Identity
from workers.process import Role, restart_after


@dataclass(slots=True)
class Post:
    """One copy of a role, whether a process fills it now or not; due is when to fork one (monotonic seconds)."""

    role: Role
    number: int
    child: Child | None = None
    failures: int = 0
    due: float = math.inf

    @property
    def name(self) -> str:
        """Role, and number where it is not the first."""
        return f"{self.role.name}-{self.number}" if self.number else self.role.name


@dataclass(slots=True)
class Generation:
    """Configuration, sockets, bells and posts that belong together."""

    number: int
    config: Config
    user: Identity
    listening: Listening
    doorbells: Doorbells
    posts: list[Post]
    loads: dict[str, Loads] = field(default_factory=dict)

    @classmethod
    def make(cls, number: int, config: Config, user: Identity, listening: Listening, roles: Sequence[Role],
             known: Doorbells | None) -> "Generation":
        """The generation of config, with no process yet; bells that are known are kept."""
        copies = {role: role.copies(config) for role in roles}
        posts = [Post(role, copy) for role, many in copies.items() for copy in range(many)]
        _ = config.limits    # made here, all processes share them
        doorbells = Doorbells.make([(post.role.name, post.number) for post in posts], known)
        return cls(number, config, user, listening, doorbells, posts, {role.name: Loads(many) for role, many in copies.items()})

    @property
    def ready(self) -> bool:
        """Whether every post has a process that answers."""
        return all(post.child is not None and post.child.ready for post in self.posts)

    def children(self) -> Iterator[Child]:
        """The processes there are."""
        return (post.child for post in self.posts if post.child is not None)

    def fell(self, post: Post, child: Child, now: float) -> float:
        """child, which filled post, ended; it is due again after so many seconds."""
        pause = restart_after(now - child.started, child.ready, post.failures)
        post.child, post.failures, post.due = None, post.failures + 1 if pause else 0, now + pause
        self.loads[post.role.name].gone(post.number)
        return pause

    def close(self, keep: "Generation | None") -> None:
        """Close what is ours alone; keep is the generation that goes on."""
        self.listening.close(list(keep.listening.sockets.values()) if keep else [])
        for loads in self.loads.values():
            loads.close()

    def status(self, now: float) -> list[dict[str, Any]]:
        """Each post and the process that fills it, for the overview page and `pillarbox status`."""
        return [{
            "role": post.role.name, "number": post.number, "pid": post.child.pid if post.child else None,
            "ready": bool(post.child and post.child.ready), "uptime": now - post.child.started if post.child else 0.0,
            "falls": post.failures, "memory": memory.share(post.child.pid) if post.child else 0} for post in self.posts]

    def fill(self, post: Post, clock: Clock, journal: Journal, let_go: Callable[[], None]) -> Child:
        """Fork a process for post; let_go closes what it must not have.

        SetupError if the system has no room for one: it is due again after a pause, as if it had fallen.
        """
        def work(tell_ready: Callable[[], None]) -> None:
            stop = Stop()
            stop.on_signal()
            import_module(post.role.module).serve(Place(
                self.config, post.role.name, post.number, self.listening.of(*post.role.sockets),
                self.doorbells.of(post.role.name, post.number), self.loads[post.role.name], stop, clock, own, tell_ready))
        # Also for what ends the process: its counters hear of it (workers.worlds.counting).
        own = Journal(post.name, clock, level=self.config.log_level)
        now = clock.monotonic()
        post.due = now + restart_after(0.0, False, post.failures)
        post.failures += 1
        post.child = fork(post.name, self.user, now, let_go, own, work)
        post.failures -= 1
        post.due = math.inf
        return post.child
