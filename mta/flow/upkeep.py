"""What has to be done from time to time, without cron: one table, worked off by the reporter.

A chore is a row of mta.store.schedule, so one that was missed while the server was down
is done once on return, and never by two at once.  Chores do their work in slices that
hold no lock for long.  Things that only look and cost nothing are done each minute
without a row (each_minute()).

Chores run in threads and may block; those that ask the network are coroutines, which the
role runs on a loop of its own (Finish).
"""
import os
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from mta.base.clock import Clock
from mta.base.errors import PillarboxError, origin
from mta.base.events import Event
from mta.base.limits import LIMITS
from mta.flow import (
    alarm,
    backups,
    blocklists,
    certificates,
    freezing,
    importing,
    nightly,
    people,
    policies,
    rejects,
    reportout,
    rotation,
    teaching,
    traffic,
)
from mta.flow.world import World
from mta.store import (
    accounts,
    audit,
    bodies,
    changes,
    credentials,
    delayed,
    deleted,
    destinations,
    events,
    forwards,
    imports,
    leases,
    lessons,
    outgoing,
    profilelinks,
    pushes,
    queue,
    received,
    schedule,
    seen,
    sentreports,
    signins,
    vacations,
)
from mta.store import traffic as traffic_rows
from mta.store.connection import Connection
from mta.store.counts import Counts
from mta.store.events import Traces
from mta.store.learned import Learned
from mta.store.schedule import Due

MINUTE, HOUR, DAY = 60.0, 3_600.0, 86_400.0
#: Rows that go in one write transaction.
SLICE: Final = 200
#: Slices of one run; what is left goes with the next.
SLICES: Final = 2_000

Wait = Callable[[float], bool]
#: Runs a coroutine to its end, from a thread.
Finish = Callable[[Coroutine[Any, Any, str]], str]


@dataclass(frozen=True, slots=True)
class Chore:
    """Something to be done every so many seconds; work says in a word what it did, and stops when wait() is true.

    following gives the next time (seconds since 1970) where that is not just later by every.
    long: it may take hours, and is done beside the others.
    """

    kind: str
    every: float
    work: Callable[[World, Wait], str | Coroutine[Any, Any, str]]
    following: Callable[[World], float] | None = None
    long: bool = False


def sweep_bodies(world: World, wait: Wait) -> str:
    """Content files that no message and nothing in the queue needs."""
    files, octets = bodies.sweep(world.store)
    if files:
        world.journal.note(Event.SWEPT, files=files, octets=octets)
    return f"{files} files, {octets} octets"


def prune_traces(world: World, wait: Wait) -> str:
    """Events of sessions, and counts of strangers."""
    traces, counts = Traces(world.store.trace_db, world.clock), Counts(world.store.trace_db, world.clock)
    try:
        return f"{_slices(world, 'trace', traces.prune, wait)} steps, {_slices(world, 'rate', counts.prune, wait)} counts"
    finally:
        traces.close()
        counts.close()


def prune_accepted(world: World, wait: Wait) -> str:
    """Events of accepted mail, which are kept with the mail."""
    return _pruned(world, wait, "accepted_event", lambda db: events.prune_accepted(db, world.clock, LIMITS.trace_age, SLICE))


def prune_outgoing(world: World, wait: Wait) -> str:
    """History of outgoing mail, and what was counted for limits."""
    return _pruned(world, wait, "outgoing", lambda db: outgoing.prune(db, world.clock, LIMITS.outgoing_age, SLICE))


def prune_answers(world: World, wait: Wait) -> str:
    """Whom accounts answered by themselves so long ago that they may again, and codes that no longer count."""
    return ", ".join((
        _pruned(world, wait, "automatic_answer", lambda db: vacations.prune(db, world.clock, LIMITS.answer_again, SLICE)),
        _pruned(world, wait, "forward_code", lambda db: forwards.prune(db, world.clock, SLICE))))


def prune_delayed(world: World, wait: Wait) -> str:
    """Drafts of mail that waited for its time, and has gone."""
    return _pruned(world, wait, "delayed_mail", lambda db: delayed.prune(db, world.clock, SLICE))


def prune_destinations(world: World, wait: Wait) -> str:
    """How mail did at destinations, and how much came in, long ago."""
    old = _pruned(world, wait, "traffic", lambda db: traffic_rows.prune(db, world.clock, SLICE))
    days = LIMITS.destination_days
    return _pruned(world, wait, "destination_count", lambda db: destinations.prune(db, world.clock, days, SLICE)) + f", {old} of traffic"


