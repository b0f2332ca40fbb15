"""Forward a message of an account to another address: which ones go, with which return path, and what becomes of the copy here.

What is forwarded is the message as it came, octet for octet, behind fields that say by
which way; so the author's signature still holds.  Its return path is ours
(mta.judge.returnpath), its wishes for protection travel along, and nobody is ever told of
a failure but the owner of the account, for a copy always stays here.

It goes only to who has confirmed that he wants it, and not in a circle: a message that
this account has forwarded before, or that has come a very long way, stays.  Where the
other server is certain to refuse it, since the author's domain forbids what forwarding
does to it, it stays too, with the reason, or goes as an attachment if the owner wants that.
"""
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Final

from mta.base.errors import BadName
from mta.base.events import Event
from mta.base.limits import LIMITS
from mta.base.names import Address
from mta.flow import ownmail, routing
from mta.flow.deposit import IN_THREAD, Copy, Happening, Parcel
from mta.flow.ownmail import Ready
from mta.flow.world import World
from mta.judge import returnpath
from mta.judge.evidence import Ruling
from mta.judge.reason import Reason
from mta.message import compose, header
from mta.message.address import Mailbox
from mta.message.compose import Group, Leaf
from mta.message.flags import Flags
from mta.message.header import Header
from mta.message.identifiers import new_message_id
from mta.message.scan import Octets
from mta.store import accounts, forwards, queue
from mta.store.connection import Connection
from mta.store.forwards import Target
from mta.store.queue import NewQueued

#: The field by which we know again what an account has forwarded.
LOOP: Final = "X-Pillarbox-Forwarded"
#: What forwarded messages are counted as, and for how long (seconds).
SHARE, DAY = "forwards", 86_400.0
#: All that a forwarded copy gets in front of the body, with our seal or without.
Wrapping = Callable[[bool], Awaitable[bytes]]


@dataclass(frozen=True, slots=True)
class Mail:
    """A message that something may follow.

    header is that of the body, before are fields that stand in front of it already.  open
    shows its octets.  forged: its sender may not be who it says; disowned is why other
    servers would refuse it from us, "" if nothing says so.
    """

    parcel: Parcel
    header: Header
    before: bytes
    open: Callable[[], AbstractContextManager[Octets]]
    forged: bool
    disowned: str


@dataclass(frozen=True, slots=True)
class Going:
    """What becomes of a message for one of an account's addresses to forward to.

    why says why it stays here, "" if it goes: as it is behind prefix, or as ready, a message
    of our own that holds it.
    """

    account: int
    target: Target
    why: str = ""
    sender: Address | None = None
    prefix: bytes = b""
    ready: Ready | None = None


async def plan(world: World, mail: Mail, account: int, recipient: Address, ruling: Ruling, wrapping: Wrapping) -> list[Going]:
    """For each address that the account wants the message forwarded to, whether it goes, and how."""
    targets = world.store.read(lambda db: [
        target for target in forwards.all(db, account)
        if target.confirmed is not None and (target.everything or target.address.ascii in ruling.forward)])
    if not targets:
        return []
    key = world.store.read(accounts.return_path_key)
    mark = returnpath.loop_mark(key, account)
    if circle := _circle(mail, recipient, mark):
        return [Going(account, target, circle) for target in targets]
    found = []
    for target in targets:
        if (target.attach or not mail.disowned) and not _has_share_left(world, account):
            found.append(Going(
                account, target, f"{LIMITS.forwards_per_day} messages have been forwarded within a day, more would be taken for a flood"))
        elif mail.disowned and not target.attach:
            found.append(Going(account, target, mail.disowned))
        elif mail.disowned:
            found.append(Going(account, target, ready=await _wrapped(world, mail, key, account, recipient, target, mark)))
        else:
            prefix = f"{LOOP}: {mark}\r\n".encode() + await wrapping(target.seal)
            found.append(Going(account, target, "", _sender(world, mail.parcel.sender, key, account, recipient), prefix))
    return found


def adjusted(copy: Copy, going: Going) -> Copy:
    """The copy that stays here: it says what became of it, and lies where its owner wants it."""
    if going.why:
        return replace(copy, reasons=(*copy.reasons, Reason(
            f"It was not forwarded to {going.target.address}: {going.why}.", key="not-forwarded")))
    how = " as an attachment, since it would be refused otherwise" if going.ready else ""
    copy = replace(copy, reasons=(*copy.reasons, Reason(f"It was forwarded to {going.target.address}{how}.", key="forwarded")))
    if going.target.keep == "archive" and copy.mailbox == "inbox":
        return replace(copy, mailbox="archive", flags=copy.flags | Flags.SEEN)
    return copy


