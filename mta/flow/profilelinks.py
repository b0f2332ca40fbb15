"""Profiles for whoever has the link: made by a signed-in account, fetched once by its telephone.

The link leads to the public pages, since a telephone may not reach those that one signs in
to; it works once and for ten minutes, and what it leads to holds no password.  The secret
is in the query, which no journal of ours keeps.
"""
from typing import Final

from mta.base.errors import NotFound
from mta.base.limits import LIMITS
from mta.base.names import Address
from mta.base.tokens import secret_text
from mta.flow import appleprofile, clients
from mta.flow.world import World
from mta.store import accounts
from mta.store import profilelinks as rows
from mta.store.connection import Connection

PATH: Final = "/profile.mobileconfig"
#: Longer secrets are none of ours.
SECRET: Final = 100
GONE: Final = "This link was used already or is older than ten minutes: make a new one on the page of your account."


def make(world: World, account: int, address: str) -> str:
    """The URL of a new link to the profile for an address of an account; NotFound.  Blocks."""
    if reason := appleprofile.lacking(world.config):
        raise NotFound(reason)
    secret = secret_text()

    def change(db: Connection) -> None:
        own = next((one.address for one in accounts.addresses(db, account) if address in (one.address.ascii, str(one.address))), None)
        if own is None:
            raise NotFound(f"{address} is no address of yours")
        rows.add(db, world.clock, account, own.ascii, secret, LIMITS.profile_link_age, LIMITS.profile_links)

    world.store.write_now(change)
    return clients.web_url(world.config, f"{PATH}?link={secret}")


def fetch(world: World, secret: str) -> bytes:
    """The profile that a link leads to, which is used up; NotFound.  Blocks."""
    if not 0 < len(secret) <= SECRET or not world.store.read(lambda db: rows.known(db, world.clock, secret)):
        raise NotFound(GONE)

    def change(db: Connection) -> tuple[Address, str]:
        taken = rows.take(db, world.clock, secret)
        if taken is None:
            raise NotFound(GONE)
        account, address = accounts.get(db, taken[0]), Address.parse(taken[1])
        still = [one.address for one in accounts.addresses(db, taken[0])]
        if account is None or not account.enabled or address not in still:
            raise NotFound(GONE)
        return address, account.full_name

    return appleprofile.profile(world.config, world.clock, *world.store.write_now(change))
