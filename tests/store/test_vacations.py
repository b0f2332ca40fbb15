"""mta.store.vacations: what is answered, and who was."""
from mta.base.clock import SetClock
from mta.base.names import Address
from mta.store import vacations
from mta.store.database import Store
from mta.store.vacations import VACATION, Vacation
from tests.store.population import add_account

CARL = Address.parse("Carl@else.example")


def test_active() -> None:
    """From its beginning up to its end, if it is on."""
    away = Vacation(True, begins=10.0, ends=20.0)
    assert [away.active(at) for at in (9.0, 10.0, 19.9, 20.0)] == [False, True, True, False]
    assert Vacation(True).active(0.0)
    assert not Vacation(False).active(0.0)


def test_kept(store: Store) -> None:
    """What is put is what is got; one that begins anew answers everybody anew, one that goes on does not."""
    ann = add_account(store)
    assert store.read(lambda db: vacations.get(db, ann)) == Vacation()
    away = Vacation(True, "2030-01-01", "2030-01-02", "Europe/Berlin", 1.0, 2.0, "Away", "I am away.")
    store.write_now(lambda db: vacations.put(db, ann, away))
    assert store.read(lambda db: vacations.get(db, ann)) == away
    store.write_now(lambda db: vacations.remember(db, store.clock, ann, VACATION, CARL))
    store.write_now(lambda db: vacations.remember(db, store.clock, ann, 7, CARL))
    for wanted, still in ((away, True), (Vacation(False, text="x"), True), (away, False)):
        store.write_now(lambda db, wanted=wanted: vacations.put(db, ann, wanted))    # type: ignore[misc]
        assert store.read(lambda db: vacations.answered(db, store.clock, ann, VACATION, CARL, 60.0)) is still
    assert store.read(lambda db: vacations.answered(db, store.clock, ann, 7, CARL, 60.0))


def test_remembered(store: Store, clock: SetClock) -> None:
    """By account, source and address in any case; for a time; then forgotten."""
    ann = add_account(store)
    store.write_now(lambda db: vacations.remember(db, clock, ann, VACATION, CARL))
    lower = Address.parse("carl@else.example")
    assert store.read(lambda db: vacations.answered(db, clock, ann, VACATION, lower, 60.0))
    assert not store.read(lambda db: vacations.answered(db, clock, ann, 1, lower, 60.0))
    assert store.read(lambda db: vacations.answers_of_a_day(db, clock, ann)) == 1
    clock.advance(86_400.0)
    assert not store.read(lambda db: vacations.answered(db, clock, ann, VACATION, lower, 60.0))
    assert store.read(lambda db: vacations.answers_of_a_day(db, clock, ann)) == 0
    assert store.write_now(lambda db: vacations.prune(db, clock, 86_401.0, 10)) == 0
    assert store.write_now(lambda db: vacations.prune(db, clock, 86_399.0, 10)) == 1
