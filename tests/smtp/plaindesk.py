"""A desk for tests: known people, messages kept in memory, every event recorded, pauses on demand."""
import asyncio
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from mta.base.events import Event
from mta.base.measures import Measure
from mta.base.names import Address, Domain
from mta.base.reply import Reply
from mta.base.sasl import ScramSecrets, scram_keys
from mta.smtp.desk import WRONG_CREDENTIALS, Login, Peer, Session, Transaction

SALT, ITERATIONS = b"0123456789abcdef", 4096
PASSWORDS = {"ann@example.test": ("wrong horse", "correct horse"), "zoë@example.test": ("Ⅳ ☃",)}
PEOPLE = {"ann", "bob", "postmaster", "zoë"}


class MemoryBody:
    """A message that is complete."""

    def __init__(self, content: bytes) -> None:
        self.content, self.abandoned = content, False
        self.size, self.sha256 = len(content), hashlib.sha256(content).digest()

    @contextmanager
    def view(self) -> Iterator[bytes]:
        yield self.content

    def abandon(self) -> None:
        self.abandoned = True


class MemorySink:
    """A message that is being read."""

    def __init__(self, trouble: Exception | None) -> None:
        self.pieces: list[bytes] = []
        self.abandoned = self.finished = False
        self.trouble = trouble

    def write(self, chunk: bytes) -> None:
        if self.trouble:
            raise self.trouble
        self.pieces.append(chunk)

    def finish(self) -> MemoryBody:
        self.finished = True
        return MemoryBody(b"".join(self.pieces))

    def abandon(self) -> None:
        self.abandoned = True


class PlainDesk:
    """Takes mail for PEOPLE at example.test; stores it in `messages` as (transaction, content)."""

    hostname = Domain("mx.example.test")

    def __init__(self, *, submission: bool = False, auth: str = "never", max_size: int = 1_000_000, requiretls: bool = True) -> None:
        self.submission, self.auth, self.max_size, self.requiretls = submission, auth, max_size, requiretls
        self.messages: list[tuple[Transaction, bytes]] = []
        self.bodies: list[MemoryBody] = []
        self.sinks: list[MemorySink] = []
        self.events: list[tuple[Event, str, dict[str, object]]] = []
        self.measured: list[tuple[Measure, float, tuple[str, ...]]] = []
        self.open = 0
        #: What opened() answers, what sink().write and message() raise.
        self.refusal: Reply | None = None
        self.sink_trouble: Exception | None = None
        self.trouble: Exception | None = None
        #: message() waits for this.
        self.gate = asyncio.Event()
        self.gate.set()
        self.storing = asyncio.Event()

    def auth_offered(self, session: Session) -> bool:
        return self.auth == "always" or (self.auth == "tls" and session.tls is not None)

    async def opened(self, peer: Peer) -> Reply | None:
        self.open += 1
        return self.refusal

    async def closed(self, session: Session) -> None:
        self.open -= 1

    async def secrets(self, session: Session, name: str) -> ScramSecrets | Reply:
        passwords = PASSWORDS.get(name, ())
        keys = [(number, *scram_keys(password, SALT, ITERATIONS)) for number, password in enumerate(passwords, 1)]
        return ScramSecrets(SALT, ITERATIONS, keys, 7 if keys else None)

    async def check_password(self, session: Session, name: str, password: str, mechanism: str) -> Login | Reply:
        passwords = PASSWORDS.get(name, ())
        return Login(7, passwords.index(password) + 1, name, mechanism) if password in passwords else WRONG_CREDENTIALS

    async def scram_done(self, session: Session, name: str, credential: int | None, mechanism: str) -> Login | Reply:
        return WRONG_CREDENTIALS if credential is None else Login(7, credential, name, mechanism)

    async def mail(self, transaction: Transaction) -> Reply:
        sender = transaction.sender
        if sender and sender.domain.ascii == "refused.test":
            return Reply(550, "5.7.1", "Not from there")
        if sender and sender.domain.ascii == "broken.test":
            raise RuntimeError("a problem of ours")
        return Reply(250, "2.1.0", "Go on")

    async def recipient(self, transaction: Transaction, recipient: Address) -> Reply:
        if not self.submission and recipient.domain.ascii not in ("example.test", "mx.example.test"):
            return Reply(550, "5.7.1", "We do not take mail for that domain")
        if not self.submission and recipient.localpart.lower() not in PEOPLE:
            return Reply(550, "5.1.1", "Nobody has that address")
        return Reply(250, "2.1.5", "Yes")

    def sink(self) -> MemorySink:
        sink = MemorySink(self.sink_trouble)
        self.sinks.append(sink)
        return sink

    async def message(self, transaction: Transaction, body: MemoryBody) -> Reply:
        self.bodies.append(body)
        self.storing.set()
        await self.gate.wait()
        if self.trouble:
            raise self.trouble
        self.messages.append((transaction, body.content))
        return Reply(250, "2.0.0", "Stored")

    def note(self, event: Event, trace: str, **facts: object) -> None:
        assert facts.keys() == set(event.wants), f"{event.key} wants {event.wants}, got {tuple(facts)}"
        self.events.append((event, trace, facts))

    def measure(self, measure: Measure, value: float = 1.0, *labels: str) -> None:
        assert measure.fitting(labels) == labels, f"{measure.title} has no {labels}"
        self.measured.append((measure, value, labels))

    def noted(self, event: Event) -> list[dict[str, object]]:
        """The facts of every such event."""
        return [facts for happened, _, facts in self.events if happened is event]
