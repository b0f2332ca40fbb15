"""Tests of mta.judge.screen: each row of the table, and what just misses it."""
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mta.base.names import Domain
from mta.judge.dnsbl import Listing
from mta.judge.evidence import Content, Evidence, Ruling
from mta.judge.reputation import Finding, Leaning, Opinion
from mta.judge.screen import FIRST_TIME_DELAY, LATER, REFUSE, TABLE, Outcome, decide, decide_onward
from mta.message.flags import Flags
from tests.judge.arrivals import identity

DOCS = Path(__file__).resolve().parents[2] / "docs" / "judgement.md"
LISTED = (Listing(Domain("bl.example")),)
FORGED = Evidence(identity(spf="fail", dmarc="fail", policy="reject"))
JUNK = Content(0.99)
GOOD = Finding(Leaning.GOOD, 0.1, "ip", "192.0.2.1/32")
BAD = Finding(Leaning.BAD, -3.0, "address", "carl@else.example")
#: Who proved himself, and on whom a block list and the words agree.
LISTED_JUNK = Evidence(identity(), listings=LISTED, content=JUNK)


@pytest.mark.parametrize(("key", "evidence", "mailbox", "code"), [
    ("accepted-by-rule", replace(FORGED, ruling=Ruling(("mine",), accept=True), content=JUNK), "inbox", 0),
    ("accepted-by-rule", replace(LISTED_JUNK, ruling=Ruling(("mine",), accept=True, mailbox="#7")), "#7", 0),
    ("forged", FORGED, "junk", 550),
    ("forged", replace(FORGED, content=Content(0.01)), "junk", 550),
    ("forged", replace(FORGED, opinion=Opinion(BAD, BAD)), "junk", 550),
    ("subject-pass", replace(LISTED_JUNK, passed=True), "inbox", 0),
    ("refused-with-pass", replace(LISTED_JUNK, token="(pass:x)"), "rejects", 550),
    ("refused-for-now", LISTED_JUNK, "rejects", 451),
    ("refused-for-now", replace(LISTED_JUNK, token="(pass:x)", identity=identity(spf="none", dmarc="none")), "rejects", 451),
    ("refused-for-now", replace(LISTED_JUNK, token="(pass:x)", opinion=Opinion(BAD)), "rejects", 451),
    ("refused-for-now", Evidence(identity(), opinion=Opinion(BAD), content=JUNK), "rejects", 451),
    ("refused-for-now", Evidence(identity(spf="fail", dmarc="none"), content=JUNK), "rejects", 451),
    # A policy does not make a refusal milder, nor does a forger's List-Id help him past the words and a block list.
    ("refused-for-now", replace(FORGED, list_like=True, content=JUNK, listings=LISTED), "rejects", 451),
    ("refused-for-now", Evidence(identity(spf="none", dmarc="fail", policy="quarantine"), listings=LISTED), "rejects", 451),
    ("disowned", Evidence(identity(spf="softfail", dmarc="fail", policy="reject")), "junk", 0),
    ("disowned", Evidence(identity(spf="none", dmarc="fail", policy="quarantine"), content=Content(0.01)), "junk", 0),
    ("disowned", replace(FORGED, passed=True, list_like=True), "junk", 0),
    # What a list or a known forwarder sends on is never bounced, whatever its words are.
    ("disowned", replace(FORGED, list_like=True, content=JUNK), "junk", 0),
    ("disowned", replace(FORGED, opinion=Opinion(network=GOOD), content=JUNK), "junk", 0),
    ("junk", Evidence(identity(), content=JUNK), "junk", 0),
    ("junk", Evidence(identity(), content=JUNK, ruling=Ruling(("mine",), mailbox="#7")), "junk", 0),
    ("junk", Evidence(identity(), listings=LISTED), "junk", 0),
    ("junk", Evidence(identity(), opinion=Opinion(BAD)), "junk", 0),
    ("nothing-against", Evidence(identity()), "inbox", 0),
    ("nothing-against", Evidence(identity(), content=Content(0.89)), "inbox", 0),
    ("nothing-against", Evidence(identity(), content=JUNK, threshold=0.999), "inbox", 0),
    ("nothing-against", Evidence(identity(spf="none", dmarc="none", iprev="fail")), "inbox", 0),
    ("nothing-against", Evidence(identity(), content=JUNK, written_to=True), "inbox", 0),
    ("nothing-against", Evidence(identity(), ruling=Ruling(("mine",), mailbox="#7")), "#7", 0),
])
def test_each_row(key: str, evidence: Evidence, mailbox: str, code: int) -> None:
    """The first row that fits decides, and its reason comes first."""
    verdict = decide(evidence)

    assert (verdict.reasons[0].key, verdict.mailbox, verdict.refusal.code if verdict.refusal else 0) == (key, mailbox, code)
    assert verdict.keep_reject is (verdict.mailbox == "rejects")
    assert len({row.key for row in TABLE}) == len(TABLE)


