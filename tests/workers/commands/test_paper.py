"""workers.commands.paper: results for people and for machines."""
import json
import sys

import pytest

from workers.commands.paper import duration, safe, show, size, table

HOLE = "\N{REPLACEMENT CHARACTER}"
ROWS = [
    {"id": 1, "subject": "Grüße", "flags": ["seen", "flagged"], "received": 1_893_456_000.0, "last_code": None, "held": False},
    {"id": 22, "subject": "a\x1b[31mb", "flags": [], "received": 1_893_456_001.5, "last_code": 450, "held": True},
]


def test_rows_become_columns() -> None:
    """Aligned, numbers to the right, with dates, and without control characters that would paint the terminal."""
    assert table(ROWS) == [
        "id  subject  flags          received              last code  held",
        " 1  Grüße    seen, flagged  2030-01-01 00:00:00Z          -  no",
        f"22  a{HOLE}[31mb  -              2030-01-01 00:00:01Z        450  yes",
    ]


def test_wide_characters_take_two_columns() -> None:
    """As terminals draw them; a combining one takes none."""
    assert table([{"a": "你好", "b": 1}, {"a": "e\u0301", "b": 22}]) == ["a      b", "你好   1", "e\u0301     22"]


@pytest.mark.parametrize("width", [30, 40, 60])
def test_a_table_is_as_wide_as_the_terminal(width: int) -> None:
    """The widest columns are cut, the last is folded and loses nothing."""
    reply = "450 4.2.0 the mailbox is busy, please try again later"
    lines = table([{"id": 1, "recipient": "somebody.with.a.long.name@example.org", "last": reply}] * 2, width)

    assert max(map(len, lines)) <= width
    assert "…" in lines[1]
    assert " ".join(line[width // 2:] for line in lines).count("later") == 2
    assert len(table([{"a": "x" * 50, "b": "y" * 50}], 5)) > 2    # narrower than can be is no reason to fail


def test_times_and_numbers_are_never_cut() -> None:
    """Half a date is none; texts give way for them."""
    rows = [{"id": 123456, "received": 1_893_456_000.0, "from": "x" * 60, "subject": "y" * 60, "size": 123_456_789}] * 2

    assert table(rows, 80)[1] == f"123456  2030-01-01 00:00:00Z  {'x' * 20}…  {'y' * 20}…  118M"


def test_one_row_with_much_in_it_becomes_a_list() -> None:
    """A message's text does not fit a column."""
    assert table([{"id": 1, "the_text": "one\n\ntwo"}]) == ["id:       1", "the text: one", "", "          two"]


def test_nothing_is_said_too() -> None:
    """An empty table is not an error."""
    assert table([]) == ["(none)"]


def test_terminals_get_nothing_but_text() -> None:
    """Neither escape sequences of seven or eight bits, nor a turned direction of writing, nor half a character."""
    assert safe("a\x1b]0;x\x07\x9b2J\u202eb\ud800\r\tc\nd") == f"a{HOLE}]0;x{HOLE}{HOLE}2J{HOLE}b{HOLE}{HOLE}        c\nd"


@pytest.mark.parametrize(("octets", "text"), [
    (0, "0"), (1023, "1023"), (1024, "1k"), (1536, "1.5k"), (150_000, "146k"), (10 * 2**30, "10G"), (2**50, "1024T")])
def test_sizes_are_short(octets: int, text: str) -> None:
    """In the units that --quota takes."""
    assert size(octets) == text


@pytest.mark.parametrize(("seconds", "text"), [(0.4, "0s"), (61, "1m 1s"), (14_400, "4h 0m"), (1_047_600, "12d 3h")])
def test_durations_are_short(seconds: float, text: str) -> None:
    """Their two greatest units."""
    assert duration(seconds) == text


def test_machines_get_a_list_of_objects(capsys: pytest.CaptureFixture[str]) -> None:
    """All values as they are, in ASCII, whatever the locale; people see the columns that were chosen."""
    show(ROWS, as_json=True, columns=("id",))
    out = capsys.readouterr().out
    show(ROWS, as_json=False, columns=("held", "id"))

    assert out.isascii()
    assert json.loads(out) == ROWS
    assert capsys.readouterr().out == "held  id\nno     1\nyes   22\n"


def test_text_and_octets_go_out_as_they_are(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """A raw message is not decoded."""
    show("text", as_json=False)
    show(None, as_json=False)
    show(b"\xff\r\n", as_json=False)
    sys.stdout.flush()

    assert sorted(capfdbinary.readouterr().out) == sorted(b"text\n\xff\r\n")


def test_sentences_and_silence_for_machines(capsys: pytest.CaptureFixture[str]) -> None:
    """What is a sentence for people is an object, and nothing is an empty list: always JSON, always a list."""
    show(None, as_json=True)
    assert json.loads(capsys.readouterr().out) == []
    show("two went", as_json=True)
    assert json.loads(capsys.readouterr().out) == [{"message": "two went"}]
    show(None, as_json=False)
    show("two went", as_json=False)
    assert capsys.readouterr().out == "two went\n"
