"""What a store asks of its disk, as an argument: a test can hand in a slow one, or one that is full.

data() brings the content and size of a file to disk; names() a folder's entries, for which
Linux's fdatasync is not enough (ext4 leaves a rename that does not grow the folder in its
journal).  Both take a descriptor and raise OSError; after a failure the content must be
taken for lost.
"""
import os
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Disk:
    """How content is written and synced."""

    write: Callable[[int, bytes | memoryview], int] = os.write
    data: Callable[[int], None] = os.fdatasync
    names: Callable[[int], None] = os.fsync


DISK = Disk()
