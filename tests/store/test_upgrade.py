"""mta.store.upgrade, and the upgrade of every database that ever was: with data, and back."""
import os
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from mta.base.clock import SetClock
from mta.base.errors import NotFound, SetupError
from mta.base.names import Address, Domain
from mta.store import accounts, credentials, mailboxes, messages, queue, upgrade
from mta.store.connection import Connection
from mta.store.database import Store
from mta.store.migrate import prepare
from mta.store.migrations import newest
from mta.store.verify import problems
from tests.store import old_data
from tests.store.population import deliver, mailbox
from tests.store.test_migrate import PLAN

NOW = newest("pillarbox.db")
OLDER = [snapshot for snapshot in old_data.SNAPSHOTS if int(snapshot.stem) < NOW]


def signs_in(store: Store) -> bool:
    """Whether ann gets in with each password and her cookie, and the administrator with his."""
    def question(db: Connection) -> bool:
        names = ("ann", "ANN@example.org")
        found = [credentials.check_password(db, name, secret) for name in names for secret in (old_data.PASSWORD, old_data.APP_PASSWORD)]
        return (all(each is not None and each.account_id == 1 for each in found) and credentials.check_admin(db, old_data.ADMIN)
                and credentials.check_password(db, "ann", "wrong") is None
                and credentials.session(db, store.clock, old_data.COOKIE) is not None)

    return store.read(question)


def ask(path: Path, sql: str) -> list[tuple[object, ...]]:
    """Ask a database file directly."""
    with closing(apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)) as db:
        return list(db.execute(sql))


@pytest.mark.parametrize("snapshot", old_data.SNAPSHOTS, ids=lambda path: path.stem)
def test_every_old_database_with_data(snapshot: Path, tmp_path: Path, clock: SetClock) -> None:
    """People sign in, mail is there octet by octet, what waits for delivery waits, rules and choices count, all agrees."""
    old_data.make(tmp_path, snapshot, clock)
    done = prepare(tmp_path, clock)
    assert any("migrated pillarbox.db" in line for line in done) == (int(snapshot.stem) < NOW)
    store = Store.open(tmp_path, clock)
    try:
        assert problems(store) == []
        assert signs_in(store)
        rows = store.read(lambda db: messages.page(db, mailbox(store, 1)))
        assert {messages.content(store, row) for row in rows} == {
            b"Delivered-To: ann@example.org\r\n" + letter for letter in old_data.LETTERS}
        assert store.read(lambda db: queue.totals(db, clock)).recipients == 1
        assert store.read(lambda db: accounts.settings(db, 1)) == {"reject_days": 3}
        found = store.read(lambda db: accounts.resolve(db, Address.parse("team@example.org"), Domain.parse("mx.example.org"), "x"))
        assert found.accounts == (1,)
        # And it can be used.
        deliver(store, mailbox(store, 1))
        store.write_now(lambda db: messages.expunge(db, 1, [rows[0].id]))
        store.write_now(lambda db: mailboxes.add(db, clock, 1, "New"))
        assert problems(store) == []
    finally:
        store.close()


@pytest.mark.parametrize("snapshot", OLDER, ids=lambda path: path.stem)
def test_and_back(snapshot: Path, tmp_path: Path, clock: SetClock) -> None:
    """The old database is back as it was; mail that came since is kept; forward again it is all there."""
    old_data.make(tmp_path, snapshot, clock)
    before = {name: ask(tmp_path / "pillarbox.db", f"SELECT * FROM {name}") for name in ("account", "message", "credential", "migration")}
    prepare(tmp_path, clock)
    store = Store.open(tmp_path, clock)
    row = deliver(store, mailbox(store, 1), b"Subject: since\r\n\r\nHello.\r\n")
    store.close()

    back = upgrade.roll_back(tmp_path)
    assert dict(back.databases)["pillarbox.db"] == int(snapshot.stem)
    assert {name: ask(tmp_path / "pillarbox.db", f"SELECT * FROM {name}") for name in before} == before
    assert (back.messages, back.files) == (1, tmp_path / f"mail.after-{NOW}")
    assert (tmp_path / f"mail.after-{NOW}" / row.body_name).read_bytes().startswith(b"Subject: since")
    assert ask(tmp_path / f"pillarbox.db.after-{NOW}", "SELECT count(*) FROM message") == [(3,)]
    with pytest.raises(NotFound, match="no database from before an upgrade"):
        upgrade.roll_back(tmp_path)
    assert any("migrated pillarbox.db" in line for line in prepare(tmp_path, clock))
    store = Store.open(tmp_path, clock)
    assert signs_in(store)
    store.close()


def test_a_rehearsal_changes_nothing(tmp_path: Path, clock: SetClock) -> None:
    """While somebody has the databases open, too; what would be done is told."""
    old_data.make(tmp_path, old_data.SNAPSHOTS[0], clock)
    assert next((one.database, one.schema, one.wanted) for one in upgrade.pending(tmp_path)) == ("pillarbox.db", 1, NOW)
    with closing(apsw.Connection(str(tmp_path / "pillarbox.db"))) as db:
        db.execute("PRAGMA user_version").fetchall()
        lines = upgrade.rehearse(tmp_path, clock)
    assert f"migrated pillarbox.db from schema 1 to {NOW}" in lines[0]
    assert ask(tmp_path / "pillarbox.db", "PRAGMA user_version") == [(1,)]
    assert not (tmp_path / upgrade.SCRATCH).exists()
    prepare(tmp_path, clock)
    assert upgrade.pending(tmp_path) == []


def test_what_stands_in_the_way(tmp_path: Path, clock: SetClock) -> None:
    """No server, somebody who has it open, a step that fails: one sentence each, and all is as it was."""
    with pytest.raises(SetupError, match="holds no mail store"):
        upgrade.pending(tmp_path)
    old_data.make(tmp_path, old_data.SNAPSHOTS[0], clock)
    prepare(tmp_path, clock)
    store = Store.open(tmp_path, clock)
    with pytest.raises(SetupError, match="stop the server"):
        upgrade.roll_back(tmp_path)
    store.close()
    prepare(tmp_path, clock, PLAN)
    with pytest.raises(SetupError, match="newer"):
        upgrade.rehearse(tmp_path, clock)
    assert not (tmp_path / upgrade.SCRATCH).exists()


@pytest.mark.parametrize("after", range(5))
def test_a_crash_during_the_way_back(tmp_path: Path, clock: SetClock, after: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever was done, no database is lost: the old and the new one are there under one name or another."""
    old_data.make(tmp_path, old_data.SNAPSHOTS[0], clock)
    prepare(tmp_path, clock)
    replace, count = os.replace, [0]

    def failing(source: Path, target: Path) -> None:
        if count[0] == after:
            raise KeyboardInterrupt
        count[0] += 1
        replace(source, target)

    monkeypatch.setattr(os, "replace", failing)
    moves = 2 * len(list(tmp_path.glob("*.before-*")))
    if after < moves:
        with pytest.raises(KeyboardInterrupt):
            upgrade.roll_back(tmp_path)
    else:
        upgrade.roll_back(tmp_path)
    monkeypatch.undo()
    versions = sorted(ask(path, "PRAGMA user_version")[0][0] for path in tmp_path.glob("pillarbox.db*")    # type: ignore[type-var]
                      if path.suffix != ".stamp" and not path.name.endswith(("-wal", "-shm")))
    assert versions == [1, NOW]
    if not (tmp_path / "pillarbox.db").exists():
        with pytest.raises(SetupError, match="is missing or empty"):
            prepare(tmp_path, clock)
