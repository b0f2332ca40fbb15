"""web.files: built pages, pressed once, revalidated by tag."""
import gzip
from pathlib import Path

import pytest

from web.files import Files


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """A folder with a page, a small file, and things that are not served."""
    (tmp_path / "page.html").write_text("<p>hello</p>" * 500)
    (tmp_path / "tiny.js").write_text("1")
    (tmp_path / "secret.key").write_text("x")
    (tmp_path / "folder").mkdir()
    return Files(tmp_path)


def test_pressed_and_plain(files: Files) -> None:
    """Who takes gzip gets it, others get the same file plain."""
    for accepts in ("", "gzip, br"):
        found = files.answer("page.html", accepts, "")
        assert found is not None
        status, body, headers = found
        assert status == 200
        assert (gzip.decompress(body) if accepts else body) == b"<p>hello</p>" * 500
        assert dict(headers).get("Content-Encoding", "") == ("gzip" if accepts else "")
        assert dict(headers)["Content-Type"] == "text/html; charset=utf-8"


def test_what_gains_nothing_stays_plain(files: Files) -> None:
    """A tiny file is not pressed."""
    found = files.answer("tiny.js", "gzip", "")
    assert found is not None
    assert found[1] == b"1"


def test_tags(files: Files) -> None:
    """A browser that has the file is told so, whatever else it has."""
    found = files.answer("page.html", "gzip", "")
    assert found is not None
    tag = dict(found[2])["ETag"]
    for known in (tag, f'"other", {tag}', f"W/{tag}"):
        again = files.answer("page.html", "gzip", known)
        assert again is not None
        assert again[:2] == (304, b"")


@pytest.mark.parametrize("name", ["secret.key", "folder", "../page.html", "page.html/", "", "."])
def test_nothing_else(files: Files, name: str) -> None:
    """Only the files that were there at the start, by their names."""
    assert files.answer(name, "", "") is None


def test_names_with_a_hash(tmp_path: Path) -> None:
    """A page names what it refers to with its hash; under that it is kept for good, under another, or none, it is asked for again."""
    (tmp_path / "page.html").write_text('<script src="/static/a.js"></script><img src="/static/none.svg">')
    (tmp_path / "a.js").write_text("1")
    files = Files(tmp_path)
    found = files.answer("page.html", "", "")
    assert found is not None
    assert b'"/static/none.svg"' in found[1]
    version = found[1].decode().partition("/static/a.js?v=")[2].partition('"')[0]
    assert len(version) == 12
    for given, kept in ((version, True), ("other", False), ("", False)):
        answer = files.answer("a.js", "", "", given)
        assert answer is not None
        assert ("immutable" in dict(answer[2])["Cache-Control"]) is kept
