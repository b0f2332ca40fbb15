"""The built pages in web/static: read once, served from memory with a tag that says when they change.

They are a few small files that were made by `web/client`; what can be pressed is pressed
once.  Files are revalidated (ETag) each time they are used, so that a new version of the
server is seen at once.
"""
import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent / "static"
TYPES: Final[Mapping[str, str]] = {
    ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml", ".png": "image/png", ".ico": "image/x-icon", ".woff2": "font/woff2", ".txt": "text/plain; charset=utf-8",
    ".map": "application/json",
}
PRESSED: Final = frozenset({".html", ".js", ".css", ".svg", ".txt", ".map"})


@dataclass(frozen=True, slots=True)
class File:
    """One file: plain is b"" if there is a pressed form that saves something (`gzip.decompress` has it back)."""

    kind: str
    tag: str
    plain: bytes
    pressed: bytes


class Files:
    """The files of a folder by name; subfolders and unknown types are left out."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._files = {path.name: _read(path) for path in sorted(folder.glob("*")) if path.suffix in TYPES and path.is_file()}

    def answer(self, name: str, accepts: str, known_tag: str) -> tuple[int, bytes, list[tuple[str, str]]] | None:
        """Status, body and headers for a request with these Accept-Encoding and If-None-Match; None if there is no such file."""
        file = self._files.get(name)
        if file is None:
            return None
        headers = [("Content-Type", file.kind), ("ETag", file.tag), ("Cache-Control", "no-cache"), ("Vary", "Accept-Encoding")]
        if file.tag in (tag.strip().removeprefix("W/") for tag in known_tag.split(",")):
            return 304, b"", headers
        if not file.pressed:
            return 200, file.plain, headers
        if "gzip" in accepts.lower():
            return 200, file.pressed, [*headers, ("Content-Encoding", "gzip")]
        return 200, gzip.decompress(file.pressed), headers


def _read(path: Path) -> File:
    plain = path.read_bytes()
    tag = f'"{hashlib.sha256(plain).hexdigest()[:20]}"'
    pressed = gzip.compress(plain, 9, mtime=0) if path.suffix in PRESSED else b""
    if len(pressed) < len(plain) * 0.9 and pressed:
        return File(TYPES[path.suffix], tag, b"", pressed)
    return File(TYPES[path.suffix], tag, plain, b"")
