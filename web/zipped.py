"""Files as one zip archive that is made while it is sent: nothing of it is held but a piece."""
import io
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from mta.flow.reading import Download

#: What gets no smaller by being pressed.
PRESSED: Final = ("image/", "video/", "audio/", "application/zip", "application/gzip", "application/x-7z", "application/pdf",
                  "application/vnd.openxmlformats", "application/vnd.oasis")


class _Sink(io.RawIOBase):
    """Takes what zipfile writes, and gives it away."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: object) -> int:
        octets = bytes(piece)   # type: ignore[call-overload]  # a buffer
        self.pieces.append(octets)
        return len(octets)

    def taken(self) -> bytes:
        """What has come since the last time."""
        pieces, self.pieces = self.pieces, []
        return b"".join(pieces)


def zipped(files: Iterable[Download], now: datetime) -> Iterator[bytes]:
    """The archive in pieces; each file has a name of its own in it."""
    sink = _Sink()
    used: set[str] = set()
    with zipfile.ZipFile(sink, "w", allowZip64=True) as archive:
        for file in files:
            entry = zipfile.ZipInfo(unique(file.name, used), now.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_STORED if file.kind.startswith(PRESSED) else zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            with archive.open(entry, "w", force_zip64=True) as target:
                for piece in file.pieces():
                    target.write(piece)
                    if ready := sink.taken():
                        yield ready
            yield sink.taken()
    yield sink.taken()


def unique(name: str, used: set[str]) -> str:
    """name, or with a number before its suffix if it is used already; in any case, since some systems do not tell cases apart."""
    stem, dot, suffix = name.rpartition(".")
    stem, suffix = (stem, dot + suffix) if stem else (name, "")
    tried, number = name, 1
    while tried.casefold() in used:
        number += 1
        tried = f"{stem} ({number}){suffix}"
    used.add(tried.casefold())
    return tried
