"""web.masks: masked addresses and keys, through the API."""
from dataclasses import replace

from mta.config.model import Listener
from mta.flow import masking
from mta.flow.world import World
from tests.flow.away import account_id
from tests.web.conftest import Browser


def test_masks(ann: Browser, served: World) -> None:
    """Made, switched off, noted and removed."""
    made = ann.call("account/mask_add", site="shop.example", note="for shoes")
    [mask] = made["all"]["masks"]
    assert (mask["address"], mask["site"], mask["note"], mask["on"]) == (made["address"], "shop.example", "for shoes", True)
    assert (made["all"]["most"], made["all"]["domains"]) == (500, ["example.org"])
    changed = ann.call("account/mask_change", id=mask["id"], on=False, note="sold")["masks"][0]
    assert (changed["on"], changed["site"], changed["note"]) == (False, "shop.example", "sold")
    assert ann.call("account/mask_remove", id=mask["id"])["masks"] == ann.call("account/masks")["masks"] == []
    assert ann.refused("account/mask_change", id=mask["id"], on=True)["code"] == "user:notFound"
    assert ann.refused("account/mask_add", domain="else.example")["code"] == "user:error"


def test_keys(ann: Browser, served: World) -> None:
    """Shown once."""
    made = ann.call("account/mask_key_add", label="laptop")
    [key] = made["all"]["keys"]
    assert masking.holder(served, made["secret"]) == (key["id"], account_id(served, "ann"))
    assert made["secret"] not in str(ann.call("account/masks"))
    assert ann.call("account/mask_key_remove", id=key["id"])["keys"] == []
    assert ann.refused("account/mask_key_remove", id=key["id"])["code"] == "user:notFound"


def test_where_password_managers_go(ann: Browser, served: World) -> None:
    """Where others reach the account's page, and nowhere if they do not."""
    for pages, server in ((("webmail",), ""), (("account",), "https://mx.example.org")):
        served.config = replace(served.config, listeners=(Listener("public", ("192.0.2.25",), https=443, web=pages),))
        assert ann.call("account/masks")["server"] == server


def test_in_the_state(ann: Browser) -> None:
    """One may write from it, without a name."""
    made = ann.call("account/mask_add")
    assert {"name": "", "address": made["address"], "signature": ""} in ann.call("webmail/state")["identities"]
