"""The mail around a report, as the standard library reads it."""
import email
import email.policy
import gzip

import pytest

from mta.base.names import Address
from mta.report import reportmail
from mta.report.reportmail import Document

AUTHOR, TO = Address.parse("postmaster@example.org"), Address.parse("agg@b.test")
DMARC = Document("Report Domain: b.test Submitter: example.org Report-ID: <1>", "example.org!b.test!1!2.xml.gz", reportmail.pack(b"<x/>"),
                 "application/gzip", "A report.\n")
TLS = Document("Report", "a.json.gz", reportmail.pack(b"{}"), "application/tlsrpt+gzip", "A report.\n", "tlsrpt", (("TLS-Required", "No"),))


def test_the_same_is_packed_alike() -> None:
    """Time is not part of it, so what is sent again is the same."""
    assert reportmail.pack(b"x" * 1000) == reportmail.pack(b"x" * 1000)
    assert gzip.decompress(reportmail.pack(b"x" * 1000)) == b"x" * 1000


@pytest.mark.parametrize(("document", "kind"), [(DMARC, "multipart/mixed"), (TLS, "multipart/report")], ids=["dmarc", "tls"])
def test_a_mail(document: Document, kind: str) -> None:
    """Text for people, the file for programs; everything in ASCII and short lines."""
    octets = reportmail.write(document, AUTHOR, TO, 1_900_000_000.0, "<1@example.org>")
    seen = email.message_from_bytes(octets, policy=email.policy.default)
    assert octets.isascii()
    assert max(map(len, octets.split(b"\r\n"))) <= 200
    assert seen.get_content_type() == kind
    assert (seen["From"], seen["To"], seen["Subject"], seen["Message-ID"]) == (
        "postmaster@example.org", "agg@b.test", document.subject, "<1@example.org>")
    assert seen["Auto-Submitted"] == "auto-generated"
    text, file = seen.iter_parts()
    assert text.get_content().replace("\r\n", "\n") == document.text
    assert (file.get_filename(), file.get_content_type(), file.get_content()) == (
        document.file_name, document.media_type, document.content)
    assert file.get_content_disposition() == "attachment"
    assert [seen[name] for name, _ in document.fields] == [value for _, value in document.fields]


def test_an_internationalised_address() -> None:
    """It is written as it is."""
    octets = reportmail.write(DMARC, AUTHOR, Address.parse("bürgel@b.test"), 1_900_000_000.0, "<1@example.org>")
    assert "bürgel@b.test".encode() in octets
