"""`pillarbox transport …` and `pillarbox route …`."""
import asyncio
from argparse import Namespace

from mta.base.errors import NotFound
from mta.flow import routing, waymaking, ways
from mta.store import ways as rows
from mta.store.ways import RouteRow, TransportRow
from workers.commands.paper import Row
from workers.commands.site import Site


def list_transports(site: Site, arguments: Namespace) -> list[Row]:
    """Those of the file, then those made here."""
    world = site.world
    waiting = world.store.read(rows.waiting)
    return [{"name": one.name, "host": one.host, "port": one.port, "tls": one.tls, "username": one.username, "dkim": one.dkim,
             "in_file": one in world.config.transports, "waiting": waiting.get(one.name, 0)} for one in ways.ways(world).transports]


def add_transport(site: Site, arguments: Namespace) -> str:
    """Another server."""
    password = site.secret(f"password of {arguments.username}") if arguments.username else ""
    made = waymaking.add_transport(
        site.world, arguments.name, arguments.host, port=arguments.port or 587, tls=arguments.tls or "starttls",
        username=arguments.username or "", password=password, dkim=arguments.dkim or "all", by=site.by)
    return f"transport {made.name} added; send mail by it with `pillarbox route add {made.name}`"


def set_transport(site: Site, arguments: Namespace) -> str:
    """Change one."""
    asked = arguments.new_password or arguments.username
    password = site.secret(f"password for {arguments.name}") if asked else None
    made: TransportRow = waymaking.change_transport(
        site.world, arguments.name, host=arguments.host, port=arguments.port, tls=arguments.tls, username=arguments.username,
        password=password, dkim=arguments.dkim, by=site.by)
    return f"transport {made.name} changed"


def remove_transport(site: Site, arguments: Namespace) -> str:
    """Forget one."""
    waymaking.remove_transport(site.world, arguments.name, by=site.by)
    return f"transport {arguments.name} removed"


def list_routes(site: Site, arguments: Namespace) -> list[Row]:
    """In the order they are looked at; those of the file have no id."""
    made = [_row(row, row.id) for row in site.world.store.read(rows.routes)]
    files: list[Row] = [{"id": None, "account": one.account, "from": str(one.sender_domain or ""), "to": str(one.recipient_domain or ""),
                         "attempts": one.attempts, "transport": one.transport} for one in site.world.config.routes]
    return [{**row, "number": number} for number, row in enumerate([*made, *files], 1)]


def add_route(site: Site, arguments: Namespace) -> str:
    """Another route."""
    made = asyncio.run(waymaking.save_route(
        site.world, arguments.transport, account=arguments.account or "", sender_domain=arguments.sender_domain or "",
        recipient_domain=arguments.recipient_domain or "", attempts=arguments.attempts or 0, position=arguments.position or 0, by=site.by))
    return f"route {made.id} added: {waymaking.named(made)}"


def set_route(site: Site, arguments: Namespace) -> str:
    """Change what was typed; an empty option takes a condition away."""
    was = next((row for row in site.world.store.read(rows.routes) if row.id == arguments.id), None)
    if was is None:
        raise NotFound(f"there is no route {arguments.id}; `pillarbox route list` has their ids")

    def new(value: str | None, old: str) -> str:
        return old if value is None else value

    made = asyncio.run(waymaking.save_route(
        site.world, new(arguments.transport, was.transport), id=was.id, account=new(arguments.account, was.account),
        sender_domain=new(arguments.sender_domain, was.sender_domain),
        recipient_domain=new(arguments.recipient_domain, was.recipient_domain),
        attempts=was.attempts if arguments.attempts is None else arguments.attempts, position=arguments.position or was.position,
        by=site.by))
    return f"route {made.id} changed: {waymaking.named(made)}"


def remove_route(site: Site, arguments: Namespace) -> str:
    """Forget one."""
    asyncio.run(waymaking.remove_route(site.world, arguments.id, by=site.by))
    return f"route {arguments.id} removed; mail that waits goes by the others"


def try_route(site: Site, arguments: Namespace) -> list[Row]:
    """Which way a message would take."""
    found = routing.trial(site.world, arguments.recipient, sender=arguments.sender or "", account=arguments.account or "",
                          attempts=arguments.attempts)
    where = "" if found.route is None else f"{found.number} of the {'configuration file' if found.in_file else 'list'}"
    return [{"next_hop": found.next_hop or "here", "way": found.route.transport if found.route else "direct" if found.next_hop else "here",
             "route": where}]


def _row(row: RouteRow, ident: int) -> Row:
    return {"id": ident, "account": row.account, "from": row.sender_domain, "to": row.recipient_domain, "attempts": row.attempts,
            "transport": row.transport}
