"""workers.commands.contacts: people an account writes to."""
from pathlib import Path

import pytest

from tests.workers.commands.conftest import Typing


@pytest.fixture
def ann(typed: Typing) -> Typing:
    """An account."""
    typed("domain add example.org")
    typed("account add ann --address ann@example.org --no-password --full-name Ann")
    return typed


def test_contacts(ann: Typing) -> None:
    """Added, changed by what is given, found, forgotten."""
    [bob] = ann.json("contacts add ann --address bob@example.net --address b@example.net --group Friends --name", "Bob B.")
    assert (bob["name"], bob["addresses"], bob["groups"], bob["collected"]) == (
        "Bob B.", ["bob@example.net", "b@example.net"], ["Friends"], False)
    [changed] = ann.json(f"contacts set ann {bob['id']} --phone 1 --group", "")
    assert (changed["name"], changed["phones"], changed["groups"]) == ("Bob B.", ["1"], [])
    assert [one["address"] for one in ann.json("contacts find ann b@ex")] == ["b@example.net", "bob@example.net"]
    ann(f"contacts remove ann {bob['id']}")
    assert ann.json("contacts list ann") == []


def test_files(ann: Typing, tmp_path: Path) -> None:
    """Out and in again, in both versions; from a file and from standard input."""
    ann("contacts add ann --address bob@example.net --name", "Büb")
    ann("account add bob --address bob@example.org --no-password")
    for version in ("3.0", "4.0"):
        text = ann(f"contacts export ann --version {version}")
        assert f"VERSION:{version}" in text
        (tmp_path / "x.vcf").write_text(text, newline="")
        ann(f"contacts import bob {tmp_path / 'x.vcf'}")
    ann("contacts import bob -", stdin=ann("contacts export ann --written"))
    assert [one["name"] for one in ann.json("contacts list bob")] == ["Büb"]


def test_mistakes(ann: Typing, tmp_path: Path) -> None:
    """One sentence each."""
    (tmp_path / "latin").write_bytes(b"BEGIN:VCARD\nFN:\xff\nEND:VCARD\n")
    for words, said in ((f"import ann {tmp_path / 'none'}", "cannot be read"), (f"import ann {tmp_path / 'latin'}", "is not UTF-8"),
                        ("import ann /dev/null", "no vCard"), ("add ann --address nobody", "is no address"),
                        ("add ann", "a name or an address"),
                        ("set ann 9 --name x", "no contact 9"), ("remove ann 9", "no such contact")):
        status, _, problem = ann.attempt(f"contacts {words}")
        assert status == 1, words
        assert said in problem
