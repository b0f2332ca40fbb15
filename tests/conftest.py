"""The world as tests get it: a clock that stands still, a store that is checked at its end, a journal that records."""
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest

from mta.base.clock import SetClock
from mta.base.events import Journal, Recorded
from mta.store.database import Store
from mta.store.migrate import prepare
from mta.store.verify import problems


@pytest.fixture
def clock() -> SetClock:
    """A clock that stands still until told to move."""
    return SetClock()


@pytest.fixture
def rung() -> list[str]:
    """The roles whose doorbells the store of this test rang, in order."""
    return []


@pytest.fixture
def store(tmp_path: Path, clock: SetClock, rung: list[str]) -> Iterator[Store]:
    """An empty store in a directory of its own."""
    directory = tmp_path / "data"
    prepare(directory, clock)
    store = Store.open(directory, clock, ring=rung.append)
    try:
        yield store
        assert problems(store) == []
    finally:
        store.close()


@pytest.fixture
def recorded() -> Recorded:
    """Every event that the journal of this test was told."""
    return Recorded()


@pytest.fixture
def journal(clock: SetClock, recorded: Recorded) -> Journal:
    """A journal that keeps what it is told in `recorded` and prints nothing."""
    return Journal("test", clock, stream=StringIO(), sinks=(recorded,))