def write(db: Connection, world: World, mail: Mail, going: Going, body_id: int) -> list[Happening]:
    """Queue it, in the change that stores the message."""
    target, parcel = going.target, mail.parcel
    row = accounts.get(db, going.account)
    facts: dict[str, object] = {"account": row.name if row else "", "recipient": target.address, "message_id": parcel.envelope.message_id}
    forwards.count(db, world.clock, target.id, going.why)
    if going.why:
        return [(Event.NOT_FORWARDED, {**facts, "reason": going.why})]
    if going.ready:
        queued = ownmail.put(db, world, going.ready, going.account, parcel.trace, parcel.tls_required)
        sender = going.ready.sender
    else:
        sender, known = going.sender, parcel.envelope
        queued = queue.add(db, world.clock, NewQueued(
            going.account, sender, [target.address], body_id, parcel.size, going.prefix, parcel.smtputf8, parcel.eight_bit,
            known.message_id, known.subject, known.from_text, parcel.trace, parcel.tls_required),
            lambda recipient: routing.next_hop(db, world, sender, recipient, going.account))
    return [(Event.FORWARDED, facts), (Event.QUEUED, {
        "queued": queued, "sender": sender or "<>", "recipient": target.address, "message_id": parcel.envelope.message_id})]


def _has_share_left(world: World, account: int) -> bool:
    """Count one more message that is forwarded, unless the account had its share: a flood must not leave here in our name."""
    keys = (f"account {account}",)
    if world.tally.counts(SHARE, keys, DAY)[0] >= LIMITS.forwards_per_day:
        return False
    world.tally.add(SHARE, keys, DAY)
    return True


def _circle(mail: Mail, recipient: Address, mark: str) -> str:
    """Why a message goes in a circle, "" if nothing says so."""
    tops = [mail.header, *([header.parse(mail.before + b"\r\n")] if mail.before else [])]
    if any(field.unfolded() == mark for top in tops for field in top.all(LOOP.lower())):
        return "it was forwarded from here before and has come back, it goes in a circle"
    if any(_same(field.unfolded(), recipient) for top in tops for field in top.all("delivered-to")):
        return f"it has been at {recipient} before, it goes in a circle"
    if sum(top.count("received") for top in tops) > LIMITS.forward_hops:
        return f"it has passed through more than {LIMITS.forward_hops} servers already"
    return ""


def _same(said: str, recipient: Address) -> bool:
    try:
        return Address.parse(said).ascii.lower() == recipient.ascii.lower()
    except BadName:
        return False


def _sender(world: World, sender: Address | None, key: bytes, account: int, recipient: Address) -> Address | None:
    """The return path of what is forwarded: a null one stays, so that nobody is ever told about a notice."""
    return None if sender is None else returnpath.make(key, sender, account, recipient.domain, world.clock.timestamp())


async def _wrapped(
    world: World, mail: Mail, key: bytes, account: int, recipient: Address, target: Target, mark: str,
) -> Ready:
    """A message of the account's own that holds the other one."""
    own, name = world.store.read(lambda db: _own(db, account, recipient))
    known = mail.parcel.envelope
    who = known.from_text or "somebody"
    said = f"This message came for {recipient} and is attached as it was.\n\nIt could not be forwarded as it is: {mail.disowned}.\n"
    fields = [
        compose.address_field("From", [Mailbox(name, own)]), compose.address_field("To", [Mailbox("", target.address)]),
        *([compose.address_field("Reply-To", known.reply_to or known.from_)] if known.from_ else []),
        compose.text_field("Subject", f"Fwd: {known.subject}"[:LIMITS.kept_text] if known.subject else f"Fwd: a message from {who}"),
        compose.plain_field("Message-ID", new_message_id(own.domain)), compose.plain_field(LOOP, mark),
        compose.plain_field("Auto-Submitted", "auto-generated")]
    large = mail.parcel.size > IN_THREAD
    with mail.open() as octets:
        body = Group("mixed", [Leaf("text/plain", said), Leaf("message/rfc822", octets, disposition="attachment", filename="message.eml")])
        sender = _sender(world, mail.parcel.sender or own, key, account, own)
        return await ownmail.ready(world, compose.message_pieces(fields, body), own, sender, target.address, mail.parcel.trace, large=large)


def _own(db: Connection, account: int, recipient: Address) -> tuple[Address, str]:
    """The address that the account forwards as, and its name."""
    row = accounts.get(db, account)
    known = accounts.addresses(db, account)
    own = recipient if accounts.owned(db, account, recipient) or not known else known[0].address
    return own, row.full_name if row else ""
