"""Two people who change the same thing: who was late is told what the other one changed, and nothing is overwritten.

A version is a short text that goes to a page with what it shows and comes back with what
it changes: a digest of each field.  So a conflict can name the fields, and no column has
to be kept up to date.  Whoever sends none (the command line, a program) overwrites, as
they mean to.
"""
import hashlib
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from mta.base.errors import Conflict


class EditConflict(Conflict):
    """Somebody else was faster; pages know it by its place."""

    place = "version"


#: Hexadecimal digits of a field's digest: changes are to be noticed, nobody is to be kept from forging one.
DIGITS: Final = 8
#: Characters of a value that a conflict shows, and of a version that is looked at.
SHOWN, LONGEST = 60, 4_000


def version(fields: Mapping[str, Any]) -> str:
    """The version of something with these fields."""
    return ",".join(f"{name}:{_digest(value)}" for name, value in sorted(fields.items()))


def require(given: str | None, fields: Mapping[str, Any], what: str) -> None:
    """EditConflict, with what has changed since, unless given is the version of fields; None is always right."""
    if given is None:
        return
    known = dict(part.split(":", 1) for part in given[:LONGEST].split(",") if ":" in part)
    changed = [name for name, value in sorted(fields.items()) if known.get(name) != _digest(value)]
    if changed:
        now = ", ".join(f"{name.replace('_', ' ')} is {_shown(fields[name])} now" for name in changed)
        raise EditConflict(f"somebody else changed {what} meanwhile: {now}. Load it again, and make your change once more")


def _digest(value: Any) -> str:
    return hashlib.sha256(msgspec.json.encode(value)).hexdigest()[:DIGITS]


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    text = " ".join(text.split())
    return f"“{text[:SHOWN]}{'…' if len(text) > SHOWN else ''}”" if isinstance(value, str) else text[:SHOWN]
