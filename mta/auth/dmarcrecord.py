"""The DMARC record: what the owner of a domain asks receivers to do (RFC 9989 §4.7, §4.8).

Reading never fails.  What is no DMARC record is None; a part that is written wrongly
counts as absent, and is named in `problems` for the owner.  `pct`, `rf` and `ri` of RFC
7489 are history (RFC 9989 §9.3) and as unknown as any other tag.
"""
import enum
import re
from dataclasses import dataclass
from functools import lru_cache

from mta.base.limits import LIMITS, Limits
from mta.message.reporturi import ReportUri, report_uri

WSP = " \t"
#: RFC 9989 §4.8, dmarc-tag; names are compared in lower case, as ABNF does.
TAG = re.compile(r"([A-Za-z]+)[ \t]*=[ \t]*(.*)", re.DOTALL)


class Policy(enum.IntEnum):
    """What an owner wants done with mail that fails; more is stricter."""

    NONE = 0
    QUARANTINE = 1
    REJECT = 2

    @property
    def tested(self) -> "Policy":
        """One level below: what is applied while the owner tests (RFC 9989 §4.7, t)."""
        return Policy(max(0, self - 1))

    def __str__(self) -> str:
        return self.name.lower()


class Psd(enum.Enum):
    """Whether the domain lets others register names below it (RFC 9989 §4.7, psd)."""

    YES = "y"
    NO = "n"        # and it is the organisational domain of all below
    UNKNOWN = "u"


@dataclass(frozen=True, slots=True)
class DmarcRecord:
    """One record.

    policy, subdomains (sp) and absent (np) are as they count (RFC 9989 §4.10.1); usable
    is False if the record asks for nothing that can be done: then DMARC does not apply.
    strict_dkim and strict_spf are adkim and aspf; failures has the letters of fo.
    """

    text: str
    policy: Policy = Policy.NONE
    subdomains: Policy | None = None
    absent: Policy | None = None
    usable: bool = True
    testing: bool = False
    psd: Psd = Psd.UNKNOWN
    strict_dkim: bool = False
    strict_spf: bool = False
    rua: tuple[ReportUri, ...] = ()
    ruf: tuple[ReportUri, ...] = ()
    failures: frozenset[str] = frozenset("0")
    problems: tuple[str, ...] = ()

    def below(self, *, exists: bool) -> tuple[Policy, str]:
        """The policy for a domain below the one of this record, and the tag that says so (RFC 9989 §4.7, np and sp)."""
        if not exists and self.absent is not None:
            return self.absent, "np"
        if self.subdomains is not None:
            return self.subdomains, "sp"
        return self.policy, "p"


@lru_cache(maxsize=256)
def parse(text: str, limits: Limits = LIMITS) -> DmarcRecord | None:
    """The record that text is, None if it is none: v=DMARC1 comes first, in just these letters (RFC 9989 §4.7, v).

    Kept, because a few large senders write most mail and a walk meets a record twice.
    """
    version, *parts = text[:limits.dmarc_record + 1].split(";")
    found = TAG.fullmatch(version.strip(WSP))
    if not found or found[1] not in "vV" or found[2] != "DMARC1" or len(text) > limits.dmarc_record:
        return None
    return _Reader(parts, limits).record(text)


class _Reader:
    """The tags after the version."""

    def __init__(self, parts: list[str], limits: Limits) -> None:
        self.problems: list[str] = []
        self.limits = limits
        self.tags: dict[str, str] = {}
        twice = set()
        if parts and not parts[-1].strip(WSP):
            parts = parts[:-1]
        for part in parts:
            found = TAG.fullmatch(part.strip(WSP))
            if not found:
                self.problems.append(f"{part.strip(WSP)[:40]!r} is no tag")
            elif (name := found[1].lower()) in self.tags:
                twice.add(name)
            else:
                self.tags[name] = found[2]
        for name in sorted(twice):
            # RFC 6376 §3.2 forbids it, and nobody can say which is meant: neither counts.
            self.problems.append(f"{name}= is there more than once")
            self.tags[name] = ""

    def record(self, text: str) -> DmarcRecord:
        policy, subdomains, absent = map(self.policy, ("p", "sp", "np"))
        sound = "p" in self.tags and not {"p", "sp", "np"} & self.broken
        rua, ruf = self.uris("rua"), self.uris("ruf")
        if "p" not in self.tags:
            self.problems.append("p= is missing")
        if not sound:
            # RFC 9989 §4.10.1: whoever wants reports gets them, as with p=none; who does not, nothing.
            policy, subdomains, absent = Policy.NONE, None, None
            self.problems.append("the record counts as p=none" if rua else "without rua= too, the record asks for nothing")
        failures = self.failures() if ruf else frozenset("0")
        return DmarcRecord(
            text, policy or Policy.NONE, subdomains, absent, sound or bool(rua), self.word("t", ("y", "n")) == "y",
            Psd(self.word("psd", ("y", "n", "u")) or "u"), self.word("adkim", ("r", "s")) == "s", self.word("aspf", ("r", "s")) == "s",
            rua, ruf, failures, tuple(self.problems))

    @property
    def broken(self) -> set[str]:
        """The tags of policies that are there and say no policy."""
        return {name for name in ("p", "sp", "np") if name in self.tags and self.tags[name].lower() not in _POLICIES}

    def policy(self, name: str) -> Policy | None:
        return _POLICIES.get(self.word(name, tuple(_POLICIES)))

    def word(self, name: str, allowed: tuple[str, ...]) -> str:
        """The value of a tag that has few, "" if it is absent or none of them."""
        value = self.tags.get(name, "").lower()
        if name in self.tags and value not in allowed:
            self.problems.append(f"{name}={value[:40]} is not one of {', '.join(allowed)}")
        return value if value in allowed else ""

    def uris(self, name: str) -> tuple[ReportUri, ...]:
        """The URIs of a list that can be read (RFC 9989 §4.8, dmarc-urilist)."""
        if name not in self.tags:
            return ()
        written = self.tags[name].split(",")
        found = []
        for text in written[:self.limits.dmarc_uris]:
            uri = report_uri(text.strip(WSP))
            if uri:
                found.append(uri)
            else:
                self.problems.append(f"{name}= has no URI in {text.strip(WSP)[:80]!r}")
        if len(written) > self.limits.dmarc_uris:
            self.problems.append(f"{name}= names more than {self.limits.dmarc_uris} addresses")
        return tuple(found)

    def failures(self) -> frozenset[str]:
        """The letters of fo=, each once, not 0 and 1 together (RFC 9989 §4.8, dmarc-fo)."""
        letters = [letter.strip(WSP) for letter in self.tags.get("fo", "0").lower().split(":")]
        chosen = frozenset(letters)
        if len(chosen) < len(letters) or not chosen <= set("01ds") or {"0", "1"} <= chosen:
            self.problems.append(f"fo={self.tags['fo'][:40]} is not understood")
            return frozenset("0")
        return chosen


_POLICIES = {str(policy): policy for policy in Policy}
