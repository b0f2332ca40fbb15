"""workers.commands.importing: mail from files, typed."""
from pathlib import Path

import pytest

from tests.flow.mailfiles import box, letter, tgz
from tests.workers.commands.conftest import Typing


@pytest.fixture
def ann(typed: Typing) -> Typing:
    """An account."""
    typed("domain add example.org")
    typed("account add ann --address ann@example.org --no-password")
    return typed


def test_files(ann: Typing, tmp_path: Path) -> None:
    """Of each kind, again without doubles, with what was passed over."""
    old = tmp_path / "Old.mbox"
    old.write_bytes(box(letter(1), letter(2, "X-Mozilla-Status: 0009\n")))
    [row] = ann.json(f"import mbox {old} --account ann")
    assert (row["state"], row["added"], row["known"], row["skipped"]) == ("done", 1, 0, 1)
    assert "Thunderbird" in ann.json(f"import skipped ann {row['id']}")[0]["reason"]
    (tmp_path / "m.tgz").write_bytes(tgz({"Maildir/cur/1.a:2,S": letter(3).encode()}))
    assert ann.json(f"import auto {tmp_path / 'm.tgz'} --account ann@example.org --mailbox New")[0]["added"] == 1
    (tmp_path / "Maildir/cur").mkdir(parents=True)
    (tmp_path / "Maildir/cur/1.a:2,S").write_text(letter(4))
    assert ann.json(f"import maildir {tmp_path / 'Maildir'} --account ann")[0]["added"] == 1
    assert ann.json(f"import maildir {tmp_path / 'Maildir'} --account ann")[0]["known"] == 1
    assert {row["name"]: row["total"] for row in ann.json("mailbox list ann") if row["total"]} == {"Inbox": 1, "New": 1, "Old": 1}
    assert [row["percent"] for row in ann.json("import list ann")] == [100] * 4
    ann(f"import remove ann {row['id']}")
    assert len(ann.json("import list ann")) == 3


def test_what_cannot_be(ann: Typing, tmp_path: Path) -> None:
    """Is said in one line, with the place and what to do."""
    (tmp_path / "x").write_text("hello")
    (tmp_path / "y").mkdir()
    for line, words in ((f"import mbox {tmp_path / 'none'} --account ann", "No such file"),
                        (f"import auto {tmp_path / 'x'} --account ann", "no mail"),
                        (f"import auto {tmp_path / 'x'} --account bob", "bob"),
                        (f"import maildir {tmp_path / 'y'} --account ann", "no mail"),
                        ("import stop ann 99", "no import"), ("import remove ann 99", "no import"), ("import skipped ann 99", "no import")):
        status, _, err = ann.attempt(line)
        assert (status, len(err.splitlines())) == (1, 1), err
        assert words in err


def test_another_server(ann: Typing, tmp_path: Path) -> None:
    """The password is read from standard input; where nobody listens that is said (what comes: tests/flow/test_imapimport.py)."""
    (tmp_path / "zone").write_text("other.test. A 192.0.2.1\n")
    status, _, err = ann.attempt(f"import imap imap.old.test --user ann --account ann --zone {tmp_path / 'zone'}", stdin="secret\n")
    assert (status, "no address" in err) == (1, True)
    assert "password is needed" in ann.attempt("import imap imap.old.test --user ann --account ann")[2]
    [row] = ann.json("import list ann")
    assert (row["state"], row["source"]) == ("stopped", "ann at imap.old.test")
