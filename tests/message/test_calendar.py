"""Invitations are read as far as a reader needs them, and never raise."""
from hypothesis import given
from hypothesis import strategies as st

from mta.message import calendar

INVITATION = """\
BEGIN:VCALENDAR\r
METHOD:REQUEST\r
BEGIN:VTIMEZONE\r
BEGIN:STANDARD\r
DTSTART:19701025T030000\r
END:STANDARD\r
END:VTIMEZONE\r
BEGIN:VEVENT\r
SUMMARY:Planning\\, the\r
  spring\r
DTSTART;TZID="Europe/Berlin":20300301T140000\r
DTEND:20300301T150000Z\r
LOCATION:Room 4\\nsecond floor\r
ORGANIZER;CN="Night, Carla":mailto:carla@example.net\r
ATTENDEE;ROLE=REQ-PARTICIPANT;CN=Ann:MAILTO:ann@example.org\r
ATTENDEE:mailto:bob@example.org\r
RRULE:FREQ=WEEKLY\r
BEGIN:VALARM\r
SUMMARY:not this one\r
END:VALARM\r
END:VEVENT\r
END:VCALENDAR\r
"""


def test_an_invitation() -> None:
    """Folded lines, escapes, zones and people; alarms within are not taken for the event."""
    assert calendar.method(INVITATION) == "REQUEST"
    event, = calendar.events(INVITATION)
    assert (event.summary, event.location) == ("Planning, the spring", "Room 4\nsecond floor")
    assert event.start == calendar.Moment("2030-03-01 14:00", "Europe/Berlin", None)
    assert event.end == calendar.Moment("2030-03-01 15:00", "UTC", 1_898_607_600.0)
    assert event.organizer == "Night, Carla <carla@example.net>"
    assert event.attendees == ("Ann <ann@example.org>", "bob@example.org")
    assert event.repeats
    assert not event.cancelled


def test_bounds() -> None:
    """Not more events, nor times that are none."""
    many = "BEGIN:VEVENT\nDTSTART:20309901\nSTATUS:CANCELLED\nEND:VEVENT\n" * 50
    events = calendar.events(many)
    assert len(events) == calendar.EVENTS
    assert events[0].start is None
    assert events[0].cancelled


@given(st.text(st.sampled_from("BEGIN:VT;=\"\n\\,DRA0123Z mailto")))
def test_anything(text: str) -> None:
    """Whatever comes."""
    calendar.events("BEGIN:VEVENT\n" + text + "\nEND:VEVENT")
    calendar.method(text)
