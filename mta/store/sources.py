"""Where mail is imported from: folders, zip and tar archives, single files, as a row of members.

Members come in an order that stays the same, one at a time, so that memory does not grow
with their number and a reading that was broken off goes on where it was.  Whatever is no
ordinary file (a link, a device), has a path that leads out, or is an archive itself is
named with the reason and not opened.  Nothing is ever written to disk here.

Read on: zipsource and tarsource know the two kinds of archive.
"""
import gzip
import io
import os
import stat
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final, Protocol, cast

from mta.base.errors import NotFound, UserError
from mta.base.limits import LIMITS

#: Ends of names of what would have to be unpacked once more.
NESTED: Final = (".zip", ".tgz", ".tar", ".tar.gz", ".tar.bz2", ".tar.xz", ".7z", ".rar", ".gz", ".bz2", ".xz", ".pst", ".ost")
#: What begins a file of a kind that we do not read.
FOREIGN: Final = {
    b"7z\xbc\xaf": "7z", b"Rar!": "RAR", b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"!BDN": "Outlook's PST", b"\x28\xb5\x2f\xfd": "zstd"}


@dataclass(frozen=True, slots=True)
class Member:
    """One file: where it stands (parts divided by /), its octets, its time of change if one is known.

    refused says why it is not opened; number is its place in the row, from 0 on; plain is
    true for a file on disk, in which one may seek.
    """

    number: int
    path: str
    size: int
    changed: float | None
    refused: str = ""
    plain: bool = False


class BadArchive(UserError):
    """An archive that cannot be read, or is made to do harm; the text says what is wrong with it."""


class Source(Protocol):
    """A row of members."""

    @property
    def archive(self) -> bool:
        """Whether sizes are claims and the content is packed."""
        ...

    def members(self) -> Iterator[tuple[Member, Callable[[], BinaryIO]]]:
        """Each member, and how to open it before the next one is asked for; then it is closed.  BadArchive."""
        ...

    def close(self) -> None:
        """No more of it is wanted."""
        ...


class Folder:
    """A directory with all below it; links are not followed."""

    archive = False

    def __init__(self, root: Path) -> None:
        self._root = root

    def members(self) -> Iterator[tuple[Member, Callable[[], BinaryIO]]]:
        """Files by path."""
        for number, (path, entry) in enumerate(self._walk("", 0)):
            facts = entry.stat(follow_symlinks=False)
            refused = "" if stat.S_ISREG(facts.st_mode) else _what(facts.st_mode)
            opened: list[BinaryIO] = []
            try:
                yield (Member(number, path, facts.st_size, facts.st_mtime, refused or nested(path), plain=True),
                       partial(_opened, self._root / path, opened))
            finally:
                for file in opened:
                    file.close()

    def close(self) -> None:
        """Nothing is open."""

    def _walk(self, below: str, depth: int) -> Iterator[tuple[str, "os.DirEntry[str]"]]:
        if depth > LIMITS.import_depth:
            return
        try:
            with os.scandir(self._root / below) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError as problem:
            raise UserError(f"{self._root / below} cannot be read: {problem.strerror}") from None
        for entry in entries:
            path = f"{below}/{entry.name}" if below else entry.name
            if entry.is_dir(follow_symlinks=False):
                yield from self._walk(path, depth + 1)
            else:
                yield path, entry


