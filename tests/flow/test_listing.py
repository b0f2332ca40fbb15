"""Lists as a reader wants them, and acting on all of one in steps."""
from collections.abc import Iterator

import pytest

from mta.base.errors import NotFound, UserError
from mta.flow import filing, listing, people, reading
from mta.flow.reading import Cursor
from mta.flow.world import World
from mta.store.search import SearchIndex
from tests.web.letters import put


@pytest.fixture
def ann(served: World) -> int:
    """Ann's account."""
    return people.get_account(served, "ann").id


@pytest.fixture
def index(served: World) -> Iterator[SearchIndex]:
    """The search index."""
    index = SearchIndex(served.store.search_db)
    yield index
    index.close()


def box(world: World, account: int, role: str) -> int:
    """The mailbox with a role."""
    return next(row.id for row in reading.all_mailboxes(world, account) if row.role == role)


def test_pages(served: World, ann: int) -> None:
    """By subject; unknown orders and other people's mailboxes are refused."""
    for subject in ("b", "a", "c"):
        put(served, subject=subject)
    inbox = box(served, ann, "inbox")
    assert [one.subject for one in listing.page(served, ann, inbox, "subject").messages] == ["a", "b", "c"]
    assert [one.subject for one in listing.page(served, ann, inbox, "newest").messages] == ["c", "a", "b"]
    page, told = listing.conversations(served, ann, inbox, None, 10)
    assert [(one.subject, known.total) for one, known in zip(page.messages, told, strict=True)] == [("c", 1), ("a", 1), ("b", 1)]
    with pytest.raises(UserError, match="no order 'best'"):
        listing.page(served, ann, inbox, "best")
    with pytest.raises(NotFound):
        listing.conversations(served, people.get_account(served, "bob").id, inbox, None, 10)


def test_read_all(served: World, ann: int) -> None:
    """Everything in a mailbox, however much."""
    for number in range(listing.SLICE + 5):
        put(served, subject=f"m{number}")
    assert listing.read_all(served, ann, box(served, ann, "inbox")) == listing.SLICE + 5
    assert reading.mailbox(served, ann, box(served, ann, "inbox")).unread == 0


def test_a_whole_list(served: World, ann: int, index: SearchIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    """Step by step to its end; each step tells what moved from where."""
    monkeypatch.setattr(listing, "SLICE", 2)
    ids = [put(served, subject=f"m{number}") for number in range(5)]
    inbox, archive = box(served, ann, "inbox"), box(served, ann, "archive")
    moved: list[int] = []
    steps = 0
    after: Cursor | None = None
    while True:
        done = listing.act(served, index, ann, inbox, "", "archive", after)
        moved += done.moved.get(inbox, [])
        steps += 1
        after = done.next
        if after is None:
            break
    assert sorted(moved) == ids
    assert (steps, done.mailbox) == (3, archive)
    found = listing.act(served, index, ann, None, "in:archive", "flags", None, add=["\\Flagged", "Later"])
    assert found.found == 2
    assert listing.labels(served, ann) == ["Later"]
    assert listing.act(served, index, ann, archive, "", "delete", None).moved
    with pytest.raises(UserError, match="where to"):
        listing.act(served, index, ann, archive, "", "move", None)
    with pytest.raises(UserError, match="act on what"):
        listing.act(served, index, ann, None, "", "archive", None)


def test_roles(served: World, ann: int) -> None:
    """A role goes from one mailbox to another."""
    made = filing.add_mailbox(served, ann, "Old")
    assert filing.set_role(served, ann, made.id, "archive").role == "archive"
    assert [row.name for row in reading.all_mailboxes(served, ann) if row.role == "archive"] == ["Old"]
    assert filing.set_role(served, ann, made.id, None).role is None
