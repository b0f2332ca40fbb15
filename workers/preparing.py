"""What happens before any role runs: directories, the lock, the certificate, the databases.

The directories are made by the supervisor, possibly root; all that goes into the data
directory is written by `prepare` in a one-shot child that is already the service user.
"""
import contextlib
import fcntl
import os
import select
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from mta.base import metrics
from mta.base.clock import Clock
from mta.base.errors import SetupError, TemporaryError
from mta.base.events import Event, Journal
from mta.base.names import ip_address
from mta.config.model import Config
from mta.config.parse import WILDCARDS
from workers import control
from workers.privileges import Identity, user_name, whoever

#: Chain and key of a certificate (PEM) that root has read for us; None if we make our own.
Certificate = tuple[bytes, bytes] | None
#: What `prepare` is; the last argument says whether this is the start and not a reload.
Preparation = Callable[[Config, Certificate, Clock, Journal, bool], None]
#: Seconds we wait for the processes of a server that was killed to be gone.
LOCK_WAIT = 3.0


def make_directories(config: Config, user: Identity) -> None:
    """Make data and run if they are missing.  SetupError if they cannot be made or belong to somebody else."""
    make_data_directory(config, user)
    # Not the service user's: a role that was taken over could put its own socket in place of another's.
    _make_directory(config.run, 0o755, whoever(), _setting(config, "run"))
    _make_directory(config.counters, 0o700, user, _setting(config, "run"))


def make_data_directory(config: Config, user: Identity) -> None:
    """Make the data directory if it is missing, for user.  SetupError as above."""
    _make_directory(config.data, 0o700, user, _setting(config, "data"))


def _setting(config: Config, name: str) -> str:
    """What decides where a directory is."""
    return "--dir" if config.local else f"setting {name}"


def _make_directory(directory: Path, mode: int, owner: Identity, setting: str) -> None:
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            directory.mkdir(mode)
            directory.chmod(mode)    # whatever the umask is: the service user must get to the sockets
            if os.geteuid() != owner.uid:
                os.chown(directory, owner.uid, owner.gid)
        found = directory.stat()
    except (FileExistsError, NotADirectoryError) as problem:
        raise SetupError(f"{problem.filename or directory} is not a directory (for {directory}, {setting})") from None
    except OSError as problem:
        raise SetupError(f"{problem.filename or directory}: cannot be made ({setting}): {problem.strerror}") from None
    if not stat.S_ISDIR(found.st_mode):
        raise SetupError(f"{directory} is not a directory ({setting})")
    if found.st_uid != owner.uid:
        raise SetupError(f"{wrong_owner(directory, owner)} ({setting})")


def wrong_owner(directory: Path, owner: Identity) -> str:
    """What to say of a directory that is there and not owner's."""
    return (f"{directory} belongs to {user_name(directory.stat().st_uid)}, not to {owner.name}, who needs it: "
            f"`chown -R {owner.name} {directory}`, or choose another")


@contextlib.contextmanager
def locked(config: Config, user: Identity, clock: Clock, held: int | None = None) -> Iterator[int]:
    """Hold the data directory for one server and all its processes: the open lock.  SetupError if another has it.

    held is the lock if the program whose place we take holds it already.
    """
    lock = _take_lock(config, user, clock) if held is None else held
    try:
        yield lock
    finally:
        os.close(lock)


def _take_lock(config: Config, user: Identity, clock: Clock) -> int:
    path = config.data / "server.lock"
    try:
        # Never follows a link: the directory belongs to the service user, and we may be root.
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as problem:
        raise SetupError(f"{path}: cannot be opened: {problem.strerror}") from None
    try:
        os.fchown(lock, user.uid, user.gid)
        until = clock.monotonic() + LOCK_WAIT
        while not _lock(lock):
            who = _who(config)
            if who or clock.monotonic() > until:
                raise SetupError(f"another Pillarbox serves {config.data} already{who}: stop that one first")
            select.poll().poll(50)    # a server that was killed takes its processes with it, but not in no time
    except BaseException:
        os.close(lock)
        raise
    return lock


