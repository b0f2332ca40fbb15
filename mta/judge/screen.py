"""What follows from what is known of a message that came from a stranger.

An Arrival is all that is known about the message; a Screen looks at it, once, and gives a
Judge, which has a Verdict with its reasons for each recipient.  The reasons are kept with
the stored message and in its trace, so "why is this here?" always has an answer.

The decision is decide(): a pure function of the Evidence.  Its rules are the rows of TABLE,
the first that fits counts; docs/judgement.md shows the same table to operators, and each
row is a test.

Read on: signs.py weighs, mta.flow.judging gathers the evidence.
"""
import enum
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Protocol

from mta.auth.dmarcrecord import Policy
from mta.auth.identity import Identity
from mta.auth.status import Status
from mta.base.names import Address
from mta.base.reply import Reply
from mta.judge.evidence import NO_RULING, Evidence, Ruling
from mta.judge.reason import Reason
from mta.judge.reputation import Leaning
from mta.judge.signs import odds, signs
from mta.message.flags import Flags
from mta.message.header import Header
from mta.message.structure import Structure
from mta.smtp.desk import SpooledBody, Transaction

__all__ = ["ACCEPTED", "LATER", "TABLE", "Arrival", "Judge", "Outcome", "Reason", "Row", "Screen", "Verdict", "decide",
           "decide_onward", "open_screen"]

#: The sum of weights at which signs against a message are worth a refusal for now, if the
#: network or earlier mail is among them: 150 to 1.
REFUSE: Final = -5.0
#: Seconds that a stranger without good signs waits for the answer.  Senders of junk have no
#: time to lose, servers have (RFC 5321 §4.5.3.2.6: ten minutes).
FIRST_TIME_DELAY: Final = 7.0

