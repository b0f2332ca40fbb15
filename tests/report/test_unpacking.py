"""mta.report.unpacking: where in a message the reports are."""
import base64
from dataclasses import replace

import pytest

from mta.base.limits import LIMITS
from mta.report.badreport import BadReport
from mta.report.unpacking import Document, Kind, document_of, documents, in_file
from tests.report.archives import gzipped, zipped

XML, JSON = b"<feedback/>", b'{"report-id": "1"}'


def part(kind: str, content: bytes, name: str = "") -> bytes:
    """A part in base64."""
    disposition = f'Content-Disposition: attachment; filename="{name}"\r\n' if name else ""
    head = f"Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n{disposition}\r\n"
    return head.encode() + base64.encodebytes(content).replace(b"\n", b"\r\n")


def multipart(*parts: bytes, kind: str = "mixed", boundary: str = "b") -> bytes:
    """Parts within one."""
    head = f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'.encode()
    return head + b"".join(b"--" + boundary.encode() + b"\r\n" + one + b"\r\n" for one in parts) + b"--" + boundary.encode() + b"--\r\n"


def message(body: bytes) -> bytes:
    """A message with that body, which begins with the fields that describe it."""
    return b"From: a@example.net\r\nMIME-Version: 1.0\r\n" + body


TEXT = b"Content-Type: text/plain\r\n\r\nThis is a report.\r\n"


@pytest.mark.parametrize(("body", "found"), [
    (part("application/gzip", gzipped(XML), "a!b!1!2.xml.gz"), Document(Kind.DMARC, XML, "a!b!1!2.xml.gz")),
    (multipart(TEXT, part("application/zip", zipped(("a.xml", XML)))), Document(Kind.DMARC, XML)),
    (multipart(TEXT, part("text/xml", XML)), Document(Kind.DMARC, XML)),
    (multipart(TEXT, part("application/octet-stream", gzipped(XML))), Document(Kind.DMARC, XML)),
    (multipart(TEXT, part("image/png", gzipped(XML), "a.XML.GZ")), Document(Kind.DMARC, XML, "a.XML.GZ")),
    (multipart(TEXT, part("application/zip", gzipped(XML))), Document(Kind.DMARC, XML)),                      # called what it is not
    (multipart(multipart(TEXT, multipart(part("application/x-gzip", gzipped(XML)), boundary="d"), boundary="c")),
     Document(Kind.DMARC, XML)),
    (b"Content-Type: message/rfc822\r\n\r\n" + message(multipart(TEXT, part("text/xml", XML))), Document(Kind.DMARC, XML)),
    (b"Content-Type: text/plain\r\n\r\n<?xml version='1.0'?><feedback/>", Document(Kind.DMARC, b"<?xml version='1.0'?><feedback/>")),
    (multipart(TEXT, part("application/tlsrpt+gzip", gzipped(JSON)), kind='report; report-type="tlsrpt"'), Document(Kind.TLS, JSON)),
    (part("application/tlsrpt+json", b"\xef\xbb\xbf " + JSON), Document(Kind.TLS, b"\xef\xbb\xbf " + JSON)),
    (multipart(TEXT, part("application/octet-stream", XML.decode().encode("utf-16"))),
     Document(Kind.DMARC, XML.decode().encode("utf-16"))),
], ids=range(12))
def test_finding(body: bytes, found: Document) -> None:
    """Any nesting, any packing, any of the names that senders give it."""
    assert documents(message(body)) == [found]


def test_failure_reports() -> None:
    """Whatever else is in there is the message that the report is about: its attachments are no reports."""
    inner = b"Content-Type: message/rfc822\r\n\r\n" + message(multipart(part("application/octet-stream", b"<html>"), boundary="c"))
    fields = b"Content-Type: message/feedback-report\r\n\r\nFeedback-Type: auth-failure\r\n"

    assert documents(message(multipart(TEXT, fields, inner, kind="report; report-type=feedback-report"))) == [
        Document(Kind.FAILURE, b"Feedback-Type: auth-failure\r\n")]


def test_several() -> None:
    """All that can be read, and not those that cannot."""
    body = multipart(part("text/xml", b"nonsense"), part("text/xml", XML, "1.xml"), part("application/json", JSON, "2.json"), TEXT)

    assert documents(message(body)) == [Document(Kind.DMARC, XML, "1.xml"), Document(Kind.TLS, JSON, "2.json")]


@pytest.mark.parametrize(("body", "why"), [
    (TEXT, "no part that could be"), (multipart(TEXT, part("image/png", b"x")), "no part that could be"), (b"", "no part that could be"),
    (multipart(TEXT, part("application/gzip", gzipped(b"hello"))), "neither XML nor JSON"),
    (multipart(part("text/xml", b" ")), "it is empty"),
    (multipart(part("application/zip", zipped(("a", XML), ("b", XML))), part("text/xml", b"x")), "2 files"),
])
def test_refused(body: bytes, why: str) -> None:
    """The reason is that of the first part that looked like a report."""
    with pytest.raises(BadReport, match=why):
        documents(message(body))


def test_bounds() -> None:
    """A message that is too large is not looked at; parts share what may be unpacked, and are not tried without end."""
    one = part("application/gzip", gzipped(XML.ljust(500)))
    with pytest.raises(BadReport, match="more than 100 octets"):
        documents(message(multipart(TEXT, one)), replace(LIMITS, report_message=100))
    assert len(documents(message(multipart(*[one] * 5)), replace(LIMITS, report_unpacked=1_100))) == 2
    assert len(documents(message(multipart(*[one] * 30)))) == LIMITS.report_files


def test_files() -> None:
    """What somebody has on disk: a report in any packing, or a message."""
    assert in_file(XML) == in_file(gzipped(XML)) == in_file(zipped(("x", XML))) == [Document(Kind.DMARC, XML)]
    assert in_file("\ufeff".encode("latin-1", "xmlcharrefreplace") + XML)[0].kind is Kind.DMARC
    assert in_file(b"\n " + JSON) == [Document(Kind.TLS, b"\n " + JSON)]
    assert in_file(message(part("text/xml", XML, "a.xml"))) == [Document(Kind.DMARC, XML, "a.xml")]
    assert document_of(gzipped(JSON), "name") == Document(Kind.TLS, JSON, "name")
    with pytest.raises(BadReport, match="it is empty"):
        in_file(b"")
