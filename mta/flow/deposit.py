"""Put a message where it belongs: into mailboxes here, into the queue for elsewhere.

One change does all of it: the body's row, a row for each account, queue rows for members
of aliases elsewhere, and the events that tell of it.  So after a crash there is either all
of it or nothing, and when the change has returned the message is ours to keep.

A message that is passed on to an alias' members elsewhere keeps its sender, body and
signatures, so its DKIM still passes; the sender is not rewritten (what accounts forward has
a return path of ours: flow.sequels).  Since
a failure there is reported to the sender as it is, it is passed on only if nobody says
that it went round in a circle.

Read on: flow.receive deposits what strangers bring, flow.deliver what our own users wrote.
"""
import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from mta.auth.author import author
from mta.base.errors import Failure, NoRoom, NotFound, Reach, TemporaryError, UserError
from mta.base.events import Event, Record
from mta.base.limits import LIMITS
from mta.base.names import Address, Domain
from mta.flow import pushing, ways
from mta.flow.world import World
from mta.judge import facts as kept
from mta.judge import returnpath, rules
from mta.judge.facts import Facts
from mta.judge.reason import Reason, in_words, pack_reasons
from mta.judge.rules import Mail
from mta.message import header, structure, trace
from mta.message.envelope import Envelope
from mta.message.flags import Flags
from mta.message.header import Header
from mta.store import accounts, bodies, domains, events, mailboxes, masks, messages, queue, rejects, reportaddresses
from mta.store import rules as rule_rows
from mta.store.accounts import Resolution
from mta.store.bodies import SpooledBody
from mta.store.connection import Connection
from mta.store.demands import TlsRequired
from mta.store.mailboxes import MailboxRow
from mta.store.messages import MessageRow, NewMessage
from mta.store.queue import NewQueued, QueuedMessage

#: Messages larger than this are looked at in a thread, so that the loop goes on.
IN_THREAD = 256 * 1024


#: Why mail that was written here is where it is.
WRITTEN: Final = {
    "mail": "It was written by somebody on this server.", "bounce": "This server tells that a message of yours could not be delivered.",
    "delayed": "This server tells that a message of yours is delayed.",
    "dmarc_report": "This server made this report.", "tls_report": "This server made this report."}

T = TypeVar("T")


class MailboxFull(NoRoom):
    """Everybody who could have had the message is over quota."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message to deposit.

    fields are header fields (with CRLF) that every copy gets in front of the body;
    envelope and structure (packed) were made from the body alone; size is the body's, in
    octets; sender None is the null reverse-path.  smtputf8, eight_bit and tls_required count
    for copies that travel on.  identity is who it is from, as mta.judge.facts packs it.
    """

    trace: str
    sender: Address | None
    fields: bytes
    envelope: Envelope
    structure: bytes
    size: int
    remote_ip: str = ""
    smtputf8: bool = False
    eight_bit: bool = False
    tls_required: TlsRequired = ""
    identity: bytes = b""


@dataclass(frozen=True, slots=True)
class Copy:
    """One account's copy: recipient is the address it came by; quota binds if bounded.

    mailbox is a role, or "#<id>", or "=<name>" of a mailbox that is made if it is missing.
    fields are header fields that this copy alone gets, in front of those of all; identity
    is who it is from as far as this account is concerned, b"" if that is as the parcel says.
    mask is the masked address that it came by.
    """

    recipient: Address
    account: int
    mailbox: str
    reasons: tuple[Reason, ...]
    bounded: bool = True
    flags: Flags = Flags.NONE
    keywords: tuple[str, ...] = ()
    fields: bytes = b""
    identity: bytes = b""
    mask: int | None = None


@dataclass(frozen=True, slots=True)
class Onward:
    """Copies that an alias of ours sends on to members elsewhere.

    prefix is all that they get in front of the body; b"" if that is what all copies get.
    """

    alias: Address
    members: tuple[Address, ...]
    prefix: bytes = b""


Happening = tuple[Event, dict[str, object]]


@dataclass(frozen=True, slots=True)
class Filed:
    """A message that is a report: which mailbox its copies for report addresses go to, as read, and why.

    write puts what it tells into rows, in the change that stores the messages whose ids it is given.
    """

    mailbox: str
    reasons: tuple[Reason, ...]
    write: Callable[[Connection, Sequence[int]], list[Happening]]


