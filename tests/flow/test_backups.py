"""mta.flow.backups and restoring: backups by the clock, trials, and mail that comes back."""
from dataclasses import replace
from pathlib import Path

import pytest

from mta.base.errors import SetupError, UserError
from mta.base.events import Event, Recorded
from mta.config.model import Backup
from mta.flow import backups, health, upkeep
from mta.flow.world import World
from mta.store import archive, backupstate, messages, schedule, sealing
from tests.store.population import add_account, deliver, mailbox

DAY = 86_400.0


def no_wait(seconds: float) -> bool:
    """There is time."""
    return False


@pytest.fixture
def kept(world: World, tmp_path: Path) -> World:
    """A server with a place for backups, and a postmaster."""
    world.config = replace(world.config, postmaster="ann", backup=Backup(to=tmp_path / "backups", keep_daily=3, keep_weekly=1))
    add_account(world.store)
    return world


def letters(world: World) -> list[str]:
    """Subjects in ann's Inbox, the newest first."""
    return [row.subject for row in world.store.read(lambda db: messages.page(db, mailbox(world.store, 1)))]


def place(world: World) -> Path:
    """Where its backups go."""
    assert world.config.backup.to
    return world.config.backup.to


def test_a_day_and_a_week(kept: World, recorded: Recorded) -> None:
    """Backups day by day, old ones go; the newest is tried; the overview says it in one line."""
    deliver(kept.store, mailbox(kept.store, 1))
    for _ in range(5):
        backups.daily(kept, no_wait)
        kept.clock.advance(DAY)    # type: ignore[attr-defined]  # SetClock
    assert len(archive.every(place(kept))) == 3
    assert backups.weekly(kept, no_wait) == f"{archive.every(place(kept))[0].name} is good"
    assert not (place(kept) / backups.TRIAL).exists()
    assert backups.problems(kept) == []
    line = health.kept(kept)
    assert line.state == "good"
    assert line.summary == "the newest was made 24 hours ago, one was restored to try it 0 seconds ago"
    assert [record.event for record in recorded.records].count(Event.BACKUP_MADE) == 5
    assert len(letters(kept)) == 1


def test_a_failure_is_told_once_a_day(kept: World) -> None:
    """A place that is gone: event, letter, overview; well again with the next one."""
    place(kept).write_text("a file")
    for _ in range(3):
        with pytest.raises(SetupError):
            backups.daily(kept, no_wait)
    assert letters(kept) == ["The backups of mx.example.org need you"]
    line = health.kept(kept)
    assert line.state == "bad"
    assert "cannot be made" in line.todo[0]
    kept.clock.advance(3 * DAY)    # type: ignore[attr-defined]  # SetClock
    assert "There is no backup yet." in backups.problems(kept)
    with pytest.raises(SetupError):
        backups.daily(kept, no_wait)
    assert len(letters(kept)) == 2
    place(kept).unlink()
    backups.daily(kept, no_wait)
    assert backups.problems(kept) == []


def test_one_that_is_old_or_untried(kept: World) -> None:
    """A server whose reporter does nothing is noticed by whoever looks."""
    backups.daily(kept, no_wait)
    kept.clock.advance(20 * DAY)    # type: ignore[attr-defined]  # SetClock
    assert backups.problems(kept) == ["The newest backup is 20 days old.", "No backup has been tried for two weeks."]


def test_a_damaged_one_is_found_and_replaced(kept: World) -> None:
    """The trial finds it, tells of it, and the next one is copied anew, not linked to what is damaged; nothing older goes."""
    deliver(kept.store, mailbox(kept.store, 1))
    backups.daily(kept, no_wait)
    newest = archive.find(place(kept))
    victim = next(iter(sorted((newest.path / "data" / "mail").rglob("*/*"))))
    victim.write_bytes(victim.read_bytes()[:-1] + b"!")
    said = backups.weekly(kept, no_wait)
    assert victim.name in said
    assert letters(kept)[0] == "The backups of mx.example.org need you"
    assert "did not pass its trial" in backups.problems(kept)[0]
    assert kept.store.read(schedule.next_due) is not None
    kept.clock.advance(DAY)    # type: ignore[attr-defined]  # SetClock
    backups.daily(kept, no_wait)
    assert archive.find(place(kept)).facts.linked == 0
    assert backups.weekly(kept, no_wait).endswith("is good")
    assert backups.problems(kept) == []


def test_a_sealed_one_is_compared(kept: World) -> None:
    """The server cannot look inside; who has the key can try it."""
    secret = sealing.new_secret()
    kept.config = replace(kept.config, backup=replace(kept.config.backup, recipient=sealing.recipient_of(secret)))
    deliver(kept.store, mailbox(kept.store, 1))
    backups.daily(kept, no_wait)
    assert backups.weekly(kept, no_wait).endswith("is good")
    newest = archive.find(place(kept))
    assert backups.trial(kept, newest, secret) == []
    with pytest.raises(SetupError, match="the key is that of"):
        backups.trial(kept, newest, sealing.new_secret())


def test_without_a_place(kept: World) -> None:
    """Nothing is made, and the overview says that nothing is."""
    kept.config = replace(kept.config, backup=Backup())
    assert backups.daily(kept, no_wait) == backups.weekly(kept, no_wait) == "nothing: no place is set"
    line = health.kept(kept)
    assert line.state == "attention"
    with pytest.raises(UserError, match="no place for backups is set"):
        backups.run_now(kept, by="test")


def test_now_and_by_the_clock(kept: World) -> None:
    """A click brings it forward; the chore comes at its hour."""
    upkeep.begin(kept, "reporter/0/1/1")
    due = {row.kind: row.due for row in kept.store.read(schedule.listing)}
    assert due[backups.MAKING] % DAY == 2 * 3_600
    backups.run_now(kept, by="test")
    found = upkeep.next_chore(kept, "reporter/0/1/1", long=True)
    assert found is not None
    assert found.kind == backups.MAKING
    assert upkeep.do(kept, found, "reporter/0/1/1", no_wait, lambda work: "")
    assert kept.store.read(backupstate.get).name == archive.find(place(kept)).name
    backups.try_now(kept, by="test")
    found = upkeep.next_chore(kept, "reporter/0/1/1", long=True)
    assert found is not None
    assert found.kind == backups.TRYING


def test_the_configuration_is_in_it(kept: World, tmp_path: Path) -> None:
    """With the files that it names; what cannot be read is noted."""
    (tmp_path / "pillarbox.toml").write_text("x")
    kept.config = replace(kept.config, file=tmp_path / "pillarbox.toml", acme=replace(kept.config.acme, ca_file=tmp_path / "gone.pem"))
    backups.daily(kept, no_wait)
    facts = archive.find(place(kept)).facts
    assert (archive.find(place(kept)).path / "config" / "pillarbox.toml").read_text() == "x"
    assert "gone.pem cannot be read" in facts.notes[0]
