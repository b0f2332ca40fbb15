"""mta.store.sources: members of folders, and what a file is by its content."""
import os
from pathlib import Path

import pytest

from mta.base.errors import NotFound, UserError
from mta.store.sources import BadArchive, Folder, SingleFile, misplaced, nested, open_source
from mta.store.tarsource import Tar
from mta.store.zipsource import Zip
from tests.flow.mailfiles import gz, packed, tgz


@pytest.mark.parametrize(("octets", "kind"), [
    (packed({"a": b"x"}), Zip), (tgz({"a": b"x"}), Tar), (gz(b"From x"), SingleFile), (b"From x", SingleFile), (b"", SingleFile)],
    ids=["zip", "tgz", "gz", "text", "nothing"])
def test_by_content(tmp_path: Path, octets: bytes, kind: type) -> None:
    """Whatever it is called."""
    (tmp_path / "file").write_bytes(octets)
    source = open_source(tmp_path / "file")
    try:
        assert isinstance(source, kind)
    finally:
        source.close()


def test_folders(tmp_path: Path) -> None:
    """By path, again and again in the same order; links and devices are named and not followed."""
    (tmp_path / "b").mkdir()
    (tmp_path / "b/x").write_text("inner")
    (tmp_path / "a").write_text("first")
    (tmp_path / "c").symlink_to("a")
    (tmp_path / "d").symlink_to("/")
    os.mkfifo(tmp_path / "e")
    found = [(member.path, open_it().read() if not member.refused else b"") for member, open_it in Folder(tmp_path).members()]

    assert found == [("a", b"first"), ("b/x", b"inner"), ("c", b""), ("d", b""), ("e", b"")]


def test_what_is_not_there(tmp_path: Path) -> None:
    """Or is nothing to be read."""
    with pytest.raises(NotFound):
        open_source(tmp_path / "nothing")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UserError, match="neither"):
        open_source(tmp_path / "pipe")
    (tmp_path / "x").write_bytes(b"\xfd7zXZ\0")
    with pytest.raises(BadArchive, match="xz"):
        open_source(tmp_path / "x")
    (tmp_path / "y").write_bytes(gz(b"x" * 1000)[:-9])
    source = open_source(tmp_path / "y")
    with pytest.raises(BadArchive, match="damaged"):
        list(source.members())
    source.close()


@pytest.mark.parametrize("path", ["/etc/passwd", "../x", "a/../../x", "C:\\x", "\\\\x", "a\\..\\x", "x" * 2_000, "a/" * 50 + "x"])
def test_ways_out(path: str) -> None:
    """Are no paths of mail."""
    assert misplaced(path)
    assert not misplaced("a/b..c/d")
    assert nested("a.ZIP")
    assert not nested("a.zip.mbox")
