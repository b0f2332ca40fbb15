"""Tests of mta.judge.rules."""
from dataclasses import replace
from ipaddress import ip_network

import pytest

from mta.base.limits import LIMITS
from mta.base.names import Address, Domain, ip_address
from mta.judge.evidence import NO_RULING, Ruling
from mta.judge.facts import Facts
from mta.judge.rules import Actions, Conditions, Mail, Rule, apply, fits, list_name, matches, reasons
from mta.message import header
from mta.message.flags import Flags

CARL = Address.parse("Carl@mail.else.example")
FACTS = Facts(CARL, True, (Domain("lists.example"),), Domain("bounces.example"), "mail.else.example", ip_address("192.0.2.9"))
HEADER = b"""\
From: Carl <Carl@mail.else.example>
List-Id: Talk of the <town> <talk.lists.example>
Subject: =?utf-8?q?Rechnung_f=C3=BCr_M=C3=A4rz?=
X-Tag: one
X-Tag: two

"""


def mail(facts: Facts = FACTS, octets: bytes = HEADER, sender: str = "bounce+7@bounces.example") -> Mail:
    """A message for ann."""
    return Mail(facts, header.parse(octets), Address.parse(sender) if sender else None, Address.parse("ann+shop@example.org"))


def rule(name: str = "a rule", *, last: bool = True, enabled: bool = True, author: str = "carl@*", **actions: object) -> Rule:
    """A rule that fits what Carl writes."""
    return Rule(name, Conditions(author=author), Actions(**actions), enabled, last)  # type: ignore[arg-type]  # as the test says


def test_a_mailbox_that_is_gone() -> None:
    """The message goes where it would go anyway, or where the next rule files it; why is among the reasons, where it counted."""
    gone, there = rule("Old", last=False, lost="Lists/Old"), rule("New", mailbox=7)
    ruling = apply([gone], mail())
    assert (ruling.mailbox, ruling.lost) == ("", (("Old", "Lists/Old"),))
    assert [(reason.key, reason.text) for reason in reasons(ruling)] == [
        ("rule", "Your rule “Old” fits."),
        ("mailbox-gone", "Your rule “Old” would file it into Lists/Old, but that mailbox is gone.")]
    assert apply([gone, there], mail()).mailbox == "#7"
    assert apply([replace(there, last=False), gone], mail()).lost == ()


@pytest.mark.parametrize(("pattern", "text", "want"), [
    ("ann@example.org", "ann@example.org", True), ("ann@example.org", "joann@example.org", False), ("Ann@*", "ann@example.org", True),
    ("*", "", True), ("*", "anything", True), ("**", "x", True), ("a*a", "a", False), ("a*a", "aa", True), ("*b*", "abc", True),
    ("*.example", "else.example", True), ("*.example", "example", False), ("a*b*c", "axxbxxc", True), ("a*b*c", "axxcxxb", False),
    ("*ab*ab*", "xabx", False), ("*aab", "aaaab", True), ("?", "x", False), ("[a-z]", "b", False), ("", "", True), ("", "x", False),
    ("*ß*", "straße", True),
])
def test_patterns(pattern: str, text: str, want: bool) -> None:
    """A star is anything, all else is itself."""
    assert matches(pattern, text) is want


