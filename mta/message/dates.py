"""Dates of messages: written as RFC 5322 §3.3 says, read as people's programs write them."""
import re
from datetime import UTC, datetime, timedelta, timezone

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MONTH_NUMBERS = {name.lower(): number for number, name in enumerate(MONTHS, 1)}
#: RFC 5322 §4.3: the letters' meaning; single military letters say nothing reliable.
ZONES = {"ut": 0, "utc": 0, "gmt": 0, "z": 0, "edt": -240, "est": -300, "cdt": -300, "cst": -360, "mdt": -360, "mst": -420,
         "pdt": -420, "pst": -480, "bst": 60, "cet": 60, "met": 60, "cest": 120, "mest": 120, "eet": 120, "eest": 180, "jst": 540}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: What a field can hold that is worth reading; the rest of it is no date.
LONGEST = 200

CLOCK = r"(\d{1,2})[:.](\d{1,2})(?:[:.](\d{1,2}))?(?:[.,]\d{1,9})?"
ZONE = r"\s*(?:GMT|UTC)?\s*([+-]\s?\d{1,2}:?\d{2}|[A-Za-z]{1,5})?"
#: 21 Nov 1997 09:55:06 -0600, with or without a day's name, with dashes or commas.
MAIL = re.compile(rf"(?:[A-Za-z]{{2,12}}\.?,?\s*)?(\d{{1,2}})(?:\s|[-,./])+([A-Za-z]{{3,9}})\.?(?:\s|[-,./])+(\d{{2,4}}),?\s+{CLOCK}{ZONE}")
#: Fri Nov 21 09:55:06 1997 (asctime), the zone perhaps before the year.
ASCTIME = re.compile(rf"(?:[A-Za-z]{{3,9}},?\s+)?([A-Za-z]{{3,9}})\s+(\d{{1,2}}),?\s+{CLOCK}{ZONE}\s+(\d{{4}})")
#: 1997-11-21T09:55:06-06:00
ISO = re.compile(rf"(\d{{4}})-(\d{{1,2}})-(\d{{1,2}})[T ]\s*{CLOCK}{ZONE}")


def date_text(timestamp: float, zone: int = 0) -> str:
    """The Date of that moment (seconds since 1970), as a clock zone minutes east of UTC shows it."""
    moment = EPOCH + timedelta(seconds=int(timestamp))
    local = moment.astimezone(timezone(timedelta(minutes=zone)))
    hours, minutes = divmod(abs(zone), 60)
    return (f"{DAYS[local.weekday()]}, {local.day} {MONTHS[local.month - 1]} {local.year:04d} "
            f"{local:%H:%M:%S} {'-' if zone < 0 else '+'}{hours:02d}{minutes:02d}")


def parse_date(text: str) -> float | None:
    """Seconds since 1970 that a Date value means, or None if it means none."""
    text = without_comments(text[:LONGEST]).strip()
    if found := MAIL.match(text):
        day, month, year, hour, minute, second, zone = found.groups()
    elif found := ASCTIME.match(text):
        month, day, hour, minute, second, zone, year = found.groups()
    elif found := ISO.match(text):
        year, month, day, hour, minute, second, zone = found.groups()
    else:
        return None
    number = int(month) if month.isdigit() else MONTH_NUMBERS.get(month[:3].lower())
    if number is None:
        return None
    try:
        # A leap second is the last one of its minute; Python knows none.
        moment = datetime(_year(year), number, int(day), int(hour) % 24, int(minute), min(int(second or 0), 59), tzinfo=UTC)
    except ValueError:
        return None
    return (moment - EPOCH).total_seconds() - _zone(zone or "") * 60


def without_comments(text: str) -> str:
    """text without its (comments), which may nest; the end of one that never ends is lost."""
    if "(" not in text:
        return text
    kept, depth, at = [], 0, 0
    while at < len(text):
        char = text[at]
        if depth and char == "\\":
            at += 2
            continue
        if char == "(":
            depth += 1
        elif char == ")" and depth:
            depth -= 1
        elif not depth:
            kept.append(char)
        at += 1
    return "".join(kept)


def _year(text: str) -> int:
    """RFC 5322 §4.3: two digits up to 49 are 20xx, other short ones count from 1900."""
    year = int(text)
    return year + 2000 if len(text) == 2 and year < 50 else year + 1900 if len(text) < 4 else year


def _zone(text: str) -> int:
    """Minutes east of UTC; an impossible or unknown zone is taken for UTC."""
    digits = text.replace(" ", "").replace(":", "")
    if digits[:1] not in ("+", "-"):
        return ZONES.get(text.lower(), 0)
    minutes = int(digits[1:-2]) * 60 + int(digits[-2:])
    if minutes > 24 * 60:
        return 0
    return -minutes if digits[0] == "-" else minutes
