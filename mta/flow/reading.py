r"""What one reads of one's mail: mailboxes, lists, messages, attachments.

Webmail and command line call these and render what they get, all of it frozen.  Lists are
made from rows alone; only opening a message opens its file.  Everything is asked for one
account, and what is not that account's does not exist (NotFound).

Offsets in a stored structure are those of the body; a copy's own prefix comes before it.

Read on: flow.filing changes things, flow.drafting writes new messages.
"""
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape

from mta.base.errors import NotFound, UserError
from mta.base.limits import LIMITS
from mta.flow import outside, suspicion
from mta.flow.origins import Origin, origin
from mta.flow.world import World
from mta.judge.reason import Reason, unpack_reasons
from mta.message import disguise, flags, header, html, mime, structure, text
from mta.message.address import Mailbox
from mta.message.bodies import bodies, to_download
from mta.message.flags import Flags
from mta.message.header import Defects
from mta.message.mime import Part
from mta.message.scan import Octets
from mta.message.structure import Structure
from mta.store import changes, mailboxes, messages
from mta.store import query as queries
from mta.store.connection import Connection
from mta.store.mailboxes import MailboxRow
from mta.store.messages import MessageRow
from mta.store.search import SearchIndex

#: Rows of one page, and messages of one thread.
PAGE, THREAD = 200, 500
#: What a search leaves out unless it names a mailbox itself.
SEARCHED = " -in:junk -in:trash -in:rejects"
#: What a person is told about a message that is not as it should be.
DEFECTS = {
    Defects.GARBAGE: "a line of the header is no field",
    Defects.NO_BLANK_LINE: "the header has no end",
    Defects.HEADER_TOO_BIG: "the header is too big; its end was not looked at",
    Defects.NO_BOUNDARY: "its parts have no boundary",
    Defects.NOT_CLOSED: "its last part has no end: something may be missing",
    Defects.TOO_DEEP: "its parts are nested too deep to be looked into",
    Defects.TOO_MANY_PARTS: "it has too many parts; the last ones were not looked at",
    Defects.ENCODED_MESSAGE: "a message within it is encoded",
}


@dataclass(frozen=True, slots=True)
class Summary:
    r"""One message as a list shows it; flags by their names ("\Seen", …), preview on one line, times in seconds since 1970."""

    id: int
    mailbox_id: int
    uid: int
    thread_id: int
    message_id: str
    from_: tuple[Mailbox, ...]
    to: tuple[Mailbox, ...]
    subject: str
    preview: str
    date: float | None
    received: float
    size: int
    attachments: int
    flags: tuple[str, ...]
    keywords: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a list that is newest first: what comes after this message."""

    received: float
    id: int


@dataclass(frozen=True, slots=True)
class Page:
    """A piece of a list; total is -1 where nobody counted, next None at the end; modseq is the state it shows."""

    messages: tuple[Summary, ...]
    total: int
    next: Cursor | None
    modseq: int


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part to download; part is its number ("2.1"), size about what it has when decoded; inline ones are shown in the HTML.

    The HTML calls it by its content_id, "" if it has none.
    """

    part: str
    name: str
    kind: str
    size: int
    inline: bool
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """A message to read.

    text is its plain text, made from its HTML if there is no other; cut if there is more
    of it.  warnings say what is suspicious about its sender; outside, that what it asks for
    from elsewhere may be loaded.  reasons say why it is where it is, defects what is wrong with it; origin is None
    if it did not come from outside.
    """

    summary: Summary
    mailbox: MailboxRow
    cc: tuple[Mailbox, ...]
    bcc: tuple[Mailbox, ...]
    reply_to: tuple[Mailbox, ...]
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    text: str
    cut: bool
    has_html: bool
    attachments: tuple[Attachment, ...]
    reasons: tuple[Reason, ...]
    defects: tuple[str, ...]
    trace: str
    mail_from: str
    rcpt_to: str
    remote_ip: str
    origin: Origin | None
    warnings: tuple[str, ...]
    outside: bool


@dataclass(frozen=True, slots=True)
class Download:
    """The content of one part; pieces() reads it, decoded, in constant memory."""

    name: str
    kind: str
    pieces: Callable[[], Iterator[bytes]]


