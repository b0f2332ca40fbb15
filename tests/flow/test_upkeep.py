"""What is done on the clock is done, once, and a failure is tried again."""
import asyncio
import os
from dataclasses import replace
from pathlib import Path

import pytest

from mta.base.clock import SetClock
from mta.base.errors import TemporaryError
from mta.base.events import Event, Record, Recorded
from mta.base.limits import LIMITS
from mta.base.names import Address, Domain
from mta.config.model import Judge, Reports
from mta.flow import deposit, learning, people, upkeep
from mta.flow.world import World
from mta.message.flags import Flags
from mta.secure.protection import Seen
from mta.secure.tlsresult import Policy, PolicyKind, Session, success
from mta.store import (
    bodies,
    credentials,
    events,
    evidence,
    forwards,
    leases,
    lessons,
    outgoing,
    profilelinks,
    queue,
    schedule,
    seen,
    vacations,
)
from mta.store.connection import Connection, value
from mta.store.counts import Counts
from mta.store.events import Traces, TraceSink
from mta.store.learned import Learned

ME = leases.incarnation("reporter")


def never(seconds: float) -> bool:
    """The pause of a role that goes on."""
    return False


def run(world: World, kind: str) -> str:
    """Run one chore; what it said."""
    said = upkeep.BY_KIND[kind].work(world, never)
    return said if isinstance(said, str) else asyncio.run(said)


def queued(world: World) -> None:
    """A message in the queue."""
    sink = world.store.bodies.sink()
    sink.write(b"x")
    spooled = sink.finish()
    world.store.write_now(lambda db: queue.add(db, world.clock, queue.NewQueued(
        None, None, [Address.parse("bob@b.example")], bodies.insert(db, spooled), 1, b"", False, False, "", "", "", "t.1"),
        lambda recipient: recipient.domain.ascii), [spooled])


def test_every_chore_is_planned_once(world: World, clock: SetClock) -> None:
    """Starting twice plans nothing twice; a row that is there keeps its time."""
    upkeep.begin(world, ME)
    before = world.store.read(schedule.listing)
    clock.advance(1000)
    upkeep.begin(world, ME)
    assert world.store.read(schedule.listing) == before
    assert {row.kind for row in before} == set(upkeep.BY_KIND)


def test_new_block_lists_are_examined_at_once(world: World, clock: SetClock) -> None:
    """A list that somebody has just configured need not wait for the usual time."""
    upkeep.begin(world, ME)
    world.config = replace(world.config, judge=Judge(dnsbl=("bl.example",)))
    upkeep.begin(world, ME)
    due = upkeep.next_chore(world, ME)
    assert due is not None
    assert due.kind == "watch-blocklists"
    assert upkeep.do(world, due, ME, never, asyncio.run)
    upkeep.begin(world, ME)

    assert upkeep.next_chore(world, ME) is None


def test_what_is_due_is_done_and_due_again(world: World, clock: SetClock, recorded: Recorded) -> None:
    """After a long night each chore runs once, and then at its interval."""
    upkeep.begin(world, ME)
    assert upkeep.next_chore(world, ME) is None
    clock.advance(10 * upkeep.DAY)
    done = []
    for long in (False, True):
        while due := upkeep.next_chore(world, ME, long=long):
            assert upkeep.do(world, due, ME, never, asyncio.run)
            done.append(due.kind)
    assert sorted(done) == sorted(upkeep.BY_KIND)
    assert {record.facts["kind"] for record in recorded.records if record.event is Event.DUE_DONE} == set(done)
    for row in world.store.read(schedule.listing):
        chore, now = upkeep.BY_KIND[row.kind], clock.timestamp()
        if chore.following is None:
            assert row.due == now + chore.every
        else:    # some time after the full hour, or at an hour of the night
            assert now < row.due < now + 2 * chore.every


def test_a_failing_chore_is_tried_again(world: World, clock: SetClock, recorded: Recorded) -> None:
    """It is noted, the pause grows, and the others are done."""
    upkeep.begin(world, ME)
    clock.advance(upkeep.DAY)
    root = world.store.bodies.root
    moved = root.with_name("elsewhere")
    root.rename(moved)
    failed = [due.kind for _ in upkeep.CHORES
              if (due := upkeep.next_chore(world, ME)) and not upkeep.do(world, due, ME, never, asyncio.run)]
    moved.rename(root)
    assert failed == ["sweep-bodies"]
    assert [record.facts["kind"] for record in recorded.records if record.event is Event.DUE_FAILED] == failed
    [blamed] = [str(record.facts["where"]) for record in recorded.records if record.event is Event.UNEXPECTED]
    assert blamed.partition(" ")[2] == "chore sweep-bodies"
    assert blamed.startswith("mta.")
    [row] = [row for row in world.store.read(schedule.listing) if row.kind == "sweep-bodies"]
    assert (row.failures, row.due) == (1, clock.timestamp() + upkeep.MINUTE)
    clock.advance(upkeep.MINUTE)
    due = upkeep.next_chore(world, ME)
    assert due is not None
    assert upkeep.do(world, due, ME, never, asyncio.run)


