"""web.identities: names, addresses, identities and signatures, through the API."""
from typing import Any

from tests.web.conftest import Browser

NEW: dict[str, Any] = {"id": 0, "name": "Ann A.", "address": "ann@example.org", "reply_to": "x@else.example", "signature": "Ann"}


def test_identities(ann: Browser) -> None:
    """Made, changed, put first and forgotten; the webmail writes as the first."""
    first = ann.call("account/identity_save", identity=NEW)["identities"][0]
    assert first == {**NEW, "id": first["id"], "version": first["version"]}
    second = ann.call("account/identity_save", identity={**NEW, "name": "Second", "signature": ""})["identities"][1]
    assert [one["name"] for one in ann.call("account/identity_usual", id=second["id"])["identities"]] == ["Second", "Ann A."]
    ann.call("account/identity_save", identity={**first, "signature": "Ann\nHarbour"})
    known = ann.call("webmail/state")["identities"]
    assert [(one["name"], one["signature"]) for one in known] == [("Second", ""), ("Ann A.", "Ann\nHarbour")]
    assert [one["id"] for one in ann.call("account/identity_remove", id=second["id"])["identities"]] == [first["id"]]
    assert ann.call("webmail/compose")["text"] == "\n\n-- \nAnn\nHarbour"


def test_names_and_addresses(ann: Browser) -> None:
    """The account's name, an address's own one, and where its mail goes."""
    assert ann.call("account/full_name_change", name="Ann Example")["full_name"] == "Ann Example"
    sales = ann.call("webmail/mailbox_add", name="Sales")["id"]
    shown = ann.call("account/address_change", address="ann@example.org", display_name="Sales", mailbox_id=sales)
    [one] = shown["addresses"]
    assert one == {"address": "ann@example.org", "display_name": "Sales", "mailbox_id": sales, "version": one["version"]}
    [back] = ann.call("account/address_change", address="ann@example.org", display_name="", mailbox_id=None)["addresses"]
    assert back["mailbox_id"] is None
    assert ann.call("account/persona")["usable"] == ["ann@example.org"]


def test_two_pages(ann: Browser) -> None:
    """Who saves what another has changed meanwhile is told what, and changes nothing."""
    was = ann.call("account/persona")
    first = ann.call("account/identity_save", identity=NEW)["identities"][0]
    ann.call("account/identity_save", identity={**first, "signature": "Harbour"})
    said = ann.refused("account/identity_save", identity={**first, "signature": "Boat"})
    assert (said["code"], said["place"]) == ("user:conflict", "version")
    assert "signature is “Harbour” now" in said["message"]
    ann.call("account/full_name_change", name="Ann B.", version=was["version"])
    assert "“Ann B.”" in ann.refused("account/full_name_change", name="Ann C.", version=was["version"])["message"]
    sales = ann.call("webmail/mailbox_add", name="Sales")["id"]
    [address] = was["addresses"]
    wanted = {"address": "ann@example.org", "display_name": "", "version": address["version"]}
    [address] = ann.call("account/address_change", **wanted, mailbox_id=sales)["addresses"]
    assert "mailbox is “Sales” now" in ann.refused("account/address_change", **wanted, mailbox_id=None)["message"]
    ann.call("account/address_change", **{**wanted, "version": address["version"]}, mailbox_id=None)


def test_mistakes(ann: Browser) -> None:
    """Are said as the caller's doing."""
    assert ann.refused("account/identity_save", identity={**NEW, "address": "bob@example.org"})["code"] == "user:notAllowed"
    assert ann.refused("account/identity_save", identity={**NEW, "address": "x"})["code"] == "user:error"
    assert ann.refused("account/identity_save", identity={**NEW, "id": 99})["code"] == "user:notFound"
    assert ann.refused("account/identity_usual", id=99)["code"] == "user:notFound"
    assert ann.refused("account/identity_remove", id=99)["code"] == "user:notFound"
    assert ann.refused("account/full_name_change", name="x" * 101)["code"] == "user:error"
    assert ann.refused("account/address_change", address="bob@example.org", display_name="", mailbox_id=None)["code"] == "user:notFound"