def count_traffic(world: World, wait: Wait) -> str:
    """How much came in during the hours that are over."""
    return traffic.count(world)


def rotate_keys(world: World, wait: Wait) -> Coroutine[Any, Any, str]:
    """DKIM keys that are being changed: whether the DNS has the new ones everywhere."""
    return rotation.advance_all(world)


def prune_seen(world: World, wait: Wait) -> str:
    """How mail was seen to travel to domains that nobody writes to any more."""
    return _pruned(world, wait, "recipient_tls",
                   lambda db: seen.prune(db, world.clock, LIMITS.seen_age, LIMITS.seen_domains, SLICE))


def prune_changes(world: World, wait: Wait) -> str:
    """The change log of each account."""
    gone = 0
    for account in world.store.read(accounts.all):
        gone += _slices(world, "change", lambda id=account.id: world.store.write_now(
            lambda db: changes.prune(db, world.clock, id, SLICE)), wait)    # type: ignore[misc]  # a lambda with a default
    return f"{gone} rows"


def learn_kept(world: World, wait: Wait) -> str:
    """What was read and left in the Inbox teaches the junk filter what good mail is."""
    done = sum(_repeated(partial(teaching.kept, world, account, SLICE), wait) for account in teaching.all_accounts(world))
    return f"{done} messages"


def prune_lessons(world: World, wait: Wait) -> str:
    """Lessons that are too many, and those that others replaced."""
    old = sum(_repeated(partial(teaching.forget, world, account, SLICE), wait) for account in teaching.all_accounts(world))
    learned = Learned(world.store.learned_db, world.clock)
    try:
        position = learned.position()
    finally:
        learned.close()
    before = world.clock.timestamp() - LIMITS.lessons_age
    return f"{old} lessons, " + _pruned(world, wait, "lesson", lambda db: lessons.forget_replaced(db, before, position, SLICE))


def prune_rejects(world: World, wait: Wait) -> str:
    """Mail that was refused for now and is old."""
    return f"{_slices(world, 'rejects', lambda: rejects.prune(world, SLICE), wait)} messages"


def prune_received(world: World, wait: Wait) -> str:
    """Reports of others that are old or too many, with the mail that brought them."""
    age = world.config.reports.keep_days * DAY
    return _pruned(world, wait, "received_report", lambda db: received.prune(
        db, world.clock, age, LIMITS.received_rows, LIMITS.received_failures))


def watch_blocklists(world: World, wait: Wait) -> Coroutine[Any, Any, str]:
    """Whether the DNS block lists work."""
    return blocklists.watch(world)


def plan_reports(world: World, wait: Wait) -> str:
    """Reports to others whose time has come."""
    return reportout.plan(world)


def send_reports(world: World, wait: Wait) -> Coroutine[Any, Any, str]:
    """Reports to others that are due."""
    return reportout.send_due(world, lambda: wait(0.0))


def prune_reports(world: World, wait: Wait) -> str:
    """What became of reports long ago, and addresses that may have them again."""
    return _pruned(world, wait, "sent_report", lambda db: sentreports.prune(db, world.clock, LIMITS.outgoing_age, SLICE))


def renew_policies(world: World, wait: Wait) -> Coroutine[Any, Any, str]:
    """MTA-STS policies of other domains that mail goes to."""
    return policies.renew_due(world)


def watch_certificates(world: World, wait: Wait) -> Coroutine[Any, Any, str]:
    """Whether certificates are to be renewed, or in danger."""
    return alarm.watch(world)


def check_dns(world: World, wait: Wait) -> Coroutine[Any, Any, str]:
    """Whether the DNS of our domains is as it should be."""
    return nightly.run(world)


def end_sessions(world: World, wait: Wait) -> str:
    """Web sessions that have run out."""
    return _pruned(world, wait, "web_session", lambda db: credentials.expire_sessions(db, world.clock))


def sweep_imports(world: World, wait: Wait) -> str:
    """Uploads for imports that nobody went on with, and files of those that are over."""
    return importing.sweep(world)


def end_links(world: World, wait: Wait) -> str:
    """Links to profiles that nobody used in time."""
    return _pruned(world, wait, "profile_link", lambda db: profilelinks.expire(db, world.clock))


