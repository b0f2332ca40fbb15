"""Import from another server over IMAP: what is new there, and flags that changed since the last time.

Mailboxes are only looked at (EXAMINE, BODY.PEEK): nothing changes there.  Of each it is
remembered which UIDs were taken under which UIDVALIDITY, in the change that stores their
messages; so an import that broke off goes on with the next UID, and one that is repeated
until the move is done takes what came since.  A server that gives its mailboxes a new
UIDVALIDITY makes us look at all messages again, and none comes twice (mta.flow.intake).

One connection, groups of a few messages; a connection that breaks off is made again, with
growing pauses.  What was removed there since stays here.

Gmail shows a message in the mailbox of each of its labels: there All Mail is read, with
labels, and Junk and Trash, which are not in it.
"""
import asyncio
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from mta.base.errors import UserError
from mta.base.limits import LIMITS
from mta.flow import intake
from mta.flow.intake import Intake, Letter, Target
from mta.flow.world import World
from mta.imap import answer
from mta.imap.answer import Lost, Value
from mta.imap.client import Client, Fetched, Listed, Refused, uid_set
from mta.message import folders, gmail, maildir, mutf7
from mta.message.dates import parse_date
from mta.message.flags import BY_NAME, Flags
from mta.net import mailserver
from mta.store import imported, imports
from mta.store.bodies import BodySink
from mta.store.connection import Connection
from mta.store.imported import FolderRow
from mta.store.imports import ImportRow, Progress

T = TypeVar("T")

#: What IMAP calls the size of a message, after the standard of mail before the last two.
SIZE: Final = "RFC" + "822.SIZE"
GMAIL: Final = "X-GM-EXT-1"
#: Seconds between two looks whether somebody stopped an import that waits for its server.
LOOK: Final = 1.0
#: The code of a server that is only busy (RFC 5530 §3).
BUSY: Final = "UNAVAILABLE"


@dataclass(frozen=True, slots=True)
class Folder:
    """A mailbox there, and where its messages go here; labels: what they have of these decides."""

    listed: Listed
    target: Target
    labels: bool = False


class Halt(Exception):
    """The process is to end; the import goes on later."""


async def run(world: World, row: ImportRow, owner: str, password: str, stopping: Callable[[], bool], *, private: bool) -> None:
    """Take what is new.  UserError if it cannot be done so, Lost if the server stays away, Full, Halted, Halt."""
    work = _Work(world, row, owner, stopping)
    failures = 0
    while True:
        before = work.done
        try:
            await work.watched(asyncio.create_task(_session(world, row, password, work, private)))
            return
        except Lost:
            failures = 1 if work.done > before else failures + 1
            if failures >= LIMITS.imap_tries:
                raise
            await work.pause(LIMITS.imap_pause * 2.0 ** (failures - 1))


async def _session(world: World, row: ImportRow, password: str, work: "_Work", private: bool) -> None:
    options = row.options
    client, connection = await mailserver.reach(
        world.resolver, options.host, options.port, options.security, private=private, authorities=world.config.tls.ca_file)
    work.hang_up = connection.abort
    try:
        try:
            await client.login(options.user, password)
        except Refused as problem:
            if problem.code == BUSY:
                raise Lost(f"{options.host}: {problem}") from None
            raise UserError(f"{options.host} does not let {options.user} in: {problem}. Many services want an app password "
                            "for this, and IMAP switched on in their settings.") from None
        try:
            await work.everything(client)
        except Refused as problem:
            raise Lost(f"{options.host} refuses: {problem}") from None
        await client.logout()
    finally:
        work.hang_up = None
        connection.abort()


