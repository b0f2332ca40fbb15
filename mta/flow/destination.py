"""One next hop while something is due for it: claim, send over as few connections as do, claim again.

A destination has a heap of claimed work and lanes that take from it.  A lane is one
connection (or, for domains of our own, one hand that deposits); the first one shows that
the destination can be reached before others join it.  If no host talks to us, everything
that is due is put off with that failure, without dialling for each message.

Read on: dialing finds the servers, packing makes the letters, ledger writes the outcomes.
"""
import asyncio
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from mta.base.errors import Failure, PillarboxError, Reach, TemporaryError
from mta.base.events import Event
from mta.base.names import Address, Domain
from mta.base.reply import Reply
from mta.flow import deposit, reportin, travelling
from mta.flow.dialing import Dialing, Hosts
from mta.flow.ledger import Attempt, Ledger
from mta.flow.packing import demand_of, is_reason, packed
from mta.flow.reportin import Intake
from mta.flow.sequels import Sequencing
from mta.flow.world import World
from mta.judge import route
from mta.secure.protection import Demand
from mta.smtp.client import Client, Outcome
from mta.store import holdrules, queue
from mta.store.connection import Connection
from mta.store.queue import Claimed, QueuedMessage, QueuedRecipient

#: Recipients claimed at once, and pieces of work in hand for each lane before another one opens.
CLAIM, PER_LANE = 100, 4
#: Hosts that fail in the midst of so many messages in a row are sick, whatever the messages.
SICK = 2
#: Seconds after which a piece of work in hand holds up the others no longer.
STUCK = 5.0
#: Seconds before a lane that met trouble of our own making ends, so that the next one does not meet it at once.
PAUSE = 1.0
DEPOSITED = Reply(250, "2.1.5", "put into the mailbox")


class Office(Protocol):
    """What a destination needs of the delivery it belongs to."""

    world: World
    dialing: Dialing
    ledger: Ledger
    owner: str
    stopping: bool

    def took(self, ids: Iterable[int]) -> set[int]:
        """These recipients are ours now; returns those that were not before."""
        ...

    def give_back(self, ids: Sequence[int]) -> None:
        """These recipients were not tried and are anybody's; returns at once."""
        ...

    def may_open(self, destination: "Destination") -> bool:
        """Whether another lane may open."""
        ...


@dataclass(slots=True)
class Piece:
    """A message with those of its recipients that are to be tried now."""

    message: QueuedMessage
    recipients: list[QueuedRecipient]

    @property
    def ids(self) -> list[int]:
        """The recipients' row ids."""
        return [recipient.id for recipient in self.recipients]

    @property
    def demand(self) -> Demand:
        """What a connection must be like for it."""
        return demand_of(self.message)


class Closed(Exception):
    """The lane is of no more use; never leaves this module."""


