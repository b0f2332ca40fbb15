"""Typed calls over HTTP: POST /api/<application>/<function> with a JSON object of arguments.

The answer is {"result": …} or {"error": {"code", "message", "place"}}.  What is our fault
(`server:…`) is noted and counted; the caller learns no more than that.
"""
from collections.abc import Mapping
from typing import Any

import msgspec
from bottle import HTTPResponse

from mta.base.errors import NotFound, UserError
from mta.base.events import Event
from mta.base.measures import Measure
from mta.base.names import ip_address
from mta.base.tokens import short_id
from mta.flow import audit
from mta.flow.world import World
from web import audited
from web.call import Call, House
from web.guard import Realm, check_origin, check_owner, check_token, set_cookie
from web.registry import APIS
from web.rpc import Function, SignedOutError, blamed, explain

#: The header with the session's CSRF token.
TOKEN = "HTTP_X_PILLARBOX_CSRF"

Answer = tuple[int, bytes, list[tuple[str, str]]]


class Calls:
    """Answers POST /api/<application>/<function>."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._encode = msgspec.json.Encoder().encode

    @property
    def world(self) -> World:
        """What is served."""
        return self._house.world

    def answer(self, facts: Mapping[str, Any], app: str, name: str) -> HTTPResponse:
        """Run one call; every outcome is JSON."""
        journal, clock = self._house.world.journal, self._house.world.clock
        began, code = clock.monotonic(), "ok"
        try:
            status, body, headers = self._answer(facts, app, name)
        except Exception as problem:
            status, error = explain(problem)
            code = error.code
            if error.code.startswith("server:"):
                journal.note(
                    Event.WEB_ERROR, ip=facts["REMOTE_ADDR"], path=facts["PATH_INFO"], where=blamed(problem),
                    problem=f"{type(problem).__name__}: {problem}")
            body, headers = self._encode({"error": error}), []
        journal.measure(Measure.CALLS, 1, app, code)
        journal.measure(Measure.CALL_SECONDS, clock.monotonic() - began, app)
        return HTTPResponse(body, status, headers=[("Content-Type", "application/json"), *headers])

    def _answer(self, facts: Mapping[str, Any], app: str, name: str) -> Answer:
        api = APIS.get(app)
        function = api.functions.get(name) if api else None
        if function is None:
            raise NotFound(f"There is no function {app}/{name}.")
        check_origin(facts.get("HTTP_HOST", ""), facts.get("HTTP_ORIGIN", ""), facts.get("HTTP_SEC_FETCH_SITE", ""))
        # A form of another site cannot send this type without asking us first (CORS), and we never agree.
        if facts.get("CONTENT_TYPE", "").partition(";")[0].strip().lower() != "application/json":
            raise UserError("Calls are POSTed as application/json.")
        call = self.call(facts, "admin" if app == "admin" else "account")
        if not function.open:
            self._admit(call, facts)
            if call.session is not None and app != "webmail":
                check_owner(call.session)
        result = self._run(call, app, function, function.read(facts["wsgi.input"].read()))
        headers = [("Set-Cookie", set_cookie(call.realm, is_secure(facts), call.secret))] if call.renewed else []
        return 200, self._encode({"result": result}), headers

    def _run(self, call: Call, app: str, function: Function, arguments: Mapping[str, Any]) -> Any:
        """Run a function; what may change something has an entry in the audit log before, which says after what came of it."""
        if not audited.is_change(app, function.name):
            return function.run(call, **arguments)
        entry, outcome = audited.begin(call, app, function.name, arguments), "ok"
        try:
            return function.run(call, **arguments)
        except Exception as problem:
            outcome = explain(problem)[1].code
            raise
        finally:
            audit.finish(self._house.world, entry, outcome)

    def call(self, facts: Mapping[str, Any], realm: Realm) -> Call:
        """Who asks."""
        session, secret = self._house.guard.session(realm, facts.get("HTTP_COOKIE", ""), is_secure(facts))
        agent = facts.get("HTTP_USER_AGENT", "")[:200]
        ip, pages = ip_address(facts["REMOTE_ADDR"]), facts["pillarbox.pages"]
        return Call(self._house, realm, session, secret, ip, agent, short_id(), pages=pages)

    def _admit(self, call: Call, facts: Mapping[str, Any]) -> None:
        if call.session is None:
            raise SignedOutError("Nobody is signed in.")
        check_token(call.session, facts.get(TOKEN, ""))
        self._house.guard.touch(call.realm, call.session, call.secret)


def is_secure(facts: Mapping[str, Any]) -> bool:
    """Whether the request came under TLS."""
    return bool(facts["wsgi.url_scheme"] == "https")
