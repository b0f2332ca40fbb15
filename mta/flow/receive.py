"""The desk of port 25: mail from strangers, for people we have.

It never relays and never makes a bounce: what cannot be taken is refused while the peer
is still there.  One reply stands for all recipients of a message, so if one of them takes
it the peer hears 250, and copies that others would have refused go where their verdict
says.  No junk goes to an alias' members elsewhere (flow.holding).

Order: who connects (flow.entrance), for whom (RCPT), what it is (after DATA: loops, header,
structure), who it is from (flow.identify), what we think of it (a Screen, mta.judge), whether
it is a report of others (flow.reportin), where it goes (flow.deposit), and what we write on it
(flow.labels).
"""
import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from mta.auth.identity import Identity
from mta.base.errors import NoRoom, TemporaryError
from mta.base.events import Event
from mta.base.names import Address
from mta.base.reply import Reply
from mta.base.sasl import ScramSecrets
from mta.flow import deposit, evaluations, holding, identify, labels, rejects, reportin, reportsender
from mta.flow.deposit import IN_THREAD, NOTHING, Copy, Happening, MailboxFull, Onward, Parcel
from mta.flow.entrance import Pause, Slowing
from mta.flow.evaluations import Gathering, Ride
from mta.flow.identify import Envelope, Identifying, Writing
from mta.flow.labels import Labels
from mta.flow.premises import Premises
from mta.flow.reportin import Intake, Look
from mta.flow.sequels import Sequencing
from mta.flow.world import World
from mta.judge.facts import Facts
from mta.judge.reason import in_words
from mta.judge.screen import LATER, Arrival, Judge, Reason, Screen, Verdict, open_screen
from mta.message import header, structure, tlsrequired
from mta.message.flags import Flags
from mta.message.header import Defects, Field, Header
from mta.message.scan import is_ascii
from mta.message.structure import Structure
from mta.smtp.desk import Login, Peer, Session, Transaction
from mta.store import accounts, domains
from mta.store.accounts import Resolution
from mta.store.bodies import SpooledBody
from mta.store.connection import Connection
from mta.store.demands import TlsRequired

NO_SIGN_IN = Reply(503, "5.5.1", "Nobody signs in here; use the submission ports 465 or 587")
OK = Reply(250, "2.1.5", "Recipient taken")
FULL = Reply(452, "4.2.2", "The mailbox is full; try again later, or tell its owner some other way")
ONE_RECIPIENT = Reply(452, "4.5.3", "A message from the null sender has one recipient; send the others separately")
NO_ROOM = Reply(452, "4.3.1", "There is no room to store mail just now, please try again later")
TROUBLE = LATER
LOOP = Reply(554, "5.4.6", "The message has passed through more than 100 servers: it goes round in a loop")
NO_HEADER = Reply(554, "5.6.0", "The message has no header: it must begin with fields like From and Date, then an empty line")
#: Seconds that we wait for the DNS once we are told to stop: with what block lists may take, less than a role has to end
#: (workers.place.STOP_WAIT).
HURRIED = 2.0
#: Messages with more recipients than this are judged in a thread, so that the loop goes on.
AT_ONCE = 5
POSTMASTER = Reason("Mail to postmaster is never refused.", key="postmaster")
ABOUT_REPORT = Reason("A server tells what became of a report that this server sent.", key="about-report")
ONLY_NOTICES = Reply(550, "5.7.1", "This address takes only notices about reports that we sent; please write to postmaster")
ONLY_RETURNED = Reply(550, "5.7.1", "This address takes only notices about mail that was forwarded from here")
BIG_HEADER = Reply(554, "5.6.0", "The header is larger than we look at; shorten it or leave out fields")

T = TypeVar("T")


@dataclass(slots=True)
class Inspection:
    """What a message showed when it was looked at: header, structure and what it says of its author, or the reason to refuse it.

    forged are fields that only we may write.
    """

    refusal: Reply | None = None
    header: Header | None = None
    structure: Structure | None = None
    writing: Writing | None = None
    forged: list[Field] = field(default_factory=list)
    packed: bytes = b""
    delivered_to: frozenset[str] = field(default_factory=frozenset)
    smtputf8: bool = False
    eight_bit: bool = False


