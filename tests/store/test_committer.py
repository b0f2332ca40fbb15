"""Group commit: what is promised to a caller, alone and in a crowd."""
import asyncio
import errno
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import apsw
import pytest

from mta.base.clock import SetClock
from mta.base.errors import NoRoom, TemporaryError
from mta.store import bodies
from mta.store.bodies import KEPT
from mta.store.connection import Connection, value
from mta.store.database import Store
from mta.store.disk import Disk
from mta.store.migrate import prepare
from mta.store.turn import Turn
from mta.store.verify import problems
from tests.store.population import add_account, deliver, mailbox, spool


class Watched:
    """A disk that notes what is synced, by path, and does what a test wants before."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.before: Callable[[str], None] = lambda path: None

    @property
    def disk(self) -> Disk:
        """This disk as a store takes it."""
        return Disk(write=self.write, data=self.data, names=self.names)

    def write(self, file: int, data: bytes | memoryview) -> int:
        self.before("write")
        return os.write(file, data)

    def data(self, file: int) -> None:
        self._sync(file, os.fdatasync)

    def names(self, file: int) -> None:
        self._sync(file, os.fsync)

    def _sync(self, file: int, sync: Callable[[int], None]) -> None:
        path = os.readlink(f"/proc/self/fd/{file}")
        self.before(path)
        sync(file)
        self.done.append(path)

    def commits(self) -> int:
        """How often the write-ahead log was synced."""
        return sum(path.endswith("-wal") for path in self.done)


@pytest.fixture
def watched() -> Watched:
    """What the disk of `slow` does."""
    return Watched()


@pytest.fixture
def slow(tmp_path: Path, clock: SetClock, rung: list[str], watched: Watched) -> Iterator[Store]:
    """A store on a watched disk."""
    prepare(tmp_path / "slow", clock)
    store = Store.open(tmp_path / "slow", clock, ring=rung.append, disk=watched.disk)
    yield store
    assert problems(store) == []
    store.close()


def put(name: str) -> Callable[[Connection], str]:
    """A change that leaves a trace and returns its name."""
    def change(db: Connection) -> str:
        db.execute("INSERT INTO setting VALUES (?, 1)", (name,))
        db.touched.add("web")
        return name
    return change


def there(store: Store) -> set[str]:
    """The traces of put()."""
    return store.read(lambda db: {row[0] for row in db.execute("SELECT name FROM setting WHERE value = 1")})


async def test_results_and_exceptions_come_back(store: Store, rung: list[str]) -> None:
    """Each caller gets what its own change returned or raised; one that raised leaves nothing."""
    def spoil(db: Connection) -> None:
        put("spoiled")(db)
        raise LookupError("no")

    answers = await asyncio.gather(
        store.write(put("a")), store.write(spoil), store.write(put("b")), return_exceptions=True)

    assert answers[0] == "a"
    assert isinstance(answers[1], LookupError)
    assert answers[2] == "b"
    assert there(store) == {"a", "b"}
    assert set(rung) == {"web"}


async def test_a_change_may_raise_anything(store: Store) -> None:
    """Not even StopIteration or SystemExit ends the committer."""
    def stop(db: Connection) -> object:
        return next(iter(()))

    def leave(db: Connection) -> None:
        raise SystemExit

    with pytest.raises(TemporaryError):
        await store.write(stop)
    with pytest.raises(SystemExit):
        store.write_now(leave)
    assert await store.write(put("after")) == "after"


async def test_a_change_cannot_wait_for_another(store: Store) -> None:
    """Writing from within a change would wait for itself; it is refused."""
    with pytest.raises(RuntimeError):
        await store.write(lambda db: store.write_now(put("inner")))


def test_the_order_on_disk(slow: Store, watched: Watched, rung: list[str]) -> None:
    """Body synced, folder synced, log synced; only then the doorbell and the caller."""
    slow.write_now(put("warm"))
    watched.done.clear()
    rung.clear()
    watched.before = lambda path: rung.append("too early") if "web" in rung else None
    body = spool(slow, b"x")

    def change(db: Connection) -> None:
        db.touched.add("web")
        bodies.insert(db, body)

    slow.write_now(change, [body])

    mail = slow.bodies.root
    assert watched.done == [str(path) for path in (body.temporary, mail, mail / body.folder, slow.mail_db.with_name("pillarbox.db-wal"))]
    assert rung == ["web"]


async def test_a_group_shares_its_syncs(slow: Store, watched: Watched) -> None:
    """What comes while one commit is on its way to disk is committed together."""
    gate, reached = threading.Event(), threading.Event()

    def wait(path: str) -> None:
        reached.set()
        assert gate.wait(10)

    watched.before = wait
    first = asyncio.ensure_future(slow.write(put("first")))
    await asyncio.to_thread(reached.wait)
    others = [asyncio.ensure_future(slow.write(put(f"other {number}"))) for number in range(20)]
    await asyncio.sleep(0)
    assert not first.done()
    gate.set()
    await asyncio.gather(first, *others)

    assert watched.commits() == 2


async def test_bodies_that_come_meanwhile_are_synced_meanwhile(slow: Store, watched: Watched) -> None:
    """While the folder of the first is being synced the bodies of the others are; they then share their folder's sync."""
    day = slow.bodies.root / "2030-01-01"
    spooled = [spool(slow, b"x") for _ in range(6)]
    overlapped: list[int] = []

    def wait(path: str) -> None:
        if path == str(day) and not overlapped:
            for _ in range(1_000):
                if len(list(day.iterdir())) == 6:
                    break
                threading.Event().wait(0.01)
            overlapped.append(len(list(day.iterdir())))

    watched.before = wait
    await asyncio.gather(*(slow.write(partial(bodies.insert, spooled=body), [body]) for body in spooled))

    assert overlapped == [6]
    assert watched.done.count(str(day)) <= 4
    assert watched.commits() <= 4


