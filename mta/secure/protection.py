"""What a connection to a mail host must be like: one table, and the only place that decides it.

Three things count: what the recipient's domain asks for (MTA-STS), what the DNS promises
for the host (DANE), and what the message demands.  decide() finds the row, met() says
whether a connection is as its plan wants.  docs/protection.md has the same table for
people; a test proves that both are equal.

Standards: RFC 7435 (opportunistic security), RFC 7672 §2.2 (DANE), RFC 8461 §5 (MTA-STS),
RFC 8689 §4.2.1 (REQUIRETLS), RFC 8689 §4.2.2 (TLS-Required: No).

Read on: mta.secure.mtasts, mta.secure.dane, mta.secure.pkix; mta.flow.dialing acts on it.
"""
import enum
from dataclasses import dataclass
from typing import Final

from mta.base.names import Domain
from mta.secure.tlsresult import Verdict


class Demand(enum.Enum):
    """What a message asks of a connection; the text is for people."""

    USUAL = "as the recipient's domain asks"
    REQUIRETLS = "verified TLS, and a server that promises the same (REQUIRETLS)"
    TLS_OPTIONAL = "TLS if it can be had, verified or not (TLS-Required: No)"
    DMARC_REPORT = "TLS, verified or not: a DMARC report names people"
    TLS_REPORT = "TLS if it can be had: a report about TLS that fails must arrive"


class StsState(enum.Enum):
    """What the recipient's domain asks for the host at hand (MTA-STS)."""

    NONE = "no policy"
    UNFETCHED = "cannot be fetched"     # there is a record, and the policy is not to be had
    TESTING = "testing"
    ENFORCE = "enforce"
    OTHER_HOST = "enforce, for other hosts"
    TROUBLE = "cannot be looked up"


class DaneState(enum.Enum):
    """What the DNS promises for the host (DANE)."""

    NONE = "MX not signed"              # nobody vouches for the name of the host
    SIGNED = "no TLSA records"          # the MX records are signed, there is no promise about keys
    UNUSABLE = "none usable"            # a promise of TLS, with keys that we cannot compare
    USABLE = "usable"
    TROUBLE = "cannot be looked up"     # bogus, or no answer


class Step(enum.Enum):
    """What to do with the host."""

    GO = "go"                   # connect, and keep to the rest of the plan
    SKIP = "next host"          # this one may not take the mail as long as the policy says so
    LATER = "later"             # nothing is certain now
    NEVER = "bounce"            # no host of this kind will do


@dataclass(frozen=True, slots=True)
class Plan:
    """What a connection must be like.

    tls: encrypted.  dane, pkix: verified in that way (both means both).  clear: without TLS
    if TLS fails.  forgiving: a policy that is not kept is written down, and ignored.
    requiretls: the host offers REQUIRETLS.
    """

    step: Step
    tls: bool = False
    dane: bool = False
    pkix: bool = False
    clear: bool = False
    forgiving: bool = False
    requiretls: bool = False

    @property
    def verified(self) -> bool:
        """Whether the host must prove who it is."""
        return self.dane or self.pkix


class Lack(enum.Enum):
    """What a connection lacks of its plan; the text ends a sentence."""

    TLS = "it is not encrypted"
    DANE = "the DNS promises another certificate (DANE)"
    PKIX = "its certificate does not prove its name"
    REQUIRETLS = "the server does not promise protection further on (REQUIRETLS)"


