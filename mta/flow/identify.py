"""Who a message is from: every check of mta.auth on one message, side by side, within a time.

What depends on the client alone (iprev, SPF of HELO) is asked once a session, SPF of the
sender once a transaction, both while the message is still on its way: from the first
recipient that is ours on, so that whoever has nothing for us makes us ask nothing.  Once
the message is there, DKIM, ARC and DMARC are asked too, and limits.identity_wait later
whatever the DNS has not answered counts as "could not be looked up": then every check
comes to its end by itself, with a temporary error where the answer mattered.

Read on: mta.auth.identity (what comes out), mta.auth.findings (how it is written down).
"""
import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

from mta.auth import arc, dmarc, iprev, spf, verify
from mta.auth.arc import ArcResult
from mta.auth.author import Author, author
from mta.auth.bodyhashes import BodyHashes, hash_body
from mta.auth.identity import Identity
from mta.auth.iprev import IprevResult
from mta.auth.message import Message
from mta.auth.questions import Questions
from mta.auth.spf import SpfResult
from mta.auth.status import Status
from mta.auth.treewalk import LABEL
from mta.auth.verify import DkimResult
from mta.base.clock import Clock
from mta.base.limits import LIMITS, Limits
from mta.base.measures import Measure
from mta.base.names import Address, Domain, IPAddress
from mta.dns.answer import Answer, Outcome, RecordType
from mta.dns.resolver import Resolver
from mta.message.header import Header
from mta.message.scan import Octets

T = TypeVar("T")
TOO_LATE = "no answer within the time for all checks of a message"


@dataclass(frozen=True, slots=True)
class Writing:
    """What a message itself says of who wrote it, read once: its author, its fields, and the hashes of its body."""

    author: Author
    message: Message
    hashes: BodyHashes

    @property
    def sealed(self) -> bool:
        """Whether a server on the way left a seal, or something like it (ARC)."""
        return any(self.message.places(kind) for kind in arc.KINDS)


def read(header: Header, octets: Octets, limits: Limits = LIMITS) -> Writing:
    """Read a message; takes 0.03 to 0.4 s of processor time for 25 MB, so large ones belong into a thread."""
    message = Message.of(header, octets)
    return Writing(author(header, limits), message, hash_body(message, limits))


class Inquiry(Questions):
    """The questions about one message: in the end it waits no more."""

    def __init__(self, resolver: Resolver) -> None:
        super().__init__(resolver)
        self._over = False
        self._alarm: asyncio.TimerHandle | None = None

    def known(self, name: Domain, kind: RecordType) -> Answer | None:
        """The answer if nobody has to wait for it; see mta.dns.resolver.at_hand."""
        question = name.ascii, kind
        answer = self._known.get(question)
        if answer is None:
            asked = self._asked.get(question)
            if asked is None:
                answer = self._at_hand(name, kind) or (_too_late(name, kind) if self._over else None)
            elif asked.done():
                answer = _too_late(name, kind) if asked.cancelled() else asked.result()
            if answer is not None:
                self._known[question] = answer
        return answer

    async def ask(self, name: Domain, kind: RecordType) -> Answer:
        answer = self.known(name, kind)
        if answer is not None:
            return answer
        try:
            # Shielded: whoever asks may be told to stop while others want the same answer.
            return await asyncio.shield(self._task(name, kind))
        except asyncio.CancelledError:
            if not self._over or _told_to_stop():
                raise
            return _too_late(name, kind)

    def wait_at_most(self, seconds: float) -> None:
        """From now on, wait so long for all answers together."""
        self.wait_on()
        self._alarm = asyncio.get_running_loop().call_later(seconds, self.close)

    def wait_on(self) -> None:
        """There is no hurry any more."""
        if self._alarm:
            self._alarm.cancel()

    def close(self) -> None:
        """Wait for nothing any more: what is asked, and what comes to be asked, could not be looked up."""
        self._over = True
        self.wait_on()
        super().close()


def _too_late(name: Domain, kind: RecordType) -> Answer:
    return Answer(name, kind, Outcome.TROUBLE, error=TOO_LATE)


def _told_to_stop() -> bool:
    """Whether it is the task that runs now which is cancelled, and not what it waits for."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a client said of itself and its message: session and trace tell one from another, sender None is the null sender."""

    session: str
    trace: str
    ip: IPAddress
    hello: str
    sender: Address | None


@dataclass(slots=True)
class _Way:
    """By which way mail comes: what is asked about a client, once for all its messages."""

    hello: str
    inquiry: Inquiry
    iprev: asyncio.Task[IprevResult]
    helo: asyncio.Task[SpfResult]

    def good_for(self, hello: str) -> bool:
        """Whether it need not be asked again."""
        return hello == self.hello and not any(task.done() and task.result().status.temporary for task in (self.iprev, self.helo))


@dataclass(slots=True)
class _Asked:
    """What is asked for one transaction; sender is None for the null sender, for whom HELO speaks."""

    trace: str
    inquiry: Inquiry
    sender: asyncio.Task[SpfResult] | None


