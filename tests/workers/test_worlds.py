"""workers.worlds: what flows need, open and closed again."""
from pathlib import Path

import pytest

from mta.base.clock import SystemClock
from mta.base.errors import TemporaryError
from mta.base.events import Event, Journal
from mta.config.model import local
from mta.flow import people, trace
from mta.store.migrate import prepare
from workers.worlds import open_world


def test_a_world_works_and_closes(tmp_path: Path) -> None:
    """Changes ring, events can be found, and nothing is left open."""
    clock, rung = SystemClock(), set[str]()
    config = local(tmp_path)
    config.data.mkdir(mode=0o700)
    prepare(config.data, clock)
    journal = Journal("tester", clock, level="error")

    with open_world(config, clock, journal, rung.add) as world:
        people.add_account(world, "ann", by="a test")
        journal.note(Event.LOGIN, "0123456789", ip="192.0.2.1", account="ann", mechanism="PLAIN", service="smtp")

    with open_world(config, clock, journal, rung.add) as again:
        assert [account.name for account in people.all_accounts(again)] == ["ann"]
        assert [found.ip for found in trace.search(again, "192.0.2.1").summaries] == ["192.0.2.1"]
    with pytest.raises(TemporaryError):
        people.all_accounts(world)
