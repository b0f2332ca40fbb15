"""`pillarbox vacation …`: what an account answers while its owner is away."""
import sys
from argparse import Namespace
from dataclasses import replace

from mta.flow import people, vacation
from mta.store.vacations import Vacation
from workers.commands.paper import Row
from workers.commands.site import Site

FIELDS = ("first_day", "last_day", "zone", "subject", "text")


def show(site: Site, arguments: Namespace) -> list[Row]:
    """What holds now."""
    account = people.get_account(site.world, arguments.account)
    return [_row(site, vacation.get(site.world, account.id))]


def set_vacation(site: Site, arguments: Namespace) -> list[Row]:
    """Change what was given."""
    account = people.get_account(site.world, arguments.account)
    given = {name: getattr(arguments, name) for name in FIELDS if getattr(arguments, name) is not None}
    if given.get("text") == "-":
        given["text"] = sys.stdin.read()
    if arguments.on is not None:
        given["enabled"] = arguments.on
    kept = vacation.change(site.world, account.id, replace(vacation.get(site.world, account.id), **given), by=site.by)
    return [_row(site, kept)]


def preview(site: Site, arguments: Namespace) -> str:
    """The answer as somebody would get it."""
    account = people.get_account(site.world, arguments.account)
    octets = vacation.preview(site.world, account.id, vacation.get(site.world, account.id))
    return octets.decode("utf-8", "replace").replace("\r\n", "\n").rstrip()


def try_vacation(site: Site, arguments: Namespace) -> list[Row]:
    """Which messages would have had an answer."""
    account = people.get_account(site.world, arguments.account)
    return [{"id": one.message.id, "received": one.message.received,
             "from": ", ".join(str(each.address or each.name or each.raw) for each in one.message.from_), "subject": one.message.subject,
             "answer": f"no: {one.why}" if one.why else f"yes ({one.doubt})" if one.doubt else "yes"}
            for one in vacation.trial(site.world, account.id, arguments.last)]


def _row(site: Site, found: Vacation) -> Row:
    return {"on": found.enabled, "active": found.active(site.clock.timestamp()), **{name: getattr(found, name) for name in FIELDS}}