# --- lists ---------------------------------------------------------------------------------


def all_mailboxes(world: World, account: int) -> list[MailboxRow]:
    """Every mailbox: those with a role first, Inbox at the top, then by name."""
    return world.store.read(lambda db: mailboxes.all(db, account))


def mailbox(world: World, account: int, mailbox_id: int) -> MailboxRow:
    """The mailbox with this id; NotFound."""
    return world.store.read(lambda db: own_mailbox(db, account, mailbox_id))


def mailbox_named(world: World, account: int, name: str) -> MailboxRow:
    """The mailbox called name ("inbox" in any case); NotFound."""
    found = world.store.read(lambda db: mailboxes.by_name(db, account, name))
    if found is None:
        raise NotFound(f"there is no mailbox {name!r}")
    return found


def page(world: World, account: int, mailbox_id: int, before: Cursor | None = None, skip: int = 0, limit: int = 50) -> Page:
    """Messages of a mailbox, newest first: at most limit that come after before and skip more."""
    limit = max(1, min(limit, PAGE))
    after = None if before is None else (before.received, before.id)

    def question(db: Connection) -> tuple[list[MessageRow], MailboxRow, int]:
        row = own_mailbox(db, account, mailbox_id)
        return messages.page(db, mailbox_id, after, limit, skip=max(0, skip)), row, changes.latest(db, account)

    rows, row, modseq = world.store.read(question)
    more = Cursor(rows[-1].received, rows[-1].id) if len(rows) == limit else None
    return Page(tuple(summary(world, each) for each in rows), row.total + row.deleted, more, modseq)


def search(world: World, index: SearchIndex, account: int, query: str, mailbox_id: int | None = None,
           before: Cursor | None = None, limit: int = 50) -> Page:
    """Messages that fit what a person typed (mta.store.query), newest first.

    Without a mailbox, named in the query or given, what is in Junk, Trash and Rejects is
    left out.  A page may be short, even empty, and still have a next one.
    """
    if mailbox_id is not None:
        query += f' in:"{mailbox(world, account, mailbox_id).name}"'
    elif not queries.read(query).mailboxes:
        query += SEARCHED
    found = index.find(world.store, account, query, before=None if before is None else before.id, limit=max(1, min(limit, PAGE)))
    rows, modseq = world.store.read(lambda db: (messages.by_ids(db, account, found.ids), changes.latest(db, account)))
    more = None if found.before is None else Cursor(rows[-1].received if rows else 0.0, found.before)
    return Page(tuple(summary(world, row) for row in rows), -1, more, modseq)


def summaries(world: World, account: int, ids: Sequence[int]) -> list[Summary]:
    """Those of the messages that are there, in the order asked for."""
    if len(ids) > PAGE:
        raise UserError(f"ask for at most {PAGE} messages at a time")
    return [summary(world, row) for row in world.store.read(lambda db: messages.by_ids(db, account, ids))]


def thread(world: World, account: int, thread_id: int) -> list[Summary]:
    """The conversation, oldest first; of a very long one the newest messages."""
    return [summary(world, row) for row in world.store.read(lambda db: messages.thread(db, account, thread_id, THREAD))]


def summary(world: World, row: MessageRow) -> Summary:
    """A row as a list shows it; opens no file."""
    found = stored_structure(world, row)
    known = found.envelope
    return Summary(
        row.id, row.mailbox_id, row.uid, row.thread_id, row.message_id, known.from_, known.to, row.subject, found.preview, row.date,
        row.received, row.size, found.attachments, tuple(flags.names(row.flags)), row.keywords)


# --- one message -------------------------------------------------------------------------------


