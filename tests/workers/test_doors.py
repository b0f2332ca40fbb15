"""workers.doors: connections are shared out evenly."""
import asyncio
import contextlib
import socket
from collections.abc import Iterator

import pytest

from workers.doors import Door, Turns
from workers.loads import Loads


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    """A listening socket as the supervisor makes it."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        sock.setblocking(False)
        yield sock


class Copy:
    """One acceptor that keeps what it gets."""

    def __init__(self, loads: Loads, number: int, listening: socket.socket) -> None:
        self.held: list[socket.socket] = []
        self.listening = listening.dup()    # one loop watches a descriptor once; the socket is the same
        self.turns = Turns(loads, number, lambda: len(self.held))
        self.door = Door(self.listening, self.turns, self.welcome)

    async def welcome(self, conn: socket.socket) -> None:
        """Keep it, and say hello."""
        self.held.append(conn)
        conn.send(b"!")

    def close(self) -> None:
        """Close all."""
        self.door.close()
        self.listening.close()
        for conn in self.held:
            conn.close()


async def greeted(address: tuple[str, int]) -> socket.socket:
    """A client that was welcomed."""
    loop = asyncio.get_running_loop()
    client = socket.socket()
    client.setblocking(False)
    await loop.sock_connect(client, address)
    assert await loop.sock_recv(client, 1) == b"!"
    return client


async def test_copies_end_up_evenly_loaded(listening: socket.socket) -> None:
    """Two copies that listen on one socket get half each, within one."""
    loads = Loads(2)
    with contextlib.closing(Copy(loads, 0, listening)) as one, contextlib.closing(Copy(loads, 1, listening)) as two:
        clients = [await greeted(listening.getsockname()) for _ in range(20)]

        assert abs(len(one.held) - len(two.held)) <= 1
        assert len(one.held) + len(two.held) == 20
    for client in clients:
        client.close()


async def test_a_copy_that_takes_nobody_holds_up_nobody(listening: socket.socket) -> None:
    """One that says it is empty but does not accept costs the others a blink."""
    loads = Loads(2)
    loads.set(1, 0)
    with contextlib.closing(Copy(loads, 0, listening)) as one:
        clients = [await asyncio.wait_for(greeted(listening.getsockname()), 5) for _ in range(3)]

        assert len(one.held) == 3
    for client in clients:
        client.close()


async def test_a_closed_door_leaves_them_in_the_queue(listening: socket.socket) -> None:
    """Whoever comes between two generations is greeted by the next."""
    old = Copy(Loads(1), 0, listening)
    old.close()
    waiting = asyncio.ensure_future(greeted(listening.getsockname()))
    await asyncio.sleep(0)
    assert not waiting.done()

    with contextlib.closing(Copy(Loads(1), 0, listening)):
        (await asyncio.wait_for(waiting, 5)).close()
    assert not old.held