@dataclass(slots=True)
class _Client:
    """One session; busy while a message of it is looked at, even if the connection is gone."""

    way: _Way | None = None
    asked: _Asked | None = None
    busy: bool = False

    def close(self) -> None:
        """Wait for no answer any more."""
        for part in (self.way, self.asked):
            if part:
                part.inquiry.close()


@dataclass(slots=True)
class Identifying:
    """Finds out who messages are from; one serves all sessions of a desk.  receiver is our name, measure is there to time the checks."""

    resolver: Resolver
    receiver: Domain
    clock: Clock
    limits: Limits = LIMITS
    measure: Callable[..., object] | None = None
    _clients: dict[str, _Client] = field(default_factory=dict)
    _inquiries: set[Inquiry] = field(default_factory=set)
    _patience: float = float("inf")

    def hurry(self, seconds: float) -> None:
        """From now on wait so long at most, also for what is being asked: the server is about to stop."""
        self._patience = seconds
        for inquiry in self._inquiries:
            inquiry.wait_at_most(seconds)

    def ahead(self, envelope: Envelope) -> None:
        """A message with this envelope is announced: ask what can be asked without it."""
        client = self._clients.setdefault(envelope.session, _Client())
        self._way(client, envelope)
        self._ask(client, envelope)

    async def identity(self, envelope: Envelope, writing: Writing) -> Identity:
        """Who the message is from, after limits.identity_wait seconds at most."""
        client = self._clients.get(envelope.session) or _Client()
        way, asked = self._way(client, envelope), self._ask(client, envelope)
        client.busy, inquiries = True, (way.inquiry, asked.inquiry)
        self._inquiries.update(inquiries)
        try:
            for inquiry in inquiries:
                inquiry.wait_at_most(min(self.limits.identity_wait, self._patience))
            return await self._found(envelope, writing, way, asked)
        finally:
            client.busy = False
            self._inquiries.difference_update(inquiries)
            way.inquiry.wait_on()
            asked.inquiry.close()
            if self._clients.get(envelope.session) is not client:
                client.close()

    def forget(self, session: str) -> None:
        """The connection is gone; harmless if nothing was asked for it."""
        client = self._clients.pop(session, None)
        if client and not client.busy:
            client.close()

    async def _found(self, envelope: Envelope, writing: Writing, way: _Way, asked: _Asked) -> Identity:
        inquiry, limits, now = asked.inquiry, self.limits, self.clock.timestamp()
        for domain in writing.author.domains[:limits.dmarc_authors]:
            inquiry.ahead(domain.below(LABEL), RecordType.TXT)
        sealed = asyncio.create_task(
            self._timed("arc", arc.verify(writing.message, inquiry, now, limits, writing.hashes))) if writing.sealed else None
        signatures = await self._timed("dkim", verify.verify(writing.message, inquiry, now, limits, writing.hashes))
        chain = await sealed if sealed else ArcResult(Status.NONE)
        reverse, helo = await way.iprev, await way.helo
        sender = await asked.sender if asked.sender else helo
        stands = await self._timed(
            "dmarc", dmarc.evaluate_author(writing.author, sender, _counting(signatures), inquiry, limits))
        return Identity(envelope.ip, envelope.hello, envelope.sender, writing.author, reverse, sender,
                        helo if asked.sender else None, signatures, chain, stands)

    def _way(self, client: _Client, envelope: Envelope) -> _Way:
        if client.way is None or not client.way.good_for(envelope.hello):
            inquiry = Inquiry(self.resolver)
            client.way = _Way(
                envelope.hello, inquiry, asyncio.create_task(
                    self._timed("iprev", iprev.check(envelope.ip, inquiry, limits=self.limits))),
                asyncio.create_task(self._spf(envelope, None, inquiry)))
        return client.way

    def _ask(self, client: _Client, envelope: Envelope) -> _Asked:
        if client.asked is None or client.asked.trace != envelope.trace:
            if client.asked:
                client.asked.inquiry.close()
            inquiry = Inquiry(self.resolver)
            task = asyncio.create_task(self._spf(envelope, envelope.sender, inquiry)) if envelope.sender else None
            client.asked = _Asked(envelope.trace, inquiry, task)
        return client.asked

    async def _spf(self, envelope: Envelope, sender: Address | None, inquiry: Inquiry) -> SpfResult:
        return await self._timed("spf", spf.check(
            envelope.ip, sender, envelope.hello, inquiry, receiver=self.receiver, now=self.clock.timestamp(), limits=self.limits))

    async def _timed(self, check: str, work: Coroutine[Any, Any, T]) -> T:
        """What work comes to; how long that took is measured."""
        began = self.clock.monotonic()
        result = await work
        if self.measure is not None:
            self.measure(Measure.CHECK_SECONDS, self.clock.monotonic() - began, check)
        return result


def _counting(signatures: tuple[DkimResult, ...]) -> list[DkimResult]:
    """Those that DMARC may rely on: a key that is only tried out proves nothing (RFC 6376 §3.6.1), nor does a part of the body."""
    return [one for one in signatures if one.status is not Status.PASS or not (one.testing or one.partial)]
