"""mta.store.backup, archive: copies of a data directory in use."""
import errno
import hashlib
import os
import threading
from pathlib import Path

import pytest

from mta.base.clock import SetClock
from mta.base.errors import NoRoom, SetupError, TemporaryError
from mta.store import archive, backup, bodies, messages, sealing
from mta.store.backup import Wish, make
from mta.store.database import Store
from tests.store.population import add_account, deliver, mailbox


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where backups go."""
    return tmp_path / "backups"


@pytest.fixture
def full(store: Store) -> Store:
    """A store with some mail, a key and a certificate."""
    inbox = mailbox(store, add_account(store))
    for number in range(5):
        deliver(store, inbox, b"Subject: letter %d\r\n\r\nHello.\r\n" % number)
    deliver(store, inbox, b"Subject: large\r\n\r\n" + b"a line\r\n" * 20_000)
    (store.directory / "keys" / "dkim").mkdir(mode=0o700)
    (store.directory / "keys" / "dkim" / "key.pem").write_text("secret")
    return store


def tree(folder: Path) -> dict[str, str]:
    """Every file below folder with its hash."""
    return {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
            for file in sorted(folder.rglob("*")) if file.is_file() and not file.is_symlink()}


def mail(folder: Path) -> dict[str, str]:
    """Every mail file in a data directory with its hash."""
    return tree(folder / "mail")


def test_everything_is_in_it(full: Store, place: Path) -> None:
    """Mail, databases, keys and configuration, hash by hash, closed to others; what can be made anew is not."""
    made = make(full, Wish(place, "mx.example.org", {"pillarbox.toml": b"hostname = 'mx.example.org'\n"}))

    there = tree(made.path)
    assert mail(made.path / "data") == mail(full.directory)
    assert {"data/pillarbox.db", "data/trace.db", "data/learned.db", "data/keys/dkim/key.pem", "config/pillarbox.toml",
            archive.FACTS, archive.MANIFEST} <= there.keys()
    assert not {name for name in there if name.endswith((".lock", "-wal", "-shm", ".stamp"))}
    assert "data/search.db" not in there
    assert (made.facts.accounts, made.facts.messages, made.facts.trouble, made.facts.hostname) == (1, 6, [], "mx.example.org")
    assert archive.problems(made) == []
    assert {oct(each.stat().st_mode & 0o777) for each in [place, *place.rglob("*")] if not each.is_symlink()} == {"0o700", "0o600"}
    assert (place / archive.LATEST).resolve() == made.path
    assert [each.name for each in place.iterdir() if each.name not in (".lock", "latest")] == [made.name]


def test_what_did_not_change_is_linked(full: Store, place: Path, clock: SetClock) -> None:
    """Files of the one before are the same files; new and changed ones are copied; full links none."""
    first = make(full, Wish(place))
    deliver(full, mailbox(full, 1), b"Subject: another\r\n\r\nHello.\r\n")
    (full.directory / "keys" / "dkim" / "key.pem").write_text("other!")
    clock.advance(3_600)
    second = make(full, Wish(place))
    clock.advance(3_600)
    third = make(full, Wish(place, full=True))

    def same(name: str) -> bool:
        return (first.path / name).stat().st_ino == (second.path / name).stat().st_ino

    olds = [name for name in tree(first.path) if name.startswith("data/mail/")]
    assert len(olds) == 6
    assert all(same(name) for name in olds)
    assert same("data/learned.db")
    assert not same("data/keys/dkim/key.pem")
    assert not same("data/pillarbox.db")
    assert second.facts.linked >= 7
    assert third.facts.linked == 0
    assert [archive.problems(each) for each in (first, second, third)] == [[], [], []]
    assert [each.name for each in archive.every(place)] == [third.name, second.name, first.name]


def test_a_clock_that_stands_still(full: Store, place: Path) -> None:
    """Each backup has a name of its own, later than all that are there."""
    names = [make(full, Wish(place)).name for _ in range(3)]
    assert names == sorted(set(names))


def test_mail_that_comes_and_goes_meanwhile(full: Store, place: Path) -> None:
    """The copied database has each of its bodies in the copy, although mail comes and goes and files are swept all the time."""
    inbox, stop, failed, swept = mailbox(full, 1), threading.Event(), [], [0]

    def traffic() -> None:
        number = 0
        try:
            while not stop.is_set():
                row = deliver(full, inbox, b"Subject: flow %d\r\n\r\n" % number + b"x" * 3_000)
                if number % 2:
                    full.write_now(lambda db, id=row.id: messages.expunge(db, 1, [id], keep=False))    # type: ignore[misc]
                swept[0] += bodies.sweep(full)[0]
                number += 1
        except Exception as problem:
            failed.append(problem)

    thread = threading.Thread(target=traffic)
    thread.start()
    try:
        made = [make(full, Wish(place)) for _ in range(4)]
    finally:
        stop.set()
        thread.join(30)

    assert failed == []
    for each in made:
        assert (each.facts.trouble, archive.problems(each)) == ([], [])
    assert made[-1].facts.messages > made[0].facts.messages
    assert swept[0] + bodies.sweep(full)[0] > 0, "the sweep was held up for good"


def test_damage_is_told_and_not_hidden(full: Store, place: Path) -> None:
    """A body that is missing or changed is named in the backup; the others are in it."""
    lost, changed, *_ = sorted((full.directory / "mail").rglob("*/*"))
    kept = {file: file.read_bytes() for file in (lost, changed)}
    lost.unlink()
    changed.write_bytes(b"not so")
    made = make(full, Wish(place))
    for file, content in kept.items():
        file.write_bytes(content)

    assert sorted(text.rpartition(" ")[2] for text in made.facts.trouble) == ["damaged", "missing"]
    # Nothing is linked to what is wrong: the next one is whole again.
    assert make(full, Wish(place)).facts.trouble == []


def test_a_full_destination(full: Store, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One clear message, nothing that looks whole, the old ones as they were; room is enough to go on."""
    first = make(full, Wish(place))
    before = tree(first.path)
    deliver(full, mailbox(full, 1))
    write, count = os.write, [0]

    def failing(file: int, data: bytes) -> int:
        count[0] += 1
        if count[0] > 1:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(file, data)

    monkeypatch.setattr(os, "write", failing)
    with pytest.raises(NoRoom, match=rf"the backup to {place} failed: No space left on device"):
        make(full, Wish(place))
    monkeypatch.undo()

    assert [each.name for each in place.iterdir() if each.name not in (".lock", "latest")] == [first.name]
    assert tree(first.path) == before
    assert archive.problems(make(full, Wish(place))) == []


