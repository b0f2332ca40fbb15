"""mta.store.importfiles: pieces of a file, each at its place."""
from dataclasses import replace
from pathlib import Path

import pytest

from mta.base.errors import Conflict, NoRoom
from mta.base.limits import LIMITS
from mta.store.importfiles import ImportFiles


def test_pieces(tmp_path: Path) -> None:
    """One after the other, with nothing in between and nothing twice."""
    files = ImportFiles(tmp_path)
    assert files.size(1) == 0
    assert files.append(1, 0, b"abc") == 3
    for offset in (0, 2, 4):
        with pytest.raises(Conflict, match="3 octets"):
            files.append(1, offset, b"x")
    assert files.append(1, 3, b"de") == 5
    assert files.mail(1).read_bytes() == b"abcde"
    assert files.mail(1).stat().st_mode & 0o777 == 0o600
    files.remove(1)
    assert files.size(1) == 0
    files.remove(1)


def test_bounds(tmp_path: Path) -> None:
    """Of the file and of the disk."""
    with pytest.raises(NoRoom, match="too large"):
        ImportFiles(tmp_path, replace(LIMITS, import_upload=4)).append(1, 0, b"abcde")
    with pytest.raises(NoRoom, match="not enough room"):
        ImportFiles(tmp_path, replace(LIMITS, import_disk_left=1 << 60)).append(1, 0, b"abcde")


def test_keys(tmp_path: Path) -> None:
    """Kept for themselves, and gone when they are."""
    files = ImportFiles(tmp_path)
    assert files.key(7) is None
    files.keep_key(7, b"k" * 32)
    assert files.key(7) == b"k" * 32
    files.drop_key(7)
    files.drop_key(7)
    assert files.key(7) is None


def test_sweeping(tmp_path: Path) -> None:
    """What nobody wants goes."""
    files = ImportFiles(tmp_path)
    assert files.sweep(set()) == 0
    files.append(1, 0, b"x")
    files.append(2, 0, b"x")
    (tmp_path / "imports" / "junk").mkdir()
    assert files.sweep({2}) == 2
    assert files.size(2) == 1
