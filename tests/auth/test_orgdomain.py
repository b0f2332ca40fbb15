"""mta.auth.orgdomain: what was registered, by the public suffix list."""
from pathlib import Path

import pytest

from mta.auth import orgdomain
from mta.auth.orgdomain import Suffixes
from mta.base.errors import BadName
from mta.base.names import Domain
from tests.message.vectors import need


def parsed(text: str) -> Domain | None:
    """The domain that a vector names, None for what is none."""
    try:
        return None if text == "null" else Domain.parse(text)
    except BadName:
        return None


@pytest.mark.parametrize(("domain", "registered"), [
    ("a.b.example.org", "example.org"), ("example.org", "example.org"), ("www.example.co.uk", "example.co.uk"), ("co.uk", None),
    ("org", None), ("a.b.unknown", "b.unknown"), ("someone.github.io", "someone.github.io"), ("_dmarc.example.org", "example.org"),
    ("www.xn--85x722f.xn--55qx5d.cn", "xn--85x722f.xn--55qx5d.cn"), ("www.ck", "www.ck"), ("a.b.c.kobe.jp", "b.c.kobe.jp"),
])
def test_registered(domain: str, registered: str | None) -> None:
    """Rules, wildcards, exceptions, private suffixes and names under none of them."""
    assert orgdomain.registered(Domain(domain)) == (Domain(registered) if registered else None)
    assert orgdomain.organization(Domain(domain)) == Domain(registered or domain)


def test_related() -> None:
    """Two names of one owner; a public suffix makes no relatives."""
    assert orgdomain.related(Domain("mail.example.co.uk"), Domain("example.co.uk"))
    assert orgdomain.related(Domain("co.uk"), Domain("co.uk"))
    assert not orgdomain.related(Domain("one.co.uk"), Domain("two.co.uk"))
    assert not orgdomain.related(Domain("co.uk"), Domain("one.co.uk"))


def lists() -> list[Path | None]:
    """The list of the package (None), and the one that came with the vectors."""
    folder = need("psl")
    return [None, folder / "public_suffix_list.dat"]


def test_vectors() -> None:
    """The list's own tests, against the list beside them and against the one that we use."""
    tests = (need("psl") / "tests-give.txt").read_text("utf-8").splitlines()
    for place in lists():
        suffixes = Suffixes(place.read_text("utf-8").splitlines() if place else None)
        for line in tests:
            if line.strip() and not line.startswith("//"):
                name, wanted = line.split()
                domain = parsed(name)
                assert (domain and suffixes.registered(domain)) == parsed(wanted), (place, line)
