"""`pillarbox check`, `verify` and `config sample`."""
import contextlib
import os
import pwd
import stat
import sys
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

from mta.base.errors import PillarboxError, SetupError, UserError
from mta.config.lines import Way
from mta.config.model import Config
from mta.config.parse import Reading, examine
from workers import control, listening, preparing, unit
from workers.commands.paper import show
from workers.commands.site import USUAL_FILE, Site
from workers.privileges import become, become_owner, service_user, user_name, whoever
from workers.quickstartverb import UNIT


def sample(site: Site, arguments: Namespace) -> str:
    """The sample configuration."""
    from mta.config.sample import sample as text
    return text().rstrip("\n")


def print_unit(site: Site, arguments: Namespace) -> str:
    """The systemd unit, for this program and this configuration."""
    return unit.unit(unit.this_program(), site.file.absolute() if site.file else USUAL_FILE).rstrip("\n")


#: What is wrong, and the setting that has to do with it.
Found = Iterator[tuple[Way, str]]


def check(site: Site, arguments: Namespace) -> int:
    """Say all that is wrong with configuration and data directory; 1 if there is anything."""
    problems, hints = Problems(), []
    try:
        config = _read(site, problems)
    except SetupError as problem:
        problems.note((), str(problem))
    else:
        hints = _examine(site, config, problems)
    found = problems.report()
    if arguments.json:
        show([{"kind": "problem", "text": text} for text in found] + [{"kind": "hint", "text": text} for text in hints], as_json=True)
        return 1 if found else 0
    for line in found:
        print(line, file=sys.stderr)
    if found:
        return 1
    print("everything is in order")
    for hint in hints:
        print(f"still to do: {hint}")
    return 0


class Problems:
    """What is wrong, with the line of a configuration file wherever one is to blame."""

    def __init__(self) -> None:
        self.file: Reading | None = None
        self._said: set[int] = set()
        self._others: list[str] = []

    def begin(self, file: Reading) -> None:
        """Take over what was found in the file itself."""
        self.file, self._said = file, {line for line, _ in file.mistakes}

    def note(self, way: Way, text: str) -> None:
        """Something is wrong that the setting to which way leads has to do with; () if none has."""
        if self.file and way:
            # Where the file has something impossible, the default that stands in for it means nothing.
            if self.file.lines.of(way, exactly=True) not in self._said - {0}:
                self.file.wrong(way, text)
        else:
            self._others += text.splitlines()

    def report(self) -> list[str]:
        """All that is wrong."""
        return [*(self.file.report() if self.file else ()), *dict.fromkeys(self._others)]


def _read(site: Site, problems: Problems) -> Config:
    """The configuration as far as it can be understood.  SetupError if there is none."""
    if site.directory is not None:
        return site.config
    file, config = examine(site.file or USUAL_FILE)
    problems.begin(file)
    return config


def _examine(site: Site, config: Config, problems: Problems) -> list[str]:
    """Note what is wrong beyond the text of the configuration; returns what is not wrong and still to be done.

    Root looks at what root will use, then becomes the service user and looks at the rest as that.
    """
    for find in (_user, _certificate, _directories, _ports, _local_users, _become, _passwords, _authorities, _backups, _contents):
        try:
            for way, text in find(config):
                problems.note(way, text)
        except OSError as problem:
            problems.note((), f"{problem.filename or config.data}: {problem.strerror}")
    try:
        if not problems.report() and (config.data / "pillarbox.db").exists():
            return _store(site, config, problems)
    except PillarboxError as problem:
        problems.note((), str(problem))
    return []


def _store(site: Site, config: Config, problems: Problems) -> list[str]:
    """The same for what is stored; nothing is changed, nor is an old database brought up to date."""
    from mta.base.events import Journal
    from mta.flow import certificates, people
    from mta.flow.setup import advised, lacking
    from mta.store.verify import problems as mistakes
    from workers.worlds import open_world

    with open_world(config, site.clock, Journal("command", site.clock, level="error"), lambda role: None) as world:
        for text in mistakes(world.store, bodies=False):
            problems.note((), text)
        for text in certificates.problems(world):
            problems.note((), text)
        names = {account.name for account in people.all_accounts(world)}
        for number, user in enumerate(config.local_users):
            if user.account not in names:
                problems.note(("local_users", number, "account"), f"there is no account {user.account!r}")
        return [*lacking(world), *advised(world), *_unit()]


def _unit() -> list[str]:
    """What the systemd unit of an older version lacks."""
    with contextlib.suppress(OSError):
        if missing := unit.lacking(UNIT.read_text("utf-8", "replace")):
            return [f"{UNIT} confines the server less than it could; add to its [Service]: {', '.join(missing)}."]
    return []


def _user(config: Config) -> Found:
    try:
        service_user(config.user)
    except SetupError as problem:
        yield ("user",), str(problem)


def _local_users(config: Config) -> Found:
    for number, user in enumerate(config.local_users):
        try:
            pwd.getpwnam(user.user)
        except KeyError:
            yield ("local_users", number, "user"), f"this machine has no user {user.user!r}"


def _certificate(config: Config) -> Found:
    """What is wrong with a certificate of the operator's."""
    from mta.net.tls import server_context
    if config.tls.certificate and config.tls.key:
        try:
            server_context(config.tls.certificate, config.tls.key)
        except SetupError as problem:
            yield ("tls", "certificate"), str(problem)


