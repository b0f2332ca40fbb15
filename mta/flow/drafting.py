"""Writing in the webmail: drafts begun, kept, taken up again, and sent.

A draft is a message in Drafts like any other, so a mail program can go on with it.  What
its author typed for recipients is kept even if it is no address yet; only sending asks
for addresses.  Files come as uploads (mta.store.uploads) or from other messages, and are
parts of the draft once it is kept.

Whoever keeps or sends a draft says which version it goes on from (lineage, writer); a
version that somebody else has replaced, sent or thrown away is a Conflict, not overwritten.

All of it blocks but send(), which a loop awaits.
"""
import asyncio
import mmap
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from typing import BinaryIO, Final, Literal

from mta.base.errors import Conflict, NotFound, UserError
from mta.base.names import Address
from mta.base.tokens import short_id
from mta.flow import answering, contacts, deposit, filing, reading, submit, takingback, teaching
from mta.flow import identities as own
from mta.flow.submit import Sent
from mta.flow.travelling import Protection
from mta.flow.world import World
from mta.message import address, compose, structure, tlsrequired, written
from mta.message.address import Mailbox
from mta.message.flags import Flags
from mta.message.identifiers import new_message_id
from mta.message.mime import safe_filename
from mta.message.scan import Octets
from mta.store import accounts, bodies, drafts, mailboxes, messages
from mta.store.bodies import SpooledBody
from mta.store.connection import Connection
from mta.store.identities import Identity
from mta.store.uploads import Uploads

#: Whom an answer goes to.
Whom = Literal["author", "everybody", "list"]
#: Characters of a lineage and of a writer's name.
LINEAGE: Final = 60
#: Says which message a draft forwards, as other programs do too.
FORWARDED = "X-Forwarded-Message-Id"
#: Says in a draft that it is to go over protected connections only; when it is sent the envelope says so (RFC 8689 §4.3).
REQUIRED = "X-Require-TLS"


class Overtaken(Conflict):
    """The draft is not what it was when the page got it; place is "draft.lineage" if there is a newer version, else "draft.id"."""

    def __init__(self, text: str, place: str) -> None:
        super().__init__(text)
        self.place = place


class DraftProblem(UserError):
    """Something in a draft has to be changed; place is the field, like "draft.to"."""

    def __init__(self, place: str, text: str) -> None:
        super().__init__(text)
        self.place = place


@dataclass(frozen=True, slots=True)
class Attached:
    """A file of a draft: an upload by its name, or part (a number like "2.1", "" = all of it) of a message by its id.

    With a content_id (without brackets) the HTML can show it as cid:.
    """

    name: str
    kind: str
    size: int
    upload: str = ""
    message: int | None = None
    part: str = ""
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """What is being written.

    id is the message in Drafts that this replaces; from_, to, cc and bcc are as people
    type them; answers and forwards are the ids of the messages it came from; tls is what it
    asks of the connections it travels over.  html is "" for plain text, else what text is
    made from.  lineage stays with all versions of the draft, writer names the page that wrote
    this one.  in_list says that it answers mail of a list.
    """

    id: int | None = None
    from_: str = ""
    to: str = ""
    cc: str = ""
    bcc: str = ""
    subject: str = ""
    text: str = ""
    answers: int | None = None
    forwards: int | None = None
    attachments: tuple[Attached, ...] = ()
    tls: Protection = "default"
    html: str = ""
    lineage: str = ""
    writer: str = ""
    in_list: bool = False


# --- beginning -----------------------------------------------------------------------------


def identities(world: World, account: int) -> list[Mailbox]:
    """The addresses one may write from, the usual one first."""
    return [Mailbox(one.name, one.address) for one in own.usable(world, account)]


def begin(world: World, account: int) -> Draft:
    """A draft with the usual sender, and his signature."""
    usual = own.usable(world, account)[:1]
    return Draft(from_=_as(usual), text=own.signed("", usual[0].signature if usual else ""), lineage=short_id())