@dataclass(frozen=True, slots=True)
class Sequels:
    """What follows once copies are stored, in the same change (mta.flow.sequels).

    bodies are new messages that it needs; adjust says where a copy goes and why, in view of
    what follows; write queues what follows for the accounts that have their copy, given the
    row of the body that all have.
    """

    bodies: tuple[SpooledBody, ...]
    adjust: Callable[[Copy], Copy]
    write: Callable[[Connection, int, Collection[int]], list[Happening]]

    def abandon(self) -> None:
        """Nothing follows."""
        for body in self.bodies:
            body.abandon()


NOTHING: Final = Sequels((), lambda copy: copy, lambda db, body_id, accounts: [])
#: Why a copy of a notice about forwarded mail is where it is.
RETURNED: Final = Reason("It is about mail that was forwarded for you; you have that mail here anyway.", key="forward-notice")


# --- who gets it -------------------------------------------------------------------------


def resolve(db: Connection, world: World, address: Address) -> Resolution:
    """Who gets the mail for address.

    In localserve nothing leaves the machine: what is for elsewhere comes back to the
    postmaster's account.
    """
    config = world.config
    if returnpath.is_one(address) and domains.get(db, address.domain) is not None:
        account = returnpath.account_of(accounts.return_path_key(db), address, world.clock.timestamp())
        if account is not None and accounts.get(db, account) is not None:
            return Resolution("account", (account,), (), address, returned=True)
    found = accounts.resolve(db, address, config.hostname, config.postmaster)
    if config.local and found.kind in ("unknown_domain", "unknown_user"):
        row = accounts.by_login(db, config.postmaster)
        if row is not None:
            return Resolution("account", (row.id,), (), address)
    return found


def is_local(db: Connection, world: World, address: Address) -> bool:
    """True if mail for address is deposited here rather than taken to another server."""
    return resolve(db, world, address).kind != "unknown_domain"


def differs(db: Connection, domain: Domain) -> bool:
    """Whether some addresses of domain are ours and others somebody else's: it is here for its reports alone."""
    row = domains.get(db, domain)
    return row is not None and reportaddresses.reports_only(db, row)


def is_postmaster(address: Address) -> bool:
    """RFC 5321 §4.5.1: the one address that must always be reachable, in any case."""
    return address.localpart.lower() == "postmaster"


# --- putting it there --------------------------------------------------------------------


async def arrived(
    world: World, parcel: Parcel, body: SpooledBody, copies: Sequence[Copy], onward: Sequence[Onward], accepted: Sequence[Happening] = (),
    also: Callable[[Connection], None] | None = None, filed: Filed | None = None, sequels: Sequels = NOTHING,
) -> None:
    """Store a message that came from outside.

    MailboxFull if every copy is over quota; if only some are, those are stored beyond
    their quota, since the sender can be given one answer only.  Other TemporaryErrors
    as Store.write.  accepted are events to be kept in the same commit, also is done in it; a
    report is written there too, and sequels.
    """
    copies = [sequels.adjust(copy) for copy in copies]

    def change(db: Connection) -> tuple[None, list[Happening]]:
        body_id = bodies.insert(db, body)
        happenings, full = put(db, world, parcel, body_id, copies)
        if full and not happenings and not onward:
            raise MailboxFull("the mailbox is full")
        happenings += put(db, world, parcel, body_id, full, bounded=False)[0]
        happenings += _pass_on(db, world, parcel, body_id, onward)
        happenings += sequels.write(db, body_id, {copy.account for copy in copies})
        if also is not None:
            also(db)
        return None, [*happenings, *_written(db, filed, happenings)]

    try:
        await commit(world, parcel.trace, change, [body, *sequels.bodies], accepted)
    except BaseException:
        sequels.abandon()
        raise


