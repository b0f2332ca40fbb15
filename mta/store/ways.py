"""Transports and routes that the administrator made, besides those of the configuration file."""
from dataclasses import dataclass
from typing import Final

from mta.base.clock import Clock
from mta.base.errors import Conflict, NotFound, UserError
from mta.base.limits import LIMITS
from mta.store.connection import Connection, one, value

TRANSPORT: Final = "id, name, host, port, tls, username, password, dkim"
ROUTE: Final = "r.id, r.position, a.name, r.sender_domain, r.recipient_domain, r.attempts, r.transport"


@dataclass(frozen=True, slots=True)
class TransportRow:
    """A server that takes outgoing mail; tls and dkim are those of mta.config.model.Transport, password "" is none."""

    id: int
    name: str
    host: str
    port: int
    tls: str
    username: str
    password: str
    dkim: str


@dataclass(frozen=True, slots=True)
class RouteRow:
    """Which mail takes a transport, or "direct" or "fail"; the first by position that fits wins.

    "" fits all; account is a name, domains are A-labels, attempts how often mail failed before.
    """

    id: int
    position: int
    account: str
    sender_domain: str
    recipient_domain: str
    attempts: int
    transport: str


def transports(db: Connection) -> list[TransportRow]:
    """Every transport, by name."""
    return [TransportRow(*row) for row in db.execute(f"SELECT {TRANSPORT} FROM transport ORDER BY name")]


def routes(db: Connection) -> list[RouteRow]:
    """Every route, in the order they are looked at."""
    rows = db.execute(f"SELECT {ROUTE} FROM route r LEFT JOIN account a ON a.id = r.account_id ORDER BY r.position, r.id")
    return [RouteRow(id, position, account or "", *rest) for id, position, account, *rest in rows]


def waiting(db: Connection) -> dict[str, int]:
    """How many recipients wait for each transport that anything waits for."""
    return dict(db.execute("SELECT substr(next_hop, 11), count(*) FROM queue_recipient "
                           "WHERE next_hop > 'transport:' AND next_hop < 'transport;' GROUP BY next_hop"))


def add_transport(db: Connection, clock: Clock, wanted: TransportRow) -> int:
    """Keep a transport (its id is made here); Conflict if the name is taken, UserError if there are too many."""
    if value(db, "SELECT count(*) FROM transport") >= LIMITS.transports:
        raise UserError(f"there are {LIMITS.transports} transports already; remove one that is not needed any more")
    if value(db, "SELECT 1 FROM transport WHERE name = ?", (wanted.name,)):
        raise Conflict(f"there is a transport {wanted.name} already")
    db.execute("INSERT INTO transport (name, host, port, tls, username, password, dkim, created) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
               (wanted.name, wanted.host, wanted.port, wanted.tls, wanted.username, wanted.password, wanted.dkim, clock.timestamp()))
    db.touched.add("delivery")
    return db.last_insert_rowid()


def change_transport(db: Connection, wanted: TransportRow) -> None:
    """Change everything of a transport but its name; NotFound."""
    db.execute("UPDATE transport SET host = ?, port = ?, tls = ?, username = ?, password = ?, dkim = ? WHERE name = ?",
               (wanted.host, wanted.port, wanted.tls, wanted.username, wanted.password, wanted.dkim, wanted.name))
    if not db.changes():
        raise NotFound(f"there is no transport {wanted.name}")
    db.touched.add("delivery")


def remove_transport(db: Connection, name: str) -> None:
    """Forget a transport; NotFound, or Conflict if a route or waiting mail names it."""
    used = value(db, "SELECT count(*) FROM route WHERE transport = ?", (name,))
    if used:
        raise Conflict(f"routes that name the transport {name}: {used}; remove or change them first")
    chosen = value(db, "SELECT count(*) FROM queue_recipient WHERE transport = ?", (name,))
    if chosen:
        raise Conflict(f"somebody chose the transport {name} for {chosen} of the deliveries that wait; send them another way first")
    db.execute("DELETE FROM transport WHERE name = ?", (name,))
    if not db.changes():
        raise NotFound(f"there is no transport {name}")


def add_route(db: Connection, wanted: RouteRow) -> int:
    """Keep a route (its id is made here) at its position; those at it and behind it move on.  Conflict, NotFound, UserError."""
    there = routes(db)
    if len(there) >= LIMITS.routes:
        raise UserError(f"there are {LIMITS.routes} routes already; remove one that is not needed any more")
    if any(_conditions(row) == _conditions(wanted) for row in there):
        raise Conflict("there is a route for just that mail already; change it, or remove it first")
    account = _account(db, wanted.account)
    place = _place(wanted.position, len(there))
    db.execute("INSERT INTO route (position, account_id, sender_domain, recipient_domain, attempts, transport) VALUES (?, ?, ?, ?, ?, ?)",
               (place, account, wanted.sender_domain, wanted.recipient_domain, wanted.attempts, wanted.transport))
    made = db.last_insert_rowid()
    _order(db, made, place)
    return made


def change_route(db: Connection, wanted: RouteRow) -> None:
    """Change a route, its position too; NotFound, or Conflict if another is for the same mail."""
    there = routes(db)
    if not any(row.id == wanted.id for row in there):
        raise NotFound(f"there is no route {wanted.id}; the list of routes has their numbers")
    if any(_conditions(row) == _conditions(wanted) and row.id != wanted.id for row in there):
        raise Conflict("there is another route for just that mail already")
    db.execute("UPDATE route SET account_id = ?, sender_domain = ?, recipient_domain = ?, attempts = ?, transport = ? WHERE id = ?",
               (_account(db, wanted.account), wanted.sender_domain, wanted.recipient_domain, wanted.attempts, wanted.transport, wanted.id))
    _order(db, wanted.id, _place(wanted.position, len(there) - 1))


def remove_route(db: Connection, id: int) -> None:
    """Forget a route; NotFound."""
    db.execute("DELETE FROM route WHERE id = ?", (id,))
    if not db.changes():
        raise NotFound(f"there is no route {id}; the list of routes has their numbers")


def _account(db: Connection, name: str) -> int | None:
    if not name:
        return None
    found = one(db, "SELECT id FROM account WHERE name = ?", (name,))
    if found is None:
        raise NotFound(f"there is no account {name}")
    return int(found[0])


def _conditions(row: RouteRow) -> tuple[str, str, str, int]:
    return row.account, row.sender_domain, row.recipient_domain, row.attempts


def _place(wanted: int, last: int) -> int:
    """Where a route goes: 1 is the first, 0 or too much the last."""
    return wanted if 0 < wanted <= last else last + 1


def _order(db: Connection, moved: int, place: int) -> None:
    """Number the routes anew, with one of them at its place (from 1 on)."""
    others = [row.id for row in routes(db) if row.id != moved]
    others.insert(place - 1, moved)
    db.executemany("UPDATE route SET position = ? WHERE id = ?", ((number, id) for number, id in enumerate(others, 1)))
