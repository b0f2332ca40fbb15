"""mta.report.arf: reports about one message."""
from dataclasses import replace
from ipaddress import ip_address

import pytest

from mta.base.limits import LIMITS
from mta.message import mime
from mta.report.arf import FailureReport, parse
from mta.report.badreport import BadReport

ORIGINAL = ("From: Ann <ann@example.org>\r\nTo: bob@example.net\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n"
            "Message-ID: <1@example.org>\r\n\r\nHello\r\n")


def message(fields: str, original: str = ORIGINAL, kind: str = "message/rfc822") -> bytes:
    """A report with those fields, about that message."""
    return (
        "From: r@example.net\r\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\r\n\r\n"
        "--b\r\nContent-Type: text/plain\r\n\r\nA report.\r\n"
        f"--b\r\nContent-Type: message/feedback-report\r\n\r\n{fields}\r\n"
        f"--b\r\nContent-Type: {kind}\r\n\r\n{original}\r\n--b--\r\n").encode()


WHOLE = """\
Feedback-Type: Auth-Failure\r
Version: 1\r
User-Agent: Reporter/1.0 (test)\r
Auth-Failure: dmarc, dkim\r
Authentication-Results: mx.example.net;\r
  dmarc=fail header.from=example.org\r
Identity-Alignment: dkim , spf (both)\r
DKIM-Domain: Example.org\r
DKIM-Identity: @example.org\r
DKIM-Selector: s1\r
SPF-DNS: txt : example.org : v=spf1 -all\r
Delivery-Result: reject\r
Original-Envelope-Id: 65E1A3F0A0\r
Original-Mail-From: <bounces@example.org>\r
Original-Rcpt-To: <bob@example.net>\r
Original-Rcpt-To: <eve@example.net>\r
Arrival-Date: Tue, 1 Jan 2030 00:00:00 +0000\r
Source-IP: [192.0.2.2]\r
Source-Port: 12345\r
Reporting-MTA: dns; mx.example.net\r
Reported-Domain: Example.org\r
Reported-URI: https://example.org/\r
Incidents: 3\r
"""


def test_a_whole_one() -> None:
    """Every field that is defined for authentication failures, and the message's own header."""
    report = parse(message(WHOLE))

    assert report == FailureReport(
        "auth-failure", "1", "Reporter/1.0 (test)", ip_address("192.0.2.2"), 12345, 1893456000.0, 3, ("example.org",), ("https://example.org/",),
        "<bounces@example.org>", ("<bob@example.net>", "<eve@example.net>"), "65E1A3F0A0", "mx.example.net",
        ("mx.example.net;  dmarc=fail header.from=example.org",), ("dmarc", "dkim"), frozenset({"dkim", "spf"}), "reject",
        "example.org", "@example.org", "s1", ("txt : example.org : v=spf1 -all",), report.original)
    assert (report.original.subject, report.original.message_id) == ("Grüße", "<1@example.org>")


@pytest.mark.parametrize(("fields", "report"), [
    ("Feedback-Type: abuse", FailureReport("abuse")),
    ("\r\n\r\nFeedback-Type: abuse\r\nIncidents: many\r\nSource-Port: x", FailureReport("abuse")),
    ("Feedback-Type: auth-failure\r\nIdentity-Alignment: none", FailureReport("auth-failure", unaligned=frozenset())),
    ("Feedback-Type: abuse\r\nSource-IP: nowhere\r\nArrival-Date: soon",
     FailureReport("abuse", problems=("'nowhere' is no IP address", "'soon' is no date"))),
    ("Feedback-Type: abuse\r\nSource-IP: IPv6:2001:db8::1\r\nReceived-Date: 1 Jan 2030 00:00:00 GMT",
     FailureReport("abuse", source_ip=ip_address("2001:db8::1"), arrival=1893456000.0)),
    ("Feedback-Type: abuse\r\nReported-Domain: (unknown)\r\nReporting-MTA: mx", FailureReport("abuse", reported_domains=("(unknown)",),
                                                                                       reporting_mta="mx")),
], ids=range(6))
def test_fields(fields: str, report: FailureReport) -> None:
    """What is absent is absent; what is odd is named."""
    octets = message(fields)

    assert replace(parse(octets), original=report.original) == report
    assert parse(octets, root=mime.parse(octets)) == parse(octets)


@pytest.mark.parametrize("kind", ["text/rfc822-headers", "message/global-headers", "message/rfc822", "message/global"])
def test_originals(kind: str) -> None:
    """The message itself, or its header alone."""
    assert parse(message("Feedback-Type: abuse", kind=kind)).original.subject == "Grüße"


@pytest.mark.parametrize(("octets", "why"), [
    (message("Version: 1"), "Feedback-Type"), (b"From: a@example.org\r\n\r\nHello\r\n", "no part message/feedback-report"),
    (b"", "no part"), (b"x" * (LIMITS.report_message + 1), "octets"),
    (b"Content-Type: message/rfc822\r\n\r\n" + message("Feedback-Type: abuse"), "no part"),     # about somebody else's report
], ids=range(5))
def test_refused(octets: bytes, why: str) -> None:
    """What is no report is none."""
    with pytest.raises(BadReport, match=why):
        parse(octets)


PROSE = """\
From: r@example.net

A message claiming to be from you has failed the published DMARC policy for your domain.

  Sender Domain: Example.org
  Sender IP Address: 192.0.2.7
  Received date: Tue, 1 Jan 2030 00:00:00 +0000
  SPF Alignment: no
  DKIM Alignment: yes

------ This is a copy of the headers that were received before the error was detected.

Subject: Payment
Authentication-Results: mx.example.net; spf=fail
"""


def test_lines_of_text() -> None:
    """One program has no fields, but lines that say the same."""
    report = parse(PROSE.encode())

    assert (report.reported_domains, report.source_ip, report.arrival) == (("example.org",), ip_address("192.0.2.7"), 1893456000.0)
    assert (report.unaligned, report.original.subject) == (frozenset({"spf"}), "Payment")
    assert report.authentication_results == ("mx.example.net; spf=fail",)
    assert report.problems
    assert parse(PROSE.partition("------")[0].encode()).original.subject == ""
    for line in ("  Sender Domain: Example.org\n", "  Sender IP Address: 192.0.2.7\n"):
        with pytest.raises(BadReport, match="no part"):
            parse(PROSE.replace(line, "").encode())


def test_many_fields() -> None:
    """A list without end is cut."""
    report = parse(message("Feedback-Type: abuse\r\n" + "Reported-URI: x\r\n" * 1_000 + f"User-Agent: {'y' * 5_000}"))

    assert (len(report.reported_uris), len(report.user_agent)) == (LIMITS.report_results, LIMITS.report_text)
