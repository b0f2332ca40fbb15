"""mta.store.policies: rows come, change and go."""
from mta.base.names import Domain
from mta.secure.mtasts import Mode, Policy
from mta.store import policies
from mta.store.connection import Connection
from mta.store.database import Store

ONE, TWO = Domain("one.example"), Domain("two.example")
POLICY = Policy(Mode.ENFORCE, 1_000, ("mx.one.example", "*.one.example"))


def test_a_policy(store: Store) -> None:
    """Kept whole, replaced whole; a failure beside it changes nothing of it, success ends the failure."""
    assert store.read(lambda db: policies.get(db, ONE)) is None
    store.write_now(lambda db: policies.keep(db, ONE, POLICY, "1", 100.0, 1_100.0, 500.0))
    store.write_now(lambda db: policies.failed(db, ONE, "2", "sts-policy-invalid", "why", 200.0, 600.0))
    row, = store.read(policies.all)
    assert (row.domain, row.policy, row.record_id, row.fetched, row.valid_until, row.used) == (ONE, POLICY, "1", 100.0, 1_100.0, 100.0)
    assert (row.failures, row.failed_id, row.renew_at, row.paused_until, row.problem, row.problem_text) == (
        1, "2", 600.0, 600.0, "sts-policy-invalid", "why")
    assert (row.live(1_099.9), row.live(1_100.0)) == (True, False)

    none = Policy(Mode.NONE, 5)
    store.write_now(lambda db: policies.keep(db, ONE, none, "2", 700.0, 705.0, 800.0))
    row, = store.read(policies.all)
    assert (row.policy, row.failures, row.failed_id, row.problem, row.paused_until, row.used) == (none, 0, "", "", 0, 100.0)


def test_a_failure_alone(store: Store) -> None:
    """There is no policy; failures are counted."""
    for at in (100.0, 200.0):
        store.write_now(lambda db, at=at: policies.failed(db, ONE, "1", "sts-policy-fetch-error", "why", at, at + 300))    # type: ignore[misc]  # a lambda with a default
    row, = store.read(policies.all)
    assert (row.policy, row.live(0), row.failures, row.paused_until, row.used) == (None, False, 2, 500.0, 100.0)


def test_what_is_due(store: Store) -> None:
    """The longest due first."""
    def change(db: Connection) -> None:
        policies.keep(db, ONE, POLICY, "1", 100.0, 1_100.0, 500.0)
        policies.keep(db, TWO, POLICY, "1", 100.0, 1_100.0, 400.0)
    store.write_now(change)

    assert [row.domain for row in store.read(lambda db: policies.due(db, 500.0, 10))] == [TWO, ONE]
    assert [row.domain for row in store.read(lambda db: policies.due(db, 499.0, 10))] == [TWO]
    assert [row.domain for row in store.read(lambda db: policies.due(db, 500.0, 1))] == [TWO]
    store.write_now(lambda db: policies.put_off(db, TWO, 900.0))
    assert [row.domain for row in store.read(lambda db: policies.due(db, 500.0, 10))] == [ONE]
    store.write_now(lambda db: policies.forget(db, ONE))
    assert [row.domain for row in store.read(policies.all)] == [TWO]


def test_rows_are_bounded(store: Store) -> None:
    """What was not used for long goes first, then what was used the longest ago."""
    def change(db: Connection) -> None:
        for number in range(10):
            policies.keep(db, Domain(f"d{number}.example"), POLICY, "1", 100.0 + number, 1_100.0, 500.0)
        policies.use(db, Domain("d0.example"), 1_000.0)
        policies.use(db, Domain("d1.example"), 1.0)     # never backwards
    store.write_now(change)

    assert store.write_now(lambda db: policies.prune(db, 103.0, 100, 1)) == 1
    assert store.write_now(lambda db: policies.prune(db, 103.0, 100, 100)) == 1
    assert store.write_now(lambda db: policies.prune(db, 103.0, 100, 100)) == 0
    assert store.write_now(lambda db: policies.prune(db, 104.0, 5, 100)) == 3
    assert [row.domain.ascii[1] for row in store.read(policies.all)] == ["0", "6", "7", "8", "9"]