class ReceiveDesk(Premises):
    """What strangers' sessions ask; one serves all sessions of a process."""

    submission = False

    def __init__(self, world: World, screen: Screen = open_screen, pause: Pause = asyncio.sleep) -> None:
        super().__init__(world)
        self._screen = screen
        self._slowing = Slowing(world.config.limits.delayed_sessions, pause)
        #: By session, who gets the mail for the recipients of its transaction.
        self._found: dict[str, dict[Address, Resolution]] = {}
        self._intake = Intake(world)
        self._identifying = Identifying(
            world.resolver, world.config.hostname, world.clock, self._limits, world.journal.measure)
        self._gathering = Gathering(world)
        self._sequels = Sequencing(world)

    def stop(self) -> None:
        """Take what is being sent, and soon: nobody is slowed any more, and what the DNS does not say at once is not known."""
        self._slowing.end()
        self._identifying.hurry(HURRIED)

    async def close(self) -> None:
        """Write what is still to be written about mail that was refused; after the last session."""
        await self._gathering.close()

    # --- before the mail ---------------------------------------------------------------

    async def opened(self, peer: Peer) -> Reply | None:
        """Too many connections are refused with 421."""
        return self._entrance.enter(peer)

    async def closed(self, session: Session) -> None:
        """Make room for another connection."""
        self._found.pop(session.peer.session, None)
        self._identifying.forget(session.peer.session)
        self._entrance.leave(session.peer)

    def auth_offered(self, session: Session) -> bool:
        """Strangers do not sign in."""
        return False

    async def secrets(self, session: Session, name: str) -> ScramSecrets | Reply:
        """Strangers do not sign in."""
        return NO_SIGN_IN

    async def check_password(self, session: Session, name: str, password: str, mechanism: str) -> Login | Reply:
        """Strangers do not sign in."""
        return NO_SIGN_IN

    async def scram_done(self, session: Session, name: str, credential: int | None, mechanism: str) -> Login | Reply:
        """Strangers do not sign in."""
        return NO_SIGN_IN

    # --- the envelope --------------------------------------------------------------------

    async def mail(self, transaction: Transaction) -> Reply:
        """Anybody may announce a message, at a human rate."""
        self._found[transaction.session.peer.session] = {}
        return self._entrance.admit_message(transaction.session.peer.ip) or Reply(250, "2.1.0", "Sender noted")

    async def recipient(self, transaction: Transaction, recipient: Address) -> Reply:
        """Only those we have, and who have room."""
        # A notice goes to one sender; a null sender with many recipients is abuse, and
        # could not even be told of a failure (RFC 5321 §4.5.5).
        if transaction.sender is None and transaction.recipients and recipient not in transaction.recipients:
            return ONE_RECIPIENT
        reply = self._world.store.read(lambda db: self._answer(db, transaction, recipient))
        if reply.positive and not transaction.recipients:
            self._identifying.ahead(_envelope(transaction))
        return reply

    def _answer(self, db: Connection, transaction: Transaction, recipient: Address) -> Reply:
        found = deposit.resolve(db, self._world, recipient)
        self._found[transaction.session.peer.session][recipient] = found
        size = transaction.size or 0
        if found.kind == "unknown_domain" and (row := domains.get(db, recipient.domain)) is not None and not row.enabled:
            # Somebody switched it off and may switch it on again: whoever sends now need not lose his mail.
            return Reply(450, "4.2.1", f"Mail for {recipient.domain} is not taken at the moment: try again later")
        if found.kind == "unknown_domain":
            return Reply(550, "5.7.1", f"We take no mail for {recipient.domain}, and do not relay: check the domain, or its MX record")
        if not found.accounts and not found.forwards:
            return Reply(550, "5.1.1", f"There is no mailbox {recipient} here: check the part before the @")
        if transaction.sender is not None and reportsender.folder(recipient):
            return ONLY_NOTICES
        if found.returned:
            return OK if transaction.sender is None else ONLY_RETURNED
        if deposit.is_postmaster(recipient) or found.forwards or any(_has_room(db, account, size) for account in found.accounts):
            return OK
        return FULL

    # --- the message ----------------------------------------------------------------------

    async def message(self, transaction: Transaction, body: SpooledBody) -> Reply:
        """Look at it, judge it for each recipient, store it; 250 means that it is on disk."""
        try:
            reply = await self._take(transaction, body)
        except MailboxFull:
            reply = FULL
        except NoRoom:
            reply = NO_ROOM
        except TemporaryError:
            reply = TROUBLE
        if not reply.positive:
            body.abandon()
            self.note(Event.MESSAGE_REFUSED, transaction.trace, ip=transaction.session.peer.ip, sender=transaction.sender or "<>",
                      recipients=transaction.recipients, octets=body.size, reply=str(reply))
        return reply

    async def _take(self, transaction: Transaction, body: SpooledBody) -> Reply:
        found = self._recipients(transaction)
        seen = await _at_leisure(body, lambda: self._inspect(body))
        if seen.refusal or seen.writing is None:
            return seen.refusal or NO_HEADER
        circles = [alias for alias, resolved in found.items() if resolved.forwards and alias.ascii.lower() in seen.delivered_to]
        if circles and len(circles) == len(found):
            return Reply(554, "5.4.6", f"The message has been through {circles[0]} before: it goes round in a loop")
        began = self._world.clock.monotonic()
        who = await self._identifying.identity(_envelope(transaction), seen.writing)
        checked: Happening = (Event.AUTHENTICATED, labels.told(who, self._world.clock.monotonic() - began))
        refusal = self._world.store.read(lambda db: _no_poster(db, found, who))
        if refusal is not None:
            self.note(checked[0], transaction.trace, **checked[1])
            return refusal
        if not seen.forged:
            return await self._place(transaction, body, seen, who, found, circles, checked)
        self.note(Event.FORGED_RESULTS, transaction.trace, ip=transaction.session.peer.ip, sender=transaction.sender or "<>",
                  fields=[one.text() for one in seen.forged])
        # Signatures cover the message as it came; what is kept is another one.
        honest = await _at_leisure(body, lambda: labels.without(self._world.store.bodies, body, seen.forged))
        reply = TROUBLE
        try:
            seen = await _at_leisure(honest, lambda: self._inspect(honest))
            reply = seen.refusal or await self._place(transaction, honest, seen, who, found, circles, checked)
        finally:
            if not reply.positive:
                honest.abandon()
        return reply

    async def _place(self, transaction: Transaction, body: SpooledBody, seen: Inspection, who: Identity,
                     found: dict[Address, Resolution], circles: list[Address], checked: Happening) -> Reply:
        """Judge the message for each recipient and store what is wanted; a refusal if nobody does."""
        assert seen.header is not None and seen.structure is not None and seen.writing is not None  # noqa: PT018
        judge = await self._screen(Arrival(transaction, seen.header, seen.structure, body, who))
        seen.smtputf8 = seen.smtputf8 or bool(transaction.sender and transaction.sender.needs_smtputf8)
        label = Labels(self._world, transaction, who, seen.smtputf8)
        asked = [recipient for recipient, resolved in found.items() if resolved.reports]
        look = await self._intake.look(body, seen.structure.root, who, seen.writing, transaction.trace) if asked else Look()
        if len(found) > AT_ONCE:
            judged = await asyncio.to_thread(_judged, judge, found, label, look)
        else:
            judged = _judged(judge, found, label, look)
        elsewhere = {alias: judge(alias, None) for alias, resolved in found.items() if resolved.forwards and alias not in circles}
        verdicts = [*judged.values(), *elsewhere.values()]
        if not verdicts:
            return TROUBLE    # whoever was there at RCPT has gone since
        fates = [*(evaluations.Fate(copy.recipient, verdict) for copy, verdict in judged.items()),
                 *(evaluations.Fate(alias, verdict) for alias, verdict in elsewhere.items())]
        held = {alias: (found[alias], verdict) for alias, verdict in elsewhere.items() if not verdict.wanted}
        refusals = [verdict.refusal for verdict in verdicts if verdict.refusal]
        if len(refusals) == len(verdicts):
            self.note(checked[0], transaction.trace, **checked[1])
            self._tell_refusals(transaction, judged, elsewhere)
            await rejects.keep(self._world, self._parcel(transaction, body, seen, label), body,
                               holding.refused(self._world, label, judged, held))
            # Whoever would take it later decides: what is refused for good does not come again.
            reply = next((refusal for refusal in refusals if not refusal.lasting), refusals[0])
            evidence = evaluations.of_message(self._world, who, seen.header, fates, reply.enhanced)
            if evidence:
                self._gathering.note(evidence)
            return reply
        await self._slowing.hold(min(verdict.delay for verdict in verdicts if not verdict.refusal))
        onward, copies = [], holding.kept(self._world, label, list(judged), held)
        if len(held) < len(elsewhere):
            hashed = await _at_leisure(body, lambda: labels.body_hash(body))
            onward = [Onward(alias, found[alias].forwards, label.onward(alias, verdict, seen.writing.message, hashed))
                      for alias, verdict in elsewhere.items() if alias not in held]
        accepted: Happening = (Event.MESSAGE_ACCEPTED, {
            "ip": transaction.session.peer.ip, "sender": transaction.sender or "<>", "recipients": list(transaction.recipients),
            "octets": body.size, "message_id": seen.structure.envelope.message_id})
        parcel = self._parcel(transaction, body, seen, label)
        tls = deposit.tls_asked(parcel.tls_required, transaction.sender, transaction.recipients)
        evidence = evaluations.of_message(self._world, who, seen.header, fates, optional=bool(asked))
        ride = Ride(evidence) if evidence else None
        follows = NOTHING if look.filed else await self._sequels.of_arrival(
            parcel, body, seen.writing.message, seen.header, label, {copy.account: verdict for copy, verdict in judged.items()}, copies)
        await deposit.arrived(
            self._world, parcel, body, copies, onward, [checked, accepted, *tls, *holding.happenings(held)], ride, look.filed, follows)
        if ride and not ride.kept:
            self._gathering.lost(ride.fresh.messages)
        if not look.filed:
            reportin.told_not_filed(self._world, transaction.trace, asked, look)
        return Reply(250, "2.0.0", "The message is stored")

    def _recipients(self, transaction: Transaction) -> dict[Address, Resolution]:
        """Who gets it, as found out at RCPT; asked again if the client has hung up meanwhile."""
        known = self._found.get(transaction.session.peer.session, {})
        if not all(recipient in known for recipient in transaction.recipients):
            known = self._world.store.read(
                lambda db: {recipient: deposit.resolve(db, self._world, recipient) for recipient in transaction.recipients})
        return {recipient: known[recipient] for recipient in transaction.recipients}

    def _parcel(self, transaction: Transaction, body: SpooledBody, seen: Inspection, label: Labels) -> Parcel:
        assert seen.structure is not None and seen.header is not None  # noqa: PT018
        return Parcel(
            transaction.trace, transaction.sender, label.shared(), seen.structure.envelope, seen.packed, body.size,
            str(transaction.session.peer.ip), seen.smtputf8, seen.eight_bit, _tls_required(transaction, seen.header),
            Facts.of(label.identity).pack())

    def _tell_refusals(self, transaction: Transaction, judged: dict[Copy, Verdict], elsewhere: dict[Address, Verdict]) -> None:
        """For the trace: why each recipient refused it."""
        verdicts = [(copy.recipient, verdict) for copy, verdict in judged.items()] + list(elsewhere.items())
        for recipient, verdict in verdicts:
            self.note(Event.JUDGED, transaction.trace, recipient=recipient, reply=str(verdict.refusal),
                      reason=in_words(verdict.reasons))

    def _inspect(self, body: SpooledBody) -> Inspection:
        """Look at a message; what it costs is bounded by mta.base.limits."""
        with body.view() as octets:
            top = header.parse(octets, 0, self._limits)
            refusal = _header_refusal(top, self._limits.received_fields)
            if refusal:
                return Inspection(refusal)
            found = structure.analyse(octets, self._limits, header=top)
            return Inspection(
                None, top, found, identify.read(top, octets, self._limits), labels.forged(top, self._world), structure.pack(found),
                frozenset(field.unfolded().lower() for field in top.all("delivered-to")),
                not is_ascii(octets, 0, top.end), not is_ascii(octets, top.end, len(octets)))


