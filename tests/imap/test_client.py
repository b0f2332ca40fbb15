"""mta.imap.client: the conversation, and servers that do not keep to it."""
import asyncio
import ssl
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import TypeVar

import pytest

from mta.base.limits import LIMITS
from mta.imap.answer import Lost
from mta.imap.client import Client, Refused, uid_set
from mta.smtp.wire import Secured

T = TypeVar("T")


class Wire:
    """A server that answers by a list: for each line of ours the octets that come then; the first is the greeting."""

    def __init__(self, *answers: bytes, step: int = 10_000) -> None:
        self._answers, self._step = list(answers), step
        self._waiting = self._answers.pop(0) if answers else b""
        self.lines: list[str] = []

    @property
    def pending(self) -> int:
        """What waits."""
        return len(self._waiting)

    async def read(self) -> bytes:
        """A piece; the end if there is nothing more."""
        piece, self._waiting = self._waiting[:self._step], self._waiting[self._step:]
        return piece

    def write(self, data: bytes) -> None:
        """Ours."""
        self.lines += data.decode().splitlines()
        tag = data.split(b" ")[0]
        self._waiting += (self._answers.pop(0) if self._answers else b"").replace(b"TAG", tag)

    async def drain(self) -> None:
        """At once."""

    async def start_tls(self, context: ssl.SSLContext, server_name: str) -> Secured:
        """Nothing."""
        return Secured("TLSv1.3", "", True)

    def bindings(self) -> dict[str, bytes]:
        """None."""
        return {}

    def close(self) -> None:
        """Nothing."""


class Sink:
    """Keeps what comes."""

    def __init__(self) -> None:
        self.octets, self.abandoned = b"", False

    def write(self, chunk: bytes) -> None:
        """Add."""
        self.octets += chunk

    def abandon(self) -> None:
        """Note it."""
        self.abandoned = True


GREETING = b"* OK hello\r\n"
CAPABLE = b"* CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR SPECIAL-USE LIST-EXTENDED\r\nTAG OK done\r\n"


def talk(work: Callable[[Client], Coroutine[None, None, T]], *answers: bytes, step: int = 10_000, **limits: float) -> tuple[T, Wire]:
    """What work comes to after greeting and capabilities, and what was said."""
    wire = Wire(GREETING, CAPABLE, *answers, step=step)

    async def run() -> T:
        client = Client(wire, replace(LIMITS, **limits))    # type: ignore[arg-type]  # tests choose well
        await client.greet()
        return await work(client)

    return asyncio.run(run()), wire


@pytest.mark.parametrize("step", [1, 7, 10_000])
def test_messages_are_streamed(step: int) -> None:
    """However the octets come: facts, and the message in a sink of its own."""
    sinks: list[Sink] = []

    def sink(size: int) -> Sink:
        sinks.append(Sink())
        return sinks[-1]

    async def work(client: Client) -> list[tuple[int, bytes, int]]:
        return [(one.uid, one.sink.octets, one.size) async for one in client.fetch("1:3", "UID BODY.PEEK[]", sink)
                if isinstance(one.sink, Sink)]

    found, wire = talk(work, b"* 1 FETCH (UID 5 BODY[] {6}\r\na\r\n)\r\n FLAGS (\\Seen))\r\n* 7 EXISTS\r\n* 2 FETCH (FLAGS (\\Seen))\r\n"
                             b'* 3 FETCH (BODY[] "" UID 6)\r\nTAG OK done\r\n', step=step)

    assert found == [(5, b"a\r\n)\r\n", 6), (6, b"", 0)]
    assert wire.lines[-1] == "a2 UID FETCH 1:3 (UID BODY.PEEK[])"


def test_sign_in() -> None:
    """PLAIN in one line where it can be, in two where it must, else LOGIN; never where that is forbidden."""
    async def work(client: Client) -> None:
        await client.login("ann", 'a"b')

    assert talk(work, b"TAG OK\r\n", CAPABLE)[1].lines[1] == "a2 AUTHENTICATE PLAIN AGFubgBhImI="
    plain = CAPABLE.replace(b"SASL-IR ", b"")
    wire = Wire(GREETING, plain, b"+ \r\n", b"a2 OK\r\n", CAPABLE)
    asyncio.run(_greeted(wire, work))
    assert wire.lines[1:3] == ["a2 AUTHENTICATE PLAIN", "AGFubgBhImI="]
    wire = Wire(GREETING, plain.replace(b"AUTH=PLAIN ", b""), b"TAG OK\r\n", CAPABLE)
    asyncio.run(_greeted(wire, work))
    assert wire.lines[1] == 'a2 LOGIN "ann" "a\\"b"'
    with pytest.raises(Refused, match="no sign-in"):
        asyncio.run(_greeted(Wire(GREETING, b"* CAPABILITY IMAP4rev1 LOGINDISABLED\r\nTAG OK\r\n"), work))
    with pytest.raises(Refused, match="wrong") as refused:
        talk(work, b"TAG NO [AUTHENTICATIONFAILED] wrong\r\n")
    assert refused.value.code == "AUTHENTICATIONFAILED"


