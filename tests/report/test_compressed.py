"""mta.report.compressed: what is in archives, within bounds."""
import gzip
import io
import struct
import zipfile
import zlib
from dataclasses import replace

import pytest

from mta.base.limits import LIMITS
from mta.report.badreport import BadReport
from mta.report.compressed import MEMBERS, compressed, unpack
from tests.report.archives import gzipped, zipped

TEXT = b"<feedback>a report</feedback>"


def streamed() -> bytes:
    """A zip file written to something that cannot seek: sizes stand behind the data."""
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def tell(self) -> int:
            raise OSError

    made = Pipe()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.xml", TEXT)
    return made.getvalue()


def named() -> bytes:
    """A gzip file with every optional part of the header (RFC 1952 §2.3)."""
    made = io.BytesIO()
    with gzip.GzipFile("report.xml", "wb", fileobj=made, mtime=1) as archive:
        archive.write(TEXT)
    return made.getvalue()


@pytest.mark.parametrize("octets", [
    TEXT, gzipped(TEXT), named(), gzipped(TEXT[:9]) + gzipped(TEXT[9:]), gzipped(TEXT) + b"\0" * 500, gzipped(TEXT) + b"trailing",
    gzipped(TEXT)[:-8],
    zipped(("a.xml", TEXT)), zipped(("a.xml", TEXT), method=zipfile.ZIP_STORED), zipped(("a/b/é", TEXT)), streamed(),
    zipped(("d/", b""), ("d/a.xml", TEXT), ("__MACOSX/d/._a.xml", b"x")), b"",
    gzipped(gzipped(TEXT)), zipped(("a.xml.gz", gzipped(TEXT))), gzipped(zipped(("a.xml", TEXT))), zipped(("a.xml", TEXT)) + b"trailing",
], ids=range(17))
def test_unpacking(octets: bytes) -> None:
    """However it was packed, out comes what was put in."""
    assert unpack(octets) == (TEXT if octets else b"")
    assert compressed(octets) == (not octets.startswith(b"<") and bool(octets))


def test_something_in_front() -> None:
    """Offsets that something in front has made wrong are set right."""
    assert unpack(b"PK\x03\x04" + zipped(("a.xml", TEXT))) == TEXT


def changed(octets: bytes, at: int, form: str, value: int) -> bytes:
    """octets with another number at a place in the last directory entry (or, from the end on, in the end record)."""
    entry = octets.index(b"PK\x01\x02")
    new = bytearray(octets)
    struct.pack_into(form, new, entry + at, value)
    return bytes(new)


ZIP = zipped(("a.xml", TEXT))


@pytest.mark.parametrize(("octets", "why"), [
    (gzipped(TEXT)[:-8] + b"\0" * 8, "incorrect data check"), (gzipped(TEXT)[:5] + b"\xff" * 30, "cannot be unpacked"),
    (zipped(("a.xml", TEXT), ("b.xml", TEXT)), "2 files"), (zipped(), "0 files"), (zipped(("d/", b"")), "0 files"),
    (zipped(*((f"{number}", b"") for number in range(50))), "50 files"), (ZIP[:-30], "no directory"), (b"PK\x03\x04", "no directory"),
    (changed(ZIP, 8, "<H", 1), "encrypted"), (changed(ZIP, 10, "<H", 12), r"number 12\)"), (changed(ZIP, 16, "<L", 1), "checksum"),
    (changed(ZIP, 20, "<L", 10_000), "incomplete"), (changed(ZIP, 20, "<L", 0xFFFFFFFF), "four gigabytes"),
    (changed(ZIP, 20, "<L", 4), "checksum"), (changed(ZIP, 42, "<L", 7), "not where the directory says"),
    (changed(ZIP, 42, "<L", 900), "damaged"), (changed(ZIP, 0, "<L", 7), "directory is not"),
    (gzipped(gzipped(gzipped(TEXT))), "more than 2 times"),
], ids=range(18))
def test_refused(octets: bytes, why: str) -> None:
    """What is broken, encrypted, several files or none says so."""
    with pytest.raises(BadReport, match=why):
        unpack(octets)


@pytest.mark.parametrize("pack", [gzipped, lambda octets: zipped(("a", octets)), lambda octets: gzipped(gzipped(octets))],
                         ids=["gzip", "zip", "twice"])
def test_bombs(pack: "type[bytes]") -> None:
    """What grows too much is given up at the bound, not after it: in all, and for its own size."""
    small = replace(LIMITS, report_unpacked=100_000, report_small=1_000, report_ratio=1_000_000)

    assert len(unpack(pack(bytes(100_000)), small)) == 100_000
    with pytest.raises(BadReport, match="more than 100000 octets"):
        unpack(pack(bytes(100_001)), small)
    with pytest.raises(BadReport, match="too much for what was sent"):
        unpack(pack(bytes(90_000)), replace(small, report_ratio=10))


def test_bombs_that_lie() -> None:
    """A zip file's own word about sizes is not believed."""
    with pytest.raises(BadReport, match="more than 1000 octets"):
        unpack(changed(zipped(("a", bytes(5_000))), 24, "<L", 10), replace(LIMITS, report_small=1_000, report_ratio=1))


def test_many_members() -> None:
    """A gzip file of very many pieces is not put together for ever."""
    assert unpack(gzipped(b"a") * 100_000) == b"a" * MEMBERS


def test_stored_too_much() -> None:
    """What is not compressed has the bound too."""
    limits = replace(LIMITS, report_unpacked=1_000)
    for octets in (b"<" * 1_001, zipped(("a", bytes(1_001)), method=zipfile.ZIP_STORED)):
        with pytest.raises(BadReport, match="more than 1000 octets"):
            unpack(octets, limits)


def test_checksums_are_checked() -> None:
    """The sum in the directory is that of the content, as zlib has it."""
    assert unpack(changed(ZIP, 16, "<L", zlib.crc32(TEXT))) == TEXT
