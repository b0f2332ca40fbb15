"""mta.flow.typed: what people type is read kindly, and refused with the way to write it."""
import pytest

from mta.base.errors import UserError
from mta.flow import typed


def test_what_is_meant_is_understood() -> None:
    """White space around it, the @ of an address before a domain, lines of a text."""
    assert str(typed.address(" Ann@example.org\n")) == "Ann@example.org"
    assert str(typed.domain(" @example.org ")) == "example.org"
    assert typed.one_line("  Ann\n of the  Harbour ", 18, "a name") == "Ann of the Harbour"


@pytest.mark.parametrize("text", ["", "ann", "ann@", "a b@example.org", "ann@ex\x00ample.org"])
def test_no_address(text: str) -> None:
    """The message shows how one is written."""
    with pytest.raises(UserError, match=r"is no address; write it like ann@example\.org"):
        typed.address(text)


@pytest.mark.parametrize("text", ["", "@", "ex ample.org", "a..b", "x" * 300])
def test_no_domain(text: str) -> None:
    """The message shows how one is written."""
    with pytest.raises(UserError, match=r"is no domain; write it like example\.org"):
        typed.domain(text)


@pytest.mark.parametrize("text", ["a" * 19, "a\x07b", "a\u202eb"])
def test_no_line(text: str) -> None:
    """Too long, or with what cannot be shown; the message says what it was for."""
    with pytest.raises(UserError, match="a name is one line of at most 18 characters"):
        typed.one_line(text, 18, "a name")
