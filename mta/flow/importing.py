"""Imports as people see them: begin one, watch it, stop it, let it go on; and the run of each.

An import is a row (mta.store.imports).  What was uploaded, and other servers, are worked
off by the reporter, which finds the row by a bell and goes on with it after an end of any
kind; what lies at a path is read by the command that was given it, since only that may
read there.

The password at another server is sealed in the row; the key is a file of its own, which
goes when the run ends, however it ends.  So copies of the database (backups, the log)
never open it, and whoever lets an import go on gives the password once more.
"""
from collections.abc import Callable, Coroutine, Iterable
from pathlib import Path
from typing import Any, BinaryIO, Final

from mta.base.errors import BadName, Conflict, NoRoom, PillarboxError, TemporaryError, UserError, origin
from mta.base.events import Event
from mta.base.limits import LIMITS
from mta.base.names import Domain
from mta.flow import fileimport, imapimport
from mta.flow.accountnames import named
from mta.flow.fileimport import FileLetters
from mta.flow.imapimport import Halt
from mta.flow.intake import Full, Intake, Letter
from mta.flow.world import World
from mta.imap.answer import Lost
from mta.net import sealing
from mta.store import imports, mailboxes
from mta.store.connection import Connection
from mta.store.importfiles import ImportFiles
from mta.store.imports import Halted, ImportRow, Kind, Options, Progress
from mta.store.sources import Source, open_source

#: What the reporter works off.
FOR_REPORTER: Final[tuple[Kind, ...]] = ("upload", "imap")
BELL: Final = "import"
#: Seconds between two signs of life of a long look through an archive.
SIGN: Final = 60.0
STOPPED: Final = "It was stopped by its owner."

Wait = Callable[[float], bool]
#: Runs a coroutine to its end, from a thread.
Finish = Callable[[Coroutine[Any, Any, None]], None]


# --- beginning -----------------------------------------------------------------------------------


def begin_upload(world: World, account: int, name: str, size: int, *, mailbox: str = "", train: bool = False) -> ImportRow:
    """Expect a file of size octets; UserError if it is none that could be taken."""
    if not 0 < size <= LIMITS.import_upload:
        raise UserError(f"A file of 1 octet to {LIMITS.import_upload // 2**30} GiB can be uploaded.")
    options = Options(_mailbox(mailbox), train, size=size)
    label = "".join(char if char.isprintable() else " " for char in name.strip())[:200] or "a file"
    return _added(world, account, "upload", label, options, "coming")


def append(world: World, account: int, id: int, offset: int, piece: bytes) -> ImportRow:
    """Add a piece of the file; with the last one the import begins.  Conflict tells where to go on."""
    files = ImportFiles(world.store.directory)
    row = world.store.read(lambda db: imports.get(db, account, id))
    if row.state != "coming" or row.kind != "upload":
        raise Conflict("Nothing is expected for this import.")
    if offset + len(piece) > row.options.size:
        raise UserError("That is more than the file was said to have.")
    if files.append(id, offset, piece) == row.options.size:
        world.store.write_now(lambda db: imports.arrived(db, world.clock, account, id))
        world.bell.ring("reporter", BELL, id)
    return world.store.read(lambda db: imports.get(db, account, id))


def uploaded(world: World, row: ImportRow) -> int:
    """How much of an expected file is there."""
    return ImportFiles(world.store.directory).size(row.id) if row.state == "coming" else row.options.size


def begin_imap(world: World, account: int, host: str, user: str, password: str, *, port: int = 993, security: str = "tls",
               mailbox: str = "", train: bool = False, ring: bool = True) -> ImportRow:
    """Import from another server, or what is new there since the last time; UserError for what cannot be."""
    options = Options(_mailbox(mailbox), train, host=_host(host), port=port, security=security, user=user.strip())
    if not options.user or not password:
        raise UserError("Give the name and the password that the other server knows you by.")
    if security not in ("tls", "starttls") or not 0 < port < 65_536:
        raise UserError("The security is tls or starttls, the port a number up to 65535.")
    source = f"{options.user} at {options.host}" + ("" if port in (143, 993) else f":{port}")
    running = [row for row in listing(world, account) if row.source == source and row.state in ("waiting", "running")]
    if running:
        raise Conflict(f"An import of {source} runs already.")
    row = _added(world, account, "imap", source, options, "coming")
    _sealed(world, row, password)
    if ring:
        world.bell.ring("reporter", BELL, row.id)
    return world.store.read(lambda db: imports.get(db, account, row.id))


def begin_path(world: World, account: int, path: str, format: str, *, mailbox: str = "", train: bool = False) -> ImportRow:
    """Import what lies at a path; one that was broken off goes on where it was."""
    found = world.store.read(lambda db: imports.unclaimed(db, world.clock, account, "path", path))
    options = Options(_mailbox(mailbox), train, format=format, path=path)
    if found is None or found.options != options:
        return _added(world, account, "path", path, options, "waiting")
    if found.state == "stopped":
        world.store.write_now(lambda db: imports.resume(db, world.clock, account, found.id))
    return world.store.read(lambda db: imports.get(db, account, found.id))