@pytest.mark.parametrize("change", [
    {"identity": identity(spf="softfail", dmarc="fail", policy="reject")},
    {"identity": identity(spf="temperror", dmarc="fail", policy="reject")},
    {"identity": identity(spf="pass", sender="x@evil.example", dmarc="fail", policy="reject")},
    {"identity": identity(spf="fail", dmarc="fail", policy="quarantine")},
    {"identity": identity(spf="fail", dmarc="temperror", policy="reject")},
    {"identity": identity(ip="127.0.0.1", spf="fail", dmarc="fail", policy="reject")},
    {"opinion": Opinion(network=GOOD)}, {"opinion": Opinion(sender=GOOD)}, {"list_like": True}, {"written_to": True}, {"postmaster": True},
    {"ruling": Ruling(mailing_list=True)}, {"ruling": Ruling(forwarder=True)}, {"sealer": Domain("lists.example")},
])
def test_no_policy_alone_refuses(change: dict[str, Any]) -> None:
    """Each thing that must agree before somebody is refused for good (RFC 9989 §7.4)."""
    refusal = decide(replace(FORGED, **change)).refusal

    assert refusal is None or refusal == LATER


def test_the_refusal_names_the_policy() -> None:
    """Whoever runs that domain must be able to see what happened."""
    refusal = decide(FORGED).refusal

    assert refusal is not None
    assert (refusal.code, refusal.enhanced) == (550, "5.7.26")
    assert "DMARC policy of else.example" in refusal.text


@pytest.mark.parametrize("change", [{"postmaster": True}, {"written_to": True}])
@pytest.mark.parametrize("evidence", [FORGED, LISTED_JUNK, replace(LISTED_JUNK, token="(pass:x)")])
def test_whom_we_never_refuse(evidence: Evidence, change: dict[str, Any]) -> None:
    """Mail for postmaster, and from someone we wrote to, is at worst in Junk."""
    verdict = decide(replace(evidence, **change))

    assert verdict.refusal is None
    assert verdict.mailbox in ("inbox", "junk")


def test_content_alone_refuses_nobody() -> None:
    """Whatever the words are: Junk."""
    for content in (JUNK, Content(1.0)):
        for known in (identity(), identity(spf="none", dmarc="none", iprev="fail"),
                      identity(spf="softfail", dmarc="fail", policy="reject")):
            assert decide(Evidence(known, content=content)).mailbox == "junk"


def test_the_answer_is_no_oracle() -> None:
    """Whatever the reasons for a refusal are, the peer hears the same."""
    for evidence in (LISTED_JUNK, Evidence(identity(), opinion=Opinion(BAD), content=JUNK),
                     Evidence(identity(spf="fail", dmarc="none"), content=JUNK)):
        assert decide(evidence).refusal == LATER
    assert not any(word in LATER.text.lower() for word in ("junk", "spam", "polic", "block", "reput"))


def test_a_pass_is_offered_in_words() -> None:
    """A person reads what to do, and where to put the token."""
    refusal = decide(replace(LISTED_JUNK, token="(pass:abc)")).refusal

    assert refusal is not None
    assert "subject: (pass:abc)" in refusal.text


def test_what_a_rule_adds() -> None:
    """Flags and keywords wherever it is stored; its mailbox only for what is not junk."""
    ruling = Ruling(("mine",), mailbox="#7", flags=Flags.FLAGGED, keywords=("list",))

    for content in (None, JUNK):
        verdict = decide(Evidence(identity(), content=content, ruling=ruling))
        assert (verdict.flags, verdict.keywords) == (Flags.FLAGGED, ("list",))


