"""Accounts as the log calls them: by their names, since a number tells a reader nothing."""
from mta.flow.world import World
from mta.store import accounts


def named(world: World, account: int) -> str:
    """The name of an account; its number if it is gone."""
    row = world.store.read(lambda db: accounts.get(db, account))
    return row.name if row is not None else str(account)
