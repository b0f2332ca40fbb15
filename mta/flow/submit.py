"""Mail of our own users: the desk of ports 465 and 587, and the one way in which anything is sent.

Everything that this server sends goes through send(): what a mail program submits, what
is written in the webmail, what `pillarbox sendmail` hands in, and our own notices.  It
asks who may write as whom, makes the message complete (flow.completion), signs it
(flow.signing), and queues a row for each recipient; recipients of our own take the same
road and are deposited by delivery.

Standards: RFC 6409 (submission), RFC 6376 §5 (signing), RFC 5321 §4.4 (Received).
"""
import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from mta.auth import dkim
from mta.base.errors import NoRoom, NotAllowed, TemporaryError
from mta.base.events import Event
from mta.base.measures import Measure
from mta.base.names import Address
from mta.base.reply import Reply
from mta.base.sasl import ScramSecrets
from mta.flow import completion, deposit, filing, freezing, signing, ways
from mta.flow.completion import Complete, Unfit
from mta.flow.deposit import IN_THREAD, Happening
from mta.flow.login import Client, Logins, SignInRefused
from mta.flow.premises import Premises
from mta.flow.world import World
from mta.message import address, structure, tlsrequired, trace
from mta.message.flags import Flags
from mta.message.header import Header
from mta.smtp.desk import Login, Peer, Session, Transaction
from mta.store import accounts, bodies, domains, masks, messages, outgoing, queue
from mta.store.accounts import AccountRow, Resolution
from mta.store.bodies import SpooledBody
from mta.store.connection import Connection
from mta.store.demands import TlsRequired
from mta.store.queue import Kind, NewQueued

DAY = 86_400.0
NO_ROOM = Reply(452, "4.3.1", "There is no room to store mail just now, please try again later")
TROUBLE = Reply(451, "4.3.0", "The server has a problem just now, please try again later")


class SendRefused(NotAllowed):
    """The message is not sent; the text says why, and reply says it in SMTP."""

    def __init__(self, code: int, enhanced: str, text: str) -> None:
        super().__init__(text)
        self.reply = Reply(code, enhanced, text)


@dataclass(frozen=True, slots=True)
class Sent:
    """A message on its way: its Message-ID (with <>), rows of the queue, and the copy in Sent if one was wanted."""

    message_id: str
    queued: tuple[int, ...]
    copy: int | None


@dataclass(frozen=True, slots=True)
class Errand:
    """What is to be sent for whom.

    account is None for the server's own notices.  protocol is what Received says it came
    with; received replaces that field.  tls_required "" is as the header says (TLS-Required: No),
    which "yes" (REQUIRETLS) wins over.  must_sign: it is not sent at all where it would go
    without a DKIM signature.  also runs within the change that queues the message, for
    whatever must be true together with it, and then, which is told what was queued.  It is
    not tried before due (seconds since 1970).
    """

    account: int | None
    sender: Address | None
    recipients: tuple[Address, ...]
    trace: str
    kind: Kind = "mail"
    protocol: str = "local"
    received: bytes = b""
    tls_required: TlsRequired = ""
    save_to_sent: bool = False
    also: Callable[[Connection], None] | None = None
    must_sign: bool = False
    due: float = 0.0
    then: Callable[[Connection, Sent], None] | None = None


async def send(
    world: World, account: int | None, message: bytes | SpooledBody, sender: Address | None, recipients: Iterable[Address], trace_id: str,
    *, kind: Kind = "mail", protocol: str = "local", received: bytes = b"", tls_required: TlsRequired = "", save_to_sent: bool = False,
    also: Callable[[Connection], None] | None = None, must_sign: bool = False, due: float = 0.0,
    then: Callable[[Connection, Sent], None] | None = None,
) -> Sent:
    """Take responsibility for a message (see Errand for what the arguments mean).

    SendRefused or Unfit (both with a reply) if it may not or cannot be sent, NoRoom and
    other TemporaryErrors as Store.write; then nothing was queued, and a spooled message
    is abandoned.  message has CRLF line ends.
    """
    errand = Errand(account, sender, tuple(dict.fromkeys(recipients)), trace_id, kind, protocol, received, tls_required, save_to_sent, also,
                    must_sign, due, then)
    body = message if isinstance(message, SpooledBody) else await _spool(world, message)
    try:
        whole = await _complete(world, body)
    except BaseException:
        body.abandon()
        raise
    try:
        return await _send(world, errand, whole)
    except BaseException:
        whole.body.abandon()
        raise


