"""Backups that the server makes by itself: once a day, tried each week, and what is told of them.

A trial restores the newest backup into a folder beside it (mail files are links there),
opens it as a server would and compares every message with its hash.  Of a sealed backup
the server can only see that no file has changed: the key to look inside is not here.

The postmaster is told once a day while something is wrong; the overview says it all the time.
"""
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from mta.base.errors import NotFound, PillarboxError, SetupError, UserError
from mta.base.events import Event
from mta.base.names import Address
from mta.config.model import Config
from mta.flow import deposit
from mta.flow.world import World
from mta.message import compose
from mta.message.address import Mailbox
from mta.message.identifiers import new_message_id
from mta.store import accounts, archive, backup, backupjobs, backupstate, migrate, restore, schedule, verify
from mta.store.archive import Backup
from mta.store.backup import Wish
from mta.store.backupstate import BackupState
from mta.store.connection import value
from mta.store.database import Store

MAKING, TRYING = "make-backup", "try-backup"
DAY: Final = 86_400.0
WEEK: Final = 7 * DAY
#: Seconds after which the newest backup, or the last trial, is old; before that a day or a trial may fail.
OLD, LONG_UNTRIED = 2.5 * DAY, 15 * DAY
#: Scratch of a trial, in the place of backups; the next backup removes what a crash left.
TRIAL: Final = f"{archive.UNFINISHED}trial"

Wait = Callable[[float], bool]


def place(config: Config) -> Path:
    """Where backups go.  UserError if the configuration does not say."""
    if config.backup.to is None:
        raise UserError("no place for backups is set: say to which directory, or set [backup] to = \"/path\" in the configuration")
    return config.backup.to


def wish(config: Config, to: Path, recipient: str | None = None, *, full: bool = False) -> Wish:
    """A backup to that place, with the configuration as far as we may read it."""
    files: dict[str, bytes] = {}
    notes = []
    acme = config.acme
    named = [config.file, *(one.password_file for one in config.transports), acme.eab_key_file, acme.dns_hook, acme.ca_file,
             config.tls.ca_file]
    for file in dict.fromkeys(one for one in named if one is not None):
        try:
            name = file.name
            while name in files:
                name += "+"
            files[name] = file.read_bytes()
        except OSError as problem:
            notes.append(f"{file} cannot be read ({problem.strerror}) and is not in the backup")
    return Wish(to, config.hostname.ascii, files, config.backup.recipient if recipient is None else recipient, full, tuple(notes))


def make(world: World, what: Wish, wait: Wait = restore.no_wait) -> Backup:
    """Make one, whoever asks; blocks.  As mta.store.backup.make."""
    made = backup.make(world.store, what, wait)
    facts = made.facts
    if what.place == world.config.backup.to and not facts.trouble:
        remember(world, made=facts.made, name=made.name, failed=None, problem="")
    world.journal.note(
        Event.BACKUP_MADE, name=made.name, messages=facts.messages, new=facts.new, octets=facts.octets, seconds=facts.seconds)
    return made


def daily(world: World, wait: Wait) -> str:
    """The backup of the day; blocks.  What was wrong with the last one makes this a full one."""
    to = world.config.backup.to
    if to is None:
        return "nothing: no place is set"
    state = remember(world, since=world.store.read(backupstate.get).since or world.clock.timestamp())
    try:
        made = make(world, wish(world.config, to, full=bool(state.unfit)), wait)
        # While the newest do not pass their trial, nothing older goes.
        gone = [] if state.unfit else backup.prune(to, world.config.backup.keep_daily, world.config.backup.keep_weekly)
    except backup.Busy:
        raise
    except PillarboxError as problem:
        if wait(0.0):    # the server stops: the next one does it
            return "broken off"
        _failed(world, str(problem))
        raise
    if made.facts.trouble:
        remember(world, made=made.facts.made, name=made.name)
        _failed(world, f"the data are damaged: {'; '.join(made.facts.trouble[:5])}")
    return f"{made.name}: {made.facts.new} new files, {made.facts.linked} as before; {len(gone)} old backups removed"


def weekly(world: World, wait: Wait) -> str:
    """Try the newest backup; blocks."""
    to = world.config.backup.to
    if to is None:
        return "nothing: no place is set"
    try:
        newest = archive.find(to)
    except NotFound:
        return "nothing: there is no backup yet"
    began = world.clock.monotonic()
    try:
        wrong = trial(world, newest, None, wait)
    except SetupError as problem:
        wrong = [str(problem)]
    remember(world, tested=world.clock.timestamp(), tested_name=newest.name, unfit=tuple(wrong[:backupstate.SAID]))
    if wrong:
        world.journal.note(Event.BACKUP_UNFIT, name=newest.name, problem=wrong[0])
        _tell(world, [f"{newest.name}: {one}" for one in wrong[:5]])
        world.store.write_now(lambda db: schedule.bring_forward(db, world.clock, MAKING))
        return f"{newest.name}: {wrong[0]}"
    world.journal.note(Event.BACKUP_TESTED, name=newest.name, seconds=world.clock.monotonic() - began)
    return f"{newest.name} is good"