def reply(world: World, account: int, message: int, to_whom: Whom = "author", only: str = "", *, formatted: bool = False) -> Draft:
    """A draft that answers a message, its author, everybody who got it, or its list; of its text it quotes only, if that is given.

    A formatted one quotes its HTML, if it has any.  NotFound; UserError if the list is asked for and there is none.
    """
    letter = reading.letter(world, account, message)
    lines = reading.header_lines(world, account, message)
    to, cc = answering.recipients(letter, lambda used: _own(world, account, used), to_whom == "everybody")
    if to_whom == "list":
        found = answering.list_address(lines)
        if found is None:
            raise UserError("this message does not say to which address one writes to its list")
        to, cc = [found], []
    sender = _sender_for(world, account, letter)
    signature = sender[0].signature if sender else ""
    said = _said(world, account, letter, frozenset()) if formatted and not only else ""
    html = f"{answering.lines(own.signed(answering.lead(letter), signature))}<blockquote>{said}</blockquote><div><br></div>" if said else ""
    return Draft(
        from_=_as(sender), to=_typed(to), cc=_typed(cc), subject=answering.subject(letter, "Re"),
        text=own.signed(answering.quotation(letter, only), signature), answers=message,
        html=html, lineage=short_id(), in_list=answering.is_of_list(lines))


def forward(world: World, account: int, message: int, *, attached: bool = False, formatted: bool = False) -> Draft:
    """A draft that passes a message on, with its text (formatted: its HTML) and attachments, or whole as an attachment; NotFound."""
    letter = reading.letter(world, account, message)
    sender = _sender_for(world, account, letter)
    text = "" if attached else answering.passed_on(letter)
    signature = sender[0].signature if sender else ""
    said = _said(world, account, letter, {one.content_id for one in letter.attachments}) if formatted and not attached else ""
    html = f"{answering.lines(own.signed(answering.introduced(letter), signature))}<div><br></div>{said}" if said else ""
    whole = Attached(f"{safe_filename(letter.summary.subject) or 'message'}.eml", "message/rfc822", letter.summary.size, message=message)
    return Draft(
        from_=_as(sender), subject=answering.subject(letter, "Fwd"),
        text=own.signed(text, signature), html=html,
        forwards=message, attachments=(whole,) if attached else _carried(letter), lineage=short_id())


def _said(world: World, account: int, letter: reading.Letter, pictures: Collection[str]) -> str:
    """The HTML of a message to be quoted, with those of its pictures; "" if it has none."""
    source = reading.html_source(world, account, letter.summary.id) if letter.has_html else ""
    return written.quotation(source, pictures.__contains__)


def take_up(world: World, account: int, message: int) -> Draft:
    """A kept draft, to go on writing; NotFound."""
    again = write_again(world, account, message)
    letter = reading.letter(world, account, message)
    lines = reading.header_lines(world, account, message)
    answers = _by_message_id(world, account, letter.in_reply_to)
    in_list = answers is not None and answering.is_of_list(reading.header_lines(world, account, answers))
    lineage = world.store.read(lambda db: drafts.lineage_of(db, message))
    return replace(
        again, id=message, answers=answers, forwards=_by_message_id(world, account, (dict(lines).get(FORWARDED, ""),)),
        tls=_protection(lines), lineage=lineage or f"message {message}", in_list=in_list)


def write_again(world: World, account: int, message: int) -> Draft:
    """A new draft with all that stands in a message, whoever wrote it: recipients, text, files; NotFound."""
    letter = reading.letter(world, account, message)
    ours = bool(letter.summary.from_ and letter.summary.from_[0].address and _own(world, account, letter.summary.from_[0].address))
    source = reading.html_source(world, account, message) if letter.has_html else ""
    return Draft(
        None, _typed(letter.summary.from_) if ours else _as(_sender_for(world, account, letter)),
        _typed(letter.summary.to), _typed(letter.cc), _typed(letter.bcc), letter.summary.subject, letter.text,
        attachments=_carried(letter), html=written.clean(source), lineage=short_id())


# --- keeping and sending ---------------------------------------------------------------------


