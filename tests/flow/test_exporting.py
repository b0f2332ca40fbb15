"""mta.flow.exporting: what goes out comes back the same, in every form, at constant memory."""
import io
import mailbox
import tarfile
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from mta.base.errors import NotFound, UserError
from mta.flow import exporting, filing, importing, people, reading
from mta.flow.exporting import Format, Packing, Wanted
from mta.flow.world import World
from tests.flow.mailfiles import box, bring, contents, held, letter

FORMS: list[tuple[Format, Packing]] = [("maildir", "tgz"), ("maildir", "zip"), ("mbox", "zip")]


@pytest.fixture
def ann(served: World) -> int:
    """Ann's account, with mail of all kinds in several mailboxes."""
    account = people.get_account(served, "ann").id
    bring(served, account, box(letter(1), letter(2, text="From here on\n>From there\n\n\n"), letter(3, "Status: mine\n")), "Inbox")
    bring(served, account, box(letter(4), letter(5)), "other", mailbox="Reisen/a.b & Übersee")
    ids = {row.subject: row.id for name in ("Inbox", "Reisen/a.b & Übersee")
           for row in reading.page(served, account, reading.mailbox_named(served, account, name).id).messages}
    filing.flag(served, account, [ids["letter 1"]], ["\\Flagged", "\\Answered", "$Forwarded", "$Junk", "Work"], ["\\Seen"])
    filing.flag(served, account, [ids["letter 4"]], [f"key{number}" for number in range(30)], [])
    return account


def archive(world: World, account: int, wanted: Wanted) -> bytes:
    """All of it."""
    return b"".join(exporting.pieces(world, account, wanted))


@pytest.mark.parametrize(("format", "packing"), FORMS)
def test_there_and_back(served: World, ann: int, format: Format, packing: Packing) -> None:
    """Into another account: the same octets, mailboxes, flags, keywords and times; into the same one: nothing new."""
    octets = archive(served, ann, Wanted(format, packing))
    bob = people.get_account(served, "bob").id
    row = bring(served, bob, octets, f"mail.{packing}")

    assert (row.state, row.added, row.skipped) == ("done", 5, 0), importing.one(served, bob, row.id)
    assert contents(served, bob) == contents(served, ann)
    assert {name: [(*one[:3], int(one[3])) for one in rows] for name, rows in held(served, bob).items()} == {
        name: [(*one[:3], int(one[3])) for one in rows] for name, rows in held(served, ann).items()}
    again = bring(served, ann, octets, f"again.{packing}")
    assert (again.state, again.added, again.known) == ("done", 0, 5)


def test_others_read_it(served: World, ann: int, tmp_path: Path) -> None:
    """The standard library's mailbox, as one of the programs that do."""
    with tarfile.open(fileobj=io.BytesIO(archive(served, ann, Wanted()))) as packed:
        packed.extractall(tmp_path, filter="data")
    inbox = mailbox.Maildir(tmp_path / "Maildir", create=False)
    assert len(inbox) == 3
    assert sorted(inbox.list_folders()) == [
        "Archive", "Drafts", "Junk", "Reisen", "Reisen.a&AC4-b &- &ANw-bersee", "Rejects", "Sent", "Trash"]
    [one] = [each for each in inbox if each["Subject"] == "letter 1"]
    assert set(one.get_flags()) >= {"F", "R", "P"}
    with zipfile.ZipFile(io.BytesIO(archive(served, ann, Wanted("mbox", "zip", "Inbox")))) as packed:
        assert packed.namelist() == ["Inbox.mbox"]
        packed.extractall(tmp_path)
    found = mailbox.mbox(tmp_path / "Inbox.mbox", create=False)
    assert [each["Subject"] for each in found] == ["letter 1", "letter 2", "letter 3"]
    found.close()


def test_one_mailbox(served: World, ann: int) -> None:
    """By its name; what there is not, and what cannot be, is said before anything is sent."""
    wanted = Wanted("maildir", "tgz", "Reisen/a.b & Übersee")
    assert exporting.counted(served, ann, wanted) == 2
    assert exporting.counted(served, ann, Wanted()) == 5
    assert exporting.file_name("ann", wanted) == "ann-Reisen-a.b & Übersee-maildir.tgz"
    with pytest.raises(NotFound):
        exporting.pieces(served, ann, Wanted(mailbox="Nowhere"))
    with pytest.raises(UserError, match="zip"):
        exporting.pieces(served, ann, Wanted("mbox", "tgz"))


def test_what_changes_meanwhile(served: World, ann: int) -> None:
    """Mail that goes is left out, and mail that comes too."""
    flow = exporting.pieces(served, ann, Wanted("mbox", "zip"))
    first = next(flow)
    inbox = reading.mailbox_named(served, ann, "Inbox")
    gone = reading.page(served, ann, inbox.id).messages[0].id
    filing.move(served, ann, [gone], reading.mailbox_named(served, ann, "Trash").id)
    with zipfile.ZipFile(io.BytesIO(first + b"".join(flow))) as packed:
        assert packed.testzip() is None


@pytest.mark.parametrize(("format", "packing"), FORMS)
def test_memory(served: World, ann: int, format: Format, packing: Packing) -> None:
    """A large message goes by in pieces."""
    import os
    text = "\n".join(os.urandom(36).hex() for _ in range(150_000))
    bring(served, ann, box(letter(9, text=text)), "Archive")
    tracemalloc.start()
    try:
        size = sum(len(piece) for piece in exporting.pieces(served, ann, Wanted(format, packing, "Archive")))
        assert size > 4_000_000
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()
