"""mta.flow.loudness: how much is logged, for a while."""
import io

import pytest

from mta.base.clock import SetClock
from mta.base.errors import UserError
from mta.base.events import Event, Journal
from mta.flow import loudness
from mta.flow.world import World
from mta.store.loudness import Loudness


def test_a_module_is_louder_for_an_hour(world: World, clock: SetClock) -> None:
    """Its events are in the log of every process; others stay as they were."""
    assert "smtp" in loudness.MODULES
    assert "supervisor" not in loudness.MODULES
    stream = io.StringIO()
    journal = Journal("test", clock, stream=stream, level="error")
    journal.steer(Loudness(world.store.directory, clock))
    found = {one.module: one for one in loudness.set_level(world, "mtasts", "debug", by="admin")}
    assert (found["mtasts"].level, found["mtasts"].until) == ("debug", clock.timestamp() + 3_600)
    assert (found["smtp"].level, found["smtp"].until) == (world.config.log_level, None)
    for _ in range(2):
        journal.note(Event.POLICY_TESTED, domain="b.test")
        journal.note(Event.HELLO, ip="192.0.2.1", name="x", protocol="ESMTP")
        clock.advance(3_601)
    assert stream.getvalue().count("mtasts.tested") == 1
    assert "smtp.hello" not in stream.getvalue()


def test_back_before_time_and_mistakes(world: World) -> None:
    """As configured again; nothing of what is not there."""
    loudness.set_level(world, "smtp", "error", by="admin")
    loudness.set_level(world, "web", "debug", 600, by="admin")
    found = {one.module: one.until is not None for one in loudness.set_level(world, "smtp", "", by="admin")}
    assert (found["smtp"], found["web"]) == (False, True)
    for module, level, seconds in (("smpt", "debug", 60), ("smtp", "loud", 60), ("smtp", "debug", 1), ("smtp", "debug", 1e9),
                                   ("supervisor", "debug", 60), ("smtp", "debug", float("nan"))):
        with pytest.raises(UserError):
            loudness.set_level(world, module, level, seconds, by="admin")
