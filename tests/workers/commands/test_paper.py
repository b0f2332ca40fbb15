"""workers.commands.paper: results for people and for machines."""
import json

import pytest

from workers.commands.paper import show, table

ROWS = [
    {"id": 1, "subject": "Grüße", "flags": ["seen", "flagged"], "received": 1_893_456_000.0, "last_code": None, "held": False},
    {"id": 22, "subject": "a\x1b[31mb", "flags": [], "received": 1_893_456_001.5, "last_code": 450, "held": True},
]


def test_rows_become_columns() -> None:
    """Aligned, with dates, and without control characters that would paint the terminal."""
    assert table(ROWS) == [
        "id  subject  flags          received             last code  held",
        "1   Grüße    seen, flagged  2030-01-01 00:00:00  -          no",
        "22  a\N{REPLACEMENT CHARACTER}[31mb  -              2030-01-01 00:00:01  450        yes",
    ]


def test_one_row_with_much_in_it_becomes_a_list() -> None:
    """A message's text does not fit a column."""
    assert table([{"id": 1, "text": "one\ntwo"}]) == ["id:   1", "text: one\n      two"]


def test_nothing_is_said_too() -> None:
    """An empty table is not an error."""
    assert table([]) == ["(none)"]


def test_machines_get_a_list_of_objects(capsys: pytest.CaptureFixture[str]) -> None:
    """Values as they are."""
    show(ROWS, as_json=True)

    assert json.loads(capsys.readouterr().out) == ROWS


def test_text_and_octets_go_out_as_they_are(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """A raw message is not decoded."""
    show("text", as_json=False)
    show(None, as_json=False)
    show(b"\xff\r\n", as_json=False)
    import sys
    sys.stdout.flush()

    assert sorted(capfdbinary.readouterr().out) == sorted(b"text\n\xff\r\n")
