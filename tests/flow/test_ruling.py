"""Tests of mta.flow.ruling."""
from dataclasses import replace
from ipaddress import ip_network
from typing import Any

import pytest

from mta.base.errors import NotFound, UserError
from mta.base.events import Event, Recorded
from mta.base.limits import LIMITS
from mta.base.names import Address, Domain, ip_address
from mta.flow import deposit, filing, people, reading, ruling
from mta.flow.world import World
from mta.judge.facts import Facts
from mta.judge.rules import Actions, Conditions, Rule
from mta.message import structure
from mta.message.flags import Flags
from mta.store import bodies, forwards, mailboxes, messages, rules
from mta.store.connection import Connection
from tests.flow.away import confirmed

BY = "a test"
CARL = Address.parse("carl@else.example")
FACTS = Facts(CARL, True, (Domain("else.example"),), Domain("lists.example"), "mail.else.example", ip_address("192.0.2.9"))
SEEN = Actions(flags=Flags.SEEN)
LETTER = b"From: Carl <carl@else.example>\r\nTo: ann@example.org\r\nSubject: Hello\r\n\r\nText\r\n"
LISTED = b"List-Id: Talk <talk.lists.example>\r\n" + LETTER


@pytest.fixture
def ann(served: World) -> int:
    """Ann's account."""
    return people.get_account(served, "ann").id


def put(world: World, account: int, octets: bytes = LETTER, facts: Facts | None = FACTS, *, role: str = "inbox") -> int:
    """A message that came in, with what was found out of it."""
    sink = world.store.bodies.sink()
    sink.write(octets)
    body = sink.finish()
    found = structure.analyse(octets)

    def change(db: Connection) -> int:
        place = mailboxes.by_role(db, account, role)
        assert place is not None
        return messages.add(db, world.clock, deposit.new_message(
            place.id, bodies.insert(db, body), body.size, found.envelope, structure.pack(found), world.clock.timestamp(),
            prefix=b"X-Ours: yes\r\n", mail_from=CARL.ascii, rcpt_to="ann@example.org", remote_ip="192.0.2.9",
            identity=facts.pack() if facts else b"")).id

    return world.store.write_now(change, [body])


def rule(name: str = "", *, last: bool = True, enabled: bool = True, actions: Actions = SEEN, **asked: Any) -> Rule:
    """A rule as a person writes it."""
    return Rule(name, ruling.conditions(**asked), actions, enabled, last)


def names(world: World, account: int) -> list[str]:
    """The rules in their order."""
    return [one.name for one in ruling.all_rules(world, account)]


def test_from_writing_to_forgetting(served: World, ann: int, recorded: Recorded) -> None:
    """Added, put first, changed and removed; each is noted with who did it."""
    first = ruling.add(served, ann, rule("First", author="carl@*"), by=BY)
    second = ruling.add(served, ann, rule(list_id="talk.*"), by=BY)
    assert names(served, ann) == ["First", "List talk.*"]

    ruling.move(served, ann, second.id, 1, by=BY)
    changed = ruling.change(served, ann, replace(second, name=" Talk  of the town ", enabled=False), by=BY)
    assert ruling.one_rule(served, ann, second.id) == changed
    assert names(served, ann) == ["Talk of the town", "First"]
    ruling.remove(served, ann, first.id, by=BY)
    assert ruling.all_rules(served, ann) == [changed]
    told = [record.facts["what"] for record in recorded.records if record.event is Event.SETTING_CHANGED and record.facts["by"] == BY]
    assert told[-1] == "removed the rule “First” of account ann"


def test_what_people_type(served: World) -> None:
    """Forms that mean the same become the same; no pattern for a field asks only that it be there."""
    assert ruling.conditions(
        author=" *@Else.example ", verified="@*.Else.example", network="192.0.2.77/24", headers=(("X-Tag:", " "), ("SUBJECT", "*x*")),
    ) == Conditions("*@Else.example", verified=Domain("else.example"), network=ip_network("192.0.2.0/24"),
                    headers=(("x-tag", "*"), ("subject", "*x*")))
    assert ruling.conditions(verified="bücher.example", network="2001:db8::1").verified == Domain("xn--bcher-kva.example")
    assert ruling.marks(["\\seen", "todo", "TODO", "\\Flagged"]) == (Flags.SEEN | Flags.FLAGGED, ("TODO",))