class Destination:
    """A next hop; `closed` is called once its last lane has ended, here says that it is one of our own domains."""

    def __init__(self, office: Office, hop: str, closed: Callable[["Destination"], None], *, here: bool = False) -> None:
        self.office, self.hop, self.here = office, hop, here
        self.lanes: set[asyncio.Task[None]] = set()
        self.leaving: set[asyncio.Task[None]] = set()
        self.most_lanes = office.world.config.limits.destination_connections
        self._closed = closed
        self._heap: deque[Piece] = deque()
        self._claiming = asyncio.Lock()
        self._drained = False
        self._talking = Counter[Demand]()
        self._moved = office.world.clock.monotonic()
        self._ours: dict[Domain, bool] = {}

    def open_lane(self) -> None:
        """Put one more lane to work."""
        lane = asyncio.create_task(self._lane(), name=f"lane {self.hop}")
        self.lanes.add(lane)
        lane.add_done_callback(self._ended)

    def more_is_due(self) -> None:
        """Something is due that nobody has claimed: lanes that were about to end look again."""
        self._drained = False

    def hurry(self) -> None:
        """If all lanes have been busy with one piece each for long and something waits behind them, open another."""
        if (self._heap or not self._drained) and self.office.world.clock.monotonic() - self._moved >= STUCK and self._may_widen():
            self._moved = self.office.world.clock.monotonic()
            self.open_lane()

    def _may_widen(self) -> bool:
        """Whether one more lane may help: the destination can be reached, and no limit is met."""
        return (self._talking.total() > 0 or self.here) and len(self.lanes) < self.most_lanes and self.office.may_open(self)

    def _ended(self, lane: asyncio.Task[None]) -> None:
        self.lanes.discard(lane)
        if not self.lanes:
            self.office.give_back([ident for piece in self._heap for ident in piece.ids])
            self._heap.clear()
            self._closed(self)

    async def _lane(self) -> None:
        """Work until nothing is due."""
        work = Remote(self)
        try:
            while (piece := await self._take()) is not None:
                await self._attend(work, piece)
        except Closed:
            pass
        except TemporaryError as problem:
            self.office.world.journal.note(Event.STORE_TROUBLE, where="queue", problem=str(problem))
            await asyncio.sleep(PAUSE)
        except Exception as problem:
            self.office.world.journal.note(Event.UNEXPECTED, where="mta.flow.destination", problem=repr(problem))
            await asyncio.sleep(PAUSE)
        finally:
            work.leave()

    async def _attend(self, work: "Remote", piece: Piece) -> None:
        """One piece: deposit what is ours, send the rest; what was not tried goes back."""
        try:
            here = [one for one in piece.recipients if self._is_ours(one.recipient)]
            if here:
                await self._deposit(piece.message, here)
                piece.recipients = [one for one in piece.recipients if one not in here]
            if piece.recipients:
                await work.send(piece)
        except (Closed, TemporaryError, asyncio.CancelledError):
            self.office.give_back(piece.ids)
            raise
        except Exception as problem:
            # A message that we stumble over must not be tried again and again at once, nor hold up the others.
            work.drop()
            self.office.world.journal.note(Event.UNEXPECTED, piece.message.trace, where="mta.flow.destination", problem=repr(problem))
            failure = Failure(Reach.MESSAGE, False, 0, "4.3.0", f"this server stumbled over the message: {problem!r}", "message")
            await self.office.ledger.note([Attempt(piece.message, one, failure, "") for one in piece.recipients])

    def _is_ours(self, address: Address) -> bool:
        """Whether mail for that address is deposited here; asked once for each domain, unless its addresses differ."""
        known = self._ours.get(address.domain)
        if known is None:
            world = self.office.world
            known, differs = world.store.read(lambda db: (deposit.is_local(db, world, address), deposit.differs(db, address.domain)))
            if not differs:
                self._ours[address.domain] = known
        return known

    async def _deposit(self, message: QueuedMessage, recipients: list[QueuedRecipient]) -> None:
        """Put a message into mailboxes of ours; the queue forgets the recipients in the same commit."""
        world = self.office.world
        by_address = {one.recipient: one for one in recipients}
        host = world.config.hostname.ascii

        def also(db: Connection, outcome: Mapping[Address, Failure | None]) -> None:
            for address, failure in outcome.items():
                if failure is None and not queue.delivered(db, world.clock, by_address[address].id, DEPOSITED, host):
                    # Our lease ran out (the machine slept) and another took it there: all of this change is undone.
                    raise TemporaryError(f"{address} is not in the queue any more")

        report = await Intake(world).look_at_ours(message) if message.kind in reportin.OWN else None
        follows = await Sequencing(world).of_local(message, by_address)
        outcome = await deposit.local(world, message, [*by_address], also, report.filed if report else None, follows)
        done = [by_address[address] for address, failure in outcome.items() if failure is None]
        self.office.ledger.tell([Attempt(message, one, DEPOSITED, host) for one in done])
        await self.office.ledger.note([
            Attempt(message, by_address[address], failure, host) for address, failure in outcome.items() if failure is not None])

    # --- the heap ---------------------------------------------------------------------------

    async def _take(self) -> Piece | None:
        """The next piece of work; None if nothing is due or we are to stop."""
        while not self._heap:
            if self._drained or self.office.stopping:
                return None
            async with self._claiming:
                if not self._heap and not self._drained:
                    self._heap.extend(Piece(message, recipients) for message, recipients in await self._claim())
                    self._drained = not self._heap
        if self.office.stopping:
            return None
        piece = self._heap.popleft()
        self._moved = self.office.world.clock.monotonic()
        if len(self._heap) >= PER_LANE * len(self.lanes) and self._may_widen():
            self.open_lane()
        return piece

    async def _claim(self) -> Claimed:
        world, owner = self.office.world, self.office.owner
        claimed = await world.store.write(lambda db: queue.claim(db, world.clock, self.hop, owner, CLAIM))
        new = self.office.took(one.id for _, recipients in claimed for one in recipients)
        # If the machine slept, a lease may have run out over what we are still sending.
        fresh = [(message, [one for one in recipients if one.id in new]) for message, recipients in claimed]
        return [(message, recipients) for message, recipients in fresh if recipients]

    async def give_up(self, failure: Failure, demand: Demand) -> None:
        """The destination cannot be reached by messages with that demand: put off those that are due.

        Messages that demand something else are tried by themselves: where one gets through or
        fails for good, another need not.
        """
        while not self.office.stopping:
            heap, self._heap = self._heap, deque()
            while heap:
                piece = heap.popleft()
                if piece.demand is not demand:
                    self._heap.append(piece)
                    continue
                try:
                    await self.office.ledger.note([Attempt(piece.message, one, failure, failure.host) for one in piece.recipients])
                except BaseException:
                    self._heap.extend(heap)     # whoever ends us gives these back
                    raise
            if len(self._heap) >= CLAIM:
                return
            claimed = await self._claim()
            if not claimed:
                self._drained = True
                return
            self._heap.extend(Piece(message, recipients) for message, recipients in claimed)

    # --- what lanes tell each other ------------------------------------------------------------

    def others_talk(self, demand: Demand) -> bool:
        """Whether another lane has a connection that was opened for such messages."""
        return self._talking[demand] > 0

    def talks(self, demand: Demand, change: int) -> None:
        """A lane has won (1) or lost (-1) its connection, which was opened for such messages."""
        self._talking[demand] += change

    def narrow(self) -> None:
        """The hosts do not want so many connections."""
        self.most_lanes = max(1, min(self.most_lanes, len(self.lanes)) - 1)


