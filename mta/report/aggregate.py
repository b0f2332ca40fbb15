"""What a DMARC aggregate report tells, whoever wrote it and in whichever edition of the format.

Texts of strangers are bounded and free of control characters, results and policies are in
lower case; what a report does not say is "" (or None where that differs from empty).

Standards: RFC 9990 §3.1, RFC 7489 §7.2 for reports as they were before.

Read on: mta.report.dmarcxml reads and writes them.
"""
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from mta.auth.dmarcrecord import DmarcRecord
from mta.base.names import Domain, IPAddress

#: RFC 9990 §3.1.1.9: what may have become of a message.
DISPOSITIONS: Final = ("none", "pass", "quarantine", "reject")
#: RFC 9990 §3.1.6: why that was not what the policy asks for.
OVERRIDES: Final = ("local_policy", "mailing_list", "other", "policy_test_mode", "trusted_forwarder")
#: RFC 8601 §2.7.1 and §2.7.2.
DKIM_RESULTS: Final = ("none", "pass", "fail", "policy", "neutral", "temperror", "permerror")
SPF_RESULTS: Final = ("none", "pass", "fail", "softfail", "policy", "neutral", "temperror", "permerror")


@dataclass(frozen=True, slots=True)
class Metadata:
    """Who reports, and about when: begin and end are seconds since 1970, both within the period."""

    org_name: str
    email: str
    report_id: str
    begin: int
    end: int
    extra_contact: str = ""
    errors: tuple[str, ...] = ()
    generator: str = ""


@dataclass(frozen=True, slots=True)
class Published:
    """The policy that the reporter found (RFC 9990 §3.1.1.5).

    adkim and aspf are "r" or "s"; p, sp and np are policies; fo has the failure options;
    testing is t=y, None if the report does not say; discovery_method is "psl" or
    "treewalk"; pct is only in reports as RFC 7489 has them.
    """

    domain: Domain
    p: str
    sp: str = ""
    np: str = ""
    adkim: str = ""
    aspf: str = ""
    fo: str = ""
    testing: bool | None = None
    discovery_method: str = ""
    pct: int | None = None

    @classmethod
    def of(cls, domain: Domain, record: DmarcRecord) -> "Published":
        """The policy in record, found at domain, with the defaults for what it leaves out (RFC 9989 §4.7)."""
        sp = record.policy if record.subdomains is None else record.subdomains
        np = sp if record.absent is None else record.absent
        return cls(
            domain, str(record.policy), str(sp), str(np), "s" if record.strict_dkim else "r", "s" if record.strict_spf else "r",
            ":".join(sorted(record.failures)), record.testing, "treewalk")


@dataclass(frozen=True, slots=True)
class Override:
    """Why the disposition is not what the policy asks for: one of OVERRIDES, or an older word of RFC 7489 §7.2 in what we read."""

    kind: str
    comment: str = ""


@dataclass(frozen=True, slots=True)
class DkimSeen:
    """What came of one signature: d=, s=, a word of DKIM_RESULTS."""

    domain: str
    selector: str
    result: str
    human: str = ""


@dataclass(frozen=True, slots=True)
class SpfSeen:
    """What SPF said of one domain; scope is "mfrom", or "helo" in what we read (RFC 9990 §3.1.1.13 has no other than mfrom)."""

    domain: str
    result: str
    scope: str = "mfrom"
    human: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """Messages of one kind (RFC 9990 §3.1.1.7 calls it a record).

    dkim and spf are "pass" or "fail": aligned, and passed.  envelope_from and envelope_to
    are domains, None if the report does not have them; an empty envelope_from is a null
    sender.
    """

    source_ip: IPAddress
    count: int
    disposition: str
    dkim: str
    spf: str
    header_from: str
    envelope_from: str | None = None
    envelope_to: str | None = None
    reasons: tuple[Override, ...] = ()
    dkim_results: tuple[DkimSeen, ...] = ()
    spf_results: tuple[SpfSeen, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether these messages passed DMARC."""
        return "pass" in (self.dkim, self.spf)


@dataclass(frozen=True, slots=True)
class AggregateReport:
    """One report; problems has what was wrong with it and could be done without, for the person who looks at it."""

    metadata: Metadata
    policy: Published
    rows: tuple[Row, ...]
    version: str = ""
    problems: tuple[str, ...] = ()

    @property
    def messages(self) -> int:
        """How many messages it is about."""
        return sum(row.count for row in self.rows)


def merged(rows: Iterable[Row]) -> tuple[Row, ...]:
    """rows, those that differ in nothing but their count as one (RFC 9990 §3.1.1.7), in the order of their first."""
    counts: dict[Row, int] = {}
    for row in rows:
        alike = replace(row, count=0)
        counts[alike] = counts.get(alike, 0) + row.count
    return tuple(replace(row, count=count) for row, count in counts.items())
