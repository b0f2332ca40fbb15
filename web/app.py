"""The Bottle application: calls and their documentation, message documents, built pages, public pages.

Made by a function, without Bottle's default application.  Handlers run in threads of
`web.bridge`; none of them holds a rule: they parse, ask one function, answer.
"""
from collections.abc import Mapping
from functools import cache
from typing import Any

from bottle import Bottle, HTTPError, HTTPResponse, request

from mta.net.challenges import Answers
from web import aliases, challenge, documents, importdoor, public
from web.apidoc import pages
from web.calls import Calls
from web.files import Files
from web.registry import APIS
from web.view import Views

#: The page of each application, in web/static.
PAGES = ("webmail", "account", "admin")


@cache
def documentation() -> Mapping[str, bytes]:
    """The documentation of the APIs by path; asked for before the fork, it costs the web role nothing.  SetupError: see pages()."""
    return {path: text.encode() for path, text in pages(APIS.values()).items()}


def make_app(calls: Calls, views: Views, files: Files, answers: Answers) -> Bottle:
    """Every page that is not an event stream or an upload."""
    app = Bottle()
    app.config["catchall"] = False      # what goes wrong is noted by web.site
    app.default_error_handler = _plain_error
    _add_calls(app, calls)
    _add_views(app, views)
    _add_files(app, files)
    public.add_routes(app, calls.world)
    documents.add_routes(app, calls.world)
    challenge.add_routes(app, answers)
    aliases.add_routes(app, calls.world)
    importdoor.add_routes(app, calls)
    return app


def _add_calls(app: Bottle, calls: Calls) -> None:
    described = documentation()

    @app.post("/api/<application>/<function>")      # type: ignore[untyped-decorator]  # bottle has no types
    def call(application: str, function: str) -> HTTPResponse:
        return calls.answer(request.environ, application, function)

    def describe() -> HTTPResponse:
        return HTTPResponse(described[request.path], 200, headers=[
            ("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-cache")])

    for path in described:
        app.get(path)(describe)


def _add_views(app: Bottle, views: Views) -> None:
    @app.get("/webmail/message/<id:re:[0-9]{1,15}>/<form:re:html|outside|source|raw>")  # type: ignore[untyped-decorator]  # bottle has no types
    def view(id: str, form: str) -> HTTPResponse:
        return views.answer(request.environ, int(id), form)

    @app.get("/webmail/message/<id:re:[0-9]{1,15}>/part/<part:re:[0-9.]{1,100}>")     # type: ignore[untyped-decorator]  # bottle has no types
    def download(id: str, part: str) -> HTTPResponse:
        return views.part(request.environ, int(id), part)

    @app.get("/webmail/message/<id:re:[0-9]{1,15}>/show/<part:re:[0-9.]{1,100}>")     # type: ignore[untyped-decorator]  # bottle has no types
    def show(id: str, part: str) -> HTTPResponse:
        return views.shown(request.environ, int(id), part)

    @app.get("/webmail/message/<id:re:[0-9]{1,15}>/attachments.zip")     # type: ignore[untyped-decorator]  # bottle has no types
    def archive(id: str) -> HTTPResponse:
        return views.zip(request.environ, int(id))


def _add_files(app: Bottle, files: Files) -> None:
    def send(facts: Mapping[str, Any], name: str) -> HTTPResponse:
        found = files.answer(name, facts.get("HTTP_ACCEPT_ENCODING", ""), facts.get("HTTP_IF_NONE_MATCH", ""), version_of(facts))
        if found is None:
            raise HTTPError(404)
        status, body, headers = found
        return HTTPResponse(body, status, headers=headers)

    @app.get("/webmail/worker.js")      # type: ignore[untyped-decorator]  # bottle has no types
    def worker() -> HTTPResponse:
        # Here, since it has a say in what is below its own path only.
        return send(request.environ, "worker.js")

    @app.get("/static/<name>")      # type: ignore[untyped-decorator]  # bottle has no types
    def static(name: str) -> HTTPResponse:
        return send(request.environ, name)

    @app.get("/<page:re:webmail|account|admin>/")   # type: ignore[untyped-decorator]  # bottle has no types
    def application(page: str) -> HTTPResponse:
        return send(request.environ, f"{page}.html")

    @app.get("/<page:re:(?:api/)?(?:webmail|account|admin)|api>")    # type: ignore[untyped-decorator]  # bottle has no types
    def slash(page: str) -> HTTPResponse:
        return HTTPResponse("", 308, headers=[("Location", f"/{page}/")])

    @app.get("/favicon.ico")        # type: ignore[untyped-decorator]  # bottle has no types
    def icon() -> HTTPResponse:
        return send(request.environ, "icon.svg")


def version_of(facts: Mapping[str, Any]) -> str:
    """The hash that an address of a file names (`?v=…`), "" if none."""
    return next((part[2:] for part in str(facts.get("QUERY_STRING", "")).split("&") if part.startswith("v=")), "")


def _plain_error(error: HTTPError) -> str:
    error.set_header("Content-Type", "text/plain; charset=utf-8")
    return f"{error.status_line}\n"
