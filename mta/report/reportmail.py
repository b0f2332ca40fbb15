"""The mail that carries a report: a few words for people, and the document as an attached file.

What DMARC and TLS reports have in common is here; what is in the document, and which
fields and types are asked for, comes with it.

Standards: RFC 9990 §3.5.2 (DMARC), RFC 8460 §5.3 (TLS), RFC 6522 (multipart/report),
RFC 3834 §5 (Auto-Submitted).

Read on: mta.report.mailing names subject and file.
"""
import gzip
from dataclasses import dataclass

from mta.base.names import Address
from mta.message import compose
from mta.message.address import Mailbox
from mta.message.compose import Group, Leaf
from mta.message.dates import date_text


@dataclass(frozen=True, slots=True)
class Document:
    """A report that can be sent: content is packed (pack()), media_type and file_name are of that.

    text is for people.  report_type makes the mail a multipart/report of that type, fields
    (name, value) stand in its header.
    """

    subject: str
    file_name: str
    content: bytes
    media_type: str
    text: str
    report_type: str = ""
    fields: tuple[tuple[str, str], ...] = ()


def pack(octets: bytes) -> bytes:
    """octets as gzip, always the same for the same."""
    return gzip.compress(octets, mtime=0)


def write(document: Document, author: Address, to: Address, now: float, message_id: str) -> bytes:
    """The mail with CRLF; now in seconds since 1970, message_id with its brackets."""
    fields = [
        compose.plain_field("Date", date_text(now)),
        compose.address_field("From", [Mailbox("", author)]),
        compose.address_field("To", [Mailbox("", to)]),
        compose.text_field("Subject", document.subject),
        compose.plain_field("Message-ID", message_id),
        compose.plain_field("Auto-Submitted", "auto-generated"),
        *(compose.plain_field(name, value) for name, value in document.fields),
    ]
    parts = [
        Leaf("text/plain", document.text),
        Leaf(document.media_type, document.content, disposition="attachment", filename=document.file_name),
    ]
    if document.report_type:
        body = Group("report", parts, {"report-type": document.report_type})
    else:
        body = Group("mixed", parts)
    return compose.build(fields, body, eight_bit=to.needs_smtputf8)
