"""workers.commands.upgrading: upgrade, rollback and salvage; and what was removed, on the command line."""
import shutil
from pathlib import Path

import pytest

from mta.base.clock import SystemClock
from mta.store.migrations import newest
from tests.store import old_data
from tests.workers.commands.conftest import Typing

NOW = newest("pillarbox.db")


def test_there_and_back(typed: Typing) -> None:
    """Tried, done, undone, done again; each says what it did."""
    old_data.make(typed.directory / "data", old_data.SNAPSHOTS[0], SystemClock())    # type: ignore[arg-type]  # any clock will do
    status, out, err = typed.attempt("upgrade --dry-run --json")
    assert (status, f'"wanted": {NOW}' in out) == (0, True)
    assert "nothing was changed" in err
    assert typed("upgrade").splitlines()[1].split()[:3] == ["pillarbox.db", "1", str(NOW)]
    assert typed.json("upgrade") == []
    status, _, err = typed.attempt("rollback")
    assert (status, "say --yes" in err) == (1, True)
    status, out, err = typed.attempt("rollback --yes")
    assert (status, "install the program that goes with" in err) == (0, True)
    assert ["pillarbox.db", "1"] in [line.split() for line in out.splitlines()]
    status, _, err = typed.attempt("rollback --yes")
    assert (status, "no database from before an upgrade" in err) == (1, True)
    typed("upgrade")
    assert typed.json("account list")[0]["name"] == "ann"


def test_salvage(typed: Typing, letter: Path) -> None:
    """With an old database, and with none."""
    data = typed.directory / "data"
    typed("domain add example.org")
    typed("account add ann --address ann@example.org --no-password")
    shutil.copy(data / "pillarbox.db", typed.directory / "old.db")
    typed("message deliver ann", str(letter))
    shutil.copy(typed.directory / "old.db", data / "pillarbox.db")
    for suffix in ("-wal", "-shm"):
        (data / f"pillarbox.db{suffix}").unlink(missing_ok=True)
    for file in (data / "mail").rglob("*/*"):    # as if it were older than a minute
        assert file.is_file()
        file.rename(file.with_name("000000000" + file.name[9:]))
    assert typed.json("salvage --dry-run")[0]["messages"] == {"ann": 1}
    assert "1 messages were made of them" in typed("salvage")
    assert [row["subject"] for row in typed.json("message list ann Salvaged")] == ["Grüße from the sea"]
    assert typed.json("salvage")[0]["files"] == 0

    (data / "pillarbox.db").unlink()
    status, _, err = typed.attempt("salvage")
    assert (status, "--new-database --account NAME" in err) == (1, True)
    typed("salvage --new-database --account lost")
    assert len(typed.json("message list lost Salvaged")) == 1


@pytest.fixture
def two(typed: Typing, letter: Path) -> Typing:
    """A server with ann and bob, and a letter of ann's."""
    typed("domain add example.org")
    for name in ("ann", "demo"):
        typed(f"account add {name} --address {name}@example.org --no-password")
    typed("message deliver ann", str(letter))
    return typed


def test_removed_accounts(two: Typing) -> None:
    """Removed, listed, brought back; for good at last."""
    status, _, err = two.attempt("account remove ann")
    assert (status, "kept for 30 days: say --yes" in err) == (1, True)
    two("account remove ann --yes")
    [row] = two.json("account removed")
    assert (row["name"], row["messages"], row["until"] - row["since"]) == ("ann", 1, 30 * 86_400)
    status, _, err = two.attempt("account add ann --no-password")
    assert (status, "pillarbox account restore ann" in err) == (1, True)
    assert two.json("account restore ann")[0]["messages"] == 1
    two("account remove ann --yes")
    two("account remove ann --for-good --yes")
    assert two.json("account removed") == []
    status, _, err = two.attempt("account restore ann")
    assert (status, "no account 'ann' was removed" in err) == (1, True)


def test_deleted_messages(two: Typing) -> None:
    """Nothing yet, nothing named, what is not there."""
    assert two.json("message deleted ann") == []
    for line, text in (("message undelete ann 7", "no deleted message 7"), ("message forget ann", "name messages, or say --all")):
        status, _, err = two.attempt(line)
        assert (status, text in err) == (1, True)
    assert two.json("message forget ann --all") == [{"removed": 0}]
