"""mta.flow.waymaking: transports and routes as people make them."""
from dataclasses import replace
from typing import Any

import pytest

from mta.base.errors import Conflict, NotFound, UserError
from mta.base.events import Event, Recorded
from mta.config.model import Transport
from mta.flow import waymaking
from mta.flow.opening import Opening
from mta.flow.ways import ways
from mta.flow.world import World
from tests.flow.outbox import facts


def test_a_transport(served: World, recorded: Recorded) -> None:
    """Its password is kept until there is another one or no user, and is never in the log."""
    made = waymaking.add_transport(served, " Relay ", "[2001:db8::1]", username="me", password="s3cret", by="admin")
    assert (made.name, made.host, made.port, made.tls) == ("relay", "2001:db8::1", 587, "starttls")
    waymaking.change_transport(served, "relay", host="bücher.example", port=465, tls="implicit", password="", by="admin")
    found = ways(served).named("relay")
    assert found is not None
    assert (found.host, found.port, found.tls, found.username, found.password) == (
        "xn--bcher-kva.example", 465, "implicit", "me", "s3cret")
    assert "s3cret" not in repr(found)
    assert "s3cret" not in str([one["what"] for one in facts(recorded, Event.SETTING_CHANGED)])
    assert waymaking.change_transport(served, "relay", username="", tls="none", by="admin").password == ""
    waymaking.remove_transport(served, "relay", by="admin")
    assert ways(served).transports == ()


async def test_it_signs_in_with_that_password(served: World) -> None:
    """As with one from a file."""
    waymaking.add_transport(served, "relay", "relay.test", username="me", password="s3cret", by="admin")
    given: list[Any] = []

    class Talker:
        async def sign_in(self, username: str, password: str, clear: bool) -> None:
            given.append((username, password, clear))

    await Opening(served)._sign_in(Talker(), ways(served).transports[0])    # type: ignore[arg-type]
    assert given == [("me", "s3cret", False)]


@pytest.mark.parametrize("wrong", [
    {"name": ""}, {"name": "a b"}, {"name": "direct"}, {"name": "fail"}, {"name": "filed"}, {"host": "a..b"}, {"host": ""}, {"port": 0},
    {"port": 65_536}, {"username": "me"}, {"password": "s"}, {"username": "me", "password": "s", "tls": "none"},
    {"username": "m\n", "password": "s\n"}, {"username": "me", "password": "s" * 10_000}, {"tls": "ssl"}, {"dkim": "some"},
])
def test_mistakes(served: World, wrong: dict[str, Any]) -> None:
    """Each is told before anything is kept."""
    served.config = replace(served.config, transports=(Transport("filed", "file.test"),))
    with pytest.raises(UserError):
        waymaking.add_transport(served, **{"name": "relay", "host": "relay.test", "by": "admin", **wrong})
    assert [one.name for one in ways(served).transports] == ["filed"]


async def test_what_is_not_there(served: World) -> None:
    """Names of nothing, of the file, and of what is still used."""
    served.config = replace(served.config, transports=(Transport("filed", "file.test"),))
    with pytest.raises(UserError, match="configuration file"):
        waymaking.remove_transport(served, "filed", by="admin")
    with pytest.raises(NotFound):
        waymaking.change_transport(served, "relay", port=25, by="admin")
    mistakes: list[tuple[type[Exception], dict[str, Any]]] = [
        (NotFound, {"transport": "relay"}), (NotFound, {"account": "carl"}), (UserError, {"sender_domain": "a..b"}),
        (UserError, {"attempts": -1}), (NotFound, {"id": 7}), (UserError, {"attempts": 101})]
    for error, wrong in mistakes:
        with pytest.raises(error):
            await waymaking.save_route(served, **{"transport": "direct", "by": "admin", **wrong})
    made = await waymaking.save_route(served, "filed", recipient_domain="@B.test", attempts=1, by="admin")
    assert waymaking.named(made) == "mail to b.test that failed once goes by filed"
    with pytest.raises(Conflict):
        await waymaking.save_route(served, "direct", recipient_domain="b.test", attempts=1, by="admin")
    changed = await waymaking.save_route(served, "direct", id=made.id, by="admin")
    assert waymaking.named(changed) == "all mail goes direct"
    with pytest.raises(NotFound):
        await waymaking.remove_route(served, made.id + 1, by="admin")
