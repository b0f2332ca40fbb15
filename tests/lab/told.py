"""Reports as whoever gets them may read them: with the readers of others, and one that takes nothing but what RFC 8460 says."""
import email
import email.policy
import gzip
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal

import msgspec
from lxml import etree

#: Types of the parts that have a document.
PACKED = ("application/gzip", "application/tlsrpt+gzip")
NAMESPACE = "{urn:ietf:params:xml:ns:dmarc-2.0}"

#: What a DMARC report says of messages that are alike: source, disposition, DKIM, SPF; domains of author, sender and recipient.
Row = tuple[str, str, str, str, str, str, str]
#: What a TLS report says of a policy: its type, sessions that succeeded and that failed, and the failures, each with its count.
Policy = tuple[str, int, int, tuple[tuple[str, int], ...]]


@dataclass(frozen=True)
class Told:
    """A report: who tells, of which kind and domain, about which day (YYYY-MM-DD); and its document."""

    by: str
    kind: Literal["dmarc", "tls"]
    domain: str
    day: str
    document: bytes


def read(document: bytes) -> Told:
    """A document, XML or JSON; line ends around it are no part of it."""
    document = document.strip()
    if document.startswith(b"<"):
        top = etree.fromstring(document)
        begin, end = (int(_text(top, f"report_metadata/date_range/{name}")) for name in ("begin", "end"))
        assert (begin % 86_400, end - begin) == (0, 86_399), "a day, from midnight to midnight"
        return Told(_text(top, "report_metadata/org_name"), "dmarc", _text(top, "policy_published/domain"), _day(begin), document)
    report = TLS.decode(document)
    assert report.date_range.end_datetime.timestamp() - report.date_range.start_datetime.timestamp() == 86_399
    [domain] = {one.policy.policy_domain for one in report.policies}
    return Told(report.organization_name, "tls", domain, f"{report.date_range.start_datetime:%Y-%m-%d}", document)


def in_mail(message: bytes) -> bytes:
    """The document in a mail that has one."""
    parts = email.message_from_bytes(message, policy=email.policy.default).walk()
    [packed] = [part.get_payload(decode=True) for part in parts if part.get_content_type() in PACKED]
    assert isinstance(packed, bytes)
    return gzip.decompress(packed)


def messages(document: bytes) -> Counter[Row]:
    """How many messages a DMARC report tells of, by what it says of them; rows that are alike must be one (RFC 9990 §3.1.1.2)."""
    found = Counter[Row]()
    for record in etree.fromstring(document).findall(f"{NAMESPACE}record"):
        paths = ("row/source_ip", "row/policy_evaluated/disposition", "row/policy_evaluated/dkim", "row/policy_evaluated/spf",
                 "identifiers/header_from", "identifiers/envelope_from", "identifiers/envelope_to")
        source, disposition, dkim, spf, author, sender, to = (_text(record, path) for path in paths)
        key = source, disposition, dkim, spf, author, sender, to
        assert key not in found
        found[key] = int(_text(record, "row/count"))
    return found


def policies(document: bytes) -> list[Policy]:
    """What a TLS report tells of each policy, sorted."""
    found: list[Policy] = []
    for one in TLS.decode(document).policies:
        failures = Counter[str]()
        for detail in one.failure_details:
            failures[detail.result_type] += detail.failed_session_count
        summary = one.summary
        found.append((one.policy.policy_type, summary.total_successful_session_count, summary.total_failure_session_count,
                   tuple(sorted(failures.items()))))
    return sorted(found)


def _text(top: etree._Element, path: str) -> str:
    found = top.findtext("/".join(f"{NAMESPACE}{name}" for name in path.split("/")))
    assert found is not None, path
    return str(found)


def _day(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d}"


# --- RFC 8460 §4.4, to the letter -----------------------------------------------------------------------


class _Strict(msgspec.Struct, rename="kebab", forbid_unknown_fields=True, omit_defaults=True):
    """Fields as they are named there; others, and other types, are mistakes."""


Sessions = Annotated[int, msgspec.Meta(ge=0)]
Text = Annotated[str, msgspec.Meta(min_length=1)]


class _Period(_Strict):
    start_datetime: Annotated[datetime, msgspec.Meta(tz=True)]
    end_datetime: Annotated[datetime, msgspec.Meta(tz=True)]


class _Policy(_Strict):
    policy_type: Literal["tlsa", "sts", "no-policy-found"]
    policy_domain: Text
    policy_string: list[Text] = []
    mx_host: list[Text] = []


class _Summary(_Strict):
    total_successful_session_count: Sessions
    total_failure_session_count: Sessions


class _Failure(_Strict):
    result_type: Literal[
        "starttls-not-supported", "certificate-host-mismatch", "certificate-expired", "tlsa-invalid", "dnssec-invalid", "dane-required",
        "certificate-not-trusted", "sts-policy-invalid", "sts-webpki-invalid", "validation-failure", "sts-policy-fetch-error"]
    failed_session_count: Annotated[int, msgspec.Meta(ge=1)]
    sending_mta_ip: Text = "-"
    receiving_mx_hostname: Text = "-"
    receiving_mx_helo: Text = "-"
    receiving_ip: Text = "-"
    additional_information: Text = "-"
    failure_reason_code: Text = "-"


class _Result(_Strict):
    policy: _Policy
    summary: _Summary
    failure_details: list[_Failure] = []


class _Report(_Strict):
    organization_name: Text
    date_range: _Period
    contact_info: Text
    report_id: Text
    policies: Annotated[list[_Result], msgspec.Meta(min_length=1)]


TLS = msgspec.json.Decoder(_Report)