def keep(world: World, uploads: Uploads, account: int, draft: Draft) -> Draft:
    """Keep what is written in Drafts, in place of what was kept before; gives it as it is kept.

    NoRoom if the quota forbids, DraftProblem for an attachment that is gone, Overtaken if
    this is not the newest version.
    """
    draft = _readable(draft)
    world.store.read(lambda db: _before(db, account, draft))
    body = _write(world, uploads, account, draft, secret=True)
    try:
        with body.view() as octets:
            found = structure.analyse(octets)

        def change(db: Connection) -> int:
            place = filing.mailbox_for(db, world, account, "drafts")
            _drop(db, account, _before(db, account, draft))
            new = messages.add(db, world.clock, deposit.new_message(
                place.id, bodies.insert(db, body), body.size, found.envelope, structure.pack(found), world.clock.timestamp(),
                flags=Flags.DRAFT | Flags.SEEN)).id
            drafts.note(db, account, new, draft.lineage, draft.writer)
            return new

        kept = world.store.write_now(change, [body])
    except BaseException:
        body.abandon()
        raise
    _forget_uploads(uploads, account, draft)
    return replace(draft, id=kept, attachments=_carried(reading.letter(world, account, kept)))


async def send(
    world: World, uploads: Uploads, account: int, draft: Draft, trace_id: str, *, at: float | None = None, archive: bool = False,
) -> Sent:
    """Send what is written, now or at a time (seconds since 1970), and keep a copy in Sent.

    Its draft goes and the message it answers is marked, and with archive moved to Archive, in the
    commit that queues it.  What waits for its time can be had back until then
    (flow.takingback).  DraftProblem says which field has to be changed, Overtaken that this
    is not the newest version, other UserErrors why it may not be sent; TemporaryError as Store.write.
    """
    draft = _readable(draft)
    sender = _one_address(draft.from_, "draft.from")
    recipients = _addresses(draft)
    world.store.read(lambda db: _before(db, account, draft))
    due = takingback.due(world, at)
    if due:
        # The draft that comes back is the one that was kept.
        draft = await asyncio.to_thread(keep, world, uploads, account, draft)
    body = await asyncio.to_thread(partial(_write, world, uploads, account, draft, date=takingback.date(world, due)))

    def then(db: Connection, sent: Sent) -> None:
        before = _before(db, account, draft)
        if due and before is not None:
            takingback.remember(db, account, before, sent, due, recipients, draft.subject)
        _drop(db, account, before)
        _mark(db, world, account, draft, archive)
        contacts.collect(db, world, account, [one for _, typed in _typed_fields(draft) for one in address.parse_list(typed)])

    sent = await submit.send(
        world, account, body, sender, recipients, trace_id, protocol="HTTP", save_to_sent=True, then=then,
        tls_required="yes" if draft.tls == "required" else "", due=due)
    _forget_uploads(uploads, account, draft)
    return sent


def _mark(db: Connection, world: World, account: int, draft: Draft, archive: bool) -> None:
    """What becomes of the messages that it came from."""
    if draft.answers is not None:
        messages.set_flags(db, account, [draft.answers], Flags.ANSWERED)
        teaching.answered(db, world, account, [draft.answers])
    if draft.forwards is not None:
        messages.set_flags(db, account, [draft.forwards], Flags.FORWARDED)
    origin = draft.answers if draft.answers is not None else draft.forwards
    if archive and origin is not None:
        filing.archive_within(db, world, account, [origin])


def _readable(draft: Draft) -> Draft:
    """With clean HTML, and the text that it makes."""
    html = written.clean(draft.html) if draft.html else ""
    # A lineage is the page's to choose: it may keep a draft again whose answer got lost.
    lineage = draft.lineage[:LINEAGE] or short_id()
    return replace(draft, html=html, text=written.plain(html) if html else draft.text, lineage=lineage, writer=draft.writer[:LINEAGE])


def _before(db: Connection, account: int, draft: Draft) -> int | None:
    """The message that this version takes the place of; Overtaken if it does not know the newest one."""
    newest = drafts.newest(db, account, draft.lineage)
    if newest is not None:
        if newest.message != draft.id and (newest.writer != draft.writer or not draft.writer):
            raise Overtaken("This draft was changed elsewhere since it was opened here", "draft.lineage")
        return newest.message
    if draft.id is None:
        return None
    row, place = messages.get(db, account, draft.id), mailboxes.by_role(db, account, "drafts")
    if row is None or place is None or row.mailbox_id != place.id:
        raise Overtaken("This draft was sent or thrown away elsewhere since it was opened here", "draft.id")
    return row.id


