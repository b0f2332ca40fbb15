"""Tests of mta.judge.facts."""
import cbor2
import pytest

from mta.base.names import Address, Domain, ip_address
from mta.judge.facts import Facts, unpack
from tests.judge.arrivals import identity


@pytest.mark.parametrize("facts", [
    Facts(None, False),
    Facts(Address("Carl Ü", Domain("else.example")), True, (Domain("else.example"), Domain("list.example")), Domain("list.example"),
          "mx.list.example", ip_address("2001:db8::1")),
])
def test_there_and_back(facts: Facts) -> None:
    """What was packed comes back."""
    assert unpack(facts.pack()) == facts


@pytest.mark.parametrize("packed", [b"", b"\xff", cbor2.dumps([2]), cbor2.dumps([1, ["x"], 0, [], "", "", ""]), cbor2.dumps({})])
def test_rubbish_is_nothing(packed: bytes) -> None:
    """What is no such thing tells nothing."""
    assert unpack(packed) is None


def test_of_an_identity() -> None:
    """The names that a message is counted under, in one case."""
    found = Facts.of(identity(dkim=["list.example"], hello="MX.Else.Example" + 300 * "x"))

    assert (found.proven, found.dkim_domains, found.spf_domain) == (True, (Domain("list.example"),), Domain("else.example"))
    assert found.hello == ("mx.else.example" + 300 * "x")[:255]


def test_who_forwards_is_not_the_sender() -> None:
    """Of a forwarded message only what the author's own domain said stays."""
    facts = Facts.of(identity(dkim=["else.example", "forwarder.example"])).forwarded()

    assert (facts.dkim_domains, facts.spf_domain, facts.hello, facts.ip) == ((Domain("else.example"),), None, "", None)
    assert facts.author_address == Address("carl", Domain("else.example"))