def trial(world: World, tried: Backup, secret: str | None, wait: Wait = restore.no_wait) -> list[str]:
    """Restore a backup aside and compare all of it; sentences about what is wrong.  A sealed one without its key: its files alone."""
    if tried.facts.recipient and secret is None:
        return archive.problems(tried, wait)
    scratch = tried.path.with_name(TRIAL)
    try:
        with suppress(FileNotFoundError):
            shutil.rmtree(scratch)
        wrong = restore.unpack(tried, scratch, secret, link=True, wait=wait)
        migrate.prepare(scratch, world.clock)
        store = Store.open(scratch, world.clock)
        try:
            wrong += verify.problems(store)
            found = store.read(lambda db: value(db, "SELECT count(*) FROM message"))
        finally:
            store.close()
        if found != tried.facts.messages:
            wrong.append(f"it has {found} messages instead of {tried.facts.messages}")
        return wrong
    except OSError as problem:
        raise SetupError(f"{scratch}: {problem.strerror}") from problem
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def run_now(world: World, *, by: str) -> None:
    """Have the reporter make one at once.  UserError if no place is set."""
    place(world.config)
    world.store.write_now(lambda db: schedule.bring_forward(db, world.clock, MAKING))
    world.journal.note(Event.SETTING_CHANGED, by=by, what="asked for a backup now")


def try_now(world: World, *, by: str) -> None:
    """Have the reporter try the newest one at once."""
    archive.find(place(world.config))
    world.store.write_now(lambda db: schedule.bring_forward(db, world.clock, TRYING))
    world.journal.note(Event.SETTING_CHANGED, by=by, what="asked for a trial of the newest backup")


def following_day(world: World) -> float:
    """The next time that the hour of backups comes."""
    now = world.clock.timestamp()
    today = now // DAY * DAY + world.config.backup.hour * 3_600.0
    return today if today > now else today + DAY


def remember(world: World, **facts: object) -> BackupState:
    """Note what became of a backup or trial."""
    return world.store.write_now(lambda db: backupstate.change(db, **facts))


def problems(world: World) -> list[str]:
    """What is wrong with the backups, in sentences."""
    if world.config.backup.to is None:
        return []
    state, now = world.store.read(backupstate.get), world.clock.timestamp()
    told = []
    if state.problem:
        told.append(f"The last backup failed: {state.problem}")
    begun = state.made or state.since
    if begun is not None and now - begun > OLD:
        told.append(f"The newest backup is {(now - begun) / DAY:.0f} days old." if state.made else "There is no backup yet.")
    if state.unfit:
        told.append(f"The backup {state.tested_name} did not pass its trial: {state.unfit[0]}")
    elif state.since is not None and now - (state.tested or state.since) > LONG_UNTRIED:
        told.append("No backup has been tried for two weeks.")
    told += [f"The backup {name} is not as it was made: {job.problems[0]}" for name, job in world.store.read(backupjobs.verdicts).items()
             if job.problems and (world.config.backup.to / name).is_dir()]
    return told


# --- the letter ------------------------------------------------------------------------------


TEXT: Final = """\
Something is wrong with the backups of this server:

{list}

The page Backups of the administration, `pillarbox backup list` and `pillarbox backup
verify` tell more; `pillarbox backup` makes one at once. You get this message once a day
until it is well.
"""


def _failed(world: World, problem: str) -> None:
    world.journal.note(Event.BACKUP_FAILED, problem=problem)
    remember(world, failed=world.clock.timestamp(), problem=problem)
    _tell(world, [problem])


def _tell(world: World, wrong: list[str]) -> None:
    """A letter to the postmaster, once a day at most."""
    now, told = world.clock.timestamp(), world.store.read(backupstate.get).told
    keeper = world.store.read(lambda db: accounts.by_login(db, world.config.postmaster))
    if keeper is None or (told is not None and 0 <= now - told < DAY - 3_600):
        return
    config = world.config
    here = Address("postmaster", config.hostname)
    letter = compose.Letter(
        from_=[Mailbox("Pillarbox", here)], to=[Mailbox("Postmaster", here)], subject=f"The backups of {config.hostname} need you",
        date=now, message_id=new_message_id(config.hostname), text=TEXT.format(list="\n".join(f"* {one}" for one in wrong)), flowed=False)
    try:
        deposit.file_in(world, keeper.id, compose.compose(letter), reason="This server made this report.")
        remember(world, told=now)
    except PillarboxError as problem:
        world.journal.note(Event.STORE_TROUBLE, where=__name__, problem=str(problem))
