"""How results are printed: rows as a table for people or as JSON for machines, text as it is."""
import json
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

Row = Mapping[str, Any]
Result = Sequence[Row] | str | bytes | int | None

#: Characters of a line that a person reads at a glance.
WIDTH = 160
#: Fields that are seconds since 1970; people get to see a date.
TIMES = ("received", "created", "due", "at", "last_at")


def show(result: Result, *, as_json: bool) -> None:
    """Print result on standard output."""
    match result:
        case None | int():
            return
        case bytes():
            sys.stdout.buffer.write(result)
        case str():
            print(result)
        case rows if as_json:
            print(json.dumps([dict(row) for row in rows], ensure_ascii=False, indent=1))
        case rows:
            print("\n".join(table(rows)))


def table(rows: Sequence[Row]) -> list[str]:
    """Rows as lines with aligned columns; a single row that is too wide for that as a list of its fields."""
    if not rows:
        return ["(none)"]
    texts = [{name: _text(name, value) for name, value in row.items()} for row in rows]
    names = list(texts[0])
    across = sum(max(len(name), len(text)) + 2 for name, text in texts[0].items())
    if len(rows) == 1 and (across > WIDTH or any("\n" in text or len(text) > 60 for text in texts[0].values())):
        wide = max(map(len, names))
        return [f"{name + ':':<{wide + 2}}" + text.replace("\n", "\n" + " " * (wide + 2)) for name, text in texts[0].items()]
    widths = {name: max(len(name), *(len(text[name]) for text in texts)) for name in names}
    lines = [{name: name.replace("_", " ") for name in names}, *texts]
    return ["  ".join(line[name].ljust(widths[name]) for name in names).rstrip() for line in lines]


def _text(name: str, value: Any) -> str:
    match value:
        case None | "":
            return "-"
        case bool():
            return "yes" if value else "no"
        case float() if name in TIMES:
            return f"{datetime.fromtimestamp(value, UTC):%Y-%m-%d %H:%M:%S}"
        case float():
            return f"{value:.1f}"
        case list() | tuple() if value and isinstance(value[0], dict):
            return "\n".join("  ".join(_text(inner, part) for inner, part in row.items()) for row in value)
        case list() | tuple():
            return ", ".join(map(str, value)) or "-"
        case _:
            return "".join(char if char.isprintable() or char == "\n" else "\N{REPLACEMENT CHARACTER}" for char in str(value))
