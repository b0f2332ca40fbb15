"""mta.flow.backupjobs: backups looked into, compared, and mail brought back, as the browser asks for it."""
from collections.abc import Callable
from dataclasses import replace

import pytest

from mta.base.errors import Conflict, NotFound, UserError
from mta.flow import backupjobs, backups, people
from mta.flow.restoring import Wanted
from mta.flow.world import World
from mta.store import accounts, archive, restore
from mta.store import backupjobs as rows
from mta.store.sealing import new_secret, recipient_of
from tests.flow import test_restoring
from tests.flow.test_backups import letters, no_wait, place
from tests.store.population import add_account

kept, lost = test_restoring.kept, test_restoring.lost


def name(world: World) -> str:
    """The newest backup."""
    return archive.find(place(world)).name


def test_looking(lost: World) -> None:
    """Accounts, folders, messages; what is unpacked once serves the next look, and goes after a while."""
    [ann] = backupjobs.inside(lost, name(lost))
    assert (ann.name, ann.messages, ann.here) == ("ann", 5, True)
    found = {one.name: one.total for one in backupjobs.folders(lost, name(lost), "ann")}
    assert (found["Inbox"], found["Projects/Boat"]) == (4, 1)
    assert [row.subject for row in backupjobs.messages(lost, name(lost), "ann", "Projects/Boat", 10)] == ["boat"]
    assert len(backupjobs.messages(lost, name(lost), "ann", "Inbox", 2)) == 2
    scratch = lost.store.directory / restore.BROWSE
    made = (scratch / "pillarbox.db").stat().st_ino
    backupjobs.inside(lost, name(lost))
    assert (scratch / "pillarbox.db").stat().st_ino == made
    (scratch / restore.MARK).write_text(f"{archive.find(place(lost)).facts.manifest} 1", "utf-8")    # as a program before this one left it
    backupjobs.inside(lost, name(lost))
    assert (scratch / restore.MARK).read_text("utf-8").split()[1] != "1"
    used = (scratch / restore.MARK).stat().st_mtime
    assert not restore.clear(lost.store.directory, used + 60)
    assert restore.clear(lost.store.directory, used + restore.BROWSE_AGE)
    assert not scratch.exists()
    for wrong in (("ann", "Nowhere"), ("bob", "Inbox")):
        with pytest.raises(NotFound):
            backupjobs.messages(lost, name(lost), *wrong, 10)


@pytest.mark.parametrize("bad", ["", "..", "../backups", "2030-01-01T000000Z/../x", "2031-01-01T000000Z", "latest", ".unfinished-trial"])
def test_only_backups_of_the_place(lost: World, bad: str) -> None:
    """A name is no path, and leads nowhere else."""
    for ask in (backupjobs.find, backupjobs.inside):
        with pytest.raises(NotFound):
            ask(lost, bad)


def test_compared(lost: World) -> None:
    """Whole, then damaged: the verdict is told, and by the overview until the backup is gone."""
    job = backupjobs.verify(lost, name(lost), by="test")
    assert backupjobs.verify(lost, name(lost), by="test").id == job.id
    assert backupjobs.work(lost, no_wait) == "1 done"
    [done] = backupjobs.jobs(lost)
    assert (done.state, done.done, done.problems) == ("done", done.total, ())
    assert backups.problems(lost) == []
    next((place(lost) / name(lost) / "data" / "mail").rglob("*/*")).write_bytes(b"forged")
    backupjobs.verify(lost, name(lost), by="test")
    backupjobs.work(lost, no_wait)
    assert backupjobs.jobs(lost)[0].state == "failed"
    assert "was changed or is damaged" in backups.problems(lost)[0]
    assert backupjobs.work(lost, no_wait) == "nothing to do"


def test_brought_back(lost: World) -> None:
    """An account that is there just gets what it lacks, some messages or all, once."""
    wanted = next(row.id for row in backupjobs.messages(lost, name(lost), "ann", "Inbox", 9) if row.subject == "letter 1")
    backupjobs.bring_back(lost, name(lost), Wanted("ann", "Inbox", (wanted,)), sure=False, by="test")
    backupjobs.work(lost, no_wait)
    assert sorted(letters(lost)) == ["letter 0", "letter 1", "letter 3", "new"]
    backupjobs.bring_back(lost, name(lost), Wanted("ann"), sure=False, by="test")
    backupjobs.work(lost, no_wait)
    [job, _] = backupjobs.jobs(lost)
    assert (job.state, job.done, job.total, job.added) == ("done", 5, 5, 2)


