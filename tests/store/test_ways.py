"""mta.store.ways: rows of transports and routes."""
import pytest

from mta.base.clock import SetClock
from mta.base.errors import Conflict, NotFound
from mta.store import ways
from mta.store.database import Store
from mta.store.ways import RouteRow, TransportRow

RELAY = TransportRow(0, "relay", "relay.test", 587, "starttls", "me", "secret", "all")


def to(domain: str, position: int = 0, id: int = 0) -> RouteRow:
    """A route by domain."""
    return RouteRow(id, position, "", "", domain, 0, "relay")


def test_transports(store: Store, clock: SetClock) -> None:
    """Added once, changed by name, kept as long as a route needs it."""
    store.write_now(lambda db: ways.add_transport(db, clock, RELAY))
    with pytest.raises(Conflict):
        store.write_now(lambda db: ways.add_transport(db, clock, RELAY))
    store.write_now(lambda db: ways.change_transport(db, TransportRow(0, "relay", "192.0.2.1", 25, "none", "", "", "rsa")))
    [row] = store.read(ways.transports)
    assert (row.host, row.port, row.tls, row.password, row.dkim) == ("192.0.2.1", 25, "none", "", "rsa")
    route = store.write_now(lambda db: ways.add_route(db, to("b.test")))
    with pytest.raises(Conflict, match="routes that name"):
        store.write_now(lambda db: ways.remove_transport(db, "relay"))
    store.write_now(lambda db: ways.remove_route(db, route))
    store.write_now(lambda db: ways.remove_transport(db, "relay"))
    for change in (lambda db: ways.remove_transport(db, "relay"), lambda db: ways.change_transport(db, RELAY)):
        with pytest.raises(NotFound):
            store.write_now(change)


def test_routes_have_an_order(store: Store) -> None:
    """A new one is the last unless it has a place; a move shifts the others; one kind of mail has one route."""
    def order() -> list[tuple[int, str]]:
        return [(row.position, row.recipient_domain) for row in store.read(ways.routes)]

    ids = {name: store.write_now(lambda db, name=name, place=place: ways.add_route(db, to(name, place)))    # type: ignore[misc]
           for name, place in (("a.test", 0), ("b.test", 0), ("c.test", 1), ("d.test", 99))}
    assert order() == [(1, "c.test"), (2, "a.test"), (3, "b.test"), (4, "d.test")]
    store.write_now(lambda db: ways.change_route(db, to("a.test", 4, ids["a.test"])))
    assert [name for _, name in order()] == ["c.test", "b.test", "d.test", "a.test"]
    store.write_now(lambda db: ways.change_route(db, to("d.test", 1, ids["d.test"])))
    assert order() == [(1, "d.test"), (2, "c.test"), (3, "b.test"), (4, "a.test")]
    with pytest.raises(Conflict):
        store.write_now(lambda db: ways.add_route(db, to("a.test")))
    with pytest.raises(Conflict):
        store.write_now(lambda db: ways.change_route(db, to("a.test", 0, ids["b.test"])))
    with pytest.raises(NotFound):
        store.write_now(lambda db: ways.change_route(db, to("x.test", 0, 99)))
    with pytest.raises(NotFound):
        store.write_now(lambda db: ways.remove_route(db, 99))
    with pytest.raises(NotFound, match="no account"):
        store.write_now(lambda db: ways.add_route(db, RouteRow(0, 0, "nobody", "", "", 0, "direct")))
