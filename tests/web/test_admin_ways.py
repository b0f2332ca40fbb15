"""web.admin_ways: transports and routes over HTTP."""
from dataclasses import replace

import pytest

from mta.config.model import Route, Transport
from tests.web.conftest import Browser
from web.call import House

RELAY = {"name": "relay", "host": "relay.test", "port": 587, "tls": "starttls"}


def test_transports(admin: Browser) -> None:
    """Made, changed, removed; the password is never told."""
    [one] = admin.call("admin/transport_add", **RELAY, username="me", password="s3cret")["transports"]
    assert one == {**RELAY, "username": "me", "dkim": "all", "in_file": False, "waiting": 0, "version": one["version"]}
    [one] = admin.call("admin/transport_change", **{**one_of(one), "port": 465, "tls": "implicit", "password": ""})["transports"]
    assert (one["port"], one["username"]) == (465, "me")
    assert admin.refused("admin/transport_add", **RELAY)["code"] == "user:conflict"
    assert admin.refused("admin/transport_add", **{**RELAY, "name": "fail"})["code"] == "user:error"
    assert admin.refused("admin/transport_add", **{**RELAY, "tls": "ssl"})["code"] == "user:badArgument"
    admin.call("admin/route_save", transport="relay")
    assert admin.refused("admin/transport_remove", name="relay")["code"] == "user:conflict"
    [route] = admin.call("admin/mail_ways")["routes"]
    admin.call("admin/route_remove", id=route["id"])
    assert admin.call("admin/transport_remove", name="relay") == {"transports": [], "routes": []}
    assert admin.refused("admin/transport_remove", name="relay")["code"] == "user:notFound"


def test_two_administrators(admin: Browser) -> None:
    """Who saves what another has changed meanwhile is told what; the password is not told, and moving counts."""
    [one] = admin.call("admin/transport_add", **RELAY, username="me", password="s3cret")["transports"]
    wanted = {**one_of(one), "password": "", "version": one["version"]}
    admin.call("admin/transport_change", **{**wanted, "port": 465, "password": "0ther"})
    said = admin.refused("admin/transport_change", **wanted)
    assert (said["code"], said["place"]) == ("user:conflict", "version")
    assert "port is 465 now" in said["message"]
    assert "0ther" not in said["message"]
    admin.call("admin/route_save", transport="relay", recipient_domain="b.test")
    first, _ = admin.call("admin/route_save", transport="relay", recipient_domain="c.test")["routes"]
    asked = {"transport": "direct", "id": first["id"], "recipient_domain": "b.test", "position": 2, "version": first["version"]}
    admin.call("admin/route_save", **asked)
    said = admin.refused("admin/route_save", **asked)
    assert said["place"] == "version"
    assert "place is 2 now" in said["message"]
    assert "transport is “direct” now" in said["message"]


def one_of(shown: dict[str, object]) -> dict[str, object]:
    """What a change takes of what was shown."""
    return {name: shown[name] for name in ("name", "host", "port", "tls", "username", "dkim")}


@pytest.mark.parametrize(("asked", "way", "number"), [
    ({"recipient": "bob@c.test"}, "direct", None), ({"recipient": "ann@example.org"}, "here", None),
    ({"recipient": "bob@b.test"}, "fail", 2), ({"recipient": "bob@b.test", "account": "ann"}, "direct", 1),
    ({"recipient": "bob@c.test", "attempts": 3}, "transport", 3),
])
def test_a_trial(admin: Browser, house: House, asked: dict[str, object], way: str, number: int | None) -> None:
    """In words, with the number that the list has, those of the file behind the others."""
    world = house.world
    world.config = replace(world.config, transports=(Transport("filed", "file.test"),), routes=(Route(transport="filed", attempts=2),))
    admin.call("admin/route_save", transport="fail", recipient_domain="b.test")
    known = admin.call("admin/route_save", transport="direct", account="ann", position=1)
    assert [(one["number"], one["transport"], bool(one["id"])) for one in known["routes"]] == [
        (1, "direct", True), (2, "fail", True), (3, "filed", False)]
    told = admin.call("admin/route_trial", **asked)
    assert (told["way"], told["route"], told["transport"]) == (way, number, "filed" if way == "transport" else "")
    assert admin.refused("admin/route_trial", recipient="nobody")["code"] == "user:error"
    assert admin.refused("admin/route_save", transport="relay")["code"] == "user:notFound"
    assert admin.refused("admin/route_remove", id=99)["code"] == "user:notFound"
