"""mta.flow.health: a line for each part, with what is to be mended and where."""
import pytest

from mta.base.clock import SetClock
from mta.flow import health, people
from mta.flow.health import Line
from mta.flow.world import World
from tests.flow.outbox import put


def line(world: World, topic: str) -> Line:
    """What is said of one part."""
    return next(one for one in health.lines(world) if one.topic == topic)


async def test_mail_that_waits(served: World, clock: SetClock) -> None:
    """Empty, then waiting, then for too long."""
    assert (line(served, "Queue").state, line(served, "Queue").summary) == ("good", "empty")
    await put(served, "bob@b.test", "cy@c.test")
    assert line(served, "Queue").summary == "2 wait, the oldest for 0 seconds"
    clock.advance(2 * 86_400.0)
    late = line(served, "Queue")
    assert (late.state, late.page, len(late.todo)) == ("attention", "queue", 1)
    assert "2 days" in late.todo[0]


def test_what_is_not_set_up(served: World) -> None:
    """A domain without a first letter is named; DNS that nobody looked at is no fault."""
    assert any("example.org is not set up yet" in text for text in line(served, "Set up").todo)
    assert line(served, "DNS").summary.startswith("nobody has looked yet")
    people.set_domain(served, "example.org", enabled=False, by="a test")
    assert not any("example.org" in text for one in health.lines(served) if one.topic == "Set up" for text in one.todo)


def test_the_disk(served: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """With little room somebody should look."""
    monkeypatch.setattr(health, "LITTLE_ROOM", 0)
    assert line(served, "Disk").state == "good"
    monkeypatch.setattr(health, "LITTLE_ROOM", 1 << 60)
    assert line(served, "Disk").state in ("attention", "bad")


def test_processes() -> None:
    """All answer, one does not, or nobody knows."""
    assert health.processes([], "", 0, 131_000_000) == Line("Processes", "good", "all answer, 131 MB of memory", (), "overview")
    assert health.processes(["web"], "", 2, 0).todo == ("The process web does not answer.",)
    assert health.processes([], "no supervisor", 0, 0).state == "bad"
    assert health.processes([], "", 0, 131_000_000, old=3.2) == Line(
        "Processes", "good", "restarting, as at a reload; 3 seconds ago: all answer, 131 MB of memory", (), "overview")