def forget_deleted(world: World, wait: Wait) -> str:
    """Messages and accounts that were removed long ago, or are more than quotas allow."""
    clock, age = world.clock, LIMITS.deleted_age
    old = _pruned(world, wait, "deleted_message", lambda db: deleted.prune(db, clock, age, SLICE))
    surplus = _pruned(world, wait, "deleted_message", lambda db: deleted.trim(db, SLICE))
    return f"{old}, {surplus} beyond quotas, {people.forget_removed(world)} accounts"


def make_backup(world: World, wait: Wait) -> str:
    """A copy of everything."""
    return backups.daily(world, wait)


def try_backup(world: World, wait: Wait) -> str:
    """Whether the newest backup can be restored."""
    return backups.weekly(world, wait)


def watch_sending(world: World, wait: Wait) -> str:
    """Whether what an account sends is unlike it."""
    return freezing.watch(world)


def prune_sign_ins(world: World, wait: Wait) -> str:
    """Who signed in long ago, and guesses that are too many."""
    return f"{_slices(world, 'sign_in', lambda: signins.prune_file(world.store, SLICE), wait)} rows"


def prune_audit(world: World, wait: Wait) -> str:
    """What was changed long ago."""
    return _pruned(world, wait, "audit", lambda db: audit.prune(db, world.clock, SLICE))


#: Everything that is done on the clock.
CHORES: Final = (
    Chore("watch-blocklists", blocklists.EXAMINED_EVERY, watch_blocklists),
    Chore("renew-policies", HOUR, renew_policies),
    Chore("watch-certificates", alarm.EVERY, watch_certificates),
    Chore("check-dns", DAY, check_dns, nightly.following),
    Chore("sweep-bodies", HOUR, sweep_bodies),
    Chore("prune-traces", HOUR, prune_traces),
    Chore("prune-accepted", HOUR, prune_accepted),
    Chore("end-sessions", HOUR, end_sessions),
    Chore("watch-sending", MINUTE, watch_sending),
    Chore("prune-sign-ins", HOUR, prune_sign_ins),
    Chore("prune-audit", DAY, prune_audit),
    Chore("end-links", HOUR, end_links),
    Chore("sweep-imports", HOUR, sweep_imports),
    Chore("prune-rejects", HOUR, prune_rejects),
    Chore(reportout.PLANNING, HOUR, plan_reports, reportout.following_plan),
    Chore(reportout.SENDING, HOUR, send_reports, reportout.following_send),
    Chore("prune-reports", DAY, prune_reports),
    Chore("prune-received", DAY, prune_received),
    Chore("prune-outgoing", DAY, prune_outgoing),
    Chore("prune-destinations", DAY, prune_destinations),
    Chore("count-traffic", HOUR, count_traffic),
    Chore("rotate-keys", rotation.EVERY, rotate_keys),
    Chore("prune-seen", DAY, prune_seen),
    Chore("prune-answers", DAY, prune_answers),
    Chore("prune-delayed", HOUR, prune_delayed),
    Chore("prune-changes", DAY, prune_changes),
    Chore("learn-kept", DAY, learn_kept),
    Chore("prune-lessons", DAY, prune_lessons),
    Chore("forget-deleted", HOUR, forget_deleted),
    Chore(backups.MAKING, DAY, make_backup, backups.following_day, long=True),
    Chore(backups.TRYING, backups.WEEK, try_backup, long=True),
)
BY_KIND: Final = {chore.kind: chore for chore in CHORES}


def begin(world: World, owner: str) -> None:
    """Give back what dead predecessors of owner held, and make sure that every chore has its row.

    New ones are due within some minutes, one after another; block lists that are new in the
    configuration are examined at once, and certificates that it wants are asked for.
    """
    start = world.clock.timestamp() + MINUTE
    unexamined, lacking = blocklists.unexamined(world), certificates.due(world)

    def change(db: Connection) -> None:
        schedule.release_all(db, leases.role_of(owner))
        imports.release_all(db, leases.role_of(owner))
        pushes.release_all(db, leases.role_of(owner))
        for number, chore in enumerate(CHORES):
            schedule.plan(db, chore.kind, start + number * MINUTE if not chore.following or not chore.long else chore.following(world))
        if unexamined:
            schedule.bring_forward(db, world.clock, "watch-blocklists")
        if lacking:
            schedule.bring_forward(db, world.clock, "watch-certificates")
    world.store.write_now(change)


