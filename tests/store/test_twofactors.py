"""mta.store.twofactors: secrets and recovery codes."""
from mta.base import totp
from mta.base.clock import SetClock
from mta.store import accounts, twofactors
from mta.store.database import Store
from tests.store.population import add_account

SECRET = bytes(range(20))


def use(store: Store, account: int | None, code: str) -> str:
    """What a code counts as."""
    return store.write_now(lambda db: twofactors.use(db, store.clock, account, code))


def switch_on(store: Store, account: int | None, codes: tuple[str, ...] = ("aaaa", "bbbb")) -> None:
    """A second factor that counts."""
    store.write_now(lambda db: twofactors.begin(db, store.clock, account, SECRET))
    factor = store.read(lambda db: twofactors.get(db, account))
    assert factor is not None
    store.write_now(lambda db: twofactors.confirm(db, store.clock, factor, 0, codes))


def now(clock: SetClock) -> str:
    """The code of this moment."""
    return totp.code_at(SECRET, int(clock.timestamp() // totp.PERIOD))


def test_begun_is_not_on(store: Store, clock: SetClock) -> None:
    """Nothing counts before it is confirmed, and beginning anew forgets what was begun."""
    account = add_account(store)
    for secret in (b"x" * 20, SECRET):
        store.write_now(lambda db, secret=secret: twofactors.begin(db, clock, account, secret))    # type: ignore[misc]
    assert not store.read(lambda db: twofactors.is_on(db, account))
    assert use(store, account, now(clock)) == ""
    switch_on(store, account)
    assert store.read(lambda db: (twofactors.is_on(db, account), twofactors.is_on(db, None), twofactors.all_on(db))) == (
        True, False, {account})


def test_each_code_once(store: Store, clock: SetClock) -> None:
    """A code, and a recovery code, for the one whose it is."""
    account = add_account(store)
    switch_on(store, account)
    switch_on(store, None, ("cccc",))

    code = now(clock)
    assert [use(store, account, code) for _ in range(2)] == ["code", ""]
    assert use(store, None, code) == "code"
    assert [use(store, account, "AA-AA") for _ in range(2)] == ["recovery code", ""]
    assert use(store, account, "cccc") == ""
    factor = store.read(lambda db: twofactors.get(db, account))
    assert factor is not None
    assert factor.codes == 1
    store.write_now(lambda db: twofactors.renew_codes(db, factor.id, ["dddd"]))
    assert (use(store, account, "bbbb"), use(store, account, "dddd")) == ("", "recovery code")


def test_it_goes_with_its_account(store: Store) -> None:
    """And can be taken away once."""
    account = add_account(store)
    switch_on(store, account)
    switch_on(store, None)
    assert [store.write_now(lambda db: twofactors.remove(db, None)) for _ in range(2)] == [True, False]
    store.write_now(lambda db: accounts.remove(db, account))
    assert store.read(lambda db: list(db.execute("SELECT count(*) FROM two_factor UNION ALL SELECT count(*) FROM recovery_code"))) == [
        (0,), (0,)]
