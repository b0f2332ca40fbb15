"""Accounts, addresses, aliases, and who gets what."""
import pytest

from mta.base.errors import Conflict, NotFound, UserError
from mta.base.names import Address, Domain
from mta.store import accounts, bodies, domains, mailboxes
from mta.store.accounts import Resolution
from mta.store.connection import Connection, value
from mta.store.database import Store
from tests.store.population import ANN, EXAMPLE, add_account, deliver, mailbox

HOST = Domain.parse("mx.example.org")


def at(localpart: str, domain: Domain = EXAMPLE) -> Address:
    """localpart@example.org."""
    return Address(localpart, domain)


def alias(store: Store, localpart: str, *members: Address, sendable: bool = False) -> None:
    """Make an alias at example.org."""
    store.write_now(lambda db: accounts.add_alias(db, at(localpart), members, sendable))


def resolve(store: Store, address: Address) -> Resolution:
    """Who gets the mail for address; the postmaster is ann."""
    return store.read(lambda db: accounts.resolve(db, address, HOST, "ann"))


def may_use(store: Store, account: int, address: Address) -> bool:
    """Whether the account may write as address."""
    return store.read(lambda db: accounts.may_use(db, account, address))


def settings(store: Store, **fields: object) -> None:
    """Change example.org."""
    def change(db: Connection) -> None:
        row = domains.get(db, EXAMPLE)
        assert row is not None
        domains.update(db, row.id, **fields)
    store.write_now(change)


# --- accounts ----------------------------------------------------------------------------------------


def test_a_new_account(store: Store) -> None:
    """It has the standard mailboxes, and is found by id, by name in any case and by each of its addresses."""
    id = add_account(store, "ann", full_name="Ann Example", quota=1_000)
    row = store.read(lambda db: accounts.get(db, id))

    assert row is not None
    assert (row.name, row.full_name, row.quota, row.size, row.messages, row.enabled) == ("ann", "Ann Example", 1_000, 0, 0, True)
    assert [box.role for box in store.read(lambda db: mailboxes.all(db, id))] == list(mailboxes.ROLES)
    for login in ("ann", "ANN", "ann@example.org", "Ann@EXAMPLE.org"):
        assert store.read(lambda db, login=login: accounts.by_login(db, login)) == row    # type: ignore[misc]  # a lambda with a default
    for login in ("bob", "bob@example.org", "ann@elsewhere.example", "@", "ann@", ""):
        assert store.read(lambda db, login=login: accounts.by_login(db, login)) is None    # type: ignore[misc]
    assert store.read(accounts.all) == [row]


@pytest.mark.parametrize("name", ["", "a b", "a/b", "a\nb", "x" * 129, "a,b", "<a>"])
def test_names_that_cannot_be(store: Store, name: str) -> None:
    """A name is one printable word."""
    with pytest.raises(UserError):
        store.write_now(lambda db: accounts.add(db, store.clock, name))


def test_a_name_belongs_to_one_account(store: Store) -> None:
    """Neither a second account nor somebody's address can be a name that is in use."""
    ann, bob = add_account(store), add_account(store, "bob")
    for name in ("ann", "ANN", "ann@example.org"):
        with pytest.raises(Conflict):
            store.write_now(lambda db, name=name: accounts.add(db, store.clock, name))    # type: ignore[misc]  # a lambda with a default
    with pytest.raises(Conflict):
        store.write_now(lambda db: accounts.update(db, bob, name="Ann"))
    store.write_now(lambda db: accounts.add(db, store.clock, "carl@example.org"))
    with pytest.raises(Conflict, match="sign-in name"):
        store.write_now(lambda db: accounts.add_address(db, ann, at("carl")))
    store.write_now(lambda db: accounts.update(db, bob, name="BOB"))


def test_update(store: Store) -> None:
    """Each field can be changed; what makes no sense is refused."""
    id = add_account(store)
    store.write_now(lambda db: accounts.update(
        db, id, name="Anna", full_name="Anna", quota=5, enabled=False, messages_per_day=7, first_time_per_day=None))
    row = store.read(lambda db: accounts.get(db, id))

    assert row is not None
    assert (row.name, row.full_name, row.quota, row.enabled) == ("anna", "Anna", 5, False)
    assert (row.messages_per_day, row.first_time_per_day) == (7, None)
    with pytest.raises(UserError):
        store.write_now(lambda db: accounts.update(db, id, quota=-1))
    with pytest.raises(TypeError):
        store.write_now(lambda db: accounts.update(db, id, modseq=1))
    with pytest.raises(NotFound):
        store.write_now(lambda db: accounts.update(db, 99, quota=1))