def test_what_wants_to_be_sure(lost: World) -> None:
    """Mail among another's mail, an account made anew: asked before; one that is still kept is brought back another way."""
    add_account(lost.store, "bob")
    with pytest.raises(Conflict, match="among that of bob"):
        backupjobs.bring_back(lost, name(lost), Wanted("ann", to="bob"), sure=False, by="test")
    with pytest.raises(NotFound):
        backupjobs.bring_back(lost, name(lost), Wanted("ann", to="carl"), sure=True, by="test")
    lost.config = replace(lost.config, postmaster="bob")
    people.remove_account(lost, "ann", by="test")
    with pytest.raises(UserError, match="account restore ann"):
        backupjobs.bring_back(lost, name(lost), Wanted("ann"), sure=True, by="test")
    people.remove_account(lost, "ann", for_good=True, by="test")
    with pytest.raises(Conflict, match="made anew"):
        backupjobs.bring_back(lost, name(lost), Wanted("ann"), sure=False, by="test")
    assert not backupjobs.inside(lost, name(lost))[0].here
    backupjobs.bring_back(lost, name(lost), Wanted("ann"), sure=True, by="test")
    backupjobs.work(lost, no_wait)
    row = lost.store.read(lambda db: accounts.by_login(db, "ann"))
    assert row is not None
    assert row.messages == 5


def halting(after: int) -> Callable[[float], bool]:
    """A role that is to stop after so many slices."""
    left = iter([False] * after)
    return lambda seconds: next(left, True)


def test_stopped_and_broken_off(lost: World) -> None:
    """The end of the role leaves it for the next one; who stops it leaves what was brought back."""
    job = backupjobs.bring_back(lost, name(lost), Wanted("ann"), sure=False, by="test")
    assert backupjobs.work(lost, halting(3)) == "broken off"
    assert lost.store.read(lambda db: rows.get(db, job.id)).state == "running"
    assert backupjobs.following(lost) == lost.clock.timestamp() + backupjobs.AGAIN
    backupjobs.stop(lost, job.id, by="ann")
    assert backupjobs.work(lost, no_wait) == "nothing to do"
    with pytest.raises(Conflict):
        backupjobs.stop(lost, job.id, by="ann")
    backupjobs.bring_back(lost, name(lost), Wanted("ann"), sure=False, by="test")
    backupjobs.work(lost, no_wait)
    assert len(letters(lost)) == 5
    assert backupjobs.following(lost) > lost.clock.timestamp() + backupjobs.AGAIN


def test_too_many_messages(lost: World) -> None:
    """More than any list shows is refused before it is a job."""
    with pytest.raises(UserError):
        backupjobs.bring_back(lost, name(lost), Wanted("ann", ids=tuple(range(1, backupjobs.MESSAGES + 2))), sure=False, by="test")
    assert backupjobs.jobs(lost) == []


def test_a_bug_costs_one_job(lost: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is reported as the chore's, once; what waits behind it is done."""
    def broken(*given: object, **more: object) -> None:
        raise RuntimeError("nobody thought of this")

    bad = backupjobs.bring_back(lost, name(lost), Wanted("ann"), sure=False, by="test")
    good = backupjobs.verify(lost, name(lost), by="test")
    with monkeypatch.context() as patch:
        patch.setattr("mta.flow.backupjobs.restoring.bring_back", broken)
        with pytest.raises(RuntimeError):
            backupjobs.work(lost, no_wait)
        assert backupjobs.following(lost) == lost.clock.timestamp() + backupjobs.AGAIN
        assert backupjobs.work(lost, no_wait) == "1 done"
    ended = {job.id: job for job in backupjobs.jobs(lost)}
    assert (ended[bad.id].state, ended[good.id].state) == ("failed", "done")
    assert "log" in ended[bad.id].problems[0]


def test_a_backup_that_went_meanwhile(lost: World) -> None:
    """The job says so and is over; the next one is done."""
    backupjobs.verify(lost, name(lost), by="test")
    archive.remove(archive.find(place(lost)))
    assert backupjobs.work(lost, no_wait) == "1 done"
    [job] = backupjobs.jobs(lost)
    assert job.state == "failed"
    assert "there is no backup" in job.problems[0]


def test_an_encrypted_one(kept: World) -> None:
    """It is compared as it is; to look into it one has to have the key, which is not here."""
    backups.make(kept, backups.wish(kept.config, place(kept), recipient_of(new_secret())))
    for ask in (lambda: backupjobs.inside(kept, name(kept)), lambda: backupjobs.bring_back(
            kept, name(kept), Wanted("ann"), sure=True, by="test")):
        with pytest.raises(UserError, match="--key FILE"):
            ask()
    backupjobs.verify(kept, name(kept), by="test")
    backupjobs.work(kept, no_wait)
    assert backupjobs.jobs(kept)[0].state == "done"