#: RFC 7372 §3.4: several checks of who wrote it failed.
DMARC_REFUSAL: Final = "5.7.26"
#: The text is the same as for trouble of ours: whoever tries out what passes learns nothing.
LATER: Final = Reply(451, "4.3.0", "The message could not be taken just now, please try again later")


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message from outside, complete and on disk: what the peer said, what it consists of, who it is from."""

    transaction: Transaction
    header: Header
    structure: Structure
    body: SpooledBody
    identity: Identity


@dataclass(frozen=True, slots=True)
class Verdict:
    """Where a recipient's copy belongs, and why.

    mailbox is the role of a mailbox, or "#" and the id of one.  With a refusal the
    recipient does not want the message; it is what the peer hears if nobody else takes
    it.  If somebody does, the peer hears 250, and this recipient's copy goes to mailbox
    all the same: nobody may be sent a bounce for what a stranger wrote in his name
    (RFC 5321 §6.1 would have it).  keep_reject: what is refused is kept in Rejects.
    delay is how many seconds the peer waits for its answer.  dmarc_override says for the
    report why the author's policy was not followed (local_policy, mailing_list,
    trusted_forwarder), "" if it was or asks for nothing.  forwarded: who brought it is not
    who sent it, and nothing is to be learned of its way (Facts.forwarded).  ruling is what the
    account's rules say, for what follows once the copy is stored (mta.flow.sequels).
    """

    mailbox: str
    reasons: tuple[Reason, ...]
    refusal: Reply | None = None
    keep_reject: bool = False
    flags: Flags = Flags.NONE
    keywords: tuple[str, ...] = ()
    delay: float = 0.0
    dmarc_override: str = ""
    forwarded: bool = False
    ruling: Ruling = NO_RULING

    @property
    def wanted(self) -> bool:
        """Whether the copy is neither refused nor junk: only such mail is sent on to other servers."""
        return self.refusal is None and self.mailbox not in ("junk", "rejects")


#: What the account (None stands for an alias' members elsewhere) should do with its copy, which came for an address.
Judge = Callable[[Address, int | None], Verdict]


class Screen(Protocol):
    """Looks at messages."""

    async def __call__(self, arrival: Arrival) -> Judge:
        """Find out once what counts for every recipient of the message."""
        ...


ACCEPTED: Final = Verdict("inbox", (Reason("Nothing speaks against this message.", key="nothing-against"),))


async def open_screen(arrival: Arrival) -> Judge:
    """The screen that lets everything through."""
    return lambda recipient, account: ACCEPTED


# --- the decision --------------------------------------------------------------------------


class Outcome(enum.Enum):
    """What can follow, in the words of docs/judgement.md."""

    INBOX = "Inbox, or where a rule files it"
    JUNK = "Junk"
    LATER = "451 and a copy in Rejects"
    OFFER = "550 5.7.1 with a pass for the subject, and a copy in Rejects"
    REFUSE = "550 5.7.26 that names the policy's domain"


@dataclass(frozen=True, slots=True)
class Row:
    """One rule: when it fits (for docs/judgement.md), what follows, and why, for the owner of the mailbox."""

    key: str
    when: str
    then: Outcome
    why: str
    fits: Callable[[Evidence, float], bool]


def _refusable(evidence: Evidence) -> bool:
    """Never for postmaster (RFC 5321 §4.5.1), nor for someone we wrote to."""
    return not (evidence.postmaster or evidence.written_to)


def _forged(evidence: Evidence, score: float) -> bool:
    # RFC 9989 §7.4: p=reject alone refuses nobody; mailing lists and forwarders break what it rests on.
    opinion = evidence.opinion
    return (evidence.disowned is Policy.REJECT and evidence.spf_failed and not evidence.list_like and _refusable(evidence)
            and opinion.sender.leaning is not Leaning.GOOD and opinion.network.leaning is not Leaning.GOOD)


def _refused(evidence: Evidence, score: float) -> bool:
    return score <= REFUSE and (evidence.bad_network or evidence.bad_sender) and _refusable(evidence)


def _offered(evidence: Evidence, score: float) -> bool:
    # The answer reaches a person only if the sender is real; and whoever was called junk is not asked to come again.
    return bool(evidence.token) and evidence.identity.proven and not evidence.bad_sender and _refused(evidence, score)


#: What follows from what; the first row that fits counts.
TABLE: Final = (
    Row("accepted-by-rule", "a rule of the account says: always accept", Outcome.INBOX,
        "Your rule lets it in, whatever else is known.", lambda evidence, score: evidence.ruling.accept),
    Row("forged",
        "DMARC fails with `reject`, and SPF fails, nothing good is known of sender or network, it does not look like a mailing list, "
        "no trusted sealer (ARC), forwarder or list vouches for it, and the account never wrote to the author",
        Outcome.REFUSE, "It bears a name that is not its sender's.", _forged),
    Row("subject-pass", "its subject has a valid pass, and no DMARC policy is against it", Outcome.INBOX,
        "Its sender was refused before and answered with the pass.",
        lambda evidence, score: evidence.passed and evidence.disowned is Policy.NONE),
    Row("refused-with-pass",
        "as in the next row, and the account offers passes, the author is proven, and no earlier mail of his was junk",
        Outcome.OFFER, "Too much speaks against it; its sender was told how to get through.", _offered),
    Row("refused-for-now",
        f"the signs sum up to {REFUSE:g} or less, one of them is a bad network (block list, earlier mail, SPF `fail`) or a sender whose "
        "earlier mail was junk, and the account never wrote to the author",
        Outcome.LATER, "Too much speaks against it, and it was refused for now.", _refused),
    Row("disowned", "DMARC fails with `quarantine` or `reject`, and nobody vouches for it", Outcome.JUNK,
        "It may not be from whom it says, and the owner of that name wants such mail kept apart.",
        lambda evidence, score: evidence.disowned is not Policy.NONE),
    Row("junk", "the signs sum up to the threshold of the account for junk", Outcome.JUNK,
        "What speaks against it outweighs what speaks for it.", lambda evidence, score: score <= -odds(evidence.threshold)),
    Row("nothing-against", "anything else", Outcome.INBOX,
        "Not enough speaks against it.", lambda evidence, score: True),
)


def decide(evidence: Evidence) -> Verdict:
    """The verdict for one recipient, and every reason for it, the deciding one first."""
    found = signs(evidence)
    score = sum(reason.weight for reason in found)
    row = next(row for row in TABLE if row.fits(evidence, score))
    reasons = (Reason(row.why, key=row.key), *found)
    ruling, override = evidence.ruling, _override(evidence, row.then)
    common = Verdict("junk", reasons, dmarc_override=override, forwarded=bool(ruling.forwarder or evidence.sealer), ruling=ruling)
    match row.then:
        case Outcome.INBOX:
            return replace(common, mailbox=ruling.mailbox or "inbox", flags=ruling.flags, keywords=ruling.keywords, delay=_delay(evidence))
        case Outcome.JUNK:
            return replace(common, flags=ruling.flags, keywords=ruling.keywords, delay=_delay(evidence))
        case Outcome.LATER:
            return replace(common, mailbox="rejects", refusal=LATER, keep_reject=True, flags=Flags.SEEN)
        case Outcome.OFFER:
            return replace(common, mailbox="rejects", refusal=_offer(evidence), keep_reject=True, flags=Flags.SEEN)
        case Outcome.REFUSE:
            return replace(common, refusal=_refusal(evidence))


def decide_onward(evidence: Evidence) -> Verdict:
    """The verdict for members of an alias elsewhere: what would be junk is refused for now, since it cannot be passed on.

    There is no Junk of theirs here where they would look.  Not refused, but kept here, is
    mail for postmaster (RFC 5321 §4.5.1), and what only its author's policy speaks against
    (RFC 9989 §7.4): a list would take its member off.
    """
    verdict = decide(evidence)
    if verdict.refusal or verdict.wanted or evidence.postmaster or evidence.disowned is not Policy.NONE:
        return verdict
    return replace(verdict, refusal=LATER, keep_reject=True)


def _delay(evidence: Evidence) -> float:
    return FIRST_TIME_DELAY if evidence.stranger and evidence.way_counts and not evidence.good_signs else 0.0


def _override(evidence: Evidence, then: Outcome) -> str:
    """Why less is done than the author's domain asked for."""
    asked = evidence.identity.dmarc
    if asked.status is not Status.FAIL or asked.policy is Policy.NONE:
        return ""
    if evidence.ruling.accept:
        return "local_policy"
    if evidence.ruling.mailing_list:
        return "mailing_list"
    if evidence.ruling.forwarder:
        return "trusted_forwarder"
    if then is Outcome.JUNK and asked.policy is Policy.REJECT and not evidence.sealer:
        return "mailing_list" if evidence.list_like else "local_policy"
    return "local_policy" if evidence.sealer else ""


def _refusal(evidence: Evidence) -> Reply:
    dmarc = evidence.identity.dmarc
    return Reply(
        550, DMARC_REFUSAL, f"The DMARC policy of {dmarc.policy_domain} asks to refuse mail that only says it is from {dmarc.author}: "
        "SPF fails, and no DKIM signature of that domain passes")


def _offer(evidence: Evidence) -> Reply:
    return Reply(
        550, "5.7.1", "The message looks like junk to us. If a person wrote it, please send it again with this in its subject: "
        f"{evidence.token}")
