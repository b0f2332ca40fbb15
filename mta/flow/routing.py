"""Which way mail takes today: what is for here needs no transport, the rest goes by the routes.

Read on: mta.flow.ways knows the routes, mta.judge.route which of them fits.
"""
from dataclasses import dataclass

from mta.base.errors import BadName, UserError
from mta.base.names import Address
from mta.config.model import Route
from mta.flow import deposit, people, ways
from mta.flow.world import World
from mta.judge import route
from mta.store import queue
from mta.store.connection import Connection
from mta.store.queue import NextHop, QueuedMessage, QueuedRecipient


@dataclass(frozen=True, slots=True)
class Trial:
    """Which way a message would take: next_hop as in the queue ("" is: it stays here), and the route that says so.

    number is that of the route among those of the page (from 1 on), or among those of the file
    if in_file; 0 and None if no route fits.
    """

    next_hop: str
    route: Route | None
    number: int
    in_file: bool


def next_hop(db: Connection, world: World, sender: Address | None, recipient: Address, account_id: int | None = None, attempts: int = 0,
             *, transport: str | None = None) -> str:
    """Under which name a recipient is queued today; transport is what somebody chose for it."""
    if deposit.is_local(db, world, recipient):
        # What is ours of a domain that others serve must not wait for their servers.
        return world.config.hostname.ascii if deposit.differs(db, recipient.domain) else recipient.domain.ascii
    return ways.elsewhere(db, world, sender, recipient, account_id, attempts, transport=transport)


def way_of(db: Connection, world: World) -> NextHop:
    """next_hop inside of a change, for the queue."""
    return lambda sender, recipient, account_id, attempts: next_hop(db, world, sender, recipient, account_id, attempts)


def after_failure(db: Connection, world: World, message: QueuedMessage, recipient: QueuedRecipient) -> str:
    """Under which name a recipient waits after one more failure; "" if no route asks for failures, or somebody chose its way."""
    if recipient.transport is not None or not any(one.attempts for one in ways.ways_in(db, world).routes):
        return ""
    return next_hop(db, world, message.sender, recipient.recipient, message.account_id, recipient.attempts + 1)


async def reroute(world: World) -> None:
    """Let all that waits go by the routes as they are now, in slices."""
    after: int | None = 0
    while after is not None:
        after = await world.store.write(lambda db, after=after: queue.reroute(db, way_of(db, world), after))    # type: ignore[misc]


def trial(world: World, recipient: str, *, sender: str = "", account: str = "", attempts: int = 0) -> Trial:
    """Which way a message to recipient would take; sender "" is the null sender, account "" nobody's here.  UserError."""
    to, by = _address(recipient), _address(sender) if sender.strip() else None
    name = people.get_account(world, account).name if account.strip() else ""

    def question(db: Connection) -> Trial:
        if deposit.is_local(db, world, to):
            return Trial("", None, 0, False)
        routes = ways.ways_in(db, world).routes
        found = route.fitting(routes, by, to, name, attempts)
        hop = route.next_hop(routes, by, to, account=name, attempts=attempts)
        if found is None:
            return Trial(hop, None, 0, False)
        place, made = next(n for n, one in enumerate(routes) if one is found), len(routes) - len(world.config.routes)
        return Trial(hop, found, place - made + 1 if place >= made else place + 1, place >= made)

    return world.store.read(question)


def _address(text: str) -> Address:
    try:
        return Address.parse(text.strip())
    except BadName as problem:
        raise UserError(str(problem)) from None
