"""Evidence for DMARC reports: what is kept of a message from a stranger, and when.

Kept is what a domain's owner may know about mail in his name (RFC 9990 §3.1): of mail
that was taken, and of mail that was refused because of his own policy.  Of mail that was
refused for any other reason nothing is kept: who sends junk would read in the reports
what gets it through.

Some messages are "optional": they are told of if a report is sent, but are no reason to
send one.  Reports of others are (two servers would otherwise write to one another
for ever, each about the other's reports), and what was refused as forged from somebody
with whom nobody here has anything to do (mta.flow.dmarcreports looks at that).

The evidence of mail that is taken rides in its commit.  That of refused mail is gathered
and written every few seconds, so that a stranger cannot make us sync.
"""
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from mta.auth.dmarc import DmarcResult
from mta.auth.dmarcrecord import Policy
from mta.auth.identity import Identity
from mta.auth.status import Status
from mta.base.errors import TemporaryError
from mta.base.events import Event
from mta.base.limits import LIMITS
from mta.base.names import Address
from mta.flow import gathering, labels, reportsender
from mta.flow.world import World
from mta.judge.screen import DMARC_REFUSAL, Verdict
from mta.message.header import Header
from mta.report.aggregate import OVERRIDES
from mta.report.evaluation import Evaluation, digest
from mta.store import evaluations
from mta.store.connection import Connection
from mta.store.evaluations import Fresh

