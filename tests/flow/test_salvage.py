"""mta.flow.salvage: mail files that the database does not know become messages again."""
import shutil
from pathlib import Path

import pytest

from mta.base.clock import SetClock
from mta.base.errors import NotFound, SetupError
from mta.flow import people, salvage
from mta.flow.world import World
from mta.store import bodies, mailboxes, messages
from mta.store.migrate import Plan, prepare
from tests.store.population import add_account, deliver, mailbox, spool


@pytest.fixture
def lost(world: World, clock: SetClock) -> World:
    """Two people, and mail of theirs that is in data/mail alone; ann has one message as it should be."""
    ann, bob = add_account(world.store), add_account(world.store, "bob")
    deliver(world.store, mailbox(world.store, ann), letter("known", "ann@example.org"))
    assert bob
    for subject, to, sender in (
            ("for ann", "Ann <ann@example.org>", "x@example.net"), ("for both", "ann+a@example.org, bob@example.org", "x@example.net"),
            ("by bob", "y@example.net", "bob@example.org"), ("nobody's", "list@example.net", "x@example.net")):
        orphan(world, letter(subject, to, sender))
    clock.advance(120)
    return world


def letter(subject: str, to: str, sender: str = "x@example.net") -> bytes:
    """A message."""
    return f"From: {sender}\r\nTo: {to}\r\nSubject: {subject}\r\nMessage-ID: <{subject.replace(' ', '')}@x>\r\n\r\nHello.\r\n".encode()


def orphan(world: World, content: bytes) -> str:
    """A file in data/mail without a row; its name."""
    body = spool(world.store, content)
    world.store.bodies.keep(body)
    return body.name


def salvaged(world: World, name: str) -> list[str]:
    """Subjects in the mailbox for it."""
    account = people.get_account(world, name).id
    row = world.store.read(lambda db: mailboxes.by_name(db, account, salvage.SALVAGED))
    return sorted(each.subject for each in world.store.read(lambda db: messages.page(db, row.id))) if row else []


def test_each_gets_his_own(lost: World) -> None:
    """By the addresses in the header; what is nobody's is told; twice is no more than once; nothing is swept then."""
    done = salvage.run(lost, None)
    assert (done.files, done.messages, done.present, len(done.nobody), done.unreadable) == (4, {"ann": 2, "bob": 2}, 0, 1, [])
    assert salvaged(lost, "ann") == ["for ann", "for both"]
    assert salvaged(lost, "bob") == ["by bob", "for both"]
    again = salvage.run(lost, None)
    assert (again.files, again.messages) == (1, {})
    rest = salvage.run(lost, "ann")
    assert (rest.messages, rest.nobody) == ({"ann": 1}, [])
    assert salvaged(lost, "ann") == ["for ann", "for both", "nobody's"]
    lost.clock.advance(3 * 86_400)    # type: ignore[attr-defined]  # SetClock
    assert bodies.sweep(lost.store) == (0, 0)


def test_a_dry_run(lost: World) -> None:
    """It says the same and does nothing."""
    done = salvage.run(lost, "ann", dry=True)
    assert done.messages == {"ann": 3, "bob": 2}
    assert salvaged(lost, "ann") == []
    with pytest.raises(NotFound):
        salvage.run(lost, "carol")


def test_what_is_there_and_what_is_young(lost: World) -> None:
    """A second file of a message that somebody has, a file of this moment, and files that are not ours."""
    orphan(lost, letter("known", "ann@example.org"))
    lost.clock.advance(120)    # type: ignore[attr-defined]  # SetClock
    orphan(lost, letter("young", "ann@example.org"))
    folder = next(folder for folder in lost.store.bodies.root.iterdir() if folder.name != "tmp")
    stranger = folder / "README"
    stranger.write_text("x")
    done = salvage.run(lost, "ann")
    assert (done.files, done.present) == (5, 1)
    assert "young" not in salvaged(lost, "ann")
    stranger.unlink()


def test_hostile_content(lost: World) -> None:
    """Whatever is in a file, it becomes a message or is told."""
    for content in (b"", b"\x00" * 1_000, b"To: " + b"ann@example.org," * 10_000 + b"\r\n\r\n", b"To: <<<>>>@@,,;;\r\n\r\n\xff"):
        orphan(lost, content)
    lost.clock.advance(120)    # type: ignore[attr-defined]  # SetClock
    done = salvage.run(lost, "ann")
    assert sum(done.messages.values()) == 9
    assert done.unreadable == []


def test_an_old_database(lost: World, tmp_path: Path) -> None:
    """Mail that came after the database was copied is what is found; deleted mail does not come back with it."""
    assert len(list(salvage.unknown(lost))) == 4
    row = deliver(lost.store, mailbox(lost.store, 1), letter("deleted", "ann@example.org"))
    lost.store.write_now(lambda db: messages.expunge(db, 1, [row.id]))
    lost.clock.advance(120)    # type: ignore[attr-defined]  # SetClock
    assert len(list(salvage.unknown(lost))) == 4


def test_what_a_rollback_kept(lost: World) -> None:
    """Files that a sweep has taken since are put back from where they were kept."""
    name = orphan(lost, letter("since", "ann@example.org"))
    kept = lost.store.directory / "mail.after-9" / name
    kept.parent.mkdir(parents=True)
    shutil.move(lost.store.bodies.path(name), kept)
    lost.clock.advance(120)    # type: ignore[attr-defined]  # SetClock
    salvage.run(lost, "ann")
    assert "since" in salvaged(lost, "ann")


def test_without_a_database(tmp_path: Path, clock: SetClock) -> None:
    """A start refuses to begin with nothing where there is mail; who says so gets an empty database beside it."""
    prepare(tmp_path, clock)
    (tmp_path / "mail" / "2030-01-01").mkdir()
    (tmp_path / "pillarbox.db").unlink()
    with pytest.raises(SetupError, match="pillarbox salvage"):
        prepare(tmp_path, clock)
    assert prepare(tmp_path, clock, Plan(beside_mail=True)) == ["created pillarbox.db"]