def _write(world: World, uploads: Uploads, account: int, draft: Draft, *, secret: bool = False, date: float | None = None) -> SpooledBody:
    """The message that a draft is, on disk; with its Bcc only if secret."""
    answers, references = _ancestors(world, account, draft)
    author, reply_to = _author(world, account, draft.from_)
    with ExitStack() as open_files:
        letter = compose.Letter(
            from_=[author], reply_to=address.parse_list(reply_to), to=address.parse_list(draft.to), cc=address.parse_list(draft.cc),
            bcc=address.parse_list(draft.bcc) if secret else (), subject=draft.subject, text=draft.text,
            attachments=list(_files(world, uploads, account, draft, open_files)),
            date=world.clock.timestamp() if date is None else date, html=written.document(draft.html) if draft.html else None,
            message_id=new_message_id(world.config.hostname if secret else _one_address(draft.from_, "draft.from").domain),
            in_reply_to=answers, references=references, flowed=True,
            extra=[*_origin(world, account, draft), *_demands(draft, secret)])
        sink = world.store.bodies.sink()
        try:
            for piece in compose.compose_pieces(letter):
                sink.write(piece)
            return sink.finish()
        except BaseException:
            sink.abandon()
            raise


def _author(world: World, account: int, typed: str) -> tuple[Mailbox, str]:
    """From, with the name of the identity unless another was typed, and where answers go ("" = there)."""
    found = address.parse_list(typed)
    if len(found) != 1:
        raise DraftProblem("draft.from", "choose one address to write from")
    used = found[0].address
    known = own.matching(own.usable(world, account), found[0].name, used) if used else None
    bare = known is None and used is not None and not found[0].name
    if bare and used is not None and world.store.read(lambda db: accounts.mask_of(db, account, used)) is None:
        row = world.store.read(lambda db: accounts.get(db, account))
        return found[0]._replace(name=row.full_name if row else ""), ""
    return found[0]._replace(name=found[0].name or (known.name if known else "")), known.reply_to if known else ""


def _files(world: World, uploads: Uploads, account: int, draft: Draft, open_files: ExitStack) -> Iterator[compose.Attachment]:
    for number, file in enumerate(draft.attachments):
        try:
            if file.upload:
                content = _mapped(open_files.enter_context(uploads.open(account, file.upload)), open_files)
            elif file.message is not None and not file.part:
                whole, _ = reading.raw(world, account, file.message)
                content = _crlf(open_files.enter_context(whole).read())
            elif file.message is not None:
                content = b"".join(reading.attachment(world, account, file.message, file.part).pieces())
            else:
                raise NotFound("it is neither an upload nor part of a message")
        except NotFound as problem:
            raise DraftProblem(f"draft.attachments[{number}]", f"{file.name} cannot be attached: {problem}") from None
        shown = f"cid:{file.content_id}" in draft.html
        yield compose.Attachment(file.name, file.kind, content, file.content_id if file.content_id and shown else "")


def _crlf(content: bytes) -> bytes:
    """A message with the line ends that it travels with; what came by import may have others."""
    return content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def _mapped(file: BinaryIO, open_files: ExitStack) -> Octets:
    """A file's content without reading it; an empty one cannot be mapped."""
    if not file.seek(0, 2):
        return b""
    return open_files.enter_context(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))


def _ancestors(world: World, account: int, draft: Draft) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(In-Reply-To, References): of the message it answers, or as they were kept."""
    try:
        if draft.answers is not None:
            return answering.references(reading.letter(world, account, draft.answers))
        if draft.id is not None:
            kept = reading.letter(world, account, draft.id)
            return kept.in_reply_to, kept.references
    except NotFound:
        pass    # it was thrown away meanwhile; the answer goes without
    return (), ()


def _origin(world: World, account: int, draft: Draft) -> list[tuple[str, str]]:
    """The field that says which message is forwarded."""
    if draft.forwards is None:
        return []
    row = world.store.read(lambda db: messages.get(db, account, draft.forwards or 0))
    return [(FORWARDED, f"<{row.message_id}>")] if row and row.message_id else []


def _demands(draft: Draft, kept: bool) -> list[tuple[str, str]]:
    """The field that says what the message asks of connections, or that only the draft has."""
    if draft.tls == "not-required":
        return [(tlsrequired.NAME, tlsrequired.VALUE)]
    return [(REQUIRED, "Yes")] if kept and draft.tls == "required" else []


def _protection(lines: Sequence[tuple[str, str]]) -> Protection:
    """What a kept draft asks of connections; its fields may be another program's."""
    said = {wanted: [value.lower() for name, value in lines if name.lower() == wanted.lower()] for wanted in (REQUIRED, tlsrequired.NAME)}
    if said[REQUIRED] == ["yes"]:
        return "required"
    return "not-required" if said[tlsrequired.NAME] == [tlsrequired.VALUE.lower()] else "default"


