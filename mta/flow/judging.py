"""Judge mail from strangers: gather the evidence, and let mta.judge decide.

What is the same for all recipients (block lists, the marks of a list, the words of the
message) is found out once; what differs (rules, whom the account wrote to, what it thinks
of the sender and of the words) is a question to each database with a fixed number of keys.
So the cost of a message does not grow with the mail that is stored.

A part of our own that fails (the learned counts cannot be read) says nothing, and mail
goes on: nobody is refused for that.

Read on: mta.judge.evidence (what is gathered), mta.judge.screen (what follows).
"""
import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from mta.base.errors import TemporaryError
from mta.base.events import Event
from mta.base.measures import Measure
from mta.base.names import Address, Domain
from mta.flow import deposit, preferences
from mta.flow.blocklists import Blocklists
from mta.flow.deposit import IN_THREAD
from mta.flow.preferences import DEFAULTS, Preferences
from mta.flow.world import World
from mta.judge import passedon, reputation, rules, screen, subjectpass
from mta.judge.dnsbl import Listing
from mta.judge.evidence import NO_RULING, Content, Evidence, Ruling
from mta.judge.facts import Facts
from mta.judge.reputation import Key, Opinion, Standing
from mta.judge.rules import Mail
from mta.judge.screen import Arrival, Judge, Verdict
from mta.store import outgoing
from mta.store.connection import Connection, value
from mta.store.rulebook import Rulebook

T = TypeVar("T")


class Standings(Protocol):
    """Remembers how senders stand with accounts (mta.store.learned)."""

    def standings(self, account_id: int, keys: Sequence[Key]) -> Sequence[Standing]:
        """The standing of each name, in order.  TemporaryError if it cannot be said now."""
        ...


class Words(Protocol):
    """Reads messages for what their words say."""

    def read(self, arrival: Arrival) -> Sequence[str]:
        """What counts of a message; may take a while for a large one."""
        ...

    def content(self, account_id: int, words: Sequence[str]) -> Content | None:
        """What an account makes of it; None if it has not been taught enough.  TemporaryError if it cannot be said now."""
        ...


@dataclass(frozen=True, slots=True)
class Account:
    """What the main database says of one account and one message, in one question."""

    preferences: Preferences = DEFAULTS
    written_to: bool = False
    ruling: Ruling = NO_RULING


class Judging:
    """The Screen of port 25; one for all sessions of a process.

    Without standings nothing is known of earlier mail, without words content counts for
    nothing.
    """

    def __init__(self, world: World, standings: Standings | None = None, words: Words | None = None) -> None:
        self._world, self._standings, self._words = world, standings, words
        self.measure = world.journal.measure
        self._blocklists, self._rulebook = Blocklists(world), Rulebook()
        self._trusted = frozenset(map(Domain, world.config.judge.arc_sealers))
        self._pass_key: bytes = world.store.read(lambda db: value(db, "SELECT value FROM setting WHERE name = 'subject_pass'", (), b""))

    async def __call__(self, arrival: Arrival) -> Judge:
        listings, words = await asyncio.gather(self._blocklists.listings(arrival.identity.ip), self._read(arrival))
        return _Case(self, arrival, listings, words).verdict

    async def _read(self, arrival: Arrival) -> Sequence[str]:
        read = self._words.read if self._words else None
        if read is None:
            return ()
        return await asyncio.to_thread(read, arrival) if arrival.body.size > IN_THREAD else read(arrival)

    # --- one account ---------------------------------------------------------------------

    def account(self, account: int, recipient: Address, arrival: Arrival, facts: Facts) -> Account:
        """What the main database says."""
        author = facts.author_address

        def question(db: Connection) -> Account:
            ruling = rules.apply(self._rulebook.of(db, account), Mail(facts, arrival.header, arrival.transaction.sender, recipient))
            return Account(preferences.of(db, account), author is not None and outgoing.known(db, account, author), ruling)

        return self._world.store.read(question)

    def opinion(self, account: int, facts: Facts, trace: str) -> Opinion:
        """What earlier mail says of the sender."""
        if self._standings is None:
            return Opinion()
        known, keys = self._standings, reputation.asked(facts)
        found = self._unless_trouble(trace, lambda: known.standings(account, keys))
        return reputation.opinion(facts, dict(zip(keys, found, strict=True))) if found else Opinion()

    def content(self, account: int, words: Sequence[str], trace: str) -> Content | None:
        """What the words say."""
        reader = self._words
        return self._unless_trouble(trace, lambda: reader.content(account, words)) if reader else None

    def offer(self, author: Address | None, recipient: Address) -> str:
        """A pass for a person who is refused."""
        now = self._world.clock.timestamp()
        return subjectpass.make(self._pass_key, author, recipient, now) if author and self._pass_key else ""

    def passed(self, subject: str, author: Address | None, recipient: Address) -> bool:
        """Whether the subject has such a pass."""
        if author is None or not self._pass_key or not subjectpass.TOKEN.search(subject):
            return False
        good = subjectpass.good(self._pass_key, subject, author, recipient, self._world.clock.timestamp())
        self.measure(Measure.SUBJECT_PASSES, 1, "good" if good else "bad")
        return good

    def sealer(self, arrival: Arrival) -> Domain | None:
        """The trusted sealer who vouches for the author."""
        return passedon.vouching(arrival.identity, self._trusted) if self._trusted else None

    def _unless_trouble(self, trace: str, question: Callable[[], T]) -> T | None:
        try:
            return question()
        except TemporaryError as problem:
            self._world.journal.note(Event.STORE_TROUBLE, trace, where="judging", problem=str(problem))
            return None


class _Case:
    """One message before its judge."""

    def __init__(self, judging: Judging, arrival: Arrival, listings: tuple[Listing, ...], words: Sequence[str]) -> None:
        self._judging, self._arrival, self._words = judging, arrival, words
        self._facts = Facts.of(arrival.identity)
        self._shared = Evidence(
            arrival.identity, listings=listings, list_like=passedon.like_list(arrival.header), sealer=judging.sealer(arrival))

    def verdict(self, recipient: Address, account: int | None) -> Verdict:
        """The verdict for one recipient; of an alias' members elsewhere (None) nobody knows rules or earlier mail."""
        evidence = replace(self._shared, postmaster=deposit.is_postmaster(recipient))
        if account is None:
            return screen.decide_onward(evidence)
        judging, facts, trace = self._judging, self._facts, self._arrival.transaction.trace
        known = judging.account(account, recipient, self._arrival, facts)
        chosen, author = known.preferences, facts.author_address
        if known.ruling.forwarder or self._shared.sealer:
            facts = facts.forwarded()
        token = judging.offer(author, recipient) if chosen.subject_pass else ""
        verdict = screen.decide(replace(
            evidence, written_to=known.written_to, ruling=known.ruling, opinion=judging.opinion(account, facts, trace),
            content=judging.content(account, self._words, trace) if chosen.junk_filter else None, threshold=chosen.threshold,
            passed=chosen.subject_pass and judging.passed(self._arrival.structure.envelope.subject, author, recipient), token=token))
        if token and verdict.refusal and token in verdict.refusal.text:
            judging.measure(Measure.SUBJECT_PASSES, 1, "given")
        return replace(
            verdict, delay=verdict.delay if chosen.slow_first_time else 0.0, keep_reject=verdict.keep_reject and chosen.reject_days > 0)