class _Work:
    """One import, over as many connections as it takes."""

    def __init__(self, world: World, row: ImportRow, owner: str, stopping: Callable[[], bool]) -> None:
        self._world, self._row, self._owner, self._stopping = world, row, owner, stopping
        self._intake = Intake(world, row, owner)
        self._finished: set[str] = set()
        self._gmail = False
        self.done = 0
        #: Ends the connection that there is.
        self.hang_up: Callable[[], object] | None = None

    async def watched(self, session: "asyncio.Task[None]") -> None:
        """Wait for a session; whoever stops the import, or ends the process, waits for no server, however silent it is."""
        try:
            while not session.done():
                await asyncio.wait([session], timeout=LOOK)
                if not session.done():
                    await self._check()
        finally:
            if not session.done():
                # Where there is a connection something may be being stored: that comes to its end.
                (self.hang_up or session.cancel)()
                # What it says of that is no news.
                await asyncio.gather(session, return_exceptions=True)
        await session

    async def everything(self, client: Client) -> None:
        """Each mailbox that was not finished over an earlier connection."""
        self._gmail = GMAIL in client.capabilities
        found = chosen(await client.mailboxes(), gmail=self._gmail, mailbox=self._row.options.mailbox)
        if not found:
            raise UserError("There are no mailboxes to import from on that server.")
        if not self._finished:
            total = 0
            for folder in found:
                total += await self._count(client, folder)
            await self._write(lambda db: imports.measure(db, self._row.id, self._owner, total))
        for folder in found:
            if folder.listed.name in self._finished:
                continue
            try:
                await self._folder(client, folder)
            except Refused as problem:
                name = mutf7.decode(folder.listed.name)
                await self._note([(name, f"the server does not open this mailbox: {problem}")])
            self._finished.add(folder.listed.name)

    async def pause(self, seconds: float) -> None:
        """Wait before the next connection, unless it is over."""
        for _ in range(max(1, int(seconds))):
            await asyncio.sleep(min(seconds, 1.0))
            await self._check()

    # --- one mailbox -----------------------------------------------------------------------------

    async def _count(self, client: Client, folder: Folder) -> int:
        try:
            return await client.status(folder.listed.name)
        except Refused:
            return 0

    async def _folder(self, client: Client, folder: Folder) -> None:
        state = await client.examine(folder.listed.name)
        account, source = self._row.account_id, self._row.source
        row = await self._write(lambda db: imported.folder(db, account, source, folder.listed.name, state.uidvalidity))
        if row.uid and state.messages:
            await self._flags(client, folder, row)
        uids = await client.uids(row.uid) if state.messages else array("L")
        for start in range(0, len(uids), LIMITS.imap_messages):
            await self._check()
            await self._group(client, folder, row, uids[start:start + LIMITS.imap_messages])

    async def _flags(self, client: Client, folder: Folder, row: FolderRow) -> None:
        """Take up what changed at the messages that were taken earlier."""
        block: list[tuple[int, Flags, tuple[str, ...]]] = []
        items = "UID FLAGS X-GM-LABELS" if folder.labels else "UID FLAGS"
        async for one in client.fetch(f"1:{row.uid}", items):
            if one.uid <= row.uid:
                _target, flags, keywords = self._meaning(folder, one)
                block.append((one.uid, flags, keywords))
            if len(block) >= LIMITS.imap_uids // 5:
                await self._follow(row, block)
                block = []
        await self._follow(row, block)

    async def _follow(self, row: FolderRow, block: Sequence[tuple[int, Flags, tuple[str, ...]]]) -> None:
        account = self._row.account_id

        def change(db: Connection) -> None:
            keys = imported.keys(db, row.id, (uid for uid, _, _ in block))
            changed = 0
            for uid, flags, keywords in block:
                known = imported.get(db, account, keys[uid]) if uid in keys else None
                if known is not None:
                    changed += intake.follow(db, account, keys[uid], known, flags, keywords)
            imports.advance(db, self._world.clock, self._row.id, self._owner, Progress(octets=len(block), changed=changed))

        if block:
            await self._write(change)
            self.done += len(block)

    async def _group(self, client: Client, folder: Folder, row: FolderRow, uids: "array[int]") -> None:
        """Take some messages: first what there is to know of them, then those that can be had."""
        name = "/".join(folder.listed.parts)
        items = f"UID FLAGS INTERNALDATE {SIZE}" + (" X-GM-LABELS" if folder.labels else "")
        facts = {one.uid: one async for one in client.fetch(uid_set(uids), items) if one.uid in uids}
        refused = {uid: f"it has {size} octets; a message here can have {LIMITS.message}" for uid, one in facts.items()
                   if (size := _size(one)) > LIMITS.message}
        wanted = [uid for uid in uids if uid in facts and uid not in refused]
        sinks: dict[int, BodySink] = {}
        letters: list[Letter] = []
        try:
            if wanted:
                async for one in client.fetch(uid_set(wanted), "UID BODY.PEEK[]", lambda size: self._world.store.bodies.sink()):
                    if isinstance(one.sink, BodySink):
                        if one.uid in wanted and one.uid not in sinks:
                            sinks[one.uid] = one.sink
                        else:
                            one.sink.abandon()
            for uid in uids:
                letter = Letter(f"{name}, UID {uid}", 1, None, uid=(row.id, uid))
                if uid in sinks:
                    letter.body = sinks.pop(uid).finish()
                    letter.target, letter.flags, letter.keywords = self._meaning(folder, facts[uid])
                    letter.received = parse_date(answer.word(facts[uid].facts.get("INTERNALDATE")))
                elif uid in refused:
                    letter.refused = refused[uid]
                elif uid in facts:
                    letter.refused = "the server has it in its list, but does not give it"
                letters.append(letter)
        except BaseException:
            for letter in letters:
                if letter.body is not None:
                    letter.body.abandon()
            raise
        finally:
            for sink in sinks.values():
                sink.abandon()
        # In order, or a group that is cut would leave a gap behind the highest UID.
        for start, end in _slices(letters):
            await asyncio.to_thread(self._intake.take, letters[start:end])
            self.done += end - start

    def _meaning(self, folder: Folder, one: Fetched) -> tuple[Target, Flags, tuple[str, ...]]:
        """Where a message goes, with which flags and keywords."""
        flags, keywords = _flags_of(one.facts.get("FLAGS"))
        if not folder.labels:
            return folder.target, flags, keywords
        labels = [mutf7.decode(label) for label in answer.words(one.facts.get("X-GM-LABELS") or [])]
        found = gmail.sort(labels, bool(flags & Flags.SEEN))
        target = folder.target
        if not target.role and not target.name:
            name = folders.own_name(found.mailbox.split("/")) if found.mailbox else ""
            target = Target(found.role or ("" if name else "archive"), name, once=True)
        flags |= found.flags
        extra, keywords = maildir.as_flags((*keywords, *found.keywords))
        return target, flags | extra, keywords

    # --- writing -----------------------------------------------------------------------------------

    async def _write(self, change: Callable[[Connection], T]) -> T:
        return await self._world.store.write(change)

    async def _note(self, skips: Sequence[tuple[str, str]]) -> None:
        progress = Progress(skips=skips)
        await self._write(lambda db: imports.advance(db, self._world.clock, self._row.id, self._owner, progress))

    async def _check(self) -> None:
        """Halt if the process is to end, Halted if the import was stopped."""
        if self._stopping():
            raise Halt
        await self._write(lambda db: imports.advance(db, self._world.clock, self._row.id, self._owner, Progress()))