async def local(
    world: World, queued: QueuedMessage, recipients: Sequence[Address],
    also: Callable[[Connection, Mapping[Address, Failure | None]], None] | None = None, filed: Filed | None = None,
    sequels: Sequels = NOTHING,
) -> dict[Address, Failure | None]:
    """Deposit a queued message for recipients that are ours (see is_local).

    Gives for each recipient None, or why it could not be: a lasting failure (nobody
    there) or one for now (over quota).  also runs within the same change with that
    answer, so that the queue forgets the recipients in the commit that stores the
    message.  filed, if it is a report of ours about ourselves; sequels as for arrived.
    TemporaryError as Store.write; then nothing was stored.
    """
    if queued.body_size > IN_THREAD:
        parcel, facts, top = await asyncio.to_thread(_parcel, world, queued)
    else:
        parcel, facts, top = _parcel(world, queued)
    # Notices of our own are small, and whoever is over quota needs them most.
    bounded = queued.kind == "mail"
    written = Reason(WRITTEN[queued.kind], key=f"own-{queued.kind}")

    def ruled(db: Connection, recipient: Address, account: int, found: Resolution) -> Copy:
        """The copy of an account, filed and marked as its rules say; there is nothing else to be judged."""
        ruling = rules.apply(rule_rows.all(db, account), Mail(facts, top, queued.sender, recipient))
        usual = f"#{found.mailbox}" if found.mailbox is not None else "inbox"
        return sequels.adjust(Copy(
            recipient, account, ruling.mailbox or usual, (written, *([RETURNED] if found.returned else []), *rules.reasons(ruling)),
            bounded and not is_postmaster(recipient) and not found.returned, ruling.flags, ruling.keywords, mask=found.mask))

    def change(db: Connection) -> tuple[dict[Address, Failure | None], list[Happening]]:
        outcome: dict[Address, Failure | None] = {}
        happenings: list[Happening] = []
        had: set[int] = set()
        for recipient in recipients:
            found = resolve(db, world, recipient)
            if (not found.accounts and not found.forwards) or (found.returned and queued.sender is not None):
                outcome[recipient] = _nobody(world, recipient)
                continue
            copies = [ruled(db, recipient, account, found) for account in found.accounts if account not in had]
            if filed and found.reports:
                copies = [replace(copy, mailbox=filed.mailbox, reasons=filed.reasons, flags=copy.flags | Flags.SEEN) for copy in copies]
            stored, full = put(db, world, parcel, queued.body_id, copies)
            if full and not stored and not found.forwards:
                outcome[recipient] = _full(world, recipient)
                continue
            # Some members have it: the others must not come back for it, their quota or not.
            happenings += stored + put(db, world, parcel, queued.body_id, full, bounded=False)[0]
            had |= {copy.account for copy in copies}
            outcome[recipient] = None
            if found.forwards:
                happenings += _pass_on(db, world, parcel, queued.body_id, [Onward(recipient, found.forwards)])
        happenings += sequels.write(db, queued.body_id, had)
        if also is not None:
            also(db, outcome)
        return outcome, [*happenings, *_written(db, filed, happenings)]

    try:
        return await commit(world, queued.trace, change, sequels.bodies)
    except BaseException:
        sequels.abandon()
        raise


