"""`pillarbox import …`: done here, by this process, whether the server runs or not."""
import asyncio
import os
import sys
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from mta.base.errors import SetupError, UserError
from mta.flow import importing, people
from mta.flow.world import World
from mta.store import imports, leases
from mta.store.imports import ImportRow
from workers.commands.asking import source
from workers.commands.paper import Row
from workers.commands.site import Site

#: Seconds between two lines of progress.
EVERY = 1.0


def auto(site: Site, arguments: Namespace) -> list[Row]:
    """Whatever is there."""
    return _from_path(site, arguments, "auto")


def mbox(site: Site, arguments: Namespace) -> list[Row]:
    """mbox files."""
    return _from_path(site, arguments, "mbox")


def maildir(site: Site, arguments: Namespace) -> list[Row]:
    """A Maildir."""
    return _from_path(site, arguments, "maildir")


def takeout(site: Site, arguments: Namespace) -> list[Row]:
    """An archive of Google Takeout."""
    return _from_path(site, arguments, "takeout")


def imap(site: Site, arguments: Namespace) -> list[Row]:
    """Another server."""
    password = _password(f"password of {arguments.user} at {arguments.host}")
    # The names are asked for by ourselves: the resolver's process need not run.
    resolver = source(site, arguments.zone)
    world = site.world
    world.resolver = resolver
    account = people.get_account(world, arguments.account).id
    _take_over(world)
    port = arguments.port or (143 if arguments.starttls else 993)
    row = importing.begin_imap(
        world, account, arguments.host, arguments.user, password, port=port, security="starttls" if arguments.starttls else "tls",
        mailbox=arguments.mailbox, train=arguments.train, ring=False)
    return _run(site, account, row, "imap", None)


def list_imports(site: Site, arguments: Namespace) -> list[Row]:
    """The imports of an account."""
    account = people.get_account(site.world, arguments.account).id
    return [{"id": row.id, "created": row.created, "source": row.source, "state": row.state, "percent": percent(row), "added": row.added,
             "known": row.known, "changed": row.changed, "skipped": row.skipped, "problem": row.problem}
            for row in importing.listing(site.world, account)]


def skipped(site: Site, arguments: Namespace) -> list[Row]:
    """What one could not take."""
    account = people.get_account(site.world, arguments.account).id
    _, found = importing.one(site.world, account, arguments.id)
    return [{"place": place, "reason": reason} for place, reason in found]


def stop(site: Site, arguments: Namespace) -> None:
    """Stop one."""
    importing.stop(site.world, people.get_account(site.world, arguments.account).id, arguments.id)


def remove(site: Site, arguments: Namespace) -> None:
    """Forget one."""
    importing.remove(site.world, people.get_account(site.world, arguments.account).id, arguments.id)


def percent(row: ImportRow) -> int:
    """How far an import has come."""
    return 100 if row.state == "done" else min(99, row.octets * 100 // row.total) if row.total else 0


def _from_path(site: Site, arguments: Namespace, format: str) -> list[Row]:
    path = Path(arguments.path).absolute()
    file = _opened(path)        # before root becomes somebody who may not read it
    try:
        world = site.world
        if file is None and not os.access(path, os.R_OK | os.X_OK):
            raise SetupError(f"{path}: the user of the server may not read this folder; let it, or pack it: "
                             f"tar -czf mail.tgz -C {path.parent} {path.name}")
        account = people.get_account(world, arguments.account).id
        _take_over(world)
        row = importing.begin_path(world, account, str(path), format, mailbox=arguments.mailbox, train=arguments.train)
        return _run(site, account, row, "path", file)
    finally:
        if file is not None:
            file.close()


def _opened(path: Path) -> BinaryIO | None:
    if path.is_dir():
        return None
    try:
        return path.open("rb")
    except OSError as problem:
        raise SetupError(f"{path}: {problem.strerror}") from None


def _take_over(world: World) -> None:
    """What commands held that were ended is free again."""
    world.store.write_now(lambda db: imports.release_all(db, "command", "It was broken off."))


def _run(site: Site, account: int, row: ImportRow, kind: imports.Kind, file: BinaryIO | None) -> list[Row]:
    world = site.world
    owner = leases.incarnation("command")
    claimed = importing.claim(world, owner, [kind], row.id)
    if claimed is None:
        raise UserError(f"import {row.id} is under way already: see `pillarbox import list`")
    importing.run(world, claimed, owner, _told(world, account, row.id), lambda work: asyncio.run(work), file=file, private=True)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    last, found = importing.one(world, account, row.id)
    if last.state != "done":
        raise UserError(f"{last.problem or 'The import was stopped.'} ({last.added} messages came; import {last.id})")
    if found and not sys.stdout.isatty() and sys.stderr.isatty():
        print(f"{last.skipped} were passed over: `pillarbox import skipped` says why", file=sys.stderr)
    return [{"id": last.id, "state": last.state, "added": last.added, "known": last.known, "changed": last.changed,
             "skipped": last.skipped, "problem": last.problem}]


def _told(world: World, account: int, id: int) -> Callable[[float], bool]:
    """A wait() that prints how far it is, and never ends the import."""
    last = world.clock.monotonic()

    def wait(seconds: float) -> bool:
        nonlocal last
        if sys.stderr.isatty() and world.clock.monotonic() - last >= EVERY:
            last = world.clock.monotonic()
            row, _ = importing.one(world, account, id)
            print(f"\r{percent(row)} %, {row.added} messages new, {row.known} known, {row.skipped} passed over ",
                  end="", file=sys.stderr, flush=True)
        return False

    return wait


def _password(prompt: str) -> str:
    if sys.stdin.isatty():
        import getpass
        return getpass.getpass(f"{prompt}: ")
    line = sys.stdin.readline().rstrip("\n")
    if not line:
        raise SetupError("a password is needed: type it at a terminal, or give it on standard input")
    return line
