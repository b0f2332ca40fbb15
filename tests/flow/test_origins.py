"""Tests of mta.flow.origins."""
from dataclasses import replace

import pytest

from mta.auth import findings
from mta.base.names import Address, Domain, ip_address
from mta.flow.origins import Check, origin
from mta.judge.facts import Facts
from mta.store.database import Store
from mta.store.messages import MessageRow
from tests.judge.arrivals import identity
from tests.store.population import add_account, deliver, mailbox

CARL = Address.parse("carl@else.example")
PROVEN = Facts(CARL, True, (Domain("else.example"),), Domain("else.example"), "mail.else.example", ip_address("192.0.2.9"))


@pytest.fixture
def row(store: Store) -> MessageRow:
    """A message of which nothing was found out."""
    return deliver(store, mailbox(store, add_account(store)))


@pytest.mark.parametrize(("facts", "want"), [
    (PROVEN, ["else.example stands by this message: it is really from there.",
              "It came from the address 192.0.2.9, which called itself mail.else.example."]),
    (replace(PROVEN, proven=False, hello=""), [
        "Nothing proves that it is from carl@else.example: anybody may have written that name.",
        "It is signed by else.example.", "Who brought it may send for else.example.",
        "It came from the address 192.0.2.9, which called itself nothing."]),
    (replace(PROVEN, dkim_domains=(Domain("else.example"), Domain("a.example"), Domain("xn--bcher-kva.example")), ip=None), [
        "else.example stands by this message: it is really from there.", "It is signed by a.example, bücher.example."]),
    (Facts(None, False), ["It does not say clearly who wrote it."]),
])
def test_in_words(row: MessageRow, facts: Facts, want: list[str]) -> None:
    """What is proven, what is not, and by which way it came."""
    found = origin(replace(row, identity=facts.pack()))
    assert found is not None
    assert list(found.sentences) == want
    assert (found.author, found.proven) == ("" if facts.author_address is None else "carl@else.example", facts.proven)


def test_checks(row: MessageRow) -> None:
    """As we wrote them in front of the message; what its sender wrote about himself is not looked at."""
    who = identity(dkim=["lists.example"], dmarc="fail", policy="reject", spf="softfail")
    prefix = findings.results_field(who, Domain("mx.example.org"))
    found = origin(replace(row, identity=PROVEN.pack(), prefix=b"X: y\r\n" + prefix))
    assert found is not None
    assert found.checks == (
        Check("Reverse name", "pass", "192.0.2.1"), Check("SPF", "softfail", "carl@else.example"), Check("DKIM", "pass", "lists.example"),
        Check("DMARC", "fail", "else.example"))


def test_nothing_is_known(row: MessageRow) -> None:
    """Of what was written here, nor of what cannot be read."""
    assert origin(row) is None
    assert origin(replace(row, identity=b"\xff")) is None
