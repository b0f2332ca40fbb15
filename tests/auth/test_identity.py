"""Tests of mta.auth.identity."""
import pytest

from mta.auth.author import Author
from mta.auth.identity import unchecked
from mta.auth.status import Status
from mta.base.names import Address, Domain, ip_address
from tests.judge.arrivals import identity, signed


@pytest.mark.parametrize(("spf", "dkim", "dmarc", "want"), [
    ("pass", (), "pass", True), ("pass", ("else.example",), "fail", False), ("pass", (), "none", True), ("fail", (), "none", False),
    ("fail", ("mail.else.example",), "none", True), ("none", ("far.example",), "none", False),
    ("none", ("else.example",), "temperror", True),
])
def test_proven(spf: str, dkim: tuple[str, ...], dmarc: str, want: bool) -> None:
    """DMARC says so; where it has no record or no answer, a domain of the author's organisation does."""
    assert identity(spf=spf, dkim=dkim, dmarc=dmarc).proven is want


def test_no_author() -> None:
    """Whoever names nobody, or two, has proven nothing."""
    assert not identity(author="", dmarc="none", dkim=["else.example"]).proven
    assert not identity(author="a@else.example,b@far.example", dmarc="none", dkim=["else.example"]).proven
    assert identity(author="a@else.example,b@else.example").author_address is None
    assert identity().author_address == Address("carl", Domain("else.example"))


def test_which_signatures_count() -> None:
    """Those that passed, for the whole of the body; each domain once."""
    found = identity(dkim=["b.example", signed("c.example", partial=True), signed("d.example", "fail"), "b.example", "a.example"])

    assert found.dkim_domains == (Domain("b.example"), Domain("a.example"))
    assert identity(spf="softfail").spf_domain is None
    assert identity(sender=None, hello="mx.else.example").spf_domain == Domain("mx.else.example")


def test_before_anything_was_asked() -> None:
    """Nothing is proven, nothing failed."""
    found = unchecked(ip_address("192.0.2.1"), "x", None, Author((Domain("else.example"),)))

    assert (found.proven, found.spf.status, found.spf.identity, found.dmarc.status) == (False, Status.NONE, "helo", Status.NONE)
