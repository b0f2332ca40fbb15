"""Accounts that answer and forward, for tests of flows."""
from typing import Any

from mta.base.names import Address
from mta.flow import people
from mta.flow.forwarding import Choices
from mta.flow.world import World
from mta.store import forwards
from mta.store.connection import Connection


def account_id(world: World, name: str) -> int:
    """The id of an account."""
    return people.get_account(world, name).id


def confirmed(world: World, account: str, address: str, **choices: Any) -> int:
    """Let an account forward to an address that has confirmed it; the id of that."""
    given, ann = Choices(**choices), account_id(world, account)

    def change(db: Connection) -> int:
        id = forwards.add(db, world.clock, ann, Address.parse(address), given.everything, given.keep, given.seal, given.attach)
        forwards.set_code(db, world.clock, ann, id, "code", 60.0)
        assert forwards.confirm(db, world.clock, ann, id, "code", 5)
        return id
    return world.store.write_now(change)
