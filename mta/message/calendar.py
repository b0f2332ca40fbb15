"""Invitations: what a text/calendar part says, as far as a reader needs it.

Only read, never acted upon.  Bounded in octets and lines; what is not understood is left out.

Standards: RFC 5545 §3.1 (lines), §3.6.1 (events), RFC 5546 §1.4 (methods).
"""
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

#: Characters of a calendar that are looked at, events of it, people of one.
LONGEST: Final = 256 * 1024
EVENTS: Final = 10
PEOPLE: Final = 100
LINE: Final = re.compile(r"([A-Za-z0-9-]+)((?:;[^:\"]*(?:\"[^\"]*\"[^:\"]*)*)?):(.*)", re.DOTALL)
ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)
STAMP: Final = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?")


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as it was written ("2026-03-01 14:00"), zone its name ("" is wherever one is), at the second if that is clear."""

    text: str
    zone: str
    at: float | None


@dataclass(frozen=True, slots=True)
class Event:
    """One event of an invitation; repeats says that there are more of it."""

    summary: str
    location: str
    description: str
    organizer: str
    attendees: tuple[str, ...]
    start: Moment | None
    end: Moment | None
    repeats: bool
    cancelled: bool


def method(text: str) -> str:
    """What the calendar asks for: "REQUEST", "CANCEL", "REPLY", …; "" if nothing."""
    return next((value.strip().upper()[:20] for name, _, value in _lines(text) if name == "METHOD"), "")


def events(text: str) -> list[Event]:
    """The events of a calendar, at most EVENTS."""
    found: list[Event] = []
    fields: dict[str, list[tuple[str, str]]] | None = None
    depth = 0
    for name, parameters, value in _lines(text):
        if name == "BEGIN":
            if value.upper() == "VEVENT":
                fields, depth = {}, 0
            else:
                depth += 1      # alarms within have names of the same kind
        elif name == "END":
            if value.upper() == "VEVENT" and fields is not None:
                found.append(_event(fields))
                fields = None
                if len(found) == EVENTS:
                    break
            else:
                depth -= 1
        elif fields is not None and depth <= 0 and len(fields.setdefault(name, [])) < PEOPLE:
            fields[name].append((parameters, value))
    return found


def _lines(text: str) -> Iterator[tuple[str, str, str]]:
    """Name in upper case, parameters, value of each line; folded ones are put together."""
    unfolded = re.sub(r"\r?\n[ \t]", "", text[:LONGEST])
    for line in unfolded.splitlines():
        parts = LINE.fullmatch(line)
        if parts:
            yield parts[1].upper(), parts[2], parts[3]


def _event(fields: dict[str, list[tuple[str, str]]]) -> Event:
    def words(name: str, most: int = 500) -> str:
        return _unescaped(fields[name][0][1])[:most].strip() if name in fields else ""

    def people(name: str) -> tuple[str, ...]:
        return tuple(_person(*one) for one in fields.get(name, ()))

    return Event(
        words("SUMMARY"), words("LOCATION"), words("DESCRIPTION", 5_000), next(iter(people("ORGANIZER")), ""), people("ATTENDEE"),
        _moment(fields, "DTSTART"), _moment(fields, "DTEND"), "RRULE" in fields or "RDATE" in fields,
        words("STATUS").upper() == "CANCELLED")


def _person(parameters: str, value: str) -> str:
    named = re.search(r";CN=(?:\"([^\"]*)\"|([^;:\"]*))", parameters, re.IGNORECASE)
    name = ((named[1] or named[2] or "") if named else "").strip()
    address = re.sub("(?i)^mailto:", "", value.strip())
    return f"{name} <{address}>"[:300] if name and name != address else address[:300]


def _moment(fields: dict[str, list[tuple[str, str]]], name: str) -> Moment | None:
    if name not in fields:
        return None
    parameters, value = fields[name][0]
    stamp = STAMP.fullmatch(value.strip())
    if stamp is None:
        return None
    year, month, day, hour, minute, second, universal = stamp.groups()
    try:
        when = datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0), min(int(second or 0), 59), tzinfo=UTC)
    except ValueError:
        return None
    zone = re.search(r";TZID=\"?([^;:\"]*)", parameters, re.IGNORECASE)
    text = f"{when:%Y-%m-%d %H:%M}" if hour else f"{when:%Y-%m-%d}"
    return Moment(text, "UTC" if universal else zone[1][:100] if zone else "", when.timestamp() if universal else None)


def _unescaped(text: str) -> str:
    return ESCAPE.sub(lambda found: "\n" if found[1] in "nN" else found[1], text)
