"""Types of the reading side of the webmail: lists as a reader wants them, choices, lists to leave, invitations."""
from typing import Literal

from msgspec import Struct

from web.api.webmail import Cursor, Summary

Order = Literal["newest", "oldest", "largest", "smallest", "sender", "subject"]
Action = Literal["move", "archive", "delete", "flags"]


class Conversation(Struct, frozen=True):
    """The messages of a thread that are in the mailbox; `latest` is the newest of them."""

    latest: Summary
    total: int
    unread: int


class Conversations(Struct, frozen=True):
    """A piece of a list of conversations, newest first; `next` is null at its end."""

    conversations: list[Conversation]
    next: Cursor | None
    modseq: int


class MovedFrom(Struct, frozen=True):
    """Messages that were in a mailbox before they were moved."""

    mailbox_id: int
    ids: list[int]


class Progress(Struct, frozen=True):
    """What one step of acting on a whole list did: how many messages it had, which of them moved from where.

    `next` is where the following step begins, null after the last.
    """

    found: int
    moved: list[MovedFrom]
    next: Cursor | None


class Blocked(Struct, frozen=True):
    """What the HTML of a message would load from elsewhere: how many things; and how many pictures it names that are not in it."""

    elsewhere: int
    missing: int


class Leaving(Struct, frozen=True):
    """How to leave a mailing list: by one press at `host`, by a mail (`mailto:`), by visiting a page; "" where not."""

    host: str
    mail: str
    page: str
    list_id: str


class Moment(Struct, frozen=True):
    """A time of an invitation, as it was written; `at` in seconds since 1970 if that is clear."""

    text: str
    zone: str
    at: float | None


class Invited(Struct, frozen=True):
    """One event that a message invites to."""

    summary: str
    location: str
    description: str
    organizer: str
    attendees: list[str]
    start: Moment | None
    end: Moment | None
    repeats: bool
    cancelled: bool


class Invitation(Struct, frozen=True):
    """A calendar that came with a message: `method` is what it asks for ("REQUEST", "CANCEL", "REPLY", …)."""

    method: str
    events: list[Invited]