# --- what becomes of it ----------------------------------------------------------------------------


def listing(world: World, account: int) -> list[ImportRow]:
    """The account's imports, the newest first."""
    return world.store.read(lambda db: imports.all(db, account))


def one(world: World, account: int, id: int) -> tuple[ImportRow, list[tuple[str, str]]]:
    """An import, and what it could not take; NotFound."""
    return world.store.read(lambda db: (imports.get(db, account, id), imports.skips(db, id)))


def stop(world: World, account: int, id: int) -> None:
    """Take no more of it; what came stays.  Conflict if it does not run."""
    world.store.write_now(lambda db: imports.stop(db, world.clock, account, id, STOPPED))
    ImportFiles(world.store.directory).drop_key(id)


def go_on(world: World, account: int, id: int, password: str = "") -> None:
    """Let one that stopped go on, or look again at a server for what is new.  Conflict, UserError."""
    row = world.store.read(lambda db: imports.get(db, account, id))
    files = ImportFiles(world.store.directory)
    if row.kind == "path":
        raise Conflict("This one was begun on the command line, and goes on there.")
    if row.kind == "upload":
        if files.size(id) != row.options.size:
            raise Conflict("The file is not on the server any more: upload it again. Nothing will come twice.")
        world.store.write_now(lambda db: imports.resume(db, world.clock, account, id))
    else:
        if not password:
            raise UserError("Give the password at the other server: it was forgotten when the import ended.")
        if row.state in ("waiting", "running"):
            raise Conflict("The import runs already.")
        _sealed(world, row, password)
    world.bell.ring("reporter", BELL, id)


def remove(world: World, account: int, id: int) -> None:
    """Forget an import and its files; what it brought stays.  Conflict if it runs."""
    world.store.write_now(lambda db: imports.remove(db, account, id))
    ImportFiles(world.store.directory).remove(id)


def sweep(world: World) -> str:
    """Forget uploads that nobody went on with, and files of imports that are over or gone; says how many."""
    files = ImportFiles(world.store.directory)
    stale = world.store.read(lambda db: imports.forsaken(db, world.clock.timestamp() - LIMITS.import_coming_age))
    for account, id in stale:
        world.store.write_now(lambda db, account=account, id=id: imports.remove(db, account, id))    # type: ignore[misc]  # defaults
    return f"{len(stale)} uploads, files of {files.sweep(world.store.read(imports.ids))} imports"


# --- running it --------------------------------------------------------------------------------------


def claim(world: World, owner: str, kinds: Iterable[Kind] = FOR_REPORTER, id: int | None = None) -> ImportRow | None:
    """The import that waits longest, or that one, which is ours now; None if there is none."""
    wanted = tuple(kinds)
    if id is None and not world.store.read(lambda db: imports.any_waiting(db, world.clock, wanted)):
        return None
    return world.store.write_now(lambda db: imports.claim(db, world.clock, owner, wanted, id))


def run(
        world: World, row: ImportRow, owner: str, wait: Wait, finish: Finish, *, file: BinaryIO | None = None,
        private: bool = False) -> None:
    """Do a claimed import to its end, or until wait(0) is true: then it goes on later.  Never fails."""
    began = world.clock.monotonic()
    problem = ""
    try:
        if row.kind == "imap":
            finish(_over_imap(world, row, owner, wait, private))
        else:
            _files(world, row, owner, wait, file)
    except (Halted, Halt, InterruptedError):
        return
    except NoRoom as trouble:
        problem = fileimport.no_room(trouble)
    except (Full, UserError, Lost) as trouble:
        problem = _sentence(str(trouble))
    except TemporaryError as trouble:
        world.journal.note(Event.STORE_TROUBLE, where="import", problem=str(trouble))
        problem = f"The server had trouble ({trouble}). It can go on."
    except Exception as trouble:    # a bug of ours must neither end the role nor be silent
        world.journal.note(Event.UNEXPECTED, where=origin(trouble), problem=f"import {row.id}: {trouble!r}")
        problem = "Something went wrong that is our fault; it was noted for the administrator. It can go on."
    _ended(world, row, owner, problem, world.clock.monotonic() - began)


def _ended(world: World, row: ImportRow, owner: str, problem: str, seconds: float) -> None:
    """Note how it ended; what is not needed any more goes."""
    files = ImportFiles(world.store.directory)
    try:
        ended = world.store.write_now(lambda db: imports.end(db, world.clock, row.id, owner, "stopped" if problem else "done", problem))
        if not ended:
            return
        last = world.store.read(lambda db: imports.get(db, row.account_id, row.id))
    except PillarboxError as trouble:
        world.journal.note(Event.STORE_TROUBLE, where="import", problem=str(trouble))
        return
    files.drop_key(row.id)
    if problem:
        world.journal.note(Event.IMPORT_STOPPED, account=named(world, row.account_id), id=row.id, source=row.source, reason=problem)
        return
    files.remove(row.id)
    world.journal.note(Event.IMPORTED, account=named(world, row.account_id), id=row.id, source=row.source, added=last.added,
                       known=last.known, skipped=last.skipped, seconds=seconds)


