"""The client's end of IMAP: sign in, list mailboxes, look at one without changing it, fetch messages.

Every answer is bounded: lines, literals, lines until a command is done, silence, and the
whole.  Messages are not held: their octets go to a sink as they come.

Standards: RFC 9051 and RFC 3501, RFC 6154 (special uses), RFC 4959 (SASL-IR); Gmail's
extension X-GM-EXT-1.

Read on: mta.net.mailserver connects, mta.flow.imapimport asks.
"""
import asyncio
import base64
import ssl
from array import array
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from mta.base.errors import PillarboxError
from mta.base.limits import LIMITS, Limits
from mta.imap import answer
from mta.imap.answer import Literal, Lost, Value
from mta.message import mutf7
from mta.smtp.wire import Wire

BODY: Final = "BODY[]"


class Refused(PillarboxError):
    """The server said NO or BAD: its text, and the name of its code ("" without one)."""

    def __init__(self, text: str, code: str = "") -> None:
        super().__init__(text)
        self.code = code


class Sink(Protocol):
    """Takes the octets of one message."""

    def write(self, chunk: bytes) -> None:
        """Add chunk."""
        ...

    def abandon(self) -> None:
        """Forget what came."""
        ...


@dataclass(frozen=True, slots=True)
class Listed:
    """A mailbox of the server: its name as the server writes it, parts for people, attributes in lower case."""

    name: str
    parts: tuple[str, ...]
    attributes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Selected:
    """A mailbox that is looked at."""

    messages: int
    uidvalidity: int


@dataclass(slots=True)
class Fetched:
    """Facts of one message, by their names in upper case; sink has its octets if they were asked for."""

    facts: dict[str, Value]
    sink: Sink | None = None
    size: int = 0
    uid: int = field(init=False)

    def __post_init__(self) -> None:
        self.uid = answer.number(self.facts.get("UID"))


