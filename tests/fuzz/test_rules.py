"""What people write into rules, and what strangers write into the mail that these are compared with.

Invariant: a pattern fits exactly what the same pattern as a regular expression fits, in
bounded time; whatever the header of a message says, applying rules ends with a ruling.
"""
import re

from hypothesis import given
from hypothesis import strategies as some

from mta.base.limits import LIMITS
from mta.base.names import Address
from mta.judge.facts import Facts
from mta.judge.rules import Actions, Conditions, Mail, Rule, apply, list_name, matches
from mta.message import header
from tests.fuzz.effort import tries

LETTERS = some.text("ab*.", max_size=12)
PATTERNS = LETTERS | some.text(max_size=20)
FIELDS = some.sampled_from([b"List-Id", b"Subject", b"X"])
VALUES = some.binary(max_size=60) | some.sampled_from([b"<", b">", b"<a.b>", b"=?utf-8?q?=C3=A4?=", b"=?x?b?!!?=", b"<a> <", b" " * 50])


@given(PATTERNS, LETTERS | some.text(max_size=30))
@tries(500)
def test_patterns(pattern: str, text: str) -> None:
    """A star is anything, and everything else is itself."""
    text = text.lower()
    meant = ".*".join(re.escape(part) for part in pattern.lower().split("*"))
    assert matches(pattern, text) == bool(re.fullmatch(meant, text, re.DOTALL))


@given(some.lists(some.tuples(FIELDS, VALUES), max_size=30), PATTERNS, PATTERNS)
@tries(200)
def test_rules(fields: list[tuple[bytes, bytes]], pattern: str, list_pattern: str) -> None:
    """Nothing that a header says breaks a rule, and nothing of it is longer than what is compared."""
    octets = b"".join(name + b": " + value + b"\r\n" for name, value in fields) + b"\r\n"
    mail = Mail(Facts(None, False), header.parse(octets), None, Address.parse("ann@example.org"))
    rule = Rule("r", Conditions(list_id=list_pattern, headers=(("subject", pattern), ("x", "*"))), Actions(accept=True))
    assert apply([rule], mail).names in ((), ("r",))
    values = mail.values("list-id")
    assert len(values) <= LIMITS.rule_fields
    assert all(len(list_name(value)) <= len(value) <= 2 * LIMITS.rule_value for value in values)
