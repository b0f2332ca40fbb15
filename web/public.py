"""Pages for everybody: the entrance, what robots may see, whether we are well."""
from bottle import Bottle, HTTPResponse

TEXT = ("Content-Type", "text/plain; charset=utf-8")


def add_routes(app: Bottle) -> None:
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