def file_in(world: World, account: int, octets: bytes, mailbox: str = "inbox", *, flags: Flags = Flags.NONE,
            reason: str = "It was put here by the administrator.") -> MessageRow:
    """Put a message into the mailbox with a role, past every check but the quota; blocks.  NoRoom, NotFound.

    For imports and for what the server itself has to say; lines may end in LF alone.
    """
    sink = world.store.bodies.sink()
    sink.write(octets.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
    body = sink.finish()
    with body.view() as view:
        found = structure.analyse(view)

    def change(db: Connection) -> MessageRow:
        place = mailboxes.by_role(db, account, mailbox)
        if place is None:
            raise NotFound(f"the account has no mailbox for {mailbox}")
        return messages.add(db, world.clock, new_message(
            place.id, bodies.insert(db, body), body.size, found.envelope, structure.pack(found), world.clock.timestamp(), flags=flags,
            reasons=(Reason(reason, key="filed"),)))

    try:
        return world.store.write_now(change, [body])
    except BaseException:
        body.abandon()
        raise


def new_message(
    mailbox_id: int, body_id: int, size: int, known: Envelope, packed: bytes, received: float, *,
    prefix: bytes = b"", flags: Flags = Flags.NONE, keywords: tuple[str, ...] = (),
    trace: str = "", mail_from: str = "", rcpt_to: str = "", remote_ip: str = "", reasons: Sequence[Reason] = (), identity: bytes = b"",
) -> NewMessage:
    """A row to be added, with what its header says of it."""
    return NewMessage(
        mailbox_id, body_id, size, prefix, received, packed, flags, keywords, message_id=known.message_id.strip("<>"),
        in_reply_to=_bare(known.in_reply_to), references=_bare(known.references), subject=known.subject, from_text=known.from_text,
        date=known.date, trace=trace, mail_from=mail_from, rcpt_to=rcpt_to, remote_ip=remote_ip,
        reasons=pack_reasons(reasons), identity=identity)


def _parcel(world: World, queued: QueuedMessage) -> tuple[Parcel, Facts, Header]:
    """A queued message to deposit, who it is from, and its header."""
    with world.store.bodies.view(queued.body_name) as octets:
        top = header.parse(octets)
        parsed = structure.analyse(octets, header=top)
    # What somebody here wrote, or we did, bears his own name (flow.completion); what an alias passes on may bear any.
    facts = Facts(author(top).address, queued.account_id is not None or queued.kind != "mail")
    parcel = Parcel(queued.trace, queued.sender, queued.prefix, parsed.envelope, structure.pack(parsed), queued.body_size, "",
                    queued.smtputf8, queued.eight_bit, queued.tls_required, facts.pack() if facts.proven else b"")
    return parcel, facts, top


def put(db: Connection, world: World, parcel: Parcel, body_id: int, copies: Iterable[Copy], *,
         bounded: bool = True) -> tuple[list[Happening], list[Copy]]:
    """Store what quotas let in; gives what happened, and the copies that had no room."""
    happenings, full = [], []
    for copy in copies:
        try:
            happenings.append(_store(db, world, parcel, body_id, copy, bounded and copy.bounded))
        except NoRoom:
            full.append(copy)
    return happenings, full


def _store(db: Connection, world: World, parcel: Parcel, body_id: int, copy: Copy, bounded: bool) -> Happening:
    """One row in one mailbox."""
    account, place = accounts.get(db, copy.account), _place(db, world, copy)
    mailbox = place or mailboxes.by_role(db, copy.account, "inbox")
    reasons = copy.reasons if place else (*copy.reasons, Reason("Its mailbox has gone while it came in.", key="mailbox-gone"))
    if account is None or mailbox is None:
        # It was there at RCPT: asked again, it will be resolved anew.
        raise TemporaryError(f"the account of {copy.recipient} is gone")
    known = parcel.envelope
    sender = parcel.sender.ascii if parcel.sender else ""
    # RFC 5321 §4.4: Return-Path goes on top at final delivery; RFC 8601 §4.1 and RFC 7208 §9.1: above Received is what
    # was found out by whom that was written.
    own = trace.return_path(parcel.sender) + trace.delivered_to(copy.recipient) + copy.fields
    row = messages.add(db, world.clock, new_message(
        mailbox.id, body_id, parcel.size, known, parcel.structure, world.clock.timestamp(), prefix=own + parcel.fields, flags=copy.flags,
        keywords=_keywords(db, mailbox, copy), trace=parcel.trace, mail_from=sender, rcpt_to=copy.recipient.ascii,
        remote_ip=parcel.remote_ip, reasons=reasons, identity=copy.identity or parcel.identity), skip_quota=not bounded)
    pushing.arrived(db, world, copy.account, mailbox, row.id, copy.flags)
    if copy.mask is not None:
        who = kept.unpack(copy.identity or parcel.identity) if copy.identity or parcel.identity else None
        author = who.author_address.domain if who and who.author_address else None
        masks.count(db, world.clock, copy.mask, author, bool(who and who.proven), LIMITS.mask_senders)
    if parcel.remote_ip and mailbox.role != "rejects":
        rejects.forget(db, copy.account, known.message_id.strip("<>"), body_id)
    return Event.MESSAGE_STORED, {
        "account": account.name, "mailbox": mailbox.name, "recipient": copy.recipient, "message": row.id,
        "message_id": known.message_id, "reason": in_words(reasons)}


def _written(db: Connection, filed: Filed | None, happenings: Sequence[Happening]) -> list[Happening]:
    """Write what a report tells, beside the copies of it that were stored."""
    stored = [facts["message"] for event, facts in happenings if event is Event.MESSAGE_STORED]
    return filed.write(db, [ident for ident in stored if isinstance(ident, int)]) if filed else []


def _place(db: Connection, world: World, copy: Copy) -> MailboxRow | None:
    """The mailbox that a copy is for, None if the account has no such one (any more)."""
    if copy.mailbox.startswith("="):
        try:
            return mailboxes.by_name(db, copy.account, copy.mailbox[1:]) or mailboxes.get(
                db, mailboxes.add(db, world.clock, copy.account, copy.mailbox[1:]))
        except UserError:    # it has as many mailboxes as one can have
            return None
    if not copy.mailbox.startswith("#"):
        return mailboxes.by_role(db, copy.account, copy.mailbox)
    row = mailboxes.get(db, int(copy.mailbox[1:]))
    return row if row and row.account_id == copy.account else None


def _keywords(db: Connection, mailbox: MailboxRow, copy: Copy) -> tuple[str, ...]:
    """The keywords of a copy; only those that the mailbox has, if it can have no more: mail is not lost for a word."""
    if not copy.keywords:
        return ()
    known = {name.lower() for name in mailboxes.keywords(db, mailbox.id)}
    new = {name.lower() for name in copy.keywords} - known
    room = len(known) + len(new) <= LIMITS.keywords_per_mailbox
    return tuple(name for name in copy.keywords if room or name.lower() in known)[:LIMITS.keywords_per_message]


def _pass_on(db: Connection, world: World, parcel: Parcel, body_id: int, onward: Iterable[Onward]) -> list[Happening]:
    """Queue the copies of aliases' members elsewhere."""
    known = parcel.envelope
    happenings: list[Happening] = []
    for each in onward:
        prefix = each.prefix or trace.delivered_to(each.alias) + parcel.fields
        queued = queue.add(db, world.clock, NewQueued(
            None, parcel.sender, each.members, body_id, parcel.size, prefix, parcel.smtputf8, parcel.eight_bit, known.message_id,
            known.subject, known.from_text, parcel.trace, parcel.tls_required),
            lambda recipient: ways.elsewhere(db, world, parcel.sender, recipient))
        happenings += [
            (Event.QUEUED, {"queued": queued, "sender": parcel.sender or "<>", "recipient": member, "message_id": known.message_id})
            for member in each.members]
    return happenings


def _bare(identifiers: Iterable[str]) -> tuple[str, ...]:
    return tuple(identifier.strip("<>") for identifier in identifiers)


def _nobody(world: World, recipient: Address) -> Failure:
    return Failure(Reach.RECIPIENT, True, 550, "5.1.1", f"there is no mailbox {recipient} here", "RCPT", world.config.hostname.ascii)


def _full(world: World, recipient: Address) -> Failure:
    return Failure(Reach.RECIPIENT, False, 452, "4.2.2", f"the mailbox of {recipient} is full", "DATA", world.config.hostname.ascii)


# --- telling of it -----------------------------------------------------------------------


def tls_asked(tls_required: TlsRequired, sender: Address | None, recipients: Sequence[Address]) -> list[Happening]:
    """The event of a message that asks something of the connections it travels over, if it does."""
    if not tls_required:
        return []
    event = Event.TLS_REQUIRED if tls_required == "yes" else Event.TLS_NOT_REQUIRED
    return [(event, {"sender": sender or "<>", "recipients": list(recipients)})]


async def commit(
    world: World, trace_id: str, change: Callable[[Connection], tuple[T, list[Happening]]], spooled: Sequence[SpooledBody] = (),
    before: Sequence[Happening] = (),
) -> T:
    """Run a change whose events (before, and those it gives) are kept in the same commit and told afterwards."""
    def whole(db: Connection) -> tuple[T, list[Record]]:
        result, happenings = change(db)
        now, role = world.clock.timestamp(), world.journal.role
        records = [Record(event, now, trace_id, role, facts) for event, facts in (*before, *happenings)]
        events.insert_accepted(db, trace_id, records)
        return result, records

    result, records = await world.store.write(whole, spooled)
    for record in records:
        world.journal.note(record.event, record.trace, **record.facts)
    return result