async def _greeted(wire: Wire, work: Callable[[Client], Coroutine[None, None, None]]) -> None:
    client = Client(wire)
    await client.greet()
    await work(client)


def test_mailboxes() -> None:
    """Names in UTF-7, parts by the server's delimiter, special uses; what cannot be opened is left out."""
    async def work(client: Client) -> list[tuple[str, tuple[str, ...], frozenset[str]]]:
        return [(one.name, one.parts, one.attributes) for one in await client.mailboxes()]

    found, wire = talk(
        work, b'* LIST (\\Sent) "." "INBOX.Entw&APw-rfe"\r\n'
              b'* LIST (\\Noselect) "." x\r\n* LIST () NIL {3}\r\na"b\r\nTAG OK\r\n')
    assert found == [("INBOX.Entw&APw-rfe", ("INBOX", "Entwürfe"), frozenset({"\\sent"})), ('a"b', ('a"b',), frozenset())]
    assert "RETURN (SPECIAL-USE)" in wire.lines[-1]


def test_selecting() -> None:
    """How many, and under which UIDVALIDITY; without one nothing can be told apart."""
    async def work(client: Client) -> tuple[int, int]:
        state = await client.examine("INBOX")
        return state.messages, state.uidvalidity

    head = b"* FLAGS (\\Seen)\r\n* 12 EXISTS\r\n* 0 RECENT\r\n* OK [UNSEEN 3] first\r\n"
    assert talk(
        work, head + b"* OK [UIDVALIDITY 1234567] fine\r\n* OK [UIDNEXT 99] next\r\nTAG OK [READ-ONLY] done\r\n")[0] == (12, 1234567)
    with pytest.raises(Refused, match="UIDVALIDITY"):
        talk(work, head + b"TAG OK done\r\n")


def test_uids() -> None:
    """In order, once each, and without the last one that IMAP gives for an empty range."""
    async def work(client: Client) -> list[int]:
        return list(await client.uids(7))

    assert talk(work, b"* 3 FETCH (UID 9)\r\n* 2 FETCH (UID 8)\r\n* 2 FETCH (UID 8)\r\n* 1 FETCH (UID 7)\r\nTAG OK\r\n")[0] == [8, 9]


@pytest.mark.parametrize("octets", [
    b"", b"* 1 FETCH (UID 5", b"nonsense\r\n", b"* 1 FETCH (UID x)\r\nTAG OK\r\n", b"* BYE go away\r\n", b"+ more?\r\n",
    b"* " + b"x" * 2_000 + b"\r\n",
    b"* 1 FETCH (UID 1 X {9999999}\r\n", b"* 1 FETCH (UID 1 BODY[] {99999}\r\nabc", b"* 1 FETCH (UID 1 BODY[] {5}\r\nabc",
    b"* (((((((((((\r\n",
    b"* x\r\n" * 20_000, b"TAGX OK\r\n"])
def test_hostile_servers(octets: bytes) -> None:
    """End the session in bounded time and memory, and leave nothing behind."""
    sinks: list[Sink] = []

    def sink(size: int) -> Sink:
        sinks.append(Sink())
        return sinks[-1]

    async def work(client: Client) -> None:
        async for one in client.fetch("1:*", "UID BODY.PEEK[]", sink):
            assert one.uid

    with pytest.raises(Lost):
        talk(work, octets, message=10_000, imap_line=1_000, imap_literal=1_000, imap_answers=100)
    assert all(one.abandoned for one in sinks)


def test_injected_ahead_of_the_handshake() -> None:
    """What came in the clear with the answer to STARTTLS is not believed (RFC 9051 §11.1)."""
    async def work(client: Client) -> None:
        client.capabilities |= {"STARTTLS"}
        await client.start_tls(ssl.create_default_context(), "imap.example")

    with pytest.raises(Lost, match="ahead"):
        talk(work, b"TAG OK go\r\n* CAPABILITY EVIL\r\n")
    with pytest.raises(Refused, match="no encryption"):
        talk(lambda client: client.start_tls(ssl.create_default_context(), "x"))


def test_names_cannot_end_a_line() -> None:
    """Nobody smuggles a command in with his name."""
    async def work(client: Client) -> None:
        client.capabilities = frozenset()
        await client.login("a\r\nb LOGOUT", "x")

    with pytest.raises(Refused, match="line break"):
        talk(work)


def test_farewell() -> None:
    """Whatever the server does then."""
    for last in (b"* BYE bye\r\nTAG OK\r\n", b"", b"junk\r\n"):
        talk(lambda client: client.logout(), last, quit_wait=0.1)


def test_sets() -> None:
    """UIDs as ranges."""
    assert uid_set([1, 2, 3, 7, 9, 10]) == "1:3,7,9:10"
    assert uid_set([5]) == "5"
