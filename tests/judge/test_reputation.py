"""Tests of mta.judge.reputation."""
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from mta.base.names import Address, Domain, ip_address
from mta.judge import reputation
from mta.judge.facts import Facts
from mta.judge.reputation import Key, Leaning, Opinion

FACTS = Facts(
    Address("Carl", Domain("mail.else.co.uk")), True, (Domain("else.co.uk"), Domain("list.example")), Domain("bounce.list.example"),
    "mx.list.example", ip_address("192.0.2.77"))
FORGED = replace(FACTS, proven=False)


@dataclass(frozen=True)
class Counted:
    """A standing."""

    good: float
    junk: float


def opinion(facts: Facts, **counted: tuple[float, float]) -> Opinion:
    """The opinion if each kind of name was counted so, "address_proven" what was proven; dkim is the second signer."""
    own = dict(reputation.keys(facts))
    known: dict[Key, Counted] = {}
    for name, numbers in counted.items():
        kind = name.removesuffix("_proven").replace("_", "-")
        subject = own[kind].replace("|unproven", "|proven") if name.endswith("_proven") else own[kind]
        known[kind, subject] = Counted(*numbers)
    return reputation.opinion(facts, known)


def test_keys() -> None:
    """Address, domain, organisation with how sure they are; signers, SPF, HELO, three networks."""
    assert reputation.keys(FACTS) == [
        ("address", "carl@mail.else.co.uk|proven"), ("domain", "mail.else.co.uk|proven"), ("org", "else.co.uk|proven"),
        ("dkim", "else.co.uk"), ("dkim", "list.example"), ("spf", "bounce.list.example"), ("helo", "mx.list.example"),
        ("ip", "192.0.2.77/32"), ("net-middle", "192.0.2.64/26"), ("net-wide", "192.0.0.0/21")]
    assert reputation.keys(Facts(None, False)) == []
    assert set(reputation.asked(FORGED)) - set(reputation.keys(FORGED)) == set(reputation.keys(FACTS)[:3])
    assert reputation.asked(FACTS) == reputation.keys(FACTS)
    six = Facts(None, False, ip=ip_address("2001:db8:1:2::3"))
    assert [subject for _, subject in reputation.keys(six)] == ["2001:db8:1:2::/64", "2001:db8:1::/48", "2001:db8::/32"]


@pytest.mark.parametrize(("counted", "kind", "leaning"), [
    ({}, "", Leaning.UNKNOWN),
    ({"address": (1, 0)}, "address", Leaning.GOOD), ({"address": (0, 1)}, "address", Leaning.BAD),
    ({"address": (0.25, 0)}, "address", Leaning.GOOD), ({"address": (0.1, 0)}, "", Leaning.UNKNOWN),    # two half-lives, and more
    ({"address": (1, 1)}, "address", Leaning.MIXED), ({"address": (1, 3)}, "address", Leaning.BAD),
    ({"address": (0, 1), "domain": (50, 1)}, "address", Leaning.BAD),       # the nearest decides
    ({"domain": (3, 0)}, "domain", Leaning.GOOD), ({"domain": (0, 1)}, "", Leaning.UNKNOWN), ({"domain": (0, 2)}, "domain", Leaning.BAD),
    ({"domain": (3, 3)}, "domain", Leaning.MIXED), ({"org": (3, 0)}, "org", Leaning.GOOD), ({"org": (0, 3)}, "org", Leaning.BAD),
    ({"dkim": (2, 0)}, "dkim", Leaning.GOOD), ({"dkim": (0, 2)}, "dkim", Leaning.BAD),
    ({"org": (1, 0), "dkim": (0, 9)}, "org", Leaning.GOOD),
    ({"spf": (2, 0)}, "spf", Leaning.GOOD), ({"spf": (0, 2)}, "spf", Leaning.BAD),
    ({"helo": (0, 3)}, "helo", Leaning.BAD), ({"helo": (9, 0)}, "helo", Leaning.GOOD),
])
def test_the_sender(counted: dict[str, tuple[float, float]], kind: str, leaning: Leaning) -> None:
    """The first rung with enough history decides."""
    found = opinion(FACTS, **counted)

    assert (found.sender.kind, found.sender.leaning) == (kind, leaning)
    assert (found.network, found.posing) == (reputation.Finding(), False)


