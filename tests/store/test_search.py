"""The index finds what is there, for its owner alone, newest first."""
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from mta.base.clock import SetClock
from mta.base.errors import TemporaryError
from mta.base.limits import LIMITS
from mta.message.flags import Flags
from mta.store import accounts, bodies, mailboxes, messages
from mta.store.connection import Connection, connect, value
from mta.store.database import Store
from mta.store.migrate import prepare
from mta.store.search import Document, SearchIndex


@pytest.fixture
def index(store: Store) -> Iterator[SearchIndex]:
    """The index of the test's store."""
    index = SearchIndex(store.search_db)
    yield index
    index.close()


@pytest.fixture
def ann(store: Store) -> int:
    """An account with mail."""
    return store.write_now(lambda db: accounts.add(db, store.clock, "ann"))


def put(store: Store, account: int, *, flags: Flags = Flags.NONE, role: str = "inbox", received: float | None = None) -> int:
    """A message in a mailbox of account; its id."""
    sink = store.bodies.sink()
    sink.write(b"Subject: x\r\n\r\nx\r\n")
    spooled = sink.finish()

    def change(db: Connection) -> int:
        mailbox = mailboxes.by_role(db, account, role)
        assert mailbox is not None
        new = messages.NewMessage(
            mailbox_id=mailbox.id, body_id=bodies.insert(db, spooled), body_size=spooled.size, prefix=b"", structure=b"",
            received=store.clock.timestamp() if received is None else received, flags=flags)
        return messages.add(db, store.clock, new).id
    return store.write_now(change, [spooled])


def learn(store: Store, index: SearchIndex, account: int, text: str, *, sender: str = "", subject: str = "", attachment: bool = False,
          flags: Flags = Flags.NONE, role: str = "inbox", received: float | None = None) -> int:
    """Put a message and index it with text."""
    moment = store.clock.timestamp() if received is None else received
    ident = put(store, account, flags=flags, role=role, received=moment)
    document = Document(ident, account, moment, sender, "bob@b.example", subject, text, attachment)
    assert index.add([document], [], index.position(), ident)
    return ident


def found(store: Store, index: SearchIndex, account: int, text: str) -> list[int]:
    """What a search finds."""
    return index.find(store, account, text).ids


def test_words_are_found_newest_first(store: Store, index: SearchIndex, ann: int) -> None:
    """Every word must be there; case and accents do not matter; the order is that of arrival."""
    first = learn(store, index, ann, "the blue lorry came to Zürich", subject="Travel")
    second = learn(store, index, ann, "a lorry, blue with rust", sender="Ann Smith ann@a.example")
    assert found(store, index, ann, "LORRY") == [second, first]
    assert found(store, index, ann, "lorry zurich") == [first]
    assert found(store, index, ann, '"blue lorry"') == [first]
    assert found(store, index, ann, "lor*") == [second, first]
    assert found(store, index, ann, "from:ann@a.example") == [second]
    assert found(store, index, ann, "subject:travel") == [first]
    assert found(store, index, ann, "subject:lorry") == []
    assert found(store, index, ann, "lorry -rust") == [first]
    assert found(store, index, ann, "-rust") == [first]
    assert found(store, index, ann, "") == [second, first]
    assert found(store, index, ann, "helicopter") == []


def test_scripts_without_spaces(store: Store, index: SearchIndex, ann: int) -> None:
    """Part of a Japanese sentence is found, in its order only."""
    ident = learn(store, index, ann, "今日は東京タワーへ行きます")
    assert found(store, index, ann, "東京") == [ident]
    assert found(store, index, ann, '"東京タワー"') == [ident]
    assert found(store, index, ann, '"京東"') == []


def test_the_marks_are_not_searched(store: Store, index: SearchIndex, ann: int) -> None:
    """Nobody finds messages by the terms we add, nor those of another account by naming it."""
    learn(store, index, ann, "hello")
    for text in (f"a{ann}", "attachment", "marks:a1", "y2030"):
        assert found(store, index, ann, text) == []


def test_accounts_are_apart(store: Store, index: SearchIndex, ann: int) -> None:
    """A message is found by its owner alone, even if the index were wrong about whose it is."""
    bob = store.write_now(lambda db: accounts.add(db, store.clock, "bob"))
    mine = learn(store, index, ann, "secret")
    assert found(store, index, bob, "secret") == []
    wrong = put(store, ann)
    index.add([Document(wrong, bob, store.clock.timestamp(), "", "", "", "secret", False)], [], mine, wrong)
    assert found(store, index, bob, "secret") == []


def test_conditions(store: Store, index: SearchIndex, ann: int, clock: SetClock) -> None:
    """Flags, mailboxes, attachments and dates narrow a search, with words or without."""
    old = learn(store, index, ann, "plan", flags=Flags.SEEN, received=clock.timestamp() - 400 * 86_400)    # 2028-11
    new = learn(store, index, ann, "plan", attachment=True, role="archive")
    third = learn(store, index, ann, "plan", flags=Flags.FLAGGED | Flags.SEEN)
    for text, wanted in {
        "is:unread": [new], "-is:unread": [third, old], "is:flagged plan": [third],
        "has:attachment": [new], "-has:attachment": [third, old],
        "in:archive": [new], "in:Archive plan": [new], "in:inbox": [third, old], "-in:archive": [third, old], "in:nowhere": [],
        "before:2029": [old], "after:2029": [third, new], "on:2028-11 plan": [old], "on:2028-12": [], "in:inbox is:flagged": [third],
        "in:inbox before:2029": [old], "in:inbox in:archive": [],
    }.items():
        assert found(store, index, ann, text) == wanted, text


