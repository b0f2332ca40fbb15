"""Archives that are made while they are sent: tgz and zip, member by member, nothing kept.

Ours rather than the standard library's: its writers keep a record of every member for a
directory at the end, and hundreds of thousands of messages are as many.  What zip needs at
its end is kept as octets, some hundred for each member.

Standards: POSIX.1-2001 pax (names and sizes of any length), APPNOTE 6.3.10 (zip64, data descriptors).
"""
import struct
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Final, Protocol

BLOCK: Final = 512
ZERO: Final = b"\0" * BLOCK
#: RFC 1952 §2.3: deflate, no name, no time, made on Unix.
GZIP_HEAD: Final = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03"
#: Octets of the directory of a zip that stay in memory; what is more goes to a file without a name.
DIRECTORY: Final = 4 * 1024 * 1024
LARGE: Final = 0xFFFFFFFF


class Writer(Protocol):
    """Makes an archive; each function gives the octets that are to be sent for it."""

    #: Whether file() has to be told how long it will be.
    sized: bool

    def folder(self, path: str) -> Iterator[bytes]:
        """An empty folder."""
        ...

    def file(self, path: str, size: int | None, pieces: Iterable[bytes], changed: float | None = None) -> Iterator[bytes]:
        """A file; without a size, pieces are gathered first where one is needed."""
        ...

    def end(self) -> Iterator[bytes]:
        """What comes last."""
        ...


class TarWriter:
    """A tar archive, packed with gzip."""

    sized = True

    def __init__(self, now: float) -> None:
        self._now = now
        self._pack = zlib.compressobj(6, zlib.DEFLATED, -15)
        self._crc, self._size, self._begun = 0, 0, False

    def folder(self, path: str) -> Iterator[bytes]:
        """An empty folder."""
        yield from self._packed(_headers(f"{path}/", 0, self._now, b"5"))

    def file(self, path: str, size: int | None, pieces: Iterable[bytes], changed: float | None = None) -> Iterator[bytes]:
        """A file of size octets exactly; ValueError if pieces are others."""
        if size is None:
            pieces = [b"".join(pieces)]
            size = len(pieces[0])
        yield from self._packed(_headers(path, size, self._now if changed is None else changed, b"0"))
        sent = 0
        for piece in pieces:
            sent += len(piece)
            yield from self._packed(piece)
        if sent != size:
            raise ValueError(f"{path} was to have {size} octets and has {sent}")
        yield from self._packed(b"\0" * (-size % BLOCK))

    def end(self) -> Iterator[bytes]:
        """Two empty blocks, and gzip's sum."""
        yield from self._packed(ZERO * 2)
        yield self._pack.flush() + struct.pack("<2L", self._crc, self._size & LARGE)

    def _packed(self, octets: bytes) -> Iterator[bytes]:
        self._crc, self._size = zlib.crc32(octets, self._crc), self._size + len(octets)
        packed = self._pack.compress(octets)
        if not self._begun:
            self._begun, packed = True, GZIP_HEAD + packed
        if packed:
            yield packed


class ZipWriter:
    """A zip archive; sizes and sums come after each member."""

    sized = False

    def __init__(self, now: float) -> None:
        self._now = now
        self._at = self._count = 0
        self._directory = tempfile.SpooledTemporaryFile(DIRECTORY)    # noqa: SIM115  # closed at the end

    def folder(self, path: str) -> Iterator[bytes]:
        """An empty folder."""
        yield from self._member(f"{path}/", (), self._now)

    def file(self, path: str, size: int | None, pieces: Iterable[bytes], changed: float | None = None) -> Iterator[bytes]:
        """A file."""
        yield from self._member(path, pieces, self._now if changed is None else changed)

    def end(self) -> Iterator[bytes]:
        """The directory."""
        start, size = self._at, self._directory.tell()
        self._directory.seek(0)
        while piece := self._directory.read(256 * 1024):
            yield piece
        self._directory.close()
        large = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, self._count, self._count, size, start)
        yield large + struct.pack("<4sLQL", b"PK\x06\x07", 0, start + size, 1) + struct.pack(
            "<4s4H2LH", b"PK\x05\x06", 0, 0, min(self._count, 0xFFFF), min(self._count, 0xFFFF), min(size, LARGE), min(start, LARGE), 0)

    def _member(self, path: str, pieces: Iterable[bytes], changed: float) -> Iterator[bytes]:
        name, start, moment = path.encode(), self._at, _dos(changed)
        # Bit 3: sizes follow; bit 11: the name is UTF-8.  The zip64 field makes the sizes that follow 8 octets each.
        empty = struct.pack("<2H2Q", 1, 16, 0, 0)
        yield self._out(struct.pack(
            "<4s5H3L2H", b"PK\x03\x04", 45, 0x808, 8, *moment, 0, LARGE, LARGE, len(name), len(empty)) + name + empty)
        pack, crc, size, packed = zlib.compressobj(6, zlib.DEFLATED, -15), 0, 0, 0
        for piece in pieces:
            crc, size = zlib.crc32(piece, crc), size + len(piece)
            if octets := pack.compress(piece):
                packed += len(octets)
                yield self._out(octets)
        octets = pack.flush()
        packed += len(octets)
        yield self._out(octets + struct.pack("<4sL2Q", b"PK\x07\x08", crc, packed, size))
        extra = struct.pack("<2H3Q", 1, 24, size, packed, start)
        self._directory.write(struct.pack(
            "<4s4B4H3L5H2L", b"PK\x01\x02", 45, 3, 45, 0, 0x808, 8, *moment, crc, LARGE, LARGE, len(name), len(extra), 0, 0, 0,
            (0o040700 if path.endswith("/") else 0o100600) << 16, LARGE) + name + extra)
        self._count += 1

    def _out(self, octets: bytes) -> bytes:
        self._at += len(octets)
        return octets


def _headers(path: str, size: int, changed: float, kind: bytes) -> bytes:
    """A pax record with the facts in full, and the old header after it."""
    record = b"".join(_record(key, value) for key, value in (("path", path), ("mtime", f"{changed:.6f}"), ("size", str(size))))
    return (_header("pax", len(record), changed, b"x") + record + b"\0" * (-len(record) % BLOCK)
            + _header(path.encode("ascii", "replace").decode()[-99:], size, changed, kind))


def _header(name: str, size: int, changed: float, kind: bytes) -> bytes:
    mode = 0o700 if kind == b"5" else 0o600
    length = b"%011o\0" % size if size < 8 ** 11 else b"\x80" + size.to_bytes(11, "big")
    block = struct.pack("100s8s8s8s12s12s8sc100s6s2s247x", name.encode(), b"%07o\0" % mode, b"0000000\0", b"0000000\0", length,
                        b"%011o\0" % max(0, int(changed)), b" " * 8, kind, b"", b"ustar\0", b"00")
    return block[:148] + b"%06o\0 " % sum(block) + block[156:]


def _record(key: str, value: str) -> bytes:
    """length key=value, where the length counts itself."""
    rest = f" {key}={value}\n".encode()
    length = len(rest) + 1
    while len(str(length)) + len(rest) != length:
        length = len(str(length)) + len(rest)
    return str(length).encode() + rest


def _dos(moment: float) -> tuple[int, int]:
    """Clock and day as MS-DOS had them."""
    at = datetime.fromtimestamp(max(moment, 315_532_800.0), UTC)
    return (at.hour << 11 | at.minute << 5 | at.second // 2), ((min(at.year, 2107) - 1980) << 9 | at.month << 5 | at.day)
