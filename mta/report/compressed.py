"""What is in a gzip or zip file that somebody sent: one document, of bounded size.

By what the octets say, not by what they are called: half of all senders label one as the
other.  Only what a report needs: one file, deflated or stored.

Standards: RFC 1952 (gzip), RFC 1951 (deflate); zip as PKWARE's APPNOTE describes it.
"""
import struct
import zlib
from dataclasses import dataclass
from typing import Final

from mta.base.limits import LIMITS, Limits
from mta.report.badreport import BadReport

GZIP: Final = b"\x1f\x8b"
ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
#: How often one may be within the other: some senders compress what was compressed.
LAYERS: Final = 2
#: Pieces that one gzip file may be put together from (RFC 1952 §2.2).
MEMBERS: Final = 10
#: zlib's names for the two formats: with gzip's header and checksum, and without any.
GZIPPED, RAW = 31, -15

END: Final = struct.Struct("<4s4H2LH")
ENTRY: Final = struct.Struct("<4s6H3L5H2L")
LOCAL: Final = struct.Struct("<4s5H3L2H")
STORED, DEFLATED = 0, 8


def compressed(octets: bytes) -> bool:
    """Whether octets begin as a gzip or zip file does."""
    return octets.startswith((GZIP, *ZIP))


def unpack(octets: bytes, limits: Limits = LIMITS) -> bytes:
    """The document in octets, or octets themselves if they are not compressed; BadReport says why there is none."""
    most = min(limits.report_unpacked, max(limits.report_small, limits.report_ratio * len(octets)))
    for _ in range(LAYERS):
        if octets.startswith(GZIP):
            octets = _gunzip(octets, most)
        elif octets.startswith(ZIP):
            octets = _unzip(octets, most, limits)
    if compressed(octets):
        raise BadReport(f"it is compressed more than {LAYERS} times")
    if len(octets) > most:
        raise _too_large(most)
    return octets


def _too_large(most: int) -> BadReport:
    return BadReport(f"it unpacks to more than {most} octets, which is too much for what was sent")


def _gunzip(octets: bytes, most: int) -> bytes:
    """What is in the members of a gzip file.

    Whatever follows the last one is passed over, and so is that the last one ends early: if
    something is missing then, the document is not complete either.
    """
    found: list[bytes] = []
    for _ in range(MEMBERS):
        member = zlib.decompressobj(GZIPPED)
        found.append(_inflated(member, octets, most))
        most -= len(found[-1])
        octets = member.unused_data
        if not octets.startswith(GZIP):
            break
    return b"".join(found)


def _inflated(stream: "zlib._Decompress", octets: bytes, most: int) -> bytes:
    try:
        found = stream.decompress(octets, most + 1)
    except zlib.error as problem:
        raise BadReport(f"it cannot be unpacked: {problem}") from None
    if len(found) > most:
        raise _too_large(most)
    return found


@dataclass(frozen=True, slots=True)
class _File:
    """One entry of a zip file's directory."""

    name: bytes
    flags: int
    method: int
    checksum: int
    packed: int
    size: int
    offset: int

    @property
    def counts(self) -> bool:
        """Whether it is a file of its own: no folder, and not what macOS writes beside each file."""
        return not self.name.endswith(b"/") and not self.name.startswith(b"__MACOSX/")


def _unzip(octets: bytes, most: int, limits: Limits) -> bytes:
    """The only file in a zip file."""
    try:
        files, base = _directory(octets, limits)
        files = [file for file in files if file.counts]
        if len(files) != 1:
            raise BadReport(f"the zip file has {len(files)} files in it instead of one")
        return _content(octets, files[0], base, most)
    except struct.error:
        raise BadReport("the zip file is damaged or incomplete") from None


def _directory(octets: bytes, limits: Limits) -> tuple[list[_File], int]:
    """The entries, and how much was put in front of the zip file since its offsets were written."""
    # The comment behind the end has at most 65,535 octets.
    at = octets.rfind(END.pack(ZIP[1], *[0] * 7)[:4], max(0, len(octets) - END.size - 0xFFFF))
    if at < 0:
        raise BadReport("the zip file is damaged or incomplete: it has no directory")
    _, _, _, _, number, size, offset, _ = END.unpack_from(octets, at)
    if number > limits.report_files:
        raise BadReport(f"the zip file has {number} files in it instead of one")
    files = []
    place = start = max(0, at - size)
    for _ in range(number):
        (mark, _, _, flags, method, _, _, checksum, packed, length, name, extra, comment, _, _, _, local) = ENTRY.unpack_from(octets, place)
        if mark != b"PK\x01\x02":
            raise BadReport("the zip file is damaged: its directory is not where it should be")
        place += ENTRY.size
        files.append(_File(octets[place:place + name], flags, method, checksum, packed, length, local))
        place += name + extra + comment
    return files, max(0, start - offset)


def _content(octets: bytes, file: _File, base: int, most: int) -> bytes:
    if file.flags & 1:
        raise BadReport("the file in the zip file is encrypted")
    if 0xFFFFFFFF in (file.packed, file.size, file.offset):
        raise BadReport("the zip file is made for files over four gigabytes")
    mark, *_, name, extra = LOCAL.unpack_from(octets, base + file.offset)
    if mark != ZIP[0]:
        raise BadReport("the zip file is damaged: the file is not where the directory says")
    start = base + file.offset + LOCAL.size + name + extra
    packed = octets[start:start + file.packed]
    if len(packed) < file.packed:
        raise BadReport("the zip file is damaged or incomplete")
    if file.method == STORED:
        found = packed
    elif file.method == DEFLATED:
        found = _inflated(zlib.decompressobj(RAW), packed, most)
    else:
        raise BadReport(f"the file in the zip file is compressed in a way (number {file.method}) that is not read here")
    if len(found) > most:
        raise _too_large(most)
    if zlib.crc32(found) != file.checksum:
        raise BadReport("the file in the zip file is damaged: its checksum is wrong")
    return found
