"""What is typed into the search box is read as a person means it, and is never an error."""
from datetime import UTC, datetime

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mta.message.flags import Flags
from mta.store import query
from mta.store.migrate import schema
from mta.store.query import Query, read

ANY = query.TEXT_COLUMNS


def at(year: int, month: int = 1, day: int = 1) -> float:
    """Seconds since 1970 at the start of that day."""
    return datetime(year, month, day, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(("text", "match", "without"), [
    ("invoice", [f'{ANY} : "invoice"'], []),
    ("invoice march", [f'{ANY} : "invoice"', f'{ANY} : "march"'], []),
    ('"blue lorry"', [f'{ANY} : "blue lorry"'], []),
    ('"open end', [f'{ANY} : "open end"'], []),
    ("invo*", [f'{ANY} : "invo" *'], []),
    ("i*", [f'{ANY} : "i"'], []),
    ('"blue lor"*', [f'{ANY} : "blue lor" *'], []),
    ("-draft", [], [f'{ANY} : "draft"']),
    ("from:ann", ['sender : "ann"'], []),
    ("FROM:Ann@Example.ORG", ['sender : "Ann@Example.ORG"'], []),
    ('to:"bob b" subject:plan*', ['recipients : "bob b"', 'subject : "plan" *'], []),
    ("-from:ann text:x1", ['body : "x1"'], ['sender : "ann"']),
    ("http://x.example/", [f'{ANY} : "http //x.example/"'], []),
    ("from: ann", [f'{ANY} : "from:"', f'{ANY} : "ann"'], []),
    ("!!! -- \"\" :: *", [], []),
    ("NOT AND OR NEAR(a b) {x}: ^y", [f'{ANY} : "{word}"' for word in ("NOT", "AND", "OR", "NEAR(a", "b)", "{x}:", "^y")], []),
    ("東京 x", [f'{ANY} : "東"', f'{ANY} : "京"', f'{ANY} : "x"'], []),
    ('"東京"', [f'{ANY} : " 東  京 "'], []),
    ("has:house", [f'{ANY} : "has house"'], []),
    ("is:wonderful", [f'{ANY} : "is wonderful"'], []),
    ("before:yesterday", [f'{ANY} : "before yesterday"'], []),
    ("before:2026-13", [f'{ANY} : "before 2026-13"'], []),
    ("after:0000", [f'{ANY} : "after 0000"'], []),
], ids=str)
def test_text(text: str, match: list[str], without: list[str]) -> None:
    """Words, phrases, prefixes, fields, and the same with a minus."""
    found = read(text)
    assert ([term.expression() for term in found.match], [term.expression() for term in found.without]) == (match, without)
    assert not found.exact


@pytest.mark.parametrize(("text", "wanted"), [
    ("is:unread", Query(flags_clear=Flags.SEEN)),
    ("-is:unread", Query(flags_set=Flags.SEEN)),
    ("is:flagged is:answered", Query(flags_set=Flags.FLAGGED | Flags.ANSWERED)),
    ("label:Work -label:done", Query(labels=["work"], other_labels=["done"])),
    ("larger:2M smaller:10mb", Query(larger=2_000_000, smaller=10_000_000)),
    ("-larger:100k larger:5", Query(larger=5, smaller=100_000)),
    ("-before:2026 -after:2027-02-03", Query(since=at(2026), until=at(2027, 2, 3))),
    ("has:attachment", Query(attachment=True)),
    ("-has:attachments", Query(attachment=False)),
    ('in:archive in:"My Mail/x"', Query(mailboxes=["archive", "My Mail/x"])),
    ("-in:junk", Query(other_mailboxes=["junk"])),
    ("before:2026-03-01", Query(until=at(2026, 3))),
    ("after:2026-03-01", Query(since=at(2026, 3))),
    ("on:2026-02", Query(since=at(2026, 2), until=at(2026, 3))),
    ("on:2026-12", Query(since=at(2026, 12), until=at(2027))),
    ("on:2026", Query(since=at(2026), until=at(2027))),
    ("on:2024-2-29", Query(since=at(2024, 2, 29), until=at(2024, 3))),
    ("until:2026-12-31", Query(until=at(2027))),
    ("since:2025 after:2024 before:2026 before:2027", Query(since=at(2025), until=at(2026))),
], ids=str)
def test_conditions(text: str, wanted: Query) -> None:
    """Conditions on flags, mailboxes, attachments and time."""
    assert read(text) == wanted


@pytest.mark.parametrize(("since", "until", "wanted"), [
    (at(2025, 11), at(2026, 2) - 1, ["m202511", "m202512", "m202601"]),
    (at(2023, 12), at(2026, 2) - 1, ["m202312", "y2024", "y2025", "m202601"]),
    (at(2026), at(2026, 12, 31), ["y2026"]),
    (at(2026, 5), at(2026, 4), ["never"]),
    (at(2098), None, ["y2098", "y2099"]),
    (-5.0, at(1970, 2, 5), ["m197001", "m197002"]),
    (at(2099, 12), 1e300, ["m209912"]),
], ids=range(7))
def test_periods(since: float | None, until: float | None, wanted: list[str]) -> None:
    """Years where they fit, months at the edges."""
    assert query.periods(since, until) == wanted


def test_marks_meet_periods() -> None:
    """Whatever lies in a span bears a mark of that span."""
    for moment in (0.0, at(1999, 12, 31), at(2026, 3, 5), at(2099, 12, 31), 1e12, -1e12):
        assert set(query.marks(7, moment, True).split()) & set(query.periods(moment - 1, moment + 1))
    assert query.marks(7, at(2026, 3), True) == "a7 y2026 m202603 attachment"
    assert query.marks(7, at(2026, 3), False) == "a7 y2026 m202603"


def test_length_is_bounded() -> None:
    """A novel in the search box is cut."""
    assert len(read("a " * 100_000).match) == 40


@pytest.fixture(scope="module")
def index() -> apsw.Connection:
    """An empty index with the real columns."""
    db = apsw.Connection(":memory:")
    db.execute(schema("search.db"))
    return db


PIECES = ["a", '"', "*", "-", ":", "from:", "is:", "in:", "before:2020", "^", "(", ")", "{", "}", "NEAR", "OR", "\0", "+", " "]


@given(st.text(max_size=200) | st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
def test_nothing_typed_is_a_syntax_error(index: apsw.Connection, text: str) -> None:
    """Invariant: every text gives an expression that FTS5 takes."""
    list(index.execute("SELECT rowid FROM text WHERE text MATCH ?", (read(text).expression("a1"),)))


@pytest.mark.parametrize("text", ["after:1970", "before:2099", "on:2020 -x", "x " * 40, "-x " * 40, "-has:attachment -x is:unread"])
def test_long_expressions_are_taken(index: apsw.Connection, text: str) -> None:
    """The widest span and the most words stay within what FTS5 takes."""
    list(index.execute("SELECT rowid FROM text WHERE text MATCH ?", (read(text).expression("a1"),)))