@dataclass(frozen=True, slots=True)
class Shown:
    """What a connection turned out to be; without TLS there are no verdicts, dane is None too without usable records."""

    encrypted: bool = False
    pkix: Verdict | None = None
    dane: Verdict | None = None
    requiretls: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """What a domain's mail server was last seen to do; at is when (seconds since 1970).

    verified says how its name and certificate were proven ("dane", "mta-sts", "dnssec"), ""
    if they were not; requiretls that it offers REQUIRETLS (RFC 8689).  mtasts: its policy
    demands protection; dnssec: its MX records are signed; dane: it showed a key that the DNS
    promises.  None: that could not be told.
    """

    domain: Domain
    starttls: bool
    verified: str
    requiretls: bool
    at: float
    mtasts: bool | None = None
    dnssec: bool | None = None
    dane: bool | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table: it fits what is in its sets; () fits everything."""

    sts: tuple[StsState, ...]
    dane: tuple[DaneState, ...]
    demand: tuple[Demand, ...]
    plan: Plan
    why: str

    def fits(self, sts: StsState, dane: DaneState, demand: Demand) -> bool:
        """Whether the row is about this case."""
        return (not self.sts or sts in self.sts) and (not self.dane or dane in self.dane) and (not self.demand or demand in self.demand)


GO, SKIP, LATER, NEVER = Plan(Step.GO), Plan(Step.SKIP), Plan(Step.LATER), Plan(Step.NEVER)
#: Nobody asks for verified TLS by MTA-STS; testing is written down.
LAX: Final = (StsState.NONE, StsState.UNFETCHED, StsState.TESTING)

#: The first row that fits counts.  Each case has one.
TABLE: Final = (
    Row((), (), (Demand.TLS_OPTIONAL, Demand.TLS_REPORT), Plan(Step.GO, clear=True, forgiving=True),
        "The sender rather has it arrive than protected: whatever fails is written down and ignored (RFC 8689 §4.2.2)."),
    Row((StsState.TROUBLE,), (), (), LATER,
        "Whether the domain has a policy is unknown; guessing that it has none would help whoever made the trouble."),
    Row((StsState.OTHER_HOST,), (), (), SKIP,
        "The policy does not name this host (RFC 8461 §4.1): not even good DANE makes up for that."),
    Row((), (DaneState.TROUBLE,), (), LATER,
        "The records are forged or out of reach: other hosts may be tried, this one waits (RFC 7672 §2.1)."),
    Row((StsState.ENFORCE,), (DaneState.USABLE,), (Demand.REQUIRETLS,), Plan(Step.GO, tls=True, dane=True, pkix=True, requiretls=True),
        "Both promises are kept, and the server promises the same further on (RFC 8689 §4.2.1)."),
    Row((StsState.ENFORCE,), (), (Demand.REQUIRETLS,), Plan(Step.GO, tls=True, pkix=True, requiretls=True),
        "MTA-STS vouches for the name of the host, an authority for its certificate (RFC 8689 §4.2.1)."),
    Row(LAX, (DaneState.USABLE,), (Demand.REQUIRETLS,), Plan(Step.GO, tls=True, dane=True, requiretls=True),
        "DNSSEC vouches for name and key (RFC 8689 §4.2.1)."),
    Row(LAX, (DaneState.SIGNED, DaneState.UNUSABLE), (Demand.REQUIRETLS,), Plan(Step.GO, tls=True, pkix=True, requiretls=True),
        "DNSSEC vouches for the name of the host, an authority for its certificate (RFC 8689 §4.2.1)."),
    Row((StsState.UNFETCHED,), (DaneState.NONE,), (Demand.REQUIRETLS,), LATER,
        "The policy might vouch for the name of the host; nothing is lost by waiting for it."),
    Row((StsState.NONE, StsState.TESTING), (DaneState.NONE,), (Demand.REQUIRETLS,), NEVER,
        "Nobody vouches for the name of the host, so no certificate proves anything: 5.7.30 (RFC 8689 §4.2.1)."),
    Row((StsState.ENFORCE,), (DaneState.USABLE,), (), Plan(Step.GO, tls=True, dane=True, pkix=True),
        "Failing DANE is not rescued by MTA-STS (RFC 8461 §2), and good DANE with a certificate that no authority signed does not rescue "
        "MTA-STS, which is enforced where it is present."),
    Row((StsState.ENFORCE,), (), (), Plan(Step.GO, tls=True, pkix=True),
        "The policy wants TLS and a certificate for the host's name (RFC 8461 §5)."),
    Row((StsState.TESTING,), (DaneState.USABLE,), (), Plan(Step.GO, tls=True, dane=True, forgiving=True),
        "DANE counts; what MTA-STS would refuse is written down (RFC 8461 §5)."),
    Row((), (DaneState.USABLE,), (), Plan(Step.GO, tls=True, dane=True),
        "The server must show what the DNS promises (RFC 7672 §2.2)."),
    Row((StsState.TESTING,), (DaneState.UNUSABLE,), (), Plan(Step.GO, tls=True, forgiving=True),
        "TLS is promised, the keys cannot be compared (RFC 7672 §2.2); what MTA-STS would refuse is written down."),
    Row((), (DaneState.UNUSABLE,), (), Plan(Step.GO, tls=True),
        "TLS is promised, the keys cannot be compared: encrypted, whoever it is (RFC 7672 §2.2)."),
    Row((StsState.TESTING,), (), (Demand.DMARC_REPORT,), Plan(Step.GO, tls=True, forgiving=True),
        "A report about people's mail is never sent in the clear; what MTA-STS would refuse is written down."),
    Row((), (), (Demand.DMARC_REPORT,), Plan(Step.GO, tls=True),
        "A report about people's mail is never sent in the clear."),
    Row((StsState.TESTING,), (), (), Plan(Step.GO, clear=True, forgiving=True),
        "What the policy would refuse is written down, and the mail is delivered (RFC 8461 §5)."),
    Row((), (), (), Plan(Step.GO, clear=True),
        "Nobody promised anything: TLS if it can be had, else without (RFC 7435 §3)."),
)


def row(sts: StsState, dane: DaneState, demand: Demand) -> Row:
    """The row of the table that counts."""
    return next(one for one in TABLE if one.fits(sts, dane, demand))


def decide(sts: StsState, dane: DaneState, demand: Demand) -> Plan:
    """What a connection to the host must be like."""
    return row(sts, dane, demand).plan


def met(plan: Plan, shown: Shown) -> Lack | None:
    """What a connection lacks of what plan wants; None if nothing.

    Whoever has no verdict has not proven anything.
    """
    if not shown.encrypted:
        return Lack.TLS if plan.tls or plan.verified or plan.requiretls or not plan.clear else None
    if plan.dane and not (shown.dane is not None and shown.dane.good):
        return Lack.DANE
    if plan.pkix and not (shown.pkix is not None and shown.pkix.good):
        return Lack.PKIX
    return Lack.REQUIRETLS if plan.requiretls and not shown.requiretls else None


def serves(sts: StsState, dane: DaneState, demand: Demand, shown: Shown) -> bool:
    """Whether a connection that is there may carry a message that demands this."""
    plan = decide(sts, dane, demand)
    return plan.step is Step.GO and met(plan, shown) is None


def markdown() -> str:
    """The table for docs/protection.md."""
    lines = ["| # | MTA-STS | DANE | the message | then | TLS | verified by | without TLS | failures | why |",
             "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"]
    lines += [f"| {number} | {' | '.join(_cells(one))} |" for number, one in enumerate(TABLE, 1)]
    return "\n".join(lines)


def _cells(one: Row) -> list[str]:
    plan = one.plan
    names = [", ".join(state.value for state in states) or "any" for states in (one.sts, one.dane)]
    demand = ", ".join(state.name for state in one.demand) or "any"
    if plan.step is not Step.GO:
        return [*names, demand, plan.step.value, "", "", "", "", one.why]
    by = " and ".join(filter(None, ("DANE" if plan.dane else "", "its certificate" if plan.pkix else "")))
    extra = " and REQUIRETLS" if plan.requiretls else ""
    return [*names, demand, plan.step.value, ("needed" if plan.tls else "if possible") + extra, by or "nobody",
            "yes" if plan.clear else "no", "ignored, written down" if plan.forgiving else "count", one.why]
