"""mta.flow.travelling: what a page may say about the way to a recipient."""
import pytest

from mta.base.names import Domain
from mta.flow import people
from mta.flow.travelling import MOST, ways
from mta.flow.world import World
from mta.secure.protection import Seen
from mta.store import seen


@pytest.fixture
def ann(served: World) -> int:
    """Ann's account."""
    return people.get_account(served, "ann").id


def saw(world: World, account: int, domain: str, starttls: bool, verified: str, requiretls: bool) -> None:
    """Mail of account was on its way there."""
    world.store.write_now(lambda db: seen.note(db, [account], Seen(Domain(domain), starttls, verified, requiretls, 1_000.0)))


@pytest.mark.parametrize(("starttls", "verified", "requiretls", "way", "promised"), [
    (False, "", False, "clear", False), (True, "", False, "encrypted", False), (True, "", True, "encrypted", False),
    (True, "dane", False, "verified", False), (True, "mta-sts", True, "verified", True),
])
def test_what_was_seen(served: World, ann: int, starttls: bool, verified: str, requiretls: bool, way: str, promised: bool) -> None:
    """REQUIRETLS is worth something only of a server that proved who it is (RFC 8689 §2)."""
    saw(served, ann, "b.example", starttls, verified, requiretls)

    [found] = ways(served, ann, "Bob <bob@b.example>")

    assert (str(found.recipient), found.way, found.requiretls, found.at) == ("bob@b.example", way, promised, 1_000.0)


def test_whom_it_is_told(served: World, ann: int) -> None:
    """Mail for people here stays here; what others saw is not told."""
    saw(served, people.get_account(served, "bob").id, "b.example", True, "dane", True)

    found = ways(served, ann, "bob@example.org, bob@b.example")

    assert [(one.way, one.requiretls, one.at) for one in found] == [("here", True, None), ("unknown", False, None)]


def test_what_people_type(served: World, ann: int) -> None:
    """Half an address is no recipient, the same one twice is one, and a thousand are too many."""
    saw(served, ann, "xn--bcher-kva.example", True, "", False)

    assert [str(one.recipient) for one in ways(served, ann, "bob@, bob, a@bücher.example, <a@bücher.example>, ")] == ["a@bücher.example"]
    assert ways(served, ann, "a@bücher.example")[0].way == "encrypted"
    assert ways(served, ann, "") == []
    assert len(ways(served, ann, ", ".join(f"a{number}@b.example" for number in range(MOST + 10)))) == MOST
