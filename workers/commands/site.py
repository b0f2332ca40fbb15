"""Which server a command is about, opened as far as the command needs it."""
import contextlib
import json
import os
import sys
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from mta.base.clock import SystemClock
from mta.base.errors import SetupError
from mta.base.names import ip_address
from mta.config.model import Config, local
from mta.config.parse import load

if TYPE_CHECKING:
    from mta.flow.world import World
    from workers.auditing import Audited

#: Where a localserve notes its address and its --port-offset.
OPTIONS = "localserve.json"
USUAL_FILE = Path("/etc/pillarbox/pillarbox.toml")


def local_directory() -> Path:
    """Where localserve keeps its data unless told otherwise."""
    return Path.home() / ".local" / "share" / "pillarbox-local"


def remember(directory: Path, ip: str, port_offset: int) -> None:
    """Note where the localserve in directory listens, so that other commands know its ports.  SetupError if that cannot be written."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        (directory / OPTIONS).write_text(json.dumps([ip, port_offset]), encoding="utf-8")
    except OSError as problem:
        raise SetupError(f"{directory}: cannot be written: {problem.strerror}") from None


def _remembered(directory: Path) -> tuple[str, int]:
    """What remember noted; else what is usual."""
    try:
        ip, offset = json.loads((directory / OPTIONS).read_text(encoding="utf-8"))
        return str(ip_address(ip)), int(offset)
    except (OSError, ValueError, TypeError, RecursionError):
        return "127.0.0.1", 1_000


class Site:
    """One server as the command line sees it; whether it runs makes no difference."""

    def __init__(self, directory: Path | None, file: Path | None) -> None:
        self.clock = SystemClock()
        self._directory, self.file = directory.absolute() if directory else None, file
        self._config: Config | None = None
        self._world: World | None = None
        self.user = _user_name(os.getuid())
        self.audited: Audited | None = None
        self._closing = contextlib.ExitStack()

    @property
    def directory(self) -> Path | None:
        """The directory of a localserve; None for a server with a configuration file."""
        if self._directory is None and self.file is None and not USUAL_FILE.exists():
            return local_directory()
        return self._directory

    @property
    def named(self) -> bool:
        """Whether somebody said which server it is."""
        return self._directory is not None or self.file is not None

    @property
    def config(self) -> Config:
        """Its configuration.  SetupError with all mistakes; or if there is no such server."""
        if self._config is None:
            self._config = self._find()
        return self._config

    def _find(self) -> Config:
        if self._directory and self.file:
            raise SetupError("--dir and --config name two servers: give one of them")
        directory = self.directory
        if directory is None:
            return load(self.file or USUAL_FILE)
        if not (directory / "data").is_dir():
            raise SetupError(f"there is no server: neither {USUAL_FILE} nor {directory / 'data'} exists; name one with --config or --dir"
                             if self._directory is None else f"{directory} is not the directory of a localserve: it has no data in it")
        return local(directory, *_remembered(directory))

    @property
    def world(self) -> "World":
        """The server's store and all that flows need; root becomes the owner of the data first.  SetupError if it cannot be opened."""
        if self._world is None:
            self._world = self._open()
        return self._world

    def enter(self) -> None:
        """Become who owns the data directory, which is made if it is missing.  SetupError if we may not use it."""
        from workers.preparing import make_data_directory
        from workers.privileges import become_owner, service_user, user_name

        data = self.config.data
        if not data.exists():
            make_data_directory(self.config, service_user(self.config.user))
        become_owner(data)
        owner = data.stat().st_uid
        if owner != os.geteuid():
            raise SetupError(f"{data} belongs to {user_name(owner)}: do this as {user_name(owner)} or as root, "
                             f"not as {user_name(os.geteuid())}")

    def _open(self) -> "World":
        from mta.base.events import Journal
        from workers import control
        from workers.preparing import prepare_databases
        from workers.worlds import open_world

        config = self.config
        self.enter()
        journal = Journal("command", self.clock, level="error")
        prepare_databases(config, self.clock, journal)
        world = self._closing.enter_context(
            open_world(config, self.clock, journal, lambda role: control.ring(config.control_socket, role), patient=False))
        if self.audited is not None:
            self.audited.opened(world)
        return world

    @property
    def by(self) -> str:
        """Who gives the command, for the log: who started it, whoever it has become since."""
        return f"command line of {self.user}"

    def secret(self, prompt: str) -> str:
        """A password: asked for twice at a terminal, else the first line of standard input.  SetupError if there is none."""
        if not sys.stdin.isatty():
            line = sys.stdin.readline().rstrip("\n")
            if not line:
                raise SetupError("a password is needed: type it at a terminal, or give it on standard input")
            return line
        import getpass
        secret = getpass.getpass(f"{prompt}: ")
        if getpass.getpass("once more: ") != secret:
            raise SetupError("the two were not the same: nothing was changed")
        return secret

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        self._closing.close()


def _user_name(uid: int) -> str:
    import pwd
    with contextlib.suppress(KeyError):
        return pwd.getpwuid(uid).pw_name
    return f"user {uid}"
