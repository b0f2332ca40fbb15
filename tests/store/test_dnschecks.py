"""mta.store.dnschecks: a row for each change."""
from typing import Any

import pytest

from mta.base.clock import SetClock
from mta.base.names import Domain
from mta.store import dnschecks, domains
from mta.store.connection import Connection
from mta.store.database import Store


def found(*errors: str, warnings: tuple[str, ...] = (), unknown: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """What a check came to."""
    return [{"name": "MX", "errors": list(errors), "warnings": list(warnings), "unknown": list(unknown)}]


@pytest.fixture
def domain(store: Store, clock: SetClock) -> int:
    """A domain's id."""
    return store.write_now(lambda db: domains.add(db, clock, Domain("example.org")))


def add(store: Store, clock: SetClock, domain: int, sections: list[dict[str, Any]]) -> bool:
    """A second later."""
    clock.advance(1.0)
    return store.write_now(lambda db: dnschecks.add(db, clock, domain, sections))


def test_the_same_again_is_one_row(store: Store, clock: SetClock, domain: int) -> None:
    """What was unknown is no change, nor is another order; what comes back is one."""
    assert store.read(lambda db: dnschecks.latest(db, domain)) is None
    assert add(store, clock, domain, found())
    assert not add(store, clock, domain, found(unknown=("MX",)))
    assert add(store, clock, domain, found("a", "b", warnings=("c",)))
    assert not add(store, clock, domain, found("b", "a", warnings=("c",)))
    assert add(store, clock, domain, found())
    rows = store.read(lambda db: dnschecks.history(db, domain))
    assert [(row.errors, row.warnings, row.last - row.first) for row in rows] == [(0, 0, 0.0), (2, 1, 1.0), (0, 0, 1.0)]
    assert rows[2].sections == found(unknown=("MX",))


def test_it_stays_small_and_goes_with_its_domain(store: Store, clock: SetClock, domain: int) -> None:
    """A DNS that changes each time, and a domain that is removed."""
    for number in range(dnschecks.KEPT + 5):
        add(store, clock, domain, found(str(number)))
    rows = store.read(lambda db: dnschecks.history(db, domain, 1_000))
    assert len(rows) == dnschecks.KEPT
    assert rows[0].sections == found(str(dnschecks.KEPT + 4))

    def count(db: Connection) -> int:
        return len(list(db.execute("SELECT 1 FROM dns_check")))

    store.write_now(lambda db: domains.remove(db, domain))
    assert store.read(count) == 0
