"""Senders who look like a domain one knows are named; those who are it, or like nobody, are not."""
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mta.base.names import Address, Domain
from mta.judge.lookalike import resembled, skeleton, warnings

KNOWN = [Domain.parse(name) for name in ("example.org", "paypal.com", "mybank.example", "bücher.example")]


@pytest.mark.parametrize(("name", "like"), [
    ("exarnple.org", "example.org"), ("paypa1.com", "paypal.com"), ("pаypal.com", "paypal.com"), ("exampel.org", "example.org"),
    ("exampl.org", "example.org"), ("example.org.evil.net", "example.org"), ("rnybank.example", "mybank.example"),
    ("pay-pal.com", "paypal.com"),
    ("bucher.example", "bücher.example"),
])
def test_alike(name: str, like: str) -> None:
    """Letters that look the same, one letter more or less, two exchanged, the name in front of another."""
    assert resembled(Domain.parse(name), KNOWN) == Domain.parse(like)


@pytest.mark.parametrize("name", ["example.org", "mail.example.org", "paypal.com", "other.net", "examination.org", "a.com"])
def test_not_alike(name: str) -> None:
    """Ourselves, what is below us, and others."""
    assert resembled(Domain.parse(name), KNOWN) is None


def test_names() -> None:
    """A name that is an address must be that of the sender; the DNS form of a name with letters beyond a to z is told."""
    sender = Address.parse("x@other.net")
    assert list(warnings("Ann <ann@example.org>", sender, KNOWN)) == ["The name says ann@example.org, but the message is from x@other.net."]
    assert list(warnings("x@other.net", sender, KNOWN)) == []
    assert list(warnings("Xenia", sender, KNOWN)) == []
    assert "xn--mller-kva.net" in next(iter(warnings("", Address.parse("x@müller.net"), KNOWN)))


@given(st.text())
def test_skeletons(text: str) -> None:
    """Whatever is looked at; hyphens, however written, make no difference."""
    assert "-" not in skeleton(text)
    assert skeleton(f"{text}-x") == skeleton(f"{text}x")
