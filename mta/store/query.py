"""What a person types into the search box, read.

    invoice march           both words, anywhere in sender, recipients, subject, text
    "blue lorry"            the words in this order
    invo*                   words that begin so (two letters at least)
    -draft                  without this word; also -"a phrase", -from:ann, -is:read, -in:junk, -has:attachment
    from:ann  to:"bob b"  subject:plan
    has:attachment  is:unread  is:read  is:flagged  is:answered  is:draft
    in:archive  in:"Clients/Blue"       a mailbox, by its name or by what it is for
    label:work  larger:2M  smaller:100k     labels; sizes in octets, or with k, M, G; also with -
    before:2026-03-01  after:2025  on:2026-02      received then (a day, a month, a year; UTC)

Nothing that is typed is an error: what is no word of this list is looked for as text.
Reading is separate from asking (mta.store.search) and knows no database.
"""
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from mta.base.limits import LIMITS
from mta.message.flags import Flags

#: One item: an optional minus, an optional name with a colon, and a word or "phrase".
ITEM: Final = re.compile(r'(-?)(?:([a-z]{2,10}):(?=[^\s]))?(?:"([^"]*)"?|([^\s"]+))(\*?)', re.IGNORECASE)
SIZE: Final = re.compile(r"(\d{1,12})([kmg]?)b?", re.IGNORECASE)
UNITS: Final = {"": 1, "k": 1_000, "m": 1_000_000, "g": 1_000_000_000}
DATE: Final = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
#: Scripts written without spaces: each of their characters is a word of the index.
UNSPACED: Final = re.compile("([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
                             "\U00020000-\U0003134f])")
TEXT_COLUMNS: Final = "{sender recipients subject body}"
COLUMNS: Final = {"from": "sender", "to": "recipients", "subject": "subject", "text": "body"}
#: Names of flags in is:, with what must be set and what must not.
FLAGS: Final = {
    "unread": (Flags.NONE, Flags.SEEN), "unseen": (Flags.NONE, Flags.SEEN), "read": (Flags.SEEN, Flags.NONE),
    "seen": (Flags.SEEN, Flags.NONE), "flagged": (Flags.FLAGGED, Flags.NONE), "starred": (Flags.FLAGGED, Flags.NONE),
    "answered": (Flags.ANSWERED, Flags.NONE), "replied": (Flags.ANSWERED, Flags.NONE), "forwarded": (Flags.FORWARDED, Flags.NONE),
    "draft": (Flags.DRAFT, Flags.NONE), "junk": (Flags.JUNK, Flags.NONE),
}
FIRST_YEAR, LAST_YEAR = 1970, 2099


def quoted(text: str) -> str:
    """text as a string of FTS5: whatever is in it stands for itself."""
    return '"' + text.replace('"', '""').replace("\0", " ") + '"'


def open_ended(text: str) -> str:
    """The same, and its last word may go on."""
    return f"{quoted(text)} *"


def as_typed(text: str) -> list[str]:
    """What a beginning stands for, in the simplest way; mta.store.beginnings has the fast one."""
    return [open_ended(text)]


@dataclass(frozen=True, slots=True)
class Term:
    """A word or phrase to look for in scope, a column of the index or several; is_beginning if its last word may go on."""

    scope: str
    text: str
    is_beginning: bool = False

    def expression(self, beginnings: Callable[[str], list[str]] = as_typed) -> str:
        """It as a part of an FTS5 expression; beginnings gives the strings that together mean a beginning."""
        if not self.is_beginning:
            return f"{self.scope} : {quoted(self.text)}"
        strings = beginnings(self.text)
        return f"{self.scope} : {strings[0] if len(strings) == 1 else '(' + ' OR '.join(strings) + ')'}"


@dataclass(slots=True)
class Query:
    """What is looked for: match and without are asked of the index, the rest are conditions on the row.

    since and until are seconds since 1970, until is not included; empty means not asked.
    other_mailboxes are those it must not be in, labels (in lower case) those it must have;
    it is larger than larger octets, and at most as large as smaller.
    """

    match: list[Term] = field(default_factory=list)
    without: list[Term] = field(default_factory=list)
    mailboxes: list[str] = field(default_factory=list)
    other_mailboxes: list[str] = field(default_factory=list)
    flags_set: Flags = Flags.NONE
    flags_clear: Flags = Flags.NONE
    attachment: bool | None = None
    since: float | None = None
    until: float | None = None
    labels: list[str] = field(default_factory=list)
    other_labels: list[str] = field(default_factory=list)
    larger: int | None = None
    smaller: int | None = None

    @property
    def has_text(self) -> bool:
        """True if the index is needed to answer it."""
        return bool(self.match or self.without) or self.attachment is not None

    @property
    def exact(self) -> bool:
        """True if there are conditions on rows that the index does not know."""
        asked = (
            self.mailboxes, self.other_mailboxes, self.flags_set, self.flags_clear, self.since is not None, self.until is not None,
            self.labels, self.other_labels, self.larger is not None, self.smaller is not None)
        return any(asked)

    def expression(self, account_mark: str, beginnings: Callable[[str], list[str]] = as_typed) -> str:
        """The FTS5 expression for the messages that bear account_mark; beginnings as in Term.expression()."""
        parts = [f"marks : {quoted(account_mark)}", *(term.expression(beginnings) for term in self.match)]
        if self.attachment:
            parts.append('marks : "attachment"')
        if self.since is not None or self.until is not None:
            parts.append(f"marks : ({' OR '.join(map(quoted, periods(self.since, self.until)))})")
        wanted = " AND ".join(parts)
        unwanted = [term.expression(beginnings) for term in self.without]
        if self.attachment is False:
            unwanted.append('marks : "attachment"')
        return f"({wanted}) NOT ({' OR '.join(unwanted)})" if unwanted else wanted