def _become(config: Config) -> Found:
    """As root, become the service user."""
    if config.data.exists():
        become_owner(config.data)
    elif os.geteuid() == 0 and config.user:
        with contextlib.suppress(SetupError):    # no such user: said already
            become(service_user(config.user))
    yield from ()


def _passwords(config: Config) -> Found:
    """Files that the service user has to read."""
    for transport in config.transports:
        if transport.password_file:
            try:
                transport.password_file.read_bytes()
            except OSError as problem:
                yield (("transports", transport.name, "password_file"),
                       f"{transport.password_file}: cannot be read by {whoever().name}: {problem.strerror}")
    for name, file in (("eab_key_file", config.acme.eab_key_file), ("ca_file", config.acme.ca_file)):
        if file:
            try:
                file.read_bytes()
            except OSError as problem:
                yield ("acme", name), f"{file}: cannot be read by {whoever().name}: {problem.strerror}"
    if config.acme.dns_hook and not os.access(config.acme.dns_hook, os.X_OK):
        yield ("acme", "dns_hook"), f"{config.acme.dns_hook}: is no program that {whoever().name} can run"


def _authorities(config: Config) -> Found:
    """What is wrong with certificate authorities that the operator added."""
    try:
        preparing.check_authorities(config)
    except SetupError as problem:
        yield ("tls", "ca_file"), str(problem)


def _ports(config: Config) -> Found:
    """Ports that cannot be had, unless a server runs that has them, or root will have to take them."""
    if config.local or control.runs(config.control_socket) or (os.geteuid() != 0 and config.user):
        return    # those of a localserve are said when it starts
    for listener, service, text in listening.refused(config):
        yield ("listeners", listener.name, service), text


def _directories(config: Config) -> Found:
    """What is wrong with data and run themselves: whom they belong to, or that they cannot be made."""
    try:
        wanted = [("data", config.data, service_user(config.user))]
    except SetupError:
        return    # said already
    if os.geteuid() == 0 or not config.user:    # else root makes it
        wanted.append(("run", config.run, whoever()))
    for name, directory, owner in wanted:
        above = next(parent for parent in (directory, *directory.parents) if parent.exists())
        if not above.is_dir():
            yield (name,), f"{above} is not a directory"
        elif above == directory:
            if not config.local and directory.stat().st_uid != owner.uid:
                yield (name,), preparing.wrong_owner(directory, owner)
        elif not os.access(above, os.W_OK | os.X_OK):
            yield (name,), f"{directory} cannot be made: {whoever().name} may not write to {above}"


def _backups(config: Config) -> Found:
    """What is wrong with the place of backups, for the service user, and with the key they are encrypted for."""
    from mta.store import sealing

    if config.backup.recipient:
        try:
            sealing.check_recipient(config.backup.recipient)
        except UserError as problem:
            yield ("backup", "recipient"), str(problem)
    to = config.backup.to
    if to is None or config.local:
        return
    above = next(parent for parent in (to, *to.parents) if parent.exists())
    if not above.is_dir():
        yield ("backup", "to"), f"{above} is not a directory"
    elif not os.access(above, os.R_OK | os.W_OK | os.X_OK):
        yield ("backup", "to"), f"{whoever().name} may not write to {above}: `install -d -o {whoever().name} -m 700 {to}`"


def _contents(config: Config) -> Found:
    """What is wrong with what is in the data directory: all of it belongs to one user and is closed to others."""
    if not config.data.is_dir():
        return
    owner = config.data.stat().st_uid
    if not os.access(config.data, os.R_OK | os.W_OK | os.X_OK):
        who = user_name(owner)
        yield (), f"{config.data} belongs to {who} and is closed to {whoever().name}: do this as {who} or as root"
        return
    for path in _all_in(config.data):
        facts = path.lstat()
        if facts.st_uid != owner:
            yield (), f"{path}: belongs to user {user_name(facts.st_uid)}, the directory to {user_name(owner)}: " \
                      f"`chown -R {user_name(owner)} {config.data}`"
        elif facts.st_mode & 0o077 and not stat.S_ISLNK(facts.st_mode):
            yield (), f"{path}: others may use it (mode {facts.st_mode & 0o777:o}): `chmod go= {path}`"


def _all_in(directory: Path) -> Iterator[Path]:
    """directory and what is in it, but not the mail files themselves: there may be millions."""
    def refuse(problem: OSError) -> None:
        raise problem

    for place, folders, files in os.walk(directory, onerror=refuse):
        here = Path(place)
        yield here
        if here == directory / "mail":
            folders[:] = []
        yield from (here / name for name in files)


def verify(site: Site, arguments: Namespace) -> int:
    """Check the store, and mend what can be mended if asked; 1 if something is wrong and was not mended."""
    from mta.store.verify import problems, repair

    store = site.world.store
    mended = list(repair(store)) if arguments.repair else []
    found = problems(store, bodies=not arguments.quick)
    if arguments.json:
        show([{"kind": "mended", "text": text} for text in mended] + [{"kind": "problem", "text": text} for text in found], as_json=True)
        return 1 if found else 0
    for line in mended:
        print(f"mended: {line}")
    for problem in found:
        print(problem, file=sys.stderr)
    if not found:
        print("databases and mail files agree")
    return 1 if found else 0