def test_a_dead_predecessors_chore_is_taken_over(world: World, clock: SetClock) -> None:
    """What a killed reporter had claimed is due again at once."""
    upkeep.begin(world, ME)
    clock.advance(upkeep.DAY)
    due = upkeep.next_chore(world, "reporter-0:999999999:1:dead")
    assert due is not None
    upkeep.begin(world, ME)
    kinds = set()
    while taken := upkeep.next_chore(world, ME):
        kinds.add(taken.kind)
    assert due.kind in kinds


def test_bodies_are_swept(world: World, clock: SetClock, recorded: Recorded) -> None:
    """A body that nothing refers to goes, with its row."""
    queued(world)
    world.store.write_now(lambda db: db.execute("DELETE FROM queue_message") and None)
    assert run(world, "sweep-bodies") == "1 files, 1 octets"
    assert Event.SWEPT in [record.event for record in recorded.records]
    assert run(world, "sweep-bodies") == "0 files, 0 octets"


def test_old_things_go(world: World, clock: SetClock) -> None:
    """Traces, counts, accepted events, history and sessions, each after its time."""
    sink = TraceSink(world.store.trace_db, clock)
    for number in range(5):
        sink(Record(Event.MAIL_FROM, clock.timestamp(), f"s{number}.1", "acceptor", {"ip": "192.0.2.1", "sender": "x"}))
    sink.close()
    counts = Counts(world.store.trace_db, clock)
    counts.add("x", ["a"], 60.0)
    counts.close()

    def change(db: Connection) -> None:
        accepted = Record(Event.MAIL_FROM, clock.timestamp(), "s.1", "acceptor", {"ip": "192.0.2.1", "sender": "x"})
        events.insert_accepted(db, "s.1", [accepted])
        credentials.add_session(db, clock, None, "secret", "csrf", "192.0.2.1", "", 3600.0)
    world.store.write_now(change)
    queued(world)
    [(_, [row])] = world.store.write_now(lambda db: queue.claim(db, clock, "b.example", ME, 1))
    world.store.write_now(lambda db: queue.release(db, [row.id], ME))
    world.store.write_now(lambda db: queue.drop(db, clock, [row.id], "a test"))

    kinds = ("prune-traces", "prune-accepted", "prune-outgoing", "end-sessions", "prune-changes")
    assert [run(world, kind) for kind in kinds] == ["0 steps, 0 counts", "0 rows", "0 rows", "0 rows", "0 rows"]
    clock.advance(LIMITS.outgoing_age + LIMITS.trace_age)
    assert [run(world, kind) for kind in kinds] == ["5 steps, 1 counts", "1 rows", "1 rows", "1 rows", "0 rows"]
    traces = Traces(world.store.trace_db, clock)
    assert traces.find() == []
    traces.close()
    assert world.store.read(outgoing.listing) == []
    assert world.store.read(lambda db: value(db, "SELECT count(*) FROM accepted_event")) == 0


def test_links_to_profiles_end(served: World, clock: SetClock) -> None:
    """When their time is over, used or not."""
    account = people.get_account(served, "ann").id
    served.store.write_now(lambda db: profilelinks.add(db, clock, account, "ann@example.org", "secret", 600.0, 5))
    assert run(served, "end-links") == "0 rows"
    clock.advance(601)
    assert run(served, "end-links") == "1 rows"


def test_what_was_seen_of_domains_goes(served: World, clock: SetClock) -> None:
    """Where nobody writes to any more."""
    account = people.get_account(served, "ann").id
    served.store.write_now(lambda db: seen.note(db, [account], Seen(Domain("b.example"), True, "dane", True, clock.timestamp())))
    assert run(served, "prune-seen") == "0 rows"
    clock.advance(LIMITS.seen_age + 1)
    assert run(served, "prune-seen") == "1 rows"


def test_old_answers_and_codes_go(served: World, clock: SetClock) -> None:
    """Who may be answered again, and codes that no longer count."""
    account = people.get_account(served, "ann").id
    served.store.write_now(lambda db: vacations.remember(db, clock, account, 0, Address.parse("carl@else.example")))
    id = served.store.write_now(lambda db: forwards.add(db, clock, account, Address.parse("x@far.example"), True, "inbox", True, False))
    served.store.write_now(lambda db: forwards.set_code(db, clock, account, id, "x", 9.0))
    assert run(served, "prune-answers") == "0 rows, 0 rows"
    clock.advance(LIMITS.answer_again + 1)
    assert run(served, "prune-answers") == "1 rows, 1 rows"