class Held(PillarboxError):
    """All of it is held by a rule about its mail host.  Never leaves this module."""


class Remote:
    """The work of one lane that goes out: a connection and what it takes to keep one."""

    def __init__(self, destination: Destination) -> None:
        self._destination, self._office = destination, destination.office
        self._hosts: Hosts | None = None
        self._client: Client | None = None
        self._opened_for = Demand.USUAL
        self._sick = 0

    async def send(self, piece: Piece) -> None:
        """Try all recipients of piece, on as many hosts as it takes; Closed if the lane is over.

        Recipients whose outcome was noted are taken out of piece.
        """
        failure: Failure | None = None
        while piece.recipients:
            try:
                client = await self._connected(piece, failure)
            except Held:
                return
            if isinstance(client, Failure):
                await self._unreached(piece, client, begun=failure is not None)
                return
            outcomes = await self._try(client, piece)
            await self._remember(client, piece.message)
            used = client.transactions > 1
            failure = await self._note(piece, outcomes)
            if failure is None:
                self._sick = 0
            elif used:
                # A server may end a conversation that has become old; that says nothing of the next.
                self.drop()
                failure = None
            else:
                self.drop()
                if self._hosts is not None:
                    self._hosts.failed(failure)

    async def _connected(self, piece: Piece, failure: Failure | None) -> Client | Failure:
        """The connection that is there if it will do, or a new one; after a failure of the host, one to the next."""
        client, hosts_there, demand = self._client, self._hosts, piece.demand
        if hosts_there is not None:
            await self._hold(piece, hosts_there)
        if client is not None and hosts_there is not None and client.usable and hosts_there.serves(demand) and client.transactions < min(
                client.offers.transactions, self._office.dialing.limits.messages_per_connection):
            return client
        self.leave()
        if hosts_there is not None and (hosts_there.demand is not demand or (failure is None and hosts_there.stale)):
            # What was found out for one demand, and failed for it, says nothing for another.  And a
            # lane may live for days: keys and policies change meanwhile.
            self._hosts = None
        if self._hosts is None:
            hosts = await self._office.dialing.hosts(self._destination.hop, demand)
            if isinstance(hosts, Failure):
                return hosts
            await self._hold(piece, hosts)
            self._hosts = hosts
        self._hosts.reason = is_reason(piece.message)
        opened: Client | Failure
        if failure is None and self._hosts.target is not None:
            opened = await self._hosts.reopen()
            if isinstance(opened, Failure):
                self._hosts.failed(opened)
                opened = await self._hosts.client()
        else:
            opened = await self._hosts.client()
        if isinstance(opened, Client):
            self._client, self._opened_for = opened, demand
            self._destination.talks(demand, 1)
        return opened

    async def _hold(self, piece: Piece, hosts: Hosts) -> None:
        """Take out of piece what a rule holds because of its mail hosts; Held if nothing is left."""
        world, message = self._office.world, piece.message
        rules = [rule for rule in world.store.read(holdrules.all) if rule.host]
        held = [one.id for one in piece.recipients
                if any(rule.fits(message.account_id, message.sender, one.recipient, hosts.names) for rule in rules)]
        if not held:
            return
        await world.store.write(lambda db: queue.hold(db, held))
        world.journal.note(Event.QUEUE_CHANGED, message.trace, queued=message.id, action="hold", by="a rule about its mail host")
        self._office.give_back(held)
        piece.recipients = [one for one in piece.recipients if one.id not in held]
        if not piece.recipients:
            raise Held

    async def _try(self, client: Client, piece: Piece) -> list[Outcome]:
        """What the server says to each recipient."""
        world, message = self._office.world, piece.message
        target = self._hosts.target if self._hosts else None
        if target is not None:
            world.journal.note(
                Event.ATTEMPT, message.trace, queued=message.id, next_hop=self._destination.hop, host=target.host, ip=target.ip)
        recipients = [one.recipient for one in piece.recipients]
        async with packed(world.store.bodies, message, recipients, client.offers) as letter:
            if isinstance(letter, Failure):
                return [letter] * len(recipients)
            return await client.send(letter)

    async def _remember(self, client: Client, message: QueuedMessage) -> None:
        """For who writes there again: how this account's mail travels to that domain.  A smarthost says nothing of it."""
        hop, world = self._destination.hop, self._office.world
        if message.account_id is None or self._hosts is None or route.transport_of(hop) is not None:
            return
        seen = self._hosts.seen(requiretls=client.offers.requiretls)
        if seen is not None:
            await travelling.saw(world, message.account_id, seen)

    async def _note(self, piece: Piece, outcomes: list[Outcome]) -> Failure | None:
        """Note what is decided and take it out of piece; the failure of the host for the others, if there are any."""
        target = self._hosts.target if self._hosts else None
        host = target.host if target else ""
        decided, left, failure = [], [], None
        for recipient, outcome in zip(piece.recipients, outcomes, strict=True):
            if isinstance(outcome, Failure) and outcome.reach is Reach.HOST:
                left.append(recipient)
                failure = outcome
            else:
                decided.append(Attempt(piece.message, recipient, outcome, host))
        piece.recipients = left
        await self._office.ledger.note(decided)
        return failure

    async def _unreached(self, piece: Piece, failure: Failure, *, begun: bool) -> None:
        """No host talks to us, or none (any more) would take this message."""
        destination = self._destination
        self._hosts = None
        if destination.others_talk(piece.demand) and not begun:
            # They want fewer connections from us, not less mail.
            destination.narrow()
            raise Closed
        recipients, piece.recipients = piece.recipients, []
        await self._office.ledger.note([Attempt(piece.message, one, failure, failure.host) for one in recipients])
        self._sick += 1
        if not begun or self._sick >= SICK:
            await destination.give_up(failure, piece.demand)

    def drop(self) -> None:
        """Hang up, if there is a connection."""
        if self._client is not None:
            self._client.close()
            self._client = None
            self._destination.talks(self._opened_for, -1)

    def leave(self) -> None:
        """Take leave of the server, if there is one; nobody waits for its answer."""
        client, self._client = self._client, None
        if client is not None:
            self._destination.talks(self._opened_for, -1)
            leaving = asyncio.create_task(client.quit())
            self._destination.leaving.add(leaving)
            leaving.add_done_callback(self._destination.leaving.discard)
