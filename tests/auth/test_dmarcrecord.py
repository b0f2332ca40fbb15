"""mta.auth.dmarcrecord: what owners publish, and what of it counts."""
import json

import pytest

from mta.auth.dmarcrecord import DmarcRecord, Policy, Psd, parse
from mta.base.limits import LIMITS
from mta.base.names import Address, Domain
from mta.message.reporturi import ReportUri
from tests.message.vectors import need


def read(text: str) -> DmarcRecord:
    """The record, which has to be one."""
    record = parse(text)
    assert record is not None
    return record


def test_every_tag() -> None:
    """Names and words in any case, space where RFC 9989 §4.8 has it, unknown and historic tags passed over."""
    record = read("v = DMARC1 ; P=Reject;\tSP=none; np = quarantine ; pct=0; ri=5; rf=afrf; new=x; adkim=S; aspf=s; t=Y; psd=N; fo=1:d:s;"
                  " rua=mailto:DMARC@Example.ORG ,\thttps://example.org/r!10M; ruf=mailto:f@example.org?subject=x ; ")

    assert record == DmarcRecord(
        record.text, Policy.REJECT, Policy.NONE, Policy.QUARANTINE, usable=True, testing=True, psd=Psd.NO, strict_dkim=True,
        strict_spf=True, rua=(ReportUri("mailto:DMARC@Example.ORG", Address("DMARC", Domain("example.org"))),
             ReportUri("https://example.org/r", None, 10 * 1024 * 1024)),
        ruf=(ReportUri("mailto:f@example.org?subject=x", Address("f", Domain("example.org"))),),
        failures=frozenset("1ds"))


def test_what_is_left_out() -> None:
    """Everything but the policy has a default (RFC 9989 §4.7)."""
    assert read("v=DMARC1;p=none") == DmarcRecord("v=DMARC1;p=none")
    assert read("v=DMARC1; p=none").failures == frozenset("0")


@pytest.mark.parametrize("text", [
    "", "v=DMARC1x; p=none", "v=dmarc1; p=none", "v=DMARC2; p=none", "p=none; v=DMARC1", "v=DMARC1 p=none", "v=DMARC1: p=none", "DMARC1",
    "v=spf1 -all", ";v=DMARC1; p=none", "v=DMARC1; p=none; x=" + "x" * LIMITS.dmarc_record,
])
def test_what_is_no_record(text: str) -> None:
    """The version comes first, in just these letters, or the whole is ignored."""
    assert parse(text) is None


@pytest.mark.parametrize(("text", "policy", "usable"), [
    ("v=DMARC1", Policy.NONE, False),
    ("v=DMARC1; adkim=s", Policy.NONE, False),
    ("v=DMARC1; p=maybe", Policy.NONE, False),
    ("v=DMARC1; p=reject; sp=maybe", Policy.NONE, False),
    ("v=DMARC1; p=reject; np=", Policy.NONE, False),
    ("v=DMARC1; p=reject; rua=mailto:r@example.org; np=maybe", Policy.NONE, True),
    ("v=DMARC1; rua=mailto:r@example.org", Policy.NONE, True),
    ("v=DMARC1; rua=example.org", Policy.NONE, False),
    ("v=DMARC1; rua=ftp://example.org", Policy.NONE, True),
    ("v=DMARC1; ruf=mailto:r@example.org", Policy.NONE, False),
    ("v=DMARC1; sp=reject; p=quarantine", Policy.QUARANTINE, True),
    ("v=DMARC1; p=none; p=reject", Policy.NONE, False),
    ("v=DMARC1; p=none; p=none; rua=mailto:r@example.org", Policy.NONE, True),
    ("v=DMARC1;; p=reject", Policy.REJECT, True),
    ("v=DMARC1; garbage; p=reject", Policy.REJECT, True),
    ("v=DMARC1; p=reject; adkim=strict; aspf=; t=maybe; psd=x; fo=9", Policy.REJECT, True),
])
def test_without_a_sound_policy(text: str, policy: Policy, usable: bool) -> None:
    """Whoever wants reports gets p=none, whoever does not gets no DMARC; other mistakes count as absent (RFC 9989 §4.10.1, §4.8)."""
    record = read(text)

    assert (record.policy, record.usable) == (policy, usable)
    assert (record.subdomains is None and record.absent is None) or record.policy
    assert bool(record.problems) == (text != "v=DMARC1; sp=reject; p=quarantine")


def test_policies_below() -> None:
    """np falls back to sp, and sp to p (RFC 9989 §4.7)."""
    both, one, none = read("v=DMARC1; p=none; sp=quarantine; np=reject"), read("v=DMARC1; p=none; sp=reject"), read("v=DMARC1; p=reject")

    assert both.below(exists=True) == (Policy.QUARANTINE, "sp")
    assert both.below(exists=False) == (Policy.REJECT, "np")
    assert one.below(exists=False) == (Policy.REJECT, "sp")
    assert none.below(exists=False) == none.below(exists=True) == (Policy.REJECT, "p")
    assert [policy.tested for policy in Policy] == [Policy.NONE, Policy.NONE, Policy.QUARANTINE]


@pytest.mark.parametrize(("text", "failures"), [
    ("0", "0"), ("1", "1"), ("d", "d"), ("s:d:1", "1ds"), ("D : S", "ds"), ("0:1", "0"), ("d:d", "0"), ("01", "0"), ("", "0"), ("1:", "0"),
])
def test_failure_options(text: str, failures: str) -> None:
    """Each letter once, 0 and 1 not together; broken lists count as 0, and without ruf= nothing else does."""
    assert read(f"v=DMARC1; p=none; fo={text}; ruf=mailto:a@example.org").failures == frozenset(failures)
    assert read(f"v=DMARC1; p=none; fo={text}").failures == frozenset("0")


def test_many_addresses() -> None:
    """No more reports than we are ready to send."""
    record = read("v=DMARC1; p=none; rua=" + ",".join(["mailto:a@example.org"] * 100))

    assert len(record.rua) == LIMITS.dmarc_uris
    assert record.problems


def test_vectors() -> None:
    """What mox takes for a record or not, where RFC 9989 agrees: a record is one that DMARC can use."""
    for case in json.loads((need("records-mox") / "parse-dmarc.json").read_text()):
        record = parse(case["input"])
        assert bool(record and record.usable) == (case["verdict"] == "accept"), case
