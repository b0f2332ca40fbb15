"""mta.store.proofs: an account that is brought back has to prove no less than before."""
from mta.base import totp
from mta.base.clock import SetClock
from mta.store import accounts, apppasswords, credentials, proofs, twofactors
from mta.store.database import Store
from tests.store.population import add_account

SECRET = bytes(range(20))


def test_taken_and_put(store: Store, clock: SetClock) -> None:
    """Passwords with scopes and expiry, a second factor with its last step, codes of which one was used."""
    ann = add_account(store, "ann")
    store.write_now(lambda db: credentials.set_password(db, clock, ann, "a good password"))
    made = credentials.make_keys("made by us", *(store.read(lambda db: apppasswords.salt(db, ann)) or ()))
    store.write_now(lambda db: apppasswords.add(db, clock, ann, "phone", ("smtp",), clock.timestamp() + 60, made))
    store.write_now(lambda db: twofactors.begin(db, clock, ann, SECRET))
    factor = store.read(lambda db: twofactors.get(db, ann))
    assert factor is not None
    step = int(clock.timestamp() // totp.PERIOD)
    store.write_now(lambda db: twofactors.confirm(db, clock, factor, step, ("aaaa-bbbb", "cccc-dddd")))
    assert store.write_now(lambda db: twofactors.use(db, clock, ann, "aaaa-bbbb")) == "recovery code"

    known = store.read(lambda db: proofs.take(db, ann))
    shown = store.read(lambda db: apppasswords.all(db, ann))
    store.write_now(lambda db: accounts.remove(db, ann))
    again = add_account(store, "ann")
    store.write_now(lambda db: proofs.put(db, again, known))

    assert store.read(lambda db: proofs.take(db, again)) == known
    assert [(one.label, one.scopes, one.expires) for one in store.read(lambda db: apppasswords.all(db, again))] == [
        (one.label, one.scopes, one.expires) for one in shown] == [("phone", ("smtp",), clock.timestamp() + 60)]
    assert store.read(lambda db: twofactors.is_on(db, again))
    used = [store.write_now(lambda db, code=code: twofactors.use(db, clock, again, code))    # type: ignore[misc]
            for code in (totp.code_at(SECRET, step), "aaaa-bbbb", "cccc-dddd")]
    assert used == ["", "", "recovery code"], "what was used once stays used"


def test_nothing_to_take(store: Store) -> None:
    """An account without any of it gets none."""
    ann = add_account(store, "ann")
    known = store.read(lambda db: proofs.take(db, ann))
    assert (known.factor, known.codes) == (None, ())