async def _spool(world: World, message: bytes) -> SpooledBody:
    def write() -> SpooledBody:
        sink = world.store.bodies.sink()
        try:
            sink.write(message)
            return sink.finish()
        except BaseException:
            sink.abandon()
            raise

    return write() if len(message) <= IN_THREAD else await asyncio.to_thread(write)


async def _complete(world: World, body: SpooledBody) -> Complete:
    limits = world.config.limits
    if body.size > limits.message:
        raise SendRefused(552, "5.3.4", f"The message is larger than the {limits.message} octets that are possible")
    arguments = world.store.bodies, body, world.config.hostname, world.clock.timestamp(), limits
    if body.size <= IN_THREAD:
        return completion.complete(*arguments)
    return await asyncio.to_thread(completion.complete, *arguments)


async def _send(world: World, errand: Errand, whole: Complete) -> Sent:
    (author, name), hops = world.store.read(lambda db: (_author(db, errand, whole.header), _next_hops(db, world, errand)))
    prefixes = _sign(world, errand, whole, author, set(hops.values()))
    known = whole.structure.envelope
    # RFC 8689 §4.1: the field counts only if REQUIRETLS was not asked for.
    tls_required = errand.tls_required or ("no" if tlsrequired.is_optional(whole.header) else "")

    def change(db: Connection) -> tuple[Sent, list[Happening]]:
        if errand.account is not None:
            _check_limits(db, world, errand.account, errand.recipients)
            outgoing.remember(db, world.clock, errand.account, errand.recipients)
            mask = accounts.mask_of(db, errand.account, author)
            if mask is not None:
                masks.count_sent(db, mask)
        body_id = bodies.insert(db, whole.body)
        queued: list[int] = []
        happenings: list[Happening] = []
        for prefix in dict.fromkeys(prefixes.values()):
            some = [recipient for recipient in errand.recipients if prefixes[hops[recipient]] == prefix]
            row = queue.add(db, world.clock, NewQueued(
                errand.account, errand.sender, some, body_id, whole.body.size, prefix,
                whole.smtputf8 or bool(errand.sender and errand.sender.needs_smtputf8), whole.eight_bit, known.message_id, known.subject,
                author.ascii, errand.trace, tls_required, errand.kind, due=errand.due), hops.__getitem__)
            queued.append(row)
            happenings += [
                (Event.QUEUED, {"queued": row, "sender": errand.sender or "<>", "recipient": recipient, "message_id": known.message_id})
                for recipient in some]
        copy = _keep_copy(db, world, errand, whole, body_id)
        if errand.also is not None:
            errand.also(db)
        sent = Sent(known.message_id, tuple(queued), copy)
        if errand.then is not None:
            errand.then(db, sent)
        return sent, happenings

    accepted: Happening = (Event.MESSAGE_SUBMITTED, {
        "account": name, "sender": errand.sender or "<>", "recipients": list(errand.recipients), "octets": whole.body.size,
        "message_id": known.message_id})
    return await deposit.commit(world, errand.trace, change, [whole.body],
                                [accepted, *deposit.tls_asked(tls_required, errand.sender, errand.recipients)])


# --- who may send what to whom -----------------------------------------------------------------


def _author(db: Connection, errand: Errand, top: Header) -> tuple[Address, str]:
    """The author, if the account may write in that name, and the account's name; SendRefused or Unfit."""
    author = completion.author_of(top)
    if errand.account is None:
        return author, ""
    row = accounts.get(db, errand.account)
    if row is None or not row.enabled:
        raise SendRefused(550, "5.7.1", "The account cannot send; ask the administrator")
    _require_use(db, row, author, "From")
    if top.get("sender") is not None:
        # RFC 5322 §3.6.2: who sent it if that is not the author; one person, and ours.
        named = address.parse_field(top, "sender")
        if len(named) != 1 or named[0].address is None:
            raise SendRefused(550, "5.6.0", "The Sender field needs exactly one address; leave it out if it is the author's")
        _require_use(db, row, named[0].address, "Sender")
    if errand.sender is not None:
        _require_use(db, row, errand.sender, "MAIL FROM")
    return author, row.name


def _require_use(db: Connection, row: AccountRow, used: Address, where: str) -> None:
    if not accounts.may_use(db, row.id, used):
        raise SendRefused(
            550, "5.7.1", f"The account {row.name} may not write as {used} ({where}): "
            "choose an address of the account, or ask the administrator")


