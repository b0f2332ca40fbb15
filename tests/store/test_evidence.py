"""mta.store.evidence: counts of protected sessions, bounded, until they are reported."""
import dataclasses
from collections import Counter

from mta.base.clock import SetClock
from mta.base.limits import LIMITS
from mta.base.names import Domain
from mta.secure.tlsresult import Outcome, Policy, PolicyKind, Result, Session, Verdict, failure, success
from mta.store import evidence, sentreports
from mta.store.database import Store
from mta.store.evidence import Detail, Kept

B, MX = Domain("b.test"), Domain("mx.b.test")
STS = Policy(PolicyKind.STS, B, lines=("version: STSv1", "mode: enforce"), mx=("mx.b.test", "*.b.test"))
TLSA = Policy(PolicyKind.TLSA, MX, is_host=True, lines=("3 1 1 abcd",), mx=("mx.b.test",))
SESSION = Session(B, "mx.b.test", "192.0.2.1", "192.0.2.9")
BAD = Verdict(Result.EXPIRED, "it ran out", "expired")
DAY = "2030-01-01"


def note(store: Store, *outcomes: Outcome, day: str = DAY, limits: object = LIMITS) -> int:
    """Note some, in one change."""
    counted = Counter((day, outcome) for outcome in outcomes)
    return store.write_now(lambda db: evidence.note(db, counted, limits))    # type: ignore[arg-type]  # Limits with other numbers


def kept(store: Store, domain: Domain = B, day: str = DAY) -> list[Kept]:
    """What is there."""
    return store.read(lambda db: evidence.results(db, domain, day))


def test_counts_add_up(store: Store) -> None:
    """Sessions of one kind are one row, whenever they are written; what failed has its details."""
    note(store, success(STS, SESSION), success(STS, SESSION), failure(STS, SESSION, BAD))
    note(store, failure(STS, SESSION, BAD), success(STS, SESSION, BAD))
    detail = Detail("certificate-expired", 3, "192.0.2.9", "mx.b.test", "192.0.2.1", "expired", "it ran out")
    assert kept(store) == [Kept(STS, DAY, B, 3, 2, (detail,))]
    assert kept(store, MX) == []


def test_domains_and_hosts_are_apart(store: Store) -> None:
    """A session under two policies is told to both owners; a host takes mail for several domains."""
    other = dataclasses.replace(SESSION, recipient=Domain("c.test"))
    note(store, success(STS, SESSION), success(TLSA, SESSION), failure(TLSA, other, BAD))
    assert [(one.policy, one.recipient.ascii, one.successes, one.failures) for one in kept(store, MX)] == [
        (TLSA, "b.test", 1, 0), (TLSA, "c.test", 0, 1)]
    assert [one.policy for one in kept(store)] == [STS]


def test_what_is_due(store: Store, clock: SetClock) -> None:
    """Days that are over, oldest first; reported ones are gone."""
    note(store, success(STS, SESSION))
    note(store, success(STS, SESSION), success(TLSA, SESSION), day="2030-01-02")
    note(store, success(STS, SESSION), day="2030-01-03")
    assert evidence.day_of(clock.timestamp()) == DAY
    assert store.read(lambda db: evidence.due(db, DAY)) == []
    assert store.read(lambda db: evidence.due(db, "2030-01-03")) == [(B, DAY), (B, "2030-01-02"), (MX, "2030-01-02")]
    assert store.write_now(lambda db: evidence.clear(db, B, "2030-01-02")) == 1
    assert store.read(evidence.days) == [(B, "2030-01-03", 1, 0), (MX, "2030-01-02", 1, 0), (B, DAY, 1, 0)]


def test_what_nobody_reported_goes(store: Store, clock: SetClock) -> None:
    """48 hours after its day, not before; its details with it."""
    note(store, failure(STS, SESSION, BAD))
    begin = clock.timestamp()
    for hours, gone in ((24, 0), (71.9, 0), (72, 1), (72, 0)):
        now = begin + hours * 3_600
        assert store.write_now(lambda db, now=now: evidence.prune(db, now, LIMITS.evidence_age, 100)) == gone    # type: ignore[misc]
    assert store.read(lambda db: list(db.execute("SELECT * FROM tls_failure"))) == []


def test_a_server_that_fails_in_many_ways(store: Store) -> None:
    """Only so many are told apart; all are counted."""
    few = dataclasses.replace(LIMITS, tls_details=3)
    outcomes = [failure(STS, SESSION, Verdict(Result.VALIDATION_FAILURE, f"text {number}")) for number in range(10)]
    note(store, *outcomes, limits=few)
    note(store, *outcomes, failure(STS, SESSION, BAD), limits=few)
    only, = kept(store)
    assert only.failures == 21
    assert sum(detail.sessions for detail in only.details) == 21
    assert len(only.details) == 5
    assert {(detail.result, detail.sessions) for detail in only.details if detail.reason == evidence.MORE} == {
        ("validation-failure", 14), ("certificate-expired", 1)}


def test_a_policy_that_changes_all_the_time(store: Store) -> None:
    """Only so many are told apart; what is beyond counts under the last one."""
    few = dataclasses.replace(LIMITS, tls_policies=2, tls_policy=40)
    for number in range(5):
        note(store, success(dataclasses.replace(STS, lines=(f"id: {number}", "x" * 100)), SESSION), limits=few)
    assert [one.successes for one in kept(store)] == [1, 4]
    assert all(len("\n".join(one.policy.lines)) <= 40 for one in kept(store))


def test_a_crowd_of_domains(store: Store) -> None:
    """Beyond the bound nothing new is begun, and it is said how much was lost; what is there goes on counting."""
    few = dataclasses.replace(LIMITS, tls_results=3)
    many = [success(dataclasses.replace(STS, domain=Domain(f"d{number}.test")), SESSION) for number in range(10)]
    assert note(store, *many, limits=few) == 6
    assert note(store, *many[:4], limits=few) == 0
    assert [successes for _, _, successes, _ in store.read(evidence.days)] == [2, 2, 2, 2]


def test_what_is_bound_to_a_report(store: Store, clock: SetClock) -> None:
    """It stays as it is, with its details; what comes later for the day is of no report yet."""
    note(store, success(STS, SESSION), failure(STS, SESSION, BAD))
    ident = store.write_now(lambda db: sentreports.plan(db, clock, "tls", B.ascii, 0.0, 1.0, 2.0))
    assert store.write_now(lambda db: evidence.take(db, B, DAY, ident)) == 1
    note(store, dataclasses.replace(success(STS, SESSION), optional=True))
    bound, = store.read(lambda db: evidence.taken(db, ident))
    assert (bound.successes, bound.failures, bound.optional, len(bound.details)) == (1, 1, 0, 1)
    later, = kept(store)
    assert (later.successes, later.failures, later.optional) == (1, 0, 1)
    assert store.write_now(lambda db: evidence.prune(db, clock.timestamp() + 9 * 86_400, 0.0, 10)) == 1
    assert store.read(lambda db: evidence.taken(db, ident)) == [bound]
    assert store.write_now(lambda db: evidence.clear_taken(db, ident)) == 1
    assert store.read(lambda db: list(db.execute("SELECT 1 FROM tls_failure"))) == []