def test_pages_join(store: Store, index: SearchIndex, ann: int) -> None:
    """Going on from where a page ended shows everything once, with conditions as well."""
    wanted = [learn(store, index, ann, "plan", flags=Flags.SEEN if number % 3 else Flags.NONE) for number in range(20)][::-1]
    unread = [ident for ident in wanted if (wanted[-1] - ident) % 3 == 0]
    for text, ids in (("plan", wanted), ("plan is:unread", unread), ("in:inbox", wanted)):
        seen: list[int] = []
        before: int | None = None
        while True:
            page = index.find(store, ann, text, before=before, limit=3)
            seen += page.ids
            before = page.before
            if before is None:
                break
        assert seen == ids, text


def test_deleted_messages_are_not_found(store: Store, index: SearchIndex, ann: int) -> None:
    """A message that is gone is not shown, before the index forgot it and after."""
    ident = learn(store, index, ann, "plan")
    store.write_now(partial(messages.expunge, account_id=ann, ids=[ident]))
    assert found(store, index, ann, "plan") == []
    assert index.add([], [ident, ident, 999], ident, ident)
    db = connect(store.search_db)
    assert value(db, "SELECT count(*) FROM text WHERE text MATCH 'plan'") == 0
    db.close()


def test_the_position_is_part_of_it(store: Store, index: SearchIndex, ann: int) -> None:
    """Two that index at once do not both write: the second one's view is stale."""
    document = Document(7, ann, 0.0, "", "", "", "plan", False)
    assert index.position() == 0
    assert index.add([document], [], 0, 7)
    assert not index.add([document], [], 0, 7)
    assert index.position() == 7


def test_a_failed_transaction_leaves_the_position(store: Store, index: SearchIndex, ann: int) -> None:
    """What could not be written is neither indexed nor counted as done."""
    document = Document(7, ann, 0.0, "", "", "", "plan", False)
    with pytest.raises(ZeroDivisionError):
        index.add([document], (1 // number for number in (1, 0)), 0, 7)
    assert index.position() == 0
    assert found(store, index, ann, "plan") == []
    assert index.add([document], [], 0, 7)


def test_rebuild_begins_again(store: Store, index: SearchIndex, ann: int) -> None:
    """An emptied index takes the same messages again."""
    ident = learn(store, index, ann, "plan")
    index.rebuild()
    assert index.position() == 0
    assert found(store, index, ann, "plan") == []
    assert index.add([Document(ident, ann, store.clock.timestamp(), "", "", "", "plan", False)], [], 0, ident)
    assert found(store, index, ann, "plan") == [ident]


def test_a_hard_question_is_answered_in_parts(store: Store, index: SearchIndex, ann: int) -> None:
    """A condition that nothing fulfils stops after a bounded number of looks, and says where to go on."""
    count = LIMITS.search_examined + 500
    documents = [Document(number, ann, 0.0, "", "", "", "plan", False) for number in range(1, count + 1)]
    index.add(documents, [], 0, count)
    page = index.find(store, ann, "plan is:flagged")
    assert page.ids == []
    assert page.before == 501
    assert index.find(store, ann, "plan is:flagged", before=page.before).before is None


def test_a_missing_file_is_temporary(tmp_path: Path, store: Store) -> None:
    """No index is no reason to fall over."""
    index = SearchIndex(tmp_path / "none.db")
    with pytest.raises(TemporaryError):
        index.find(store, 1, "x")
    with pytest.raises(TemporaryError):
        index.rebuild()
    index.close()


def test_a_damaged_index_is_made_anew_at_the_next_start(tmp_path: Path, clock: SetClock) -> None:
    """It is derived: put aside, and filled again."""
    prepare(tmp_path, clock)
    path = tmp_path / "search.db"
    path.write_bytes(path.read_bytes()[:4096] + b"\x55" * (path.stat().st_size - 4096))
    index = SearchIndex(path)
    with pytest.raises(TemporaryError):
        index.position()
    index.close()
    assert prepare(tmp_path, clock)[0].startswith("search.db was damaged and is made anew")
    assert index.position() == 0
    index.close()


def test_labels_and_sizes(store: Store, index: SearchIndex, ann: int) -> None:
    """What has a label, in any case; what is larger, or not."""
    one = learn(store, index, ann, "first")
    two = learn(store, index, ann, "second")
    store.write_now(lambda db: messages.set_flags(db, ann, [two], add_keywords=["Work", "x"]))
    assert found(store, index, ann, "label:work") == [two]
    assert found(store, index, ann, "-label:WORK") == [one]
    assert found(store, index, ann, "label:wor") == []
    assert found(store, index, ann, "larger:1 first") == [one]
    assert found(store, index, ann, "larger:1k") == []
    assert found(store, index, ann, "smaller:1k") == [two, one]
