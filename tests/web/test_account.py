"""web.account: password and sessions."""
from tests.web.conftest import Browser


def test_changing_the_password(ann: Browser, app: object) -> None:
    """The old one must be right; afterwards other browsers are out, this one is in, and the new one holds."""
    other = Browser(ann.app)
    other.call("account/login", name="ann", password="ann's password")
    assert ann.refused("account/password", old="wrong", new="another password")["code"] == "user:notAllowed"
    assert ann.refused("account/password", old="ann's password", new="short")["code"] == "user:error"
    ann.call("account/password", old="ann's password", new="another password")
    assert len(ann.call("account/sessions")) == 1
    assert other.refused("account/sessions")["code"] == "user:signedOut"
    assert other.refused("account/login", name="ann", password="ann's password")["code"] == "user:notAllowed"
    other.call("account/login", name="ann", password="another password")


def test_sessions(ann: Browser) -> None:
    """One sees where one is signed in, and can end it there; never somebody else's."""
    others = [Browser(ann.app, ip=f"203.0.113.{number}") for number in (1, 2, 3)]
    for other in others[:2]:
        other.call("account/login", name="ann", password="ann's password")
    others[2].call("account/login", name="bob", password="bob's password")
    known = ann.call("account/sessions")
    assert sorted(one["ip"] for one in known) == ["192.0.2.9", "203.0.113.1", "203.0.113.2"]
    assert [one["ip"] for one in known if one["this"]] == ["192.0.2.9"]
    ann.call("account/session_end", id=next(one["id"] for one in known if one["ip"] == "203.0.113.1"))
    assert others[0].refused("account/sessions")["code"] == "user:signedOut"
    bobs = others[2].call("account/sessions")[0]["id"]
    assert ann.refused("account/session_end", id=bobs)["code"] == "user:notFound"
    ann.call("account/sessions_end_others")
    assert [one["ip"] for one in ann.call("account/sessions")] == ["192.0.2.9"]
    others[2].call("account/sessions")
