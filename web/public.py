"""Pages for everybody: the entrance, what robots may see, whether we are well, policies of our domains."""
from bottle import Bottle, HTTPError, HTTPResponse, request

from mta.flow import ownpolicy
from mta.flow.world import World
from mta.secure.mtasts import PATH

TEXT = ("Content-Type", "text/plain; charset=utf-8")


def add_routes(app: Bottle, world: World) -> None:
    """Add the public pages to app."""
    @app.get("/")       # type: ignore[untyped-decorator]  # bottle has no types
    def entrance() -> HTTPResponse:
        return HTTPResponse("", 302, headers=[("Location", "/webmail/")])

    @app.get("/robots.txt")     # type: ignore[untyped-decorator]  # bottle has no types
    def robots() -> HTTPResponse:
        return HTTPResponse("User-agent: *\nDisallow: /\n", 200, headers=[TEXT, ("Cache-Control", "public, max-age=86400")])

    @app.get("/healthz")        # type: ignore[untyped-decorator]  # bottle has no types
    def healthy() -> HTTPResponse:
        return HTTPResponse("ok\n", 200, headers=[TEXT])

    @app.get(PATH)      # type: ignore[untyped-decorator]  # bottle has no types
    def policy() -> HTTPResponse:
        # The Host decides, whichever port and scheme it came by: a proxy in front of us may have taken off TLS, and
        # what is read without TLS binds nobody (RFC 8461 §3.3).
        text = ownpolicy.page(world, request.environ.get("HTTP_HOST", ""))
        if text is None:
            raise HTTPError(404)
        return HTTPResponse(text, 200, headers=[TEXT])
