"""workers.generation: which posts there are; the forking is seen in tests of the supervisor."""
import os
import resource
from contextlib import closing

import pytest

from mta.base.clock import SetClock
from mta.base.errors import SetupError
from mta.base.events import Journal
from mta.base.names import Domain
from mta.config.model import Acceptor, Config
from workers.child import Child
from workers.generation import Generation
from workers.listening import Listening
from workers.loads import GONE
from workers.privileges import whoever
from workers.process import GROWN_UP, Role

ROLES = (Role("acceptor", "none", ("smtp",), lambda config: config.acceptor.copies), Role("web", "none"))


def make(copies: int, known: Generation | None = None) -> Generation:
    """A generation with that many acceptors."""
    config = Config(hostname=Domain("mx.example.org"), acceptor=Acceptor(copies=copies))
    return Generation.make(1, config, whoever(), Listening({}), ROLES, known.doorbells if known else None)


def test_each_copy_has_a_post_and_a_bell() -> None:
    """Named by role, and by number where it is not the first."""
    generation = make(3)
    with closing(generation.doorbells):
        assert [post.name for post in generation.posts] == ["acceptor", "acceptor-1", "acceptor-2", "web"]
        assert set(generation.doorbells.pairs) == {("acceptor", 0), ("acceptor", 1), ("acceptor", 2), ("web", 0)}
        assert generation.loads["acceptor"].turn(2)


def test_it_is_ready_when_all_posts_answer() -> None:
    """One that is missing or still starting is enough to wait for."""
    generation = make(1)
    with closing(generation.doorbells):
        seen = [generation.ready]
        for pid, post in enumerate(generation.posts):
            post.child = Child(post.name, pid, -1, 0.0, ready=True)
            seen.append(generation.ready)
        assert seen == [False, False, True]
        assert len(list(generation.children())) == 2


def test_bells_pass_from_one_generation_to_the_next() -> None:
    """A ring between the two is heard."""
    old = make(1)
    new = make(2, old)
    with closing(new.doorbells):
        assert new.doorbells.pairs["web", 0] == old.doorbells.pairs["web", 0]


def test_who_falls_is_due_again() -> None:
    """At once after a good life, later after a short one; its place among its like is free."""
    generation = make(2)
    with closing(generation.doorbells):
        post = generation.posts[1]
        generation.loads["acceptor"].set(1, 3)
        assert generation.fell(post, Child(post.name, 12, -1, 100.0, ready=True), 100.0 + GROWN_UP) == 0.0
        assert (post.child, post.failures, post.due) == (None, 0, 100.0 + GROWN_UP)
        assert generation.loads["acceptor"].get(1) == GONE
        pauses = [generation.fell(post, Child(post.name, 12, -1, 100.0), 101.0) for _ in range(3)]
        assert pauses == [0.1, 0.2, 0.4]
        assert (post.failures, post.due) == (3, 101.4)


def test_no_room_for_a_process_is_like_a_fall() -> None:
    """Without a descriptor to be had no process can be made: it is said, and tried again later and later."""
    generation = make(1)
    post, clock, journal = generation.posts[0], SetClock(), Journal("supervisor", SetClock())
    with closing(generation.doorbells):
        limits = resource.getrlimit(resource.RLIMIT_NOFILE)
        dues = []
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (3, limits[1]))
            for _ in range(3):
                with pytest.raises(SetupError, match="no process can be made for acceptor: Too many open files"):
                    generation.fill(post, clock, journal, lambda: None)
                dues.append(post.due - clock.monotonic())
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        assert dues == pytest.approx([0.1, 0.2, 0.4])
        assert (post.child, post.failures) == (None, 3)


def test_the_status_names_every_post() -> None:
    """Also one that nobody fills."""
    generation = make(1)
    with closing(generation.doorbells):
        generation.posts[0].child = Child("acceptor", os.getpid(), -1, 2.0, ready=True)
        acceptor, web = generation.status(5.0)
        assert (acceptor["role"], acceptor["pid"], acceptor["ready"], acceptor["uptime"]) == ("acceptor", os.getpid(), True, 3.0)
        assert acceptor["memory"] > 0
        assert (web["role"], web["pid"], web["ready"], web["uptime"], web["memory"]) == ("web", None, False, 0.0, 0)
