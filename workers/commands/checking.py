"""`pillarbox check`, `verify` and `config sample`."""
import os
import stat
import sys
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

from mta.base.errors import PillarboxError, SetupError
from mta.config.model import Config
from workers.commands.site import Site


def sample(site: Site, arguments: Namespace) -> str:
    """The sample configuration."""
    from mta.config.sample import sample as text
    return text().rstrip("\n")


def check(site: Site, arguments: Namespace) -> int:
    """Say all that is wrong with configuration and data directory; 1 if there is anything."""
    problems = _problems(site)
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        return 1
    print("everything is in order")
    return 0


def _problems(site: Site) -> list[str]:
    try:
        config = site.config
    except SetupError as problem:
        return str(problem).splitlines()
    found = [*_certificate(config), *_passwords(config), *_user(config)]
    found += _directory(config)
    if found or not (config.data / "pillarbox.db").exists():
        return found
    try:
        from mta.store.verify import problems
        return problems(site.world.store, bodies=False)
    except PillarboxError as problem:
        return str(problem).splitlines()


def _user(config: Config) -> Iterator[str]:
    from workers.privileges import service_user
    try:
        service_user(config.user)
    except SetupError as problem:
        yield str(problem)


def _certificate(config: Config) -> Iterator[str]:
    """What is wrong with a certificate of the operator's."""
    from mta.net.tls import server_context
    if config.tls.certificate and config.tls.key:
        try:
            server_context(config.tls.certificate, config.tls.key)
        except SetupError as problem:
            yield str(problem)


def _passwords(config: Config) -> Iterator[str]:
    for transport in config.transports:
        if transport.password_file and not transport.password_file.is_file():
            yield f"{transport.password_file}: is not there (password_file of [transports.{transport.name}])"


def _directory(config: Config) -> Iterator[str]:
    """What is wrong with the data directory: everything in it belongs to one user and is closed to others."""
    if not config.data.exists():
        return
    owner = config.data.stat().st_uid
    try:
        for path in _all_in(config.data):
            facts = path.lstat()
            if facts.st_uid != owner:
                yield f"{path}: belongs to user {facts.st_uid}, the directory to {owner}: `chown -R {owner} {config.data}`"
            elif facts.st_mode & 0o077 and not stat.S_ISLNK(facts.st_mode):
                yield f"{path}: others may use it (mode {facts.st_mode & 0o777:o}): `chmod go= {path}`"
    except OSError as problem:
        yield f"{problem.filename}: {problem.strerror}"


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
    if arguments.repair:
        for line in repair(store):
            print(f"mended: {line}")
    found = problems(store, bodies=not arguments.quick)
    for problem in found:
        print(problem, file=sys.stderr)
    if not found:
        print("databases and mail files agree")
    return 1 if found else 0
