"""mta.secure.protection: the one table, case by case, and what must hold for all of it."""
from itertools import pairwise, product
from pathlib import Path
from typing import NamedTuple

import pytest

from mta.secure import protection
from mta.secure.protection import TABLE, DaneState, Demand, Lack, Plan, Shown, Step, StsState, decide, met, row, serves
from mta.secure.tlsresult import Result, Verdict

HERE = Path(__file__).parent
PAGE = HERE.parent.parent / "docs" / "protection.md"
STS = {"none": StsState.NONE, "testing": StsState.TESTING, "enforce": StsState.ENFORCE, "other": StsState.OTHER_HOST,
       "unfetched": StsState.UNFETCHED, "trouble": StsState.TROUBLE}
DANE = {"none": DaneState.NONE, "signed": DaneState.SIGNED, "unusable": DaneState.UNUSABLE, "usable": DaneState.USABLE,
        "trouble": DaneState.TROUBLE}
GOOD, BAD = Verdict(), Verdict(Result.VALIDATION_FAILURE)
EVERY = list(product(StsState, DaneState, Demand))
VERDICTS = (None, GOOD, BAD)
CONNECTIONS = [Shown(), *(Shown(True, pkix, dane, offers) for pkix in VERDICTS for dane in VERDICTS for offers in (False, True))]


class Case(NamedTuple):
    """A line of the file."""

    sts: StsState
    dane: DaneState
    demand: Demand
    shown: Shown
    wanted: str
    why: str


def cases() -> list[Case]:
    """The file."""
    found = []
    for line in (HERE / "protection.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            sts, dane, demand, connection, wanted, why = (part.strip() for part in line.split("|"))
            words = connection.split()
            assert set(words) <= {"clear", "tls", "cert", "dane", "requiretls"}
            shown = Shown() if words == ["clear"] else Shown(
                "tls" in words, GOOD if "cert" in words else BAD, GOOD if "dane" in words else BAD, "requiretls" in words)
            found.append(Case(STS[sts], DANE[dane], Demand[demand], shown, wanted, why))
    return found


@pytest.mark.parametrize("case", cases(), ids=lambda case: f"{case.sts.name}-{case.dane.name}-{case.demand.name}-{case.why}")
def test_case(case: Case) -> None:
    """Each line of the file comes out as it says."""
    plan = decide(case.sts, case.dane, case.demand)
    if plan.step is not Step.GO:
        happens = plan.step.value
    else:
        lack = met(plan, case.shown)
        happens = lack.name if lack else "delivered"

    assert happens == case.wanted
    assert serves(case.sts, case.dane, case.demand, case.shown) == (case.wanted == "delivered")


def test_the_file_has_every_row() -> None:
    """There is a case for each row, and about as many as the table needs."""
    rows = {id(row(case.sts, case.dane, case.demand)) for case in cases()}

    assert rows == {id(one) for one in TABLE}
    assert len(cases()) >= 40


def test_every_situation_has_a_row_and_every_row_a_situation() -> None:
    """Nothing falls through, and no row is hidden by those above it."""
    assert {id(row(*situation)) for situation in EVERY} == {id(one) for one in TABLE}


def test_what_holds_everywhere() -> None:
    """The promises that make the table what it is."""
    optional = (Demand.TLS_OPTIONAL, Demand.TLS_REPORT)
    for sts, dane, demand in EVERY:
        plan = decide(sts, dane, demand)
        if demand in optional:
            assert plan == Plan(Step.GO, clear=True, forgiving=True)
            continue
        # Doubt is no reason to send in the clear, and none to bounce.
        if StsState.TROUBLE is sts or (dane is DaneState.TROUBLE and sts is not StsState.OTHER_HOST):
            assert plan.step is Step.LATER
        # Where anything was promised, or asked for, there is no plaintext.
        promised = sts in (StsState.ENFORCE, StsState.OTHER_HOST) or dane in (DaneState.UNUSABLE, DaneState.USABLE)
        if promised or demand is not Demand.USUAL:
            assert not plan.clear
        # What is promised is verified; neither promise stands in for the other.
        if plan.step is Step.GO:
            assert plan.dane == (dane is DaneState.USABLE)
            assert plan.pkix or sts is not StsState.ENFORCE
            assert plan.tls != plan.clear
        if demand is Demand.REQUIRETLS and plan.step is Step.GO:
            assert plan.requiretls
            assert plan.verified
        # Only whoever asked for it is refused for good.
        assert plan.step is not Step.NEVER or demand is Demand.REQUIRETLS
        assert plan.requiretls <= (demand is Demand.REQUIRETLS)
        assert plan.forgiving <= (sts is StsState.TESTING)


def test_what_holds_for_every_connection() -> None:
    """A plan that wants something is not met by less, whatever else there is."""
    for situation, shown in product(EVERY, CONNECTIONS):
        plan = decide(*situation)
        if serves(*situation, shown):
            assert shown.encrypted or plan.clear
            assert not plan.dane or shown.dane is GOOD
            assert not plan.pkix or shown.pkix is GOOD
            assert not plan.requiretls or shown.requiretls


def test_a_stricter_message_never_gets_a_lesser_connection() -> None:
    """What REQUIRETLS may use, anybody may; what usual mail may use, optional mail may."""
    steps = (Demand.REQUIRETLS, Demand.DMARC_REPORT, Demand.USUAL, Demand.TLS_OPTIONAL)
    for sts, dane, shown in product(StsState, DaneState, CONNECTIONS):
        for strict, lax in pairwise(steps):
            assert serves(sts, dane, strict, shown) <= serves(sts, dane, lax, shown)


def test_no_verdict_is_no_proof() -> None:
    """A connection nobody looked at has not proven anything."""
    assert met(Plan(Step.GO, tls=True, dane=True), Shown(True, GOOD, None)) is Lack.DANE
    assert met(Plan(Step.GO, tls=True, pkix=True), Shown(True, None, GOOD)) is Lack.PKIX
    assert met(Plan(Step.GO), Shown()) is Lack.TLS


def test_the_page_has_the_same_table() -> None:
    """docs/protection.md says what the code does, word for word."""
    assert protection.markdown() in PAGE.read_text("utf-8")
