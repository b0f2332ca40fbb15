"""web.admin_mail: the queue with its actions, and what happened to a message."""
from typing import Any

import pytest

from mta.base.events import Event
from mta.store.events import TraceSink
from tests.web.conftest import Browser
from web.admin_mail import fact_text
from web.call import House


@pytest.fixture
def waiting(ann: Browser) -> dict[str, Any]:
    """Ann has written to two people elsewhere; what was sent."""
    draft = {**ann.call("webmail/compose"), "to": "carol@example.net, dan@other.example", "subject": "Hello"}
    sent: dict[str, Any] = ann.call("webmail/send", draft=draft)
    return sent


def ids(admin: Browser, **arguments: Any) -> list[int]:
    """The ids of waiting recipients."""
    return [line["id"] for line in admin.call("admin/queue", **arguments)]


def test_the_queue(admin: Browser, waiting: dict[str, Any]) -> None:
    """Each waiting recipient is a line, newest first, that a search finds."""
    lines = admin.call("admin/queue")
    assert {line["recipient"] for line in lines} == {"carol@example.net", "dan@other.example"}
    assert {(line["sender"], line["account"], line["subject"], line["trace"], line["last"], line["attempts"]) for line in lines} == {
        ("ann@example.org", "ann", "Hello", waiting["trace"], "", 0)}
    assert len(ids(admin, search="carol")) == 1
    assert ids(admin, before=lines[0]["id"]) == [lines[1]["id"]]
    source = admin.call("admin/queue_source", id=lines[0]["id"])
    assert "Subject: " in source["text"]
    assert not source["cut"]
    assert admin.refused("admin/queue_source", id=99_999)["code"] == "user:notFound"
    story = admin.call("admin/queue_show", id=lines[0]["id"])
    assert (story["line"]["id"], story["meaning"]) == (lines[0]["id"], None)
    overview = admin.call("admin/overview")
    assert (overview["queued"], overview["held"]) == (2, 0)


def test_actions(admin: Browser, waiting: dict[str, Any], rung: list[str]) -> None:
    """Hold, release, try now, another way, drop: each says how many there were, and rings delivery where it must."""
    both = ids(admin)
    assert admin.call("admin/queue_hold", ids=both) == 2
    assert ids(admin, held=True) == both
    assert ids(admin, held=False) == []
    assert admin.call("admin/queue_release", ids=both[:1]) == 1
    assert ids(admin, held=True) == both[1:]
    rung.clear()
    assert admin.call("admin/queue_retry", ids=both) == 2
    assert "delivery" in rung
    assert admin.call("admin/transports") == []
    assert admin.call("admin/queue_transport", ids=both, transport="direct") == 2
    assert admin.refused("admin/queue_transport", ids=both, transport="pigeon")["code"] == "user:notFound"
    assert admin.call("admin/queue_drop", ids=both[:1]) == 1
    assert ids(admin) == both[1:]
    assert admin.call("admin/trace", id=waiting["trace"])["finished"][0]["outcome"] == "dropped"
    assert admin.refused("admin/queue_hold", ids=both[:1])["code"] == "user:notFound"
    assert admin.refused("admin/queue_hold", ids=list(range(1_001)))["code"] == "user:error"


def test_protection(admin: Browser, ann: Browser) -> None:
    """What a message asks of connections is shown, and can be changed for all of its recipients."""
    draft = {**ann.call("webmail/compose"), "to": "carol@example.net, dan@other.example", "subject": "x"}
    ann.call("webmail/send", draft={**draft, "tls": "required"})
    both = ids(admin)
    assert {line["tls"] for line in admin.call("admin/queue")} == {"required"}
    assert admin.call("admin/queue_tls", ids=both[:1], tls="not-required") == 1
    assert {line["tls"] for line in admin.call("admin/queue")} == {"not-required"}
    assert admin.call("admin/queue_show", id=both[0])["line"]["tls"] == "not-required"
    assert admin.refused("admin/queue_tls", ids=both, tls="perhaps")["code"] == "user:badArgument"
    assert admin.refused("admin/queue_tls", ids=[999], tls="default")["code"] == "user:notFound"