def chosen(found: Sequence[Listed], *, gmail: bool, mailbox: str = "") -> list[Folder]:
    """Which of a server's mailboxes are read, and where each goes; mailbox takes all."""
    known = [one for one in found if not one.attributes & folders.VIEWS]
    whole = [one for one in found if "\\all" in one.attributes]
    labels = bool(gmail and whole)
    if labels:
        known = [*whole, *(one for one in known if one.attributes & {"\\junk", "\\trash"})]
    # Servers that have everything below the Inbox mean nothing by it.
    below = sum(one.parts[0].casefold() == "inbox" for one in known)
    strip = below > 1 and below == len(known)
    taken: set[str] = set()
    folders_of: list[Folder] = []
    for one in known[:LIMITS.import_folders]:
        parts = one.parts[1:] if strip and len(one.parts) > 1 else one.parts
        if mailbox:
            target = Target(name=folders.own_name(mailbox.split("/")), once=gmail)
        elif labels and "\\all" in one.attributes:
            target = Target(once=True)
        else:
            role = _role(one, parts, taken)
            target = Target(role, "" if role else folders.own_name(parts), once=gmail)
        folders_of.append(Folder(one, target, labels))
    return folders_of


def _role(one: Listed, parts: Sequence[str], taken: set[str]) -> str:
    """The role of a mailbox by its special use (RFC 6154), else by its name, if no other has it."""
    role = next((folders.SPECIAL[each] for each in sorted(one.attributes) if each in folders.SPECIAL), "")
    if not role and len(parts) == 1:
        role = folders.role_of(parts[0])
    if role in taken:
        return ""
    if role:
        taken.add(role)
    return role


def _flags_of(value: Value) -> tuple[Flags, tuple[str, ...]]:
    flags, others = Flags.NONE, []
    for name in answer.words(value or []):
        flag = BY_NAME.get(name.lower())
        if flag is not None:
            flags |= flag
        elif not name.startswith("\\"):
            others.append(name)
    extra, keywords = maildir.as_flags(others)
    return flags | extra, keywords


def _size(one: Fetched) -> int:
    value = one.facts.get(SIZE)
    return answer.number(value) if value is not None else 0


def _slices(letters: Sequence[Letter]) -> list[tuple[int, int]]:
    """Where batches begin and end, none larger than a transaction should be."""
    found, start, octets = [], 0, 0
    for place, letter in enumerate(letters):
        octets += letter.body.size if letter.body else 0
        if place - start + 1 >= LIMITS.import_batch or octets >= LIMITS.import_batch_octets:
            found.append((start, place + 1))
            start, octets = place + 1, 0
    if start < len(letters):
        found.append((start, len(letters)))
    return found

