"""Export: all mail of an account, or of one mailbox, as an archive that is made while it is sent.

Maildir as tgz or zip, with a folder for each mailbox (Maildir++) and dovecot-keywords; mbox
(mboxrd) as zip, a file for each mailbox.  There is no mbox in a tgz, since a tar file wants
to know how long a member is before it begins.  What is exported and imported again gives
the same messages, flags and keywords.

Memory does not grow with the mailbox: messages are asked for a page at a time, no read
transaction lasts longer than that.  What comes while it runs is left out; a message that is
removed meanwhile is too.
"""
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from mta.base.errors import UserError
from mta.flow import reading
from mta.flow.world import World
from mta.message import maildir, mbox
from mta.message.flags import Flags
from mta.store import mailboxes, messages
from mta.store.archives import TarWriter, Writer, ZipWriter
from mta.store.mailboxes import MailboxRow
from mta.store.messages import MessageRow

Format = Literal["maildir", "mbox"]
Packing = Literal["tgz", "zip"]
#: Messages that are asked for at once, and octets of one that are read at once.
PAGE: Final = 200
CHUNK: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to export and how; mailbox "" is all of them."""

    format: Format = "maildir"
    packing: Packing = "tgz"
    mailbox: str = ""


def check(world: World, account: int, wanted: Wanted) -> list[MailboxRow]:
    """The mailboxes that will be exported; UserError, NotFound."""
    if wanted.format == "mbox" and wanted.packing == "tgz":
        raise UserError("mbox is exported as zip: a tgz would have to know how long each file is before it is made.")
    if wanted.mailbox:
        return [reading.mailbox_named(world, account, wanted.mailbox)]
    return world.store.read(lambda db: mailboxes.all(db, account))


def pieces(world: World, account: int, wanted: Wanted) -> Iterator[bytes]:
    """The archive, piece by piece; NotFound, UserError before the first one."""
    rows = check(world, account, wanted)
    writer: Writer = TarWriter(world.clock.timestamp()) if wanted.packing == "tgz" else ZipWriter(world.clock.timestamp())
    return _pieces(world, rows, wanted, writer)


def file_name(name: str, wanted: Wanted) -> str:
    """What the archive is saved as."""
    place = f"-{wanted.mailbox.replace('/', '-')}" if wanted.mailbox else ""
    return f"{name}{place}-{wanted.format}.{wanted.packing}"


def _pieces(world: World, rows: list[MailboxRow], wanted: Wanted, writer: Writer) -> Iterator[bytes]:
    for row in rows:
        yield from (_maildir if wanted.format == "maildir" else _mbox)(world, row, writer)
    yield from writer.end()


def _messages(world: World, mailbox: MailboxRow) -> Iterator[MessageRow]:
    """Its messages, those that were there at the beginning."""
    uid, last = 0, mailbox.uidnext - 1
    while rows := world.store.read(lambda db: messages.by_uids(db, mailbox.id, uid + 1, last, PAGE)):    # noqa: B023  # asked at once
        yield from rows
        uid = rows[-1].uid


# --- Maildir -----------------------------------------------------------------------------------


def _maildir(world: World, mailbox: MailboxRow, writer: Writer) -> Iterator[bytes]:
    folder = "/".join(filter(None, ("Maildir", maildir.folder_name(mailbox.name))))
    names = world.store.read(lambda db: mailboxes.keywords(db, mailbox.id))
    words = [*maildir.keywords_of(~Flags.NONE, ()), *names]
    letters = {name: number for number, name in enumerate(words[:maildir.MOST_KEYWORDS])}
    for part in ("cur", "new", "tmp"):
        yield from writer.folder(f"{folder}/{part}")
    yield from writer.file(f"{folder}/dovecot-keywords", None, [maildir.write_keywords(words)])
    further: list[bytes] = []
    for row in _messages(world, mailbox):
        keywords = maildir.keywords_of(row.flags, row.keywords)
        numbers = [letters[word] for word in keywords if word in letters]
        name = maildir.name_of(row.id, row.received, row.flags, numbers)
        if left := [word for word in keywords if word not in letters]:
            further.append(f"{maildir.base(name)}\t{' '.join(left)}\n".encode())
        yield from _one(world, row, writer, f"{folder}/cur/{name}")
    if further:
        yield from writer.file(f"{folder}/{maildir.FURTHER}", None, [b"".join(further)])


def _one(world: World, row: MessageRow, writer: Writer, path: str) -> Iterator[bytes]:
    """A message as a file; its lines end in LF, as they do in Maildirs."""
    try:
        content = messages.open_content(world.store, row)
    except FileNotFoundError:
        return      # it was removed meanwhile, or its file is missing, which verify tells
    with content:
        size = sum(len(piece) for piece in _lf(content)) if writer.sized else None
        content.seek(0)
        yield from writer.file(path, size, _lf(content), row.received)


def _lf(content: io.BufferedReader) -> Iterator[bytes]:
    held = b""
    while piece := content.read(CHUNK):
        piece = held + piece
        held = b"\r" if piece.endswith(b"\r") else b""
        yield (piece[:-1] if held else piece).replace(b"\r\n", b"\n")
    if held:
        yield held


# --- mbox --------------------------------------------------------------------------------------


def _mbox(world: World, mailbox: MailboxRow, writer: Writer) -> Iterator[bytes]:
    yield from writer.file(f"{mailbox.name}.mbox", None, _box(world, mailbox))


def _box(world: World, mailbox: MailboxRow) -> Iterator[bytes]:
    for row in _messages(world, mailbox):
        try:
            content = messages.open_content(world.store, row)
        except FileNotFoundError:
            continue
        with content:
            yield mbox.heading(row.received, row.flags, row.keywords)
            held: list[bytes] = []
            octets, whole = 0, True
            while line := content.readline(mbox.LINE):
                held.append(mbox.quoted(line) if whole else line)
                whole = line.endswith(b"\n")
                octets += len(line)
                if octets >= CHUNK:
                    yield b"".join(held)
                    held, octets = [], 0
            yield b"".join([*held, b"\n" if whole else b"\n\n"])


def counted(world: World, account: int, wanted: Wanted) -> int:
    """How many messages there are to export."""
    return sum(row.total + row.deleted for row in check(world, account, wanted))
