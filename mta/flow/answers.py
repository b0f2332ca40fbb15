"""Answers that a program gives: whether a message gets one, from whom, and what it says.

An answer goes to the return path, from the null sender, and says that a program wrote it;
so nothing ever answers it.  Each sender hears an answer once in seven days.  That is
remembered in the change that stores the message and queues the answer.

Standards: RFC 3834 (automatic responses), RFC 5230 §4 (once in some days).
"""
from collections.abc import Sequence
from dataclasses import dataclass

from mta.base.events import Event
from mta.base.limits import LIMITS
from mta.base.names import Address
from mta.flow import ownmail
from mta.flow.deposit import Happening
from mta.flow.onward import Mail
from mta.flow.ownmail import Ready
from mta.flow.world import World
from mta.judge import autoreply
from mta.judge.evidence import Ruling
from mta.message import compose
from mta.message.address import Mailbox
from mta.message.envelope import Envelope
from mta.message.header import Header
from mta.message.identifiers import new_message_id
from mta.store import accounts, identities, vacations
from mta.store.connection import Connection
from mta.store.vacations import VACATION

#: Characters of an answered message's subject that ours repeats.
SUBJECT = 200
MASKED = "It came by a masked address, which says nothing about you."
OFTEN = "Its sender had this answer less than seven days ago."
MANY = f"You have answered {LIMITS.answers_per_day} senders within 24 hours, which is as many as one account may."


@dataclass(frozen=True, slots=True)
class Planned:
    """An answer of an account to a sender; source as in mta.store.vacations."""

    account: int
    source: int
    to: Address
    ready: Ready


@dataclass(frozen=True, slots=True)
class Wanted:
    """An answer as its owner wrote it."""

    source: int
    subject: str
    text: str


async def plan(world: World, mail: Mail, account: int, recipient: Address, masked: bool, ruling: Ruling) -> Planned | None:
    """The answer that an account gives to a message, None if it gives none."""
    def question(db: Connection) -> tuple[Wanted, Mailbox] | None:
        wanted = _wanted(db, world, account, ruling)
        if wanted is None or refusal(db, world, account, wanted.source, mail.header, mail.parcel.sender, mail.forged, masked):
            return None
        return wanted, author(db, account, recipient, mail.header)

    found, sender = world.store.read(question), mail.parcel.sender
    if found is None or sender is None:
        return None
    wanted, own = found
    assert own.address is not None, "the author is an address of the account"
    octets = composed(wanted, own, sender, mail.parcel.envelope, world.clock.timestamp())
    return Planned(account, wanted.source, sender, await ownmail.ready(world, [octets], own.address, None, sender, mail.parcel.trace))


def write(db: Connection, world: World, mail: Mail, planned: Planned) -> list[Happening]:
    """Queue it and remember whom it goes to, unless that happened meanwhile."""
    row, clock = accounts.get(db, planned.account), world.clock
    if row is None or _often(db, world, planned.account, planned.source, planned.to):
        return []
    vacations.remember(db, clock, planned.account, planned.source, planned.to)
    queued = ownmail.put(db, world, planned.ready, planned.account, mail.parcel.trace)
    message_id = planned.ready.whole.structure.envelope.message_id
    source = "vacation" if planned.source == VACATION else f"rule {planned.source}"
    return [(Event.ANSWERED, {"account": row.name, "recipient": planned.to, "source": source, "message_id": message_id}),
            (Event.QUEUED, {"queued": queued, "sender": "<>", "recipient": planned.to, "message_id": message_id})]


def refusal(db: Connection, world: World, account: int, source: int, header: Header, sender: Address | None, forged: bool,
            masked: bool) -> str:
    """Why a message gets no answer, for the owner; "" if it gets one."""
    if masked:
        return MASKED
    why = autoreply.refusal(header, sender, lambda used: accounts.owned(db, account, used), forged=forged)
    return why or (_often(db, world, account, source, sender) if sender else "")


def composed(wanted: Wanted, own: Mailbox, sender: Address, known: Envelope, now: float) -> bytes:
    """The answer, with CRLF (RFC 3834 §3)."""
    assert own.address is not None, "who answers has an address"
    subject = wanted.subject or f"Auto: {known.subject[:SUBJECT]}".rstrip()
    return compose.compose(compose.Letter(
        from_=[own], to=[Mailbox("", sender)], subject=subject, text=wanted.text, date=now, message_id=new_message_id(own.address.domain),
        in_reply_to=[known.message_id] if known.message_id else [],
        references=compose.reply_references(known.message_id, known.references, known.in_reply_to), flowed=False,
        extra=[("Auto-Submitted", "auto-replied"), ("X-Auto-Response-Suppress", "All")]))


def author(db: Connection, account: int, recipient: Address, header: Header) -> Mailbox:
    """Who answers: the address that the message came to, if it is the account's own, else the one that it names."""
    named = [recipient, *autoreply.named(header)]
    own = next((one for one in named if accounts.owned(db, account, one) and accounts.mask_of(db, account, one) is None), recipient)
    return Mailbox(name_of(identities.addresses(db, account), own, db, account), own)


def name_of(known: Sequence[identities.AddressSetting], own: Address, db: Connection, account: int) -> str:
    """The name that the owner gave to an address, else the account's."""
    row = accounts.get(db, account)
    return next((one.display_name for one in known if one.address == own and one.display_name), row.full_name if row else "")


def _wanted(db: Connection, world: World, account: int, ruling: Ruling) -> Wanted | None:
    """The one answer that a message may get: what a rule says goes before the vacation's."""
    for id, text in ruling.replies:
        return Wanted(id, "", text)
    vacation = vacations.get(db, account)
    return Wanted(VACATION, vacation.subject, vacation.text) if vacation.active(world.clock.timestamp()) else None


def _often(db: Connection, world: World, account: int, source: int, to: Address) -> str:
    """Why the sender is not answered again, or nobody is any more; "" if he may be."""
    if vacations.answered(db, world.clock, account, source, to, LIMITS.answer_again):
        return OFTEN
    return MANY if vacations.answers_of_a_day(db, world.clock, account) >= LIMITS.answers_per_day else ""
