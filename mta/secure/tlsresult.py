"""What a report about TLS says of one attempt to set up a protected session (RFC 8460).

A set-up falls under one or two policies: that of the recipient's domain (MTA-STS, or none
at all) and that of the mail host (DANE).  For each of them it counts once, as a success
or as a failure, and may leave a detail that says what was wrong.

Standards: RFC 8460 §4.2 (what is reported), §4.3 (result types), §4.4 (the fields).

Read on: mta.secure.pkix and mta.secure.dane judge certificates, mta.store.evidence keeps what is counted.
"""
import enum
from dataclasses import dataclass

from mta.base.names import Domain

#: Characters of a reason or an explanation that are kept: servers and name servers wrote parts of them.
TEXT = 200


class Result(enum.Enum):
    """The result types of RFC 8460 §4.3."""

    STARTTLS_NOT_SUPPORTED = "starttls-not-supported"
    HOST_MISMATCH = "certificate-host-mismatch"
    EXPIRED = "certificate-expired"
    NOT_TRUSTED = "certificate-not-trusted"
    VALIDATION_FAILURE = "validation-failure"
    TLSA_INVALID = "tlsa-invalid"
    DNSSEC_INVALID = "dnssec-invalid"
    DANE_REQUIRED = "dane-required"
    STS_POLICY_FETCH_ERROR = "sts-policy-fetch-error"
    STS_POLICY_INVALID = "sts-policy-invalid"
    STS_WEBPKI_INVALID = "sts-webpki-invalid"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of checking a certificate: result is None if it is good; text says more, for people.

    reason is a short word for programs (RFC 8460 §4.4, failure-reason-code), how says by what a good one was recognised.
    """

    result: Result | None = None
    text: str = ""
    reason: str = ""
    how: str = ""

    @property
    def good(self) -> bool:
        """Whether the certificate is the right one."""
        return self.result is None


class PolicyKind(enum.Enum):
    """RFC 8460 §4.4, policy-type."""

    STS = "sts"
    TLSA = "tlsa"
    NONE = "no-policy-found"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class Policy:
    """The policy that a set-up fell under, as a report names it (RFC 8460 §4.4).

    domain is the recipient's domain, or the mail host whose TLSA records count (is_host);
    lines are the policy's own text, mx the host patterns of an MTA-STS policy.
    """

    kind: PolicyKind
    domain: Domain
    is_host: bool = False
    lines: tuple[str, ...] = ()
    mx: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Session:
    """Between whom a session was set up; the addresses are "" if it did not come to a connection."""

    recipient: Domain
    mx_host: str
    mx_ip: str = ""
    sending_ip: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one set-up of a session was under one policy.

    failed says whether it counts as a failure; result is None if there is nothing to tell.
    A success may have a result too: something that would have failed it under a stricter policy.
    optional: it is no reason to send a report, since it was set up to send one.
    """

    policy: Policy
    session: Session
    failed: bool
    result: Result | None = None
    reason: str = ""
    text: str = ""
    optional: bool = False


def success(policy: Policy, session: Session, remark: Verdict | None = None) -> Outcome:
    """A session that was set up as the policy wants; remark is what would be wrong under a stricter one."""
    if remark is None or remark.result is None:
        return Outcome(policy, session, False)
    return Outcome(policy, session, False, remark.result, remark.reason[:TEXT], remark.text[:TEXT])


def failure(policy: Policy, session: Session, problem: Verdict) -> Outcome:
    """A session that was not, for the reason that problem has; ValueError if it has none."""
    if problem.result is None:
        raise ValueError("a failure needs a result type")
    return Outcome(policy, session, True, problem.result, problem.reason[:TEXT], problem.text[:TEXT])


def judged(policy: Policy, session: Session, verdict: Verdict) -> Outcome:
    """The outcome that a verdict on the certificate comes to."""
    return success(policy, session) if verdict.good else failure(policy, session, verdict)
