"""mta.judge.sending: what a source of mail is, and whether a policy may be stricter."""
from dataclasses import replace

import pytest

from mta.judge import sending
from mta.judge.sending import Check, Kind, Opinion, Own, Sender

OWN = Own(frozenset(("192.0.2.1",)), frozenset((("example.org", "ours"),)))
OURS, OTHERS = Check("dkim", "example.org", "ours", True), Check("dkim", "letters.example", "k", True)
FAILED = Kind("198.51.100.1", 10, 5, False, False, "none", "example.org", "example.org")


@pytest.mark.parametrize(("kind", "want", "why"), [
    (replace(FAILED, spf=True), Sender.YOURS, "SPF"),
    (replace(FAILED, dkim=True, checks=(Check("dkim", "example.org", "theirs", True),)), Sender.YOURS, "DKIM"),
    (replace(FAILED, dkim=True, checks=(OURS,)), Sender.FORWARDER, "unchanged"),
    (replace(FAILED, dkim=True, spf=True, checks=(OURS,)), Sender.YOURS, "SPF"),
    (replace(FAILED, ip="192.0.2.1"), Sender.YOURS, "look at the DNS"),
    (replace(FAILED, ip="192.0.2.1", dkim=True, checks=(OURS,)), Sender.YOURS, "This server sent them."),
    (replace(FAILED, checks=(replace(OURS, passed=False),)), Sender.FORWARDER, "changed on their way"),
    (replace(FAILED, checks=(replace(OURS, selector="other", passed=False),)), Sender.FORGED, "Nothing proves"),
    (replace(FAILED, reasons=frozenset(("trusted_forwarder",))), Sender.FORWARDER, "receiver knows"),
    (replace(FAILED, reasons=frozenset(("forwarded",))), Sender.FORWARDER, "receiver knows"),
    (replace(FAILED, reasons=frozenset(("local_policy",))), Sender.FORGED, "Nothing proves"),
    (replace(FAILED, checks=(OTHERS,)), Sender.SERVICE, "They pass as letters.example."),
    (replace(FAILED, checks=(replace(OTHERS, kind="spf", selector=""),)), Sender.SERVICE, "letters.example"),
    (replace(FAILED, checks=(OTHERS,), days=1), Sender.FORGED, "one day"),
    (replace(FAILED, checks=(replace(OTHERS, domain="mail.example.org"),)), Sender.FORGED, "Nothing proves"),
    (replace(FAILED, checks=tuple(replace(OTHERS, domain=f"d{at}.example") for at in range(5))), Sender.SERVICE, "and 2 more"),
    (replace(FAILED, checks=(replace(OTHERS, domain="no domain at all"),)), Sender.SERVICE, "no domain at all"),
    (FAILED, Sender.FORGED, "Nothing proves"),
], ids=["spf", "dkim", "passed-on", "both", "own-broken", "own", "changed", "unknown-selector", "forwarder", "older-word", "local",
        "service", "service-spf", "one-day", "own-unaligned", "many", "odd-name", "nothing"])
def test_verdicts(kind: Kind, want: Sender, why: str) -> None:
    """Each with what it rests on."""
    opinion = sending.opinion(kind, OWN)
    assert opinion.sender is want
    assert why in opinion.why


def test_volumes() -> None:
    """Forged mail is what a policy is for, all other mail that fails is at risk."""
    counted = sending.volumes([
        (replace(FAILED, messages=number, spf=passed), Opinion(sender, "")) for number, passed, sender in (
            (100, True, Sender.YOURS), (1, False, Sender.YOURS), (2, False, Sender.SERVICE), (3, False, Sender.FORWARDER),
            (40, False, Sender.FORGED), (5, True, Sender.FORWARDER))])
    assert (counted.honest, counted.at_risk, counted.forged) == (111, 6, 40)
    ready = sending.readiness("none", counted, 7, 2)
    assert ready.sentence == (
        "It is not safe yet to move to quarantine: of 111 messages that seem to be yours 6 (5.4%) fail DMARC (1 from your own servers, "
        "2 from services to set up, 3 changed by forwarders), and 40 more are forged (151 messages on 7 days, told by 2 reporters).")


@pytest.mark.parametrize(("now", "following"), [("", "quarantine"), ("none", "quarantine"), ("quarantine", "reject"), ("reject", "")])
def test_steps(now: str, following: str) -> None:
    """One after the other."""
    counted = sending.volumes([(replace(FAILED, spf=True, messages=100), Opinion(Sender.YOURS, ""))])
    ready = sending.readiness(now, counted, 30, 3)
    assert (ready.next, ready.safe) == (following, True)


def test_only_forged_mail() -> None:
    """Says nothing about mail of one's own."""
    counted = sending.volumes([(replace(FAILED, messages=1_000), Opinion(Sender.FORGED, ""))])
    assert sending.readiness("none", counted, 30, 3).safe is None
