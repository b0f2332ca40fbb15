"""Types of the webmail: mailboxes, messages, drafts, and the events that keep a page current."""
from typing import Literal

from msgspec import Struct

from web.api.account import Protection
from web.api.whole import Whole

Role = Literal["inbox", "sent", "drafts", "archive", "junk", "trash", "rejects"]


class Mailbox(Struct, frozen=True):
    """A mailbox with its counts.

    Levels of `name` are separated by "/".  `total` and `unread` leave out messages that
    are marked deleted; `size` counts everything.  `parent` is the name above, or "".
    """

    id: int
    name: str
    parent: str
    role: Role | None
    total: int
    unread: int
    size: int


class Person(Struct, frozen=True):
    """Someone in a header field: `name` may be "", `address` is "" if what was written is none."""

    name: str
    address: str


class Summary(Struct, frozen=True, rename={"from_": "from"}):
    """One message as a list shows it.

    `flags` holds system flags ("\\\\Seen", "\\\\Answered", "\\\\Flagged", "\\\\Deleted", "\\\\Draft",
    "$Forwarded", "$Junk", "$NotJunk", …), `keywords` the others.  `preview` is the start of
    the text, on one line.  `date` is the Date field, `received` when it came here.
    """

    id: int
    mailbox_id: int
    thread_id: int
    from_: list[Person]
    to: list[Person]
    subject: str
    preview: str
    date: float | None
    received: float
    size: int
    attachments: int
    flags: list[str]
    keywords: list[str]


class Cursor(Struct, frozen=True):
    """A place in a list that is sorted newest first: what comes after this message."""

    received: float
    id: Whole


class Page(Struct, frozen=True):
    """A piece of a list, newest first; `next` is null at its end.

    `total` counts the whole list (for the height of a virtual one; -1 where nobody
    counted: search).  `modseq` is the account's state that this shows.
    """

    messages: list[Summary]
    total: int
    next: Cursor | None
    modseq: int


class HeaderLine(Struct, frozen=True):
    """One field of the header, decoded for reading, in the order of the message."""

    name: str
    value: str


class Attachment(Struct, frozen=True):
    """A part that can be downloaded from `url`; `inline` ones are shown within the HTML.

    `part` names it within its message ("2.1"); `kind` is what the sender says it is.
    """

    part: str
    name: str
    kind: str
    size: int
    inline: bool
    url: str


class Reason(Struct, frozen=True):
    """Why a message is where it is: one finding of those who judged it, in words.

    `weight` is more than 0 if it spoke for the message, less if against it; `key` is a
    short name that stays the same.
    """

    text: str
    weight: float
    key: str


class Check(Struct, frozen=True):
    """A check of who sent a message: its name ("SPF"), what it came to ("pass", "fail", …), whom it was about."""

    name: str
    outcome: str
    about: str


class Origin(Struct, frozen=True):
    """Who a message is from: `author` is the address in From ("" if that is not clear), `proven` whether its domain stands by it.

    `sentences` say that and by which way it came.
    """

    author: str
    proven: bool
    sentences: list[str]
    checks: list[Check]


class Message(Struct, frozen=True):
    """A message to read.

    `text` is the plain text, made from the HTML if there is none; `cut` says that more
    of it was left out.  `html_url` is a document of its own for a sandboxed frame, or ""
    if the message has no HTML; `outside_url` is the same with pictures from elsewhere, and
    `outside` says that its sender may have them loaded without asking.  `raw_url` shows the
    source, `download_url` saves it.  `warnings` say what is suspicious about its sender,
    `defects` what is wrong with the message as it came; `origin` is null if it did
    not come from outside.
    """

    summary: Summary
    mailbox: str
    message_id: str
    cc: list[Person]
    bcc: list[Person]
    reply_to: list[Person]
    text: str
    cut: bool
    html_url: str
    raw_url: str
    download_url: str
    attachments: list[Attachment]
    reasons: list[Reason]
    trace: str
    mail_from: str
    rcpt_to: str
    remote_ip: str
    defects: list[str]
    origin: Origin | None
    warnings: list[str]
    outside_url: str
    outside: bool


class Attached(Struct, frozen=True):
    """A file that a draft carries: either an `upload`, or `part` of the message `message_id` ("" is all of it).

    The other way's fields are "" and null.  The HTML shows it as `cid:` and its `content_id`, if it has one.
    """

    name: str
    kind: str
    size: Whole
    upload: str
    message_id: Whole | None
    part: str
    content_id: str = ""


