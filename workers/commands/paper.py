"""How results are printed: rows as a table for people or as JSON for machines, text as it is.

What is printed may come from strangers: nothing of it reaches a terminal as anything but
text.  At a terminal a table is as wide as that; elsewhere as wide as it has to be.
"""
import json
import shutil
import sys
import textwrap
import unicodedata
from collections.abc import Mapping, Sequence, Set
from datetime import UTC, datetime
from typing import Any, Final

Row = Mapping[str, Any]
Result = Sequence[Row] | str | bytes | int | None

#: Fields that are seconds since 1970, octets, and seconds; people get to see a date, a size, a duration.
TIMES: Final = (
    "received", "created", "due", "at", "last_at", "fetched", "valid_until", "used", "since", "until", "settled", "planned", "deleted",
    "next")
SIZES: Final = ("size", "new_size", "quota", "memory")
DURATIONS: Final = ("uptime",)
#: Fields that are worth nothing in part, beside times and numbers.
WHOLE: Final = ("trace", "state", "outcome")
UNITS: Final = ("", "k", "M", "G", "T")
#: Between columns, and the least that is left of a column that has to give way.
GAP, LEAST = 2, 8
#: A single row with longer texts than this, or wider than a person reads at a glance, is a list of its fields.
LONG, WIDE = 60, 160


def show(result: Result, *, as_json: bool, columns: Sequence[str] = ()) -> None:
    """Print result on standard output; of rows people see columns, if there are any."""
    match result:
        case None if as_json:
            print("[]")     # nothing to say is said in the same form
        case None | int():
            return
        case bytes():
            sys.stdout.buffer.write(result)
        case str():
            print(json.dumps([{"message": result}], indent=1) if as_json else result)
        case rows if as_json:
            print(json.dumps([dict(row) for row in rows], indent=1))
        case rows:
            print("\n".join(table([{name: row[name] for name in columns or row} for row in rows], width())))


def width() -> int:
    """Columns of the terminal that standard output is; 0 if it is none."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 0


def table(rows: Sequence[Row], width: int = 0) -> list[str]:
    """Rows as lines with aligned columns; a single row with long values as a list of its fields.

    If width is given, columns that are too wide for it are cut; the last one is folded instead.
    """
    if not rows:
        return ["(none)"]
    texts = [{name: _text(name, value) for name, value in row.items()} for row in rows]
    names = list(texts[0])
    across = sum(max(len(name), len(text)) + GAP for name, text in texts[0].items())
    if len(rows) == 1 and (across > WIDE or any("\n" in text or len(text) > LONG for text in texts[0].values())):
        indent = max(map(len, names)) + GAP
        return [line for name, text in texts[0].items()
                for line in _hanging(f"{name.replace('_', ' ') + ':':<{indent}}", text.split("\n"), indent)]
    heads = {name: name.replace("_", " ") for name in names}
    lines = [heads, *({name: text.replace("\n", " ") for name, text in line.items()} for line in texts)]
    right = {name for name in names if all(isinstance(row[name], int | float | None) and name not in TIMES for row in rows)
             and not all(isinstance(row[name], bool | None) for row in rows)}
    widths = {name: max(_columns(line[name]) for line in lines) for name in names}
    if width:
        _fit(widths, width, whole=right.union(TIMES, WHOLE))
    return [part for line in lines for part in _line(line, widths, right, fold=bool(width))]


def safe(text: str) -> str:
    """text without what would move, paint or reprogram a terminal, or turn the direction of writing; tabs become spaces."""
    return "".join(char if char.isprintable() or char == "\n" else "\N{REPLACEMENT CHARACTER}" for char in text.expandtabs())


def size(octets: int) -> str:
    """Octets as people say them, in the units that the command line takes: 432, 1.1k, 10G."""
    power = min(max(octets.bit_length() - 1, 0) // 10, len(UNITS) - 1)
    amount = octets / 1024 ** power
    return f"{amount:.1f}".removesuffix(".0") + UNITS[power] if amount < 99.95 else f"{amount:.0f}{UNITS[power]}"


def duration(seconds: float) -> str:
    """Seconds as people say them, by their two greatest units: 7s, 3m 2s, 4h 0m, 12d 3h."""
    left = int(seconds)
    parts: list[str] = []
    for unit, length in (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)):
        if left >= length or parts or length == 1:
            parts.append(f"{left // length}{unit}")
            left %= length
    return " ".join(parts[:2])


def _text(name: str, value: Any) -> str:
    match value:
        case None | "":
            return "-"
        case bool():
            return "yes" if value else "no"
        case int() | float() if name in TIMES:
            return f"{datetime.fromtimestamp(value, UTC):%Y-%m-%d %H:%M:%SZ}"
        case 0 if name == "quota":
            return "-"
        case int() if name in SIZES:
            return size(value)
        case int() | float() if name in DURATIONS:
            return duration(value)
        case float():
            return f"{value:.1f}"
        case list() | tuple() if value and isinstance(value[0], dict):
            return "\n".join("  ".join(_text(inner, part) for inner, part in row.items()) for row in value)
        case list() | tuple():
            return safe(", ".join(map(str, value))) or "-"
        case _:
            return safe(str(value))


def _fit(widths: dict[str, int], most: int, whole: Set[str]) -> None:
    """Take from the widest columns, but not from the whole ones, until all fit most characters, or have their least."""
    giving = [name for name in widths if name not in whole]
    while giving and sum(widths.values()) + GAP * (len(widths) - 1) > most:
        widest = max(giving, key=lambda name: widths[name])
        if widths[widest] <= LEAST:
            return
        widths[widest] -= 1


def _line(line: Mapping[str, str], widths: Mapping[str, int], right: set[str], *, fold: bool) -> list[str]:
    *names, last = line
    cells = [_cell(line[name], widths[name], name in right) for name in names]
    start = "".join(cell + " " * GAP for cell in cells)
    text = line[last]
    if not fold or _columns(text) <= widths[last]:
        return [(start + _cell(text, max(widths[last], _columns(text)), last in right)).rstrip()]
    return _hanging(start, textwrap.wrap(text, widths[last]) or [""], sum(widths[name] + GAP for name in names))


def _hanging(start: str, lines: Sequence[str], indent: int) -> list[str]:
    return [(start + lines[0]).rstrip(), *((" " * indent + line).rstrip() for line in lines[1:])]


def _cell(text: str, columns: int, right: bool) -> str:
    """text in exactly that many columns, cut if it has to be."""
    if _columns(text) > columns:
        text = text[:columns]
        while _columns(text) >= columns:
            text = text[:-1]
        text += "…"
    padding = " " * (columns - _columns(text))
    return padding + text if right else text + padding


def _columns(text: str) -> int:
    """How many columns of a terminal text takes: two for wide characters of East Asia and emoji, none for combining ones."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
