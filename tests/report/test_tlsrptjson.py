"""mta.report.tlsrptjson: reports about TLS, as people's programs write them and as we do."""
import json
from dataclasses import replace
from typing import Any

import pytest

from mta.base.limits import LIMITS
from mta.base.names import Domain
from mta.report.badreport import BadReport
from mta.report.tlsrptjson import FailureDetail, PolicyResult, TlsReport, parse, write

WHOLE = TlsReport(
    "Größe GmbH", "tls@example.net", "2030-01-01.example.org@example.net", 1893456000, 1893542399, (
        PolicyResult("sts", Domain("example.org"), 10, 3, ("version: STSv1", "mode: enforce", "mx: mx.example.org", "max_age: 86400"),
                     ("mx.example.org",), (
            FailureDetail("certificate-expired", 2, "2001:db8::1", "mx.example.org", "mx", "192.0.2.1", "expired", "since \N{SNOWMAN}"),
            FailureDetail("starttls-not-supported", 1))),
        PolicyResult("tlsa", Domain("mx.example.org"), 5, 0, ("3 0 1 1F850A337E6DB9C6",), ("mx.example.org",)),
        PolicyResult("no-policy-found", Domain("other.example"), 0, 7)))


def wire(**changes: Any) -> dict[str, Any]:
    """A small report as JSON has it, with underscores for dashes in changes; None takes a member out."""
    members: dict[str, Any] = {
        "organization-name": "Example", "date-range": {"start-datetime": "2030-01-01T00:00:00Z", "end-datetime": "2030-01-01T23:59:59Z"},
        "contact-info": "a@example.net", "report-id": "1", "policies": [policy()]}
    members |= {name.replace("_", "-"): value for name, value in changes.items()}
    return {name: value for name, value in members.items() if value is not None}


def policy(domain: str = "example.org", summary: Any = None, **members: Any) -> dict[str, Any]:
    """One policy of it."""
    return {"policy": {"policy-type": "sts", "policy-domain": domain, **{name.replace("_", "-"): value for name, value in members.items()}},
            "summary": summary or {"total-successful-session-count": 1, "total-failure-session-count": 2}}


def read(**changes: Any) -> TlsReport:
    """It, read."""
    return parse(json.dumps(wire(**changes)).encode())


def test_there_and_back() -> None:
    """What is written reads back the same."""
    assert parse(write(WHOLE)) == WHOLE
    assert (WHOLE.successful, WHOLE.failed) == (15, 10)


def test_a_document() -> None:
    """The members of RFC 8460 §4.4, lists where it has lists, and none that would be empty."""
    written = json.loads(write(WHOLE))

    assert list(written) == ["organization-name", "date-range", "contact-info", "report-id", "policies"]
    assert written["date-range"] == {"start-datetime": "2030-01-01T00:00:00Z", "end-datetime": "2030-01-01T23:59:59Z"}
    first = written["policies"][0]
    assert first["policy"] == {
        "policy-type": "sts", "policy-domain": "example.org", "mx-host": ["mx.example.org"],
        "policy-string": ["version: STSv1", "mode: enforce", "mx: mx.example.org", "max_age: 86400"]}
    assert first["summary"] == {"total-successful-session-count": 10, "total-failure-session-count": 3}
    assert first["failure-details"][1] == {"result-type": "starttls-not-supported", "failed-session-count": 1}
    assert written["policies"][2] == {
        "policy": {"policy-type": "no-policy-found", "policy-domain": "other.example"},
        "summary": {"total-successful-session-count": 0, "total-failure-session-count": 7}}


def test_what_is_not_written() -> None:
    """A kind of policy that there is not is a mistake of ours."""
    with pytest.raises(ValueError, match="is not one of"):
        write(replace(WHOLE, policies=(replace(WHOLE.policies[0], kind="dnssec"),)))


@pytest.mark.parametrize(("text", "seconds"), [
    ("2030-01-01T00:00:00Z", 1893456000), ("2030-01-01T00:00:00", 1893456000), ("2030-01-01 00:00:00", 1893456000),
    ("2030-01-01t00:00:00z", 1893456000), ("2030-01-01T02:00:00+02:00", 1893456000), ("2030-01-01T00:00:00.999Z", 1893456000),
    ("2030-01-01", 1893456000), (" 2030-01-01T00:00:00Z ", 1893456000),
])
def test_times(text: str, seconds: int) -> None:
    """RFC 3339, and what senders write instead: without a zone it is UTC."""
    assert read(date_range={"start-datetime": text, "end-datetime": "2030-01-02T00:00:00Z"}).begin == seconds