class Client:
    """One session over a wire.  Refused if the server does not want to, Lost if it cannot go on."""

    def __init__(self, wire: Wire, limits: Limits = LIMITS) -> None:
        self._wire, self._limits = wire, limits
        self._held = bytearray()
        self._number = 0
        self.capabilities: frozenset[str] = frozenset()

    async def greet(self) -> None:
        """Hear the greeting."""
        pieces = await self._answer()
        if not pieces[0].upper().startswith((b"* OK", b"* PREAUTH")):
            raise Refused(_told(pieces[0]))
        await self.ask_capabilities()

    async def ask_capabilities(self) -> None:
        """Ask what the server can do."""
        found: set[str] = set()
        async for values in self._do("CAPABILITY"):
            if answer.keyword(values, 0) == "CAPABILITY":
                found |= {answer.word(one).upper() for one in values[1:] if not isinstance(one, list)}
        self.capabilities = frozenset(found)

    async def start_tls(self, context: ssl.SSLContext, name: str) -> None:
        """Encrypt; Refused if the server cannot.  ssl.SSLError if the handshake fails."""
        if "STARTTLS" not in self.capabilities:
            raise Refused("the server offers no encryption (STARTTLS)")
        await self._done("STARTTLS")
        # RFC 9051 §11.1: what came ahead of the handshake may be anybody's.
        if self._held or self._wire.pending:
            raise Lost("the server sent something ahead of the encryption")
        await self._wire.start_tls(context, name)
        await self.ask_capabilities()

    async def login(self, user: str, password: str) -> None:
        """Sign in: AUTHENTICATE PLAIN (RFC 4616) if it is offered, else LOGIN."""
        if "AUTH=PLAIN" in self.capabilities:
            response = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
            if "SASL-IR" in self.capabilities:
                await self._done(f"AUTHENTICATE PLAIN {response}")
            else:
                await self._done("AUTHENTICATE PLAIN", more=response)
        elif "LOGINDISABLED" in self.capabilities:
            raise Refused("the server allows no sign-in with a password here")
        else:
            await self._done(f"LOGIN {_quoted(user)} {_quoted(password)}")
        await self.ask_capabilities()

    async def mailboxes(self) -> list[Listed]:
        """Every mailbox that can be looked at."""
        found: dict[str, Listed] = {}
        special = "SPECIAL-USE" in self.capabilities
        async for values in self._do('LIST "" "*"' + (" RETURN (SPECIAL-USE)" if special and "LIST-EXTENDED" in self.capabilities else "")):
            if len(values) < 4 or answer.keyword(values, 0) != "LIST":
                continue
            attributes = frozenset(one.lower() for one in answer.words(values[1]))
            name, delimiter = answer.word(values[3]), answer.word(values[2])
            if len(found) >= self._limits.import_folders * 2:
                raise Refused(f"the server has more than {self._limits.import_folders * 2} mailboxes")
            if not attributes & {"\\noselect", "\\nonexistent"}:
                parts = name.split(delimiter) if delimiter else [name]
                found[name] = Listed(name, tuple(mutf7.decode(part) for part in parts), attributes)
        return list(found.values())

    async def status(self, name: str) -> int:
        """How many messages a mailbox has."""
        count = 0
        async for values in self._do(f"STATUS {_quoted(name)} (MESSAGES)"):
            if len(values) >= 3 and answer.keyword(values, 0) == "STATUS":
                count = answer.number(answer.pairs(values[2]).get("MESSAGES"))
        return count

    async def examine(self, name: str) -> Selected:
        """Look at a mailbox, changing nothing in it."""
        messages = uidvalidity = 0
        async for values in self._do(f"EXAMINE {_quoted(name)}"):
            if len(values) == 2 and answer.keyword(values, 1) == "EXISTS":
                messages = answer.number(values[0])
            elif len(values) > 1 and answer.keyword(values, 0) == "OK":
                text = b" ".join(one for one in values[1:] if isinstance(one, bytes)).replace(b"[ ", b"[")
                if b"UIDVALIDITY" in text.upper():
                    uidvalidity = _first_number(text)
        if not uidvalidity:
            raise Refused("the server gives no UIDVALIDITY for it, so its messages cannot be told apart")
        return Selected(messages, uidvalidity)

    async def uids(self, after: int) -> "array[int]":
        """The UIDs beyond after, in order."""
        found = array("L")
        async for one in self.fetch(f"{after + 1}:*", "UID"):
            if one.uid > after:
                found.append(one.uid)
            if len(found) > self._limits.import_members:
                raise Refused(f"the mailbox has more than {self._limits.import_members} messages")
        return array("L", sorted(set(found)))

    async def fetch(self, uids: str, items: str, sink: Callable[[int], Sink] | None = None) -> AsyncIterator[Fetched]:
        """Facts of messages as they come; sink(size) makes where the octets of one go to.  Who takes a Fetched has its sink."""
        async for values in self._do(f"UID FETCH {uids} ({items})", sink):
            if len(values) < 3 or answer.keyword(values, 1) != "FETCH":
                continue
            facts = answer.pairs(values[2])
            body = facts.get(BODY)
            if "UID" not in facts:
                if isinstance(body, _Streamed):
                    body.sink.abandon()
                continue    # RFC 9051 §7.5.2: news of flags that nobody asked for
            if isinstance(body, _Streamed):
                yield Fetched(facts, body.sink, body.size)
            elif body is not None and sink is not None:
                # A server may send even a message as a quoted string.
                octets = answer.word(body).encode() if not isinstance(body, bytes) else bytes(body)
                kept = sink(len(octets))
                kept.write(octets)
                yield Fetched(facts, kept, len(octets))
            else:
                yield Fetched(facts)

    async def logout(self) -> None:
        """Take leave, without waiting long for an answer."""
        try:
            async with asyncio.timeout(self._limits.quit_wait):
                await self._done("LOGOUT")
        except (PillarboxError, OSError, TimeoutError):
            pass

    # --- one command -----------------------------------------------------------------------------

    async def _done(self, command: str, more: str = "") -> None:
        async for _ in self._do(command, more=more):
            pass

    async def _do(self, command: str, sink: Callable[[int], Sink] | None = None, more: str = "") -> AsyncIterator[list[Value]]:
        """Send a command; gives each untagged answer without its star.  more is sent when the server asks to go on."""
        self._number += 1
        tag = f"a{self._number}"
        await self._send(f"{tag} {command}")
        for _ in range(self._limits.imap_answers * 25):
            pieces = await self._answer(sink)
            line = pieces[0]
            if line.startswith(b"* "):
                if line[2:5].upper() == b"BYE" and command != "LOGOUT":
                    raise Lost(f"the server ends the connection: {_told(line)}")
                yield answer.parse([line[2:], *pieces[1:]])
            elif line.startswith(b"+"):
                if not more:
                    raise Lost("the server waits for something that it was not offered")
                await self._send(more)
                more = ""
            elif line.startswith(tag.encode() + b" "):
                rest = line[len(tag) + 1:]
                if rest[:2].upper() == b"OK":
                    return
                raise Refused(_told(rest), answer.code(rest.partition(b" ")[2])[0])
            else:
                raise Lost("the server does not answer as it should")
        raise Lost("the server's answer does not end")

    async def _send(self, line: str) -> None:
        try:
            self._wire.write(line.encode() + b"\r\n")
            async with asyncio.timeout(self._limits.imap_wait):
                await self._wire.drain()
        except (OSError, TimeoutError) as problem:
            raise Lost(_broken(problem)) from None

    # --- octets ----------------------------------------------------------------------------------

    async def _answer(self, sink: Callable[[int], Sink] | None = None) -> list[bytes]:
        """One answer: a line, and its literals each with the line that follows."""
        pieces: list[bytes] = []
        total = 0
        try:
            while True:
                line = await self._line()
                pieces.append(line)
                total += len(line)
                if total > self._limits.imap_line:
                    raise Lost("the server's answer is too long")
                found = answer.LITERAL.search(line)
                if found is None:
                    return pieces
                size = int(found[1])
                wanted = sink is not None and line[:found.start()].rstrip().upper().endswith(BODY.encode())
                if wanted and sink is not None:
                    pieces.append(await self._message(size, sink))
                elif size > self._limits.imap_literal:
                    raise Lost(f"the server sends {size} octets that nobody asked for")
                else:
                    pieces.append(Literal(await self._octets(size)))
                    total += size
        except BaseException:
            for piece in pieces:
                if isinstance(piece, _Streamed):
                    piece.sink.abandon()
            raise

    async def _message(self, size: int, sink: Callable[[int], Sink]) -> "_Streamed":
        if size > self._limits.message:
            raise Lost(f"the server sends a message of {size} octets, though it said that it was smaller")
        kept = sink(size)
        try:
            async with asyncio.timeout(self._limits.imap_answer_wait):
                left = size
                while left > 0:
                    if not self._held:
                        await self._more()
                    piece = bytes(self._held[:left])
                    del self._held[:left]
                    kept.write(piece)
                    left -= len(piece)
        except TimeoutError:
            kept.abandon()
            raise Lost("the server is too slow") from None
        except BaseException:
            kept.abandon()
            raise
        return _Streamed(kept, size)

    async def _line(self) -> bytes:
        at = 0
        while (end := self._held.find(b"\n", at)) < 0:
            at = len(self._held)
            if at > self._limits.imap_line:
                raise Lost("the server sends a line that is too long")
            await self._more()
        line = bytes(self._held[:end])
        del self._held[:end + 1]
        return line.removesuffix(b"\r")

    async def _octets(self, size: int) -> bytes:
        while len(self._held) < size:
            await self._more()
        octets = bytes(self._held[:size])
        del self._held[:size]
        return octets

    async def _more(self) -> None:
        try:
            async with asyncio.timeout(self._limits.imap_wait):
                octets = await self._wire.read()
        except (OSError, TimeoutError) as problem:
            raise Lost(_broken(problem)) from None
        if not octets:
            raise Lost("the server closed the connection")
        self._held += octets


