"""Tests of mta.judge.passedon."""
from dataclasses import replace

import pytest

from mta.auth.arc import ArcResult
from mta.auth.status import Status
from mta.base.names import Domain
from mta.judge.passedon import like_list, vouching
from mta.message import header
from tests.judge.arrivals import identity

LIST, OTHER = Domain("lists.example"), Domain("relay.example")
PROVED = "lists.example; spf=fail smtp.mailfrom=carl@else.example; dmarc=pass header.from=else.example"


@pytest.mark.parametrize(("field", "want"), [
    ("List-Id: <a.lists.example>", True), ("List-Post: NO", True), ("Precedence: List", True), ("Mailing-List: contact a@b.example", True),
    ("List-Unsubscribe: <https://shop.example/out>", False), ("Precedence: bulk", False), ("Subject: [list] List-Id: x", False),
])
def test_marks_of_a_list(field: str, want: bool) -> None:
    """What only lists write; a newsletter is none."""
    assert like_list(header.parse(f"{field}\r\nFrom: a@b.example\r\n\r\n".encode())) is want


def chain(*sets: tuple[Domain, str], status: Status = Status.PASS, whole: bool = True) -> ArcResult:
    """A chain, the oldest set first."""
    return ArcResult(status, len(sets), tuple(sealer for sealer, _ in sets), tuple(report for _, report in sets), whole=whole)


@pytest.mark.parametrize(("arc", "want"), [
    (chain((LIST, PROVED)), LIST),
    (chain((LIST, PROVED), (OTHER, "relay.example; arc=pass")), LIST),                  # handed from one trusted to the other
    (chain((LIST, PROVED), (Domain("evil.example"), "evil.example; arc=pass")), None),  # whoever had it last may have changed all
    (chain((Domain("evil.example"), PROVED), (LIST, "lists.example; dmarc=fail header.from=else.example")), None),
    (chain((LIST, "lists.example; dmarc=pass header.from=far.example")), None),
    (chain((LIST, "lists.example; dkim=pass header.d=mail.else.example")), LIST),
    (chain((LIST, "x; dkim=pass header.i=@else.example")), LIST),
    (chain((LIST, "x; dkim=fail header.d=else.example; spf=pass smtp.mailfrom=carl@else.example")), LIST),
    (chain((LIST, "x; spf=pass smtp.mailfrom=else.example.far.example; auth=pass; dkim=pass")), None), (chain((LIST, "none")), None),
    (chain((LIST, PROVED), status=Status.FAIL), None), (chain((LIST, PROVED), whole=False), None), (ArcResult(Status.NONE), None),
])
def test_sealers(arc: ArcResult, want: Domain | None) -> None:
    """A pass counts only from those on the list, about this author, for the message as it is."""
    assert vouching(identity(dmarc="fail", arc=arc), {LIST, OTHER}) == want
    assert vouching(identity(dmarc="fail", arc=arc), ()) is None


def test_nobody_vouches_for_nobody() -> None:
    """Without one author there is nothing to prove."""
    assert vouching(replace(identity(author=""), arc=chain((LIST, PROVED))), {LIST}) is None
