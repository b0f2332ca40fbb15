"""The desk: what a session asks once a verb is well-formed and in order.

The session knows bytes, syntax and the order of verbs (RFC 5321 §4.1); a desk decides what
to answer.  mta.flow.receive sits at the desk of port 25, mta.flow.submit at the one of our
own users; a test brings its own.

How a desk and a session share the work:

- The session calls one method at a time and never two for the same session at once.
- Replies are given without trace id; the session adds it to every one from MAIL on.
- A desk never raises for what a peer does.  TemporaryError (NoRoom among them) becomes a
  451 or 452, anything else a 451 and Event.UNEXPECTED.
- A desk may hang up: a reply with code 421 ends the session after it was sent.
- The session notes SESSION_*, TLS_*, INJECTED, HELLO, COMMAND_REFUSED, MAIL_FROM,
  MAIL_REFUSED, RECIPIENT_*, and MESSAGE_REFUSED for content that the desk never saw (bare
  line ends, NUL, too large, too slow).  The desk notes LOGIN and LOGIN_FAILED, and for each
  message() what became of it: MESSAGE_ACCEPTED, MESSAGE_REFUSED and the like.

Read on: session.py asks, states.py orders, data.py reads the message itself.
"""
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from mmap import mmap
from typing import Protocol, TypeVar

from mta.base.events import Event
from mta.base.measures import Measure
from mta.base.names import Address, Domain, IPAddress
from mta.base.reply import Reply
from mta.base.sasl import ScramSecrets

#: For desks to give when a name or its password is wrong: never says which (RFC 4954 §6).
WRONG_CREDENTIALS = Reply(535, "5.7.8", "The user name or the password is wrong")


@dataclass(frozen=True, slots=True)
class Peer:
    """Who connected where: listener is the service ("smtp", "submission", "submissions"); session is the trace id."""

    ip: IPAddress
    port: int
    local_ip: IPAddress
    local_port: int
    listener: str
    session: str


@dataclass(frozen=True, slots=True)
class TlsFacts:
    """What the handshake agreed on: version like "TLSv1.3", cipher's OpenSSL name, the name the client asked for (SNI)."""

    version: str
    cipher: str
    server_name: str | None


@dataclass(frozen=True, slots=True)
class Login:
    """Who signed in: account and credential are row ids, name is what they typed, mechanism like "SCRAM-SHA-256"."""

    account: int
    credential: int
    name: str
    mechanism: str


@dataclass(slots=True)
class Session:
    """One connection, as far as a desk may know it.

    hello is the name the client gave ("" before), extended tells EHLO from HELO;
    transactions counts MAIL commands that were granted, accepted the messages stored,
    unknown the recipients refused; started is on the monotonic clock.
    """

    peer: Peer
    started: float
    tls: TlsFacts | None = None
    hello: str = ""
    extended: bool = False
    account: Login | None = None
    transactions: int = 0
    accepted: int = 0
    unknown: int = 0

    @property
    def protocol(self) -> str:
        """The name for Received's "with" (RFC 3848); see Transaction.protocol for SMTPUTF8 mail."""
        if not self.extended:
            return "SMTP"
        return "ESMTP" + ("S" if self.tls else "") + ("A" if self.account else "")


@dataclass(slots=True)
class Transaction:
    """One mail transaction, from MAIL to the reply after the message.

    sender is None for the null sender; size is the octets the client announced; body is
    "7BIT" or "8BITMIME"; requiretls says that the message may go on over protected
    connections only (RFC 8689); envelope_auth the address of MAIL's AUTH= (RFC 4954 §5), None if
    it was absent or "<>".
    """

    session: Session
    trace: str
    sender: Address | None
    size: int | None = None
    smtputf8: bool = False
    body: str = "7BIT"
    requiretls: bool = False
    envelope_auth: Address | None = None
    recipients: list[Address] = field(default_factory=list)

    @property
    def protocol(self) -> str:
        """The name for Received's "with": RFC 3848, and RFC 6531 §4.3 for SMTPUTF8 mail."""
        plain = self.session.protocol
        return plain.replace("ESMTP", "UTF8SMTP", 1) if self.smtputf8 else plain


