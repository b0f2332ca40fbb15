"""Attachments as one archive that any program can read."""
import io
import zipfile
from datetime import UTC, datetime

from mta.flow.reading import Download
from web.zipped import unique, zipped


def test_an_archive() -> None:
    """Every file is in it, under a name of its own, octet for octet."""
    files = [Download(name, kind, lambda content=content: iter((content[:3], content[3:])))  # type: ignore[misc]  # the default binds it
             for name, kind, content in (
                 ("a.txt", "text/plain", b"text " * 999), ("A.txt", "text/plain", b"other"), ("p.png", "image/png", b"\0" * 99))]
    pieces = list(zipped(files, datetime(2030, 1, 2, 3, 4, 6, tzinfo=UTC)))
    with zipfile.ZipFile(io.BytesIO(b"".join(pieces))) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["a.txt", "A (2).txt", "p.png"]
        assert archive.read("A (2).txt") == b"other"
        assert archive.getinfo("p.png").compress_type == zipfile.ZIP_STORED
        assert archive.getinfo("a.txt").compress_size < 200
        assert archive.getinfo("a.txt").date_time == (2030, 1, 2, 3, 4, 6)


def test_names() -> None:
    """In any case, and without a suffix."""
    used: set[str] = set()
    assert [unique(name, used) for name in ("x", "X", "x", ".a", ".a", "n.tar.gz", "n.tar.gz")] == [
        "x", "X (2)", "x (3)", ".a", ".a (2)", "n.tar.gz", "n.tar (2).gz"]
