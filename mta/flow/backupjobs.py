"""Backups in the browser: look into one, have it compared, have mail of it brought back.

Work that takes long is a row (mta.store.backupjobs), done by the reporter one after the
other: it goes on after a restart, since neither comparing nor bringing back does harm if it
is done twice.  Only backups in the place that the configuration names can be chosen, by
their names.  One that is encrypted is opened where its key is: at the command line.
"""
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from mta.base.errors import Conflict, NotFound, PillarboxError, TemporaryError, UserError
from mta.base.events import Event
from mta.flow import backups, people, restoring
from mta.flow.restoring import Wanted
from mta.flow.world import World
from mta.store import accounts, archive, backupjobs, mailboxes, restore, schedule
from mta.store.archive import Backup
from mta.store.backupjobs import Job
from mta.store.connection import Connection
from mta.store.mailboxes import MailboxRow
from mta.store.messages import MessageRow

CHORE: Final = "backup-jobs"
#: Seconds between two signs of life, and between two tries of what somebody else's look into a backup held up.
SIGN, AGAIN = 1.0, 60.0
#: Jobs and messages that one list shows.
SHOWN, MESSAGES = 30, 2_000

Wait = Callable[[float], bool]


class StoppedError(PillarboxError):
    """Somebody stopped the job, or the role ends (halted)."""

    def __init__(self, halted: bool) -> None:
        super().__init__("stopped")
        self.halted = halted


@dataclass(frozen=True, slots=True)
class Inside:
    """An account in a backup; here says whether there is one of that name now."""

    name: str
    full_name: str
    messages: int
    size: int
    here: bool


def find(world: World, name: str) -> Backup:
    """A backup by its name.  NotFound, UserError if the configuration names no place."""
    place = backups.place(world.config)
    if not archive.NAME.fullmatch(name):
        raise NotFound(f"{name[:80]!r} is not the name of a backup; they are called like 2030-01-31T020000Z")
    if not (place / name).is_dir():
        raise NotFound(f"there is no backup {name} in {place}")
    return archive.read(place / name)


# --- looking -----------------------------------------------------------------------------------


def inside(world: World, name: str) -> list[Inside]:
    """The accounts in a backup, by name."""
    with restore.inside(world.store.directory, world.clock, _opened(world, name), None, browse=True) as old:
        rows = old.read(accounts.all)
    here = {row.name for row in world.store.read(accounts.all)}
    return [Inside(row.name, row.full_name, row.messages, row.size, row.name in here) for row in rows]


def folders(world: World, name: str, account: str) -> list[MailboxRow]:
    """The mailboxes of an account in a backup."""
    backup = _opened(world, name)
    with restore.inside(world.store.directory, world.clock, backup, None, browse=True) as old:
        row = old.read(lambda db: accounts.by_login(db, account))
        if row is None:
            raise NotFound(f"the backup {name} has no account {account!r}")
        return old.read(lambda db: mailboxes.all(db, row.id))


def messages(world: World, name: str, account: str, mailbox: str, limit: int) -> list[MessageRow]:
    """The newest messages of a mailbox in a backup."""
    backup = _opened(world, name)
    return [row for _, row in restoring.listing(world, backup, None, account, mailbox, max(1, min(limit, MESSAGES)), browse=True)]


def _opened(world: World, name: str) -> Backup:
    found = find(world, name)
    if found.facts.recipient:
        raise UserError(f"the backup {name} is encrypted, and its key is not on this server: look into it with "
                        f"`pillarbox backup messages {found.path} ACCOUNT --key FILE`")
    return found


# --- asking ------------------------------------------------------------------------------------


def verify(world: World, name: str, *, by: str) -> Job:
    """Have a backup compared with its hashes."""
    found = find(world, name)
    return _asked(world, lambda db: backupjobs.add(db, world.clock, "verify", found.name, by))


def bring_back(world: World, name: str, wanted: Wanted, *, sure: bool, by: str) -> Job:
    """Have mail of an account brought back, or some of it.  Nothing that is there is touched.

    Conflict, which says what would happen, unless sure: where the account is gone, and would be made anew, or
    another one gets the mail.  NotFound, UserError.
    """
    backup = _opened(world, name)
    if len(wanted.ids) > MESSAGES:
        raise UserError(f"choose at most {MESSAGES:,} messages at a time, or bring the whole folder back")
    to = wanted.to or ""
    target = world.store.read(lambda db: accounts.by_login(db, to or wanted.account))
    if target is None and to:
        raise NotFound(f"there is no account {to!r}")
    if target is None and wanted.account in {row.name for row, _ in people.removed_accounts(world)}:
        raise UserError(f"the account {wanted.account} was removed lately and is still kept: bring it back first, at the page Accounts or "
                        f"with `pillarbox account restore {wanted.account}`")
    if not sure and target is None:
        raise Conflict(f"there is no account {wanted.account} any more: it would be made anew, with the passwords and the second factor "
                       "that it had then")
    if not sure and target is not None and target.name != wanted.account:
        raise Conflict(f"mail of {wanted.account} would be put among that of {target.name}, who can read it then")
    return _asked(world, lambda db: backupjobs.add(
        db, world.clock, "restore", backup.name, by, account=wanted.account, mailbox=wanted.mailbox or "", messages=wanted.ids, target=to))


