"""mta.flow.accountnames: who an event is about."""
from mta.flow import people
from mta.flow.accountnames import named
from mta.flow.world import World


def test_names(served: World) -> None:
    """A name; of who is gone there is only a number."""
    assert named(served, people.get_account(served, "bob").id) == "bob"
    assert named(served, 99) == "99"
