"""Choices of the webmail are kept as they are, within a bound."""
import pytest

from mta.base.errors import UserError
from mta.flow import display, people
from mta.flow.world import World


def test_kept(served: World) -> None:
    """For each account by itself."""
    ann, bob = (people.get_account(served, name).id for name in ("ann", "bob"))
    assert display.get(served, ann) == ""
    display.keep(served, ann, '{"layout": "below"}')
    assert (display.get(served, ann), display.get(served, bob)) == ('{"layout": "below"}', "")
    with pytest.raises(UserError, match="too long"):
        display.keep(served, ann, "x" * (display.MOST + 1))
