"""The built pages in web/static: read once, served from memory with a tag that says when they change.

They are a few small files that were made by `web/client`; what can be pressed is pressed
once.  Pages are revalidated (ETag) each time they are used, so that a new version of the
server is seen at once.  What they refer to they name with a hash of its content
(`?v=…`), and that is kept for good: it never changes under that name.
"""
import gzip
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent / "static"
TYPES: Final[Mapping[str, str]] = {
    ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml", ".png": "image/png", ".ico": "image/x-icon", ".woff2": "font/woff2", ".txt": "text/plain; charset=utf-8",
    ".map": "application/json", ".webmanifest": "application/manifest+json",
}
PRESSED: Final = frozenset({".html", ".js", ".css", ".svg", ".txt", ".map", ".webmanifest"})
#: A reference in a page to another file.
REFERENCE: Final = re.compile(rb'(?<=["])/static/([\w.-]+)(?=["])')
#: Characters of a hash that stand in an address.
HASH: Final = 12
FOR_GOOD: Final = "public, max-age=31536000, immutable"


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
        paths = [path for path in sorted(folder.glob("*")) if path.suffix in TYPES and path.is_file()]
        self._hashes = {path.name: hashlib.sha256(path.read_bytes()).hexdigest()[:HASH] for path in paths if path.suffix != ".html"}
        self._files = {path.name: _read(path, self._named) for path in paths}

    def answer(self, name: str, accepts: str, known_tag: str, version: str = "") -> tuple[int, bytes, list[tuple[str, str]]] | None:
        """Status, body and headers for a request with these Accept-Encoding and If-None-Match; None if there is no such file.

        version is the hash that the address names, "" if none.
        """
        file = self._files.get(name)
        if file is None:
            return None
        keep = FOR_GOOD if version and version == self._hashes.get(name) else "no-cache"
        headers = [("Content-Type", file.kind), ("ETag", file.tag), ("Cache-Control", keep), ("Vary", "Accept-Encoding")]
        if file.tag in (tag.strip().removeprefix("W/") for tag in known_tag.split(",")):
            return 304, b"", headers
        if not file.pressed:
            return 200, file.plain, headers
        if "gzip" in accepts.lower():
            return 200, file.pressed, [*headers, ("Content-Encoding", "gzip")]
        return 200, gzip.decompress(file.pressed), headers


    def _named(self, page: bytes) -> bytes:
        """A page with the hashes of what it refers to."""
        def named(found: re.Match[bytes]) -> bytes:
            known = self._hashes.get(found[1].decode())
            return found[0] + (f"?v={known}".encode() if known else b"")

        return REFERENCE.sub(named, page)


def _read(path: Path, named: Callable[[bytes], bytes]) -> File:
    plain = named(path.read_bytes()) if path.suffix == ".html" else path.read_bytes()
    tag = f'"{hashlib.sha256(plain).hexdigest()[:20]}"'
    pressed = gzip.compress(plain, 9, mtime=0) if path.suffix in PRESSED else b""
    if len(pressed) < len(plain) * 0.9 and pressed:
        return File(TYPES[path.suffix], tag, b"", pressed)
    return File(TYPES[path.suffix], tag, plain, b"")
