"""workers.counting: whose file it is, and what is counted at the end."""
import io
from pathlib import Path
from types import SimpleNamespace

import pytest

from mta.base.clock import SetClock
from mta.base.events import Event, Journal
from mta.base.metrics import exposition
from mta.config.model import local
from workers.counting import counting
from workers.place import Place


def place(folder: Path) -> Place:
    """What a role is given, as far as counting needs it."""
    config = local(folder)
    config.counters.mkdir(parents=True)
    found: Place = SimpleNamespace(     # type: ignore[assignment]  # the rest is not asked for
        config=config, role="web", number=0, clock=SetClock(), journal=Journal("web", SetClock(), stream=io.StringIO()))
    return found


def test_what_ends_a_process_is_counted(tmp_path: Path) -> None:
    """The counters are still open when the exception is noted, by whoever forked the process."""
    there = place(tmp_path)
    with pytest.raises(ZeroDivisionError), counting(there):
        raise ZeroDivisionError
    there.journal.note(Event.UNEXPECTED, where="mta.flow.receive", problem="ZeroDivisionError")
    page = exposition(there.config.counters, ["web"]).decode()
    assert 'pillarbox_unexpected_total{role="web",module="mta.flow.receive"} 1\n' in page


def test_counting_ends_with_the_role(tmp_path: Path) -> None:
    """In good order the file is given back."""
    there = place(tmp_path)
    with counting(there):
        there.journal.note(Event.INJECTED, ip="192.0.2.1", octets=1)
    there.journal.note(Event.INJECTED, ip="192.0.2.1", octets=1)
    page = exposition(there.config.counters, ["web"]).decode()
    assert 'pillarbox_events_total{role="web",event="smtp.injected"} 1\n' in page
