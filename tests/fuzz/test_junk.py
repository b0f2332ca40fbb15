"""What the junk filter sees of strangers' mail.

Invariant: whatever the octets, nothing raises; features are bounded in number and length,
each comes once, all have a key; a mapped file gives the same as bytes; and what one lesson
taught is gone when it is taken back.
"""
import mmap
import os
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as some

from mta.base.clock import SetClock
from mta.base.limits import LIMITS
from mta.judge import junk
from mta.judge.features import features, key
from mta.judge.junk import Knowledge
from mta.message import structure
from mta.store.learned import Learned, Teaching
from mta.store.migrate import prepare
from tests.fuzz.test_message import OCTETS
from tests.fuzz.test_message_html import HTML

#: By hand, FUZZ=100 makes it a hundred times as long.
LONGER = int(os.environ.get("FUZZ", "1"))
TIME = settings(max_examples=150 * LONGER, deadline=None, suppress_health_check=[HealthCheck.too_slow])
#: The longest feature: a name of some hundred characters, after where it was found.
LONGEST = 400


def checked(data: bytes) -> list[str]:
    """The features of a message, with what must be true of them."""
    found = features(data, structure.analyse(data))

    assert len(found) == len(set(found)) <= LIMITS.junk_features
    assert all(0 < len(feature) <= LONGEST for feature in found)
    assert all(0 <= key(feature) < 1 << 32 for feature in found)
    return found


@TIME
@given(OCTETS)
@example(b"From: " + b"a" * 400 + b"@b.example\r\nList-Id: " + b"x" * 5_000 + b"\r\n\r\nx")
def test_any_octets_have_features(data: bytes) -> None:
    """The invariant, for octets that come near to mail."""
    found = checked(data)

    if data:
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "m").write_bytes(data)
            with (Path(folder) / "m").open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as octets:
                assert features(octets, structure.analyse(octets)) == found


@TIME
@given(HTML)
def test_any_page_has_features(html: str) -> None:
    """The same for text that comes near to HTML."""
    checked(b"Content-Type: text/html; charset=utf-8\r\n\r\n" + html.encode("utf-8", "replace"))


@TIME
@given(some.text(max_size=300))
def test_any_text_has_features(text: str) -> None:
    """The same for text of any script."""
    checked(b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + text.encode("utf-8", "replace"))


@TIME
@given(some.dictionaries(some.integers(0, 9), some.tuples(some.integers(0, 10**6), some.integers(0, 10**6)).filter(any)),
       some.integers(0, 10**9), some.integers(0, 10**9))
def test_any_counts_have_a_probability(counts: dict[int, tuple[int, int]], good: int, bad: int) -> None:
    """It lies between 0 and 1, and each lesson has a weight."""
    found = junk.probability(Knowledge(counts, good, bad, junk.LEAST_GOOD, junk.LEAST_JUNK))

    assert found is not None
    assert 0.0 <= found <= 1.0
    assert junk.weight(True, Knowledge(counts, good, bad)) > 0


@settings(max_examples=25 * LONGER, deadline=None)
@given(some.lists(some.tuples(some.integers(1, 6), some.sampled_from([True, False, None]), some.sets(some.integers(0, 20), min_size=1)), max_size=20))
def test_any_order_of_lessons_can_be_taken_back(lessons: list[tuple[int, bool | None, set[int]]]) -> None:
    """Teach, change, take back in any order: in the end nothing of it is left."""
    with tempfile.TemporaryDirectory() as folder:
        prepare(Path(folder) / "data", SetClock())
        learned = Learned(Path(folder) / "data" / "learned.db", SetClock())
        every = [*lessons, *((message, None, set()) for message in range(1, 7))]
        learned.learn([Teaching(number, message % 2 + 1, message, verdict, 1e9 + number, sorted(words), [("ip", str(message % 3))])
                       for number, (message, verdict, words) in enumerate(every, 1)], 0)
        assert all(learned.words(account, range(21)).counts == {} and learned.volume(account) == (0, 0, 0, 0) for account in range(3))
        assert learned.standings(1, [("ip", "0"), ("ip", "1"), ("ip", "2")]) == [(0.0, 0.0)] * 3
        learned.close()
