"""Two people who change the same thing: who was late is told what changed, and overwrites nothing."""
from typing import Any

from tests.web.conftest import Browser
from web.bridge import Wsgi


def told(error: dict[str, str]) -> str:
    """The message of a conflict between two people."""
    assert (error["code"], error["place"]) == ("user:conflict", "version")
    return error["message"]


def second(app: Wsgi) -> Browser:
    """Another administrator."""
    browser = Browser(app)
    browser.call("admin/login", password="admin's password")
    return browser


def test_domains(admin: Browser, app: Wsgi) -> None:
    """Settings and policy; nothing at all of the late change is kept; without a version it overwrites."""
    other = second(app)
    page = admin.call("admin/domain", name="example.org")
    given: dict[str, Any] = {"name": "example.org", "description": "mine", "enabled": True, "catchall": "", "separator": "+",
                             "case_sensitive": False, "version": page["version"]}
    changed = other.call("admin/domain_change", **{**given, "description": "theirs", "catchall": "bob"})
    late = {**given, "catchall": "ann"}
    assert "catchall is “bob” now, description is “theirs” now" in told(admin.refused("admin/domain_change", **late))
    assert admin.call("admin/domain", name="example.org")["catchall"] == "bob"
    admin.call("admin/domain_change", **{**given, "version": changed["version"]})
    other.call("admin/domain_change", **{**given, "version": None, "description": "a program's"})

    page = admin.call("admin/domain", name="example.org")
    policy = {"name": "example.org", "mode": "testing", "max_age": 86_400, "mx": "", "version": page["policy"]["version"]}
    other.call("admin/domain_policy", **policy)
    assert "mode is “testing” now" in told(admin.refused("admin/domain_policy", **{**policy, "mode": "enforce"}))


def test_accounts_and_aliases(admin: Browser, app: Wsgi) -> None:
    """What is counted by itself (size, messages) is no change."""
    other = second(app)
    page = admin.call("admin/account", name="ann")
    given = {"name": "ann", "full_name": "Ann", "enabled": True, "quota": 10**9, "messages_per_day": 0, "first_time_per_day": 0,
             "version": page["version"]}
    other.call("admin/account_change", **{**given, "enabled": False})
    assert "enabled is off now, quota is 1000000000 now" in told(admin.refused("admin/account_change", **given))
    assert admin.call("admin/account", name="ann")["line"]["enabled"] is False

    admin.call("admin/alias_add", address="all@example.org", members=["ann@example.org"])
    [alias] = admin.call("admin/aliases")
    late = {"address": alias["address"], "members": ["bob@example.org"], "sendable": False, "version": alias["version"]}
    other.call("admin/alias_change", **{**late, "members": ["ann@example.org", "bob@example.org"]})
    assert "members is" in told(admin.refused("admin/alias_change", **late))
    assert admin.refused("admin/alias_change", **{**late, "address": "none@example.org"})["code"] == "user:notFound"


def test_one_account_in_two_browsers(ann: Browser, app: Wsgi) -> None:
    """Rules, the answer while away, the choices about junk."""
    other = Browser(app)
    other.call("account/login", name="ann", password="ann's password")
    away = ann.call("account/away")
    other.call("account/away_change", answer={**away, "text": "Until Monday."})
    assert "text is “Until Monday.” now" in told(ann.refused("account/away_change", answer={**away, "text": "Until Friday."}))
    chosen = ann.call("account/preferences")
    other.call("account/preferences_change", preferences={**chosen, "reject_days": 3})
    assert "reject days is 3 now" in told(ann.refused("account/preferences_change", preferences={**chosen, "junk_filter": False}))
    rule = {"id": 0, "name": "shop", "enabled": True, "last": True, "author": "*@shop.example", "sender": "", "recipient": "",
            "verified": "", "network": "", "list_id": "", "headers": [], "mailbox_id": None, "lost_mailbox": "",
            "marks": ["\\Seen"], "accept": False,
            "forwarder": False, "mailing_list": False, "forward": "", "reply": ""}
    [made] = ann.call("account/rule_add", rule=rule)
    other.call("account/rule_change", rule={**made, "author": "*@shop.test"})
    assert "author is “*@shop.test” now" in told(ann.refused("account/rule_change", rule={**made, "name": "the shop"}))
    [fresh] = ann.call("account/rules")
    assert ann.call("account/rule_change", rule={**fresh, "name": "the shop"})[0]["author"] == "*@shop.test"