def test_evidence_that_nobody_reported_goes(world: World, clock: SetClock) -> None:
    """Two days after its own."""
    policy = Policy(PolicyKind.NONE, Domain("b.example"))
    outcome = success(policy, Session(policy.domain, "mx.b.example"))
    world.store.write_now(lambda db: evidence.note(db, {(evidence.day_of(clock.timestamp()), outcome): 1}))
    world.config = replace(world.config, reports=Reports(tls=False))
    assert run(world, "plan-reports") == "0 reports, 0 rows too old"
    clock.advance(3 * 86_400.0)
    assert run(world, "plan-reports") == "0 reports, 1 rows too old"


def test_what_is_kept_teaches(served: World, clock: SetClock) -> None:
    """Everybody's read mail of a week ago."""
    for name in ("ann", "bob"):
        account = people.get_account(served, name).id
        message = deposit.file_in(served, account, b"Subject: hello\n\nhello\n", flags=Flags.SEEN).id
    clock.advance(LIMITS.kept_for + 1)

    assert run(served, "learn-kept") == "2 messages"
    assert run(served, "learn-kept") == "0 messages"
    assert served.store.read(lambda db: lessons.newest(db, [message]))[message].verdict == "good"


def test_lessons_that_were_replaced_go(served: World, clock: SetClock) -> None:
    """After their time, and once the reporter has learned them."""
    account = people.get_account(served, "ann").id
    for verdict in ("junk", "good"):
        served.store.write_now(lambda db, verdict=verdict: lessons.note(db, clock, account, {1: verdict}, "a test"))    # type: ignore[misc]
    clock.advance(LIMITS.lessons_age + 1)
    assert run(served, "prune-lessons") == "0 lessons, 0 rows"
    learned = Learned(served.store.learned_db, clock)
    while learning.advance(served, learned):
        pass
    learned.close()
    assert run(served, "prune-lessons") == "0 lessons, 1 rows"
    assert run(served, "prune-lessons") == "0 lessons, 0 rows"


def test_a_stop_ends_a_long_chore(world: World, clock: SetClock) -> None:
    """Between two slices a chore asks whether it is time to go."""
    for _ in range(upkeep.SLICE * 2 + 1):
        world.store.write_now(lambda db: events.insert_accepted(db, "s.1", [Record(Event.MAIL_FROM, 0.0, "s.1", "acceptor", {})]))
    said = upkeep.BY_KIND["prune-accepted"].work(world, lambda seconds: True)
    assert said == f"{upkeep.SLICE} rows"


def test_a_lost_bell_is_rung_again(world: World, clock: SetClock, rung: list[str]) -> None:
    """Mail that is due rings for delivery within a minute; mail that waits does not."""
    look = upkeep.EachMinute(world)
    look()
    queued(world)
    rung.clear()
    look()
    assert rung == ["delivery"]
    assert world.bell.waiting("delivery") == 1
    world.store.write_now(lambda db: queue.claim(db, clock, "b.example", ME, 1))
    rung.clear()
    look()
    assert rung == []
    clock.advance(LIMITS.lease + 1)
    look()
    assert rung == ["delivery"]
    world.bell.close()


def test_a_full_disk_is_told_once_an_hour(world: World, clock: SetClock, recorded: Recorded) -> None:
    """The operator hears of it before mail is refused, and is not flooded."""
    free = LIMITS.disk_low
    look = upkeep.EachMinute(world, free=lambda directory: free)
    look()
    assert recorded.records == []
    free -= 1
    for _ in range(60):
        look()
        clock.advance(60)
    look()
    assert [record.event for record in recorded.records] == [Event.DISK_LOW] * 2


def test_the_real_disk_is_asked(world: World, tmp_path: Path) -> None:
    """What statvfs says is what unprivileged users may still write."""
    facts = os.statvfs(tmp_path)
    assert upkeep._free_octets(tmp_path) == pytest.approx(facts.f_bavail * facts.f_frsize, rel=0.2)


def test_a_chore_that_may_fail_is_no_mistake_of_the_program(world: World, clock: SetClock, recorded: Recorded,
                                                           monkeypatch: pytest.MonkeyPatch) -> None:
    """What was foreseen (a busy database, a bad name) is told as a failed task alone."""
    upkeep.begin(world, ME)
    clock.advance(upkeep.DAY)
    due = upkeep.next_chore(world, ME)
    assert due is not None

    def busy(world: World, wait: upkeep.Wait) -> str:
        raise TemporaryError("the database is busy")

    monkeypatch.setitem(upkeep.BY_KIND, due.kind, replace(upkeep.BY_KIND[due.kind], work=busy))
    assert not upkeep.do(world, due, ME, never, asyncio.run)
    assert [record.event for record in recorded.records if record.event.level == "error"] == [Event.DUE_FAILED]
