"""The domains that we answer for."""
import pytest

from mta.base.errors import Conflict, NotFound, UserError
from mta.base.names import Address, Domain
from mta.store import accounts, domains
from mta.store.connection import Connection
from mta.store.database import Store
from mta.store.domains import DomainRow
from tests.store.population import ANN, EXAMPLE, add_account

OTHER = Domain.parse("bücher.example")


def add(store: Store, domain: Domain = EXAMPLE) -> int:
    """Begin to answer for domain."""
    return store.write_now(lambda db: domains.add(db, store.clock, domain, "ours"))


def get(store: Store, domain: Domain = EXAMPLE) -> DomainRow:
    """The row of domain."""
    row = store.read(lambda db: domains.get(db, domain))
    assert row is not None
    return row


def test_add_and_find(store: Store) -> None:
    """A domain is found by name and id, whatever form its name has, and listed by name."""
    first, second = add(store), add(store, OTHER)

    assert get(store) == DomainRow(first, EXAMPLE, store.clock.timestamp(), None, "+", False, True, "ours")
    assert get(store, Domain.parse("xn--bcher-kva.example")).id == second
    assert store.read(lambda db: domains.by_id(db, second)) == get(store, OTHER)
    assert store.read(lambda db: domains.get(db, Domain.parse("nowhere.example"))) is None
    assert [row.domain for row in store.read(domains.all)] == [EXAMPLE, OTHER]


def test_a_domain_is_there_once(store: Store) -> None:
    """Adding it again is a conflict."""
    add(store)
    with pytest.raises(Conflict):
        add(store)


def test_update(store: Store) -> None:
    """Each field can be changed; what makes no sense is refused."""
    id, account = add(store), add_account(store)
    store.write_now(lambda db: domains.update(
        db, id, catchall_account=account, localpart_separator="-", case_sensitive=True, enabled=False, description="new"))

    row = get(store)
    assert (row.catchall_account, row.localpart_separator, row.case_sensitive) == (account, "-", True)
    assert (row.enabled, row.description) == (False, "new")
    for separator in ("ab", "a", "7", "@", " "):
        with pytest.raises(UserError):
            store.write_now(lambda db, separator=separator: domains.update(db, id, localpart_separator=separator))    # type: ignore[misc]
    with pytest.raises(TypeError):
        store.write_now(lambda db: domains.update(db, id, name="x"))
    with pytest.raises(NotFound):
        store.write_now(lambda db: domains.update(db, 99, enabled=True))


def test_giving_up_case(store: Store) -> None:
    """Addresses become lower case, unless two of them would become one."""
    account, id = add_account(store), get(store).id

    def sensitive(db: Connection) -> None:
        domains.update(db, id, case_sensitive=True)
        accounts.add_address(db, account, Address("Bob", EXAMPLE))
        accounts.add_alias(db, Address("bob", EXAMPLE), [ANN])

    store.write_now(sensitive)
    with pytest.raises(Conflict):
        store.write_now(lambda db: domains.update(db, id, case_sensitive=False))
    store.write_now(lambda db: accounts.remove_alias(db, Address("bob", EXAMPLE)))
    store.write_now(lambda db: domains.update(db, id, case_sensitive=False))

    assert [row.address.localpart for row in store.read(lambda db: accounts.addresses(db, account))] == ["ann", "bob"]


def test_remove(store: Store) -> None:
    """A domain goes once it has neither addresses nor aliases."""
    account = add_account(store)
    id = get(store).id
    with pytest.raises(Conflict, match="addresses"):
        store.write_now(lambda db: domains.remove(db, id))
    store.write_now(lambda db: accounts.add_alias(db, Address("all", EXAMPLE), [ANN]))
    store.write_now(lambda db: accounts.remove(db, account))
    with pytest.raises(Conflict, match="aliases"):
        store.write_now(lambda db: domains.remove(db, id))
    store.write_now(lambda db: accounts.remove_alias(db, Address("all", EXAMPLE)))
    store.write_now(lambda db: domains.remove(db, id))

    assert store.read(domains.all) == []
    with pytest.raises(NotFound):
        store.write_now(lambda db: domains.remove(db, id))


def test_dkim_keys(store: Store) -> None:
    """Keys are kept with their domain; signing is switched for each; removing one tells which file to remove."""
    id = add(store)
    rsa = store.write_now(lambda db: domains.add_dkim_key(db, store.clock, id, "r1", "rsa", "keys/dkim/example.org/r1.pem", "MII", True))
    ed25519 = store.write_now(lambda db: domains.add_dkim_key(db, store.clock, id, "e1", "ed25519", "keys/dkim/example.org/e1.pem", "abc"))
    store.write_now(lambda db: domains.set_signing(db, ed25519, True))
    store.write_now(lambda db: domains.set_signing(db, rsa, False))

    assert [(key.id, key.selector, key.algorithm, key.public, key.signing) for key in get(store).dkim] == [
        (rsa, "r1", "rsa", "MII", False), (ed25519, "e1", "ed25519", "abc", True)]
    with pytest.raises(Conflict):
        store.write_now(lambda db: domains.add_dkim_key(db, store.clock, id, "r1", "rsa", "x", "y"))
    assert store.write_now(lambda db: domains.remove_dkim_key(db, rsa)) == "keys/dkim/example.org/r1.pem"
    for change in (domains.remove_dkim_key, lambda db, key: domains.set_signing(db, key, True)):
        with pytest.raises(NotFound):
            store.write_now(lambda db, change=change: change(db, rsa))    # type: ignore[misc]  # a lambda with a default


def test_canonical_addresses(store: Store) -> None:
    """The domain says whether case matters."""
    id = add(store)
    assert get(store).canonical(Address("ANN", EXAMPLE)) == ANN
    store.write_now(lambda db: domains.update(db, id, case_sensitive=True))

    assert get(store).canonical(Address("ANN", EXAMPLE)) == Address("ANN", EXAMPLE)
