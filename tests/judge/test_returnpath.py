"""Return paths that we write: they come back to whose they are, and nobody else can write one."""
import pytest

from mta.base.names import Address, Domain
from mta.judge.returnpath import DAY, GOOD_FOR, account_of, is_one, loop_mark, make

KEY, OURS, NOW = b"k" * 32, Domain("example.org"), 1_900_000_000.0


@pytest.mark.parametrize("sender", [
    "carl@else.example", "c@e.example", "bounce-12345-67890-ann=example.org@lists.with-a-very-long-name.else.example",
    "SRS0=abcd=ef=far.example=dora@else.example", "srs0+abcd=ef=far.example=dora@else.example",
    "SRS1=xyzw=far.example==abcd=ef=away.example=dora@else.example", "ÄÖÜäöüÄÖÜäöüÄÖÜäöüÄÖÜ@else.example", '"a b"@else.example',
])
def test_back_to_the_account(sender: str) -> None:
    """Whatever the sender, the path fits and names the account, in any case, for 21 days."""
    path = make(KEY, Address.parse(sender), 70_000, OURS, NOW)

    assert len(path.localpart.encode()) <= 64
    assert Address.parse(path.ascii) == path
    assert is_one(path)
    for written in (path.localpart, path.localpart.lower(), path.localpart.upper()):
        assert account_of(KEY, Address(written, OURS), NOW + GOOD_FOR * DAY) == 70_000
    assert account_of(KEY, path, NOW + (GOOD_FOR + 1) * DAY) is None
    assert account_of(KEY, path, NOW - 2 * DAY) is None


def test_forms() -> None:
    """SRS0 for who was not rewritten, SRS1 that keeps who rewrote first."""
    assert "=else.example=carl" in make(KEY, Address.parse("carl@else.example"), 1, OURS, NOW).localpart
    once = make(KEY, Address.parse("SRS0=abcd=ef=far.example=dora@else.example"), 1, OURS, NOW)
    assert once.localpart.startswith("SRS1=")
    assert once.localpart.endswith("=else.example==abcd=ef=far.example=dora")
    twice = make(KEY, once, 1, Domain("other.example"), NOW)
    assert twice.localpart.startswith("SRS1=")
    assert twice.localpart.endswith("=else.example==abcd=ef=far.example=dora")


def test_forged() -> None:
    """Another key, account, day or text: nobody's."""
    path = make(KEY, Address.parse("carl@else.example"), 1, OURS, NOW)
    assert account_of(b"x" * 32, path, NOW) is None
    kind, mark, *rest = path.localpart.split("=")
    assert account_of(KEY, Address(f"{kind}={mark[:-1]}2={'='.join(rest)}", OURS), NOW) is None
    for at in range(len(path.localpart)):
        other = "z" if path.localpart[at].lower() != "z" else "y"
        changed = Address(path.localpart[:at] + other + path.localpart[at + 1:], OURS)
        assert account_of(KEY, changed, NOW) is None
    assert account_of(KEY, Address("SRS0=", OURS), NOW) is None
    assert account_of(KEY, Address("ann", OURS), NOW) is None


def test_marks_differ() -> None:
    """Each account has its own mark, and it is not the one of a path."""
    assert loop_mark(KEY, 1) != loop_mark(KEY, 2)
    assert loop_mark(KEY, 1) != loop_mark(b"x" * 32, 1)
    assert len(loop_mark(KEY, 1)) == 16
