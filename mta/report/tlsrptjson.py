"""Reports about TLS as JSON, read and written.

Reading takes what deployed senders write: times without a zone (they mean UTC), a host
pattern that is no list, counts in quotation marks, policies and failures of kinds that
no standard names.  A document of another shape is refused with the place where it is
not one.  Objects that are not asked for are passed over, never built.

Standards: RFC 8460 §4.4 (the document), §4.3 (result types), RFC 3339 (times).
"""
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Final

import msgspec

from mta.base.errors import BadName
from mta.base.limits import LIMITS, Limits
from mta.base.names import Domain
from mta.message.header import clean
from mta.report.badreport import BadReport

#: RFC 8460 §4.4, policy-type.
KINDS: Final = ("sts", "tlsa", "no-policy-found")


@dataclass(frozen=True, slots=True)
class FailureDetail:
    """Sessions that failed in one way.

    result is a result type (RFC 8460 §4.3) or what the sender has in its place, count the
    number of sessions; addresses and names are as written, "" if absent.  reason is for
    programs, information a text or URI for people.
    """

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
    """What happened under one policy, in sessions.

    kind is one of KINDS, domain whose policy it is, lines the policy's text (of MTA-STS its
    lines, of DANE the TLSA records), mx the host patterns of MTA-STS or the host with the
    TLSA records.
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
    """One report; begin and end are seconds since 1970, problems what was wrong with it and could be done without."""

    organization: str
    contact: str
    report_id: str
    begin: int
    end: int
    policies: tuple[PolicyResult, ...]
    problems: tuple[str, ...] = ()

    @property
    def successful(self) -> int:
        """Sessions under all policies; one that fell under two counts twice."""
        return sum(policy.successful for policy in self.policies)

    @property
    def failed(self) -> int:
        """The same for sessions that failed."""
        return sum(policy.failed for policy in self.policies)


# --- the document ----------------------------------------------------------------------------------

Count = Annotated[int, msgspec.Meta(ge=0, le=10**12)]
Lines = list[str] | str | None


class _Wire(msgspec.Struct, rename="kebab", gc=False):
    """An object of the document; its members have dashes instead of underscores."""


class _Period(_Wire):
    start_datetime: str
    end_datetime: str


class _Policy(_Wire):
    policy_type: str
    policy_string: Lines = None
    policy_domain: str = ""
    mx_host: Lines = None


class _Summary(_Wire):
    total_successful_session_count: Count = 0
    total_failure_session_count: Count = 0


class _Failure(_Wire):
    result_type: str
    failed_session_count: Count = 0
    sending_mta_ip: str | None = None
    receiving_mx_hostname: str | None = None
    receiving_mx_helo: str | None = None
    receiving_ip: str | None = None
    failure_reason_code: str | None = None
    additional_information: str | None = None


class _Result(_Wire):
    policy: _Policy
    summary: _Summary
    failure_details: list[_Failure] | None = None


class _Report(_Wire):
    date_range: _Period
    policies: list[_Result]
    organization_name: str | None = None
    contact_info: str | None = None
    report_id: str | None = None


DECODER: Final = msgspec.json.Decoder(_Report, strict=False)


def parse(octets: bytes, limits: Limits = LIMITS) -> TlsReport:
    """The report in octets, unpacked already; BadReport says why it is none."""
    octets = octets.removeprefix(b"\xef\xbb\xbf").strip()
    if not octets:
        raise BadReport("it is empty")
    if len(octets) > limits.report_json:
        raise BadReport(f"it has more than {limits.report_json} octets")
    try:
        wire = DECODER.decode(octets)
    except (msgspec.MsgspecError, UnicodeDecodeError) as problem:
        raise BadReport(f"it is no TLS report in JSON: {problem}") from None
    except RecursionError:
        raise BadReport("its objects are nested too deep") from None
    return _Reader(wire, limits).report()


class _Reader:
    """From the document to the report."""

    def __init__(self, wire: _Report, limits: Limits) -> None:
        self.wire, self.limits = wire, limits
        self.problems: list[str] = []

    def report(self) -> TlsReport:
        wire = self.wire
        begin, end = _moment(wire.date_range.start_datetime), _moment(wire.date_range.end_datetime)
        if end < begin:
            raise BadReport("its period ends before it begins")
        contact, report_id = self.text(wire.contact_info), self.text(wire.report_id).strip("<> ")
        organization = self.text(wire.organization_name) or contact.rpartition("@")[2]
        if not report_id:
            raise BadReport("it has no id")
        if not organization:
            raise BadReport("it does not say who reports")
        if len(wire.policies) > self.limits.report_policies:
            raise BadReport(f"it has more than {self.limits.report_policies} policies")
        policies = tuple(self.policies())
        if not policies:
            raise BadReport(self.problems[0] if self.problems else "it is about no policy")
        return TlsReport(organization, contact, report_id, begin, end, policies, tuple(self.problems))

    def policies(self) -> Iterator[PolicyResult]:
        for result in self.wire.policies:
            policy, failures = result.policy, result.failure_details or []
            if len(failures) > self.limits.report_failures:
                raise BadReport(f"it has more than {self.limits.report_failures} kinds of failures for one policy")
            try:
                domain = Domain.parse(policy.policy_domain.strip())
            except BadName:
                if len(self.problems) < self.limits.report_problems:
                    self.problems.append(f"a policy is left out: {policy.policy_domain[:80]!r} is no domain")
                continue
            yield PolicyResult(
                self.text(policy.policy_type).lower(), domain, result.summary.total_successful_session_count,
                result.summary.total_failure_session_count, self.texts(policy.policy_string), self.texts(policy.mx_host),
                tuple(map(self.failure, failures)))

    def failure(self, failure: _Failure) -> FailureDetail:
        text = self.text
        return FailureDetail(
            text(failure.result_type).lower(), failure.failed_session_count, text(failure.sending_mta_ip),
            text(failure.receiving_mx_hostname), text(failure.receiving_mx_helo), text(failure.receiving_ip),
            text(failure.failure_reason_code), text(failure.additional_information))

    def text(self, text: str | None) -> str:
        return clean((text or "")[:self.limits.report_text]).strip()

    def texts(self, lines: Lines) -> tuple[str, ...]:
        several = [lines] if isinstance(lines, str) else lines or []
        return tuple(filter(None, map(self.text, several[:self.limits.report_results])))


def _moment(text: str) -> int:
    """Seconds since 1970 of a time as RFC 3339 has it; without a zone it is UTC."""
    try:
        moment = datetime.fromisoformat(text[:40].strip().upper())
    except ValueError:
        raise BadReport(f"{text[:40]!r} is no date and time") from None
    seconds = int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
    if seconds < 0:
        raise BadReport(f"{text[:40]!r} is before 1970")
    return seconds


# --- writing ---------------------------------------------------------------------------------------


def write(report: TlsReport) -> bytes:
    """The document (RFC 8460 §4.4); ValueError if a policy is of no kind that there is."""
    return json.dumps({
        "organization-name": report.organization,
        "date-range": {"start-datetime": _written(report.begin), "end-datetime": _written(report.end)},
        "contact-info": report.contact,
        "report-id": report.report_id,
        "policies": [_policy(policy) for policy in report.policies],
    }, indent=1).encode()


def _policy(result: PolicyResult) -> dict[str, Any]:
    if result.kind not in KINDS:
        raise ValueError(f"{result.kind!r} is not one of {', '.join(KINDS)}")
    policy: dict[str, Any] = {"policy-type": result.kind, "policy-domain": result.domain.ascii}
    if result.lines:
        policy["policy-string"] = list(result.lines)
    if result.mx:
        policy["mx-host"] = list(result.mx)
    written: dict[str, Any] = {"policy": policy, "summary": {
        "total-successful-session-count": result.successful, "total-failure-session-count": result.failed}}
    if result.failures:
        written["failure-details"] = [_failure(failure) for failure in result.failures]
    return written


def _failure(failure: FailureDetail) -> dict[str, Any]:
    members = {
        "result-type": failure.result, "sending-mta-ip": failure.sending_ip, "receiving-mx-hostname": failure.mx_host,
        "receiving-mx-helo": failure.mx_helo, "receiving-ip": failure.receiving_ip, "failed-session-count": failure.count,
        "additional-information": failure.information, "failure-reason-code": failure.reason}
    return {name: value for name, value in members.items() if value != ""}


def _written(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
