"""Members of a zip archive, by its directory at the end, one at a time.

Ours rather than the standard library's, which reads the whole directory into memory: a
Maildir has hundreds of thousands of files.  Stored and deflated members are read, zip64
sizes understood; encrypted ones are refused.

Standard: PKWARE's APPNOTE 6.3.10 §4.3.
"""
import io
import struct
import zlib
from calendar import timegm
from collections.abc import Callable, Iterator
from functools import partial
from typing import BinaryIO, Final

from mta.base.limits import LIMITS
from mta.store.sources import BadArchive, Member, misplaced, nested

END: Final = struct.Struct("<4s4H2LH")
END64: Final = struct.Struct("<4sQ2H2L4Q")
ENTRY: Final = struct.Struct("<4s4B4H3L5H2L")
LOCAL: Final = struct.Struct("<4s5H3L2H")
#: What stands for "see the extra field".
LARGE: Final = 0xFFFFFFFF
CHUNK: Final = 64 * 1024


class Zip:
    """A zip archive in a file that is open for reading and seeking."""

    archive = True

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._size = file.seek(0, io.SEEK_END)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def members(self) -> Iterator[tuple[Member, Callable[[], BinaryIO]]]:
        """Each file, in the order of the directory."""
        count, at = self._directory()
        number = 0
        for _ in range(count):
            self._file.seek(at)
            head = self._file.read(ENTRY.size)
            if len(head) < ENTRY.size or head[:4] != b"PK\x01\x02":
                raise BadArchive("the archive is damaged: its directory breaks off")
            facts = ENTRY.unpack(head)
            flags, method, clock, day, crc, packed, size = facts[5], facts[6], facts[7], facts[8], facts[9], facts[10], facts[11]
            names, extras, comments, attributes, offset = facts[12], facts[13], facts[14], facts[17], facts[18]
            name, extra = self._file.read(names), self._file.read(extras)
            at += ENTRY.size + names + extras + comments
            packed, size, offset = _large(extra, packed, size, offset)
            path = name.decode("utf-8" if flags & 0x800 else "cp437", "replace")
            if path.endswith("/"):
                continue
            refused = misplaced(path) or nested(path)
            if flags & 1:
                refused = "it is encrypted"
            elif method not in (0, 8):
                refused = f"it is packed in a way that is not read here (method {method})"
            elif (attributes >> 16) & 0o170000 == 0o120000:
                refused = "it is a link to another file, which is not followed"
            yield Member(number, path, size, _changed(day, clock), refused), partial(_opened, self._file, offset, packed, size, method, crc)
            number += 1

    def _directory(self) -> tuple[int, int]:
        """How many entries the directory has, and where it begins."""
        start = max(0, self._size - END.size - 65_536)
        self._file.seek(start)
        tail = self._file.read()
        place = tail.rfind(b"PK\x05\x06")
        # The comment after it may look like it; only where the comment ends with the file, it is the one.
        while place >= 0 and (len(tail) < place + END.size or END.unpack_from(tail, place)[7] != len(tail) - place - END.size):
            place = tail.rfind(b"PK\x05\x06", 0, place)
        if place < 0:
            raise BadArchive("the archive has no directory at its end: it did not come whole")
        end = END.unpack_from(tail, place)
        count, offset = end[4], end[6]
        large = tail.rfind(b"PK\x06\x06", 0, place)
        if (count == 0xFFFF or offset == LARGE) and large >= 0 and len(tail) >= large + END64.size:
            facts = END64.unpack_from(tail, large)
            count, offset = facts[7], facts[9]
        if end[1] not in (0, 0xFFFF) or offset > self._size:
            raise BadArchive("this is one part of an archive in several: join them first")
        if count > LIMITS.import_members:
            raise BadArchive(f"the archive has {count} files, more than the {LIMITS.import_members} that are read")
        return count, offset


def _opened(file: BinaryIO, *facts: int) -> BinaryIO:
    return io.BufferedReader(_Content(file, *facts), CHUNK)


class _Content(io.RawIOBase):
    """What is in a member, unpacked while it is read, and never more than its directory says."""

    def __init__(self, file: BinaryIO, offset: int, packed: int, size: int, method: int, crc: int) -> None:
        self._file, self._at, self._packed, self._left, self._crc = file, offset, packed, size, crc
        self._unpack = zlib.decompressobj(-15) if method == 8 else None
        self._begun, self._sum = False, 0

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: "memoryview[int]") -> int:  # type: ignore[override]  # what io calls it with
        """Fill the buffer with what comes.  BadArchive if it is not what the directory says."""
        if not self._begun:
            self._begin()
        piece = b""
        while not piece and self._left:
            piece = self._stored(len(buffer)) if self._unpack is None else self._deflated(self._unpack, len(buffer))
        if len(piece) > self._left:
            raise BadArchive("a file in the archive is larger than the archive says: it is damaged, or made to do harm")
        self._left -= len(piece)
        self._sum = zlib.crc32(piece, self._sum)
        if not self._left and piece and self._sum != self._crc:
            raise BadArchive("a file in the archive is damaged: its check sum is another")
        buffer[:len(piece)] = piece
        return len(piece)

    def _begin(self) -> None:
        self._begun = True
        self._file.seek(self._at)
        head = self._file.read(LOCAL.size)
        if len(head) < LOCAL.size or head[:4] != b"PK\x03\x04":
            raise BadArchive("the archive is damaged: a file is not where its directory says")
        facts = LOCAL.unpack(head)
        self._at += LOCAL.size + facts[9] + facts[10]

    def _more(self, most: int) -> bytes:
        self._file.seek(self._at)
        piece = self._file.read(min(most, self._packed))
        if not piece:
            raise BadArchive("a file in the archive ends too early: it is damaged")
        self._at += len(piece)
        self._packed -= len(piece)
        return piece

    def _stored(self, most: int) -> bytes:
        return self._more(most)

    def _deflated(self, unpack: "zlib._Decompress", most: int) -> bytes:
        try:
            return unpack.decompress(unpack.unconsumed_tail or self._more(CHUNK), most)
        except zlib.error as problem:
            raise BadArchive(f"a file in the archive is damaged: {problem}") from None


def _large(extra: bytes, packed: int, size: int, offset: int) -> tuple[int, int, int]:
    """Sizes and place, with those that stand in the zip64 field."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        if kind == 1:
            numbers = list(struct.unpack_from(f"<{min(length, len(extra) - at - 4) // 8}Q", extra, at + 4))
            size = numbers.pop(0) if size == LARGE and numbers else size
            packed = numbers.pop(0) if packed == LARGE and numbers else packed
            offset = numbers.pop(0) if offset == LARGE and numbers else offset
        at += 4 + length
    return packed, size, offset


def _changed(day: int, clock: int) -> float | None:
    """MS-DOS's day and time, which know no zone, as seconds since 1970."""
    year, month, date = 1980 + (day >> 9), (day >> 5) & 15, day & 31
    if not (1 <= month <= 12 and 1 <= date <= 31):
        return None
    return float(timegm((year, month, date, clock >> 11, (clock >> 5) & 63, (clock & 31) * 2)))
