"""mta.net.resolver: the resolver process's socket, both ends."""
import asyncio
import dataclasses
import socket
from pathlib import Path

from mta.base.limits import LIMITS
from mta.base.names import Domain
from mta.dns.answer import Answer, Outcome, RecordType
from mta.dns.zone import Zone
from mta.net.resolver import Answering, SocketResolver

ZONE = "example.org MX 10 mx.example.org\nexample.org SECURE"
NAME = Domain("example.org")


def listening(path: Path) -> socket.socket:
    """A Unix socket as the supervisor hands it to the role."""
    made = socket.socket(socket.AF_UNIX)
    made.bind(str(path))
    made.listen()
    made.setblocking(False)
    return made


class Slow:
    """A resolver that waits to be told."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.begun = asyncio.Event()

    async def ask(self, name: Domain, kind: RecordType) -> Answer:
        self.begun.set()
        await self.go.wait()
        return await Zone(ZONE).ask(name, kind)


async def test_many_questions_over_one_connection(tmp_path: Path) -> None:
    """Answers find their questions, with records and authenticity."""
    server = await Answering(Zone(ZONE)).listen(listening(tmp_path / "dns"))
    resolver = SocketResolver(tmp_path / "dns")
    kinds = [RecordType.MX, RecordType.A] * 100
    answers = await asyncio.gather(*(resolver.ask(NAME, kind) for kind in kinds))

    assert [answer.outcome for answer in answers] == [Outcome.FOUND, Outcome.EMPTY] * 100
    assert all(answer.authentic for answer in answers)
    await resolver.close()
    server.close()


async def test_a_restart_costs_a_retry(tmp_path: Path) -> None:
    """Questions in flight when the process dies are asked again of its successor."""
    path = tmp_path / "dns"
    slow = Slow()
    first = Answering(slow)
    held = listening(path)
    server = await first.listen(held.dup())
    resolver = SocketResolver(path)
    asking = asyncio.ensure_future(resolver.ask(NAME, RecordType.MX))
    await slow.begun.wait()
    server.close()
    assert resolver._link is not None
    resolver._link.hang_up()    # what the kernel does when the process is gone
    second = await Answering(Zone(ZONE)).listen(held)
    answer = await asking

    assert answer.found
    slow.go.set()
    await first.drain()
    await resolver.close()
    second.close()


async def test_without_a_process_the_outcome_is_trouble(tmp_path: Path) -> None:
    """Nobody waits longer than the limit, and nothing is raised."""
    resolver = SocketResolver(tmp_path / "dns", dataclasses.replace(LIMITS, dns_wait=0.01))
    answer = await resolver.ask(NAME, RecordType.MX)

    assert answer.outcome is Outcome.TROUBLE
    await resolver.close()


async def test_who_is_not_patient_hears_at_once_that_nobody_listens(tmp_path: Path) -> None:
    """All of what was asked; and asking again looks again."""
    path = tmp_path / "dns"
    resolver = SocketResolver(path, patient=False)
    for _ in range(2):
        async with asyncio.timeout(LIMITS.dns_wait / 2):
            answers = await asyncio.gather(*(resolver.ask(NAME, kind) for kind in (RecordType.MX, RecordType.A)))
        assert [(answer.outcome, "does not run" in answer.error) for answer in answers] == 2 * [(Outcome.TROUBLE, True)]
    server = await Answering(Zone(ZONE)).listen(listening(path))
    assert (await resolver.ask(NAME, RecordType.MX)).outcome is Outcome.FOUND
    await resolver.close()
    server.close()


async def test_questions_in_flight_are_bounded(tmp_path: Path) -> None:
    """A flood of questions is answered with trouble, not with memory."""
    slow = Slow()
    answering = Answering(slow)
    server = await answering.listen(listening(tmp_path / "dns"))
    resolver = SocketResolver(tmp_path / "dns", dataclasses.replace(LIMITS, dns_in_flight=2))
    asking = [asyncio.ensure_future(resolver.ask(NAME, RecordType.MX)) for _ in range(3)]
    done, _ = await asyncio.wait(asking, return_when=asyncio.FIRST_COMPLETED)

    assert [task.result().outcome for task in done] == [Outcome.TROUBLE]
    slow.go.set()
    answers = await asyncio.gather(*asking)
    assert sorted(answer.outcome.name for answer in answers) == ["FOUND", "FOUND", "TROUBLE"]
    await resolver.close()
    server.close()


async def test_a_client_that_speaks_nonsense_is_cut(tmp_path: Path) -> None:
    """A frame that is no question ends that connection and no other."""
    server = await Answering(Zone(ZONE)).listen(listening(tmp_path / "dns"))
    reader, writer = await asyncio.open_unix_connection(str(tmp_path / "dns"))
    writer.write(b"\0\0\0\1\xff")

    assert await reader.read() == b""
    writer.close()
    server.close()
