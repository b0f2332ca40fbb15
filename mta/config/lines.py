"""Where each setting stands in a TOML text, since tomllib does not tell.

Only for pointing people to a line: what the scan does not understand (inline tables,
dotted keys) gets the line of what is around it.
"""
import re
from collections import Counter

#: From the top to a setting: names of tables, places in arrays of tables, name of the setting.
Way = tuple[str | int, ...]

HEADER = re.compile(r"\s*(\[\[?)([^\]]+)\]")
KEY = re.compile(r"\s*(\"[^\"]*\"|'[^']*'|[A-Za-z0-9_-]+)\s*[.=]")


class Lines:
    """The lines of one text."""

    def __init__(self, text: str) -> None:
        self._of: dict[Way, int] = {}
        table: Way = ()
        seen: Counter[Way] = Counter()
        for number, line in enumerate(text.splitlines(), 1):
            if header := HEADER.match(line):
                table = tuple(part.strip().strip("\"'") for part in header[2].split("."))
                if header[1] == "[[":
                    seen[table] += 1
                    table = (*table, seen[table] - 1)
                self._of.setdefault(table, number)
            elif key := KEY.match(line):
                self._of.setdefault((*table, key[1].strip("\"'")), number)

    @property
    def all(self) -> dict[Way, int]:
        """The line of each table and each setting."""
        return dict(self._of)

    def of(self, way: Way, *, exactly: bool = False) -> int:
        """The line of what way leads to, else (unless exactly) of the nearest thing around it; 0 for the whole file."""
        while way and way not in self._of and not exactly:
            way = way[:-1]
        return self._of.get(way, 0)
