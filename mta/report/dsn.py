"""Notices to a sender: not delivered, or not yet.

One message in three parts: plain words first, then the same for programs, then the
header of the message it is about.  The whole is ASCII unless the sender's own address
needs more.

Standards: RFC 3462 and RFC 6522 (multipart/report), RFC 3464 (delivery status), RFC 6533
(internationalised forms), RFC 3834 §5 (Auto-Submitted),
RFC 8689 §5 (never more than the header of the original).
"""
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from mta.base.errors import BadName, Failure
from mta.base.names import Address, Domain, ip_address
from mta.message import codec, tlsrequired, words
from mta.message.dates import date_text
from mta.report.advice import advice, answer

Kind = Literal["bounce", "delayed"]

#: Octets of the original header that are sent back, cut at the end of a line.
HEADER_ROOM: Final = 32 * 1024
#: Recipients that one notice names; a thousand failures make no better reading than these.
NAMED: Final = 1_000
#: Characters of a subject that are repeated.
SUBJECT_ROOM: Final = 150
WIDTH: Final = 76


@dataclass(frozen=True, slots=True)
class Fate:
    """What happened to one recipient; at is the time of the last attempt (seconds since 1970)."""

    recipient: Address
    failure: Failure
    at: float


@dataclass(frozen=True, slots=True)
class Notice:
    """Everything a notice tells.

    kind "bounce" is final, "delayed" says that we go on until retry_until.  header is
    the beginning of the message it is about, arrived when we took it, message_id and
    subject what it says of itself.  tls_optional: it may go unprotected, and so may the notice.
    forwarded: who is told did not write it but forwards it, and has a copy.
    """

    kind: Kind
    hostname: Domain
    sender: Address
    fates: Sequence[Fate]
    arrived: float
    retry_until: float
    subject: str
    message_id: str
    trace: str
    header: bytes
    tls_optional: bool = False
    forwarded: bool = False


