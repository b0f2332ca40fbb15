"""web.admin_masks: where masked addresses may be made, and how many."""
from mta.flow.world import World
from tests.web.conftest import Browser


def test_domains_and_limits(admin: Browser, ann: Browser, served: World) -> None:
    """What is decided here holds on the account's page."""
    ann.call("account/mask_add")
    shown = admin.call("admin/mask_rules")
    assert shown["domains"] == [{"domain": "example.org", "allowed": True}]
    assert {"account": "ann", "used": 1, "most": 500} in shown["accounts"]
    assert {"account": "ann", "used": 1, "most": 1} in admin.call("admin/mask_limit", account="ann", most=1)["accounts"]
    assert "may have 1" in ann.refused("account/mask_add")["message"]
    assert {"account": "ann", "used": 1, "most": 500} in admin.call("admin/mask_limit", account="ann", most=None)["accounts"]
    assert admin.call("admin/mask_domain", domain="example.org", allowed=False)["domains"][0]["allowed"] is False
    assert ann.refused("account/mask_add")["code"] == "user:error"


def test_mistakes(admin: Browser, ann: Browser) -> None:
    """Are said; an account decides none of it."""
    assert admin.refused("admin/mask_domain", domain="no.example", allowed=True)["code"] == "user:notFound"
    assert admin.refused("admin/mask_limit", account="nobody", most=1)["code"] == "user:notFound"
    assert admin.refused("admin/mask_limit", account="ann", most=-1)["code"] in ("user:badArgument", "user:error")
    assert ann.refused("admin/mask_rules")["code"] == "user:signedOut"
