"""Members of a tar archive, read from front to back, packed with gzip or not.

Ours rather than the standard library's, which keeps a record of every member and reads
long names of any size into memory.  Names come from the old header, GNU's long names or
pax records; all else of those is passed over.
"""
import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import BinaryIO, Final

from mta.base.limits import LIMITS
from mta.store.sources import BadArchive, Member, Piece, misplaced, nested

BLOCK: Final = 512
#: Octets of the records that tell a long name or pax facts.
RECORD: Final = 64 * 1024
#: Kinds of entries: files, folders, and those that tell something about the next one.
FILES: Final = (b"0", b"\0", b"7")
KINDS: Final = {b"1": "it is a link to another file, which is not followed", b"2": "it is a link to another file, which is not followed"}


def is_tar(head: bytes) -> bool:
    """Whether the first block is that of a tar archive: its sum is right."""
    return len(head) >= BLOCK and any(head[:100]) and _sum_fits(head[:BLOCK])


class Tar:
    """A tar archive in a file that is open for reading."""

    archive = True

    def __init__(self, file: BinaryIO, *, packed: bool = False) -> None:
        self._file, self._packed = file, packed

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def members(self) -> Iterator[tuple[Member, Callable[[], BinaryIO]]]:
        """Each file, in the order of the archive."""
        self._file.seek(0)
        stream: BinaryIO = gzip.GzipFile(fileobj=self._file, mode="rb") if self._packed else self._file  # type: ignore[assignment]  # it is one
        try:
            yield from self._members(stream)
        except (OSError, EOFError, zlib.error) as problem:
            raise BadArchive(f"the archive is damaged: {problem}") from None

    def _members(self, stream: BinaryIO) -> Iterator[tuple[Member, Callable[[], BinaryIO]]]:
        number, facts = 0, dict[str, str]()
        while any(block := stream.read(BLOCK)):
            if len(block) < BLOCK or not _sum_fits(block):
                raise BadArchive("the archive is damaged: one of its headers is not right")
            size, kind = _number(block[124:136]), block[156:157]
            if kind in (b"x", b"g", b"L", b"K"):
                text = self._record(stream, size)
                if kind == b"x":
                    facts |= _pax(text)
                elif kind == b"L":
                    facts["path"] = text.rstrip(b"\0").decode("utf-8", "replace")
                continue
            size = int(facts["size"]) if facts.get("size", "").isdigit() else size
            piece = Piece(stream, size)
            if kind != b"5":
                path = (facts.get("path") or _path(block)).removeprefix("./")
                changed = _time(facts.get("mtime", "")) or float(_number(block[136:148]))
                refused = "" if kind in FILES else KINDS.get(kind, "it is no ordinary file")
                # One reader for whoever opens it: there is no way back in a stream.
                opened = partial(_same, io.BufferedReader(piece, 64 * 1024))
                yield Member(number, path, size, changed, refused or misplaced(path) or nested(path)), opened
                number += 1
            facts = {}
            _pass_over(stream, piece.left + -size % BLOCK)

    def _record(self, stream: BinaryIO, size: int) -> bytes:
        if size > RECORD:
            raise BadArchive("the archive has a name of more than 64 kB: it is damaged, or made to do harm")
        text = stream.read(size)
        _pass_over(stream, -size % BLOCK)
        return text


def _same(file: BinaryIO) -> BinaryIO:
    return file


def _pass_over(stream: BinaryIO, left: int) -> None:
    while left > 0:
        piece = stream.read(min(left, 256 * 1024))
        if not piece:
            raise BadArchive("the archive ends in the middle: it did not come whole")
        left -= len(piece)


def _sum_fits(block: bytes) -> bool:
    return _number(block[148:156]) == sum(block[:148]) + sum(block[156:BLOCK]) + 8 * 32


def _number(field: bytes) -> int:
    """A number in octal, or of more octets if its first bit is set; what is none is 0."""
    if field[:1] >= b"\x80":
        return int.from_bytes(field, "big") & ((1 << (8 * len(field) - 1)) - 1)
    text = field.strip(b" \0")
    try:
        return int(text, 8) if text else 0
    except ValueError:
        return 0


def _path(block: bytes) -> str:
    name = block[:100].partition(b"\0")[0]
    prefix = block[345:500].partition(b"\0")[0] if block[257:262] == b"ustar" and block[257:265] != b"ustar  \0" else b""
    return (prefix + b"/" + name if prefix else name).decode("utf-8", "replace")


def _pax(text: bytes) -> dict[str, str]:
    """The records "length key=value"; those that are not well written end it."""
    found: dict[str, str] = {}
    at = 0
    while at < len(text):
        digits = text[at:at + 10].partition(b" ")[0]
        length = int(digits) if digits.isdigit() else 0
        if length < 5 or at + length > len(text):
            break
        key, _, value = text[at + len(digits) + 1:at + length - 1].partition(b"=")
        if key in (b"path", b"mtime", b"size"):
            found[key.decode()] = value.decode("utf-8", "replace")
        at += length
    return found


def _time(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        return 0.0
    return found if 0 <= found < LIMITS.import_latest else 0.0
