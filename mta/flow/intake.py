"""Put imported messages into mailboxes: once each, with their flags, in batches that are done whole or not at all.

What is imported was somebody's mail already: no rule is asked, nothing answered, nobody
notified, and the junk filter learns from it only if that was chosen.  A batch is one
change: its messages, what is remembered of them, and how far the import has come with
them; so an import that is ended at any point goes on with neither a gap nor a double.

What is here already is found by what is remembered of earlier imports, and among the
mail that came otherwise by Message-ID and content.  Of what is known, flags that changed
at the source since are brought up to date.

Read on: fileimport and imapimport make the letters, importing runs them.
"""
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from mta.base.errors import NotFound, PillarboxError, TemporaryError, UserError
from mta.base.limits import LIMITS
from mta.flow import deposit
from mta.flow.world import World
from mta.judge.reason import Reason
from mta.message import header as headers
from mta.message import maildir, structure
from mta.message.dates import parse_date
from mta.message.envelope import Envelope
from mta.message.flags import Flags
from mta.store import accounts, bodies, imported, imports, lessons, mailboxes, messages
from mta.store.bodies import SpooledBody
from mta.store.connection import Connection
from mta.store.imported import Known
from mta.store.imports import ImportRow, Progress

#: Seconds that a source's clock may be ahead of ours.
AHEAD: Final = 86_400.0
WHY: Final = Reason("It was imported.", key="imported")
CHUNK: Final = 256 * 1024


class Full(PillarboxError):
    """The account has no room for more; the text says so to its owner."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a message goes: the mailbox with a role, or else the one called name.

    once: it is kept once, however many mailboxes of the source have it.
    """

    role: str = ""
    name: str = ""
    once: bool = False

    @property
    def text(self) -> str:
        """What tells it from other targets, whatever mailboxes are called later."""
        return "" if self.once else self.role or self.name


@dataclass(slots=True)
class Letter:
    """A message of the source, or (without a body) why there is none.

    place says for people where it stands; octets is how far the import is further with it;
    position is where to go on after it.  uid is (folder, UID) at another server.
    """

    place: str
    octets: int
    position: tuple[Any, ...] | None
    body: SpooledBody | None = None
    target: Target = Target()
    flags: Flags = Flags.NONE
    keywords: tuple[str, ...] = ()
    received: float | None = None
    refused: str = ""
    uid: tuple[int, int] | None = None
    envelope: Envelope | None = None
    packed: bytes = b""
    key: bytes = b""
    twin: int | None = None     # a message here that has the same content


def examine(world: World, letter: Letter) -> None:
    """Read what its rows will say of a message; takes time, and nothing is written."""
    body = letter.body
    if body is None:
        return
    with body.view() as octets:
        top = headers.parse(octets)
        found = structure.analyse(octets, header=top)
        letter.received = _moment(world, letter.received, top, found.envelope)
    letter.envelope, letter.packed = found.envelope, structure.pack(found)
    letter.key = imported.key_of(body.sha256, letter.target.text)
    extra, letter.keywords = maildir.as_flags(letter.keywords)
    letter.flags |= extra


