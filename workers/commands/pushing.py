"""`pillarbox push …`: browsers that are told of new mail."""
import asyncio
from argparse import Namespace

from mta.flow import notifying, people, pushing
from mta.net.resolver import SocketResolver
from mta.store.pushes import BrowserRow
from workers.commands.paper import Row
from workers.commands.site import Site


def list_browsers(site: Site, arguments: Namespace) -> list[Row]:
    """Those of all accounts, or of one."""
    if arguments.account is None:
        return [_row(name, row) for name, row in pushing.everybody(site.world)]
    account = people.get_account(site.world, arguments.account)
    return [_row(account.name, row) for row in pushing.browsers(site.world, account.id)]


def remove(site: Site, arguments: Namespace) -> None:
    """Tell it nothing more."""
    pushing.remove(site.world, people.get_account(site.world, arguments.account).id, arguments.id, by=site.by)


def test(site: Site, arguments: Namespace) -> list[Row]:
    """Tell it something now."""
    world, account = site.world, people.get_account(site.world, arguments.account)

    async def run() -> str:
        try:
            return await notifying.trial(world, account.id, arguments.id)
        finally:
            if isinstance(world.resolver, SocketResolver):
                await world.resolver.close()

    return [{"account": account.name, "id": arguments.id, "taken_by": asyncio.run(run())}]


def _row(account: str, row: BrowserRow) -> Row:
    return {"account": account, "id": row.id, "browser": row.agent, "service": pushing.host(row), "created": row.created,
            "used": row.used, "failed": row.failed, "failure": row.failure, "failures": row.failures}