class Hurried(SetClock):
    """A clock on which every look takes 20 ms."""

    def monotonic(self) -> float:
        self.advance(0.02)
        return super().monotonic()


def test_no_transaction_is_longer_than_a_slice(tmp_path: Path, watched: Watched) -> None:
    """Changes that take long are committed in several transactions, so that others get their turn between."""
    clock = Hurried()
    prepare(tmp_path, clock)
    store = Store.open(tmp_path, clock, disk=watched.disk)
    turn = Turn(tmp_path / "write.lock")
    with turn:
        threads = [threading.Thread(target=store.write_now, args=(put(str(number)),)) for number in range(8)]
        for thread in threads:
            thread.start()
    for thread in threads:
        thread.join()

    assert len(there(store)) == 8
    assert watched.commits() >= 4
    store.close()
    turn.close()


# --- cancelled callers -----------------------------------------------------------------------------


async def test_a_caller_that_left_early_is_not_served(store: Store) -> None:
    """A change whose caller was cancelled before its turn does not run, and its body is gone."""
    body = spool(store, b"x" * (KEPT + 1))
    turn = Turn(store.directory / "write.lock")
    await store.write(put("warm"))
    with turn:
        taken = asyncio.ensure_future(store.write(put("taken")))
        late = asyncio.ensure_future(store.write(lambda db: bodies.insert(db, body), [body]))
        await asyncio.sleep(0)
        late.cancel()
        await asyncio.sleep(0)
    await taken
    with pytest.raises(asyncio.CancelledError):
        await late
    after = spool(store, b"y")
    await store.write(lambda db: bodies.insert(db, after), [after])

    assert store.read(lambda db: list(db.execute("SELECT name FROM body"))) == [(after.name,)]
    assert [path for path in store.bodies.root.rglob("*") if path.is_file()] == [store.bodies.path(after.name)]
    turn.close()


async def test_a_caller_that_left_in_the_commit_changes_nothing(slow: Store, watched: Watched) -> None:
    """Once the change runs it is completed, whether the caller waits or not."""
    body = spool(slow, b"x")
    running, gate = threading.Event(), threading.Event()

    def change(db: Connection) -> None:
        running.set()
        assert gate.wait(10)
        bodies.insert(db, body)

    task = asyncio.ensure_future(slow.write(change, [body]))
    await asyncio.to_thread(running.wait)
    task.cancel()
    gate.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    await slow.write(put("after"))

    assert slow.bodies.read(body.name) == b"x"
    assert slow.read(lambda db: value(db, "SELECT count(*) FROM body")) == 1


