"""Letters out of files: mbox, Maildir and single messages, in a folder or an archive, or one file by itself.

A first reading looks at all members (what is it, how much, which folders, what keywords
are called), a second one takes the messages.  So it is known where the top of a Maildir
is and what its keywords mean before its messages come, in whatever order an archive has
them; and an archive that is made to do harm is refused before anything of it is taken.
"""
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final

from mta.base.errors import NoRoom, UserError
from mta.base.limits import LIMITS
from mta.flow.intake import Letter, Target
from mta.flow.world import World
from mta.message import folders, gmail, maildir
from mta.message.flags import Flags
from mta.message.mbox import FIELD, Found, Mbox
from mta.store.bodies import BodySink
from mta.store.imports import Options
from mta.store.sources import BadArchive, Member, Source

#: Files that programs keep beside mail: nobody misses them.
NOISE: Final = ("dovecot", "subscriptions", "maildirfolder", "maildirsize", "courier", ".ds_store", "thumbs.db", "desktop.ini", "cyrus.")
NOISE_ENDS: Final = (".msf", ".json", ".html", ".css", ".dat", ".lock", ".index", ".cache", ".plist", ".ini", ".log", ".txt")
#: Ends of names that say what a file is, and not what the mailbox is called.
ENDS: Final = (".mbox", ".mbx", ".mboxrd", ".mbox.gz", ".eml")
#: Octets of files beside mail that are read.
NOTES: Final = 8 * 1024 * 1024
#: Where a member was read to its end.
WHOLE: Final = -1
CHUNK: Final = 64 * 1024

Wait = Callable[[float], bool]


@dataclass(slots=True)
class Survey:
    """What the first reading found: octets of all members, folders of Maildirs, mboxes and single messages, what folders call keywords."""

    octets: int = 0
    maildirs: set[str] = field(default_factory=set)
    boxes: int = 0
    letters: int = 0
    keywords: dict[str, dict[int, str]] = field(default_factory=dict)
    further: dict[str, dict[str, tuple[str, ...]]] = field(default_factory=dict)
    top: str | None = None          # the folder that all mail is below

    def below_top(self, folder: str) -> str:
        """folder, seen from the top."""
        top = self.top or ""
        return folder[len(top):].lstrip("/") if top else folder


def survey(source: Source, packed_size: int, wait: Wait) -> Survey:
    """Read all members once.  BadArchive if it is made to do harm, UserError if there is no mail in it."""
    found, notes = Survey(), 0
    bound = max(LIMITS.import_small, packed_size * LIMITS.import_ratio)
    for member, open_it in source.members():
        found.octets += member.size
        if source.archive and found.octets > bound:
            raise BadArchive(f"unpacked it would have more than {found.octets // 2**20} MiB, and it has {packed_size // 2**20}: "
                             "that is no archive of mail, and may be made to fill the disk")
        if member.number >= LIMITS.import_members:
            raise BadArchive(f"there are more than {LIMITS.import_members} files in it")
        if wait(0.0):
            raise InterruptedError
        try:
            kind = _kind(member, open_it)
        except BadArchive:
            continue        # the second reading says which file is damaged, and how
        folder = member.path.rpartition("/")[0]
        if kind == "keywords" and notes < NOTES:
            text = _text(open_it)
            notes += len(text)
            if member.path.endswith(maildir.FURTHER):
                found.further[folder] = maildir.read_further(text)
            else:
                found.keywords[folder] = maildir.read_keywords(text)
        elif kind == "maildir":
            folder = (maildir.split(member.path) or ("", "", ""))[0]
            if folder not in found.maildirs and len(found.maildirs) >= LIMITS.import_folders:
                raise UserError(f"there are more than {LIMITS.import_folders} mailboxes in it, more than an account can have")
            found.maildirs.add(folder)
            found.top = _common(found.top, folder)
        elif kind in ("mbox", "letter"):
            found.boxes, found.letters = found.boxes + (kind == "mbox"), found.letters + (kind == "letter")
            found.top = _common(found.top, folder)
    if not (found.maildirs or found.boxes or found.letters):
        raise UserError("there is no mail in it: neither an mbox file (which begins with \"From \"), nor a Maildir "
                        "(with folders cur and new), nor single messages (.eml)")
    return found


