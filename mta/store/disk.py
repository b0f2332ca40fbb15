"""What a store asks of its disk, as an argument: a test can hand in a slow one, or one that is full.

data() brings the content and size of a file to disk; names() a folder's entries, for which
Linux's fdatasync is not enough (ext4 leaves a rename that does not grow the folder in its
journal).  Both take a descriptor and raise OSError; after a failure the content must be
taken for lost.
"""
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Disk:
    """How content is written and synced."""

    write: Callable[[int, bytes | memoryview], int] = os.write
    data: Callable[[int], None] = os.fdatasync
    names: Callable[[int], None] = os.fsync


DISK = Disk()


def sync_file(path: Path) -> None:
    """Bring a file that somebody wrote to disk, its names aside.  OSError."""
    _sync(path, os.O_RDONLY)


def sync_folder(path: Path) -> None:
    """Bring the names in a folder to disk: what was made, renamed or removed there.  OSError."""
    _sync(path, os.O_RDONLY | os.O_DIRECTORY)


def _sync(path: Path, flags: int) -> None:
    file = os.open(path, flags | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)
