"""Documents that mail programs ask for without signing in: settings in four forms, and profiles for who has a link.

The Host of a request decides whether it is about us, whichever port and scheme it came by.
They are there without TLS too: Thunderbird asks so when it got no answer over TLS, which is
so for every domain whose name autoconfig.DOMAIN has no certificate (yet), and a proxy in
front of us may have taken TLS off.  Nothing is lost by that: who can change what travels
without TLS can answer in our place whether we do or not, and the servers that the document
names prove themselves by their certificates.

How often a network asks is bounded.  No answer depends on which addresses there are.
"""
import json
from collections.abc import Callable
from typing import Final
from urllib.parse import parse_qsl

from bottle import Bottle, HTTPError, HTTPResponse, request

from mta.base.errors import NotFound
from mta.base.limits import LIMITS
from mta.base.names import Domain, ip_address
from mta.flow import appleprofile, autoconfig, autodiscover, clients, profilelinks
from mta.flow.autodiscover import INVALID, BadRequest
from mta.flow.world import World
from mta.judge.rates import Rate

RATE: Final = Rate("client-documents", 60.0, LIMITS.client_documents)
XML: Final = ("Content-Type", "application/xml; charset=utf-8")
JSON: Final = ("Content-Type", "application/json; charset=utf-8")
#: Microsoft's programs write it in three ways.
FOLDER: Final = "/<folder:re:[Aa]uto[Dd]iscover>/<file:re:[Aa]uto[Dd]iscover>"
#: Fields of a query; programs send one or two.
FIELDS: Final = 20

Page = Callable[[], HTTPResponse]


def add_routes(app: Bottle, world: World) -> None:
    """Add the documents to app."""
    for path in autoconfig.PATHS:
        app.get(path)(lambda: _bounded(world, lambda: _autoconfig(world)))
    app.post(f"{FOLDER}.xml")(lambda folder, file: _bounded(world, lambda: _autodiscover(world)))
    app.get(f"{FOLDER}.xml")(lambda folder, file: _bounded(world, lambda: _elsewhere(world)))
    app.get(f"{FOLDER}.json")(lambda folder, file: _bounded(world, lambda: _place(world, _query("email"))))
    app.get(f"{FOLDER}.json/v1.0/<address>")(lambda folder, file, address: _bounded(world, lambda: _place(world, address)))
    app.get(profilelinks.PATH)(lambda: _bounded(world, lambda: _profile(world)))


def _bounded(world: World, page: Page) -> HTTPResponse:
    """The page, unless the network has asked too often; what a proxy on this machine passes on comes from everywhere."""
    ip = ip_address(request.environ["REMOTE_ADDR"])
    if ip.is_loopback:
        return page()
    if RATE.over(world.tally, ip):
        return HTTPResponse("Too many requests from your network; try again in a minute.\n", 429,
                            headers=[("Content-Type", "text/plain; charset=utf-8"), ("Retry-After", "60")])
    RATE.add(world.tally, ip)
    return page()


def _autoconfig(world: World) -> HTTPResponse:
    return HTTPResponse(autoconfig.document(world.config, _domain(world, _query("emailaddress"))), 200, headers=[XML])


def _autodiscover(world: World) -> HTTPResponse:
    _domain(world, "")
    try:
        address, schema = autodiscover.read(request.environ["wsgi.input"].read())
    except BadRequest:
        return HTTPResponse(autodiscover.error(world.clock, INVALID), 400, headers=[XML])
    _domain(world, address.ascii)
    return HTTPResponse(autodiscover.answer(world.config, world.clock, address, schema), 200, headers=[XML])


def _elsewhere(world: World) -> HTTPResponse:
    """Outlook's last try is without TLS at the domain's own name: it is led to the name that has a certificate."""
    _domain(world, "")
    place = clients.web_url(world.config, autodiscover.PATH)
    if clients.host_name(request.environ.get("HTTP_HOST", "")) == world.config.hostname:
        return HTTPResponse(autodiscover.error(world.clock, INVALID), 405, headers=[XML, ("Allow", "POST")])
    return HTTPResponse("", 302, headers=[("Location", place)])


def _place(world: World, address: str) -> HTTPResponse:
    _domain(world, address)
    status, found = autodiscover.place(world.config, _query("protocol"))
    return HTTPResponse(json.dumps(found), status, headers=[JSON])


def _profile(world: World) -> HTTPResponse:
    if request.method != "GET":    # a look at the head must not use the link up
        raise HTTPError(405)
    try:
        body = profilelinks.fetch(world, _query("link"))
    except NotFound as problem:
        return HTTPResponse(f"{problem}\n", 404, headers=[("Content-Type", "text/plain; charset=utf-8")])
    return HTTPResponse(body, 200, headers=[
        ("Content-Type", appleprofile.TYPE), ("Content-Disposition", f'attachment; filename="{appleprofile.NAME}"')])


def _domain(world: World, address: str) -> Domain:
    """Whom the request is about; 404 for everybody else."""
    domain = clients.domain_of(world, request.environ.get("HTTP_HOST", ""), address)
    if domain is None:
        raise HTTPError(404)
    return domain


def _query(name: str) -> str:
    """A field of the query, its name in any case; "" if it is not there."""
    try:
        fields = parse_qsl(request.environ.get("QUERY_STRING", ""), errors="replace", max_num_fields=FIELDS)
    except ValueError:
        raise HTTPError(400) from None
    return next((value for key, value in fields if key.lower() == name), "")
