"""Pages by which an authority sees that a name is ours (ACME http-01, RFC 8555 §8.3)."""
from bottle import Bottle, HTTPError, HTTPResponse

from mta.net.challenges import Answers


def add_routes(app: Bottle, answers: Answers) -> None:
    """Add the page to app; it is there, for everybody and without TLS, as long as a proof is awaited."""
    @app.get("/.well-known/acme-challenge/<token>")     # type: ignore[untyped-decorator]  # bottle has no types
    def proof(token: str) -> HTTPResponse:
        page = answers.page(token)
        if page is None:
            raise HTTPError(404)
        return HTTPResponse(page, 200, headers=[("Content-Type", "application/octet-stream"), ("Cache-Control", "no-store")])