def read(text: str) -> Query:
    """Read what was typed; never raises."""
    query = Query()
    for number, found in enumerate(ITEM.finditer(spaced(text[:LIMITS.search_query]))):
        if number >= LIMITS.search_words:
            break
        minus, name, phrase, word, star = found.groups()
        value = phrase if phrase is not None else word
        if word is not None and word.endswith("*"):
            value, star = word.rstrip("*"), "*"
        if name and _condition(query, name.lower(), value, not minus):
            continue
        column = COLUMNS.get((name or "").lower())
        if name and column is None:
            value = f"{name} {value}"    # no name of ours, like http: or re:
        term = _term(value, column, bool(star))
        if term is not None:
            (query.without if minus else query.match).append(term)
    return query


def spaced(text: str) -> str:
    """text with spaces around each character of a script that has none; as it is indexed and asked for."""
    if text.isascii():
        return text
    return UNSPACED.sub(r" \1 ", text.encode("utf-8", "replace").decode())


def marks(account_id: int, received: float, attachment: bool) -> str:
    """The terms of a message that stand for its account, the year and month it came, and its attachments."""
    return f"{account_mark(account_id)} {' '.join(_year_and_month(received))}{' attachment' if attachment else ''}"


def account_mark(account_id: int) -> str:
    """The term that all messages of an account have."""
    return f"a{account_id}"


def periods(since: float | None, until: float | None) -> list[str]:
    """The marks of years and months that cover the time from since to until, perhaps a little more."""
    first = _month(since) if since is not None else FIRST_YEAR * 12
    last = _month(until) if until is not None else LAST_YEAR * 12 + 11
    covered, month = [], first
    while month <= last:
        year = month // 12
        if month % 12 == 0 and month + 11 <= last:
            covered.append(f"y{year}")
            month += 12
        else:
            covered.append(f"m{year}{month % 12 + 1:02}")
            month += 1
    return covered or ["never"]


def _condition(query: Query, name: str, value: str, wanted: bool) -> bool:
    """Take name:value as a condition (to be fulfilled, or not to be); False if it is none."""
    low = value.lower()
    match name:
        case "in":
            (query.mailboxes if wanted else query.other_mailboxes).append(value)
        case "is" if low in FLAGS:
            present, absent = FLAGS[low] if wanted else FLAGS[low][::-1]
            query.flags_set |= present
            query.flags_clear |= absent
        case "has" if low in ("attachment", "attachments"):
            query.attachment = wanted
        case "label":
            (query.labels if wanted else query.other_labels).append(low)
        case "larger" | "smaller" if (octets := _octets(low)) is not None:
            if (name == "larger") is wanted:
                query.larger = max(octets, query.larger or 0)
            else:
                query.smaller = octets if query.smaller is None else min(octets, query.smaller)
        case "before" | "after" if not wanted and (span := _span(value)) is not None:
            # Not before a day is that day and later; not after it (which includes it here) is what was before.
            return _condition(query, "after" if name == "before" else "before", value, True)
        case "before" | "after" | "since" | "until" | "on" if wanted and (span := _span(value)) is not None:
            start, end = span
            if name in ("after", "since", "on"):
                query.since = max(start, query.since or start)
            if name in ("before", "on", "until"):
                limit = start if name == "before" else end
                query.until = min(limit, query.until or limit)
        case _:
            return False
    return True


def _term(value: str, column: str | None, star: bool) -> Term | None:
    """A word or phrase to look for, or None if there is nothing in it; a beginning needs two letters."""
    letters = sum(char.isalnum() for char in value)
    return Term(column or TEXT_COLUMNS, value, star and letters >= 2) if letters else None


def _octets(text: str) -> int | None:
    """A size as people write it, None if it is none."""
    found = SIZE.fullmatch(text)
    return int(found[1]) * UNITS[found[2].lower()] if found else None


def _span(text: str) -> tuple[float, float] | None:
    """From when to when the day, month or year lasts, in seconds since 1970; None if it is no date."""
    found = DATE.fullmatch(text)
    if found is None:
        return None
    year, month, day = (int(part) if part else 0 for part in found.groups())
    try:
        start = datetime(year, month or 1, day or 1, tzinfo=UTC)
        if day:
            end = start.timestamp() + 86_400.0
        else:
            end = datetime(year + (not month or month == 12), month % 12 + 1 if month else 1, 1, tzinfo=UTC).timestamp()
    except ValueError:
        return None
    return start.timestamp(), end


def _month(at: float) -> int:
    """The number of the month that at lies in, counted from the year 0 and kept within what is marked."""
    moment = datetime.fromtimestamp(min(max(at, 0.0), 4_102_444_799.0), UTC)
    return moment.year * 12 + moment.month - 1


def _year_and_month(at: float) -> tuple[str, str]:
    month = _month(at)
    return f"y{month // 12}", f"m{month // 12}{month % 12 + 1:02}"