def test_odd_reports() -> None:
    """A text for a list, counts in quotation marks, null for nothing, kinds that no standard names, members that nobody knows."""
    counts = {"total-successful-session-count": "7", "x": [1]}
    odd = policy("Example.ORG.", counts, policy_string="v", mx_host="*.example.org", policy_mode=None)
    odd["policy"]["policy-type"] = "Unknown"
    odd["failure-details"] = None
    report = read(policies=[odd], contact_info=None, x={"y": [{}]}, report_id="<1@x>")

    assert (report.contact, report.report_id) == ("", "1@x")
    assert report.policies == (PolicyResult("unknown", Domain("example.org"), 7, 0, ("v",), ("*.example.org",)),)
    assert read(organization_name=None).organization == "example.net"


def test_what_was_overlooked() -> None:
    """A policy without a domain is left out and named, if there are others."""
    report = read(policies=[policy("not a domain"), policy()])

    assert [one.domain.ascii for one in report.policies] == ["example.org"]
    assert report.problems == ("a policy is left out: 'not a domain' is no domain",)


PERIOD = {"start-datetime": "2030-01-02T00:00:00Z", "end-datetime": "2030-01-01T00:00:00Z"}


@pytest.mark.parametrize(("changes", "why"), [
    ({"report_id": None}, "no id"), ({"report_id": " <>"}, "no id"), ({"date_range": None}, "missing required field `date-range`"),
    ({"date_range": PERIOD}, "ends before it begins"),
    ({"date_range": {**PERIOD, "start-datetime": "yesterday"}}, "'yesterday' is no date"),
    ({"date_range": {**PERIOD, "start-datetime": "0001-01-01T00:00:00+14:00"}}, "before 1970"),
    ({"policies": None}, "`policies`"), ({"policies": []}, "about no policy"), ({"policies": [policy("")]}, "'' is no domain"),
    ({"policies": [{}]}, r"missing required field `policy` - at `\$.policies\[0\]`"),
    ({"policies": [policy(summary={"total-failure-session-count": -1})]}, ">= 0"),
    ({"policies": [policy(summary={"total-failure-session-count": 10**13})]}, "<= 1000000000000"),
    ({"policies": [policy()] * 1_001}, "more than 1000 policies"), ({"organization_name": "", "contact_info": None}, "who reports"),
    ({"policies": [{**policy(), "failure-details": [{"result-type": "x"}] * 5_001}]}, "more than 5000 kinds"),
], ids=range(15))
def test_refused(changes: dict[str, Any], why: str) -> None:
    """What is no report says where it is none."""
    with pytest.raises(BadReport, match=why):
        read(**changes)


@pytest.mark.parametrize(("octets", "why"), [
    (b"", "empty"), (b"\xef\xbb\xbf \n", "empty"), (b"[]", "Expected `object`, got `array`"), (b"{", "truncated"),
    (b"{}{}", "no TLS report"),
    (b'{"x":' + b"[" * 100_000, "too deep"), ("{}".encode("utf-16"), "malformed"), (b'{"report-id": "\xff"}', "no TLS report"),
    (b" " * 10 + b"x" * (LIMITS.report_json + 1), "octets"),
], ids=range(9))
def test_no_json(octets: bytes, why: str) -> None:
    """What is no JSON object in UTF-8, deep or large without need."""
    with pytest.raises(BadReport, match=why):
        parse(octets)


def test_texts_are_clean() -> None:
    """No control characters, no novels, no endless lists."""
    report = read(organization_name="a\n\N{RIGHT-TO-LEFT OVERRIDE}b" + "c" * 5_000, policies=[policy(policy_string=["x"] * 5_000)])

    assert report.organization.startswith("a bcc")
    assert (len(report.organization), len(report.policies[0].lines)) == (LIMITS.report_text - 1, LIMITS.report_results)
