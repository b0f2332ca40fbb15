"""What each thing that is known of a message weighs, in words for its reader.

Weights are logarithms of odds, so they can be added: 2.2 is 9 to 1, 4.6 is 99 to 1.  More
than 0 speaks for the message.  What weighs nothing is there because a reader wants to know
it.  Words of strangers (names) are put into sentences of ours only where they are parsed
and bounded.

Read on: screen.py decides by the sum and by what weighs most.
"""
import math
from collections.abc import Iterator
from typing import Final

from mta.auth.dmarcrecord import Policy
from mta.auth.status import Status
from mta.judge import rules
from mta.judge.evidence import Evidence
from mta.judge.reason import Reason
from mta.judge.reputation import Finding, Leaning

#: What each sign weighs, and the words of docs/judgement.md for it.  Earlier mail has its own weights
#: (mta.judge.reputation), and so has content.
WEIGHTS: Final[dict[str, tuple[float, str]]] = {
    "known-sender": (8.0, "somebody of the account wrote to the author, and the author is proven"),
    "known-name": (3.0, "somebody of the account wrote to the author, but nothing proves that it is the author"),
    "dmarc-reject": (-4.0, "DMARC fails, and the author's domain asks for `reject`"),
    "dmarc-quarantine": (-3.0, "DMARC fails, and the author's domain asks for `quarantine`"),
    "dmarc-fail": (-1.0, "DMARC fails, and the author's domain asks for nothing"),
    "posing": (-2.0, "mail of this author was proven so far, and this is not"),
    "spf-fail": (-2.0, "SPF says `fail`, nothing else proves the author, and no DMARC policy counts already"),
    "spf-softfail": (-1.0, "SPF says `softfail`, nothing else proves the author, and no DMARC policy counts already"),
    "no-name": (-1.0, "the sending address has no name that leads back to it"),
    "block-list": (-3.0, "the sending address is on a block list; at most two count"),
}
#: More lists than this say the same thing again.
LISTS_COUNTED: Final = 2
#: The most that words can do.  Who writes junk can add good words, but no sender adds bad ones to help himself.
CONTENT_FOR: Final = 2.5
CONTENT_AGAINST: Final = 5.0
#: How many telling words are shown, and how much of each.
WORDS_SHOWN: Final = 5
WORD: Final = 30

#: What names of each kind are names of.
SUBJECTS: Final = {
    "address": "from {}", "domain": "from {}", "org": "from {} and the domains below it", "dkim": "signed by {}", "spf": "sent for {}",
    "helo": "from hosts called {}", "ip": "from the address {}", "net-middle": "from the network {}", "net-wide": "from the network {}",
}
EARLIER: Final = {
    Leaning.GOOD: "Earlier mail {} was good.", Leaning.BAD: "Earlier mail {} was marked as junk.",
    Leaning.MIXED: "Earlier mail {} was good at times and junk at others.",
}


def signs(evidence: Evidence) -> list[Reason]:
    """Everything that counts, the weightiest first."""
    found = [*_own_word(evidence), *_author(evidence), *_earlier(evidence), *_way(evidence), *_content(evidence)]
    return sorted(found, key=lambda reason: -abs(reason.weight))


def odds(probability: float) -> float:
    """The logarithm of the odds of a probability, bounded."""
    bounded = min(max(probability, 1e-9), 1.0 - 1e-9)
    return math.log(bounded / (1.0 - bounded))


def _sign(key: str, text: str, counted: bool = True) -> Reason:
    return Reason(text, WEIGHTS[key][0] if counted else 0.0, key)


def _own_word(evidence: Evidence) -> Iterator[Reason]:
    """What the account says itself: its rules, and whom it wrote to."""
    yield from rules.reasons(evidence.ruling)
    if evidence.sealer:
        yield Reason(f"{evidence.sealer}, which this server trusts, says that the sender was proven when the message came there (ARC).",
                     key="trusted-sealer")
    if evidence.passed:
        yield Reason("Its subject has a valid pass.", key="subject-pass")
    if evidence.written_to and evidence.identity.proven:
        yield _sign("known-sender", "You have written to this sender before.")
    elif evidence.written_to and not evidence.disowned:
        yield _sign("known-name", "You have written to this sender before, but nothing proves that it is the same.")


