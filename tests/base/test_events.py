"""mta.base.events: what can be said, and how it is said."""
import io

import pytest

from mta.base.clock import SetClock
from mta.base.events import BY_KEY, LEVELS, Event, Journal, Recorded


@pytest.mark.parametrize("event", Event)
def test_every_event_explains_itself(event: Event) -> None:
    """A level we know, a key of its own, fields without repetition, a sentence for people."""
    assert event.level in LEVELS
    assert BY_KEY[event.key] is event
    assert len(set(event.wants)) == len(event.wants)
    assert event.sentence[0].isupper()
    assert event.sentence.endswith(".")


def test_a_line_is_one_line_whatever_a_stranger_sends() -> None:
    """Values are quoted where they could break the line or pretend to be another field."""
    log = io.StringIO()
    journal = Journal("smtp", SetClock(), stream=log)
    journal.note(Event.HELLO, "abc", ip="192.0.2.1", name='x" event=forged\r\nlevel=error', protocol="ESMTP")

    assert log.getvalue() == (
        'level=info event=smtp.hello role=smtp trace=abc ip=192.0.2.1 name="x\\" event=forged\\r\\nlevel=error" protocol=ESMTP\n')


def test_the_facts_are_exactly_those_announced() -> None:
    """A missing or unknown field is a mistake of ours that a test must find."""
    with pytest.raises(TypeError, match=r"smtp\.hello wants"):
        Journal("smtp", SetClock(), stream=io.StringIO()).note(Event.HELLO, name="x")


def test_levels_below_the_wanted_are_not_written_but_kept() -> None:
    """The log may be terse; the trace has everything."""
    log, kept = io.StringIO(), Recorded()
    journal = Journal("smtp", SetClock(), level="notice", stream=log)
    journal.add_sink(kept)
    journal.note(Event.STOPPING, signal="TERM")

    assert log.getvalue() == ""
    assert kept.keys() == ["supervisor.stopping"]


def test_a_reader_that_went_away_stops_nothing() -> None:
    """A closed log is not a reason to lose mail."""
    log, kept = io.StringIO(), Recorded()
    log.close()
    Journal("smtp", SetClock(), stream=log, sinks=(kept,)).note(Event.STOPPING, signal="TERM")

    assert len(kept.records) == 1
    assert kept.records[0].at == SetClock().timestamp()
