"""What follows by itself when a message has been stored: an answer (vacation, a rule), and forwarding.

It is planned before the message is stored, and queued in the change that stores it: after a
crash there is either all of it or nothing, and nobody is answered twice.  It never stands
in the way of the message: whatever goes wrong here is noted, and the message is stored.

Nothing follows for junk, for what is refused, for reports, and for notices about mail that
was forwarded (mta.judge.returnpath).

Read on: flow.answers decides and writes answers, flow.onward forwards.
"""
import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from mta.auth.author import author
from mta.auth.dmarcrecord import Policy
from mta.auth.identity import Identity
from mta.auth.message import Message
from mta.auth.status import Status
from mta.base.errors import PillarboxError, TemporaryError
from mta.base.events import Event
from mta.base.names import Address
from mta.flow import answers, deposit, labels, onward
from mta.flow.answers import Planned
from mta.flow.deposit import IN_THREAD, NOTHING, Copy, Happening, Parcel, Sequels
from mta.flow.labels import Labels
from mta.flow.onward import Going, Mail
from mta.flow.world import World
from mta.judge import rules
from mta.judge.evidence import NO_RULING, Ruling
from mta.judge.facts import Facts
from mta.judge.screen import Verdict
from mta.message import header, structure, trace
from mta.message.header import Header
from mta.store import accounts, forwards
from mta.store import rules as rule_rows
from mta.store.bodies import SpooledBody
from mta.store.connection import Connection
from mta.store.queue import QueuedMessage

#: All that a recipient's forwarded copy gets in front of the body, with our seal or without.
Fields = Callable[["Recipient", bool], Awaitable[bytes]]
#: Mailboxes whose mail nothing follows.
QUIET: Final = ("junk", "rejects")


@dataclass(frozen=True, slots=True)
class Recipient:
    """One account that gets a copy: the address it came by, whether that is a masked one, and what its rules say."""

    account: int
    address: Address
    masked: bool
    ruling: Ruling