@pytest.mark.parametrize(("asked", "said"), [
    ({"author": "x" * (LIMITS.rule_pattern + 1)}, "at most"), ({"recipient": "a\x00b"}, "visible"),
    ({"verified": "no domain"}, "no domain"), ({"verified": "co.uk"}, "of somebody's own"), ({"network": "192.0.2"}, "no network"),
    ({"network": "0.0.0.0/0"}, "too wide"),
    ({"headers": (("sub ject", "x"),)}, "no name"), ({"headers": (("", "x"),)}, "no name"),
])
def test_what_cannot_be_asked(asked: dict[str, Any], said: str) -> None:
    """Each mistake is said where it was made."""
    with pytest.raises(UserError, match=said):
        ruling.conditions(**asked)


@pytest.mark.parametrize("name", ["\\Deleted", "$Junk", "\\Recent", "to do"])
def test_what_rules_do_not_set(name: str) -> None:
    """Flags that remove, teach or do not exist, and what is no keyword."""
    with pytest.raises(UserError):
        ruling.marks([name])


@pytest.mark.parametrize(("wrong", "said"), [
    (rule(), "needs a condition"), (rule(author="*", last=False, actions=Actions()), "do nothing"),
    (rule(author="carl@*", list_id="talk.*", actions=Actions(mailing_list=True)), "certain"),
    (rule(headers=(("x", "y"),), actions=Actions(forwarder=True)), "certain"),
    (rule(headers=tuple((f"x-{number}", "*") for number in range(LIMITS.rule_headers + 1))), "header fields"),
    (rule("x" * (LIMITS.rule_pattern + 1), author="*"), "name of a rule"),
    (rule(author="*", actions=Actions(mailbox=99_999)), "no mailbox"),
])
def test_what_no_rule_can_be(served: World, ann: int, wrong: Rule, said: str) -> None:
    """Neither a new one nor a changed one."""
    fine = ruling.add(served, ann, rule(author="*"), by=BY)
    with pytest.raises(UserError, match=said):
        ruling.add(served, ann, wrong, by=BY)
    with pytest.raises(UserError, match=said):
        ruling.change(served, ann, replace(wrong, id=fine.id), by=BY)
    assert ruling.all_rules(served, ann) == [fine]


def test_what_rules_forward_and_answer(served: World, ann: int) -> None:
    """Only to an address that is confirmed, as it is kept there; a text that can be shown."""
    asked = Conditions(author="carl@*")
    for wrong, said in (("me@far.example", "add it under Forwarding"), ("x", "add it under")):
        with pytest.raises(UserError, match=said):
            ruling.add(served, ann, Rule("", asked, Actions(forward=wrong)), by=BY)
    served.store.write_now(lambda db: forwards.add(db, served.clock, ann, Address.parse("new@far.example"), True, "inbox", True, False))
    with pytest.raises(UserError, match="not confirmed yet"):
        ruling.add(served, ann, Rule("", asked, Actions(forward="new@far.example")), by=BY)
    with pytest.raises(UserError, match="plain text"):
        ruling.add(served, ann, Rule("", asked, Actions(reply="x" * (LIMITS.answer_text + 1))), by=BY)
    confirmed(served, "ann", "me@far.example")
    made = ruling.add(served, ann, Rule("", asked, Actions(forward=" Me@FAR.example", reply=" Received.\r\n"), last=False), by=BY)
    assert (made.actions.forward, made.actions.reply) == ("me@far.example", "Received.")
    assert ruling.one_rule(served, ann, made.id) == made


def test_where_rules_file(served: World, ann: int) -> None:
    """Into one's own mailboxes, and not where it is removed after some days."""
    bob = people.get_account(served, "bob").id
    for account, role, said in ((bob, "inbox", "no mailbox"), (ann, "rejects", "removed after some days")):
        place = next(row for row in reading.all_mailboxes(served, account) if row.role == role)
        with pytest.raises(UserError, match=said):
            ruling.add(served, ann, rule(author="*", actions=Actions(mailbox=place.id)), by=BY)


def test_who_passes_on_may_be_marked(served: World, ann: int) -> None:
    """If a domain or a network makes it certain."""
    ruling.add(served, ann, rule(list_id="talk.*", verified="lists.example", actions=Actions(mailing_list=True)), by=BY)
    ruling.add(served, ann, rule(network="192.0.2.9", actions=Actions(forwarder=True)), by=BY)
    assert names(served, ann) == ["List talk.*", "Via 192.0.2.9"]


def test_only_so_many(served: World, ann: int) -> None:
    """Every message is compared with all of them."""
    def fill(db: Connection) -> None:
        for _ in range(LIMITS.rules):
            rules.add(db, ann, rule("x", author="*"))

    served.store.write_now(fill)
    with pytest.raises(UserError, match="no more"):
        ruling.add(served, ann, rule(author="*"), by=BY)


