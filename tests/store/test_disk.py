"""What a store asks of its disk."""
import os
from pathlib import Path

from mta.store.disk import DISK


def test_it_writes_and_syncs_files_and_folders(tmp_path: Path) -> None:
    """The real disk takes content, and syncs of files and of folders."""
    file = os.open(tmp_path / "new", os.O_CREAT | os.O_RDWR)
    assert DISK.write(file, b"abc") == 3
    DISK.data(file)
    os.close(file)
    folder = os.open(tmp_path, os.O_RDONLY)
    DISK.names(folder)
    os.close(folder)

    assert (tmp_path / "new").read_bytes() == b"abc"
