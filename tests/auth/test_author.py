"""mta.auth.author: whose name a message bears."""
import pytest

from mta.auth.author import author
from mta.base.names import Domain
from mta.message import header


@pytest.mark.parametrize(("fields", "domain"), [
    ("From: Ann <ann@Example.ORG>", "example.org"),
    ("From: ann@example.org, bob@example.org", "example.org"),
    ("From: Team: ann@example.org, bob@example.org;", "example.org"),
    ("From: ann@münchen.example", "xn--mnchen-3ya.example"),
    ("From: Smith, John <john@example.org>", "example.org"),
    ('From: "boss@bank.example" <ann@example.org>', "example.org"),
    ("From : ann@example.org\r\nSender: bob@other.example", "example.org"),
])
def test_one_author_domain(fields: str, domain: str) -> None:
    """The domain of From, in A-labels (RFC 9989 §5.3.1)."""
    found = author(header.parse(f"{fields}\r\n\r\n".encode()))

    assert (found.domain, found.problem) == (Domain(domain), "")


@pytest.mark.parametrize(("fields", "domains", "problem"), [
    ("To: ann@example.org", [], "no From field"),
    ("From:", [], "no address"),
    ("From: undisclosed:;", [], "no address"),
    ("From: Ann <>", [], "no address"),
    ("From: ann@[192.0.2.1]", [], "no address"),
    ("From: ann@example.org, bob@other.example", ["example.org", "other.example"], "authors of 2 domains"),
    ("From: ann@example.org\r\nFrom: bob@other.example", ["example.org", "other.example"], "2 From fields"),
    ("From: ann@example.org\r\nFrom: ann@example.org", ["example.org"], "2 From fields"),
    ("From: boss@bank.example <ann@example.org>", ["example.org"], "not written"),
    ("From: <boss@bank.example> <ann@example.org>", ["bank.example", "example.org"], "not written"),
])
def test_no_author_domain(fields: str, domains: list[str], problem: str) -> None:
    """What leaves doubt is none, with the domains that can be read and what is wrong."""
    found = author(header.parse(f"{fields}\r\n\r\n".encode()))

    assert found.domain is None
    assert [domain.ascii for domain in found.domains] == domains
    assert problem in found.problem