def _next_hops(db: Connection, world: World, errand: Errand) -> dict[Address, str]:
    """Under which name each recipient is queued; SendRefused for one of ours that does not exist."""
    if not errand.recipients:
        raise SendRefused(554, "5.5.1", "The message has no recipient")
    if len(errand.recipients) > world.config.limits.recipients:
        raise SendRefused(452, "4.5.3", f"A message can have {world.config.limits.recipients} recipients; send the rest separately")
    hops = {}
    for recipient in errand.recipients:
        found = deposit.resolve(db, world, recipient)
        if found.kind == "unknown_user" and errand.account is not None:
            raise SendRefused(550, "5.1.1", f"There is no mailbox {recipient} here: check the part before the @")
        _require_posting(db, errand, recipient, found)
        local = found.kind != "unknown_domain"
        hops[recipient] = recipient.domain.ascii if local else ways.elsewhere(db, world, errand.sender, recipient, errand.account)
    return hops


def _check_limits(db: Connection, world: World, account: int, recipients: Sequence[Address]) -> None:
    """SendRefused if the account is frozen or has sent its share for 24 hours; each recipient counts as a message."""
    frozen = freezing.refusal(db, account)
    if frozen:
        raise SendRefused(451, "4.7.1", frozen)
    row, limits = accounts.get(db, account), world.config.limits
    if row is None:
        raise SendRefused(550, "5.7.1", "The account cannot send; ask the administrator")
    used = outgoing.usage(db, world.clock, account)
    again = f"{datetime.fromtimestamp((used.oldest or world.clock.timestamp()) + DAY, UTC):%Y-%m-%d %H:%M} UTC"
    most = row.messages_per_day or limits.messages_per_day
    if used.recipients + len(recipients) > most:
        raise SendRefused(
            451, "4.7.1", f"The account may send {most} messages in 24 hours (each recipient counts) and has sent {used.recipients}; "
            f"more is possible from {again} on, or the administrator raises its limit")
    new = sum(not outgoing.known(db, account, recipient) for recipient in recipients)
    first = row.first_time_per_day or limits.first_time_recipients_per_day
    if new and used.first_time + new > first:
        raise SendRefused(
            451, "4.7.1", f"The account may write to {first} new recipients in 24 hours and has written to {used.first_time}; "
            f"more is possible from {again} on, or the administrator raises its limit")


# --- what goes on the way ------------------------------------------------------------------------


def _sign(world: World, errand: Errand, whole: Complete, author: Address, hops: set[str]) -> dict[str, bytes]:
    """For each next hop what stands in front of the message: Received, then signatures."""
    received = errand.received or trace.received_field(
        by=world.config.hostname, with_=errand.protocol, id_=errand.trace, when=world.clock.timestamp())
    policies = {hop: signing.policy(world, hop) for hop in hops}
    keys = signing.signers(world, author.domain, errand.trace) if set(policies.values()) - {"none"} else []
    now = world.clock.timestamp()
    signatures = {signer: dkim.sign(whole.fields, whole.body_hash, signer, now) for signer in keys}
    fitting = {hop: signing.fitting(keys, policy) for hop, policy in policies.items()}
    if errand.must_sign and not all(fitting.values()):
        raise SendRefused(550, "5.7.20", f"No DKIM key signs for {author.domain} on the way that the message would take")
    for signer in signatures:
        world.journal.measure(Measure.SIGNED, 1, signer.algorithm)
    return {hop: b"".join([received, *(signatures[signer] for signer in signers)]) for hop, signers in fitting.items()}


def _keep_copy(db: Connection, world: World, errand: Errand, whole: Complete, body_id: int) -> int | None:
    """The copy in Sent."""
    if not errand.save_to_sent or errand.account is None:
        return None
    place = filing.mailbox_for(db, world, errand.account, "sent")
    return messages.add(db, world.clock, deposit.new_message(
        place.id, body_id, whole.body.size, whole.structure.envelope, structure.pack(whole.structure), world.clock.timestamp(),
        flags=Flags.SEEN, trace=errand.trace, mail_from=errand.sender.ascii if errand.sender else "")).id


# --- the desk ---------------------------------------------------------------------------------------


