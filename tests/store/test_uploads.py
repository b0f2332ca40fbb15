"""mta.store.uploads: files that wait for their message."""
import os
from dataclasses import replace
from pathlib import Path

import pytest

from mta.base.clock import SetClock
from mta.base.errors import NoRoom, NotFound
from mta.base.limits import LIMITS
from mta.store.uploads import Uploads


def test_there_and_back(tmp_path: Path, clock: SetClock) -> None:
    """A file is read back by its name, by its account alone, until it is removed."""
    uploads = Uploads(tmp_path, clock)
    sink = uploads.sink(1)
    sink.write(b"one ")
    sink.write(b"two")
    name = sink.finish()
    with uploads.open(1, name) as file:
        assert file.read() == b"one two"
    with pytest.raises(NotFound):
        uploads.open(2, name)
    uploads.remove(1, name)
    uploads.remove(1, name)
    with pytest.raises(NotFound):
        uploads.open(1, name)


@pytest.mark.parametrize("name", ["", "..", "../1/aaaaaaaaaaaaaaaaaaaa", "a" * 19, "A" * 20, "a" * 20 + "\n"])
def test_names_lead_nowhere(tmp_path: Path, clock: SetClock, name: str) -> None:
    """A name that is none of ours is not looked for."""
    with pytest.raises(NotFound):
        Uploads(tmp_path, clock).open(1, name)


def test_a_day_later(tmp_path: Path, clock: SetClock) -> None:
    """What was not sent within a day goes, with the next upload or the next sweep."""
    uploads = Uploads(tmp_path, clock)
    first, second = uploads.sink(1).finish(), uploads.sink(2).finish()
    for account, name in ((1, first), (2, second)):
        os.utime(tmp_path / "uploads" / str(account) / name, (clock.timestamp(), clock.timestamp()))
    clock.advance(LIMITS.uploads_age + 1)
    uploads.sink(1).abandon()
    with pytest.raises(NotFound):
        uploads.open(1, first)
    uploads.open(2, second).close()
    uploads.sweep()
    assert list((tmp_path / "uploads").iterdir()) == []


def test_bounds(tmp_path: Path, clock: SetClock) -> None:
    """One file has its bound, and so has what waits; what comes too much is refused."""
    uploads = Uploads(tmp_path, clock, replace(LIMITS, http_body=10, uploads_octets=25))
    for room in (10, 10, 5):
        sink = uploads.sink(1)
        sink.write(bytes(room))
        path = tmp_path / "uploads" / "1" / sink.finish()
        os.utime(path, (clock.timestamp(), clock.timestamp()))
        with pytest.raises(NoRoom):
            sink.write(b"x")
    last = uploads.sink(1)
    with pytest.raises(NoRoom):
        last.write(b"x")
    last.abandon()
    assert len(list((tmp_path / "uploads" / "1").iterdir())) == 3
