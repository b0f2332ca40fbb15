"""Transports and routes as the administrator makes them, in the browser or at the command line.

Text comes in as people type it.  Mail that waits goes by the changed routes at once.
"""
from typing import Any, Literal, get_args

from mta.base.errors import BadName, NotFound, UserError
from mta.base.events import Event
from mta.base.limits import LIMITS
from mta.base.names import Domain, ip_address
from mta.flow import people, routing, typed, versions
from mta.flow.ways import ways
from mta.flow.world import World
from mta.judge.route import DIRECT, FAIL
from mta.store import ways as rows
from mta.store.connection import Connection
from mta.store.ways import RouteRow, TransportRow

Tls = Literal["starttls", "implicit", "opportunistic", "none"]
Dkim = Literal["none", "rsa", "all"]


def transport_fields(row: TransportRow) -> dict[str, Any]:
    """The settings of a transport that are changed together, for their version; its password is nobody's to see."""
    return {"host": row.host, "port": row.port, "tls": row.tls, "username": row.username, "dkim": row.dkim}


def route_fields(row: RouteRow) -> dict[str, Any]:
    """What a route says, and its place, for its version."""
    return {"account": row.account, "sender_domain": row.sender_domain, "recipient_domain": row.recipient_domain, "attempts": row.attempts,
            "transport": row.transport, "place": row.position}


def add_transport(world: World, name: str, host: str, *, port: int = 587, tls: Tls = "starttls", username: str = "", password: str = "",
                  dkim: Dkim = "all", by: str) -> TransportRow:
    """Another transport.  UserError, or Conflict if the name is taken."""
    name = name.strip().lower()
    if not name or len(name) > 40 or not all(char.isascii() and (char.isalnum() or char in "-_.") for char in name):
        raise UserError(f"{name!r} is no name for a transport: take up to 40 letters, digits, - and _")
    if name in (DIRECT, FAIL) or any(one.name == name for one in world.config.transports):
        raise UserError(f"the name {name} is taken: {'it is a way of its own' if name in (DIRECT, FAIL) else 'by the configuration file'}")
    wanted = _checked(TransportRow(0, name, host, port, tls, username, password, dkim))
    world.store.write_now(lambda db: rows.add_transport(db, world.clock, wanted))
    world.journal.note(Event.SETTING_CHANGED, by=by, what=f"added the transport {name} ({wanted.host}:{port}, {tls})")
    return _transport(world, name)


def change_transport(world: World, name: str, *, host: str | None = None, port: int | None = None, tls: Tls | None = None,
                     username: str | None = None, password: str | None = None, dkim: Dkim | None = None, version: str | None = None,
                     by: str) -> TransportRow:
    """Change what is not None; password "" keeps it, unless there is no user name any more.  NotFound, UserError.

    version is of transport_fields().
    """
    was = _transport(world, name)
    user = was.username if username is None else username
    wanted = _checked(TransportRow(
        was.id, was.name, was.host if host is None else host, was.port if port is None else port, tls or was.tls, user,
        (password or was.password) if user.strip() else "", dkim or was.dkim))

    def change(db: Connection) -> None:
        now = next((row for row in rows.transports(db) if row.name == was.name), None)
        if now is not None:
            versions.require(version, transport_fields(now), f"the transport {was.name}")
        rows.change_transport(db, wanted)

    world.store.write_now(change)
    world.journal.note(Event.SETTING_CHANGED, by=by, what=f"changed the transport {was.name} ({wanted.host}:{wanted.port}, {wanted.tls})")
    return _transport(world, was.name)


def remove_transport(world: World, name: str, *, by: str) -> None:
    """Forget a transport; NotFound, or Conflict as long as it is used."""
    was = _transport(world, name)
    world.store.write_now(lambda db: rows.remove_transport(db, was.name))
    world.journal.note(Event.SETTING_CHANGED, by=by, what=f"removed the transport {was.name}")


