"""What a message's header says of it: who, to whom, about what, in answer to what.

Everything is decoded and bounded, for rows of a database and for IMAP's ENVELOPE
(RFC 9051 §7.5.2); nothing here is proven.
"""
from typing import NamedTuple

from mta.base.limits import LIMITS, Limits
from mta.message import address, dates, identifiers
from mta.message.address import Mailbox
from mta.message.header import Header


class Envelope(NamedTuple):
    """The facts of a header.

    date is seconds since 1970, or None if there is none to be read; date_text is the
    field as written.  Identifiers keep their angle brackets; in references the nearest
    ancestor comes last.  sender and reply_to are empty where the field is missing.
    """

    date: float | None
    date_text: str
    subject: str
    from_: tuple[Mailbox, ...]
    sender: tuple[Mailbox, ...]
    reply_to: tuple[Mailbox, ...]
    to: tuple[Mailbox, ...]
    cc: tuple[Mailbox, ...]
    bcc: tuple[Mailbox, ...]
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    message_id: str

    @property
    def from_text(self) -> str:
        """The authors as people see them in a list of messages."""
        return ", ".join(mailbox.name or mailbox.spec for mailbox in self.from_)[:LIMITS.kept_text]


EMPTY = Envelope(None, "", "", (), (), (), (), (), (), (), (), "")


def read(header: Header, limits: Limits = LIMITS) -> Envelope:
    """The envelope of a message with that header."""
    date_text = header.unfolded("date")[:dates.LONGEST]
    in_reply_to, references = header.unfolded("in-reply-to"), header.unfolded("references")
    message_id = header.unfolded("message-id")
    return Envelope(
        dates.parse_date(date_text) if date_text else None,
        date_text,
        header.text("subject")[:limits.kept_text],
        _mailboxes(header, "from", limits), _mailboxes(header, "sender", limits), _mailboxes(header, "reply-to", limits),
        _mailboxes(header, "to", limits), _mailboxes(header, "cc", limits), _mailboxes(header, "bcc", limits),
        identifiers.parse_ids(in_reply_to, limits) if in_reply_to else (),
        identifiers.parse_ids(references, limits) if references else (),
        identifiers.parse_id(message_id) if message_id else "",
    )


def _mailboxes(header: Header, name: str, limits: Limits) -> tuple[Mailbox, ...]:
    return tuple(address.parse_field(header, name, limits))