class SpooledBody(Protocol):
    """A whole message on disk, exactly as it came, without dot-stuffing (mta.store.bodies has the real one)."""

    @property
    def size(self) -> int:
        """Octets."""
        ...

    @property
    def sha256(self) -> bytes:
        """Hash of all octets."""
        ...

    def view(self) -> "AbstractContextManager[bytes | mmap]":
        """The octets, without copying them."""
        ...

    def abandon(self) -> None:
        """Remove it; harmless if it was stored or removed before."""
        ...


Body_co = TypeVar("Body_co", bound=SpooledBody, covariant=True)
Body = TypeVar("Body", bound=SpooledBody)


class BodySink(Protocol[Body_co]):
    """Where a message goes while it is read."""

    def write(self, chunk: bytes) -> None:
        """Take some octets; NoRoom if the disk is full."""
        ...

    def finish(self) -> Body_co:
        """The message is complete; NoRoom if the disk is full."""
        ...

    def abandon(self) -> None:
        """The message will not be complete: remove what was written."""
        ...


class Desk(Protocol[Body]):
    """Decides what a session answers."""

    @property
    def hostname(self) -> Domain:
        """The name in the greeting, and of recipients without a domain."""
        ...

    @property
    def max_size(self) -> int:
        """Octets of the largest message we take (RFC 1870)."""
        ...

    @property
    def submission(self) -> bool:
        """True if MAIL needs AUTH first (RFC 6409 §4.3)."""
        ...

    @property
    def requiretls(self) -> bool:
        """True if REQUIRETLS is offered under TLS (RFC 8689): then transaction.requiretls must be kept to."""
        ...

    def auth_offered(self, session: Session) -> bool:
        """True if AUTH may be used now: on submission, under TLS, or on loopback in localserve."""
        ...

    async def opened(self, peer: Peer) -> Reply | None:
        """Someone connected; a refusal (421 or 554) or None.  closed() follows in either case."""
        ...

    async def closed(self, session: Session) -> None:
        """The connection is gone."""
        ...

    async def secrets(self, session: Session, name: str) -> ScramSecrets | Reply:
        """What SCRAM needs to know of name, which may not exist; a Reply refuses, as for too many failures."""
        ...

    async def check_password(self, session: Session, name: str, password: str, mechanism: str) -> Login | Reply:
        """Who signs in so, or the refusal.  Notes the event and counts the failure."""
        ...

    async def scram_done(self, session: Session, name: str, credential: int | None, mechanism: str) -> Login | Reply:
        """SCRAM came to its end: credential is the one whose proof was right, None if none was.

        Must refuse None.  Notes the event and counts the failure.
        """
        ...

    async def mail(self, transaction: Transaction) -> Reply:
        """MAIL was well-formed and in order; transaction has no recipients yet."""
        ...

    async def recipient(self, transaction: Transaction, recipient: Address) -> Reply:
        """One RCPT; the session appends recipient to transaction.recipients if the reply is positive.

        "postmaster" without a domain arrives as postmaster@hostname.
        """
        ...

    def sink(self) -> BodySink[Body]:
        """A place for one message; TemporaryError if there is none."""
        ...

    async def message(self, transaction: Transaction, body: Body) -> Reply:
        """The whole message; a positive reply means that it is durable.

        Runs to its end even if the client is gone meanwhile.  Whoever does not store body
        abandons it; the session does so too if this raises.
        """
        ...

    def note(self, event: Event, trace: str, **facts: object) -> object:
        """Report an event (Journal.note)."""
        ...

    def measure(self, measure: Measure, value: float = 1.0, *labels: str) -> object:
        """Count or time what is no event (Journal.measure)."""
        ...
