"""How much of each part of the program is logged, for a while; then it is as before by itself."""
from dataclasses import dataclass
from typing import Final

from mta.base.errors import UserError
from mta.base.events import LEVELS, Event
from mta.flow.world import World
from mta.store import loudness
from mta.store.loudness import Loud

#: The supervisor is root and reads no file that others may write.
MODULES: Final = tuple(sorted({event.module for event in Event} - {"supervisor"}))
#: Seconds: how long unless somebody says so, and at most.
USUAL, LONGEST = 3_600.0, 86_400.0


@dataclass(frozen=True, slots=True)
class ModuleLevel:
    """What is logged of a module: this level and graver ones; until is None as long as it is that of the configuration."""

    module: str
    level: str
    until: float | None


def levels(world: World) -> list[ModuleLevel]:
    """Every module."""
    now = loudness.load(world.store.directory, world.clock.timestamp())
    return [ModuleLevel(name, now[name].level, now[name].until) if name in now else ModuleLevel(name, world.config.log_level, None)
            for name in MODULES]


def set_level(world: World, module: str, level: str, seconds: float = USUAL, *, by: str) -> list[ModuleLevel]:
    """Log module from level on for so many seconds, or with level "" as the configuration says.  UserError."""
    if module not in MODULES:
        raise UserError(f"there is no module {module!r}; there are: {', '.join(MODULES)}")
    if level and level not in LEVELS:
        raise UserError(f"{level!r} is no level; there are: {', '.join(LEVELS)}")
    if not 60.0 <= seconds <= LONGEST:
        raise UserError("that lasts a minute at least, and a day at most")
    now = world.clock.timestamp()
    loudness.change(world.store.directory, now, module, Loud(level, now + seconds) if level else None)
    how = f"logs {module} from {level} on for {seconds / 60:.0f} minutes" if level else f"logs {module} as the configuration says"
    world.journal.note(Event.SETTING_CHANGED, by=by, what=how)
    return levels(world)
