"""What a store asks of its disk."""
import errno
import os
from pathlib import Path

import pytest

from mta.store.disk import DISK, sync_file, sync_folder


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


def test_what_others_wrote_is_synced_by_its_path(tmp_path: Path) -> None:
    """Files and folders; what is not there, or no folder, is an error of the system, and no descriptor is left open."""
    (tmp_path / "new").write_bytes(b"abc")
    before = len(os.listdir("/proc/self/fd"))
    sync_file(tmp_path / "new")
    sync_folder(tmp_path)
    with pytest.raises(FileNotFoundError):
        sync_file(tmp_path / "gone")
    with pytest.raises(NotADirectoryError) as problem:
        sync_folder(tmp_path / "new")
    assert problem.value.errno == errno.ENOTDIR
    assert len(os.listdir("/proc/self/fd")) == before
