"""Tests of mta.judge.evidence."""
import pytest

from mta.auth.dmarcrecord import Policy
from mta.base.names import Domain
from mta.judge.dnsbl import Listing
from mta.judge.evidence import Evidence, Ruling
from mta.judge.reputation import Finding, Leaning, Opinion
from tests.judge.arrivals import identity

LISTED = (Listing(Domain("bl.example")),)
FORGED = identity(spf="fail", dmarc="fail", policy="reject")


def test_a_policy_is_followed_unless_somebody_vouches() -> None:
    """DMARC may fail for what the account's rules or a trusted sealer pass on."""
    assert Evidence(FORGED).disowned is Policy.REJECT
    assert Evidence(identity(dmarc="pass", policy="reject")).disowned is Policy.NONE
    assert Evidence(identity(dmarc="temperror", policy="reject")).disowned is Policy.NONE
    for ruling in (Ruling(accept=True), Ruling(forwarder=True), Ruling(mailing_list=True)):
        assert Evidence(FORGED, ruling=ruling).disowned is Policy.NONE
    assert Evidence(FORGED, sealer=Domain("lists.example")).disowned is Policy.NONE


def test_whose_way_it_is() -> None:
    """A forwarder's network says nothing of the sender; a mailing list's does."""
    assert Evidence(FORGED, listings=LISTED).bad_network
    assert not Evidence(FORGED, listings=LISTED, ruling=Ruling(forwarder=True)).bad_network
    assert not Evidence(identity(ip="127.0.0.1", spf="fail", dmarc="none"), listings=LISTED).bad_network
    assert Evidence(identity(), listings=LISTED, ruling=Ruling(mailing_list=True)).bad_network


@pytest.mark.parametrize(("spf", "dmarc", "network", "want"), [
    ("fail", "fail", Leaning.UNKNOWN, True), ("softfail", "fail", Leaning.UNKNOWN, False),
    ("fail", "pass", Leaning.GOOD, False),      # DKIM proves it: it was forwarded
    ("none", "none", Leaning.BAD, True), ("none", "none", Leaning.MIXED, False),
])
def test_bad_networks(spf: str, dmarc: str, network: Leaning, want: bool) -> None:
    """Earlier mail, or SPF where nothing else proves the author."""
    assert Evidence(identity(spf=spf, dmarc=dmarc), opinion=Opinion(network=Finding(network))).bad_network is want


def test_strangers() -> None:
    """Nothing is known of the sender nor of the way, and we never wrote to him."""
    assert Evidence(identity()).stranger
    assert not Evidence(identity(), written_to=True).stranger
    assert not Evidence(identity(), opinion=Opinion(sender=Finding(Leaning.MIXED))).stranger
    assert not Evidence(identity(), opinion=Opinion(network=Finding(Leaning.GOOD))).stranger
    assert Evidence(identity(), opinion=Opinion(network=Finding(Leaning.GOOD)), ruling=Ruling(forwarder=True)).stranger


def test_good_signs() -> None:
    """The author's domain stands by it, or somebody trusted does."""
    assert Evidence(identity()).good_signs
    assert not Evidence(identity(spf="none", dmarc="none")).good_signs
    assert Evidence(identity(spf="none", dmarc="none"), ruling=Ruling(("mine",))).good_signs
    assert Evidence(identity(spf="none", dmarc="none"), passed=True).good_signs
