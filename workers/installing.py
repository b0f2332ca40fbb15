"""Puts a new server on the machine, whole or not at all: service user, data, configuration, systemd unit.

Everything is made beside its place first, where nobody looks, and renamed when all of it
is there.  What exists is never overwritten: it is refused before anything is made, and
once more by the kernel when things are put in their places.
"""
import contextlib
import io
import os
import pwd
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from mta.base.clock import Clock
from mta.base.errors import SetupError
from mta.base.events import Journal
from mta.base.tokens import short_id
from mta.config.model import Config
from mta.config.parse import load
from mta.config.sample import sample
from mta.flow.world import World
from workers.preparing import prepare_databases
from workers.privileges import Identity, service_user, whoever
from workers.worlds import open_world


@dataclass(frozen=True, slots=True)
class Places:
    """Where things go.  unit is None where there is no systemd; secret is the relay's password and its file, if there is one."""

    config: Path
    unit: Path | None = None
    secret: tuple[Path, str] | None = None

    @property
    def files(self) -> list[Path]:
        """The files that are written."""
        return [self.config, *([self.unit] if self.unit else []), *([self.secret[0]] if self.secret else [])]


def check_free(config: Config, places: Places) -> None:
    """SetupError naming everything that is there already."""
    there = [str(file) for file in places.files if os.path.lexists(file)]
    if config.data.exists() and (not config.data.is_dir() or any(config.data.iterdir())):
        there.append(str(config.data))
    if there:
        raise SetupError("\n".join(f"{path} is there already, and is not overwritten: a server was set up here; `pillarbox check` says "
                                   "what it lacks" for path in there))


def check_rights(config: Config, places: Places) -> None:
    """SetupError if we may not do what has to be done."""
    if config.user and os.geteuid() != 0 and config.user != whoever().name:
        raise SetupError(f"do this as root: the server is to run as user {config.user}")
    for file in (config.data, *places.files):
        above = next(parent for parent in file.parents if parent.exists())
        if not above.is_dir() or not os.access(above, os.W_OK | os.X_OK):
            raise SetupError(f"{file} cannot be made: {whoever().name} may not write to {above}")


def user_command(config: Config) -> list[str]:
    """The command that makes the service user; [] if there is one."""
    try:
        pwd.getpwnam(config.user or whoever().name)
    except KeyError:
        return ["useradd", "--system", "--user-group", "--home-dir", str(config.data), "--no-create-home", "--shell", "/usr/sbin/nologin",
                config.user]
    return []


def install(config: Config, places: Places, unit: str, clock: Clock, fill: Callable[[World], None]) -> None:
    """Make all of it; fill puts into the new store what is in it from the start.

    SetupError if something cannot be made; then, and at whatever else goes wrong, nothing
    is left.
    """
    check_free(config, places)
    check_rights(config, places)
    before = os.umask(0o077)
    try:
        _install(config, places, unit, clock, fill)
    finally:
        os.umask(before)


def _install(config: Config, places: Places, unit: str, clock: Clock, fill: Callable[[World], None]) -> None:
    with contextlib.ExitStack() as undo:
        try:
            owner = _user(config, undo)
            made = _beside(config.data, undo)
            _store(config, made, clock, fill)
            _give(made, owner)
            files: list[tuple[Path, str, int, Identity | None]] = [(places.config, sample(config), 0o644, None)]
            if places.secret:
                files.append((*places.secret, 0o640, owner))
            if places.unit:
                files.append((places.unit, unit, 0o644, None))
            written = [(file, _written(file, text, mode, group, undo)) for file, text, mode, group in files]
            load(written[0][1])
            _move(made, config.data, undo)
            for file, new in written:
                os.link(new, file)
                undo.callback(file.unlink, missing_ok=True)
        except OSError as problem:
            place = problem.filename2 or problem.filename or config.data
            raise SetupError(f"{place}: {problem.strerror}; nothing was changed") from problem
        kept = undo.pop_all()
    del kept
    for _, new in written:
        new.unlink()


def _user(config: Config, undo: contextlib.ExitStack) -> Identity:
    """The service user, made if it is missing."""
    command = user_command(config)
    if command:
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        except OSError:
            raise SetupError(f"there is no user {config.user!r}, and no useradd to make it: "
                             f"`adduser --system --group {config.user}`") from None
        if done.returncode:
            raise SetupError(f"the user {config.user!r} could not be made: {' '.join(done.stderr.split())}")
        undo.callback(subprocess.run, ["userdel", config.user], capture_output=True, check=False)
    return service_user(config.user)


def _beside(place: Path, undo: contextlib.ExitStack) -> Path:
    """A new folder on the same disk as place, which goes unless it is moved."""
    _parents(place, undo)
    made = place.with_name(f".{place.name}.{short_id()}")
    made.mkdir(0o700)
    undo.callback(shutil.rmtree, made, ignore_errors=True)
    return made


def _parents(file: Path, undo: contextlib.ExitStack) -> None:
    """The folders above file; those that are made go, if nothing is in them."""
    for folder in reversed([parent for parent in file.parents if not parent.exists()]):
        folder.mkdir(0o755)
        folder.chmod(0o755)
        undo.callback(_remove, folder)


def _remove(folder: Path) -> None:
    with contextlib.suppress(OSError):
        folder.rmdir()


def _store(config: Config, made: Path, clock: Clock, fill: Callable[[World], None]) -> None:
    """The databases and keys, in made."""
    inner = replace(config, data=made)
    journal = Journal("quickstart", clock, level="error", stream=io.StringIO())
    prepare_databases(inner, clock, journal)
    with open_world(inner, clock, journal, lambda role: None) as world:
        fill(world)


def _give(folder: Path, owner: Identity) -> None:
    """All in folder belongs to owner from now on; nobody else has been in it."""
    if os.geteuid() == 0:
        for path in _all(folder):
            os.chown(path, owner.uid, owner.gid, follow_symlinks=False)


def _all(folder: Path) -> Iterator[Path]:
    yield folder
    yield from folder.rglob("*")


def _written(file: Path, text: str, mode: int, group: Identity | None, undo: contextlib.ExitStack) -> Path:
    """text in a new file beside the place of file."""
    _parents(file, undo)
    new = file.with_name(f".{file.name}.{short_id()}")
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    undo.callback(new.unlink, missing_ok=True)
    with open(handle, "w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        if group is not None and os.geteuid() == 0:
            os.fchown(handle, 0, group.gid)
        os.fchmod(handle, mode)
        os.fsync(handle)
    return new


def _move(made: Path, place: Path, undo: contextlib.ExitStack) -> None:
    """Put the folder in its place, which may be an empty one."""
    made.rename(place)
    undo.callback(place.rename, made)