def test_nobody_elses(served: World, ann: int) -> None:
    """Rules and messages of others do not exist."""
    bob = people.get_account(served, "bob").id
    his = ruling.add(served, bob, rule(author="*"), by=BY)
    message = put(served, bob)
    for attempt in (
        lambda: ruling.one_rule(served, ann, his.id), lambda: ruling.change(served, ann, his, by=BY),
        lambda: ruling.remove(served, ann, his.id, by=BY), lambda: ruling.move(served, ann, his.id, 1, by=BY),
        lambda: ruling.suggestions(served, ann, message),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert ruling.trial(served, ann, his).examined == 0


def test_trying_a_rule(served: World, ann: int) -> None:
    """What came in is looked at wherever it is, newest first, as it was when it came: what we wrote on it does not count."""
    inbox, junk = put(served, ann), put(served, ann, LISTED, role="junk")
    put(served, ann, role="sent")
    other = put(served, ann, LETTER.replace(b"carl@", b"dora@"), replace(FACTS, author_address=Address.parse("dora@else.example")))

    found = ruling.trial(served, ann, rule("Carl", author="carl@*", verified="else.example"))
    assert (found.examined, found.fitting) == (3, 2)
    assert [(one.message.id, one.mailbox, one.rules) for one in found.messages] == [(junk, "Junk", ("Carl",)), (inbox, "Inbox", ("Carl",))]
    assert ruling.trial(served, ann, rule(author="carl@*"), last=2).examined == 2
    assert ruling.trial(served, ann, rule(headers=(("x-ours", "*"),))).fitting == 0
    assert [one.message.id for one in ruling.trial(served, ann, rule(sender="carl@else.example", network="192.0.2.0/24",
                                                                     recipient="ann@*", author="dora@*")).messages] == [other]


def test_trying_all_rules(served: World, ann: int) -> None:
    """For each message the rules that would have decided; those switched off are not among them."""
    put(served, ann), put(served, ann, LISTED)
    for one in (rule("off", author="*", enabled=False), rule("flag", author="carl@*", last=False), rule("list", list_id="talk.*")):
        ruling.add(served, ann, one, by=BY)
    assert [one.rules for one in ruling.trial(served, ann).messages] == [("flag", "list"), ("flag",)]


def test_trying_what_nothing_is_known_of(served: World, ann: int) -> None:
    """Mail from before the checks, or put there by the administrator, is proven by nothing; what is gone is left out."""
    put(served, ann, facts=None)
    gone = put(served, ann)
    deposit.file_in(served, ann, LETTER)
    row = served.store.read(lambda db: messages.get(db, ann, gone))
    assert row is not None
    assert ruling.trial(served, ann, rule(author="carl@else.example")).fitting == 3
    assert ruling.trial(served, ann, rule(author="carl@else.example", verified="else.example")).fitting == 1
    assert ruling.trial(served, ann, rule(network="192.0.2.9")).fitting == 2
    filing.delete(served, ann, filing.delete(served, ann, [gone]).trashed)
    assert ruling.trial(served, ann, rule(author="carl@else.example")).examined == 2


def test_suggestions(served: World, ann: int) -> None:
    """For list, sender and domain, each with what makes it certain if something does."""
    talk, sender, everybody = ruling.suggestions(served, ann, put(served, ann, LISTED))
    assert talk == Rule("List talk.lists.example", Conditions(list_id="talk.lists.example", verified=Domain("lists.example")),
                        Actions(mailing_list=True))
    assert sender == Rule("From carl@else.example", Conditions(author="carl@else.example", verified=Domain("else.example")), Actions())
    assert everybody.conditions == Conditions(author="*@else.example", verified=Domain("else.example"))
    for one in (talk, sender, everybody):
        assert ruling.trial(served, ann, one).fitting == 1
        ruling.add(served, ann, one, by=BY)


@pytest.mark.parametrize("value", ["talk.lists.example", "no domain at all", "talk.other.example"])
def test_suggestions_without_proof(served: World, ann: int, value: str) -> None:
    """Nobody stands by it: no domain is asked for, and no list is marked."""
    listed = f"List-Id: <{value}>\r\n".encode() + LETTER
    talk, sender, _ = ruling.suggestions(served, ann, put(served, ann, listed, Facts(CARL, False)))
    assert talk == Rule(f"List {value}", Conditions(list_id=value), Actions())
    assert sender.conditions == Conditions(author="carl@else.example")
    assert ruling.suggestions(served, ann, put(served, ann, b"Subject: x\r\n\r\n", facts=None)) == []
