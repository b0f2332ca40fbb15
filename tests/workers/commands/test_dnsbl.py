"""workers.commands.dnsbl: block lists, asked at the command line."""
from pathlib import Path

import pytest

from tests.workers.commands.conftest import Typing


@pytest.fixture
def zone(tmp_path: Path) -> str:
    """Two lists: one that works, one that lists everything."""
    (tmp_path / "zone").write_text("2.0.0.127.good.test A 127.0.0.2\n66.2.0.192.good.test A 127.0.0.4\n*.wild.test A 127.0.0.2\n")
    return str(tmp_path / "zone")


def test_lists_are_checked(typed: Typing, zone: str) -> None:
    """Whether each works, and whether it has the address; the exit status is for scripts."""
    status, out, _ = typed.attempt(f"dnsbl check 192.0.2.1 --list good.test --zone {zone}")
    assert (status, out.splitlines()[1].split()) == (0, ["good.test", "yes", "no", "-", "-"])
    assert out.endswith(f"3 questions asked of {zone}.\n")

    status, out, _ = typed.attempt(f"dnsbl check [192.0.2.66] --list good.test --list wild.test --zone {zone} --json")
    assert status == 1
    assert '"codes": [\n   "127.0.0.4"\n  ]' in out
    assert "it seems to list everything" in out
    assert typed.json(f"dnsbl check --list good.test --zone {zone}") == [
        {"zone": "good.test", "works": True, "problem": "", "questions": 2}]


@pytest.mark.parametrize(("line", "word"), [
    ("dnsbl check 192.0.2.1", "no block list is configured"), ("dnsbl check 192.0.2.x --list good.test", "not an IP address"),
    ("dnsbl check --list good..test", "not a domain name"),
])
def test_what_cannot_be(typed: Typing, line: str, word: str) -> None:
    """The text says what to change."""
    status, _, err = typed.attempt(line)

    assert status != 0
    assert word in err
