"""mta.store.loudness: the file that all processes look at."""
import threading
from pathlib import Path

import pytest

from mta.base.clock import SetClock
from mta.store.loudness import LOCK, NAME, Loud, Loudness, change, load


def test_it_ends_by_itself(tmp_path: Path, clock: SetClock) -> None:
    """Each process sees a change within a second, and its end at once."""
    loud = Loudness(tmp_path, clock)
    assert loud("smtp") is None
    now = clock.timestamp()
    change(tmp_path, now, "smtp", Loud("error", now + 60))
    change(tmp_path, now, "web", Loud("debug", now - 1))
    assert loud("smtp") is None
    clock.advance(1.0)
    assert (loud("smtp"), loud("web"), loud("delivery")) == ("error", None, None)
    change(tmp_path, now, "smtp", Loud("debug", now + 60))
    clock.advance(1.0)
    assert loud("smtp") == "debug"
    clock.advance(60.0)
    assert loud("smtp") is None
    (tmp_path / NAME).unlink()
    assert loud("smtp") is None
    assert [path.name for path in tmp_path.iterdir()] == [LOCK]


def test_many_at_once(tmp_path: Path) -> None:
    """Nobody's change is lost, and what is as usual again leaves the others as they are."""
    names = [f"module{number}" for number in range(12)]
    threads = [threading.Thread(target=change, args=(tmp_path, 0.0, name, Loud("debug", 9e9))) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(load(tmp_path, 0.0)) == sorted(names)
    change(tmp_path, 0.0, names[0], None)
    assert sorted(load(tmp_path, 0.0)) == sorted(names[1:])


@pytest.mark.parametrize("text", [b"", b"[]", b"{", b'{"smtp": 1}', b'{"smtp": ["loud", 9e9]}', b'{"smtp": ["debug", "x"]}', b"[" * 60_000,
                                  b'{"smtp": ["debug", NaN]}', b"\xff" * 70_000])
def test_what_cannot_be_understood_is_nothing(tmp_path: Path, text: bytes) -> None:
    """Nobody stops logging for a broken file."""
    (tmp_path / NAME).write_bytes(text)
    assert load(tmp_path, 0.0) == {}
