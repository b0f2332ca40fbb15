"""How an account wants its webmail to look: kept for the pages, which alone know what it means."""
from typing import Final

from mta.base.errors import UserError
from mta.flow.world import World
from mta.store import accounts

SETTING: Final = "webmail"
#: Characters of all choices together: saved searches are the most of it.
MOST: Final = 32_000


def get(world: World, account: int) -> str:
    """What was kept, "" if nothing was."""
    return str(world.store.read(lambda db: accounts.settings(db, account)).get(SETTING, ""))


def keep(world: World, account: int, text: str) -> None:
    """Keep text instead; UserError if it is too long."""
    if len(text) > MOST:
        raise UserError(f"the choices are too long: at most {MOST} characters, saved searches included")
    world.store.write_now(lambda db: accounts.set_setting(db, account, SETTING, text))