class FileLetters:
    """The second reading, from a position on."""

    def __init__(self, world: World, source: Source, found: Survey, options: Options, position: tuple[Any, ...]) -> None:
        self._world, self._source, self._survey, self._options = world, source, found, options
        number, path, offset = position if len(position) == 3 else (-1, "", WHOLE)
        self._number, self._path, self._offset = int(number), str(path), int(offset)

    def __iter__(self) -> Iterator[Letter]:
        """Every message that comes after the position, and every file that cannot be read."""
        for member, open_it in self._source.members():
            if self._is_behind(member):
                continue
            offset = self._offset if member.path == self._path and self._offset > 0 else 0
            yield from self._letters(member, open_it, offset)

    def _is_behind(self, member: Member) -> bool:
        if not self._path:
            return False
        # In a folder files may come and go meanwhile; in an archive the number is certain.
        here = [f"{member.number:09}"] if self._source.archive else member.path.split("/")
        there = [f"{self._number:09}"] if self._source.archive else self._path.split("/")
        return here < there or (here == there and self._offset == WHOLE)

    def _letters(self, member: Member, open_it: Callable[[], BinaryIO], offset: int) -> Iterator[Letter]:
        end = (member.number, member.path, WHOLE)
        left = member.size - offset
        try:
            kind = _kind(member, open_it)
            if kind == "mbox":
                for letter in self._box(member, open_it, offset):
                    left -= letter.octets
                    yield letter
            elif kind in ("maildir", "letter"):
                letter = self._single(member, open_it, kind)
                left -= letter.octets
                yield letter
            elif kind == "refused":
                yield Letter(member.path, 0, None, refused=member.refused)
            elif kind == "unknown":
                yield Letter(member.path, 0, None, refused="it is neither a mailbox nor a message")
        except BadArchive as problem:
            yield Letter(member.path, 0, None, refused=str(problem))
        yield Letter(member.path, max(left, 0), end)

    # --- mbox ----------------------------------------------------------------------------------

    def _box(self, member: Member, open_it: Callable[[], BinaryIO], offset: int) -> Iterator[Letter]:
        file = open_it()
        if offset:
            _go_to(file, offset, seek=member.plain)
        box = Mbox(file, offset, member.size if member.plain else None)
        while True:
            sink = _Sink(self._world.store.bodies.sink())
            try:
                found = box.next(sink.write)
            except BaseException:
                sink.abandon()
                raise
            if found is None:
                sink.abandon()
                return
            place = f"{member.path}, octet {found.start}"
            position = (member.number, member.path, found.end)
            refused = found.gone or sink.refused
            if refused:
                sink.abandon()
                yield Letter(place, found.end - found.start, position, refused=refused)
            else:
                yield self._marked(Letter(place, found.end - found.start, position, sink.finish(), received=found.received), member, found)

    def _marked(self, letter: Letter, member: Member, found: Found) -> Letter:
        """Where an mbox's message goes, and its flags."""
        letter.flags, letter.keywords = found.flags, found.keywords
        labels = found.marks.get(b"x-gmail-labels")
        if labels is not None:
            sorted_out = gmail.sort(gmail.read(labels))
            letter.flags = sorted_out.flags | (found.flags & ~Flags.SEEN)
            letter.keywords = (*found.keywords, *sorted_out.keywords)
            name = folders.own_name(sorted_out.mailbox.split("/")) if sorted_out.mailbox else ""
            letter.target = Target(sorted_out.role or ("" if name else "archive"), name, once=True)
        else:
            letter.target = self._place(_box_parts(self._survey.below_top(member.path)))
        if self._options.mailbox:
            letter.target = self._chosen()
        return letter

    # --- single files ----------------------------------------------------------------------------

    def _single(self, member: Member, open_it: Callable[[], BinaryIO], kind: str) -> Letter:
        position = (member.number, member.path, WHOLE)
        sink = _Sink(self._world.store.bodies.sink())
        try:
            _copy(open_it(), sink)
        except BaseException:
            sink.abandon()
            raise
        refused = sink.refused or ("" if sink.size else "it is empty")
        if refused:
            sink.abandon()
            return Letter(member.path, member.size, position, refused=refused)
        letter = Letter(member.path, member.size, position, sink.finish())
        found = maildir.split(member.path)
        if kind == "letter" or found is None:
            letter.flags = Flags.SEEN
            letter.target = self._place([*self._survey.below_top(member.path).split("/")[:-1]])
        else:
            folder, _, name = found
            letter.flags, letter.keywords = maildir.flags(name, self._survey.keywords.get(folder, {}))
            letter.keywords += self._survey.further.get(folder, {}).get(maildir.base(name), ())
            # The name has when it was delivered there, the file when it came first; copying without care makes either later.
            moments = [moment for moment in (maildir.arrived(name), member.changed) if moment]
            letter.received = min(moments) if moments else None
            letter.target = self._place(maildir.mailbox_name(self._survey.below_top(folder)).split("/"))
        if self._options.mailbox:
            letter.target = self._chosen()
        return letter

    def _place(self, parts: list[str]) -> Target:
        """The mailbox for a folder of the source."""
        if len(parts) > 1 and parts[0].casefold() == "inbox" and folders.role_of(parts[1]):
            parts = parts[1:]       # "INBOX.Sent" of servers that have everything below the Inbox
        role = folders.role_of(parts[0]) if len(parts) == 1 else ""
        return Target(role, "" if role else folders.own_name(parts))

    def _chosen(self) -> Target:
        return Target(name=folders.own_name(self._options.mailbox.split("/")))


