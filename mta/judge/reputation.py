"""What is thought of a sender, from what the account's people did with earlier mail.

What somebody marks or moves as junk or as good is counted under several names of the
message: its author's address, domain and organisation, who signed it, whose SPF let it
pass, which network it came from.  The counters decay with time (mta.store.learned), so
judging costs one question with a handful of keys, however much mail is stored.

Two ladders are climbed, one for who it is from and one for the way it came.  On each the
first rung that has been there often enough decides, nearest to the sender first: what is
known of the address outweighs what is known of its domain.  What is proven (the author's
domain stands by it) and what anybody might have written are counted apart.

Names without a proof can be claimed by anybody: good ones then count for little, and it
counts against a message if its author's mail was proven so far and this one is not.
"""
import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from mta.auth import orgdomain
from mta.judge.facts import Facts
from mta.judge.rates import network_keys

Key = tuple[str, str]


class Standing(Protocol):
    """How often mail under some name was called good and junk; a lesson counts 1 when it is fresh, ever less later."""

    @property
    def good(self) -> float:
        """Called good."""

    @property
    def junk(self) -> float:
        """Called junk."""


class Leaning(enum.Enum):
    """Which way earlier mail points."""

    GOOD = "good"
    BAD = "bad"
    MIXED = "mixed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a ladder came to: which name decided, how it leans, how much that weighs (less than 0: against the message)."""

    leaning: Leaning = Leaning.UNKNOWN
    weight: float = 0.0
    kind: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What earlier mail says of who wrote (sender) and of the way the message came (network).

    posing: mail of this author was always proven, and this is not.
    """

    sender: Finding = Finding()
    network: Finding = Finding()
    posing: bool = False


NO_OPINION: Final = Opinion()


@dataclass(frozen=True, slots=True)
class Rung:
    """How much is needed of one kind of name, and what it then weighs.

    least_good and least_bad are how many fresh lessons it takes; share is the part of all
    that has to agree, else they are mixed.
    """

    kind: str
    least_good: float
    least_bad: float
    share: float
    good: float
    bad: float


#: Weights are logarithms of odds: 2.2 is 9 to 1, 4.6 is 99 to 1.
#: One lesson about an address is enough, and stays so for some half-lives: who marks a
#: sender means him.  A domain may have many people, good ones and bad: it takes more, and
#: says less.  Signers and networks are shared with strangers: more still.
PROVEN: Final = (
    Rung("address", 0.2, 0.2, 0.65, 5.0, -4.0),
    Rung("domain", 0.5, 2.0, 0.9, 2.5, -2.0),
    Rung("org", 0.5, 2.0, 0.9, 2.0, -1.5),
)
#: Good things that were learned of mail without proof help whoever claims the name.
UNPROVEN: Final = (
    Rung("address", 0.2, 0.2, 0.65, 1.0, -3.0),
    Rung("domain", 1.0, 2.0, 0.9, 0.5, -1.5),
    Rung("org", 1.0, 2.0, 0.9, 0.5, -1.5),
)
#: Who else stands by a message, if nothing is known of its author.  A HELO name is free to
#: choose: it cannot help.
OTHERS: Final = (
    Rung("dkim", 1.5, 2.0, 0.9, 1.5, -2.0),
    Rung("spf", 1.5, 2.0, 0.9, 1.0, -1.5),
    Rung("helo", 1.5, 3.0, 0.9, 0.0, -1.0),
)
#: The narrower a network, the more surely it is one sender.
NETWORKS: Final = (
    Rung("ip", 1.5, 1.5, 0.8, 2.0, -3.0),
    Rung("net-middle", 4.0, 4.0, 0.85, 1.0, -2.0),
    Rung("net-wide", 8.0, 8.0, 0.9, 0.5, -1.5),
)
#: How much of an author's mail must have been proven and not called junk before the lack of a proof is a sign.
POSING_LEAST: Final = 0.5


def keys(facts: Facts) -> list[Key]:
    """The names under which a lesson about a message is counted."""
    found = _author_keys(facts, facts.proven)
    found += [("dkim", domain.ascii) for domain in facts.dkim_domains]
    if facts.spf_domain:
        found.append(("spf", facts.spf_domain.ascii))
    if facts.hello:
        found.append(("helo", facts.hello))
    if facts.ip:
        found += [(rung.kind, network) for rung, network in zip(NETWORKS, network_keys(facts.ip), strict=True)]
    return found


def asked(facts: Facts) -> list[Key]:
    """The names whose standings opinion() needs: the same, and for an author without proof those he has with one."""
    return keys(facts) + ([] if facts.proven else _author_keys(facts, True))


def opinion(facts: Facts, standings: Mapping[Key, Standing]) -> Opinion:
    """What earlier mail says of a message with such facts; standings are those of asked(), what is missing has none."""
    names: dict[str, list[Key]] = {}
    for key in keys(facts):
        names.setdefault(key[0], []).append(key)
    author = _climb(PROVEN if facts.proven else UNPROVEN, names, standings)
    # Strangers may share a signer or a host with the author; so these come last.
    sender = author if author.leaning is not Leaning.UNKNOWN else _climb(OTHERS, names, standings)
    return Opinion(sender, _climb(NETWORKS, names, standings), not facts.proven and _posing(facts, standings))


def _author_keys(facts: Facts, proven: bool) -> list[Key]:
    author = facts.author_address
    if author is None:
        return []
    how = "proven" if proven else "unproven"
    return [
        ("address", f"{author.ascii.lower()}|{how}"), ("domain", f"{author.domain.ascii}|{how}"),
        ("org", f"{orgdomain.organization(author.domain).ascii}|{how}")]


def _climb(rungs: Sequence[Rung], names: Mapping[str, Sequence[Key]], standings: Mapping[Key, Standing]) -> Finding:
    """What the first rung with a history says."""
    for rung in rungs:
        findings = [_finding(rung, key, standings[key]) for key in names.get(rung.kind, ()) if key in standings]
        known = [finding for finding in findings if finding.leaning is not Leaning.UNKNOWN]
        if known:
            # Of several signers the worst counts: a good one may be added by whoever passes mail on.
            return min(known, key=lambda finding: finding.weight)
    return Finding()


def _finding(rung: Rung, key: Key, standing: Standing) -> Finding:
    subject = key[1].partition("|")[0]
    total = standing.good + standing.junk
    if standing.good >= rung.least_good and standing.good >= rung.share * total:
        return Finding(Leaning.GOOD, rung.good, rung.kind, subject)
    if standing.junk >= rung.least_bad and standing.junk >= rung.share * total:
        return Finding(Leaning.BAD, rung.bad, rung.kind, subject)
    if standing.good >= rung.least_good and standing.junk >= rung.least_bad:
        return Finding(Leaning.MIXED, 0.0, rung.kind, subject)
    return Finding()


def _posing(facts: Facts, standings: Mapping[Key, Standing]) -> bool:
    """Whether mail of this address, or of its domain, used to be proven and good, and never came without proof."""
    for (kind, proven), (_, unproven) in zip(_author_keys(facts, True)[:2], _author_keys(facts, False)[:2], strict=True):
        had, lacked = standings.get((kind, proven)), standings.get((kind, unproven))
        if had and had.good >= POSING_LEAST and had.good > had.junk:
            return lacked is None or lacked.good < POSING_LEAST
    return False
