"""`pillarbox dnsbl check`."""
import json
from argparse import Namespace

from mta.base.errors import UserError
from mta.flow import blocklists
from workers.commands import asking, paper
from workers.commands.paper import Row
from workers.commands.site import Site
from workers.commands.tls import asking as asking_dns


def check(site: Site, arguments: Namespace) -> int:
    """Each list, whether it works and whether it has the address; 1 if one does not work or has it."""
    ip = asking.ip(arguments) if arguments.ip else None
    zones = tuple(map(asking.domain, arguments.lists))
    config = None if zones else asking.configured(site)
    if config:
        zones = blocklists.configured(config)
    if not zones:
        raise UserError("no block list is configured ([judge] dnsbl); name one with --list")
    rows, questions = asking.ask(site, arguments, lambda resolver: blocklists.check(zones, ip, resolver))
    if arguments.json:
        print(json.dumps([{**row, "questions": questions} for row in rows], indent=1))
    else:
        paper.show([_short(row) for row in rows], as_json=False)
        print(f"\n{questions} questions asked of {arguments.zone or 'the DNS'}.")
    return 0 if all(row["works"] and not row.get("listed") for row in rows) else 1


def status(site: Site, arguments: Namespace) -> list[Row]:
    """The configured lists as last examined, with what they say of our own addresses."""
    zones = blocklists.configured(site.world.config)
    if not zones:
        raise UserError("no block list is configured: name some in dnsbl of [judge]")
    if arguments.now:
        asking_dns(site.world, lambda: blocklists.watch(site.world))
    known = {one.zone: one for one in blocklists.health(site.world)}
    listed = {zone: [str(one.ip) for one in blocklists.standings(site.world) if one.zone == zone and one.listed] for zone in zones}
    return [{"list": str(zone), "works": not known[zone].problem if zone in known else None, "listed": listed[zone],
             "problem": known[zone].problem if zone in known else "nobody has looked yet", "at": known[zone].at if zone in known else None}
            for zone in zones]


def _short(row: Row) -> Row:
    """A row for people: what is wrong, or what the list said."""
    listed = {} if "ip" not in row else {"listed": row["listed"], "answer": ", ".join(row["codes"]) or "-"}
    return {"list": row["zone"], "works": row["works"], **listed, "problem": row["problem"] or "-"}