async def save_route(world: World, transport: str, *, id: int = 0, account: str = "", sender_domain: str = "", recipient_domain: str = "",
                     attempts: int = 0, position: int = 0, version: str | None = None, by: str) -> RouteRow:
    """Add a route (id 0) or change one; position 1 is the first, 0 the last.  UserError, Conflict, NotFound.

    version is of route_fields().
    """
    transport = transport.strip().lower()
    known = [DIRECT, FAIL, *(one.name for one in ways(world).transports)]
    if transport not in known:
        raise NotFound(f"there is no transport {transport!r}; there are: {', '.join(known)}")
    if not 0 <= attempts <= 100:
        raise UserError("failed attempts are counted from 0 to 100")
    wanted = RouteRow(id, position, people.get_account(world, account).name if account.strip() else "", _domain(sender_domain),
                      _domain(recipient_domain), attempts, transport)
    def change(db: Connection) -> None:
        now = next((row for row in rows.routes(db) if row.id == id), None)
        if now is not None:
            versions.require(version, route_fields(now), f"the route {now.position}")
        rows.change_route(db, wanted)

    if id:
        world.store.write_now(change)
    else:
        id = world.store.write_now(lambda db: rows.add_route(db, wanted))
    world.journal.note(Event.SETTING_CHANGED, by=by, what=f"{'changed' if wanted.id else 'added'} the route {id}: {named(wanted)}")
    await routing.reroute(world)
    return next(row for row in world.store.read(rows.routes) if row.id == id)


async def remove_route(world: World, id: int, *, by: str) -> None:
    """Forget a route; NotFound."""
    world.store.write_now(lambda db: rows.remove_route(db, id))
    world.journal.note(Event.SETTING_CHANGED, by=by, what=f"removed the route {id}")
    await routing.reroute(world)


def named(row: RouteRow) -> str:
    """A route in words."""
    parts = [f"{word} {value}" for word, value in (("of", row.account), ("from", row.sender_domain), ("to", row.recipient_domain)) if value]
    if row.attempts:
        parts.append(f"that failed {'once' if row.attempts == 1 else f'{row.attempts} times'}")
    way = {DIRECT: "goes direct", FAIL: "is given up"}.get(row.transport, f"goes by {row.transport}")
    return f"mail {' '.join(parts)} {way}" if parts else f"all mail {way}"


def _transport(world: World, name: str) -> TransportRow:
    name = name.strip().lower()
    found = next((row for row in world.store.read(rows.transports) if row.name == name), None)
    if found is None:
        if any(one.name == name for one in world.config.transports):
            raise UserError(f"the transport {name} is in the configuration file; change it there, then reload the server")
        raise NotFound(f"there is no transport {name!r}")
    return found


def _checked(row: TransportRow) -> TransportRow:
    """row as it is kept; UserError."""
    host, username = row.host.strip(), row.username.strip()
    try:
        host = str(ip_address(host.removeprefix("[").removesuffix("]")))
    except BadName:
        try:
            host = Domain.parse(host).ascii
        except BadName:
            raise UserError(f"{row.host!r} is neither a host name nor an IP address") from None
    if not 0 < row.port < 65_536:
        raise UserError("a port is a number from 1 to 65535")
    if bool(username) != bool(row.password):
        raise UserError("user name and password go together: give both or none")
    if username and row.tls == "none":
        raise UserError("without TLS anybody on the way could read the password; choose starttls or implicit")
    if max(len(username), len(row.password)) > LIMITS.kept_text or not (username + row.password).isprintable():
        raise UserError(f"user name and password have at most {LIMITS.kept_text} characters, all printable")
    if row.tls not in get_args(Tls) or row.dkim not in get_args(Dkim):
        raise UserError("tls is starttls, implicit, opportunistic or none; dkim is all, rsa or none")
    return TransportRow(row.id, row.name, host, row.port, row.tls, username, row.password, row.dkim)


def _domain(text: str) -> str:
    return typed.domain(text).ascii if text.strip().removeprefix("@") else ""