def test_patterns_take_no_time() -> None:
    """What makes other pattern languages try for years is told at once, also at the bounds."""
    pattern, text = "*a" * (LIMITS.rule_pattern // 2), "a" * LIMITS.rule_value
    assert matches(f"{pattern}*", text)
    assert not matches(f"{pattern}*b", text)
    assert not matches(f"*{'a' * (LIMITS.rule_pattern - 2)}b*", text)


@pytest.mark.parametrize(("conditions", "want"), [
    (Conditions(author="carl@mail.else.example"), True), (Conditions(author="*@*.else.example"), True),
    (Conditions(author="*@else.example"), False),
    (Conditions(sender="bounce*@bounces.example"), True), (Conditions(sender="carl@*"), False),
    (Conditions(recipient="ann+shop@*"), True), (Conditions(recipient="ann@example.org"), False),
    # Author, signer and sender stand by a message, and so does what is above them.
    (Conditions(verified=Domain("else.example")), True), (Conditions(verified=Domain("lists.example")), True),
    (Conditions(verified=Domain("bounces.example")), True), (Conditions(verified=Domain("talk.lists.example")), False),
    (Conditions(network=ip_network("192.0.2.0/24")), True), (Conditions(network=ip_network("2001:db8::/32")), False),
    (Conditions(list_id="talk.lists.example"), True), (Conditions(list_id="*.LISTS.example"), True), (Conditions(list_id="town"), False),
    (Conditions(headers=(("subject", "*für märz*"),)), True), (Conditions(headers=(("X-TAG", "two"),)), True),
    (Conditions(headers=(("x-tag", "two"), ("x-tag", "one"))), True), (Conditions(headers=(("x-tag", "two"), ("subject", "two"))), False),
    (Conditions(headers=(("x-none", "*"),)), False),
    (Conditions("carl@*", "bounce*", "ann*", Domain("else.example"), ip_network("192.0.2.9"), "talk*", (("x-tag", "one"),)), True),
    (Conditions("carl@*", "bounce*", "ann*", Domain("else.example"), ip_network("192.0.2.8"), "talk*", (("x-tag", "one"),)), False),
])
def test_conditions(conditions: Conditions, want: bool) -> None:
    """All of them must hold."""
    assert fits(conditions, mail()) is want


def test_what_is_not_proven_does_not_stand_by_it() -> None:
    """A name in From verifies nothing; without an author, sender or address nothing that asks for one fits."""
    claimed = Facts(CARL, False)
    assert not fits(Conditions(author="carl@*", verified=Domain("else.example")), mail(claimed))
    nothing = Facts(None, True)
    for asked in (Conditions(author="*"), Conditions(sender="*"), Conditions(verified=Domain("else.example")),
                  Conditions(network=ip_network("0.0.0.0/0"))):
        assert not fits(asked, mail(nothing, sender=""))


def test_names_in_both_forms() -> None:
    """A domain beyond ASCII may be written either way."""
    facts = replace(FACTS, author_address=Address.parse("a@bücher.example"))
    for written in ("a@bücher.example", "A@BÜCHER.example", "*@xn--bcher-kva.example"):
        assert fits(Conditions(author=written), mail(facts))


@pytest.mark.parametrize(("value", "want"), [
    ("Talk <talk.lists.example>", "talk.lists.example"), ("talk.lists.example", "talk.lists.example"), ("<a> <b>", "b"), ("<open", "open"),
    ("", ""),
])
def test_list_names(value: str, want: str) -> None:
    """What stands in the last <>, or all of it."""
    assert list_name(value) == want


def test_the_first_that_fits() -> None:
    """Those below are not looked at, nor is what is switched off."""
    off, other = rule("off", enabled=False, mailbox=1), rule("other", author="bob@*", mailbox=2)
    first, below = rule("first", mailbox=3), rule()
    assert apply([off, other, first, below], mail()) == Ruling(("first",), mailbox="#3")
    assert apply([off, other], mail()) == apply([], mail()) == NO_RULING


def test_rules_that_let_others_be_looked_at() -> None:
    """Their marks add up; the first mailbox counts."""
    rules = [
        rule("flagged", last=False, flags=Flags.FLAGGED, keywords=("todo",)), rule("accepted", last=False, mailbox=3, accept=True),
        rule("list", mailbox=4, mailing_list=True, flags=Flags.SEEN, keywords=("todo", "list")), rule("never", forwarder=True)]
    assert apply(rules, mail()) == Ruling(
        ("flagged", "accepted", "list"), True, "#3", Flags.FLAGGED | Flags.SEEN, ("todo", "list"), mailing_list=True)


def test_only_so_much_is_looked_at() -> None:
    """Of many fields of a name the first, of long ones the beginning."""
    many = b"".join(b"X: %d\n" % number for number in range(LIMITS.rule_fields + 1)) + b"Y: " + b"y" * LIMITS.rule_value + b"z\n\n"
    asked = mail(octets=many)
    assert fits(Conditions(headers=(("x", str(LIMITS.rule_fields - 1)),)), asked)
    assert not fits(Conditions(headers=(("x", str(LIMITS.rule_fields)),)), asked)
    assert fits(Conditions(headers=(("y", "*y"),)), asked)