class _Streamed(Literal):
    """A literal whose octets went to a sink."""

    sink: Sink
    size: int

    def __new__(cls, sink: Sink, size: int) -> "_Streamed":
        made = super().__new__(cls, b"")
        made.sink, made.size = sink, size
        return made


def uid_set(uids: Sequence[int]) -> str:
    """UIDs in order as IMAP writes a set of them (RFC 9051 §9, sequence-set)."""
    parts: list[str] = []
    start = last = 0
    for uid in [*uids, 0]:
        if last and uid == last + 1:
            last = uid
            continue
        if last:
            parts.append(str(start) if start == last else f"{start}:{last}")
        start = last = uid
    return ",".join(parts)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    if any(char in "\r\n\0" for char in text):
        raise Refused("a name or password has a line break in it")
    return f'"{escaped}"'


def _told(line: bytes) -> str:
    """What the server says for people."""
    text = line.decode("utf-8", "replace").removeprefix("* ")
    return "".join(char if char.isprintable() else " " for char in text)[:300]


def _first_number(text: bytes) -> int:
    place = text.upper().find(b"UIDVALIDITY")
    digits = "".join(chr(octet) for octet in text[place + 11:place + 23].strip().split(b"]")[0] if chr(octet).isdigit())
    return int(digits) if digits else 0


def _broken(problem: BaseException) -> str:
    return "the server does not answer" if isinstance(problem, TimeoutError) else f"the connection broke off: {problem}"
