"""workers.commands.backups: backups and restoring on the command line."""
import getpass
import json
from pathlib import Path

import pytest

from mta.base.clock import SystemClock
from mta.store import backupjobs
from mta.store.database import Store
from tests.workers.commands.conftest import Typing
from workers.command import read


@pytest.fixture
def busy(typed: Typing, letter: Path) -> Typing:
    """A server with one letter for ann."""
    typed("domain add example.org")
    typed("account add ann --address ann@example.org --no-password")
    typed("message deliver ann", str(letter))
    return typed


def subjects(typed: Typing, account: str = "ann") -> list[str]:
    """Subjects in the account's Inbox."""
    return [row["subject"] for row in typed.json(f"message list {account} Inbox")]


def row_size(typed: Typing) -> int:
    """Octets of ann's mail."""
    return sum(row["size"] for row in typed.json("message list ann Inbox"))


def test_jobs(busy: Typing) -> None:
    """What the browser asked for, in words; it can be stopped, once."""
    store = Store.open(busy.directory / "data", SystemClock())
    store.write_now(lambda db: backupjobs.add(db, store.clock, "verify", "one", "admin"))
    store.write_now(lambda db: backupjobs.add(db, store.clock, "restore", "one", "admin", account="ann", mailbox="Inbox", messages=(1, 2),
                                              target="bob"))
    store.close()
    assert [(row["what"], row["state"]) for row in busy.json("backup jobs")] == [
        ("bring back 2 messages of ann, Inbox, to bob", "waiting"), ("compare", "waiting")]
    assert "stopped" in busy("backup stop 1")
    assert busy.attempt("backup stop 1")[0] == 1
    assert busy.json("backup jobs")[1]["problems"] == [f"It was stopped by command line of {getpass.getuser()}."]


def test_there_and_back(busy: Typing, tmp_path: Path) -> None:
    """Make, list, verify, try, look into, bring one back, bring all back."""
    place = str(tmp_path / "backups")
    out = busy("backup", place)
    assert "Z" in out
    [row] = busy.json("backup list", place)
    assert (row["messages"], row["accounts"], row["encrypted"], row["trouble"]) == (1, 1, False, [])
    assert "files are as they were" in busy("backup verify", place)
    assert "it can be restored" in busy("backup try", place)
    assert busy.json("backup accounts", place) == [{"account": "ann", "full_name": "", "messages": 1, "size": row_size(busy)}]
    assert [one["messages"] for one in busy.json("backup mailboxes", place, "ann") if one["mailbox"] == "Inbox"] == [1]
    assert "no account 'carl'" in busy.attempt("backup mailboxes", place, "carl")[2]
    [listed] = busy.json("backup messages", place, "ann")
    before = subjects(busy)
    [done] = busy.json("restore", place, "--account", "ann", "--message", str(listed["id"]))
    assert (done["brought_back"], done["still_there"]) == (0, 1)
    busy("account add bob --no-password")
    [done] = busy.json("restore", place, "--account", "ann", "--to", "bob")
    assert (done["brought_back"], subjects(busy, "bob")) == (1, before)
    status, _, err = busy.attempt("restore", place)
    assert (status, "say --yes" in err) == (1, True)
    [done] = busy.json("restore", place, "--yes")
    assert (done["messages"], done["wrong"]) == (1, [])
    assert Path(done["before"]).is_dir()
    assert subjects(busy) == before


def test_harm_is_an_exit_status(busy: Typing, tmp_path: Path) -> None:
    """1 and a sentence for each file that is not as it was."""
    place = str(tmp_path / "backups")
    [made] = busy.json("backup make", place)
    victim = next(iter((Path(made["path"]) / "data" / "mail").rglob("*/*")))
    victim.write_bytes(b"x")
    status, out, err = busy.attempt("backup verify", place, "--all")
    assert (status, victim.name in err, "1 things are wrong" in out) == (1, True, True)
    status, out, _ = busy.attempt("backup try", place, "--json")
    assert status == 1
    assert json.loads(out)[0]["good"] is False


def test_encrypted(busy: Typing, tmp_path: Path) -> None:
    """With a key whose passphrase is asked for."""
    place, file = str(tmp_path / "backups"), str(tmp_path / "backup.key")
    [made] = json.loads(busy("backup key", file, "--passphrase", "--json", stdin="correct horse\n"))
    busy("backup make", place, "--recipient", made["recipient"])
    assert busy.json("backup list", place)[0]["encrypted"] is True
    status, _, err = busy.attempt("restore", place, "--yes")
    assert (status, "say --key FILE" in err) == (1, True)
    status, _, err = busy.attempt("restore", place, "--yes", "--key", file, stdin="wrong\n")
    assert (status, "not the passphrase" in err) == (1, True)
    assert "it can be restored" in busy("backup try", place, "--key", file, stdin="correct horse\n")
    assert "restored" in busy("restore", place, "--yes", "--key", file, stdin="correct horse\n")
    assert len(subjects(busy)) == 1


@pytest.mark.parametrize(("line", "text"), [
    ("backup list", "there is no directory"), ("backup list /nowhere", "there is no directory"),
    ("backup verify /nowhere", "is no backup"), ("restore /nowhere --yes", "is no backup"),
    ("backup make /proc/x", "cannot be made"), ("backup make DIR/data/inside", "choose another place"),
    ("backup make /tmp/x --recipient pbx1-abc", "is not a recipient")])
def test_what_cannot_be(busy: Typing, line: str, text: str) -> None:
    """One line that says what to do."""
    status, _, err = busy.attempt(line.replace("DIR", str(busy.directory)))
    assert status == 1
    assert text in err
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(("typed_words", "verb"), [
    (["backup", "/mnt/x"], "backup make"), (["backup", "--full"], "backup make"), (["backup"], "backup make"),
    (["--dir", "backup", "backup", "list"], "backup list"), (["backup", "verify"], "backup verify"), (["alias", "list"], "alias list")])
def test_the_short_form(typed_words: list[str], verb: str) -> None:
    """`backup DEST` is `backup make DEST`."""
    assert read(typed_words).verb.words == verb