class SubmitDesk(Premises):
    """What our users' mail programs ask; one serves all sessions of a service."""

    submission = True

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._logins = Logins(world)

    async def opened(self, peer: Peer) -> Reply | None:
        """Too many connections are refused with 421."""
        return self._entrance.enter(peer)

    async def closed(self, session: Session) -> None:
        """Make room for another connection."""
        self._entrance.leave(session.peer)

    # --- who ---------------------------------------------------------------------------

    def auth_offered(self, session: Session) -> bool:
        """Under TLS; in localserve also in the clear, since nothing leaves the machine."""
        return session.tls is not None or (self._world.config.local and session.peer.ip.is_loopback)

    async def secrets(self, session: Session, name: str) -> ScramSecrets | Reply:
        """What SCRAM needs, unless too many guesses came from there."""
        try:
            return self._logins.secrets(_client(session, "SCRAM"), name)
        except SignInRefused as refused:
            return refused.reply

    async def check_password(self, session: Session, name: str, password: str, mechanism: str) -> Login | Reply:
        """Who signs in with PLAIN or LOGIN."""
        try:
            return await self._logins.check(_client(session, mechanism), name, password)
        except SignInRefused as refused:
            return refused.reply

    async def scram_done(self, session: Session, name: str, credential: int | None, mechanism: str) -> Login | Reply:
        """Who signs in with SCRAM."""
        try:
            return self._logins.scram_done(_client(session, mechanism), name, credential)
        except SignInRefused as refused:
            return refused.reply

    # --- the mail ------------------------------------------------------------------------

    async def mail(self, transaction: Transaction) -> Reply:
        """Our users write as themselves."""
        refusal = self._entrance.admit_message(transaction.session.peer.ip)
        if refusal:
            return refusal
        try:
            self._world.store.read(lambda db: self._check_sender(db, transaction))
        except SendRefused as refused:
            return refused.reply
        return Reply(250, "2.1.0", "Sender noted")

    def _check_sender(self, db: Connection, transaction: Transaction) -> None:
        row = accounts.get(db, _account(transaction))
        if row is None or not row.enabled:
            raise SendRefused(550, "5.7.1", "The account cannot send; ask the administrator")
        frozen = freezing.refusal(db, row.id)
        if frozen:
            raise SendRefused(451, "4.7.1", frozen)
        if transaction.sender is not None:
            _require_use(db, row, transaction.sender, "MAIL FROM")

    async def recipient(self, transaction: Transaction, recipient: Address) -> Reply:
        """Anybody, but not nobody of ours."""
        found = self._world.store.read(lambda db: deposit.resolve(db, self._world, recipient))
        if found.kind == "unknown_user":
            return Reply(550, "5.1.1", f"There is no mailbox {recipient} here: check the part before the @")
        return Reply(250, "2.1.5", "Recipient taken")

    async def message(self, transaction: Transaction, body: SpooledBody) -> Reply:
        """Send it; 250 means that it is in the queue."""
        try:
            await send(
                self._world, _account(transaction), body, transaction.sender, transaction.recipients, transaction.trace,
                received=self._received(transaction), tls_required="yes" if transaction.requiretls else "")
            return Reply(250, "2.0.0", "The message is queued")
        except (SendRefused, Unfit) as refused:
            reply = refused.reply
        except NoRoom:
            reply = NO_ROOM
        except TemporaryError:
            reply = TROUBLE
        login = transaction.session.account
        self.note(Event.SUBMISSION_REFUSED, transaction.trace, account=login.name if login else "", sender=transaction.sender or "<>",
                  reply=str(reply))
        return reply

    def _received(self, transaction: Transaction) -> bytes:
        """Our Received field; where our user sits is nobody's business."""
        tls = transaction.session.tls
        return trace.received_field(
            by=self.hostname, with_=transaction.protocol, id_=transaction.trace, when=self._world.clock.timestamp(),
            tls=(tls.version, tls.cipher) if tls else None, requiretls=transaction.requiretls)


def _account(transaction: Transaction) -> int:
    login = transaction.session.account
    assert login is not None, "the session lets nobody send who has not signed in"
    return login.account


def _client(session: Session, mechanism: str) -> Client:
    return Client(session.peer.ip, "smtp", mechanism, session.peer.session, session.hello)


def _require_posting(db: Connection, errand: Errand, recipient: Address, found: Resolution) -> None:
    """SendRefused for an alias that is not for this sender, and for a domain of ours that is switched off."""
    if errand.account is None:
        return
    if found.kind == "unknown_domain" and (row := domains.get(db, recipient.domain)) is not None and not row.enabled:
        raise SendRefused(450, "4.2.1", f"Mail for {recipient.domain} is not taken at the moment: try again later")
    post = accounts.posting(db, found)
    if not accounts.may_post(db, found, post, errand.sender):
        whom = "its members" if post == "members" else f"people at {recipient.domain}"
        raise SendRefused(550, "5.7.2", f"Only {whom} may write to {recipient}")