def wait_for_end(config: Config, clock: Clock, seconds: float) -> None:
    """Return when no server and none of its processes uses the data directory any more.  TemporaryError if that takes longer."""
    lock = os.open(config.data / "server.lock", os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        until = clock.monotonic() + seconds
        while not _lock(lock):
            if clock.monotonic() > until:
                raise TemporaryError(f"the server is still busy after {seconds:.0f} seconds; it will stop")
            select.poll().poll(50)
    finally:
        os.close(lock)


def _lock(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _who(config: Config) -> str:
    """" (process 12)" if a server answers at the control socket."""
    try:
        return f" (process {control.ask(config.control_socket, 'status')['roles'][0]['pid']})"
    except TemporaryError:
        return ""


def read_certificate(config: Config) -> Certificate:
    """The certificate that config names, which perhaps only root can read.  SetupError if it cannot be read."""
    if config.tls.certificate is None or config.tls.key is None:
        return None
    try:
        return config.tls.certificate.read_bytes(), config.tls.key.read_bytes()
    except OSError as problem:
        raise SetupError(f"{problem.filename}: cannot be read (settings of [tls]): {problem.strerror}") from None


def certificate_signs(config: Config) -> tuple[tuple[int, int, int], ...]:
    """What changes when somebody replaces the files that config names; () if it names none."""
    signs = []
    for file in (config.tls.certificate, config.tls.key):
        if file is not None:
            try:
                facts = file.stat()
            except OSError:
                signs.append((0, 0, 0))
            else:
                signs.append((facts.st_ino, facts.st_mtime_ns, facts.st_size))
    return tuple(signs)


def prepare(config: Config, certificate: Certificate, clock: Clock, journal: Journal, first: bool) -> None:
    """Bring the data directory up to date: databases, certificate, and for localserve its account.  SetupError if that fails."""
    check_program(Path(os.__file__), Path(__file__))
    try:
        prepare_databases(config, clock, journal)
        install_certificate(config, certificate, clock)
        check_authorities(config)
        if not config.local:
            prepare_host_keys(config, clock, journal)
        if first:
            metrics.fresh(config.counters)
    except OSError as problem:
        raise SetupError(f"{problem.filename or config.data}: {problem.strerror} (as user {whoever().name})") from problem
    if config.local:
        from mta.flow.certificates import remember_own
        from mta.flow.setup import demo
        from workers.worlds import open_world
        with open_world(config, clock, journal, lambda role: None) as world:
            remember_own(config, world.store, config.certificate)
            for line in demo(world):
                journal.note(Event.PREPARED, what=line)


def check_program(*files: Path) -> None:
    """SetupError if we may not read the program that we are: Python's files and ours."""
    for file in files:
        try:
            file.read_bytes()
        except OSError as problem:
            raise SetupError(f"user {whoever().name} cannot read the program: {problem.strerror}: {file}; "
                             "install Python and Pillarbox where that user can, not below /root") from None


def install_certificate(config: Config, certificate: Certificate, clock: Clock) -> None:
    """Put the operator's certificate where the roles find it, or make one for localserve.  SetupError if it is unfit."""
    from mta.net import tls

    directory = config.certificate.parent
    if certificate is None:
        if config.local:
            ips = [ip_address(ip) for listener in config.listeners for ip in listener.ips if ip not in WILDCARDS]
            tls.self_signed([config.hostname], ips, directory, clock)
        return
    directory.mkdir(mode=0o700, exist_ok=True)
    new = [(path, path.with_suffix(f"{path.suffix}.new")) for path in (config.certificate_key, config.certificate)]
    for (_, unproven), content in zip(new, reversed(certificate), strict=True):
        tls.write_secret(unproven, content)
    try:
        tls.server_context(new[1][1], new[0][1])
    except SetupError:
        for _, unproven in new:
            unproven.unlink()
        raise SetupError(f"{config.tls.certificate} and {config.tls.key} are not a certificate and its key (settings of [tls])") from None
    for path, unproven in new:
        unproven.replace(path)


def check_authorities(config: Config) -> None:
    """SetupError if the roles could not use the certificate authorities that config adds."""
    from mta.net.tls import client_context
    if config.tls.ca_file is not None:
        client_context(verify=True, authorities=config.tls.ca_file)


def prepare_host_keys(config: Config, clock: Clock, journal: Journal) -> None:
    """Make the host's keys if they are missing, and certificates of our own with them, which serve until there are better ones.

    SetupError if a key cannot be read.
    """
    from mta.flow import certificates, hostkeys
    from mta.store.database import Store

    with contextlib.closing(Store.open(config.data, clock)) as store:
        for line in hostkeys.ensure(store, clock):
            journal.note(Event.PREPARED, what=line)
        if not config.tls.certificate:
            for algorithm, key in hostkeys.current(store).items():
                certificates.make_own(config, store, algorithm, key, clock)


def prepare_databases(config: Config, clock: Clock, journal: Journal) -> None:
    """Create or migrate the databases; quick if there is nothing to do.  SetupError if it cannot be."""
    from mta.store.migrate import prepare as migrate

    for line in migrate(config.data, clock):
        journal.note(Event.PREPARED, what=line)
