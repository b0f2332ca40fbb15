"""Who sends mail in a domain's name, and whether its policy may be stricter: opinions about DMARC reports.

A report tells of messages of one kind: from which address, what passed, what became of
them.  Each kind gets a plain verdict.  Sure is only what passed; for the rest the verdict
is what is most likely, and says by what it was reached.

Forwarders are told by our own signatures: who brings mail that one of our keys signed, and
is not us, passes it on; if the signature does not hold any more, something on the way
changed the message, as mailing lists do.

Standards: RFC 9989 §7.4 (what p=reject does to forwarded mail).
"""
import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from mta.auth import orgdomain
from mta.base.errors import BadName
from mta.base.names import Domain

#: What must be known before an opinion on the policy is worth anything.
DAYS, MESSAGES = 7, 50
#: The part of honest mail that may suffer from the next policy.
BEARABLE: Final = {"quarantine": 0.01, "reject": 0.005}
#: Overrides that say somebody passed the mail on (RFC 9990 §3.1.6, and the word of RFC 7489 §7.2 for the same).
PASSED_ON: Final = frozenset(("mailing_list", "trusted_forwarder", "forwarded"))
#: A sender who proves who he is, but not that he may write in this name, is a service rather than a forger from so many days on.
REGULAR: Final = 2


class Sender(enum.Enum):
    """What a source is."""

    YOURS = "yours"
    FORWARDER = "a forwarder"
    SERVICE = "a service to set up"
    FORGED = "forged"


@dataclass(frozen=True, slots=True)
class Check:
    """A DKIM signature or SPF check: kind "dkim" or "spf", whose domain, which selector ("" for SPF), whether it passed."""

    kind: str
    domain: str
    selector: str
    passed: bool


@dataclass(frozen=True, slots=True)
class Kind:
    """Messages of one kind: from one address, with the same results; dkim and spf say that they passed and were aligned."""

    ip: str
    messages: int
    days: int
    dkim: bool
    spf: bool
    disposition: str
    header_from: str
    envelope_from: str
    checks: tuple[Check, ...] = ()
    reasons: frozenset[str] = frozenset()

    @property
    def passed(self) -> bool:
        """Whether they passed DMARC."""
        return self.dkim or self.spf


@dataclass(frozen=True, slots=True)
class Own:
    """What is ours: addresses that our mail leaves from, and (domain, selector) of our keys."""

    addresses: frozenset[str] = frozenset()
    keys: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Opinion:
    """A verdict, and by what it was reached."""

    sender: Sender
    why: str


def opinion(kind: Kind, own: Own) -> Opinion:
    """What the source of such messages is."""
    signed = [check for check in kind.checks if check.kind == "dkim" and (check.domain, check.selector) in own.keys]
    others = sorted({check.domain for check in kind.checks if check.passed and not _aligned(check.domain, kind.header_from)})
    if kind.ip in own.addresses:
        return Opinion(Sender.YOURS, "This server sent them." if kind.passed else
                       "This server sent them, and they fail: look at the DNS records of the domain (SPF, DKIM).")
    if kind.spf:
        return Opinion(Sender.YOURS, "The domain lets this address send for it (SPF).")
    if kind.dkim:
        if any(check.passed for check in signed):
            return Opinion(Sender.FORWARDER, "This server signed them, and somebody passed them on unchanged.")
        return Opinion(Sender.YOURS, "They are signed with a key of the domain (DKIM).")
    if kind.reasons & PASSED_ON:
        return Opinion(Sender.FORWARDER, "The receiver knows that somebody passes them on.")
    if signed:
        return Opinion(Sender.FORWARDER, "This server signed them, but they were changed on their way, as mailing lists do.")
    if others and kind.days >= REGULAR:
        return Opinion(
            Sender.SERVICE, f"They pass as {_listed(others)}. If you use that service, let it sign with a key of your domain; "
            "if you do not, they are forged.")
    if others:
        return Opinion(Sender.FORGED, f"They pass only as {_listed(others)}, and came on one day alone.")
    return Opinion(Sender.FORGED, "Nothing proves that they are yours.")


# --- the policy ------------------------------------------------------------------------------------


@dataclass(slots=True)
class Volumes:
    """Messages by what their source is, those that failed apart."""

    passed: dict[Sender, int] = field(default_factory=lambda: dict.fromkeys(Sender, 0))
    failed: dict[Sender, int] = field(default_factory=lambda: dict.fromkeys(Sender, 0))

    @property
    def honest(self) -> int:
        """All but what is forged."""
        return sum(self.passed.values()) + self.at_risk

    @property
    def at_risk(self) -> int:
        """Honest mail that a stricter policy would hit."""
        return sum(number for sender, number in self.failed.items() if sender is not Sender.FORGED)

    @property
    def forged(self) -> int:
        """Mail that a stricter policy is for."""
        return self.failed[Sender.FORGED]


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether the policy may become stricter: now is the policy, next the one above, "" if there is none.

    safe is None where too little is known to say.
    """

    now: str
    next: str
    safe: bool | None
    sentence: str


def volumes(kinds: Iterable[tuple[Kind, Opinion]]) -> Volumes:
    """Messages by what their source is."""
    found = Volumes()
    for kind, held in kinds:
        (found.passed if kind.passed else found.failed)[held.sender] += kind.messages
    return found


def readiness(now: str, counted: Volumes, days: int, reporters: int) -> Readiness:
    """Whether mail of a domain with the policy now would suffer from the next one; days are those that reports tell of."""
    following = {"": "quarantine", "none": "quarantine", "quarantine": "reject"}.get(now, "")
    seen = f"{_number(counted.honest + counted.forged, 'message')} on {_number(days, 'day')}, told by {_number(reporters, 'reporter')}"
    if not counted.honest + counted.forged:
        return Readiness(
            now, following, None, "Nobody has reported yet; reports come a day after the mail, once the DMARC record asks for them.")
    if days < DAYS or counted.honest < MESSAGES:
        return Readiness(
            now, following, None, f"Too little is known yet: {seen}. Wait until it is {DAYS} days and {MESSAGES} messages of yours.")
    share = counted.at_risk / counted.honest
    hit = (f"of {_number(counted.honest, 'message')} that seem to be yours {counted.at_risk:,} ({share:.1%}) "
           f"{'fails' if counted.at_risk == 1 else 'fail'} DMARC{_whose(counted)}, and {counted.forged:,} more are forged")
    if not following:
        good = share <= BEARABLE["reject"]
        verdict = "it hurts nobody" if good else "it hurts"
        return Readiness(now, "", good, f"The policy is as strict as it can be, and {verdict}: {hit} ({seen}).")
    safe = share <= BEARABLE[following]
    verdict = f"It is safe to move to {following}" if safe else f"It is not safe yet to move to {following}"
    return Readiness(now, following, safe, f"{verdict}: {hit} ({seen}).")


def _whose(counted: Volumes) -> str:
    parts = [f"{counted.failed[sender]:,} {words}" for sender, words in (
        (Sender.YOURS, "from your own servers"), (Sender.SERVICE, "from services to set up"), (Sender.FORWARDER, "changed by forwarders"))
        if counted.failed[sender]]
    return f" ({', '.join(parts)})" if parts else ""


def _number(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


@lru_cache(maxsize=1_024)
def _aligned(one: str, other: str) -> bool:
    """Whether two names belong to one organisation (RFC 9989 §4.10.2; by the public suffix list, as nobody asks the DNS here)."""
    try:
        return orgdomain.related(Domain.parse(one), Domain.parse(other))
    except BadName:
        return False
