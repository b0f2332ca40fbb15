"""A change of settings, and who made it: the same for all that pages and the command line can change."""
from collections.abc import Callable
from typing import TypeVar

from mta.base.events import Event
from mta.flow.world import World
from mta.store.connection import Connection

T = TypeVar("T")


def adopt(world: World, by: str, what: str, change: Callable[[Connection], T]) -> T:
    """Commit a change, then note that by did it; what says so in the past tense.  What change raises leaves all as it was."""
    result = world.store.write_now(change)
    world.journal.note(Event.SETTING_CHANGED, by=by, what=what)
    return result