def _drop(db: Connection, account: int, message: int | None) -> None:
    """Remove what was kept before, if it still is in Drafts."""
    drafts = mailboxes.by_role(db, account, "drafts")
    row = messages.get(db, account, message) if message is not None else None
    if row is not None and drafts is not None and row.mailbox_id == drafts.id:
        messages.expunge(db, account, [row.id], keep=False)


def _forget_uploads(uploads: Uploads, account: int, draft: Draft) -> None:
    for file in draft.attachments:
        if file.upload:
            uploads.remove(account, file.upload)


# --- what people type --------------------------------------------------------------------------


def _addresses(draft: Draft) -> list[Address]:
    """Everybody it goes to; DraftProblem names what is no address."""
    found: list[Address] = []
    for place, typed in _typed_fields(draft):
        for mailbox in address.parse_list(typed):
            if mailbox.address is None:
                raise DraftProblem(place, f"{mailbox} is no address; write it like ann@example.org")
            found.append(mailbox.address)
    if not found:
        raise DraftProblem("draft.to", "to whom? Give at least one recipient")
    return found


def _typed_fields(draft: Draft) -> tuple[tuple[str, str], ...]:
    return ("draft.to", draft.to), ("draft.cc", draft.cc), ("draft.bcc", draft.bcc)


def _one_address(typed: str, place: str) -> Address:
    found = address.parse_list(typed)
    if len(found) != 1 or found[0].address is None:
        raise DraftProblem(place, "choose one address to write from")
    return found[0].address


def _typed(found: Iterable[Mailbox]) -> str:
    """Mailboxes as a person types them."""
    return ", ".join(_as_typed(mailbox) for mailbox in found)


def _as_typed(mailbox: Mailbox) -> str:
    if not mailbox.name or not mailbox.spec:
        return mailbox.spec or mailbox.name
    plain = not any(char in '",;:<>@()[]\\' for char in mailbox.name)
    name = mailbox.name if plain else '"' + mailbox.name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{name} <{mailbox.spec}>"


def _carried(letter: reading.Letter) -> tuple[Attached, ...]:
    return tuple(Attached(part.name, part.kind, part.size, "", letter.summary.id, part.part, part.content_id)
                 for part in letter.attachments)


def _as(known: Sequence[Identity]) -> str:
    return _typed(Mailbox(one.name, one.address) for one in known)


def _sender_for(world: World, account: int, letter: reading.Letter) -> list[Identity]:
    """Who answers: the masked address that it came by, the address of ours that it was written to, else the usual one."""
    named = [mailbox.address for mailbox in (*letter.summary.to, *letter.cc, *letter.summary.from_) if mailbox.address]
    known = own.usable(world, account)
    if letter.rcpt_to:
        came = Address.parse(letter.rcpt_to)
        # Who hid behind a mask stays hidden, whatever else the message names.
        masked = world.store.read(lambda db: accounts.mask_of(db, account, came)) is not None and _own(world, account, came)
        if masked:
            return [Identity("", came)]
        named.append(came)
    name = known[0].name if known else ""
    found = [own.matching(known, "", used) or Identity(name, used) for used in named if _own(world, account, used)]
    return found[:1] or known[:1]


def _own(world: World, account: int, used: Address) -> bool:
    return world.store.read(lambda db: accounts.may_use(db, account, used))


def _by_message_id(world: World, account: int, identifiers: Iterable[str]) -> int | None:
    """The first message of the account that has one of these Message-IDs."""
    for identifier in identifiers:
        found = world.store.read(partial(messages.by_message_id, account_id=account, message_id=identifier.strip("<> ")))
        if found:
            return found[0].id
    return None
