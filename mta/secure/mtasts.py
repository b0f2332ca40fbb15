"""MTA-STS: what a domain says, over DNS and HTTPS, of the servers that take its mail.

The record says that there is a policy and names its version; the policy says which hosts
may take mail, over verified TLS, and for how long that holds.  Reading what strangers
wrote, and writing our own; nothing here asks anybody.

Standards: RFC 8461.

Read on: mta.flow.policies finds and keeps the policies of others, mta.flow.ownpolicy has ours.
"""
import enum
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from mta.base.errors import BadName
from mta.base.names import Domain

#: Where the record stands, below the domain (RFC 8461 §3.1).
LABEL: Final = "_mta-sts"
#: The host that has the policy, below the domain, and the place there (RFC 8461 §3.2, §3.3).
HOST_LABEL: Final = "mta-sts"
PATH: Final = "/.well-known/mta-sts.txt"
#: RFC 8461 §3.2, max_age: about one year.
LONGEST: Final = 31_557_600

#: RFC 8461 §3.1: how a record begins; what does not is somebody else's.
VERSION: Final = "v=STSv1;"
#: RFC 8461 §3.1, sts-id and sts-extension.
FIELD: Final = re.compile(r"([A-Za-z0-9][A-Za-z0-9_.-]{0,31})=([!-:<>-~]+)")
ID: Final = re.compile(r"[A-Za-z0-9]{1,32}")
#: RFC 8461 §3.2: a name, a colon, a value; the value is printable text that does not begin with a space.
LINE: Final = re.compile(r"([A-Za-z0-9][A-Za-z0-9_.-]{0,31}):[ \t]*([^ \t\x00-\x1f\x7f][^\x00-\x08\x0a-\x1f\x7f]*)")
MAX_AGE: Final = re.compile(r"[0-9]{1,10}")


class BadPolicy(ValueError):
    """Text that is no policy; the message says why, in words for its owner."""


class Mode(enum.Enum):
    """What a policy wants of senders (RFC 8461 §5)."""

    ENFORCE = "enforce"     # do not deliver where it is not kept
    TESTING = "testing"     # deliver anyway, and report
    NONE = "none"           # there is no policy any more

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class Record:
    """The TXT record of a domain: id changes when the policy does."""

    id: str


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy: max_age in seconds since it was fetched, mx the hosts, in A-labels, as in "mx.example.org" or "*.example.org"."""

    mode: Mode
    max_age: int
    mx: tuple[str, ...] = ()

    def allows(self, host: Domain) -> bool:
        """Whether host may take the mail; a wildcard stands for exactly one label (RFC 8461 §4.1)."""
        _, _, parent = host.ascii.partition(".")
        return host.ascii in self.mx or (bool(parent) and f"*.{parent}" in self.mx)

    @property
    def lines(self) -> tuple[str, ...]:
        """The policy as its owner would write it, a line each: for reports (RFC 8460 §4.4, policy-string), and for serving ours."""
        return ("version: STSv1", f"mode: {self.mode}", *(f"mx: {pattern}" for pattern in self.mx), f"max_age: {self.max_age}")


def parse_record(texts: Iterable[str]) -> Record | None:
    """The record among the TXT records of _mta-sts.DOMAIN; None if there is none, more than one, or one that cannot be read.

    RFC 8461 §3.1: each of these means that the domain has no policy.
    """
    records = [text for text in texts if text.startswith(VERSION)]
    return _record(records[0]) if len(records) == 1 else None


def record_problem(texts: Iterable[str]) -> str:
    """Why parse_record() finds nothing in these records, in words for the domain's owner; "" if it does, or if there is nothing."""
    given = list(texts)
    records = [text for text in given if text.startswith(VERSION)]
    if len(records) > 1:
        return f"there are {len(records)} MTA-STS records, so that none counts"
    if records:
        return "" if _record(records[0]) else (
            "the record cannot be read: it should be v=STSv1; id=… with up to 32 letters and digits as its id")
    if any("stsv1" in text.lower() for text in given):
        return f"the record does not begin with {VERSION}"
    return ""


def _record(text: str) -> Record | None:
    """RFC 8461 §3.1: fields between semicolons, the first id counts, what is unknown is ignored."""
    parts = [part.strip(" \t") for part in text.removeprefix(VERSION).split(";")]
    if len(parts) > 1 and not parts[-1]:
        parts.pop()
    fields = [FIELD.fullmatch(part) for part in parts]
    named = {field[1]: field[2] for field in reversed(fields) if field}
    return Record(named["id"]) if all(fields) and ID.fullmatch(named.get("id", "")) else None


def parse_policy(text: str | bytes) -> Policy:
    """The policy that text (octets: UTF-8) is (RFC 8461 §3.2); BadPolicy.  Linear in the length of text.

    What is unknown is ignored, of what comes twice the first counts, but for mx.
    """
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8")
        except UnicodeDecodeError as problem:
            raise BadPolicy(f"octet {problem.start} is not UTF-8") from None
    first: dict[str, str] = {}
    patterns: dict[str, None] = {}
    for number, line in enumerate(text.removesuffix("\n").split("\n"), 1):
        bare = line.removesuffix("\r").rstrip(" \t")
        # RFC 8461 §3.2, deviate: the grammar has no empty lines, but policies in use end in some.
        if not bare:
            continue
        field = LINE.fullmatch(bare)
        if not field:
            raise BadPolicy(f"line {number} is not a name, a colon and a value: {bare[:80]!r}")
        if field[1] == "mx":
            patterns[parse_pattern(field[2])] = None
        else:
            first.setdefault(field[1], field[2])
    return _policy(first, tuple(patterns))


def parse_pattern(text: str) -> str:
    """A host of a policy as it is compared: a name in A-labels, perhaps with *. in front (RFC 8461 §3.2, mx); BadPolicy."""
    wildcard = "*." if text.startswith("*.") else ""
    try:
        return wildcard + Domain.parse(text.removeprefix("*.")).ascii
    except BadName:
        raise BadPolicy(f"{text[:80]!r} is no host name, nor one with *. in front") from None


def _policy(first: dict[str, str], patterns: tuple[str, ...]) -> Policy:
    for name in ("version", "mode", "max_age"):
        if name not in first:
            raise BadPolicy(f"it has no {name}")
    if first["version"] != "STSv1":
        raise BadPolicy(f"its version is {first['version'][:40]!r}, not STSv1")
    try:
        mode = Mode(first["mode"])
    except ValueError:
        raise BadPolicy(f"its mode is {first['mode'][:40]!r}, which is none of enforce, testing and none") from None
    if not MAX_AGE.fullmatch(first["max_age"]):
        raise BadPolicy(f"its max_age is {first['max_age'][:40]!r}, which is not a number of up to ten digits")
    if not patterns and mode is not Mode.NONE:
        raise BadPolicy(f"it names no mx, which mode {mode} needs")
    # RFC 8461 §3.2, deviate: what is more than a year is taken as a year; its owner surely means no less.
    return Policy(mode, min(int(first["max_age"]), LONGEST), patterns)
