"""web.admin_people: domains, accounts, addresses, aliases by calls."""
from tests.web.conftest import Browser


def test_a_domain(admin: Browser) -> None:
    """A domain comes with keys and records, is changed, and goes again."""
    page = admin.call("admin/domain_add", name="Bücher.example", description="shop")
    assert page["line"] == {"name": "bücher.example", "description": "shop", "enabled": True, "addresses": 0, "aliases": 0}
    assert {key["algorithm"]: key["signing"] for key in page["keys"]} == {"rsa": True, "ed25519": False}
    assert page["caution"] == ""
    kinds = [(record["name"], record["kind"]) for record in page["records"]]
    assert ("xn--bcher-kva.example.", "MX") in kinds
    assert sum(name.endswith("._domainkey.xn--bcher-kva.example.") for name, _ in kinds) == 2
    selector = next(key["selector"] for key in page["keys"] if key["algorithm"] == "ed25519")
    signing = admin.call("admin/dkim_signing", domain="bücher.example", selector=selector, signing=True)
    assert all(key["signing"] for key in signing["keys"])
    changed = admin.call(
        "admin/domain_change", name="bücher.example", description="", enabled=False, catchall="bob", separator="-", case_sensitive=True)
    assert (changed["catchall"], changed["separator"], changed["case_sensitive"], changed["line"]["enabled"]) == ("bob", "-", True, False)
    assert {line["name"] for line in admin.call("admin/domains")} == {"bücher.example", "example.org"}
    admin.call("admin/domain_remove", name="bücher.example")
    assert admin.refused("admin/domain", name="bücher.example")["code"] == "user:notFound"
    assert admin.refused("admin/domain_remove", name="example.org")["code"] == "user:conflict"
    assert admin.refused("admin/domain_add", name="not a domain")["code"] == "user:error"


def test_the_policy_of_a_domain(admin: Browser) -> None:
    """Set with its DNS records beside it; what cannot be is told."""
    policy = admin.call("admin/domain", name="example.org")["policy"]
    assert policy == {"mode": "off", "max_age": 604_800, "mx": [], "id": "", "version": policy["version"]}
    page = admin.call("admin/domain_policy", name="example.org", mode="testing", max_age=86_400, mx="mx2.example.org")
    assert (page["policy"]["mode"], page["policy"]["max_age"], page["policy"]["mx"]) == ("testing", 86_400, ["mx2.example.org"])
    assert f'"v=STSv1; id={page["policy"]["id"]}"' in [record["value"] for record in page["records"]]
    assert admin.refused("admin/domain_policy", name="example.org", mode="testing", max_age=0, mx="")["code"] == "user:error"
    assert admin.refused("admin/domain_policy", name="example.org", mode="x", max_age=1, mx="")["code"] == "user:badArgument"


def test_the_dns_of_a_domain(admin: Browser) -> None:
    """Nobody has looked; then it is looked at and kept, with what should be there."""
    assert admin.call("admin/domain_dns", name="example.org") == {
        "at": None, "sections": [], "history": [], "tests": [], "score": None}
    found = admin.call("admin/domain_check", name="example.org")
    assert found["at"] is not None
    assert {part["name"]: part["verdict"] for part in found["sections"]}["DMARC"] == "wrong"
    assert any("v=DMARC1" in line for part in found["sections"] for line in part["records"])
    assert {"part": "DMARC, DKIM and SPF", "about": "there is a DMARC record", "passed": False} in found["tests"]
    assert found["score"] < 100
    assert found["history"][0]["errors"] == sum(len(part["errors"]) for part in found["sections"])
    assert admin.call("admin/domain_dns", name="example.org") == found
    assert admin.refused("admin/domain_check", name="elsewhere.test")["code"] == "user:notFound"