def _author(evidence: Evidence) -> Iterator[Reason]:
    """Whether the author is proven, and what follows if not."""
    known, dmarc = evidence.identity, evidence.identity.dmarc
    if known.proven:
        yield Reason(f"{known.author.domain} stands by this message.", key="proven")
    elif dmarc.status is Status.FAIL:
        says = f"It says it is from {dmarc.author}, but neither SPF nor DKIM proves that"
        wish = {Policy.REJECT: "that such mail be refused", Policy.QUARANTINE: "that such mail be treated as suspicious"}.get(dmarc.policy)
        if evidence.vouched:
            yield Reason(f"{says}; who passed it on may have broken the proof.", key="dmarc-vouched")
        elif wish:
            yield _sign(f"dmarc-{dmarc.policy}", f"{says}; {dmarc.policy_domain} asks (DMARC) {wish}.")
        else:
            yield _sign("dmarc-fail", f"{says} (DMARC).")
    elif dmarc.status is Status.TEMPERROR:
        yield Reason("Whether the sender is who it says could not be found out just now (DMARC).", key="dmarc-temperror")
    elif known.author.problem:
        yield Reason("It does not say clearly who wrote it.", key="no-author")
    if evidence.opinion.posing and not evidence.vouched:
        yield _sign("posing", "So far mail from this sender could be proven to be real; this one cannot.")


def _earlier(evidence: Evidence) -> Iterator[Reason]:
    """What earlier mail says."""
    if evidence.stranger:
        yield Reason("Nothing is known of this sender yet.", key="first-time")
    if evidence.opinion.sender.leaning is not Leaning.UNKNOWN:
        yield _found(evidence.opinion.sender, "sender")
    if evidence.way_counts and evidence.opinion.network.leaning is not Leaning.UNKNOWN:
        yield _found(evidence.opinion.network, "network")


def _found(finding: Finding, about: str) -> Reason:
    whole = finding.subject.removesuffix("/32") if finding.kind == "ip" else finding.subject
    return Reason(
        EARLIER[finding.leaning].format(SUBJECTS[finding.kind].format(whole)), finding.weight, f"{about}-{finding.leaning.value}")


def _way(evidence: Evidence) -> Iterator[Reason]:
    """How it came."""
    if not evidence.way_counts:
        return
    known = evidence.identity
    for listing in evidence.listings[:LISTS_COUNTED]:
        yield _sign("block-list", f"The address {known.ip} that it came from is on the block list {listing.zone}.")
    # A policy of DMARC that is followed rests on SPF: it must not weigh twice.
    counted = evidence.disowned is Policy.NONE
    if evidence.spf_failed:
        yield _sign("spf-fail", f"{known.spf.domain} does not let the address {known.ip} send for it (SPF).", counted)
    elif known.spf.status is Status.SOFTFAIL and not known.proven:
        yield _sign("spf-softfail", f"{known.spf.domain} does not think that the address {known.ip} sends for it (SPF).", counted)
    if known.iprev.status in (Status.FAIL, Status.PERMERROR):
        yield _sign("no-name", f"The address {known.ip} that it came from has no name that leads back to it.")


def _content(evidence: Evidence) -> Iterator[Reason]:
    """What its words say."""
    content = evidence.content
    if content is None:
        return
    weight = max(-CONTENT_AGAINST, min(CONTENT_FOR, -odds(content.probability)))
    shown = ", ".join(word[:WORD] for word in content.words[:WORDS_SHOWN])
    telling = f" ({shown})" if shown else ""
    if weight < 0:
        yield Reason(f"Its words are {_percent(content.probability)} likely those of junk{telling}.", weight, "words-junk")
    else:
        yield Reason(f"Its words are {_percent(1.0 - content.probability)} likely those of good mail{telling}.", weight, "words-good")


def _percent(probability: float) -> str:
    return f"{min(probability, 0.999):.1%}" if probability > 0.99 else f"{probability:.0%}"
