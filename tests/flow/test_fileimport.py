"""mta.flow.fileimport: what lies in files and archives becomes messages in the right mailboxes."""
import os
import tarfile
from pathlib import Path

import pytest

from mta.flow import importing, people
from mta.flow.world import World
from mta.store.imports import ImportRow
from tests.flow.mailfiles import box, bring, contents, gz, held, letter, packed, tgz

MAILDIR = {
    "Maildir/cur/1700000000.M1.host:2,FS": letter(1).encode(), "Maildir/new/1700000001.M2.host": letter(2).encode(),
    "Maildir/.Sent/cur/1700000002.M3.host:2,RSa": letter(3).encode(), "Maildir/.Sent/dovecot-keywords": b"0 work\n1 home\n",
    "Maildir/.Travel.2024/cur/1700000003.M4.host:2,Sb": letter(4).encode(),
    "Maildir/.Entw&APw-rfe/cur/1700000004.M5.host:2,D": letter(5).encode(),
    "Maildir/dovecot-uidlist": b"3 V1\n", "Maildir/subscriptions": b"Sent\n"}


@pytest.fixture
def ann(served: World) -> int:
    """Ann's account."""
    return people.get_account(served, "ann").id


def unpack(folder: Path, files: dict[str, bytes]) -> Path:
    """The files, in a folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (1_800_000_000, 1_800_000_000))
    return folder


def skipped(world: World, row: ImportRow) -> dict[str, str]:
    """Why what was passed over."""
    return dict(importing.one(world, row.account_id, row.id)[1])


@pytest.mark.parametrize("form", ["folder", "tgz", "zip", "tar", "late keywords"])
def test_maildir(served: World, ann: int, tmp_path: Path, form: str) -> None:
    """Folders, flags, keywords and times, in whatever form it comes."""
    files = MAILDIR
    if form == "late keywords":
        files = dict(reversed(MAILDIR.items()))
    if form == "folder":
        row = bring(served, ann, unpack(tmp_path / "old", files))
    elif form == "tar":
        with tarfile.open(tmp_path / "old.tar", "w") as archive:
            archive.add(unpack(tmp_path / "old", files) / "Maildir", "./Maildir")
        row = bring(served, ann, tmp_path / "old.tar")
    else:
        row = bring(served, ann, packed(files) if form == "zip" else tgz(files))

    assert (row.state, row.problem, row.added, row.known, row.skipped) == ("done", "", 5, 0, 0)
    assert row.octets == row.total
    times = (1_700_000_000.0,) * 3 if form in ("tgz", "late keywords") else None
    got = held(served, ann)
    assert {name: [one[:3] for one in rows] for name, rows in got.items()} == {
        "Inbox": [("letter 1", ("\\Seen", "\\Flagged"), ()), ("letter 2", (), ())],
        "Sent": [("letter 3", ("\\Seen", "\\Answered"), ("work",))],
        "Travel/2024": [("letter 4", ("\\Seen",), ())], "Drafts": [("letter 5", ("\\Draft",), ())]}
    assert got["Inbox"][0][3] == (times[0] if times else got["Inbox"][0][3]) <= 1_700_000_000.0 or form == "zip"


def test_mbox_files(served: World, ann: int) -> None:
    """A mailbox each, by its name; Thunderbird's folders within folders too."""
    row = bring(served, ann, packed({
        "Mail/Inbox": box(letter(1)), "Mail/Inbox.msf": b"// index", "Mail/Sent": box(letter(2)),
        "Mail/Archives.sbd/2024": box(letter(3), letter(4)), "Mail/note.eml": letter(5).encode()}))

    assert (row.state, row.added, row.skipped) == ("done", 5, 0)
    assert {name: [one[0] for one in rows] for name, rows in held(served, ann).items()} == {
        "Inbox": ["letter 1", "letter 5"], "Sent": ["letter 2"], "Archives/2024": ["letter 3", "letter 4"]}


def test_one_mbox(served: World, ann: int) -> None:
    """By the name of the file, or where it is wanted; packed by itself too."""
    assert bring(served, ann, box(letter(1)), "Old Mail.mbox").added == 1
    assert bring(served, ann, box(letter(2)), "other", mailbox="Chosen/here").added == 1
    assert bring(served, ann, gz(box(letter(3))), "packed.mbox.gz").added == 1

    assert list(held(served, ann)) == ["Chosen/here", "Old Mail", "packed"]