def compose(notice: Notice, now: float, message_id: str, boundary: str) -> bytes:
    """The notice as a message with CRLF; message_id is its own, with brackets; boundary must occur in no part."""
    # What strangers wrote must not end a line or hide anything.
    notice = replace(notice, subject="".join(char if char.isprintable() else " " for char in notice.subject[:SUBJECT_ROOM]).strip())
    status, status_type = _status(notice)
    header, header_type, header_encoding = _header(notice.header)
    text, text_encoding = _text(notice)
    parts = (
        ("text/plain; charset=utf-8", text_encoding, text),
        (status_type, "8bit" if not status.isascii() else "7bit", status),
        (header_type, header_encoding, header),
    )
    pieces = [line.encode() + b"\r\n" for line in _fields(notice, now, message_id, boundary)]
    pieces.append(b"\r\n")
    for kind, encoding, content in parts:
        pieces.append(f"--{boundary}\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode())
        pieces.append(content + b"\r\n")
    pieces.append(f"--{boundary}--\r\n".encode())
    return b"".join(pieces)


def _fields(notice: Notice, now: float, message_id: str, boundary: str) -> Iterator[str]:
    """The header of the notice itself."""
    original = notice.message_id.strip("<> ")
    deed = "forwarded" if notice.forwarded else "delivered"
    head = f"Not {deed}" if notice.kind == "bounce" else f"Not {deed} yet"
    subject = f"{head}: {notice.subject}" if notice.subject else head
    yield f"Date: {date_text(now)}"
    yield f"From: {words.phrase(f'Mail server {notice.hostname.ascii}')} <postmaster@{notice.hostname.ascii}>"
    yield f"To: <{notice.sender.ascii}>"
    yield f"Subject: {words.unstructured(subject, len('Subject: '))}"
    yield f"Message-ID: {message_id}"
    if original.isascii() and original.isprintable() and 0 < len(original) < 900 and " " not in original:
        yield f"In-Reply-To: <{original}>"
        yield f"References: <{original}>"
    yield "Auto-Submitted: auto-replied"
    if notice.tls_optional:
        # RFC 8689 §6: what comes of a message asks for as much, or as little, as it did.
        yield f"{tlsrequired.NAME}: {tlsrequired.VALUE}"
    yield "MIME-Version: 1.0"
    yield f"Content-Type: multipart/report; report-type=delivery-status;\r\n boundary=\"{boundary}\""


# --- for people --------------------------------------------------------------------------------


def _text(notice: Notice) -> tuple[bytes, str]:
    """The first part and its transfer encoding."""
    text = "\r\n".join(_lines(notice)) + "\r\n"
    if text.isascii() and all(len(line) <= 900 for line in text.split("\r\n")):
        return text.encode(), "7bit"
    return b"".join(codec.encode_quoted_printable([text.encode()])), "quoted-printable"


def _lines(notice: Notice) -> Iterator[str]:
    final = notice.kind == "bounce"
    many = len(notice.fates) > 1
    yield f"This is the mail server {notice.hostname.ascii}."
    yield ""
    whom = f"{len(notice.fates)} recipients" if many else "a recipient"
    if notice.forwarded:
        yield f"A message of your mailbox {'could not be forwarded' if final else 'has not yet been forwarded'} to {whom}:"
    else:
        yield f"Your message could not be delivered to {whom}:" if final else f"Your message has not yet been delivered to {whom}:"
    for fate in notice.fates[:NAMED]:
        meaning = advice(fate.failure)
        yield ""
        yield f"  {fate.recipient}"
        yield from _wrapped(meaning.what)
        if final:
            if not fate.failure.lasting:
                yield from _wrapped(f"We have tried for {_span(fate.at - notice.arrived)} and give up now.")
            yield from _wrapped(meaning.todo)
        yield from _wrapped(answer(fate.failure))
    yield ""
    if final:
        yield from _wrapped("The message will not be tried again for " + ("these recipients." if many else "this recipient."), "")
    else:
        until = date_text(notice.retry_until)
        yield from _wrapped(f"You need not do anything: we go on trying until {until}, and tell you if we fail.", "")
    if notice.forwarded:
        yield from _wrapped("You have a copy of it here; whoever wrote it is not told.", "")
    yield ""
    yield "The message was:"
    yield ""
    if notice.subject:
        yield from _wrapped(f"Subject: {notice.subject}")
    yield f"    Taken by us: {date_text(notice.arrived)}"
    yield f"    Our trace id: {notice.trace}"


def _span(seconds: float) -> str:
    """A length of time in the unit that fits."""
    for unit, size in (("day", 86_400), ("hour", 3_600)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}s"
    return f"{max(1, round(seconds / 60))} minutes"


def _wrapped(text: str, indent: str = "    ") -> Iterator[str]:
    """text in lines of moderate length; a word without spaces stays whole."""
    line = indent
    for word in text.split():
        if len(line) + len(word) > WIDTH and line.strip():
            yield line.rstrip()
            line = indent
        line += word + " "
    yield line.rstrip()


# --- for programs ---------------------------------------------------------------------------------


def _status(notice: Notice) -> tuple[bytes, str]:
    """The second part and its type: internationalised only if the sender's address is (RFC 6533 §4)."""
    wide = notice.sender.needs_smtputf8
    blocks = [[f"Reporting-MTA: dns; {notice.hostname.ascii}", f"Arrival-Date: {date_text(notice.arrived)}"]]
    blocks += [list(_recipient_fields(notice, fate, wide)) for fate in notice.fates[:NAMED]]
    text = "\r\n\r\n".join("\r\n".join(block) for block in blocks) + "\r\n"
    return text.encode(), "message/global-delivery-status" if wide else "message/delivery-status"


def _recipient_fields(notice: Notice, fate: Fate, wide: bool) -> Iterator[str]:
    failure = fate.failure
    yield f"Final-Recipient: {_recipient(fate.recipient, wide)}"
    yield f"Action: {'failed' if notice.kind == 'bounce' else 'delayed'}"
    # RFC 3464 §2.3.4 wants a status always; x.0.0 says that nothing is known.
    yield f"Status: {failure.enhanced or ('5.0.0' if failure.lasting else '4.0.0')}"
    if failure.host:
        yield f"Remote-MTA: dns; {_host(failure.host)}"
    if failure.code:
        said = " ".join(filter(None, (str(failure.code), failure.enhanced, failure.text)))
        yield f"Diagnostic-Code: smtp; {words.unstructured(said, len('Diagnostic-Code: smtp; '))}"
    elif failure.text:
        yield f"Diagnostic-Code: x-pillarbox; {words.unstructured(failure.text, len('Diagnostic-Code: x-pillarbox; '))}"
    yield f"Last-Attempt-Date: {date_text(fate.at)}"
    if notice.kind == "delayed":
        yield f"Will-Retry-Until: {date_text(notice.retry_until)}"


def _host(name: str) -> str:
    """The name, or the address in brackets (RFC 3464 §2.3.5, RFC 5321 §4.1.3)."""
    try:
        ip = ip_address(name)
    except BadName:
        return name
    return f"[IPv6:{ip}]" if ip.version == 6 else f"[{ip}]"


def _recipient(address: Address, wide: bool) -> str:
    """Type and address (RFC 3464 §2.3.2, RFC 6533 §3)."""
    if not address.needs_smtputf8:
        return f"rfc822; {address.ascii}"
    if wide:
        return f"utf-8; {address.ascii}"
    return "utf-8; " + "".join(char if char.isascii() and char not in "+=\\ " else f"\\x{{{ord(char):X}}}" for char in address.ascii)


# --- the message itself ------------------------------------------------------------------------------


def _header(message: bytes) -> tuple[bytes, str, str]:
    """The third part with its type and transfer encoding: the original header, bounded."""
    end = message.find(b"\r\n\r\n", 0, HEADER_ROOM)
    if end < 0:
        end = message.rfind(b"\r\n", 0, HEADER_ROOM)
    header = message[:end + 2] if end >= 0 else b""
    if header.isascii() and all(len(line) <= 998 for line in header.split(b"\r\n")):
        return header, "text/rfc822-headers", "7bit"
    try:
        header.decode()
        kind = "text/rfc822-headers" if header.isascii() else "message/global-headers"
    except UnicodeDecodeError:
        kind = "text/rfc822-headers"
    return b"".join(codec.encode_quoted_printable([header])), kind, "quoted-printable"