class SingleFile:
    """One file that is its own member; packed ones (gzip) are unpacked while they are read, once before to know their size."""

    def __init__(self, file: BinaryIO, name: str, *, packed: bool = False) -> None:
        self._file, self._name, self.archive = file, name, packed
        self._size = os.fstat(file.fileno()).st_size
        self._changed = os.fstat(file.fileno()).st_mtime
        self._unpacked: int | None = None if packed else self._size

    def members(self) -> Iterator[tuple[Member, Callable[[], BinaryIO]]]:
        """The one."""
        if self._unpacked is None:
            self._unpacked = self._measure()
        yield Member(0, self._name, self._unpacked, self._changed, plain=not self.archive), self._open

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _open(self) -> BinaryIO:
        self._file.seek(0)
        return cast(BinaryIO, gzip.GzipFile(fileobj=self._file, mode="rb")) if self.archive else self._file

    def _measure(self) -> int:
        bound, size, stream = max(LIMITS.import_small, self._size * LIMITS.import_ratio), 0, self._open()
        try:
            while piece := stream.read(1024 * 1024):
                size += len(piece)
                if size > bound:
                    raise BadArchive(f"it has {self._size} octets, and unpacked more than {bound}: "
                                     "that is no mail, and may be made to fill the disk")
        except (OSError, EOFError, zlib.error) as problem:
            raise BadArchive(f"the file is damaged: {problem}") from None
        return size


def open_source(path: Path, name: str = "", *, file: BinaryIO | None = None) -> Source:
    """What lies at path (or in file, which was opened already); UserError with what to do if it cannot be read."""
    name = name or path.name
    if file is None and path.is_dir():
        return Folder(path)
    if file is None:
        try:
            file = _open(path)
        except FileNotFoundError:
            raise NotFound(f"{path} is not there") from None
        except OSError as problem:
            raise UserError(f"{path} cannot be read: {problem.strerror}") from None
    try:
        head = file.read(512)
        file.seek(0)
        return _by_content(file, name, head)
    except BaseException:
        file.close()
        raise


def _by_content(file: BinaryIO, name: str, head: bytes) -> Source:
    from mta.store.tarsource import Tar, is_tar
    from mta.store.zipsource import Zip
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return Zip(file)
    if head.startswith(b"\x1f\x8b"):
        try:
            inner = gzip.GzipFile(fileobj=file, mode="rb").read(512)
        except (OSError, EOFError) as problem:
            raise BadArchive(f"{name} is damaged: {problem}") from None
        file.seek(0)
        return Tar(file, packed=True) if is_tar(inner) else SingleFile(file, name.removesuffix(".gz"), packed=True)
    if is_tar(head):
        return Tar(file)
    for start, kind in FOREIGN.items():
        if head.startswith(start):
            raise BadArchive(f"{name} is a file of the kind {kind}, which is not read here: "
                             "bring it as zip, tgz, mbox or Maildir")
    return SingleFile(file, name)


def nested(path: str) -> str:
    """Why an archive within an archive is not opened; "" if it is none by its name."""
    if path.lower().endswith(NESTED):
        return "it is an archive (or a file of Outlook) itself: unpack it, and import what is in it by itself"
    return ""


def misplaced(path: str) -> str:
    """Why a path in an archive is no path of a mailbox; "" if it is one."""
    if path.startswith(("/", "\\")) or "\0" in path or ".." in path.replace("\\", "/").split("/") or path[1:3] in (":\\", ":/"):
        return "its path leads out of the archive"
    if len(path) > LIMITS.import_path or path.count("/") > LIMITS.import_depth:
        return "its path is too long"
    return ""


def _what(mode: int) -> str:
    return "it is a link to another file, which is not followed" if stat.S_ISLNK(mode) else "it is no ordinary file"


def _open(path: Path) -> BinaryIO:
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise UserError(f"{path} is neither a file nor a folder")
    return os.fdopen(handle, "rb")


def _opened(path: Path, opened: list[BinaryIO]) -> BinaryIO:
    file = _open(path)
    opened.append(file)
    return file


class Piece(io.RawIOBase):
    """The next octets of a stream, so many at most, as a file."""

    def __init__(self, stream: BinaryIO, size: int) -> None:
        self._stream, self.left = stream, size

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: "memoryview[int]") -> int:  # type: ignore[override]  # what io calls it with
        """Fill the buffer with what comes."""
        piece = self._stream.read(min(len(buffer), self.left))
        if len(piece) < min(len(buffer), self.left) and not piece and self.left:
            raise BadArchive("the archive ends in the middle: it did not come whole")
        buffer[:len(piece)] = piece
        self.left -= len(piece)
        return len(piece)
