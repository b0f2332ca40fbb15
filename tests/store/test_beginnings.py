"""A beginning stands for the right words, whatever its length, and FTS5 need not merge for it."""
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mta.base.clock import SystemClock
from mta.base.limits import LIMITS
from mta.store.beginnings import INDEXED, TOKENIZER, Beginnings, learn_vocabulary
from mta.store.connection import Connection, connect
from mta.store.migrate import create, schema
from mta.store.query import read

WORDS = ["a", "in", "inn", "invoice", "invoices", "Invöice", "invent", "inventory", "inv", "invoke", "interest", "ink", "x1", "x12", "x123",
         "Straße", "strasse", "übung", "uebung", "東", "東京都", "данные", "данный"]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """An index with one message for each word, two words in each subject, and a letter of many words."""
    path = Path(tmp_path_factory.mktemp("index")) / "search.db"
    create(path, SystemClock(), version=1)
    db = connect(path)
    for number, word in enumerate(WORDS, 1):
        db.execute("INSERT INTO text (rowid, marks, sender, recipients, subject, body) VALUES (?, 'a1', ?, '', ?, ?)",
                   (number, f"{word}@example.org", f"first {word}", f"{word} {WORDS[number % len(WORDS)]}"))
    many = " ".join(f"zebra000{number:06}" for number in range(500))
    db.execute("INSERT INTO text (rowid, marks, sender, recipients, subject, body) VALUES (1000, 'a1', '', '', '', ?)", (many,))
    learn_vocabulary(db)
    yield db
    db.close()


def ids(index: Connection, expression: str) -> list[int]:
    """What the index finds."""
    return [row[0] for row in index.execute("SELECT rowid FROM text WHERE text MATCH ? ORDER BY rowid", (expression,))]


def test_they_are_those_of_the_schema() -> None:
    """The lengths and the tokenizer are what the index was made with."""
    name, arguments = TOKENIZER
    assert f"prefix = '{' '.join(map(str, INDEXED))}', tokenize = '{' '.join((name, *arguments))}'" in schema("search.db")


@pytest.mark.parametrize(("text", "wanted"), [
    ("in", ['"in"', '"ink" *', '"inn" *', '"int" *', '"inv" *']),
    ("inv", ['"inv" *']),
    ("INV", ['"INV" *']),
    ("invo", ['"invoi" *', '"invok" *']),
    ("invoi", ['"invoi" *']),
    ("invoic", ['"invoice" *']),
    ("İnvent", ['"invent"', '"invento" *']),
    ("inventor", ['"inventory"']),
    ("first invent", ['"first invent"', '"first invento" *']),
    ("ann@invoic", ['"ann invoice" *']),
    ("nowhere at", ['"nowhere at"']),
    ("..", ['".." *']),
], ids=str)
def test_what_it_stands_for(index: Connection, text: str, wanted: list[str]) -> None:
    """Words, or beginnings that have an index."""
    assert Beginnings(index)(text) == wanted


@given(st.text("invoceşäxstré12 東данй.@", min_size=1, max_size=8) | st.sampled_from(WORDS).flatmap(
    lambda word: st.integers(1, len(word)).map(lambda length: word[:length])))
def test_it_finds_the_same(index: Connection, text: str) -> None:
    """Invariant: exactly what FTS5 would find by itself."""
    for typed in (f"{text}*", f"subject:{text}*", f"first -{text}*", f'"first {text}"*'):
        query = read(typed)
        assert ids(index, query.expression("a1", Beginnings(index))) == ids(index, query.expression("a1"))


def test_looking_up_is_bounded(index: Connection) -> None:
    """What stands for too many words is left to FTS5; all beginnings of a query share what it may look up."""
    beginnings = Beginnings(index)
    assert beginnings("inventor") == ['"inventory"']
    assert beginnings("zebra000") == ['"zebra000" *']
    assert beginnings("inventor") == ['"inventor" *']
    assert ids(index, read("zebra000*").expression("a1", Beginnings(index))) == [1000]


def test_nothing_is_merged(index: Connection) -> None:
    """Whatever is left open at its end is so at a length that has an index."""
    for word in WORDS:
        for length in range(2, len(word) + 1):
            for string in Beginnings(index)(word[:length]):
                open_end = re.fullmatch(r'"(\w+)" \*', string)
                assert open_end is None or len(open_end[1]) in INDEXED
    assert LIMITS.search_beginnings < 500
