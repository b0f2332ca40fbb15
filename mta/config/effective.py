"""The configuration in force, setting by setting, each with where its value comes from."""
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mta.config.lines import Way
from mta.config.model import Config
from mta.config.parse import is_table, settings


@dataclass(frozen=True, slots=True)
class Effective:
    """One setting: its name with those of its tables, its value as the file would have it, and its help.

    line is where it stands in the file, 0 for a default; changed says whether the value is
    another than the default.
    """

    name: str
    value: str
    line: int
    changed: bool
    help: str


def effective(config: Config) -> list[Effective]:
    """Every setting, in the order of the sample file."""
    return list(_table(config, (), config.origins))


def _table(table: Any, way: Way, origins: Any) -> Iterator[Effective]:
    for one in settings(type(table)):
        value, here = getattr(table, one.name), (*way, one.name)
        if is_table(type(value)):
            yield from _table(value, here, origins)
        elif isinstance(value, tuple) and value and is_table(type(value[0])):
            for number, inner in enumerate(value):
                yield from _table(inner, (*here, getattr(inner, "name", number)), origins)
        # A name stands in the way already, and where there is no table there are no settings.
        elif not (one.name == "name" and way) and one.metadata["help"]:
            line = origins.get(here, 0)
            yield Effective(".".join(map(str, here)), _written(value), line, value != one.default, one.metadata["help"])


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return f"[{', '.join(map(_written, value))}]"
    return str(value) if isinstance(value, int) else "" if value is None else f'"{value}"'
