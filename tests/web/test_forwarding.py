"""web.forwarding: addresses to forward to, through the API."""
from typing import Any

from mta.flow.world import World
from tests.flow import test_forwarding as flows
from tests.flow.test_forwarding import FAR
from tests.web.conftest import Browser

CHOICES: dict[str, Any] = {"everything": True, "keep": "archive", "seal": True, "attach": False}


def test_from_adding_to_removing(ann: Browser, served: World) -> None:
    """A code is mailed, told, and what is chosen comes back."""
    [target] = ann.call("account/forward_add", address=FAR, choices=CHOICES)
    assert (target["address"], target["confirmed"], target["choices"]) == (FAR, False, CHOICES)
    assert ann.refused("account/forward_confirm", id=target["id"], code="x")["code"] == "user:notAllowed"
    ann.call("account/forward_code", id=target["id"])
    [target] = ann.call("account/forward_confirm", id=target["id"], code=flows.code(served))
    assert target["confirmed"] is True
    [target] = ann.call("account/forward_change", id=target["id"], choices={**CHOICES, "everything": False})
    assert target["choices"] == {**CHOICES, "everything": False}
    assert ann.call("account/forwards") == [target]
    wanted = {"id": target["id"], "choices": CHOICES, "version": target["version"]}
    ann.call("account/forward_change", **wanted)
    said = ann.refused("account/forward_change", **wanted)
    assert (said["code"], said["place"]) == ("user:conflict", "version")
    assert "everything is on now" in said["message"]
    assert ann.call("account/forward_remove", id=target["id"]) == []


def test_mistakes(ann: Browser) -> None:
    """Are said as the caller's doing."""
    assert ann.refused("account/forward_add", address="ann@example.org", choices=CHOICES)["code"] == "user:error"
    assert ann.refused("account/forward_add", address=FAR, choices={**CHOICES, "keep": "trash"})["code"] == "user:badArgument"
    for function, more in (("forward_change", {"choices": CHOICES}), ("forward_remove", {}), ("forward_code", {}),
                           ("forward_confirm", {"code": "x"})):
        assert ann.refused(f"account/{function}", id=99, **more)["code"] == "user:notFound"