class Draft(Struct, frozen=True, rename={"from_": "from"}):
    """A message that is being written.

    `id` is the message in Drafts that this replaces, null for a new one.  `from` is an
    address of one's own, `to`, `cc`, `bcc` are lists as people type them (`Ann <a@b.example>,
    c@d.example`).  `answers` and `forwards` are the ids of the messages it came from.
    `tls` is what it asks of the connections it travels over.  `html` is "" for plain text;
    otherwise `text` is made from it.  `lineage` stays with all versions of a draft, and
    `writer` is a name that a page makes up for itself: so it is noticed when two pages
    change the same draft.  `in_list`: it answers mail of a list.
    """

    id: Whole | None
    from_: str
    to: str
    cc: str
    bcc: str
    subject: str
    text: str
    answers: Whole | None
    forwards: Whole | None
    attachments: list[Attached]
    tls: Protection
    html: str = ""
    lineage: str = ""
    writer: str = ""
    in_list: bool = False


class Travel(Struct, frozen=True):
    """How mail to `address` was last seen to travel, at `at`, when mail of this account went to its domain.

    "here": it does not leave this server; "verified": encrypted, to a server that proved who it
    is; "encrypted": to whoever answered; "clear": not encrypted; "unknown": nothing was sent
    there lately.  `requiretls`: the server promises to pass mail on over verified connections only.
    `bars` say for STARTTLS, MTA-STS, DNSSEC, DANE and REQUIRETLS whether the domain was seen to have it;
    null: nobody knows.
    """

    address: str
    way: Literal["here", "verified", "encrypted", "clear", "unknown"]
    requiretls: bool
    at: float | None
    bars: list[bool | None]


class Sent(Struct, frozen=True):
    """A message that is on its way: the id of the copy in Sent (null if there is none), and the trace to look it up with.

    `delayed` names it as long as it waits for its time (`delayed`, `take_back`); null if it went at once.
    """

    id: int | None
    trace: str
    message_id: str
    delayed: int | None


class Moved(Struct, frozen=True):
    """Messages that went to a mailbox; those that were there already, or are gone, are not named."""

    ids: list[int]
    mailbox_id: int


class Deleted(Struct, frozen=True):
    """What became of messages that were thrown away: moved to the mailbox `trash`, or removed for good."""

    trashed: list[int]
    removed: list[int]
    trash: int


class MessageAdded(Struct, frozen=True, tag="message_added"):
    """A message came into a mailbox (by mail, or by a move, which keeps its id)."""

    modseq: int
    message: Summary


class MessageRemoved(Struct, frozen=True, tag="message_removed"):
    """A message left a mailbox (removed; or moved, then a message_added with the same id follows)."""

    modseq: int
    mailbox_id: int
    message_id: int


class MessageFlags(Struct, frozen=True, tag="message_flags"):
    """The flags of a message are now these."""

    modseq: int
    mailbox_id: int
    message_id: int
    flags: list[str]
    keywords: list[str]


class MessageThread(Struct, frozen=True, tag="message_thread"):
    """A message belongs to another thread now."""

    modseq: int
    mailbox_id: int
    message_id: int
    thread_id: int


class MailboxChanged(Struct, frozen=True, tag="mailbox"):
    """A mailbox is new, or its name, role or counts are now these."""

    modseq: int
    mailbox: Mailbox


class MailboxRemoved(Struct, frozen=True, tag="mailbox_removed"):
    """A mailbox is gone with all that was in it."""

    modseq: int
    mailbox_id: int


Change = MessageAdded | MessageRemoved | MessageFlags | MessageThread | MailboxChanged | MailboxRemoved


class Changes(Struct, frozen=True):
    """Event "changes": what happened, oldest first, up to and including `modseq`."""

    modseq: int
    changes: list[Change]


class Reset(Struct, frozen=True):
    """Event "reset": too much happened to tell it all; read everything again, events go on from `modseq`."""

    modseq: int


class SignedOut(Struct, frozen=True):
    """Event "signed_out": the session has ended; the stream is over."""

    reason: str


class Uploaded(Struct, frozen=True):
    """A file that was sent ahead, to be named in a draft within a day."""

    upload: str
    name: str
    kind: str
    size: int
