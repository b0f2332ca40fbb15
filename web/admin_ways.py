"""The administrator's functions about the ways of outgoing mail: transports and routes."""
from mta.flow import routing, versions, waymaking, ways
from mta.judge.route import DIRECT, FAIL
from mta.store import ways as rows
from mta.store.connection import Connection
from mta.store.ways import RouteRow
from web.api.ways import RoutePage, RouteTrial, TransportDkim, TransportPage, TransportTls, WaysPage
from web.call import Call


def mail_ways(call: Call) -> WaysPage:
    """All transports and routes, those of the configuration file too."""
    world = call.world

    def question(db: Connection) -> WaysPage:
        known = ways.ways_in(db, world)
        made = rows.routes(db)
        files = [RouteRow(0, 0, one.account, one.sender_domain.ascii if one.sender_domain else "",
                          one.recipient_domain.ascii if one.recipient_domain else "", one.attempts, one.transport)
                 for one in world.config.routes]
        waiting = rows.waiting(db)
        shown = {row.name: versions.version(waymaking.transport_fields(row)) for row in rows.transports(db)}
        return WaysPage(
            [TransportPage(one.name, one.host, one.port, one.tls, one.username, one.dkim, one in world.config.transports,
                           waiting.get(one.name, 0), shown.get(one.name, "") if one not in world.config.transports else "")
             for one in known.transports],
            [RoutePage(row.id, number, row.account, row.sender_domain, row.recipient_domain, row.attempts, row.transport,
                       waymaking.named(row), versions.version(waymaking.route_fields(row)) if row.id else "")
             for number, row in enumerate([*made, *files], 1)])

    return world.store.read(question)


def transport_add(call: Call, name: str, host: str, port: int, tls: TransportTls, username: str = "", password: str = "",
                  dkim: TransportDkim = "all") -> WaysPage:
    """Another server that takes outgoing mail; it is used when a route or somebody in the queue says so."""
    waymaking.add_transport(call.world, name, host, port=port, tls=tls, username=username, password=password, dkim=dkim, by=call.by)
    return mail_ways(call)


def transport_change(call: Call, name: str, host: str, port: int, tls: TransportTls, username: str, password: str,
                     dkim: TransportDkim, version: str | None = None) -> WaysPage:
    """Change a transport; an empty password keeps the one it has.

    With its `version`, what somebody else changed meanwhile is not overwritten: user:conflict at "version" says what.
    """
    waymaking.change_transport(call.world, name, host=host, port=port, tls=tls, username=username, password=password, dkim=dkim,
                               version=version, by=call.by)
    return mail_ways(call)


def transport_remove(call: Call, name: str) -> WaysPage:
    """Forget a transport; user:conflict as long as a route or waiting mail uses it."""
    waymaking.remove_transport(call.world, name, by=call.by)
    return mail_ways(call)


def route_save(call: Call, transport: str, id: int = 0, account: str = "", sender_domain: str = "", recipient_domain: str = "",
               attempts: int = 0, position: int = 0, version: str | None = None) -> WaysPage:
    """Add a route (`id` 0) or change one; `position` 1 is looked at first, 0 last.  Mail that waits goes by it at once.

    `version` as for a transport.
    """
    call.wait(waymaking.save_route(call.world, transport, id=id, account=account, sender_domain=sender_domain,
                                   recipient_domain=recipient_domain, attempts=attempts, position=position, version=version, by=call.by))
    return mail_ways(call)


def route_remove(call: Call, id: int) -> WaysPage:
    """Forget a route; mail that waits goes by the others at once."""
    call.wait(waymaking.remove_route(call.world, id, by=call.by))
    return mail_ways(call)


def route_trial(call: Call, recipient: str, sender: str = "", account: str = "", attempts: int = 0) -> RouteTrial:
    """Which way a message would take; `sender` "" is the null sender, `attempts` how often it failed.  Nothing is sent."""
    found = routing.trial(call.world, recipient, sender=sender, account=account, attempts=attempts)
    if not found.next_hop:
        return RouteTrial("here", "", None, "It stays here: the address is one of this server.")
    if found.route is None:
        return RouteTrial("direct", "", None, "No route fits: it goes direct, to the mail hosts of the recipient's domain.")
    made = len(call.world.store.read(rows.routes))
    number = found.number + (made if found.in_file else 0)
    where = " of the configuration file" if found.in_file else ""
    if found.route.transport == DIRECT:
        return RouteTrial("direct", "", number, f"Route {number}{where} fits: it goes direct, to the mail hosts of the recipient's domain.")
    if found.route.transport == FAIL:
        return RouteTrial("fail", "", number, f"Route {number}{where} fits: it is given up, and its sender is told.")
    return RouteTrial("transport", found.route.transport, number, f"Route {number}{where} fits: it goes by {found.route.transport}.")


FUNCTIONS = (mail_ways, transport_add, transport_change, transport_remove, route_save, route_remove, route_trial)
