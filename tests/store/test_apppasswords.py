"""mta.store.apppasswords: what a password may be used for."""
import pytest

from mta.base.clock import SetClock
from mta.base.errors import NotFound, TemporaryError, UserError
from mta.base.limits import LIMITS
from mta.store import apppasswords, credentials
from mta.store.database import Store
from tests.store.population import add_account


def add(store: Store, account: int, label: str, scopes: tuple[str, ...] = ("smtp",), expires: float | None = None, text: str = "x") -> int:
    """An app password; its id."""
    keys = credentials.make_keys(text, *(store.read(lambda db: apppasswords.salt(db, account)) or ()))
    return store.write_now(lambda db: apppasswords.add(db, store.clock, account, label, scopes, expires, keys))


def test_scopes_and_expiry(store: Store, clock: SetClock) -> None:
    """Are what was asked for; the account's own password has none."""
    account = add_account(store)
    own = store.write_now(lambda db: credentials.set_password(db, clock, account, "own password"))
    phone = add(store, account, "phone", ("imap", "webmail"), clock.timestamp() + 10)

    def standing(id: int) -> apppasswords.Standing:
        return store.read(lambda db: apppasswords.standing(db, clock, account, id))

    assert (standing(own).kind, standing(own).scopes) == ("password", ())
    assert (standing(phone).scopes, standing(phone).expired) == (("imap", "webmail"), False)
    clock.advance(10)
    assert standing(phone).expired
    with pytest.raises(NotFound):
        standing(phone + 1)


def test_it_shares_the_salt(store: Store) -> None:
    """Also where it is the first password; keys of another salt are refused."""
    account = add_account(store)
    add(store, account, "first", text="one")
    add(store, account, "second", text="two")
    found = store.read(lambda db: credentials.check_password(db, "ann", "two"))
    assert found is not None
    other = credentials.make_keys("three")
    with pytest.raises(TemporaryError):
        store.write_now(lambda db: apppasswords.add(db, store.clock, account, "third", ("smtp",), None, other))


def test_bounds_and_revoking(store: Store, clock: SetClock) -> None:
    """One of a label, no more than so many, and gone with the sessions that began with it."""
    account = add_account(store)
    ids = [add(store, account, f"number {at}") for at in range(3)]
    with pytest.raises(UserError, match="already"):
        add(store, account, "number 1")
    store.write_now(lambda db: credentials.add_session(db, clock, account, "s", "c", "192.0.2.1", "", 99.0, ids[0]))
    assert store.read(lambda db: credentials.session(db, clock, "s")) is not None
    store.write_now(lambda db: apppasswords.remove(db, account, ids[0]))
    assert store.read(lambda db: credentials.session(db, clock, "s")) is None
    for wrong in (ids[0], 999):
        with pytest.raises(NotFound):
            store.write_now(lambda db, wrong=wrong: apppasswords.remove(db, account, wrong))    # type: ignore[misc]
    store.write_now(lambda db: db.executemany(
        "INSERT INTO credential (account_id, kind, label, salt, iterations, stored_key, server_key, created) "
        "SELECT account_id, 'app', ?, salt, iterations, stored_key, server_key, created FROM credential WHERE id = ?",
        [(f"more {at}", ids[1]) for at in range(LIMITS.credentials - 2)]))
    with pytest.raises(UserError, match="no more"):
        add(store, account, "one too many")


def test_a_session_ends_with_its_password(store: Store, clock: SetClock) -> None:
    """One that began with an app password lasts no longer than that."""
    account = add_account(store)
    id = add(store, account, "visit", ("webmail",), clock.timestamp() + 60)
    store.write_now(lambda db: credentials.add_session(db, clock, account, "s", "c", "192.0.2.1", "", 9_999.0, id))
    assert store.read(lambda db: credentials.session(db, clock, "s")) is not None
    clock.advance(60)
    assert store.read(lambda db: credentials.session(db, clock, "s")) is None


def test_the_last_use(store: Store, clock: SetClock) -> None:
    """Is noted, and what was noted a moment ago need not be again."""
    account = add_account(store)
    id = add(store, account, "phone")
    use = (id, "192.0.2.1", "smtp")
    assert not store.read(lambda db: apppasswords.is_noted(db, clock, *use))
    store.write_now(lambda db: apppasswords.note_used(db, clock, *use))
    assert store.read(lambda db: (apppasswords.is_noted(db, clock, *use), apppasswords.is_noted(db, clock, id, "192.0.2.2", "smtp"))) == (
        True, False)
    [one] = store.read(lambda db: apppasswords.all(db, account))
    assert (one.used, one.used_from, one.used_for) == (clock.timestamp(), "192.0.2.1", "smtp")
    clock.advance(apppasswords.NOTED + 1)
    assert not store.read(lambda db: apppasswords.is_noted(db, clock, *use))