class _Sink:
    """A body that is being read; too large a one is noted, and no more of it kept."""

    def __init__(self, sink: BodySink) -> None:
        self._sink = sink
        self.size, self.refused = 0, ""
        self.finish, self.abandon = sink.finish, sink.abandon

    def write(self, piece: bytes) -> None:
        """Add a piece."""
        self.size += len(piece)
        if self.size > LIMITS.message:
            self.refused = f"it has more than {LIMITS.message // 2**20} MiB, the most that a message here can have"
            return
        self._sink.write(piece)


def _kind(member: Member, open_it: Callable[[], BinaryIO]) -> str:
    """What a member is: maildir, mbox, letter (a single message), keywords, noise, refused, unknown."""
    name = member.path.rpartition("/")[2].lower()
    if name in ("dovecot-keywords", maildir.FURTHER) and not member.refused:
        return "keywords"
    if "__MACOSX/" in member.path or name.startswith(NOISE) or (name.startswith(".") and not maildir.split(member.path)):
        return "noise"
    if member.refused:
        return "refused"
    if maildir.split(member.path):
        return "maildir"
    if name.endswith(NOISE_ENDS) or not member.size:
        return "noise"
    head = _peek(open_it())
    if head.startswith(b"From "):
        return "mbox"
    return "letter" if name.endswith((".eml", ".emlx")) and FIELD.match(head) else "unknown"


def _peek(file: BinaryIO) -> bytes:
    """The first octets, which stay to be read."""
    if isinstance(file, io.BufferedReader):
        return file.peek(300)[:300]
    head = file.read(300)
    file.seek(0)
    return head


def _text(open_it: Callable[[], BinaryIO]) -> str:
    return open_it().read(NOTES).decode("utf-8", "replace")


def _copy(file: BinaryIO, sink: _Sink) -> None:
    """Hand on the file with CRLF line ends."""
    held = b""
    while piece := file.read(CHUNK):
        piece = held + piece
        held = b"\r" if piece.endswith(b"\r") else b""
        if held:
            piece = piece[:-1]
        sink.write(piece.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
    if held:
        sink.write(held)


def _go_to(file: BinaryIO, offset: int, *, seek: bool) -> None:
    if seek:
        file.seek(offset)
        return
    while offset > 0 and (piece := file.read(min(offset, CHUNK))):
        offset -= len(piece)


def _box_parts(path: str) -> list[str]:
    """The parts of a mailbox's name that an mbox file at path has; Thunderbird has folders below X in X.sbd, Apple has X.mbox/mbox."""
    parts = path.split("/")
    if len(parts) > 1 and parts[-1].lower() == "mbox":
        parts.pop()
    clean = []
    for part in parts:
        name = part.removesuffix(".sbd")
        for end in ENDS:
            name = name[:-len(end)] if name.lower().endswith(end) and len(name) > len(end) else name
        clean.append(name)
    return clean


def _common(top: str | None, folder: str) -> str:
    """The folder that both are in, or are."""
    if top is None:
        return folder
    shared = []
    for one, other in zip(top.split("/"), folder.split("/"), strict=False):
        if one != other:
            break
        shared.append(one)
    return "/".join(shared)


def no_room(problem: NoRoom) -> str:
    """What to tell the owner when the disk is full."""
    return f"The server's disk is full ({problem}). Once there is room the import can go on."