class Sequencing:
    """Plans what follows; one for all messages of a process."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def of_arrival(
        self, parcel: Parcel, body: SpooledBody, message: Message, top: Header, label: Labels, verdicts: Mapping[int, Verdict],
        copies: Sequence[Copy],
    ) -> Sequels:
        """What follows a message from outside; verdicts are by account."""
        who = [Recipient(copy.account, copy.recipient, copy.mask is not None, verdicts[copy.account].ruling) for copy in copies
               if copy.account in verdicts and copy.mailbox not in QUIET and not copy.mailbox.startswith("=")
               and deposit.RETURNED not in copy.reasons]
        busy = self._busy(who)
        if not busy:
            return NOTHING
        identity = label.identity

        async def fields(recipient: Recipient, sealed: bool) -> bytes:
            verdict = verdicts[recipient.account]
            if sealed:
                work = labels.body_hash
                hashed = await asyncio.to_thread(work, body) if body.size > IN_THREAD else work(body)
                return label.onward(recipient.address, verdict, message, hashed)
            return trace.delivered_to(recipient.address) + label.results(verdict) + label.shared()

        mail = Mail(parcel, top, b"", body.view, forged(identity), disowned(identity))
        return await self._plan(mail, busy, fields)

    async def of_local(self, queued: QueuedMessage, recipients: Iterable[Address]) -> Sequels:
        """What follows a message of our own users that is deposited here."""
        world = self._world
        named = world.store.read(lambda db: self._local(db, recipients))
        if not self._busy(named) or queued.kind != "mail":
            return NOTHING
        with world.store.bodies.view(queued.body_name) as octets:
            top = header.parse(octets)
            found = structure.analyse(octets, header=top)
        facts = Facts(author(top).address, queued.account_id is not None)
        parcel = Parcel(queued.trace, queued.sender, queued.prefix, found.envelope, b"", queued.body_size, "", queued.smtputf8,
                        queued.eight_bit, queued.tls_required)
        ruled = world.store.read(lambda db: [
            replace(one, ruling=rules.apply(rule_rows.all(db, one.account), rules.Mail(facts, top, queued.sender, one.address)))
            for one in named])

        async def fields(recipient: Recipient, sealed: bool) -> bytes:
            return trace.delivered_to(recipient.address) + queued.prefix

        mail = Mail(parcel, top, queued.prefix, lambda: world.store.bodies.view(queued.body_name), False, "")
        return await self._plan(mail, self._busy(ruled), fields)

    def _local(self, db: Connection, recipients: Iterable[Address]) -> list[Recipient]:
        found: dict[int, Recipient] = {}
        for address in recipients:
            resolved = deposit.resolve(db, self._world, address)
            if not resolved.returned:
                for account in resolved.accounts:
                    found.setdefault(account, Recipient(account, address, resolved.mask is not None, NO_RULING))
        return list(found.values())

    def _busy(self, who: Sequence[Recipient]) -> list[Recipient]:
        """Those for whom anything may follow; one question for all."""
        if not who:
            return []

        def question(db: Connection) -> list[Recipient]:
            return [one for one in who if (one.ruling.replies or forwards.busy(db, one.account)) and _enabled(db, one.account)]
        return self._world.store.read(question)

    async def _plan(self, mail: Mail, who: Sequence[Recipient], fields: Fields) -> Sequels:
        world = self._world
        planned: list[Planned] = []
        going: list[Going] = []
        for one in who:
            try:
                answer = await answers.plan(world, mail, one.account, one.address, one.masked, one.ruling)
                planned += [answer] if answer else []
                going += await onward.plan(world, mail, one.account, one.address, one.ruling, partial(fields, one))
            except (PillarboxError, ValueError, LookupError, TypeError, OSError) as problem:
                world.journal.note(Event.UNEXPECTED, mail.parcel.trace, where=__name__, problem=repr(problem))
        if not planned and not going:
            return NOTHING
        bodies = (*(one.ready.whole.body for one in planned), *(one.ready.whole.body for one in going if one.ready))
        return Sequels(bodies, _adjusted(going), _written(world, mail, planned, going))


def forged(identity: Identity) -> bool:
    """Whether what a message says of its author and sender may be a lie, as far as was found out."""
    return identity.dmarc.status is Status.FAIL or (identity.spf.status is Status.FAIL and not identity.proven)


def disowned(identity: Identity) -> str:
    """Why other servers will refuse the message once it comes from us, as a clause for people; "" if nothing says so."""
    dmarc = identity.dmarc
    if dmarc.policy is Policy.NONE or dmarc.aligned_dkim:
        return ""
    return (f"{dmarc.author} wants mail in its name refused (DMARC p={dmarc.policy}) unless it is signed or comes from its own servers, "
            "and this message has no signature of it that would still hold")


def _enabled(db: Connection, account: int) -> bool:
    row = accounts.get(db, account)
    return row is not None and row.enabled


def _adjusted(going: Sequence[Going]) -> Callable[[Copy], Copy]:
    """Where copies go in view of what is forwarded, and why."""
    def adjust(copy: Copy) -> Copy:
        for one in going:
            if one.account == copy.account:
                copy = onward.adjusted(copy, one)
        return copy
    return adjust


def _written(
    world: World, mail: Mail, planned: Sequence[Planned], going: Sequence[Going],
) -> Callable[[Connection, int, Collection[int]], list[Happening]]:
    """Queues what follows, for those who have their copy."""
    def write(db: Connection, body_id: int, stored: Collection[int]) -> list[Happening]:
        happenings: list[Happening] = []
        works: list[Callable[[], list[Happening]]] = [
            *(partial(answers.write, db, world, mail, one) for one in planned if one.account in stored),
            *(partial(onward.write, db, world, mail, one, body_id) for one in going if one.account in stored)]
        for work in works:
            try:
                with db:    # a savepoint: what fails here takes nothing else with it
                    happenings += work()
            except TemporaryError:
                raise
            except (PillarboxError, ValueError, LookupError, TypeError) as problem:
                world.journal.note(Event.UNEXPECTED, mail.parcel.trace, where=__name__, problem=repr(problem))
        return happenings
    return write
