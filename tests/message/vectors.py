"""Where test data made by others lies; tests that need it are skipped by name without it."""
from pathlib import Path

import pytest

VECTORS = Path(__file__).resolve().parents[3] / "shared" / "vectors"

#: Folders with whole messages, good and bad.
MESSAGES = ("mime-cpython", "mime-mail-parser", "mime-mimekit", "mime-ruby-mail", "mime-tools")


def need(name: str) -> Path:
    """The folder of that set, or a skip that names it."""
    folder = VECTORS / name
    if not folder.is_dir():
        pytest.skip(f"test data {name} is not on this machine")
    return folder


def messages() -> list[Path]:
    """Every file of those sets that is a message (or was meant as one)."""
    return sorted(
        path for name in MESSAGES for path in (VECTORS / name).rglob("*")
        if path.suffix in (".eml", ".msg", ".txt") and path.name not in ("SOURCE.txt", "COPYING") and "_decoded_" not in path.name)


def crlf(data: bytes) -> bytes:
    """data with every line ended as in SMTP."""
    return data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
