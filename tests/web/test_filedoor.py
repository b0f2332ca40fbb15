"""web.filedoor: what comes in is answered like a call; what doors take is tested with each of them."""
import json
from typing import Any

import msgspec
import pytest

from mta.base.errors import NotFound
from mta.base.limits import LIMITS
from web.asgi import Receive, Scope
from web.bridge import GoneError
from web.filedoor import FileDoor


class Taken(msgspec.Struct):
    """What came."""

    length: int


class Counting(FileDoor):
    """Counts what one request brings; problem is raised instead."""

    problem: Exception | None = None

    async def _take(self, scope: Scope, receive: Receive) -> Taken:
        if self.problem:
            raise self.problem
        return Taken(len((await receive())["body"]))


async def nobody(_scope: Scope) -> int:
    """Who sends."""
    return 1


async def ask(door: FileDoor, ends: list[bool]) -> Any:
    """Send five octets; status and content of the answer, [] if there is none.  ends hears of a connection that is cut off."""
    said: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"abcde", "more_body": False}

    async def send(event: Any) -> None:
        said.append(event)

    await door({"type": "http", "method": "POST", "headers": [], "state": {"cut": lambda: ends.append(True)}}, receive, send)
    return said and (said[0]["status"], json.loads(b"".join(event.get("body", b"") for event in said)))


async def test_a_result_is_answered() -> None:
    """As a call does."""
    assert await ask(Counting(nobody, LIMITS, lambda scope, problem: None), []) == (200, {"result": {"length": 5}})


@pytest.mark.parametrize(("problem", "status", "code", "reported"), [
    (NotFound("It is gone."), 404, "user:notFound", 0), (ValueError("never seen before"), 500, "server:error", 1)])
async def test_what_goes_wrong_is_answered(problem: Exception, status: int, code: str, reported: int) -> None:
    """The sender hears of it; we hear of what is our doing."""
    failed: list[Exception] = []
    door = Counting(nobody, LIMITS, lambda scope, seen: failed.append(seen))
    door.problem = problem
    got, content = await ask(door, [])
    assert (got, content["error"]["code"], len(failed)) == (status, code, reported)


async def test_who_has_gone_is_cut_off() -> None:
    """Nobody is there to be answered, and nothing is reported."""
    failed: list[Exception] = []
    ends: list[bool] = []
    door = Counting(nobody, LIMITS, lambda scope, seen: failed.append(seen))
    door.problem = GoneError()
    assert await ask(door, ends) == []
    assert (failed, ends) == ([], [True])