def test_remove(store: Store) -> None:
    """Everything of an account goes with it, its mail included; ids do not come back."""
    id = add_account(store)
    settings(store, catchall_account=id)
    deliver(store, mailbox(store, id), message_id="a@x")
    store.write_now(lambda db: accounts.remove(db, id))

    tables = ("account", "address", "mailbox", "message", "message_detail", "thread", "thread_key", "change", "credential")
    left = store.read(lambda db: {table: value(db, f"SELECT count(*) FROM {table}") for table in tables})
    assert set(left.values()) == {0}
    assert bodies.sweep(store)[0] == 1
    with pytest.raises(NotFound):
        store.write_now(lambda db: accounts.remove(db, id))
    assert add_account(store) > id


# --- addresses and aliases ----------------------------------------------------------------------------


def test_addresses(store: Store) -> None:
    """An address is in lower case, belongs to one account, and can be taken away."""
    ann, bob = add_account(store), add_account(store, "bob")
    store.write_now(lambda db: accounts.add_address(db, ann, at("Ann.Example")))

    assert [row.address for row in store.read(lambda db: accounts.addresses(db, ann))] == [ANN, at("ann.example")]
    with pytest.raises(Conflict):
        store.write_now(lambda db: accounts.add_address(db, bob, at("ANN.example")))
    with pytest.raises(NotFound, match="not a domain"):
        store.write_now(lambda db: accounts.add_address(db, ann, at("ann", HOST)))
    with pytest.raises(NotFound):
        store.write_now(lambda db: accounts.add_address(db, 99, at("new")))
    store.write_now(lambda db: accounts.remove_address(db, at("ANN.EXAMPLE")))
    with pytest.raises(NotFound):
        store.write_now(lambda db: accounts.remove_address(db, at("ann.example")))


def test_aliases(store: Store) -> None:
    """An alias keeps the order of its members, once each; it cannot take an address, nor stand for nobody or itself."""
    add_account(store)
    far = at("x", Domain.parse("far.example"))
    alias(store, "Team", ANN, far, ANN)

    rows = store.read(accounts.aliases)
    assert [(row.address, row.members, row.sendable) for row in rows] == [(at("team"), [ANN, far], False)]
    assert store.read(lambda db: accounts.aliases(db, 99)) == []
    store.write_now(lambda db: accounts.set_alias(db, at("team"), [far], sendable=True))
    assert [(row.members, row.sendable) for row in store.read(lambda db: accounts.aliases(db, rows[0].domain_id))] == [([far], True)]
    with pytest.raises(Conflict):
        alias(store, "ann", far)
    with pytest.raises(Conflict):
        alias(store, "TEAM", far)
    with pytest.raises(UserError):
        store.write_now(lambda db: accounts.set_alias(db, at("team"), []))
    with pytest.raises(UserError):
        store.write_now(lambda db: accounts.set_alias(db, at("team"), [at("team")]))
    with pytest.raises(NotFound):
        store.write_now(lambda db: accounts.set_alias(db, at("none"), [far]))
    store.write_now(lambda db: accounts.remove_alias(db, at("team")))
    with pytest.raises(NotFound):
        store.write_now(lambda db: accounts.remove_alias(db, at("team")))


# --- who gets it ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("localpart", ["ann", "ANN", "ann+lists", "Ann+a+b"])
def test_an_address_with_and_without_suffix(store: Store, localpart: str) -> None:
    """Case and what follows the separator do not matter."""
    id = add_account(store)

    assert resolve(store, at(localpart)) == Resolution("account", (id,), (), ANN)
    assert may_use(store, id, at(localpart))


def test_an_exact_address_goes_before_a_suffix(store: Store) -> None:
    """ann+shop can be an address of its own."""
    add_account(store)
    bob = add_account(store, "bob")
    store.write_now(lambda db: accounts.add_address(db, bob, at("ann+shop")))

    assert resolve(store, at("ann+shop")).accounts == (bob,)
    assert may_use(store, bob, at("ann+shop"))


@pytest.mark.parametrize("localpart", ["nobody", "+ann", "ann-lists", "nobody+x"])
def test_unknown_users(store: Store, localpart: str) -> None:
    """What no one has is unknown, and nobody may use it."""
    id = add_account(store)

    assert resolve(store, at(localpart)) == Resolution("unknown_user")
    assert not may_use(store, id, at(localpart))