def test_an_account(admin: Browser) -> None:
    """An account comes with an address, is changed, gets a password, and goes with its sessions."""
    page = admin.call("admin/account_add", name="Cat", password="cat's password", full_name="Cat", address="cat@example.org")
    assert (page["line"]["name"], page["line"]["addresses"], page["messages_per_day"]) == ("cat", ["cat@example.org"], 0)
    cat = Browser(admin.app)
    cat.call("webmail/login", name="cat@example.org", password="cat's password")
    changed = admin.call(
        "admin/account_change", name="cat", full_name="The Cat", enabled=True, quota=10_000, messages_per_day=5, first_time_per_day=0)
    assert (changed["line"]["full_name"], changed["line"]["quota"], changed["messages_per_day"]) == ("The Cat", 10_000, 5)
    admin.call("admin/account_password", name="cat", password="a new password")
    assert cat.refused("webmail/mailboxes")["code"] == "user:signedOut"
    cat.call("webmail/login", name="cat", password="a new password")
    admin.call("admin/account_change", name="cat", full_name="", enabled=False, quota=0, messages_per_day=0, first_time_per_day=0)
    assert cat.refused("webmail/mailboxes")["code"] == "user:signedOut"
    assert cat.refused("webmail/login", name="cat", password="a new password")["code"] == "user:notAllowed"
    admin.call("admin/account_remove", name="cat")
    assert [line["name"] for line in admin.call("admin/accounts")] == ["ann", "bob"]
    assert admin.refused("admin/account_add", name="dog", password="short")["code"] == "user:error"
    assert admin.refused("admin/account_remove", name="ann")["code"] == "user:conflict"


def test_addresses_and_aliases(admin: Browser) -> None:
    """Addresses belong to accounts, aliases to nobody; both show on their domain."""
    page = admin.call("admin/address_add", account="ann", address="sales@example.org")
    assert page["line"]["addresses"] == ["ann@example.org", "sales@example.org"]
    admin.call("admin/alias_add", address="all@example.org", members=["ann@example.org", "friend@elsewhere.example"])
    assert [one["sendable"] for one in admin.call("admin/aliases")] == [False]
    admin.call("admin/alias_change", address="all@example.org", members=["bob@example.org"], sendable=True)
    [alias] = admin.call("admin/aliases")
    assert alias == {"address": "all@example.org", "members": ["bob@example.org"], "sendable": True, "post": "everybody",
                     "version": alias["version"]}
    bob = Browser(admin.app)
    bob.call("webmail/login", name="bob", password="bob's password")
    assert [one["address"] for one in bob.call("account/state")["identities"]] == ["bob@example.org", "all@example.org"]
    domain = admin.call("admin/domain", name="example.org")
    assert {one["address"]: one["account"] for one in domain["addresses"]} == {
        "ann@example.org": "ann", "bob@example.org": "bob", "sales@example.org": "ann"}
    assert (domain["line"]["addresses"], domain["line"]["aliases"]) == (3, 1)
    assert admin.refused("admin/address_add", account="bob", address="sales@example.org")["code"] == "user:conflict"
    admin.call("admin/alias_remove", address="all@example.org")
    admin.call("admin/address_remove", address="sales@example.org")
    assert admin.call("admin/aliases") == []
    assert admin.refused("admin/address_remove", address="sales@example.org")["code"] == "user:notFound"


def test_a_key_is_changed(admin: Browser) -> None:
    """Begun, shown with what is to be done, looked at, given up."""
    page = admin.call("admin/dkim_rotate", domain="example.org", algorithm="rsa", selector="next")
    assert [(one["new"], one["stage"]) for one in page["changes"]] == [("next", "publish")]
    assert "next" in [key["selector"] for key in page["keys"]]
    assert admin.refused("admin/dkim_rotate", domain="example.org", algorithm="rsa")["code"] == "user:conflict"
    assert admin.refused("admin/dkim_rotate", domain="example.org", algorithm="dsa")["code"] == "user:badArgument"
    assert admin.refused("admin/dkim_remove", domain="example.org", selector="next")["code"] == "user:conflict"
    assert admin.call("admin/dkim_look", domain="example.org")["changes"][0]["looked"] is not None
    assert admin.call("admin/dkim_give_up", domain="example.org", selector="next")["changes"] == []
    assert admin.refused("admin/dkim_give_up", domain="example.org", selector="next")["code"] == "user:notFound"


def test_who_may_write_to_an_alias(admin: Browser) -> None:
    """Chosen, changed, left as it is."""
    admin.call("admin/alias_add", address="all@example.org", members=["ann@example.org"], post="members")
    admin.call("admin/alias_change", address="all@example.org", members=["ann@example.org"], sendable=False)
    assert admin.call("admin/aliases")[0]["post"] == "members"
    admin.call("admin/alias_change", address="all@example.org", members=["ann@example.org"], sendable=False, post="domain")
    assert admin.call("admin/aliases")[0]["post"] == "domain"
    wrong = admin.refused("admin/alias_add", address="b@example.org", members=["ann@example.org"], post="nobody")
    assert wrong["code"] == "user:badArgument"