class Intake:
    """Takes the messages of one import, which owner has claimed."""

    def __init__(self, world: World, row: ImportRow, owner: str) -> None:
        self._world, self._row, self._owner = world, row, owner
        self._surplus: set[str] = set()

    def take(self, letters: Sequence[Letter]) -> None:
        """Store a batch; blocks.  Full if there is no room (what came before is stored), Halted if somebody stopped the import."""
        for letter in letters:
            examine(self._world, letter)
        self._find_twins(letters)
        account = self._row.account_id
        known = self._world.store.read(
            lambda db: {letter.key for letter in letters if letter.key and imported.get(db, account, letter.key)})
        spooled = [letter.body for letter in letters if letter.body is not None and letter.key not in known]
        for letter in letters:
            if letter.body is not None and letter.key in known:
                letter.body.abandon()       # nothing of what is here already is written
        try:
            # One change has all of them, and it would sync them one after another.
            self._world.store.keep_ahead(spooled)
        except BaseException:
            for body in spooled:
                body.discard()
            raise
        full = self._world.store.write_now(lambda db: self._change(db, letters), spooled)
        if full:
            raise Full(full)

    # --- within the change ---------------------------------------------------------------------

    def _change(self, db: Connection, letters: Sequence[Letter]) -> str:
        """Put the letters where they belong; gives why not all of them, or ""."""
        progress, skips, full = Progress(), list[tuple[str, str]](), ""
        account = accounts.get(db, self._row.account_id)
        if account is None:
            raise NotFound("The account is not there any more.")
        used = account.size
        for letter in letters:
            if letter.body is not None:
                known = imported.get(db, account.id, letter.key)
                if known is None and letter.twin is not None:
                    known = self._adopt(db, letter, letter.twin)
                if known is not None:
                    progress.known += 1
                    progress.changed += self._follow(db, letter, known)
                elif account.quota and used + letter.body.size > account.quota:
                    full = (f"The account is full: {used // 2**20} of {account.quota // 2**20} MiB are in use. "
                            "Let the administrator raise its quota, or remove mail; then let the import go on.")
                    break
                else:
                    if not letter.body.kept:
                        raise TemporaryError("what was remembered of imports changed meanwhile")
                    self._add(db, letter, skips)
                    used += letter.body.size
                    progress.added += 1
            elif letter.refused:
                skips.append((letter.place, letter.refused))
            if letter.uid is not None:
                imported.took(db, *letter.uid, letter.key or None)
            progress.octets += letter.octets
            progress.position = letter.position or progress.position
        progress.skips = skips
        imports.advance(db, self._world.clock, self._row.id, self._owner, progress)
        return full

    def _add(self, db: Connection, letter: Letter, skips: list[tuple[str, str]]) -> None:
        assert letter.body is not None
        assert letter.envelope is not None
        assert letter.received is not None
        account = self._row.account_id
        place = self._mailbox(db, letter.target)
        keywords = self._keywords(db, place, letter, skips)
        row = messages.add(db, self._world.clock, deposit.new_message(
            place, bodies.insert(db, letter.body), letter.body.size, letter.envelope, letter.packed, letter.received,
            flags=letter.flags, keywords=keywords, reasons=(WHY,)), skip_quota=True)
        imported.note(db, account, letter.key, Known(row.id, letter.flags, letter.keywords))
        if self._row.options.train and letter.target.role not in ("sent", "drafts", "trash"):
            lessons.note(db, self._world.clock, account, {row.id: "junk" if letter.target.role == "junk" else "good"}, "imported")

    def _adopt(self, db: Connection, letter: Letter, twin: int) -> Known:
        """A message that came otherwise is taken for the imported one; its flags are its owner's."""
        known = Known(twin, letter.flags, letter.keywords)
        imported.note(db, self._row.account_id, letter.key, known)
        return known

    def _follow(self, db: Connection, letter: Letter, known: Known) -> int:
        return follow(db, self._row.account_id, letter.key, known, letter.flags, letter.keywords)

    def _mailbox(self, db: Connection, target: Target) -> int:
        account, clock = self._row.account_id, self._world.clock
        if target.role:
            found = mailboxes.by_role(db, account, target.role)
            if found is not None:
                return found.id
        name = target.name or target.role.capitalize()
        found = mailboxes.by_name(db, account, name)
        return found.id if found is not None else mailboxes.add(db, clock, account, name)

    def _keywords(self, db: Connection, place: int, letter: Letter, skips: list[tuple[str, str]]) -> tuple[str, ...]:
        """Those keywords that a message can have here; the others are told of once."""
        if not letter.keywords:
            return ()
        known = {name.lower() for name in mailboxes.keywords(db, place)}
        kept: list[str] = []
        for name in dict.fromkeys(letter.keywords):
            try:
                messages.check_keywords([name])
                fits = len(kept) < LIMITS.keywords_per_message and (name.lower() in known or len(known) < LIMITS.keywords_per_mailbox)
            except UserError:
                fits = False
            if fits:
                known.add(name.lower())
                kept.append(name)
            elif name not in self._surplus and len(self._surplus) < LIMITS.import_labels:
                self._surplus.add(name)
                skips.append((letter.place, f"The keyword {name} cannot be kept: it is none here, or there are too many. "
                                            "The messages were taken without it."))
        return tuple(kept)

    # --- before it -------------------------------------------------------------------------------

    def _find_twins(self, letters: Iterable[Letter]) -> None:
        """Messages that came otherwise and are the same: one Message-ID, one mailbox, one size, one content."""
        for letter in letters:
            if letter.body is None or letter.envelope is None or not letter.envelope.message_id:
                continue
            for row in self._world.store.read(lambda db, letter=letter: self._alike(db, letter)):    # type: ignore[misc]  # a lambda with a default
                if self._content_of(row) == letter.body.sha256:
                    letter.twin = row.id
                    break

    def _alike(self, db: Connection, letter: Letter) -> list[messages.MessageRow]:
        assert letter.body is not None
        assert letter.envelope is not None
        account = self._row.account_id
        if imported.get(db, account, letter.key) is not None:
            return []
        target = letter.target
        place = mailboxes.by_role(db, account, target.role) if target.role else mailboxes.by_name(db, account, target.name)
        found = messages.by_message_id(db, account, letter.envelope.message_id.strip("<>"))
        return [row for row in found[:10] if row.size == letter.body.size and (target.once or (place and row.mailbox_id == place.id))]

    def _content_of(self, row: messages.MessageRow) -> bytes:
        digest = hashlib.sha256()
        with messages.open_content(self._world.store, row) as content:
            while piece := content.read(CHUNK):
                digest.update(piece)
        return digest.digest()


def follow(db: Connection, account: int, key: bytes, known: Known, flags: Flags, keywords: tuple[str, ...]) -> int:
    """Take up what changed at the source since it was looked at last, and only that; 1 if a message differs now."""
    if flags == known.flags and set(keywords) == set(known.keywords):
        return 0
    imported.note(db, account, key, Known(known.message_id, flags, keywords))
    place = messages.places(db, account, [known.message_id]).get(known.message_id)
    if place is None:
        return 0
    fresh = [name for name in keywords if name not in known.keywords and _possible(name)]
    room = LIMITS.keywords_per_mailbox - len(mailboxes.keywords(db, place))
    try:
        return len(messages.set_flags(
            db, account, [known.message_id], flags & ~known.flags, known.flags & ~flags, fresh[:max(room, 0)],
            [name for name in known.keywords if name not in keywords]))
    except UserError:
        # Too many keywords: what can be brought up to date is.
        return len(messages.set_flags(db, account, [known.message_id], flags & ~known.flags, known.flags & ~flags))


def _possible(name: str) -> bool:
    try:
        messages.check_keywords([name])
    except UserError:
        return False
    return True


def _moment(world: World, told: float | None, top: headers.Header, envelope: Envelope) -> float:
    """When a message came: as the source says, else by its newest Received field, else by its Date, else now."""
    now = world.clock.timestamp()
    received = None
    if told is None and (field := top.get("received")) is not None:
        received = parse_date(field.unfolded().rpartition(";")[2])
    for moment in (told, received, envelope.date):
        if moment is not None and 0 < moment <= now + AHEAD:
            return moment
    return now
