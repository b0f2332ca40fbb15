"""workers.commands.exporting: mail into an archive, typed."""
import tarfile
import zipfile
from pathlib import Path

from tests.flow.mailfiles import box, letter
from tests.workers.commands.conftest import Typing


def test_there_and_back(typed: Typing, tmp_path: Path) -> None:
    """Whole accounts and single mailboxes, to a file that is not there yet."""
    typed("domain add example.org")
    for name in ("ann", "bob"):
        typed(f"account add {name} --address {name}@example.org --no-password")
    (tmp_path / "Inbox").write_bytes(box(letter(1), letter(2)))
    typed(f"import auto {tmp_path / 'Inbox'} --account ann")
    assert "2 messages" in typed(f"export ann {tmp_path / 'out.tgz'}")
    assert (tmp_path / "out.tgz").stat().st_mode & 0o777 == 0o600
    with tarfile.open(tmp_path / "out.tgz") as archive:
        assert len([name for name in archive.getnames() if name.startswith("Maildir/cur/1")]) == 2
    assert typed.json(f"import auto {tmp_path / 'out.tgz'} --account bob")[0]["added"] == 2
    typed(f"export ann {tmp_path / 'out.zip'} --format mbox --mailbox Inbox")
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert archive.namelist() == ["Inbox.mbox"]
    for line, words in ((f"export ann {tmp_path / 'out.zip'}", "exists"), (f"export ann {tmp_path / 'x.rar'}", ".tgz or .zip"),
                        (f"export ann {tmp_path / 'x.tgz'} --format mbox", "zip"), (f"export ann {tmp_path / 'y.tgz'} --mailbox No", "No"),
                        (f"export carl {tmp_path / 'z.tgz'}", "carl"), ("export ann /nowhere/z.tgz", "/nowhere")):
        status, _, err = typed.attempt(line)
        assert (status, len(err.splitlines())) == (1, 1), err
        assert words in err