def test_unknown_domains(store: Store) -> None:
    """Other domains are unknown, a disabled one as well; at our own host nobody lives but the postmaster."""
    id = add_account(store)

    assert resolve(store, at("ann", Domain.parse("far.example"))) == Resolution("unknown_domain")
    assert resolve(store, at("ann", HOST)) == Resolution("unknown_user")
    assert not may_use(store, id, at("ann", HOST))
    settings(store, enabled=False)
    assert resolve(store, ANN) == Resolution("unknown_domain")


def test_separator_off_and_case_on(store: Store) -> None:
    """A domain can do without suffixes and with case."""
    add_account(store)
    settings(store, localpart_separator="", case_sensitive=True)

    assert resolve(store, at("ann+x")).kind == "unknown_user"
    assert resolve(store, at("ANN")).kind == "unknown_user"
    assert resolve(store, at("ann")).kind == "account"


def test_catch_all(store: Store) -> None:
    """Whatever nobody claims goes to the catch-all, whose owner may also write as it."""
    ann, bob = add_account(store), add_account(store, "bob")
    settings(store, catchall_account=bob)
    alias(store, "team", ANN)

    assert resolve(store, at("Anything")) == Resolution("account", (bob,), (), at("anything"))
    assert resolve(store, ANN).accounts == (ann,)
    assert may_use(store, bob, at("anything"))
    assert not may_use(store, bob, ANN)
    assert not may_use(store, bob, at("team"))
    assert not may_use(store, ann, at("anything"))


@pytest.mark.parametrize("domain", [EXAMPLE, HOST])
@pytest.mark.parametrize("localpart", ["postmaster", "PostMaster"])
def test_postmaster_always_exists(store: Store, domain: Domain, localpart: str) -> None:
    """At each domain and at the host, in any case, before the catch-all (RFC 5321 §4.5.1)."""
    ann, bob = add_account(store), add_account(store, "bob")
    settings(store, catchall_account=bob)

    assert resolve(store, at(localpart, domain)).accounts == (ann,)


def test_postmaster_can_be_somebody_else(store: Store) -> None:
    """A domain that has a postmaster of its own keeps it; without the configured account it is unknown."""
    bob = add_account(store, "bob")
    assert resolve(store, at("postmaster")) == Resolution("unknown_user")
    store.write_now(lambda db: accounts.add_address(db, bob, at("postmaster")))
    add_account(store)

    assert resolve(store, at("postmaster")).accounts == (bob,)


def test_aliases_are_expanded(store: Store) -> None:
    """Through one another, each account and foreign address once, loops cut."""
    ann, bob = add_account(store), add_account(store, "bob")
    far = at("x", Domain.parse("far.example"))
    alias(store, "all", at("team"), far, at("bob+all"), at("nobody"))
    alias(store, "team", ANN, far, at("all"))

    assert resolve(store, at("ALL+x")) == Resolution("alias", (bob, ann), (far,), at("all"))
    settings(store, catchall_account=ann)
    assert set(resolve(store, at("all")).accounts) == {ann, bob}


def test_aliases_have_bounds(store: Store) -> None:
    """A chain that is too deep and a tree that is too wide end somewhere."""
    add_account(store)
    for number in range(15):
        alias(store, f"deep{number}", at(f"deep{number + 1}"))
    alias(store, "deep15", ANN)
    far = [at(f"x{number}", Domain.parse("far.example")) for number in range(600)]
    alias(store, "wide", at("half"), *far)
    alias(store, "half", *(at(f"y{number}", Domain.parse("far.example")) for number in range(600)))

    assert resolve(store, at("deep0")) == Resolution("alias", (), (), at("deep0"))
    assert resolve(store, at("deep10")).kind == "alias"
    assert len(resolve(store, at("wide")).forwards) == 999


def test_writing_in_the_name_of_an_alias(store: Store) -> None:
    """Members may, of those aliases that are sendable."""
    ann, bob = add_account(store), add_account(store, "bob")
    alias(store, "open", at("inner"), sendable=True)
    alias(store, "inner", ANN)

    assert may_use(store, ann, at("open"))
    assert not may_use(store, ann, at("inner"))
    assert not may_use(store, bob, at("open"))
    assert store.read(lambda db: (accounts.shared(db, ann), accounts.shared(db, bob))) == ([at("open")], [])