def letter(world: World, account: int, message: int, *, mark_seen: bool = False) -> Letter:
    """A message to read; with mark_seen it counts as read from now on.  NotFound."""
    if mark_seen:
        world.store.write_now(lambda db: messages.set_flags(db, account, [message], Flags.SEEN))
    row, where = world.store.read(lambda db: _row_and_mailbox(db, account, message))
    allowed = world.store.read(lambda db: outside.granted(db, row))
    found = stored_structure(world, row)
    leaves = bodies(found.root)
    with world.store.bodies.view(row.body_name) as octets:
        words = text.plain_text(octets, found.root)
    known, known_origin = found.envelope, origin(row)
    return Letter(
        summary(world, row), where, known.cc, known.bcc, known.reply_to, known.in_reply_to, known.references,
        words, len(words) >= LIMITS.indexed_text, any(part.kind == "text/html" for part in leaves.html), tuple(_attachments(found.root)),
        unpack_reasons(row.reasons), tuple(_defects(found.root)), row.trace, row.mail_from, row.rcpt_to,
        row.remote_ip, known_origin, suspicion.warnings(world, account, known.from_) if known_origin else (), allowed)


def html_body(world: World, account: int, message: int, url: Callable[[str], str], *, allow_remote: bool = False) -> html.Sanitised:
    """The message as HTML that may be shown in a sandboxed frame; url gives the address of a part by its number."""
    row, found = _row_and_structure(world, account, message)
    return _html_of(world, row, found.root, found.root, url, allow_remote)


def nested(
    world: World, account: int, message: int, number: str, url: Callable[[str], str],
) -> tuple[list[tuple[str, str]], html.Sanitised]:
    """A message within a message: the fields that people read, and what it says as HTML.  NotFound."""
    row, found = _row_and_structure(world, account, message)
    part = mime.find_part(found.root, number)
    if part is None or part.message is None:
        raise NotFound(f"the message has no message {number!r} within")
    inner = part.message
    named = (("From", inner.envelope.from_), ("To", inner.envelope.to), ("Cc", inner.envelope.cc))
    fields = [(name, ", ".join(str(one) for one in people)) for name, people in named if people]
    with body_of(world, row) as octets:
        date = header.parse(octets, part.start, end=part.end).text("date")
    fields += [("Subject", inner.envelope.subject), ("Date", date)]
    return [one for one in fields if one[1]], _html_of(world, row, found.root, inner.root, url, False)


def _html_of(world: World, row: MessageRow, whole: Part, root: Part, url: Callable[[str], str], allow_remote: bool) -> html.Sanitised:
    """What root, the whole message or one within it, says as HTML; parts have their numbers in the whole."""
    numbers = {id(part): number for number, part in mime.walk(whole)}
    cids = {part.content_id: numbers[id(part)] for _, part in mime.walk(root) if part.content_id and id(part) in numbers}

    def address(content_id: str) -> str | None:
        number = cids.get(content_id)
        return None if number is None else url(number)

    pieces: list[html.Sanitised] = []
    with world.store.bodies.view(row.body_name) as octets:
        for part in bodies(root).html:
            if part.kind == "text/html":
                pieces.append(html.sanitise(text.part_text(octets, part), address, allow_remote))
            elif part.kind.startswith("image/"):
                pieces.append(html.Sanitised(f'<p><img src="{escape(url(numbers[id(part)]))}" alt=""></p>', 0, 0, False))
            elif part.kind.startswith("text/"):
                pieces.append(html.Sanitised(html.html_of_text(text.part_text(octets, part, LIMITS.indexed_text)), 0, 0, False))
    return html.Sanitised(
        disguise.marked("\n<hr>\n".join(piece.html for piece in pieces)),
        sum(piece.blocked for piece in pieces), sum(piece.missing for piece in pieces),
        any(piece.too_long for piece in pieces))


def html_source(world: World, account: int, message: int) -> str:
    """The HTML of a message as it was written: not to be shown; "" if it has none."""
    row, found = _row_and_structure(world, account, message)
    with world.store.bodies.view(row.body_name) as octets:
        return "".join(text.part_text(octets, part) for part in bodies(found.root).html if part.kind == "text/html")


def header_lines(world: World, account: int, message: int) -> list[tuple[str, str]]:
    """Every header field, decoded, those that we put in front first."""
    row, found = _row_and_structure(world, account, message)
    octets = messages.part(world.store, row, 0, len(row.prefix) + min(found.body_start, LIMITS.header_octets))
    return [(field.name.decode("latin-1"), field.text()) for field in header.parse(octets).fields]


def raw(world: World, account: int, message: int) -> tuple[io.BufferedReader, int]:
    """The whole message as a file, which the caller closes, and its octets.  NotFound."""
    row = world.store.read(lambda db: own_message(db, account, message))
    return messages.open_content(world.store, row), row.size


