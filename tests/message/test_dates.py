"""Dates of messages."""
import json
import re
from datetime import UTC, datetime

import pytest

from mta.message.dates import date_text, parse_date, without_comments
from tests.message.vectors import need


def stamp(*parts: int) -> float:
    """Seconds since 1970 of a time in UTC."""
    year, month, day, *time = parts
    return datetime(year, month, day, *time, tzinfo=UTC).timestamp()  # type: ignore[misc, arg-type]  # at most hour, minute, second


@pytest.mark.parametrize(("written", "means"), [
    ("Fri, 21 Nov 1997 09:55:06 -0600", stamp(1997, 11, 21, 15, 55, 6)),
    ("21 Nov 97 09:55:06 GMT", stamp(1997, 11, 21, 9, 55, 6)),
    ("Fri, 21 Nov 1997 09(comment):   55  :  06 -0600", None),
    ("Fri, 21 Nov 1997 09:55 -0600 (CST (central))", stamp(1997, 11, 21, 15, 55)),
    ("Fri,21 Nov 1997 09:55:06 +0530", stamp(1997, 11, 21, 4, 25, 6)),
    ("Fri Nov 21 09:55:06 1997", stamp(1997, 11, 21, 9, 55, 6)),
    ("Fri Nov 21 09:55:06 EST 1997", stamp(1997, 11, 21, 14, 55, 6)),
    ("1997-11-21T09:55:06Z", stamp(1997, 11, 21, 9, 55, 6)),
    ("1997-11-21 09:55:06.123 +01:00", stamp(1997, 11, 21, 8, 55, 6)),
    ("Fri, 21-Nov-1997 09:55:06 PST", stamp(1997, 11, 21, 17, 55, 6)),
    ("Sat, 31 Dec 2016 23:59:60 +0000", stamp(2016, 12, 31, 23, 59, 59)),
    ("Thu, 1 Jan 104 00:00:00 +0000", stamp(2004, 1, 1)),
    ("1 Jan 24 00:00 +9999", stamp(2024, 1, 1)),
    ("Tue, 5 Mrz 2024 10:00:00 +0100", None),
    ("32 Jan 2024 10:00:00 +0000", None),
    ("yesterday", None),
    ("", None),
    ("0" * 100_000, None),
])
def test_parse(written: str, means: float | None) -> None:
    """What programs write is read; what is no date is None."""
    assert parse_date(written) == means


def test_text() -> None:
    """Dates are written as RFC 5322 §3.3 wants them, in the zone asked for."""
    moment = stamp(2026, 2, 3, 4, 5, 6)

    assert date_text(moment) == "Tue, 3 Feb 2026 04:05:06 +0000"
    assert date_text(moment, -330) == "Mon, 2 Feb 2026 22:35:06 -0530"
    assert parse_date(date_text(moment, 345)) == moment
    assert date_text(-1.5) == "Wed, 31 Dec 1969 23:59:59 +0000"


def test_vectors() -> None:
    """Others' list of dates means the same to us; a date that is impossible is none."""
    for case in json.loads((need("mime-mail-parser") / "date.json").read_text()):
        want = case["expected"]
        # A month in digits may as well be the day.
        # Some are whole Received values.
        written = case["header"]
        if (want is None or ";" in written or not want["month"] or want["hour"] > 23
                or not re.search("[A-Za-z]{3}", without_comments(written))):
            continue
        zone = (want["tz_hour"] * 60 + want["tz_minute"]) * (-1 if want["tz_before_gmt"] else 1)
        try:
            means = stamp(want["year"], want["month"], want["day"], want["hour"], want["minute"], want["second"]) - zone * 60
        except ValueError:
            continue

        assert parse_date(" ".join(case["header"].split())) == means, case["header"]


def test_comments_nest() -> None:
    """Comments go, with those inside and with escaped brackets; one that never ends takes the rest."""
    assert without_comments(r"a (b (c) \) d) e (f") == "a  e "
