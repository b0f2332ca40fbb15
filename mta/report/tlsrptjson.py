"""Reports about TLS as JSON, read and written (RFC 8460 §4.4)."""
from dataclasses import dataclass

from mta.base.limits import LIMITS, Limits
from mta.base.names import Domain
from mta.report.badreport import BadReport


@dataclass(frozen=True, slots=True)
class FailureDetail:
    """Sessions that failed in one way; result is a result type (RFC 8460 §4.3), addresses and names are as written, "" if absent."""

    result: str
    count: int
    sending_ip: str = ""
    mx_host: str = ""
    mx_helo: str = ""
    receiving_ip: str = ""
    reason: str = ""
    information: str = ""


@dataclass(frozen=True, slots=True)
class PolicyResult:
    """What happened under one policy: kind is "sts", "tlsa" or "no-policy-found", domain whose policy it is, lines its text.

    mx has the host patterns of an MTA-STS policy, or the host whose TLSA records count.
    """

    kind: str
    domain: Domain
    successful: int
    failed: int
    lines: tuple[str, ...] = ()
    mx: tuple[str, ...] = ()
    failures: tuple[FailureDetail, ...] = ()


@dataclass(frozen=True, slots=True)
class TlsReport:
    """One report; begin and end are seconds since 1970, both within the period."""

    organization: str
    contact: str
    report_id: str
    begin: int
    end: int
    policies: tuple[PolicyResult, ...]
    problems: tuple[str, ...] = ()


def parse(octets: bytes, limits: Limits = LIMITS) -> TlsReport:
    """The report in octets, unpacked already; BadReport says why it is none."""
    raise BadReport("not read yet")


def write(report: TlsReport) -> bytes:
    """The document (RFC 8460 §4.4)."""
    raise ValueError("not written yet")
