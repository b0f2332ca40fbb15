"""Group commit: the only way anything is written to pillarbox.db.

Whoever wants to write hands over a change (a function of the connection) and the bodies
it refers to.  While one group is being synced to disk the next one gathers, so the cost
of a sync is shared by as many as arrive meanwhile, and a change that comes alone waits
for nobody.

Two things are done, each to one group at a time, and both at the same time:

    gather   write and sync the bodies side by side; move them into the day's folder;
             sync that folder once
    commit   take write.lock; BEGIN; each change in a savepoint of its own; COMMIT; give
             the lock back; sync the write-ahead log (see mta.store.wal); ring the doorbells
             that were touched; wake the callers

Two threads do whichever is to be done; for a change that comes alone one of them does
both.  Neither starts before the first write, and so not before a fork.  Bodies that come
while a group is being gathered are synced by helpers meanwhile.

Fairness between processes: SQLite's own waiting starves writers, a lock before BEGIN does
not.  A group holds it no longer than limits.write_slice; what is left goes on after
others had their turn.

Disk full: NoRoom to everybody concerned, nothing is half done, and the next group tries
afresh.  If a COMMIT fails in a way that leaves open whether it is on disk, the bodies
stay: a file that no row needs is swept after a day, a row without its file never exists.
"""
import asyncio
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import apsw

from mta.base.clock import Clock
from mta.base.errors import NoRoom, PillarboxError, TemporaryError
from mta.base.limits import LIMITS
from mta.store.bodies import NO_ROOM, Bodies, SpooledBody
from mta.store.connection import TROUBLE, Connection
from mta.store.disk import DISK, Disk
from mta.store.turn import Turn
from mta.store.wal import WORTH, Checkpointer, Log, settle

T = TypeVar("T")

#: Bodies of one group that are synced at the same time.
SIDE_BY_SIDE = 8


class Job:
    """One change on its way: what to do, and who waits for it."""

    __slots__ = ("bodies", "change", "done", "future", "loop", "problem", "result")

    def __init__(self, change: Callable[[Connection], Any], bodies: Sequence[SpooledBody]) -> None:
        self.change, self.bodies = change, bodies
        self.result: Any = None
        self.problem: BaseException | None = None
        self.loop: asyncio.AbstractEventLoop | None = None
        self.future: asyncio.Future[Any] | None = None
        self.done: threading.Event | None = None

    @property
    def given_up(self) -> bool:
        """True if the caller has been cancelled."""
        return self.future is not None and self.future.cancelled()

    def settle(self) -> None:
        """Tell the caller on the loop, unless it has gone."""
        if self.future is None or self.given_up:
            return
        if self.problem is not None:
            self.future.set_exception(self.problem)
        else:
            self.future.set_result(self.result)