async def test_close_finishes_what_waits(tmp_path: Path, clock: SetClock) -> None:
    """Nothing that was handed over is forgotten by close()."""
    prepare(tmp_path, clock)
    store = Store.open(tmp_path, clock)
    body = spool(store, b"x")
    turn = Turn(tmp_path / "write.lock")
    with turn:
        tasks = [asyncio.create_task(store.write(put(str(number)))) for number in range(5)]
        tasks.append(asyncio.create_task(store.write(lambda db: str(bodies.insert(db, body)), [body])))
        await asyncio.sleep(0)
        closing = asyncio.create_task(asyncio.to_thread(store.close))
        await asyncio.sleep(0)
    await asyncio.gather(*tasks, closing)
    turn.close()
    again = Store.open(tmp_path, clock)

    assert len(there(again)) == 5
    assert again.bodies.read(body.name) == b"x"
    again.close()


# --- trouble with the disk ---------------------------------------------------------------------------


def refuse(code: int, where: str, times: int = 1) -> Callable[[str], None]:
    """Fail the first syncs or writes of a path that ends so."""
    left = [times]

    def before(path: str) -> None:
        if path.endswith(where) and left[0]:
            left[0] -= 1
            raise OSError(code, os.strerror(code))
    return before


@pytest.mark.parametrize(("code", "kind"), [(errno.ENOSPC, NoRoom), (errno.EFBIG, NoRoom), (errno.EIO, TemporaryError)])
@pytest.mark.parametrize("where", ["write", "2030-01-01", "/mail"])
def test_a_body_that_cannot_be_kept(slow: Store, watched: Watched, where: str, code: int, kind: type[Exception]) -> None:
    """Writing the body, syncing its folder or making it fails: no row, no file, and the next message is fine."""
    inbox = mailbox(slow, add_account(slow))
    watched.before = refuse(code, where)
    with pytest.raises(kind):
        deliver(slow, inbox)
    assert not [path for path in slow.bodies.root.rglob("*") if path.is_file() and path.parent.name != "tmp"]

    assert deliver(slow, inbox).uid == 1


def test_a_log_that_cannot_be_synced(slow: Store, watched: Watched) -> None:
    """The caller must not count on it; row and body agree; nothing is committed before the log starts anew."""
    inbox = mailbox(slow, add_account(slow))
    log = slow.mail_db.with_name("pillarbox.db-wal")
    sizes: list[int] = []
    failing = refuse(errno.EIO, "-wal")

    def before(path: str) -> None:
        if path == str(log):
            sizes.append(log.stat().st_size)
            failing(path)

    watched.before = before
    with pytest.raises(TemporaryError):
        deliver(slow, inbox)
    assert slow.read(lambda db: value(db, "SELECT count(*) FROM message")) == 1
    assert deliver(slow, inbox).uid == 2

    assert sizes[1] < sizes[0]
    assert slow.bodies.read(slow.read(lambda db: value(db, "SELECT name FROM body"))) == b"Subject: hello\r\n\r\nHello.\r\n"


def test_a_database_without_room(slow: Store) -> None:
    """SQLITE_FULL is NoRoom to the caller; afterwards everything works again."""
    def fill(db: Connection) -> None:
        pages = value(db, "PRAGMA page_count")
        db.execute(f"PRAGMA max_page_count={pages}").fetchall()
        try:
            db.execute("INSERT INTO setting VALUES ('large', zeroblob(1000000))")
        finally:
            db.execute("PRAGMA max_page_count=1000000000").fetchall()

    with pytest.raises(NoRoom):
        slow.write_now(fill)

    assert slow.write_now(put("after")) == "after"
    assert there(slow) == {"after"}


def test_a_foreign_program_that_holds_the_lock(store: Store) -> None:
    """Someone with sqlite3 open is waited for; then it is TemporaryError, and later it works."""
    store.write_now(put("before"))
    foreign = apsw.Connection(str(store.mail_db))
    foreign.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.2, foreign.execute, ("ROLLBACK",))
    release.start()
    assert store.write_now(put("after")) == "after"
    release.join()
    foreign.close()