def _files(world: World, row: ImportRow, owner: str, wait: Wait, file: BinaryIO | None) -> None:
    """Read the file or folder of an import."""
    source, size = _source(world, row, file)
    try:
        sign = _Signs(world, row, owner, wait)
        found = fileimport.survey(source, size, sign)
        _check_format(row.options.format, found)
        if not row.position:
            world.store.write_now(lambda db: imports.begin(db, row.id, owner, found.octets))
        _take(world, row, owner, FileLetters(world, source, found, row.options, row.position), wait)
    finally:
        source.close()


def _source(world: World, row: ImportRow, file: BinaryIO | None) -> tuple[Source, int]:
    """What is read, and how many octets it has as it lies there (a folder: 0)."""
    path = ImportFiles(world.store.directory).mail(row.id) if row.kind == "upload" else Path(row.options.path)
    name = row.source if row.kind == "upload" else path.name
    source = open_source(path, name, file=file)
    return source, 0 if path.is_dir() else path.stat().st_size


def _take(world: World, row: ImportRow, owner: str, letters: Iterable[Letter], wait: Wait) -> None:
    """Hand the letters to the intake in batches."""
    intake, batch, octets = Intake(world, row, owner), list[Letter](), 0
    try:
        for letter in letters:
            batch.append(letter)
            octets += letter.body.size if letter.body else 0
            if len(batch) >= LIMITS.import_batch * 2 or octets >= LIMITS.import_batch_octets:
                full, batch, octets = batch, [], 0
                intake.take(full)
                if wait(0.0):
                    raise InterruptedError
        full, batch = batch, []
        intake.take(full)
    finally:
        for letter in batch:
            if letter.body is not None:
                letter.body.abandon()


class _Signs:
    """wait(), with a sign of life for the claim now and then."""

    def __init__(self, world: World, row: ImportRow, owner: str, wait: Wait) -> None:
        self._world, self._row, self._owner, self._wait = world, row, owner, wait
        self._last = world.clock.monotonic()

    def __call__(self, seconds: float) -> bool:
        now = self._world.clock.monotonic()
        if now - self._last >= SIGN:
            self._last = now
            self._world.store.write_now(lambda db: imports.advance(db, self._world.clock, self._row.id, self._owner, Progress()))
        return self._wait(seconds)


async def _over_imap(world: World, row: ImportRow, owner: str, wait: Wait, private: bool) -> None:
    key = ImportFiles(world.store.directory).key(row.id)
    password = sealing.unseal(key, row.secret) if key and row.secret else None
    if password is None:
        raise UserError("The password is not there any more: give it again, and the import goes on.")
    await imapimport.run(world, row, owner, password, lambda: wait(0.0), private=private or world.config.local)


def _check_format(format: str, found: fileimport.Survey) -> None:
    if format == "mbox" and not found.boxes:
        raise UserError('There is no mbox file in it: one begins with a line "From ".')
    if format == "maildir" and not found.maildirs:
        raise UserError("There is no Maildir in it: one has folders called cur and new.")
    if format == "takeout" and not found.boxes:
        raise UserError("There is no mail of Google Takeout in it: that is a file like \"All mail Including Spam and Trash.mbox\".")


def _added(world: World, account: int, kind: Kind, source: str, options: Options, state: imports.State) -> ImportRow:
    def change(db: Connection) -> ImportRow:
        waiting = [row for row in imports.all(db, account) if row.state in ("coming", "waiting")]
        if len(waiting) >= LIMITS.imports_kept:
            raise Conflict("Too many imports wait already: remove some of them.")
        return imports.get(db, account, imports.add(db, world.clock, account, kind, source, options, state))

    return world.store.write_now(change)


def _sealed(world: World, row: ImportRow, password: str) -> None:
    """Seal the password for one run, which may begin now."""
    key, sealed = sealing.seal(password)
    ImportFiles(world.store.directory).keep_key(row.id, key)
    world.store.write_now(lambda db: imports.resume(db, world.clock, row.account_id, row.id, secret=sealed))


def _mailbox(name: str) -> str:
    return mailboxes.check_name(name.strip()) if name.strip() else ""


def _host(host: str) -> str:
    host = host.strip().rstrip(".")
    try:
        return Domain.parse(host).ascii
    except BadName:
        if host and all(char in "0123456789abcdefABCDEF.:" for char in host):
            return host
        raise UserError(f"{host!r} is no name of a server: write it like imap.example.org") from None


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")