def next_chore(world: World, owner: str, *, long: bool = False) -> Due | None:
    """Claim the chore that is longest due, of the long ones or the others, or None; run it with do()."""
    due = world.store.read(schedule.next_due)
    if due is None or due > world.clock.timestamp():
        return None    # the usual answer, without a write
    found = world.store.write_now(lambda db: schedule.claim(db, world.clock, owner, kinds=[one.kind for one in CHORES if one.long is long]))
    return found[0] if found else None


def do(world: World, due: Due, owner: str, wait: Wait, finish: Finish) -> bool:
    """Run a claimed chore and plan its next time; False if it failed (it is tried again, with growing pauses).

    wait(seconds) pauses between slices, and is true when the role is to stop.
    """
    chore = BY_KIND[due.kind]
    began, clock = world.clock.monotonic(), world.clock
    try:
        work = chore.work(world, wait)
        said = work if isinstance(work, str) else finish(work)
    except Exception as problem:    # a chore that fails must not end the others
        told = f"{type(problem).__name__}: {problem}"
        world.journal.note(Event.DUE_FAILED, kind=due.kind, problem=told)
        if not isinstance(problem, PillarboxError):
            world.journal.note(Event.UNEXPECTED, where=f"{origin(problem)} chore {due.kind}", problem=told)
        again = clock.timestamp() + min(chore.every, MINUTE * 2.0 ** min(due.failures, 10))
        said = str(problem)
        world.store.write_now(lambda db: schedule.failed(db, due.kind, due.subject, owner, again, said))
        return False
    following = chore.following(world) if chore.following else clock.timestamp() + chore.every
    world.store.write_now(lambda db: schedule.done(db, clock, due.kind, due.subject, owner, following, said))
    world.journal.note(Event.DUE_DONE, kind=due.kind, seconds=clock.monotonic() - began)
    return True


class EachMinute:
    """What is looked at every minute: mail that is due and whose bell was lost, room on the disk."""

    def __init__(self, world: World, *, free: Callable[[Path], int] | None = None) -> None:
        self._world = world
        self._free = free or _free_octets
        self._complained = -DAY

    def __call__(self) -> None:
        """Look."""
        self._ring_for_what_is_due(self._world.clock)
        self._follow_the_clock(self._world.clock.timestamp())
        self._stamp_deleted(self._world.clock)
        self._watch_disk(self._world.clock)

    def _ring_for_what_is_due(self, clock: Clock) -> None:
        due = self._world.store.read(queue.next_due)
        if due is not None and due <= clock.timestamp():
            self._world.bell.ring("delivery", "queue")

    def _follow_the_clock(self, now: float) -> None:
        """What is planned later than can be was planned by a clock that has been set back since: it is due."""
        ahead = [row for row in self._world.store.read(schedule.listing)
                 if row.kind in BY_KIND and row.due > now + BY_KIND[row.kind].every + HOUR]
        for row in ahead:
            self._world.store.write_now(lambda db, row=row: schedule.bring_forward(db, self._world.clock, row.kind, row.subject))    # type: ignore[misc]

    def _stamp_deleted(self, clock: Clock) -> None:
        while self._world.store.read(deleted.unstamped):
            self._world.store.write_now(lambda db: deleted.stamp(db, clock, SLICE))

    def _watch_disk(self, clock: Clock) -> None:
        free = self._free(self._world.store.directory)
        if free < LIMITS.disk_low and clock.monotonic() - self._complained >= HOUR:
            self._complained = clock.monotonic()
            self._world.journal.note(Event.DISK_LOW, free=free, wanted=LIMITS.disk_low)


def _free_octets(directory: Path) -> int:
    facts = os.statvfs(directory)
    return facts.f_bavail * facts.f_frsize


def _pruned(world: World, wait: Wait, what: str, change: Callable[[Connection], int]) -> str:
    return f"{_slices(world, what, lambda: world.store.write_now(change), wait)} rows"


def _slices(world: World, what: str, work: Callable[[], int], wait: Wait) -> int:
    """_repeated() for what is removed, which is noted."""
    done = _repeated(work, wait)
    if done:
        world.journal.note(Event.PRUNED, what=what, rows=done)
    return done


def _repeated(work: Callable[[], int], wait: Wait) -> int:
    """work() until it finds nothing more to do, with a breath between slices; how much it did."""
    done = 0
    for _ in range(SLICES):
        step = work()
        done += step
        if not step or wait(0.02):
            break
    return done