def test_takeout(served: World, ann: int) -> None:
    """A message with several labels comes once, where the first of them says; the others are keywords and flags."""
    def labelled(number: int, labels: str) -> str:
        return letter(number, f"X-GM-THRID: 17{number}\nX-Gmail-Labels: {labels}\n")
    octets = packed({
        "Takeout/Mail/All mail Including Spam and Trash.mbox": box(
            labelled(1, "Inbox,Unread,Important,Category Updates,Travel"), labelled(2, "Sent,Work/Projects"),
            labelled(3, "Archived,Starred"),
            labelled(4, "=?UTF-8?Q?Familie,Gr=C3=BC=C3=9Fe,Ge=C3=B6ffnet?="), labelled(5, "Spam"), labelled(6, '"a, b",Opened')),
        "Takeout/Mail/Travel.mbox": box(labelled(1, "Inbox,Unread,Important,Category Updates,Travel")),
        "Takeout/archive_browser.html": b"<html>", "Takeout/Mail/User Settings/Filters.json": b"{}"})
    row = bring(served, ann, octets)

    assert (row.state, row.added, row.known, row.skipped) == ("done", 6, 1, 0)
    got = {name: [one[:3] for one in rows] for name, rows in held(served, ann).items()}
    assert got == {
        "Inbox": [("letter 1", (), ("$Important", "Category_Updates", "Travel"))],
        "Sent": [("letter 2", ("\\Seen",), ("Work/Projects",))],
        "Archive": [("letter 3", ("\\Seen", "\\Flagged"), ())], "Junk": [("letter 5", ("\\Seen",), ())],
        "Familie": [("letter 4", ("\\Seen",), ("Gr&APwA3w-e",))], "a, b": [("letter 6", ("\\Seen",), ())]}
    assert all(b"X-Gmail-Labels" not in content and b"X-GM-THRID" not in content for _, content in contents(served, ann))


def test_harm_is_refused(served: World, ann: int, tmp_path: Path) -> None:
    """Links, ways out, archives in archives, encrypted files: named with the reason, and the mail beside them comes."""
    unpack(tmp_path / "old", {
        "Maildir/cur/1.a:2,": letter(1).encode(), "Maildir/more.zip": b"PK\3\4", "Maildir/photo.jpg": b"\xff\xd8\xff"})
    (tmp_path / "old/Maildir/cur/2.b:2,").symlink_to("/etc/passwd")
    with tarfile.open(tmp_path / "old.tgz", "w:gz") as archive:
        archive.add(tmp_path / "old/Maildir", "Maildir")
        archive.add(tmp_path / "old/Maildir/cur/1.a:2,", "../../cur/3.c:2,")
    inside = skipped(served, bring(served, ann, tmp_path / "old.tgz"))
    assert inside.keys() == {"Maildir/more.zip", "Maildir/photo.jpg", "Maildir/cur/2.b:2,", "../../cur/3.c:2,"}
    assert "link" in inside["Maildir/cur/2.b:2,"]
    assert "out of" in inside["../../cur/3.c:2,"]
    assert "unpack" in inside["Maildir/more.zip"]
    outside = skipped(served, bring(served, ann, tmp_path / "old"))
    assert outside.keys() == {"Maildir/more.zip", "Maildir/photo.jpg", "Maildir/cur/2.b:2,"}
    assert [name for name, _ in contents(served, ann)] == ["Inbox"]


def test_bombs_are_refused(served: World, ann: int, tmp_path: Path) -> None:
    """Before anything of them is taken."""
    octets = bytearray(packed({"a.mbox": box(letter(1)), "b.mbox": b"\0" * 1_000}))
    place = octets.rindex(b"PK\1\2") + 24
    octets[place:place + 4] = (2**31).to_bytes(4, "little")
    row = bring(served, ann, bytes(octets))
    assert (row.state, row.added) == ("stopped", 0)
    assert "fill the disk" in row.problem
    octets[place:place + 4] = (500).to_bytes(4, "little")
    row = bring(served, ann, bytes(octets), "other")
    assert (row.state, row.added) == ("done", 1)
    assert "larger than the archive says" in skipped(served, row)["b.mbox"]


@pytest.mark.parametrize(("octets", "words"), [
    (b"PK\3\4broken", "did not come whole"), (tgz(MAILDIR)[:-200], "damaged"), (b"Rar!\x1a", "RAR"), (b"hello\n", "no mail in it"),
    (b"7z\xbc\xaf", "7z"), (packed({"a.txt": b"x"}), "no mail in it")],
    ids=["broken zip", "cut tgz", "rar", "text", "7z", "zip of no mail"])
def test_what_cannot_be_read(served: World, ann: int, octets: bytes, words: str) -> None:
    """Is said in words that tell what to do."""
    row = bring(served, ann, octets)

    assert row.state == "stopped"
    assert words in row.problem


def test_a_damaged_member(served: World, ann: int) -> None:
    """Costs itself alone."""
    octets = bytearray(packed({"Maildir/cur/1.a:2,": os.urandom(3000), "Maildir/cur/2.b:2,": letter(2).encode()}))
    octets[200] ^= 1
    row = bring(served, ann, bytes(octets))

    assert (row.state, row.added, row.skipped) == ("done", 1, 1)
    assert "check sum" in skipped(served, row)["Maildir/cur/1.a:2,"]
