"""Tests of mta.judge.subjectpass."""
import pytest

from mta.base.names import Address
from mta.base.tokens import BASE32
from mta.judge.subjectpass import GOOD_FOR, good, make

KEY, NOW = b"k" * 32, 1_893_456_000.0
CARL, ANN, BOB = (Address.parse(f"{name}@example.org") for name in ("carl", "ann", "bob"))
TOKEN = make(KEY, CARL, ANN, NOW)


@pytest.mark.parametrize("subject", [
    TOKEN, f"Re: hello {TOKEN} again", f"Re: {TOKEN.upper()}".replace("PASS", "pass"), TOKEN.upper(),
    f"{make(KEY, CARL, BOB, NOW)} {make(KEY, BOB, ANN, NOW)} {TOKEN}",
])
def test_it_opens(subject: str) -> None:
    """Wherever it stands in the subject, in any case, beside others; whatever case the addresses have."""
    assert good(KEY, subject, CARL, ANN, NOW)
    assert good(KEY, subject, Address.parse("Carl@example.org"), Address.parse("ANN@example.org"), NOW + GOOD_FOR - 60)


@pytest.mark.parametrize(("key", "subject", "sender", "recipient", "now"), [
    (b"x" * 32, TOKEN, CARL, ANN, NOW), (KEY, TOKEN, BOB, ANN, NOW), (KEY, TOKEN, CARL, BOB, NOW), (KEY, TOKEN, ANN, CARL, NOW),
    (KEY, TOKEN, CARL, ANN, NOW + GOOD_FOR + 60), (KEY, TOKEN, CARL, ANN, NOW - 3600), (KEY, "", CARL, ANN, NOW),
    (KEY, TOKEN.replace("pass", "pa ss"), CARL, ANN, NOW), (KEY, TOKEN[:-2] + ")", CARL, ANN, NOW),
    (KEY, f"(pass:{'z' * 23})", CARL, ANN, NOW),
    (KEY, " ".join([make(KEY, BOB, ANN, NOW)] * 3 + [TOKEN]), CARL, ANN, NOW),
])
def test_it_does_not(key: bytes, subject: str, sender: Address, recipient: Address, now: float) -> None:
    """For anybody else, for long, from the future, changed, or hidden behind many."""
    assert not good(key, subject, sender, recipient, now)


def test_every_character_counts() -> None:
    """No character can be another one."""
    for place in range(6, len(TOKEN) - 1):
        other = BASE32[(BASE32.index(TOKEN[place]) + 1) % 32]
        assert not good(KEY, TOKEN[:place] + other + TOKEN[place + 1:], CARL, ANN, NOW)
