"""Every change has an entry in the audit log before it is made, and says in it afterwards what came of it.

The places where all changes come through write the entries (web.calls, workers.auditing),
so no function can forget it.  An entry that cannot be written keeps the change from being
made, unless the disk is full: then changes that make room must still be possible.
"""
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from mta.base.errors import NoRoom
from mta.base.events import Event
from mta.base.limits import LIMITS
from mta.flow.world import World
from mta.store import audit
from mta.store.audit import Entry

#: Arguments that are never written down.
SECRET: Final = frozenset({"password", "old", "new", "code", "secret", "key", "token", "endpoint"})
HIDDEN: Final = "…"
#: Characters of one argument that are kept.
ONE: Final = 200


def summary(arguments: Mapping[str, Any]) -> str:
    """Arguments in short, for people, without what is secret; those that ask for nothing are left out."""
    said = [f"{name}={_short(name, given)}" for name, given in arguments.items() if given is not None]
    return " ".join(said)[:LIMITS.audit_arguments]


def begin(world: World, who: str, origin: str, function: str, arguments: Mapping[str, Any]) -> int | None:
    """Write the entry; None if there is no room for it, which is noted."""
    said = summary(arguments)
    try:
        return world.store.write_now(lambda db: audit.begin(db, world.clock, who, origin, function, said))
    except NoRoom:
        world.journal.note(Event.SETTING_CHANGED, by=f"{who} at {origin}", what=f"{function} {said} (no room for the audit log)")
        return None


def finish(world: World, entry: int | None, outcome: str) -> None:
    """Say what came of it; "ok" or the code of an error."""
    if entry is not None:
        world.store.write_now(lambda db: audit.finish(db, entry, outcome))


def listing(world: World, *, before: int | None = None, limit: int = 100, text: str = "", since: float = 0.0, who: str = "") -> list[Entry]:
    """Entries, the newest first."""
    return world.store.read(lambda db: audit.listing(db, before=before, limit=limit, text=text, since=since, who=who))


def _short(name: str, given: Any) -> str:
    if name in SECRET:
        return HIDDEN if given else '""'
    plain = msgspec.to_builtins(given)
    text = plain if isinstance(plain, str) else msgspec.json.encode(_open(plain)).decode()
    text = " ".join(text.split())
    shown = text if len(text) <= ONE else f"{text[:ONE]}{HIDDEN}"
    return shown if shown and " " not in shown else f'"{shown}"'


def _open(given: Any) -> Any:
    """The same without what is secret in it."""
    if isinstance(given, Mapping):
        return {name: HIDDEN if name in SECRET else _open(value) for name, value in given.items()}
    return [_open(one) for one in given] if isinstance(given, Sequence) and not isinstance(given, str) else given