def _tls_required(transaction: Transaction, top: Header) -> TlsRequired:
    """What the message asks of the connections it is passed on over; the parameter wins over the field (RFC 8689 §4.1)."""
    if transaction.requiretls:
        return "yes"
    return "no" if tlsrequired.is_optional(top) else ""


def _header_refusal(top: Header, received_fields: int) -> Reply | None:
    if Defects.HEADER_TOO_BIG in top.defects:
        return BIG_HEADER
    if not top.fields:
        return NO_HEADER
    # RFC 5321 §6.3: a count of Received fields is the only way to see a loop.
    return LOOP if top.count("received") > received_fields else None


async def _at_leisure(body: SpooledBody, work: Callable[[], T]) -> T:
    """What work makes of body; in a thread if that may take long."""
    return await asyncio.to_thread(work) if body.size > IN_THREAD else work()


def _envelope(transaction: Transaction) -> Envelope:
    session = transaction.session
    return Envelope(session.peer.session, transaction.trace, session.peer.ip, session.hello, transaction.sender)


def _has_room(db: Connection, account: int, size: int) -> bool:
    row = accounts.get(db, account)
    return row is not None and (row.quota == 0 or row.size + size <= row.quota)


def _no_poster(db: Connection, found: Mapping[Address, Resolution], who: Identity) -> Reply | None:
    """The refusal if one of the aliases among the recipients is not for this author, whose domain must stand by the message."""
    for alias, resolved in found.items():
        post = accounts.posting(db, resolved)
        if not accounts.may_post(db, resolved, post, who.author_address if who.proven else None):
            whom = "its members" if post == "members" else f"people at {alias.domain}"
            why = "" if who.proven else ", and nothing proves that the message is from its author (DKIM, SPF)"
            return Reply(550, "5.7.2", f"Only {whom} may write to {alias}{why}")
    return None


