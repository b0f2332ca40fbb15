"""web.feed: what happens in an account, as its pages are told."""
import json
from typing import Any

import pytest

from mta.flow import filing, people, reading
from mta.flow.world import World
from mta.store import accounts, changes
from mta.store.connection import Connection
from tests.web.letters import put
from web.feed import AT_ONCE, FAR, ChangeFeed
from web.streams import Piece


@pytest.fixture
def feed(served: World) -> ChangeFeed:
    """The feed of a small server."""
    return ChangeFeed(served)


@pytest.fixture
def ann(served: World) -> int:
    """Ann's account."""
    return people.get_account(served, "ann").id


def told(piece: Piece | None) -> tuple[str, Any]:
    """Name and data of the one event in a piece; its id is the piece's modseq."""
    assert piece is not None
    fields = dict(line.split(": ", 1) for line in piece.text.decode().strip().split("\n"))
    assert int(fields["id"]) == piece.modseq
    return fields["event"], json.loads(fields["data"])


def now(world: World, account: int) -> int:
    """The account's modseq."""
    return world.store.read(lambda db: changes.latest(db, account))


def kinds(piece: Piece | None) -> list[str]:
    """The types of the changes in a piece."""
    return [change["type"] for change in told(piece)[1]["changes"]]


def test_a_message_comes(served: World, feed: ChangeFeed, ann: int) -> None:
    """It is told as lists show it, with the new counts of its mailbox."""
    before = now(served, ann)
    id = put(served)
    name, data = told(feed.since(ann, before))
    assert (name, data["modseq"]) == ("changes", now(served, ann))
    added, counted = data["changes"]
    assert (added["type"], added["message"]["id"], added["message"]["subject"]) == ("message_added", id, "Hello")
    assert (counted["type"], counted["mailbox"]["total"], counted["mailbox"]["role"]) == ("mailbox", 1, "inbox")
    assert feed.since(ann, now(served, ann)) is None


def test_flags_moves_and_removals(served: World, feed: ChangeFeed, ann: int) -> None:
    """A move is a removal and an arrival; what is gone by now is told as gone only."""
    id = put(served)
    before = now(served, ann)
    filing.flag(served, ann, [id], add=["\\Seen", "work"])
    flagged = told(feed.since(ann, before))[1]["changes"]
    assert {"message_id": id, "flags": ["\\Seen"], "keywords": ["work"]}.items() <= next(
        change for change in flagged if change["type"] == "message_flags").items()
    before = now(served, ann)
    filing.archive(served, ann, [id])
    assert [kind for kind in kinds(feed.since(ann, before)) if kind != "mailbox"] == ["message_removed", "message_added"]
    filing.delete(served, ann, [id])
    filing.delete(served, ann, [id])
    assert [kind for kind in kinds(feed.since(ann, before)) if kind != "mailbox"] == ["message_removed"] * 3


def test_mailboxes_come_and_go(served: World, feed: ChangeFeed, ann: int) -> None:
    """New and renamed mailboxes are told as they are now, removed ones by their id."""
    before = now(served, ann)
    row = filing.add_mailbox(served, ann, "Cats")
    filing.rename_mailbox(served, ann, row.id, "Dogs")
    changes_told = told(feed.since(ann, before))[1]["changes"]
    assert {(change["type"], change["mailbox"]["name"]) for change in changes_told} == {("mailbox", "Dogs")}
    before = now(served, ann)
    filing.remove_mailbox(served, ann, row.id)
    assert told(feed.since(ann, before))[1]["changes"] == [
        {"type": "mailbox_removed", "modseq": now(served, ann), "mailbox_id": row.id}]


def test_much_at_once(served: World, feed: ChangeFeed, ann: int) -> None:
    """Much is told in pieces that leave nothing out; too much as "read it all again", and so is a modseq of the future."""
    id = put(served)
    start = now(served, ann)
    for _ in range(AT_ONCE):
        filing.flag(served, ann, [id], add=["\\Seen"])
        filing.flag(served, ann, [id], remove=["\\Seen"])
    at, heard = start, 0
    while piece := feed.since(ann, at):
        heard += kinds(piece).count("message_flags")
        assert piece.modseq > at
        at = piece.modseq
    assert (heard, at) == (2 * AT_ONCE, now(served, ann))
    assert told(feed.since(ann, at + 1)) == ("reset", {"modseq": at})

    def jump(db: Connection) -> None:
        changes.take(db, ann, FAR)
        changes.note(db, ann, changes.take(db, ann), "mailbox_keywords", reading.mailbox_named(served, ann, "inbox").id, {"keywords": []})
    served.store.write_now(jump)
    assert told(feed.since(ann, start))[0] == "reset"


def test_what_was_forgotten(served: World, feed: ChangeFeed, ann: int) -> None:
    """A page that asks for changes that were pruned reads everything again."""
    def forget(db: Connection) -> None:
        db.execute("DELETE FROM change WHERE account_id = ?", (ann,))
        db.execute("UPDATE account SET forgotten_modseq = modseq WHERE id = ?", (ann,))

    served.store.write_now(forget)
    assert told(feed.since(ann, now(served, ann) - 1))[0] == "reset"


def test_how_far(served: World, feed: ChangeFeed, ann: int) -> None:
    """Each account's modseq; accounts that are gone are left out; any commit changes the version."""
    version = feed.version()
    put(served)
    assert feed.version() != version
    assert feed.latest([ann, 12_345]) == {ann: now(served, ann)}
    assert served.store.read(lambda db: accounts.get(db, 12_345)) is None
