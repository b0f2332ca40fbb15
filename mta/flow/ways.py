"""The transports and routes there are: what the administrator made in the browser, then those of the configuration file.

Where both have a transport of one name, the file's counts: only root may have written that.
"""
from dataclasses import dataclass

from mta.base.names import Address, Domain
from mta.config.model import Route, Transport
from mta.flow.world import World
from mta.judge import route
from mta.store import accounts
from mta.store import ways as rows
from mta.store.connection import Connection


@dataclass(frozen=True, slots=True)
class Ways:
    """What there is; the first of the routes that fits wins."""

    transports: tuple[Transport, ...]
    routes: tuple[Route, ...]

    def named(self, name: str) -> Transport | None:
        """The transport of that name, or None."""
        return next((one for one in self.transports if one.name == name), None)


def ways(world: World) -> Ways:
    """All of them, as they are now."""
    return world.store.read(lambda db: ways_in(db, world))


def ways_in(db: Connection, world: World) -> Ways:
    """As ways, inside of a change."""
    config = world.config
    made = tuple(transport_of(row) for row in rows.transports(db))
    return Ways(config.transports + made, tuple(map(route_of, rows.routes(db))) + config.routes)


def elsewhere(db: Connection, world: World, sender: Address | None, recipient: Address, account_id: int | None = None, attempts: int = 0,
              *, transport: str | None = None) -> str:
    """Under which name somebody elsewhere is queued, as route.next_hop."""
    routes = ways_in(db, world).routes
    return route.next_hop(routes, sender, recipient, transport, account=account_name(db, routes, account_id), attempts=attempts)


def account_name(db: Connection, routes: tuple[Route, ...], account_id: int | None) -> str:
    """The name of the account that sends, as far as routes ask for it; "" is none."""
    if account_id is None or not any(one.account for one in routes):
        return ""
    row = accounts.get(db, account_id)
    return row.name if row else ""


def transport_of(row: rows.TransportRow) -> Transport:
    """A row as the rest of the program knows it."""
    return Transport(row.name, row.host, row.port, row.tls, row.username, None, row.dkim, row.password)    # type: ignore[arg-type]  # CHECKed


def route_of(row: rows.RouteRow) -> Route:
    """A row as the rest of the program knows it."""
    return Route(sender_domain=_domain(row.sender_domain), recipient_domain=_domain(row.recipient_domain), account=row.account,
                 attempts=row.attempts, transport=row.transport)


def _domain(text: str) -> Domain | None:
    return Domain.parse(text) if text else None
