"""mta.flow.restoring: mail that comes back from a backup."""
from dataclasses import replace
from pathlib import Path

import pytest

from mta.base.errors import NotFound
from mta.config.model import Backup
from mta.flow import backups, restoring
from mta.flow.restoring import Wanted
from mta.flow.world import World
from mta.message.flags import Flags
from mta.store import accounts, archive, credentials, mailboxes, messages
from tests.flow.test_backups import letters, no_wait, place
from tests.store.population import add_account, deliver, mailbox


@pytest.fixture
def kept(world: World, tmp_path: Path) -> World:
    """A server with a place for backups, and ann."""
    world.config = replace(world.config, postmaster="ann", backup=Backup(to=tmp_path / "backups"))
    add_account(world.store)
    return world


@pytest.fixture
def lost(kept: World) -> World:
    """A backup was made, then mail of it was removed, and some came."""
    store = kept.store
    inbox = mailbox(store, 1)
    for number in range(4):
        deliver(store, inbox, b"Subject: letter %d\r\n\r\nHello.\r\n" % number, flags=Flags.SEEN, keywords=("blue",),
                subject=f"letter {number}")
    projects = store.write_now(lambda db: mailboxes.add(db, kept.clock, 1, "Projects/Boat"))
    deliver(store, projects, b"Subject: boat\r\n\r\nHello.\r\n", subject="boat")
    store.write_now(lambda db: credentials.set_password(db, kept.clock, 1, "a good password"))
    backups.daily(kept, no_wait)
    gone = [row.id for row in store.read(lambda db: messages.page(db, inbox)) if row.subject in ("letter 1", "letter 2")]
    store.write_now(lambda db: messages.expunge(db, 1, gone))
    store.write_now(lambda db: mailboxes.remove(db, projects))
    deliver(store, inbox, b"Subject: new\r\n\r\nHello.\r\n", subject="new")
    return kept


def test_an_account(lost: World) -> None:
    """What is gone comes back with flags and keywords to its mailboxes; what is there stays once; a second time nothing comes."""
    newest = archive.find(place(lost))
    lost.store.write_now(lambda db: accounts.update(db, 1, quota=1))
    done = restoring.bring_back(lost, newest, None, Wanted("ann@example.org"), by="test")
    assert (done.messages, done.present, done.wrong) == (3, 2, ())
    assert sorted(letters(lost)) == ["letter 0", "letter 1", "letter 2", "letter 3", "new"]
    row = next(row for row in lost.store.read(lambda db: messages.page(db, mailbox(lost.store, 1))) if row.subject == "letter 1")
    assert (row.flags, row.keywords) == (Flags.SEEN, ("blue",))
    assert messages.content(lost.store, row).endswith(b"Subject: letter 1\r\n\r\nHello.\r\n")
    assert lost.store.read(lambda db: mailboxes.by_name(db, 1, "Projects/Boat")) is not None
    again = restoring.bring_back(lost, newest, None, Wanted("ann"), by="test")
    assert (again.messages, again.present) == (0, 5)


def test_a_mailbox_and_a_message(lost: World) -> None:
    """Only what was named comes back; what the backup does not have is told."""
    newest = archive.find(place(lost))
    assert restoring.bring_back(lost, newest, None, Wanted("ann", mailbox="Projects"), by="test").messages == 1
    listed = restoring.listing(lost, newest, None, "ann", "inbox", 10)
    wanted = next(row.id for _, row in listed if row.subject == "letter 2")
    assert restoring.bring_back(lost, newest, None, Wanted("ann", ids=(wanted,)), by="test").messages == 1
    assert "letter 2" in letters(lost)
    assert "letter 1" not in letters(lost)
    for wrong in (Wanted("bob"), Wanted("ann", mailbox="Nowhere"), Wanted("ann", ids=(999,)), Wanted("ann", to="bob")):
        with pytest.raises(NotFound):
            restoring.bring_back(lost, newest, None, wrong, by="test")


def test_an_account_that_is_gone(lost: World) -> None:
    """It is made anew, its password is what it was, and its addresses are its own again."""
    bob = add_account(lost.store, "bob")
    lost.store.write_now(lambda db: accounts.remove(db, 1))
    done = restoring.bring_back(lost, archive.find(place(lost)), None, Wanted("ann"), by="test")
    assert done.messages == 5
    checked = lost.store.read(lambda db: credentials.check_password(db, "ann@example.org", "a good password"))
    assert checked is not None
    assert checked.account_id not in (1, bob)


def test_to_another_account(lost: World) -> None:
    """An administrator may look through it first."""
    bob = add_account(lost.store, "bob")
    done = restoring.bring_back(lost, archive.find(place(lost)), None, Wanted("ann", to="bob"), by="test")
    assert (done.account, done.messages) == ("bob", 5)
    row = lost.store.read(lambda db: accounts.get(db, bob))
    assert row is not None
    assert row.messages == 5


def test_damage_costs_one_message(lost: World) -> None:
    """The others come back, and it is said which one does not."""
    newest = archive.find(place(lost))
    for victim in sorted((newest.path / "data" / "mail").rglob("*/*")):
        if b"letter 1" in victim.read_bytes():
            victim.write_bytes(b"Subject: letter 1\r\n\r\nForged\r\n")
    done = restoring.bring_back(lost, newest, None, Wanted("ann"), by="test")
    assert done.messages == 2
    assert len(done.wrong) == 1
    assert "letter 1" in done.wrong[0]
