"""Roles and the supervisor are killed under load; every acknowledged message is there exactly once.

A few kills by default; the long run by hand: CRASH_ROUNDS=300 pytest tests/crash (about half an hour).
"""
import base64
import contextlib
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from mta.base.clock import SystemClock
from mta.store.database import Store
from mta.store.verify import problems
from tests.crash.load import Clients, Ledger
from tests.serving import Server
from workers.process import GROWN_UP

#: How many processes each test kills.
ROUNDS = int(os.environ.get("CRASH_ROUNDS", "6"))
SEED = int(os.environ.get("CRASH_SEED", "1"))
#: A process that died young so often in a row is spared until it has grown up: its pauses would outlast the test.
SPARED = 5

pytestmark = pytest.mark.timeout(120 + 10 * ROUNDS)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A running server."""
    server = Server(tmp_path / "server").start()
    yield server
    if server.process is not None and server.process.poll() is None:
        server.stop()


def stored(server: Server) -> Counter[str]:
    """How often each token is in the demo account; each of them whole."""
    store = Store.open(server.folder / "data", SystemClock())
    try:
        assert problems(store) == []
        rows = store.read(lambda db: list(db.execute(
            "SELECT d.subject, b.name FROM message m JOIN message_detail d ON d.message_id = m.id JOIN body b ON b.id = m.body_id")))
        for subject, name in rows:
            if subject.startswith("token"):
                assert store.bodies.read(name).rstrip().endswith(f"end of {subject}".encode()), f"{subject} is not whole"
    finally:
        store.close()
    return Counter(subject for subject, _ in rows if subject.startswith("token"))


def settle(server: Server, ledger: Ledger) -> None:
    """Check what is stored against what the clients know."""
    counts = stored(server)

    assert ledger.acknowledged, "nothing was acknowledged: the test proved nothing"
    lost = [token for token in ledger.acknowledged if counts[token] != 1]
    assert not lost, f"acknowledged and not there exactly once: {[(token, counts[token]) for token in lost[:10]]}"
    assert max(counts.values()) == 1, "a message is there twice"
    assert not set(counts) & ledger.refused, "a refused message was stored"


def kill_at_random(server: Server, roles: tuple[str, ...], kills: int, chance: random.Random) -> None:
    """Kill so many processes of roles, one after another, at moments that nobody chose."""
    while kills:
        time.sleep(chance.uniform(0.02, 0.5))
        fit = [line["pid"] for line in server.status()
               if line["role"] in roles and line["pid"] and (line["falls"] < SPARED or line["uptime"] > GROWN_UP)]
        if fit:
            with contextlib.suppress(ProcessLookupError):
                os.kill(chance.choice(fit), signal.SIGKILL)
                kills -= 1
    deadline = time.monotonic() + 30
    while not all(line["ready"] for line in server.status()):
        assert time.monotonic() < deadline, server.status()
        time.sleep(0.05)


@pytest.mark.parametrize("roles", [("acceptor",), ("acceptor", "delivery", "resolver", "reporter", "web")], ids=["acceptors", "anyone"])
def test_killed_roles_lose_nothing(server: Server, roles: tuple[str, ...]) -> None:
    """A SIGKILL at any moment costs at most an unanswered message, which the sender still has."""
    with Clients("127.0.0.1", server.smtp, 8, SEED) as clients:
        kill_at_random(server, roles, ROUNDS, random.Random(SEED))
        clients.until_acknowledged(1)
    server.stop()

    settle(server, clients.ledger)


def test_a_killed_supervisor_loses_nothing(server: Server) -> None:
    """The whole tree dies with it, a new one takes over the folder as it is."""
    chance = random.Random(SEED)
    known = Ledger()
    for round_number in range(max(2, ROUNDS // 3)):
        with Clients("127.0.0.1", server.smtp, 8, SEED + 1_000 * round_number, first=10_000 * round_number + 1) as clients:
            clients.until_acknowledged(1)
            time.sleep(chance.uniform(0.2, 0.8))
            server.kill()
        known.acknowledged |= clients.ledger.acknowledged
        known.refused |= clients.ledger.refused
        server.start()
    server.stop()

    settle(server, known)


def test_killed_deliveries_are_resumed(server: Server) -> None:
    """What our user handed in goes its way although delivery dies on it; a successor goes on with what was claimed."""
    login = base64.b64encode(b"\0demo@localhost\0pillarbox").decode()
    with Clients("127.0.0.1", server.submission, 6, SEED, recipient="friend@elsewhere.example", login=login) as clients:
        kill_at_random(server, ("delivery",), ROUNDS, random.Random(SEED))
        clients.until_acknowledged(1)
    deadline = time.monotonic() + 60
    while server.json("queue", "list"):
        assert time.monotonic() < deadline, server.json("queue", "list")[:3]
        time.sleep(0.2)
    server.stop()

    settle(server, clients.ledger)