def _judged(judge: Judge, found: dict[Address, Resolution], label: Labels, look: Look) -> dict[Copy, Verdict]:
    """Each account's copy, one for each, and its verdict."""
    verdicts: dict[int, tuple[Address, Verdict, bytes]] = {}
    facts = Facts.of(label.identity)
    # By an address for reports first: what is filed as a report belongs nowhere else.
    for recipient, who in sorted(found.items(), key=lambda one: not one[1].reports):
        for account in who.accounts:
            if account in verdicts and verdicts[account][1].refusal is None:
                continue    # it came by another address already
            verdict = _verdict(judge, recipient, account, look if who.reports else None)
            verdicts.setdefault(account, (recipient, verdict, b""))
            if verdict.refusal is None:
                verdicts[account] = recipient, verdict, look.field() if who.reports else b""
    return {_copy(label, facts, recipient, account, verdict, field, found[recipient]): verdict
            for account, (recipient, verdict, field) in verdicts.items()}


def _copy(label: Labels, facts: Facts, recipient: Address, account: int, verdict: Verdict, field: bytes, who: Resolution) -> Copy:
    mailbox = f"#{who.mailbox}" if who.mailbox is not None and verdict.mailbox == "inbox" else verdict.mailbox
    return Copy(
        recipient, account, mailbox, (*verdict.reasons, deposit.RETURNED) if who.returned else verdict.reasons,
        not deposit.is_postmaster(recipient) and not who.returned, verdict.flags, verdict.keywords, label.results(verdict) + field,
        facts.forwarded().pack() if verdict.forwarded else b"", who.mask)


def _verdict(judge: Judge, recipient: Address, account: int, look: Look | None) -> Verdict:
    """The verdict for one account's copy; look is what was found if it came to an address for reports."""
    if look and look.filed:
        return Verdict(look.filed.mailbox, look.filed.reasons, flags=Flags.SEEN)
    verdict = judge(recipient, account)
    if verdict.refusal and deposit.is_postmaster(recipient):
        verdict = Verdict("inbox", (*verdict.reasons, POSTMASTER))
    if verdict.refusal is None and (quiet := reportsender.folder(recipient)):
        return replace(verdict, mailbox=f"={quiet}", reasons=(ABOUT_REPORT, *verdict.reasons), flags=verdict.flags | Flags.SEEN)
    return replace(verdict, reasons=(*verdict.reasons, look.reason())) if look else verdict
