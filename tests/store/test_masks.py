"""mta.store.masks: masks, who wrote to them, and keys."""
import pytest

from mta.base.clock import SetClock
from mta.base.errors import Conflict, NotFound
from mta.base.names import Address, Domain
from mta.store import accounts, domains, masks
from mta.store.connection import Connection
from mta.store.database import Store
from tests.store.population import add_account

OURS, ELSE = Domain("example.org"), Domain("else.example")


def place(store: Store) -> int:
    """The id of the domain of all."""
    row = store.read(lambda db: domains.get(db, OURS))
    assert row is not None
    return row.id


def made(store: Store, account: int, domain: int, local: str = "shop-x") -> int:
    """A mask."""
    return store.write_now(lambda db: masks.add(db, store.clock, account, domain, local, "shop.example", ""))


def resolved(store: Store, text: str) -> accounts.Resolution:
    """Who gets the mail for an address."""
    return store.read(lambda db: accounts.resolve(db, Address.parse(text), Domain("mx.example.org"), "ann"))


def test_mail_comes_through(store: Store) -> None:
    """On it is the account's, in any case and with a suffix; off and gone it is nobody's, and not the catch-all's either."""
    ann, bob, domain = add_account(store), add_account(store, "bob"), place(store)
    store.write_now(lambda db: domains.update(db, domain, catchall_account=bob))
    id = made(store, ann, domain)
    for text in ("shop-x@example.org", "Shop-X@example.org", "shop-x+y@example.org"):
        found = resolved(store, text)
        assert (found.kind, found.accounts, found.mask) == ("account", (ann,), id)
    assert store.read(lambda db: accounts.may_use(db, ann, Address.parse("shop-x@example.org")))
    assert not store.read(lambda db: accounts.may_use(db, bob, Address.parse("shop-x@example.org")))
    for state in ("off", "gone"):
        store.write_now(lambda db, state=state: masks.change(db, ann, id, state=state))    # type: ignore[misc]
        assert (resolved(store, "shop-x@example.org").kind, resolved(store, "shop-x@example.org").accounts) == ("unknown_user", ())
        assert not store.read(lambda db: accounts.may_use(db, ann, Address.parse("shop-x@example.org")))
        assert not store.read(lambda db: accounts.may_use(db, bob, Address.parse("shop-x@example.org")))
    assert resolved(store, "other@example.org").accounts == (bob,)
    with pytest.raises(NotFound):
        store.write_now(lambda db: masks.change(db, ann, id, state="on"))


def test_never_given_twice(store: Store) -> None:
    """Neither as an address nor as an alias, gone or not; and its domain stays while one is there."""
    ann = add_account(store)
    domain = store.write_now(lambda db: domains.add(db, store.clock, Domain("masks.example")))
    id, used = made(store, ann, domain), Address.parse("shop-x@masks.example")
    for _ in range(2):
        with pytest.raises(Conflict):
            store.write_now(lambda db: accounts.add_address(db, ann, used))
        with pytest.raises(Conflict):
            store.write_now(lambda db: accounts.add_alias(db, used, [Address.parse("x@y.example")]))
        assert store.read(lambda db: accounts.is_taken(db, used))
        with_mask = store.read(lambda db: masks.number(db, ann))
        if with_mask:
            with pytest.raises(Conflict, match="masked"):
                store.write_now(lambda db: domains.remove(db, domain))
            store.write_now(lambda db: masks.change(db, ann, id, state="gone"))
    store.write_now(lambda db: domains.remove(db, domain))


def test_members_of_an_alias(store: Store) -> None:
    """A mask may be one; what is off gets nothing."""
    ann, domain = add_account(store), place(store)
    id = made(store, ann, domain)
    store.write_now(lambda db: accounts.add_alias(db, Address.parse("team@example.org"), [Address.parse("shop-x@example.org")]))
    assert resolved(store, "team@example.org").accounts == (ann,)
    store.write_now(lambda db: masks.change(db, ann, id, state="off"))
    assert resolved(store, "team@example.org").accounts == ()


def test_counts_and_senders(store: Store, clock: SetClock) -> None:
    """By domain, proven or not; only so many are remembered, but all are counted."""
    ann, domain = add_account(store), place(store)
    id = made(store, ann, domain)

    def came(author: Domain | None, proven: bool) -> None:
        store.write_now(lambda db: masks.count(db, clock, id, author, proven, 3))

    for author, proven in ((ELSE, True), (ELSE, True), (ELSE, False), (None, False), (Domain("a.example"), False),
                           (Domain("b.example"), True)):
        clock.advance(1.0)
        came(author, proven)
    store.write_now(lambda db: masks.count_sent(db, id))
    mask = store.read(lambda db: masks.get(db, ann, id))
    assert (mask.received, mask.sent, mask.latest) == (6, 1, clock.timestamp())
    found = store.read(lambda db: masks.senders(db, id))
    assert [(one.domain.ascii, one.proven, one.messages) for one in found] == [
        ("else.example", True, 2), ("else.example", False, 1), ("a.example", False, 1)]
    assert store.read(lambda db: masks.made_since(db, ann, 0.0)) == 1
    assert store.read(lambda db: accounts.mask_of(db, ann, Address.parse("shop-x+1@example.org"))) == id
    assert store.read(lambda db: accounts.owned(db, ann, Address.parse("shop-x@example.org")))


def test_keys(store: Store, clock: SetClock) -> None:
    """Open what they are for while they and the account are there."""
    ann, bob = add_account(store), add_account(store, "bob")
    key = store.write_now(lambda db: masks.add_key(db, clock, ann, "laptop", "secret"))
    assert store.read(lambda db: masks.holder(db, "secret")) == (key, ann)
    assert store.read(lambda db: masks.holder(db, "Secret")) is None
    store.write_now(lambda db: masks.use_key(db, clock, key))
    assert store.read(lambda db: masks.keys(db, ann))[0].used == clock.timestamp()
    with pytest.raises(NotFound):
        store.write_now(lambda db: masks.remove_key(db, bob, key))
    store.write_now(lambda db: accounts.update(db, ann, enabled=False))
    assert store.read(lambda db: masks.holder(db, "secret")) is None
    store.write_now(lambda db: masks.remove_key(db, ann, key))
    assert store.read(lambda db: masks.keys(db, ann)) == []


def test_what_the_administrator_chose(store: Store) -> None:
    """Everywhere and as many as everybody, unless he said otherwise."""
    ann, domain = add_account(store), place(store)

    def chosen(db: Connection) -> tuple[bool, int]:
        return masks.allowed(db, domain), masks.limit(db, ann, 500)

    assert store.read(chosen) == (True, 500)
    store.write_now(lambda db: masks.allow(db, domain, False))
    store.write_now(lambda db: masks.set_limit(db, ann, 0))
    assert store.read(chosen) == (False, 0)
    store.write_now(lambda db: masks.allow(db, domain, True))
    store.write_now(lambda db: masks.set_limit(db, ann, None))
    assert store.read(chosen) == (True, 500)
