"""web.rules: rules and choices of an account through the API."""
from typing import Any

from mta.flow import filing, learning, people, reading
from mta.flow.world import World
from mta.store.learned import Learned
from tests.flow.away import confirmed
from tests.flow.test_ruling import LISTED, put
from tests.web.conftest import Browser

EMPTY: dict[str, Any] = {
    "id": 0, "name": "", "enabled": True, "last": True, "author": "", "sender": "", "recipient": "", "verified": "", "network": "",
    "list_id": "", "headers": [], "mailbox_id": None, "lost_mailbox": "", "marks": [],
    "accept": False, "forwarder": False, "mailing_list": False, "forward": "", "reply": ""}


def test_rules(ann: Browser, served: World) -> None:
    """Written, changed, put in order and forgotten; what comes back is what went in."""
    archive = next(row.id for row in reading.all_mailboxes(served, people.get_account(served, "ann").id) if row.role == "archive")
    wanted = {**EMPTY, "name": "Shop", "author": "*@shop.example", "sender": "b@*", "recipient": "ann@*", "verified": "shop.example",
              "network": "192.0.2.7", "list_id": "talk.*", "headers": [{"name": "subject", "pattern": "*sale*"}], "mailbox_id": archive,
              "marks": ["\\Seen", "shop"], "accept": True, "mailing_list": True, "last": False, "enabled": False}
    confirmed(served, "ann", "me@far.example")
    wanted |= {"forward": "me@far.example", "reply": "It was received."}
    [first] = ann.call("account/rule_add", rule=wanted)
    assert first == {**wanted, "id": first["id"], "version": first["version"]}
    second = ann.call("account/rule_add", rule={**EMPTY, "author": "*"})[1]
    assert [rule["name"] for rule in ann.call("account/rule_move", id=second["id"], place=1)] == ["From *", "Shop"]
    assert ann.call("account/rule_change", rule={**second, "name": "Everybody"})[0]["name"] == "Everybody"
    assert ann.call("account/rule_remove", id=second["id"]) == ann.call("account/rules") == [first]


def test_a_mailbox_that_is_gone(ann: Browser) -> None:
    """Its name stays with the rule while that is changed otherwise; naming none, or another one, forgets it."""
    made = ann.call("webmail/mailbox_add", name="Shops")
    [rule] = ann.call("account/rule_add", rule={**EMPTY, "author": "*@shop.example", "mailbox_id": made["id"]})
    ann.call("webmail/mailbox_remove", id=made["id"])
    [lost] = ann.call("account/rules")
    assert lost == {**rule, "mailbox_id": None, "lost_mailbox": "Shops", "version": lost["version"]}
    assert ann.call("account/rule_change", rule={**lost, "marks": ["shop"], "lost_mailbox": "Forged"})[0]["lost_mailbox"] == "Shops"
    assert ann.call("account/rule_change", rule={**lost, "version": "", "lost_mailbox": ""})[0]["lost_mailbox"] == ""


def test_mistakes_are_said(ann: Browser) -> None:
    """In a sentence, as the caller's doing; nothing is kept."""
    error = ann.refused("account/rule_add", rule={**EMPTY, "list_id": "talk.*", "mailing_list": True})
    assert error["code"] == "user:error"
    assert "must be certain" in error["message"]
    assert "no domain" in ann.refused("account/rule_add", rule={**EMPTY, "verified": "no domain"})["message"]
    assert ann.refused("account/rule_change", rule={**EMPTY, "id": 99, "author": "*"})["code"] == "user:notFound"
    assert ann.call("account/rules") == []


def test_trying_and_suggesting(ann: Browser, served: World) -> None:
    """Before there is a rule, one sees what it would fit; after a message, what rule one may want."""
    message = put(served, people.get_account(served, "ann").id, LISTED)
    found = ann.call("account/rule_try", rule={**EMPTY, "author": "carl@*"}, last=50)
    assert (found["examined"], found["fitting"], found["messages"][0]["message"]["id"]) == (1, 1, message)

    suggested = ann.call("account/rule_suggestions", message_id=message)
    assert [rule["name"] for rule in suggested] == [
        "List talk.lists.example", "From carl@else.example", "From everybody at else.example"]
    for rule in suggested:
        ann.call("account/rule_add", rule=rule)
    assert ann.call("account/rule_try")["messages"][0]["rules"] == ["List talk.lists.example"]


def test_choices(ann: Browser) -> None:
    """Kept as they are, within bounds."""
    before = ann.call("account/preferences")
    assert before == {"junk_filter": True, "threshold": 0.9, "subject_pass": False, "reject_days": 14, "slow_first_time": True,
                      "version": before["version"]}
    wanted = {"junk_filter": False, "threshold": 0.75, "subject_pass": True, "reject_days": 0, "slow_first_time": False}
    kept = ann.call("account/preferences_change", preferences={**wanted, "version": before["version"]})
    assert kept == ann.call("account/preferences") == {**wanted, "version": kept["version"]}
    assert ann.refused("account/preferences_change", preferences={**wanted, "version": before["version"]})["code"] == "user:conflict"
    assert ann.refused("account/preferences_change", preferences={**wanted, "threshold": 2.0})["code"] == "user:error"


def test_what_the_filter_learned(ann: Browser, served: World) -> None:
    """Of what the account called junk and good, and what counts for it."""
    account = people.get_account(served, "ann").id
    assert ann.call("account/junk_lessons") == {
        "own_good": 0, "own_junk": 0, "good": 0, "junk": 0, "least_good": 50, "least_junk": 20, "enough": False}
    junk = next(row.id for row in reading.all_mailboxes(served, account) if row.role == "junk")
    ann.call("webmail/move", ids=[put(served, account)], mailbox_id=junk)
    bob = people.get_account(served, "bob").id
    filing.flag(served, bob, [put(served, bob)], ["$NotJunk"])
    learned = Learned(served.store.learned_db, served.clock)
    while learning.advance(served, learned):
        pass
    learned.close()
    found = ann.call("account/junk_lessons")
    assert (found["own_good"], found["own_junk"], found["good"], found["junk"]) == (0, 1, 1, 1)


def test_for_nobody_else(stranger: Browser) -> None:
    """All of it needs a session."""
    for name in ("rules", "preferences", "rule_try", "junk_lessons"):
        assert stranger.refused(f"account/{name}")["code"] == "user:signedOut"


def test_where_a_message_is_from(ann: Browser, served: World) -> None:
    """Told with the message; null for what did not come from outside."""
    account = people.get_account(served, "ann").id
    origin = ann.call("webmail/message", id=put(served, account))["origin"]
    assert (origin["author"], origin["proven"]) == ("carl@else.example", True)
    assert origin["sentences"][0] == "else.example stands by this message: it is really from there."
    assert ann.call("webmail/message", id=put(served, account, facts=None))["origin"] is None