def test_two_at_once_and_bad_places(full: Store, place: Path, tmp_path: Path) -> None:
    """One at a time; not in the data directory; a file is no directory."""
    place.mkdir()
    with backup._alone(place / ".lock", "x"), pytest.raises(TemporaryError, match="another backup is being made"):
        make(full, Wish(place))
    with pytest.raises(SetupError, match="choose another place"):
        make(full, Wish(full.directory / "backups"))
    (tmp_path / "file").write_text("")
    with pytest.raises(SetupError, match="cannot be made"):
        make(full, Wish(tmp_path / "file"))


def test_breaking_off(full: Store, place: Path) -> None:
    """Who has no more time leaves nothing behind."""
    with pytest.raises(TemporaryError, match="broken off"):
        make(full, Wish(place), lambda seconds: True)
    assert archive.unfinished(place) == []


def test_sealed(full: Store, place: Path, clock: SetClock) -> None:
    """Only the key opens it; nothing of the content or of the keys is readable; links and sums work as well."""
    secret = sealing.new_secret()
    recipient = sealing.recipient_of(secret)
    first = make(full, Wish(place, recipient=recipient))
    clock.advance(60)
    second = make(full, Wish(place, recipient=recipient))

    assert archive.problems(second) == []
    assert all(name.endswith(sealing.SUFFIX) for name in tree(second.path) if "/" in name)
    assert not any(b"Hello." in file.read_bytes() or b"secret" in file.read_bytes() for file in place.rglob("*.sealed"))
    assert second.facts.linked >= 6
    assert not (full.directory / backup.WORK).exists()
    assert b"".join(archive.content(first, "data/keys/dkim/key.pem", secret)) == b"secret"
    with pytest.raises(SetupError, match="say --key FILE"):
        list(archive.content(first, "data/keys/dkim/key.pem", None))
    with pytest.raises(SetupError, match="the key is that of"):
        list(archive.content(first, "data/keys/dkim/key.pem", sealing.new_secret()))


def test_one_of_another_kind_is_not_linked(full: Store, place: Path) -> None:
    """Open ones are no source for sealed ones, nor the other way round."""
    make(full, Wish(place))
    sealed = make(full, Wish(place, recipient=sealing.recipient_of(sealing.new_secret())))
    assert sealed.facts.linked == 0
