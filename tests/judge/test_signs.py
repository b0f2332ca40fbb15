"""Tests of mta.judge.signs."""
from pathlib import Path
from typing import Any

import pytest

from mta.base.names import Domain
from mta.judge.dnsbl import Listing
from mta.judge.evidence import Content, Evidence, Ruling
from mta.judge.reputation import Finding, Leaning, Opinion
from mta.judge.signs import CONTENT_AGAINST, CONTENT_FOR, WEIGHTS, odds, signs
from tests.judge.arrivals import identity

DOCS = Path(__file__).resolve().parents[2] / "docs" / "judgement.md"
LISTS = tuple(Listing(Domain(f"{name}.example")) for name in "abc")
NOBODY: dict[str, Any] = {"spf": "none", "dmarc": "none"}


def keys(evidence: Evidence) -> dict[str, float]:
    """What counted, and how much."""
    return {reason.key: reason.weight for reason in signs(evidence)}


@pytest.mark.parametrize(("evidence", "want"), [
    (Evidence(identity(), written_to=True), {"known-sender": 8.0, "proven": 0.0}),
    (Evidence(identity(**NOBODY), written_to=True), {"known-name": 3.0}),
    (Evidence(identity(dmarc="fail", policy="reject", spf="none"), written_to=True), {"dmarc-reject": -4.0}),
    (Evidence(identity(dmarc="fail", policy="quarantine", spf="softfail")),
     {"dmarc-quarantine": -3.0, "spf-softfail": 0.0, "first-time": 0.0}),
    (Evidence(identity(dmarc="fail", policy="reject", spf="fail")), {"dmarc-reject": -4.0, "spf-fail": 0.0, "first-time": 0.0}),
    (Evidence(identity(dmarc="none", spf="softfail")), {"spf-softfail": -1.0, "first-time": 0.0}),
    (Evidence(identity(dmarc="fail", spf="fail")), {"spf-fail": -2.0, "dmarc-fail": -1.0, "first-time": 0.0}),
    (Evidence(identity(dmarc="pass", spf="fail", dkim=["else.example"])), {"proven": 0.0, "first-time": 0.0}),
    (Evidence(identity(dmarc="temperror", spf="none", iprev="temperror")), {"dmarc-temperror": 0.0, "first-time": 0.0}),
    (Evidence(identity(author="", dmarc="none", iprev="permerror")), {"no-name": -1.0, "no-author": 0.0, "first-time": 0.0}),
    (Evidence(identity(iprev="fail"), opinion=Opinion(Finding(Leaning.GOOD, 5.0, "address", "carl@else.example"))),
     {"sender-good": 5.0, "no-name": -1.0, "proven": 0.0}),
    (Evidence(identity(**NOBODY), opinion=Opinion(
        Finding(Leaning.BAD, -3.0, "address", "x"), Finding(Leaning.BAD, -2.5, "ip", "192.0.2.1/32"), True)),
     {"sender-bad": -3.0, "network-bad": -2.5, "posing": -2.0}),
    (Evidence(identity(dmarc="fail", policy="reject", spf="fail", iprev="fail"), listings=LISTS, ruling=Ruling(("lists",), forwarder=True),
              opinion=Opinion(network=Finding(Leaning.BAD, -3.0, "ip", "192.0.2.1/32"))),
     {"rule": 0.0, "dmarc-vouched": 0.0, "first-time": 0.0}),
    (Evidence(identity(dmarc="fail", policy="reject", spf="fail"), sealer=Domain("lists.example"), passed=True),
     {"trusted-sealer": 0.0, "dmarc-vouched": 0.0, "first-time": 0.0, "subject-pass": 0.0}),
])
def test_what_counts(evidence: Evidence, want: dict[str, float]) -> None:
    """Each sign with its weight; what does not apply is not there."""
    assert keys(evidence) == want


def test_block_lists() -> None:
    """Two count, the third says nothing new."""
    found = [reason for reason in signs(Evidence(identity(), listings=LISTS)) if reason.weight]

    assert [(reason.key, reason.weight) for reason in found] == [("block-list", -3.0)] * 2
    assert found[0].text == "The address 192.0.2.1 that it came from is on the block list a.example."


@pytest.mark.parametrize(("probability", "key", "weight"), [
    (0.5, "words-good", 0.0), (0.9, "words-junk", -2.197), (1.0, "words-junk", -CONTENT_AGAINST), (0.0, "words-good", CONTENT_FOR),
    (0.2, "words-good", 1.386),
])
def test_content(probability: float, key: str, weight: float) -> None:
    """The odds of the words, bounded: good words are cheap."""
    assert keys(Evidence(identity(), content=Content(probability)))[key] == pytest.approx(weight, abs=1e-3)
    assert odds(0.5) == 0.0


def test_words_are_for_people() -> None:
    """Sentences; the weightiest first; a stranger's words are bounded and never 100% sure."""
    evidence = Evidence(identity(spf="softfail", dmarc="fail"), content=Content(1.0, ("x" * 500, *"abcdefgh")),
                        opinion=Opinion(
                            Finding(Leaning.BAD, -2.0, "domain", "else.example"), Finding(Leaning.MIXED, 0.0, "ip", "192.0.2.1/32")))
    found = signs(evidence)

    assert [abs(reason.weight) for reason in found] == sorted((abs(reason.weight) for reason in found), reverse=True)
    texts = [reason.text for reason in found]
    assert texts[0] == f"Its words are 99.9% likely those of junk ({'x' * 30}, a, b, c, d)."
    assert "Earlier mail from else.example was marked as junk." in texts
    assert "Earlier mail from the address 192.0.2.1 was good at times and junk at others." in texts
    assert all(text.endswith(".") for text in texts)


def test_the_page_has_the_weights() -> None:
    """docs/judgement.md shows each sign with its weight."""
    page = DOCS.read_text("utf-8")

    for key, (weight, when) in WEIGHTS.items():
        assert f"| `{key}` | {when} | {weight:+g} |" in page
