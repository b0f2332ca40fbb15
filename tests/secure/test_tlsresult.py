"""mta.secure.tlsresult: what a set-up counts as under a policy."""
import pytest

from mta.base.names import Domain
from mta.secure.tlsresult import TEXT, Outcome, Policy, PolicyKind, Result, Session, Verdict, failure, judged, success

POLICY = Policy(PolicyKind.STS, Domain("b.test"), lines=("version: STSv1",), mx=("mx.b.test",))
SESSION = Session(Domain("b.test"), "mx.b.test", "192.0.2.1", "192.0.2.9")
BAD = Verdict(Result.EXPIRED, "it ran out", "expired")


def test_result_types_are_those_of_the_standard() -> None:
    """RFC 8460 §4.3, spelled as there."""
    assert {str(result) for result in Result} == {
        "starttls-not-supported", "certificate-host-mismatch", "certificate-expired", "certificate-not-trusted", "validation-failure",
        "tlsa-invalid", "dnssec-invalid", "dane-required", "sts-policy-fetch-error", "sts-policy-invalid", "sts-webpki-invalid"}
    assert [str(kind) for kind in PolicyKind] == ["sts", "tlsa", "no-policy-found"]


def test_success_and_failure() -> None:
    """A verdict decides; a success may have a remark, which does not make it a failure."""
    assert judged(POLICY, SESSION, Verdict()) == success(POLICY, SESSION) == Outcome(POLICY, SESSION, False)
    assert judged(POLICY, SESSION, BAD) == failure(POLICY, SESSION, BAD) == Outcome(
        POLICY, SESSION, True, Result.EXPIRED, "expired", "it ran out")
    assert success(POLICY, SESSION, BAD) == Outcome(POLICY, SESSION, False, Result.EXPIRED, "expired", "it ran out")
    assert success(POLICY, SESSION, Verdict()).result is None


def test_a_failure_needs_a_reason() -> None:
    """What is good did not fail."""
    with pytest.raises(ValueError, match="result type"):
        failure(POLICY, SESSION, Verdict())


def test_texts_of_strangers_are_cut() -> None:
    """A server cannot make us keep much."""
    long = failure(POLICY, SESSION, Verdict(Result.VALIDATION_FAILURE, "x" * 5_000, "y" * 5_000))
    assert (len(long.text), len(long.reason)) == (TEXT, TEXT)
