"""Verbs about the ways of outgoing mail: transports and routes."""
from typing import Final

from workers.verb import Verb, count, take

NAME = take("name", metavar="NAME", help="name of the transport")
ROUTE = take("id", metavar="ID", type=count, help="id of a route, as `route list` shows it")
SERVER = (
    take("--port", type=count, metavar="PORT", help="the port it listens on (587)"),
    take("--tls", choices=("starttls", "implicit", "opportunistic", "none"),
         help="starttls (usual) and implicit insist on a verified certificate; opportunistic takes what it gets"),
    take("--username", metavar="NAME", help="name to sign in with; asks for the password"),
    take("--dkim", choices=("all", "rsa", "none"), help="which DKIM signatures are put on mail that takes this way (all)"))
MAIL = (
    take("--account", metavar="ACCOUNT", help="only mail that this account sends"),
    take("--from", dest="sender_domain", metavar="DOMAIN", help="only from addresses at this domain"),
    take("--to", dest="recipient_domain", metavar="DOMAIN", help="only to addresses at this domain"),
    take("--attempts", type=int, metavar="N", help="only what failed this often before"),
    take("--position", type=count, metavar="N", help="look at it as the Nth; else it is the last, or stays where it is"))
ROUTES = """\
The first route that fits decides; those of the configuration file come after all others,
and without a route mail goes direct.  WAY is the name of a transport, direct, or fail:
the mail is given up and its sender told.  Mail that waits goes by a changed route at
once, unless somebody chose its way (`queue route`)."""

VERBS: Final = (
    Verb("transport list", "ways:list_transports", "List the servers that can take outgoing mail.", examples=("pillarbox transport list",),
         data=True, columns=("name", "host", "port", "tls", "username", "dkim", "in_file", "waiting")),
    Verb("transport add", "ways:add_transport", "Add a server that takes outgoing mail, where a route says so.", (
        NAME, take("host", metavar="HOST", help="its host name or IP address"), *SERVER),
        ("pillarbox transport add relay smtp.relay.example --username me",
         "pillarbox transport add office 192.0.2.25 --port 25 --tls opportunistic"), data=True),
    Verb("transport set", "ways:set_transport", "Change a transport.", (
        NAME, take("--host", metavar="HOST", help="its host name or IP address"), *SERVER,
        take("--password", dest="new_password", action="store_true", help="ask for a new password")),
        ("pillarbox transport set relay --port 465 --tls implicit", "pillarbox transport set relay --password"), data=True),
    Verb("transport remove", "ways:remove_transport", "Forget a transport that no route names.", (NAME,),
         ("pillarbox transport remove relay",), data=True),
    Verb("route list", "ways:list_routes", "List the routes of outgoing mail in the order they are looked at.",
         examples=("pillarbox route list",), data=True,
         columns=("id", "number", "account", "from", "to", "attempts", "transport")),
    Verb("route add", "ways:add_route", "Send some mail another way.", (
        take("transport", metavar="WAY", help="name of a transport, direct or fail"), *MAIL),
        ("pillarbox route add relay --to outlook.com", "pillarbox route add relay --attempts 3",
         "pillarbox route add fail --account web --to example.net"), data=True, more=ROUTES),
    Verb("route set", "ways:set_route", "Change a route.", (
        ROUTE, take("--transport", metavar="WAY", help="name of a transport, direct or fail"), *MAIL),
        ("pillarbox route set 3 --position 1", "pillarbox route set 3 --to ''"), data=True, more=ROUTES),
    Verb("route remove", "ways:remove_route", "Forget a route.", (ROUTE,), ("pillarbox route remove 3",), data=True),
    Verb("route try", "ways:try_route", "Say which way a message would take; nothing is sent.", (
        take("recipient", metavar="RECIPIENT", help="whom it is for"),
        take("--from", dest="sender", metavar="ADDRESS", help="its sender; the null sender unless given"),
        take("--account", metavar="ACCOUNT", help="the account that sends it"),
        take("--attempts", type=int, default=0, metavar="N", help="how often it failed before (0)")),
        ("pillarbox route try bob@example.net --from ann@example.org --account ann",), data=True),
)