FULL = """
import sys
from pathlib import Path
from mta.base.clock import SetClock
from mta.base.errors import NoRoom
from mta.store.database import Store
from mta.store.migrate import prepare
from mta.store.verify import problems
from tests.store.population import add_account, deliver, mailbox
directory, clock = Path(sys.argv[1]) / "data", SetClock()
prepare(directory, clock)
store = Store.open(directory, clock)
inbox, stored, refused = mailbox(store, add_account(store)), 0, 0
ballast = Path(sys.argv[1]) / "ballast"
ballast.write_bytes(bytes(300_000))
while refused < 20:
    try:
        deliver(store, inbox, b"x" * 20_000)
        stored += 1
    except NoRoom:
        refused += 1
ballast.unlink()
deliver(store, inbox, b"x" * 20_000)
assert problems(store) == [], problems(store)
store.close()
again = Store.open(directory, clock)
assert again.read(lambda db: next(db.execute("SELECT count(*) FROM message"))[0]) == stored + 1
again.close()
print("stored", stored)
"""


def test_a_real_full_disk(tmp_path: Path) -> None:
    """On a full file system everything is refused with NoRoom, and goes on without a restart once there is room."""
    script = f"mount -t tmpfs -o size=2m none {tmp_path} && exec {sys.executable} -c \"$0\" {tmp_path}"
    command = ["unshare", "-Urm", "--propagation", "private", "sh", "-c", script, FULL]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if "unshare" in answer.stderr or "mount" in answer.stderr:
        pytest.skip("no file system of our own to fill here")

    assert answer.stderr == ""
    assert int(answer.stdout.split()[1]) > 5


# --- crashes and other processes -------------------------------------------------------------------------


CRASH = """
import os, signal, sys
from pathlib import Path
from mta.base.clock import SetClock
from mta.store.database import Store
from mta.store.disk import Disk
from tests.store.population import deliver
left = int(sys.argv[2])
def die():
    global left
    left -= 1
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)
def write(file, data):
    die()
    return os.write(file, data)
def data(file):
    die()
    os.fdatasync(file)
def names(file):
    die()
    os.fsync(file)
store = Store.open(Path(sys.argv[1]), SetClock(), disk=Disk(write, data, names))
for number in range(3):
    deliver(store, 1, b"x" * 100_000 if number == 1 else b"x")
    print(number, flush=True)
"""


@pytest.mark.parametrize("at", range(1, 13))
def test_a_crash_at_any_point(store: Store, at: int) -> None:
    """Killed at any write or sync: what was acknowledged is there once, the rest once or not at all, none without its body."""
    add_account(store)
    child = subprocess.run([sys.executable, "-c", CRASH, str(store.directory), str(at)], capture_output=True, text=True, check=False)
    assert child.stderr == ""
    acknowledged = len(child.stdout.split())
    stored = store.read(lambda db: value(db, "SELECT count(*) FROM message"))

    assert acknowledged <= stored <= acknowledged + 1
    assert problems(store) == []


WRITER = """
import asyncio, sys
from pathlib import Path
from mta.base.clock import SystemClock
from mta.store import bodies, messages
from mta.store.database import Store
from tests.store.population import new, spool
who, number = sys.argv[2], int(sys.argv[3])
store = Store.open(Path(sys.argv[1]), SystemClock())
async def one(n):
    body = spool(store, b"x" * 500)
    await store.write(lambda db: messages.add(db, store.clock, new(store, 1, bodies.insert(db, body), body.size, trace=who)), [body])
async def several(lane):
    for n in range(number):
        await one(n)
async def main():
    print("ready", flush=True)
    sys.stdin.readline()
    await asyncio.gather(*(several(lane) for lane in range(5)))
asyncio.run(main())
store.close()
"""


def test_two_processes_write_side_by_side(store: Store) -> None:
    """Both come to their turn all the time, and every count is right in the end."""
    add_account(store)
    command = [sys.executable, "-c", WRITER, str(store.directory)]
    children = [subprocess.Popen([*command, who, "40"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for who in ("a", "b")]
    for child in children:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
    for child in children:
        child.communicate("go\n")
        assert child.returncode == 0
    order = store.read(lambda db: "".join(row[0] for row in db.execute(
        "SELECT trace FROM message JOIN message_detail ON message_id = id ORDER BY uid")))

    assert (order.count("a"), order.count("b")) == (200, 200)
