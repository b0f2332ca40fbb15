"""`pillarbox forward …`: addresses that an account forwards to."""
import asyncio
from argparse import Namespace
from collections.abc import Iterable

from mta.base.tokens import short_id
from mta.flow import forwarding, people
from mta.flow.forwarding import Choices
from mta.store.forwards import Target
from workers.commands.paper import Row
from workers.commands.site import Site


def list_targets(site: Site, arguments: Namespace) -> list[Row]:
    """The addresses of an account."""
    return _rows(forwarding.all_targets(site.world, people.get_account(site.world, arguments.account).id))


def add(site: Site, arguments: Namespace) -> list[Row]:
    """One more, to which a code is mailed."""
    account = people.get_account(site.world, arguments.account).id
    return _rows(asyncio.run(forwarding.add(
        site.world, account, arguments.address, _choices(Choices(), arguments), f"{short_id()}.1", by=site.by)))


def code(site: Site, arguments: Namespace) -> None:
    """Mail another code."""
    account = people.get_account(site.world, arguments.account).id
    asyncio.run(forwarding.send_code(site.world, account, arguments.id, f"{short_id()}.1"))


def confirm(site: Site, arguments: Namespace) -> list[Row]:
    """Let it begin."""
    account = people.get_account(site.world, arguments.account).id
    return _rows(forwarding.confirm(site.world, account, arguments.id, arguments.code, by=site.by))


def set_target(site: Site, arguments: Namespace) -> list[Row]:
    """Change what was given."""
    account = people.get_account(site.world, arguments.account).id
    before = next((one for one in forwarding.all_targets(site.world, account) if one.id == arguments.id), None)
    known = Choices(before.everything, before.keep, before.seal, before.attach) if before else Choices()
    return _rows(forwarding.change(site.world, account, arguments.id, _choices(known, arguments), by=site.by))


def remove(site: Site, arguments: Namespace) -> None:
    """Forward there no longer."""
    forwarding.remove(site.world, people.get_account(site.world, arguments.account).id, arguments.id, by=site.by)


def _choices(before: Choices, arguments: Namespace) -> Choices:
    given = {name: getattr(arguments, name) for name in ("everything", "keep", "seal", "attach")}
    return Choices(**{name: getattr(before, name) if value is None else value for name, value in given.items()})


def _rows(found: Iterable[Target]) -> list[Row]:
    return [{
        "id": one.id, "address": str(one.address), "confirmed": one.confirmed is not None,
        "forwards": "all but junk" if one.everything else "what rules say", "keep": one.keep, "seal": one.seal, "attach": one.attach,
        "forwarded": one.forwarded, "kept": one.kept, "kept_why": one.kept_why} for one in found]