@pytest.mark.parametrize(("counted", "kind", "leaning"), [
    ({"ip": (2, 0)}, "ip", Leaning.GOOD), ({"ip": (0, 2)}, "ip", Leaning.BAD), ({"ip": (0, 1)}, "", Leaning.UNKNOWN),
    ({"ip": (0, 1), "net_middle": (0, 4)}, "net-middle", Leaning.BAD), ({"net_middle": (5, 0)}, "net-middle", Leaning.GOOD),
    ({"net_wide": (0, 8)}, "net-wide", Leaning.BAD), ({"net_wide": (8, 0)}, "net-wide", Leaning.GOOD),
    ({"net_wide": (8, 8)}, "net-wide", Leaning.MIXED),
])
def test_the_network(counted: dict[str, tuple[float, float]], kind: str, leaning: Leaning) -> None:
    """Narrow ones need less, and decide first."""
    found = opinion(FACTS, **counted)

    assert (found.network.kind, found.network.leaning, found.sender) == (kind, leaning, reputation.Finding())


def test_weights_fall_with_the_distance() -> None:
    """The nearer a name is to the sender the more it says; what is not proven says little for a message; HELO nothing."""
    for ladder in (reputation.PROVEN, reputation.UNPROVEN, reputation.OTHERS, reputation.NETWORKS):
        assert [rung.good for rung in ladder] == sorted((rung.good for rung in ladder), reverse=True)
        assert [rung.bad for rung in ladder] == sorted(rung.bad for rung in ladder)
    assert all(sure.good > claimed.good for sure, claimed in zip(reputation.PROVEN, reputation.UNPROVEN, strict=True))
    assert opinion(FACTS, helo=(9, 0)).sender.weight == 0.0


def test_the_worst_signer_counts() -> None:
    """A good signature beside a bad one does not help."""
    known = {("dkim", "else.co.uk"): Counted(5, 0), ("dkim", "list.example"): Counted(0, 5)}

    assert reputation.opinion(FACTS, known).sender.subject == "list.example"


@pytest.mark.parametrize(("facts", "counted", "posing"), [
    (FORGED, {"address_proven": (1, 0)}, True), (FORGED, {"domain_proven": (3, 0)}, True), (FORGED, {"address_proven": (1, 2)}, False),
    (FORGED, {"address_proven": (1, 0), "address": (1, 0)}, False), (FACTS, {"address": (1, 0)}, False), (FORGED, {}, False),
])
def test_posing(facts: Facts, counted: dict[str, tuple[float, float]], posing: bool) -> None:
    """An author whose mail was proven so far, and now is not."""
    assert opinion(facts, **counted).posing is posing


def test_the_page_has_the_ladders() -> None:
    """docs/judgement.md shows each rung with what it needs and what it weighs."""
    page = (Path(__file__).resolve().parents[2] / "docs" / "judgement.md").read_text("utf-8")
    names = {"author, proven": reputation.PROVEN, "author, not proven": reputation.UNPROVEN,
             "who else stands by it": reputation.OTHERS, "network": reputation.NETWORKS}

    for name, ladder in names.items():
        for rung in ladder:
            needs = f"{rung.least_good:g} | {rung.least_bad:g} | {rung.share:.0%} | {rung.good:+g} | {rung.bad:+g}"
            assert f"| {name} | {rung.kind} | {needs} |" in page


def test_what_is_not_proven_is_counted_apart() -> None:
    """What a forger did in somebody's name does not fall back on him, nor does his good name help the forger."""
    assert opinion(FORGED, address_proven=(5, 0)).sender.leaning is Leaning.UNKNOWN
    forged = {key: Counted(0, 5) for key in reputation.keys(FORGED)[:3]}
    assert reputation.opinion(FACTS, forged).sender.leaning is Leaning.UNKNOWN
