"""web.pushing: notices to browsers, through the API."""
from mta.flow import pushing
from mta.flow.world import World
from mta.secure.webpush import pack, public
from mta.store import audit
from tests.pushservice import Browser as Subscribed
from tests.web.conftest import Browser


def given(name: str = "one") -> dict[str, str]:
    """What a page says of its browser's subscription."""
    key, secret = Subscribed.new().keys
    return {"endpoint": f"https://push.test/{name}", "key": key, "secret": secret}


def test_on_and_off(ann: Browser, served: World) -> None:
    """Told by its own page, gone when it says so; the address is a secret, in answers and in the audit log."""
    before = ann.call("webmail/push")
    assert before == {"key": pack(public(pushing.own_key(served))), "session": served.clock.timestamp(), "details": True,
                      "everywhere": False, "browsers": []}
    [browser] = ann.call("webmail/push_on", **given("hidden"))["browsers"]
    assert browser == {"id": browser["id"], "agent": "Test/1", "service": "push.test", "created": served.clock.timestamp(),
                       "used": None, "failed": None, "failure": "", "this": True}
    assert ann.call("webmail/push_off", id=browser["id"])["browsers"] == []
    assert ann.refused("webmail/push_off", id=browser["id"])["code"] == "user:notFound"
    entries = served.store.read(lambda db: audit.listing(db))
    assert [entry.function for entry in entries][:3] == ["webmail/push_off", "webmail/push_off", "webmail/push_on"]
    assert "hidden" not in str(entries)


def test_each_for_itself(ann: Browser, stranger: Browser, served: World) -> None:
    """Nobody sees or ends another's."""
    bob = stranger
    bob.call("webmail/login", name="bob", password="bob's password")
    [browser] = ann.call("webmail/push_on", **given())["browsers"]
    assert bob.call("webmail/push")["browsers"] == []
    assert bob.refused("webmail/push_off", id=browser["id"])["code"] == "user:notFound"
    assert bob.refused("webmail/push_test", id=browser["id"])["code"] == "user:notFound"


def test_what_cannot_be(ann: Browser) -> None:
    """What a page cannot have from a browser."""
    for wrong in ({"endpoint": "http://push.test/x"}, {"key": "x"}, {"secret": "x"}):
        assert ann.refused("webmail/push_on", **{**given(), **wrong})["code"] == "user:error"


def test_renewed(ann: Browser, served: World) -> None:
    """By the worker of the browser that has it."""
    ann.call("webmail/push_on", **given("one"))
    assert ann.refused("webmail/push_renew", old="https://push.test/else", **given("two"))["code"] == "user:notFound"
    ann.call("webmail/push_renew", old="https://push.test/one", **given("two"))
    assert [row.endpoint for _, row in pushing.everybody(served)] == ["https://push.test/two"]


def test_it_ends_with_the_session(ann: Browser, served: World) -> None:
    """Whoever signs out is told nothing more."""
    ann.call("webmail/push_on", **given())
    ann.call("webmail/logout")
    assert pushing.everybody(served) == []


def test_choices(ann: Browser) -> None:
    """What is said, and of which mailboxes."""
    chosen = ann.call("webmail/push_choose", details=False, everywhere=True)
    assert (chosen["details"], chosen["everywhere"]) == (False, True)


def test_trial(ann: Browser) -> None:
    """What the service said stands in the list: here that nobody knows where it is."""
    [browser] = ann.call("webmail/push_on", **given())["browsers"]
    assert "did not take it" in ann.refused("webmail/push_test", id=browser["id"])["message"]
    [browser] = ann.call("webmail/push")["browsers"]
    assert "push.test" in browser["failure"]
