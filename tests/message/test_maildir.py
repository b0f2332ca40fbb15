"""mta.message.maildir: names of files and folders, and what they say."""
import pytest

from mta.message import maildir
from mta.message.flags import Flags


def test_paths() -> None:
    """A message lies in cur or new of a folder; anything else is none."""
    assert maildir.split("Maildir/.Sent/cur/1.a:2,S") == ("Maildir/.Sent", "cur", "1.a:2,S")
    assert maildir.split("cur/1.a") == ("", "cur", "1.a")
    for path in ("Maildir/tmp/1.a", "cur", "Maildir/cur/.hidden", "Maildir/cur/", "Maildir/1.a"):
        assert maildir.split(path) is None


@pytest.mark.parametrize(("name", "flags", "keywords"), [
    ("1.a:2,FRS", Flags.FLAGGED | Flags.ANSWERED | Flags.SEEN, ()), ("1.a;2,DTP", Flags.DRAFT | Flags.DELETED | Flags.FORWARDED, ()),
    ("1.a:2,Sab", Flags.SEEN, ("work", "home")), ("1.a", Flags.NONE, ()), ("1.a:2,Sz?", Flags.NONE, ()), ("1.a,S=12:2,z", Flags.NONE, ())])
def test_flags(name: str, flags: Flags, keywords: tuple[str, ...]) -> None:
    """Letters of the name; small ones are keywords that the folder knows."""
    assert maildir.flags(name, {0: "work", 1: "home"}) == (flags, keywords)


def test_when() -> None:
    """The name begins with the time, if it is one of ours or of others."""
    assert maildir.arrived("1700000000.M1.h:2,") == 1_700_000_000.0
    assert maildir.arrived("letter.eml") is None
    assert maildir.arrived("9" * 30) is None


@pytest.mark.parametrize(("mailbox", "folder"), [
    ("Inbox", ""), ("Sent", ".Sent"), ("Archive/2024", ".Archive.2024"), ("a.b/c", ".a&AC4-b.c"), ("Entwürfe", ".Entw&APw-rfe")])
def test_folders(mailbox: str, folder: str) -> None:
    """Maildir++ both ways, dots in names included."""
    assert maildir.folder_name(mailbox) == folder
    assert maildir.mailbox_name(folder) == mailbox


def test_folders_within_folders() -> None:
    """The fs layout, where a dot is a character."""
    assert maildir.mailbox_name("Archive/v1.2/x") == "Archive/v1.2/x"


def test_keywords() -> None:
    """dovecot-keywords both ways, and the file for those without a letter."""
    words = [f"k{number}" for number in range(30)]
    assert maildir.read_keywords(maildir.write_keywords(words).decode()) == dict(enumerate(words[:26]))
    assert maildir.read_keywords("x y\n3\n\n-1 a\n5 ok") == {5: "ok"}
    assert maildir.read_further("1.a\tx y\nnothing\n") == {"1.a": ("x", "y")}
    assert maildir.name_of(7, 1_700_000_000.9, Flags.SEEN | Flags.DRAFT, [1, 0]) == "1700000000.M7.pillarbox:2,DSab"
    assert maildir.keywords_of(Flags.JUNK | Flags.SEEN, ["x"]) == ["$Junk", "x"]


def test_older_names() -> None:
    """What programs called flags before there was a registry."""
    assert maildir.as_flags(["NonJunk", "$Forwarded", "work", "\\Recent"]) == (Flags.NOT_JUNK | Flags.FORWARDED, ("work",))