@pytest.mark.parametrize(("evidence", "slow"), [
    (Evidence(identity(spf="none", dmarc="none")), True), (Evidence(identity(spf="none", dmarc="none"), content=JUNK), True),
    (Evidence(identity()), False), (Evidence(identity(spf="none", dmarc="none"), written_to=True), False),
    (Evidence(identity(spf="none", dmarc="none"), opinion=Opinion(network=GOOD)), False), (FORGED, False),
    (Evidence(identity(spf="none", dmarc="none"), ruling=Ruling(("mine",))), False),
    (Evidence(identity(spf="none", dmarc="none", ip="127.0.0.1")), False),
])
def test_strangers_without_good_signs_are_slowed(evidence: Evidence, slow: bool) -> None:
    """By a few seconds; whoever is proven, known or refused is not."""
    assert decide(evidence).delay == (FIRST_TIME_DELAY if slow else 0.0)


@pytest.mark.parametrize(("evidence", "want"), [
    (FORGED, ""), (Evidence(identity()), ""), (Evidence(identity(spf="none", dmarc="fail", policy="quarantine")), ""),
    (Evidence(identity(spf="none", dmarc="fail")), ""),
    (Evidence(identity(spf="none", dmarc="fail", policy="reject")), "local_policy"), (replace(FORGED, list_like=True), "mailing_list"),
    (replace(FORGED, ruling=Ruling(accept=True)), "local_policy"), (replace(FORGED, ruling=Ruling(mailing_list=True)), "mailing_list"),
    (replace(FORGED, ruling=Ruling(forwarder=True)), "trusted_forwarder"),
    (replace(FORGED, sealer=Domain("lists.example")), "local_policy"),
    (replace(FORGED, sealer=Domain("lists.example"), content=JUNK), "local_policy"), (replace(FORGED, written_to=True), "local_policy"),
])
def test_what_reports_say(evidence: Evidence, want: str) -> None:
    """Why less was done than the author's domain asked for; nothing if its policy was followed."""
    assert decide(evidence).dmarc_override == want


def test_the_numbers_agree() -> None:
    """A block list alone makes junk, and refuses only together with something else."""
    assert decide(Evidence(identity(), listings=LISTED)).refusal is None
    assert decide(Evidence(identity(spf="none", dmarc="none"), listings=LISTED * 2)).refusal == LATER
    assert REFUSE < -2.2


@pytest.mark.parametrize(("evidence", "wanted", "code", "kept"), [
    (Evidence(identity()), True, 0, False),
    (Evidence(identity(), listings=LISTED), False, 451, True),
    (LISTED_JUNK, False, 451, True),
    (Evidence(identity(spf="softfail", dmarc="fail", policy="reject")), False, 0, False),
    (Evidence(identity(spf="none", dmarc="fail", policy="quarantine")), False, 0, False),
    (Evidence(identity(spf="none", dmarc="fail", policy="quarantine"), list_like=True), False, 0, False),
    (Evidence(identity(spf="none", dmarc="fail", policy="reject"), sealer=Domain("lists.example")), True, 0, False),
    (FORGED, False, 550, False),
    (replace(FORGED, list_like=True), False, 0, False),
    (replace(FORGED, postmaster=True), False, 0, False),
    (replace(LISTED_JUNK, postmaster=True), False, 0, False),
])
def test_for_members_elsewhere(evidence: Evidence, wanted: bool, code: int, kept: bool) -> None:
    """What would be junk is not wanted, and refused where that harms nobody; the reasons are those of any other."""
    verdict = decide_onward(evidence)
    assert (verdict.wanted, verdict.refusal.code if verdict.refusal else 0, verdict.keep_reject) == (wanted, code, kept)
    assert verdict.reasons == decide(evidence).reasons
    if code == 550:
        assert verdict.refusal is not None
        assert verdict.refusal.enhanced == "5.7.26"
        assert "else.example" in verdict.refusal.text
        assert not verdict.dmarc_override


def test_the_page_has_the_table() -> None:
    """docs/judgement.md shows the rows in their order."""
    page = DOCS.read_text("utf-8")
    lines = [line for line in page.splitlines() if line.startswith("| ") and any(f"`{row.key}`" in line for row in TABLE)]

    assert lines == [f"| `{row.key}` | {row.when} | {row.then.value} |" for row in TABLE]
    assert {row.then for row in TABLE} == set(Outcome)