class Committer:
    """The writer of one process; every method may be called from any thread."""

    def __init__(self, connect: Callable[[], Connection], lock: Path, bodies: Bodies, clock: Clock, ring: Callable[[str], None],
                 disk: Disk = DISK) -> None:
        self._connect, self._bodies, self._clock, self._ring, self._disk = connect, bodies, clock, ring, disk
        self._turn, self._checkpointer = Turn(lock), Checkpointer(connect, lock)
        self._checkpoint: Future[None] | None = None
        self._db: Connection | None = None
        self._log: Log | None = None
        self._doubt = False                     # a sync of the log failed
        self._syncers = ThreadPoolExecutor(SIDE_BY_SIDE, "sync")
        self._threads: list[threading.Thread] = []
        # All below is guarded by the lock of _news, which is notified when there is more to do.
        self._news = threading.Condition(threading.Lock())
        self._waiting: deque[Job] = deque()     # their folder has to be synced, perhaps their bodies too
        self._ready: deque[Job] = deque()       # may be committed
        self._gathering = self._committing = False
        self._ahead = 0                         # jobs whose bodies are being synced before they wait
        self._closing = False

    async def run(self, change: Callable[[Connection], T], bodies: Sequence[SpooledBody] = ()) -> T:
        """See Store.write."""
        job = Job(change, bodies)
        job.loop = asyncio.get_running_loop()
        job.future = job.loop.create_future()
        self._enqueue(job)
        return await job.future    # type: ignore[no-any-return]  # the job's result is the change's

    def run_now(self, change: Callable[[Connection], T], bodies: Sequence[SpooledBody] = ()) -> T:
        """See Store.write_now."""
        job = Job(change, bodies)
        job.done = threading.Event()
        self._enqueue(job)
        job.done.wait()
        if job.problem is not None:
            raise job.problem
        return job.result    # type: ignore[no-any-return]  # the job's result is the change's

    def keep_ahead(self, bodies: Sequence[SpooledBody]) -> None:
        """See Store.keep_ahead."""
        for body, done in [(body, self._syncers.submit(self._bodies.keep, body)) for body in bodies if not body.kept]:
            try:
                done.result()
            except Exception as problem:
                raise _explain(problem) from problem
            assert body.kept

    def close(self) -> None:
        """Finish what waits, then end the threads."""
        with self._news:
            self._closing = True
            self._news.notify_all()
        for thread in self._threads:
            thread.join()
        self._threads.clear()
        self._syncers.shutdown()
        self._disconnect()
        self._checkpointer.close()
        self._turn.close()

    def _enqueue(self, job: Job) -> None:
        if threading.current_thread() in self._threads:
            raise RuntimeError("a change cannot wait for another one")
        with self._news:
            if self._closing:
                raise TemporaryError("the store is closed")
            if not self._threads:
                self._threads = [threading.Thread(target=self._serve, name=f"commit-{number}", daemon=True) for number in (1, 2)]
                for thread in self._threads:
                    thread.start()
            if job.bodies and self._gathering:
                self._ahead += 1
                self._syncers.submit(self._keep_ahead, job)
                return
            (self._waiting if job.bodies else self._ready).append(job)
            self._news.notify()

    def _serve(self) -> None:
        """What each of the two threads does: commit what is ready, else gather what waits, else sleep."""
        while True:
            with self._news:
                while not (commit := bool(self._ready) and not self._committing) and not (self._waiting and not self._gathering):
                    if self._closing and not (self._ready or self._waiting or self._ahead or self._gathering):
                        return
                    self._news.wait()
                if commit:
                    jobs, self._ready, self._committing = self._ready, deque(), True
                else:
                    jobs, self._waiting, self._gathering = self._waiting, deque(), True
            if commit:
                self._commit(jobs)
            else:
                jobs = self._gather(jobs)
            with self._news:
                if commit:
                    self._committing = False
                else:
                    self._ready += jobs
                    self._gathering = False
                if self._closing:
                    self._news.notify_all()

    # --- bodies ------------------------------------------------------------------------------

    def _gather(self, jobs: deque[Job]) -> deque[Job]:
        """Bring all bodies of the group to disk; jobs whose body failed are settled at once."""
        wanted = [job for job in jobs if not job.given_up]
        for job in jobs:
            if job.given_up:
                _discard(job)
        keeping = [job for job in wanted if job.bodies and job.problem is None]
        if keeping:
            # Those that came while another group was gathered are synced already.  Of the
            # others the first is done in this thread: one that comes alone needs no other.
            still = [job for job in keeping if not job.bodies[-1].kept]
            others = [self._syncers.submit(self._keep, job) for job in still[1:]]
            for job in still[:1]:
                self._keep(job)
            for other in others:
                other.result()
            self._sync_folders(keeping)
        failed = [job for job in wanted if job.problem is not None]
        if failed:
            for job in failed:
                _discard(job)
            _wake(failed)
        return deque(job for job in wanted if job.problem is None)

    def _keep_ahead(self, job: Job) -> None:
        self._keep(job)
        with self._news:
            self._ahead -= 1
            self._waiting.append(job)
            self._news.notify()

    def _keep(self, job: Job) -> None:
        try:
            for body in job.bodies:
                if not body.kept:
                    self._bodies.keep(body)
        except Exception as problem:
            job.problem = _explain(problem)

    def _sync_folders(self, jobs: list[Job]) -> None:
        try:
            for folder in {body.folder for job in jobs if job.problem is None for body in job.bodies}:
                self._bodies.sync_folder(folder)
        except Exception as problem:
            for job in jobs:
                job.problem = job.problem or _explain(problem)

    # --- rows --------------------------------------------------------------------------------

    def _commit(self, jobs: deque[Job]) -> None:
        """Run and commit all jobs, in as many transactions as their slices need."""
        while jobs:
            group: list[Job] = []
            certain = True      # nothing of the group can be on disk
            try:
                with self._turn:
                    db, log = self._open()
                    self._fill(db, jobs, group)
                    certain = False
                    db.execute("COMMIT")
            except Exception as problem:
                if not group:
                    group.extend(jobs)
                    jobs.clear()
                # After SQLITE_FULL the last page, which would make it a commit, was not written.
                self._undo(group, problem, certain or isinstance(problem, apsw.FullError))
            else:
                self._secure(db, log, group)
            _wake(group)
        self._keep_log_short()

    def _open(self) -> tuple[Connection, Log]:
        if self._db is None or self._log is None:
            self._db = self._connect()
            self._log = Log(self._db, self._disk)
        if self._doubt:
            settle(self._db)
            self._doubt = False
        return self._db, self._log

    def _fill(self, db: Connection, jobs: deque[Job], group: list[Job]) -> None:
        """Begin a transaction and run as many jobs as a slice holds; they are moved from jobs to group."""
        started = self._clock.monotonic()
        db.touched.clear()
        db.execute("BEGIN IMMEDIATE")
        while jobs:
            job = jobs.popleft()
            if job.given_up:
                _discard(job)
                continue
            group.append(job)
            self._attempt(db, job)
            if self._clock.monotonic() - started > LIMITS.write_slice / 2:
                break

    def _attempt(self, db: Connection, job: Job) -> None:
        db.execute("SAVEPOINT one")
        try:
            job.result = job.change(db)
        except BaseException as problem:    # whatever it is, it is the caller's and must not end this thread
            if not db.in_transaction:
                raise    # SQLite itself gave up the whole transaction (disk full, I/O error)
            db.execute("ROLLBACK TO one")
            db.execute("RELEASE one")
            job.problem = _explain(problem) if isinstance(problem, (*TROUBLE, StopIteration)) else problem
            _discard(job)
        else:
            db.execute("RELEASE one")

    def _undo(self, group: list[Job], problem: Exception, certain: bool) -> None:
        """A transaction failed as a whole: its jobs hear of it, the next one starts with a fresh connection."""
        self._disconnect()
        for job in group:
            if job.problem is None:     # one that failed by itself keeps its own reason
                job.problem = _explain(problem)
                if certain:
                    _discard(job)

    def _secure(self, db: Connection, log: Log, group: list[Job]) -> None:
        """Bring a committed transaction to disk, then ring for it."""
        touched = set(db.touched)
        try:
            log.sync()
        except OSError as problem:
            # Visible, but perhaps not on disk: the callers must not count on it, the
            # bodies must stay, and nothing is committed before that is settled.
            self._doubt = True
            self._disconnect()
            for job in group:
                job.problem = job.problem or _explain(problem)
        for role in touched:
            with suppress(OSError):     # its doorbell is gone; it will look by itself
                self._ring(role)
        for job in group:
            if job.problem is None:
                for body in job.bodies:
                    if not body.inserted:
                        body.discard()

    def _disconnect(self) -> None:
        db, log, self._db, self._log = self._db, self._log, None, None
        if log is not None:
            log.close()
        if db is not None:
            db.close(True)

    def _keep_log_short(self) -> None:
        if self._db is not None and self._db.log_pages >= WORTH and (self._checkpoint is None or self._checkpoint.done()):
            self._db.log_pages = 0
            self._checkpoint = self._syncers.submit(self._checkpointer.run)


def _discard(job: Job) -> None:
    """Remove the bodies of a job that certainly has no rows."""
    for body in job.bodies:
        body.discard()


def _wake(jobs: Sequence[Job]) -> None:
    """Tell all callers; one call into each loop."""
    by_loop: dict[asyncio.AbstractEventLoop, list[Job]] = {}
    for job in jobs:
        if job.loop is not None:
            by_loop.setdefault(job.loop, []).append(job)
        elif job.done is not None:
            job.done.set()
    for loop, theirs in by_loop.items():
        with suppress(RuntimeError):    # the loop has ended; nobody waits there any more
            loop.call_soon_threadsafe(_settle, theirs)


def _settle(jobs: Sequence[Job]) -> None:
    for job in jobs:
        job.settle()


def _explain(problem: BaseException) -> PillarboxError:
    """The problem as callers know it: NoRoom or TemporaryError."""
    if isinstance(problem, PillarboxError):
        return problem
    if isinstance(problem, apsw.FullError) or (isinstance(problem, OSError) and problem.errno in NO_ROOM):
        return NoRoom(f"the disk is full: {problem}")
    return TemporaryError(f"nothing was changed, since the store cannot be written now ({problem}); try again later")