def test_dropping_with_a_word(admin: Browser, ann: Browser, waiting: dict[str, Any]) -> None:
    """The sender may be told; then a notice is on its way to them."""
    [carol] = ids(admin, search="carol")
    assert admin.call("admin/queue_drop", ids=[carol], tell=True) == 1
    notices = [line for line in admin.call("admin/queue") if line["kind"] == "bounce"]
    assert [(notice["sender"], notice["recipient"]) for notice in notices] == [("", "ann@example.org")]


def test_a_trace(admin: Browser, house: House, sink: TraceSink) -> None:
    """A refusal before DATA is found by address, by IP address, by level and by the id in the reply, and told step by step."""
    note = house.world.journal.note
    note(Event.SESSION_OPENED, "k3v9x0a2bc", ip="192.0.2.77", port=25, listener="smtp")
    note(Event.RECIPIENT_REFUSED, "k3v9x0a2bc.1", ip="192.0.2.77", sender="eve@example.net", recipient="nobody@example.org",
         reply="550 5.1.1 nobody here")
    sink.flush()
    for arguments in ({"text": "eve@example.net"}, {"text": "192.0.2.77"}, {"text": "k3v9x0a2bc"}, {"level": "notice"}, {}):
        found = admin.call("admin/trace_search", **arguments)
        assert [(one["trace"], one["outcome"], one["sender"]) for one in found["results"]] == [
            ("k3v9x0a2bc.1", "refused", "eve@example.net")], arguments
        assert found["before"] is None
    assert admin.call("admin/trace_search", text="somebody@example.net")["results"] == []
    assert admin.refused("admin/trace_search", level="loud")["code"] == "user:error"
    story = admin.call("admin/trace", id="k3v9x0a2bc.1")
    assert [step["event"] for step in story["steps"]] == ["smtp.connected", "smtp.refused_recipient"]
    assert story["steps"][1]["facts"]["reply"] == "550 5.1.1 nobody here"
    assert story["steps"][1]["sentence"] == "A recipient was refused."
    assert admin.call("admin/trace", id="zzzzzzzzzz")["steps"] == []


def test_recent_events(admin: Browser, house: House, sink: TraceSink) -> None:
    """The overview shows what was worth a notice."""
    house.world.journal.note(Event.SETTING_CHANGED, by="a test", what="something")
    sink.flush()
    assert "something" in [line["facts"].get("what") for line in admin.call("admin/overview")["events"]]


def test_facts_are_text() -> None:
    """Whatever a fact is, people can read it."""
    assert [fact_text(fact) for fact in (None, 1, 0.5, ["a", "b"], "x")] == ["", "1", "0.500", "a, b", "x"]


def test_all_that_a_filter_shows(admin: Browser, waiting: dict[str, Any]) -> None:
    """Step by step, with values that can be and that cannot."""
    done = admin.call("admin/queue_all", action="hold", search="carol")
    assert done == {"changed": 1, "before": None}
    assert [line["recipient"] for line in admin.call("admin/queue", state="held", account="ann")] == ["carol@example.net"]
    assert admin.call("admin/queue_schedule", ids=ids(admin), at=admin.call("admin/overview")["now"] + 60) == 2
    assert admin.refused("admin/queue_schedule", ids=ids(admin), at=1.0)["code"] == "user:error"
    assert admin.refused("admin/queue_all", action="transport", value="pigeon")["code"] == "user:notFound"
    assert admin.refused("admin/queue_all", action="burn")["code"] == "user:badArgument"
    assert admin.refused("admin/queue", account="nobody")["code"] == "user:notFound"
    assert admin.call("admin/queue_all", action="fail")["changed"] == 2


def test_rules_that_hold(admin: Browser, waiting: dict[str, Any]) -> None:
    """Listed, added with how much it holds, removed."""
    made = admin.call("admin/hold_rule_add", account="ann", recipient_domain="example.net", reason="wait")
    assert (made["held"], made["rule"]["account"], made["rule"]["by"] != "") == (1, "ann", True)
    assert admin.call("admin/hold_rules") == [made["rule"]]
    assert admin.refused("admin/hold_rule_add")["code"] == "user:error"
    assert admin.refused("admin/hold_rule_add", account="ann", recipient_domain="example.net")["code"] == "user:conflict"
    admin.call("admin/hold_rule_remove", id=made["rule"]["id"])
    assert admin.refused("admin/hold_rule_remove", id=made["rule"]["id"])["code"] == "user:notFound"
