"""mta.store.reportaddresses: where others are to send their reports."""
import pytest

from mta.base.names import Address, Domain
from mta.store import accounts, domains, reportaddresses
from mta.store.accounts import Resolution
from mta.store.database import Store

HOST, OURS = Domain("mx.example.org"), Domain("example.org")


@pytest.fixture
def ident(store: Store) -> int:
    """example.org, with an account for postmaster."""
    store.write_now(lambda db: accounts.add(db, store.clock, "ann"))
    return store.write_now(lambda db: domains.add(db, store.clock, OURS))


def resolved(store: Store, address: str) -> Resolution:
    """Who gets it."""
    return store.read(lambda db: accounts.resolve(db, Address.parse(address), HOST, "ann"))


def test_chosen_and_taken_back(store: Store, ident: int) -> None:
    """A domain has none until some are chosen; the host has the usual one until another is, or none."""
    assert store.read(lambda db: reportaddresses.of_domain(db, ident)) == reportaddresses.ReportAddresses()
    reports = Address("r", OURS)
    store.write_now(lambda db: reportaddresses.choose(db, ident, "dmarc", reports))
    store.write_now(lambda db: reportaddresses.choose(db, ident, "dmarc", reports))
    assert store.read(lambda db: reportaddresses.of_domain(db, ident)).dmarc == reports
    assert (resolved(store, "R@example.org").reports, resolved(store, "r+x@example.org").reports) == (True, True)
    store.write_now(lambda db: reportaddresses.choose(db, ident, "dmarc", None))
    assert resolved(store, "r@example.org").kind == "unknown_user"

    assert resolved(store, "tls-reports@mx.example.org") == Resolution("account", (1,), (), Address("tls-reports", HOST), True)
    store.write_now(lambda db: reportaddresses.choose(db, None, "tls", reports))
    assert resolved(store, "tls-reports@mx.example.org").kind == "unknown_user"
    assert resolved(store, "r@example.org").reports
    store.write_now(lambda db: reportaddresses.choose(db, None, "tls", None))
    assert store.read(lambda db: reportaddresses.of_host(db, HOST)) is None
    assert resolved(store, "r@example.org").kind == "unknown_user"


def test_of_somebody(store: Store, ident: int) -> None:
    """An address or alias that is one for reports belongs to whom it belonged; postmaster may be one too."""
    store.write_now(lambda db: accounts.add_address(db, 1, Address("ann", OURS)))
    store.write_now(lambda db: accounts.add_alias(db, Address("all", OURS), [Address("ann", OURS)]))
    for localpart in ("ann", "all", "postmaster"):
        store.write_now(lambda db, localpart=localpart: reportaddresses.choose(db, ident, "tls", Address(localpart, OURS)))    # type: ignore[misc]
        found = resolved(store, f"{localpart}@example.org")
        assert (found.accounts, found.reports) == ((1,), True)
    assert not resolved(store, "ann@example.org").reports


def test_here_for_reports_alone(store: Store, ident: int) -> None:
    """A domain where nobody has mail, and whose reports go to another one: others take its mail."""
    other = store.write_now(lambda db: domains.add(db, store.clock, Domain("client.example")))
    assert resolved(store, "bob@client.example").kind == "unknown_user"
    store.write_now(lambda db: reportaddresses.choose(db, other, "dmarc", Address("r", OURS)))
    assert resolved(store, "bob@client.example").kind == "unknown_domain"
    assert resolved(store, "postmaster@client.example").accounts == (1,)
    assert store.read(lambda db: reportaddresses.elsewhere(db, ident, OURS)) == ["client.example"]
    store.write_now(lambda db: reportaddresses.choose(db, other, "tls", Address("t", Domain("client.example"))))
    assert resolved(store, "bob@client.example").kind == "unknown_user"


def test_gone_with_its_domain(store: Store, ident: int) -> None:
    """Nothing is left of a domain."""
    store.write_now(lambda db: reportaddresses.choose(db, ident, "tls", Address("t", OURS)))
    store.write_now(lambda db: domains.remove(db, ident))
    assert not store.read(lambda db: reportaddresses.is_one(db, Address("t", OURS), HOST))