#: Seconds that evidence of refused mail is gathered before it is written.
GATHER: Final = 10.0
#: Rows in one change.
SLICE: Final = 100
#: Characters of a name that a stranger chose.
NAME: Final = 255
#: What each override means here, for the owner of the domain (RFC 9990 §3.1.6).
COMMENTS: Final = {
    "local_policy": "what is known here of this mail counts for more than the policy",
    "mailing_list": "it came by a mailing list",
    "policy_test_mode": "the record says that it is a test",
    "trusted_forwarder": "it came by a forwarder whom the recipient knows",
    "other": "",
}


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a message for one recipient."""

    recipient: Address
    verdict: Verdict


def of_message(world: World, identity: Identity, header: Header, fates: Sequence[Fate], refusal: str = "", *,
               optional: bool = False) -> Fresh | None:
    """The evidence of a message, None if nothing is to be kept.

    refusal is the enhanced code that the peer hears, "" if it was taken; optional says that
    it is no reason for a report whatever it says, as mail to an address for reports is none.
    """
    found = identity.dmarc
    if not world.config.reports.dmarc or not wanted(found) or (refusal and refusal != DMARC_REFUSAL):
        return None
    fate = next((one for one in fates if bool(one.verdict.refusal) == bool(refusal)), fates[0])
    facts = _evaluation(identity, fate, refused=bool(refusal)).pack()
    assert found.policy_domain is not None
    assert found.record is not None
    optional = optional or reportsender.is_report(header) or any(reportsender.folder(one.recipient) for one in fates)
    return Fresh(found.policy_domain.ascii, digest(facts), facts, found.record.text, world.clock.timestamp(), optional=int(optional))


def wanted(found: DmarcResult) -> bool:
    """Whether the owner of a policy wants to hear of a message: it is decided, and he names an address that mail can be sent to."""
    return bool(found.decided and found.author and found.policy_domain and found.record
                and any(uri.address for uri in found.record.rua))


@dataclass(slots=True)
class Ride:
    """Evidence that is kept within the change that stores its message; kept is False if there was no room for it."""

    fresh: Fresh
    kept: bool = True

    def __call__(self, db: Connection) -> None:
        self.kept = evaluations.add(db, self.fresh)


class Gathering(gathering.Gathering):
    """Evidence of refused mail, on its way to the store; one for each process that takes mail, on its loop."""

    def __init__(self, world: World, delay: float = GATHER) -> None:
        super().__init__(world, delay)
        self._waiting: dict[tuple[str, int, bytes], Fresh] = {}
        self._dropped = 0

    def note(self, fresh: Fresh) -> None:
        """Take evidence; it is written within some seconds, or dropped if too much waits."""
        key = fresh.policy_domain, int(fresh.at // evaluations.HOUR), fresh.digest
        known = self._waiting.get(key)
        if known is None and len(self._waiting) >= LIMITS.evaluations_waiting:
            self._dropped += fresh.messages
        else:
            self._waiting[key] = _together(known, fresh) if known else fresh
        self._wake()

    def lost(self, messages: int) -> None:
        """There was no room for the evidence of messages that were taken: tell of it, now and then."""
        self._dropped += messages
        self._wake()

    async def flush(self) -> None:
        """Write what waits now."""
        waiting, self._waiting = [*self._waiting.values()], {}
        dropped, self._dropped = self._dropped, 0
        for at in range(0, len(waiting), SLICE):
            some = waiting[at:at + SLICE]
            try:
                dropped += await self._world.store.write(partial(_write, some=some))
            except TemporaryError as problem:
                self._world.journal.note(Event.STORE_TROUBLE, where="evaluations", problem=str(problem))
                dropped += sum(one.messages for one in some)
        if dropped:
            self._world.journal.note(Event.EVALUATIONS_DROPPED, messages=dropped)

    def waits(self) -> bool:
        """Whether evidence waits, or the loss of some is to be told."""
        return bool(self._waiting or self._dropped)


def _write(db: Connection, some: Iterable[Fresh]) -> int:
    """Write evidence; for how many messages there was no room."""
    return sum(one.messages for one in some if not evaluations.add(db, one))


def _together(one: Fresh, other: Fresh) -> Fresh:
    return Fresh(one.policy_domain, one.digest, one.facts, other.record, other.at, one.messages + other.messages,
                 one.optional + other.optional)


# --- what is told --------------------------------------------------------------------------------


def _evaluation(identity: Identity, fate: Fate, *, refused: bool) -> Evaluation:
    """What a report says of a message."""
    found = identity.dmarc
    assert found.author is not None
    disposition = "reject" if refused else labels.disposition(identity, fate.verdict)
    return Evaluation(
        str(identity.ip), disposition, bool(found.aligned_dkim), bool(found.aligned_spf), found.author.ascii,
        identity.sender.domain.ascii if identity.sender else "", fate.recipient.domain.ascii,
        _reasons(found, disposition, fate.verdict.dmarc_override), _dkim(identity), _spf(identity))


def _reasons(found: DmarcResult, disposition: str, override: str) -> tuple[tuple[str, str], ...]:
    """Why the disposition is not what the published policy asks for; that must be told (RFC 9990 §3.1.1.9)."""
    if found.status is not Status.FAIL or found.record is None:
        return ()
    published = _published(found)
    if disposition == str(published):
        return ()
    kinds = []
    if found.record.testing and found.policy is not published:
        kinds.append("policy_test_mode")
    if disposition != str(found.policy):
        kinds.append(override if override in OVERRIDES else "other" if override else "local_policy")
    return tuple((kind, COMMENTS[kind]) for kind in kinds)


def _published(found: DmarcResult) -> Policy:
    """What the record says for this author, a test or not."""
    assert found.record is not None
    record = found.record
    by_tag = {"sp": record.subdomains, "np": record.absent}.get(found.tag)
    return record.policy if by_tag is None else by_tag


def _dkim(identity: Identity) -> tuple[tuple[str, str, str], ...]:
    """Signatures, those first that say most (RFC 9990 §3.1.3); as many as were checked."""
    author, aligned = identity.dmarc.author, identity.dmarc.aligned_dkim
    seen = [(one.domain, one.selector, one.status) for one in identity.dkim if one.domain is not None]
    seen.sort(key=lambda one: (one[2] is not Status.PASS, one[0] != author, one[0] not in aligned))
    return tuple((domain.ascii, selector[:NAME], str(status)) for domain, selector, status in seen)


def _spf(identity: Identity) -> tuple[tuple[str, str], ...]:
    """What SPF said of the sender; for the null sender that is the name in HELO (RFC 7208 §2.4)."""
    spf = identity.spf
    name = spf.domain.ascii if spf.domain else identity.hello
    return ((name[:NAME], str(spf.status)),)