def stop(world: World, id: int, *, by: str) -> None:
    """Break off a job; what was brought back stays.  Conflict if it is over."""
    world.store.read(lambda db: backupjobs.get(db, id))
    if not world.store.write_now(lambda db: backupjobs.end(db, world.clock, id, "stopped", [f"It was stopped by {by}."])):
        raise Conflict("that has ended already")


def jobs(world: World) -> list[Job]:
    """What was asked for lately, the newest first."""
    return world.store.read(lambda db: backupjobs.listing(db, SHOWN))


def _asked(world: World, change: Callable[[Connection], int]) -> Job:
    def both(db: Connection) -> int:
        id = change(db)
        schedule.bring_forward(db, world.clock, CHORE)
        return id

    id = world.store.write_now(both)
    return world.store.read(lambda db: backupjobs.get(db, id))


# --- doing -------------------------------------------------------------------------------------


def work(world: World, wait: Wait) -> str:
    """Do what was asked for; blocks.  What browsing left is tidied up as well."""
    restore.clear(world.store.directory, world.clock.timestamp())
    count = 0
    while (job := world.store.read(backupjobs.next_open)) is not None:
        try:
            _do(world, job, wait)
        except StoppedError as stopped:
            if stopped.halted:
                return "broken off"
        except TemporaryError as problem:
            if wait(0.0):
                return "broken off"
            return f"{job.backup}: {problem}"    # following() has it tried again soon
        except PillarboxError as problem:
            _end(world, job, [str(problem)])
        except Exception:    # a bug: it is reported as the chore's, and those that wait behind this one have their turn
            _end(world, job, ["this server could not do it; its log says why"])
            raise
        count += 1
    return f"{count} done" if count else "nothing to do"


def following(world: World) -> float:
    """When to look again: soon if something had to be left."""
    return world.clock.timestamp() + (AGAIN if world.store.read(backupjobs.next_open) else 3_600.0)


def _do(world: World, job: Job, wait: Wait) -> None:
    sign = _Signs(world, job, wait)
    backup = find(world, job.backup)
    if job.kind == "verify":
        sign.total = backup.facts.files
        wrong = archive.problems(backup, sign.step)
        sign.tell()
        _end(world, job, wrong)
        if wrong:
            world.journal.note(Event.BACKUP_UNFIT, name=backup.name, problem=wrong[0])
        return
    wanted = Wanted(job.account, job.mailbox or None, job.messages, job.target or None)
    done = restoring.bring_back(world, backup, None, wanted, by=job.by, told=sign.messages)
    sign.tell()
    _end(world, job, done.wrong)


def _end(world: World, job: Job, wrong: Sequence[str]) -> None:
    world.store.write_now(lambda db: backupjobs.end(db, world.clock, job.id, "failed" if wrong else "done", wrong))


class _Signs:
    """Writes down how far a job has come, once a second; StoppedError when it is to end."""

    def __init__(self, world: World, job: Job, wait: Wait) -> None:
        self._world, self._job, self._wait = world, job, wait
        self.done = self.total = self.added = 0
        self._told: float | None = None

    def step(self, seconds: float) -> bool:
        """One more file; never true: who is to stop finds out by the exception."""
        self.done += 1
        self._sign()
        return False

    def messages(self, done: int, total: int, added: int) -> None:
        """So many messages were looked at."""
        self.done, self.total, self.added = done, total, added
        self._sign()

    def tell(self) -> None:
        """Write it down now."""
        self._told = self._world.clock.monotonic()
        if not self._world.store.write_now(lambda db: backupjobs.progress(db, self._job.id, self.done, self.total, self.added)):
            raise StoppedError(halted=False)

    def _sign(self) -> None:
        if self._wait(0.0):
            raise StoppedError(halted=True)
        if self._told is None or self._world.clock.monotonic() - self._told >= SIGN:
            self.tell()