def attachment(world: World, account: int, message: int, number: str) -> Download:
    """One part of a message, whichever it is; NotFound."""
    row, found = _row_and_structure(world, account, message)
    part = mime.find_part(found.root, number)
    if part is None or part.children:
        raise NotFound(f"the message has no part {number!r}")

    def pieces() -> Iterator[bytes]:
        with world.store.bodies.view(row.body_name) as octets:
            yield from text.decoded_blocks(octets, part)

    return Download(_name(part, number), part.kind, pieces)


def part_text(world: World, account: int, message: int, number: str, longest: int = LIMITS.indexed_text) -> str:
    """A part as text, longest characters at most; NotFound."""
    row, found = _row_and_structure(world, account, message)
    part = mime.find_part(found.root, number)
    if part is None or part.children:
        raise NotFound(f"the message has no part {number!r}")
    with body_of(world, row) as octets:
        return text.part_text(octets, part, longest)


def to_save(world: World, account: int, message: int) -> tuple[str, list[Download]]:
    """The subject of a message, and all that a person would call its attachments."""
    row, found = _row_and_structure(world, account, message)
    numbers = {id(part): number for number, part in mime.walk(found.root)}
    return row.subject, [attachment(world, account, message, numbers[id(part)]) for part in to_download(found.root)]


def account_of(world: World, message: int) -> int:
    """Whose message this is; for the administrator only.  NotFound."""
    found = world.store.read(lambda db: messages.owner(db, message))
    if found is None:
        raise NotFound(f"there is no message {message}")
    return found


# --- for flows that need more than what is shown ---------------------------------------------------


def own_mailbox(db: Connection, account: int, mailbox_id: int) -> MailboxRow:
    """The account's mailbox with this id; NotFound."""
    row = mailboxes.get(db, mailbox_id)
    if row is None or row.account_id != account:
        raise NotFound(f"there is no mailbox {mailbox_id}")
    return row


def own_message(db: Connection, account: int, message: int) -> MessageRow:
    """The account's message with this id; NotFound."""
    row = messages.get(db, account, message)
    if row is None:
        raise NotFound(f"there is no message {message}")
    return row


def stored_structure(world: World, row: MessageRow) -> Structure:
    """The structure in a row; one of an older version is made again from the file."""
    try:
        return structure.unpack(row.structure)
    except ValueError:
        with body_of(world, row) as octets:
            return structure.analyse(octets)


@contextmanager
def body_of(world: World, row: MessageRow) -> Iterator[Octets]:
    """The body that the offsets of a row's structure belong to."""
    with world.store.bodies.view(row.body_name) as octets:
        yield octets


def _row_and_mailbox(db: Connection, account: int, message: int) -> tuple[MessageRow, MailboxRow]:
    row = own_message(db, account, message)
    return row, own_mailbox(db, account, row.mailbox_id)


def _row_and_structure(world: World, account: int, message: int) -> tuple[MessageRow, Structure]:
    row = world.store.read(lambda db: own_message(db, account, message))
    return row, stored_structure(world, row)


def _attachments(root: Part) -> Iterator[Attachment]:
    numbers = {id(part): number for number, part in mime.walk(root)}
    leaves = bodies(root)
    offered = {id(part) for part in to_download(root)}
    for part in leaves.attachments:
        number = numbers[id(part)]
        yield Attachment(number, _name(part, number), part.kind, _decoded_size(part), id(part) not in offered, part.content_id)


def _name(part: Part, number: str) -> str:
    """What a download is called."""
    if part.filename:
        return part.filename
    if part.message:
        return (mime.safe_filename(part.message.envelope.subject) or f"message {number}") + ".eml"
    return f"part {number}"


def _decoded_size(part: Part) -> int:
    if part.encoding == "base64":
        # Lines of 76 characters and their line ends; the padding is not looked at.
        lines, rest = divmod(part.octets, 78)
        return (lines * 76 + rest) * 3 // 4
    return part.octets


def _defects(root: Part) -> list[str]:
    found = Defects.NONE
    for _, part in mime.walk(root):
        found |= part.defects
    return [words for defect, words in DEFECTS.items() if defect in found]
