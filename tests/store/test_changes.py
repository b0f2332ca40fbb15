"""What happened to an account, in order."""
import pytest

from mta.base.clock import SetClock
from mta.base.errors import NotFound
from mta.base.limits import LIMITS
from mta.message.flags import Flags
from mta.store import changes, mailboxes, messages
from mta.store.changes import Change, Forgotten
from mta.store.connection import value
from mta.store.database import Store
from tests.store.population import add_account, deliver, mailbox

DAY = 86_400.0


@pytest.fixture
def account(store: Store) -> int:
    """The account of these tests."""
    return add_account(store)


def since(store: Store, account: int, modseq: int, limit: int = 500) -> list[Change]:
    """What happened after modseq."""
    return store.read(lambda db: changes.since(db, account, modseq, limit))


def latest(store: Store, account: int) -> int:
    """The newest modseq."""
    return store.read(lambda db: changes.latest(db, account))


def prune(store: Store, account: int, limit: int = 2_000) -> int:
    """One slice of forgetting."""
    return store.write_now(lambda db: changes.prune(db, store.clock, account, limit))


def test_everything_that_can_happen(store: Store, account: int) -> None:
    """Each kind is logged, with its facts, in order, each under a modseq of its own."""
    inbox, archive = mailbox(store, account), mailbox(store, account, "archive")
    start = latest(store, account)
    row = deliver(store, inbox, message_id="a@x")
    other = deliver(store, inbox, message_id="b@x", flags=Flags.SEEN)
    third = deliver(store, inbox, message_id="c@x", references=("a@x", "b@x"))
    store.write_now(lambda db: messages.set_flags(db, account, [row.id], Flags.SEEN, add_keywords=["k"]))
    store.write_now(lambda db: messages.expunge(db, account, [other.id]))
    box = store.write_now(lambda db: mailboxes.add(db, store.clock, account, "Box"))
    store.write_now(lambda db: mailboxes.rename(db, store.clock, box, "Other"))
    store.write_now(lambda db: mailboxes.set_role(db, box, "archive"))
    store.write_now(lambda db: mailboxes.remove(db, box))
    found = since(store, account, start)

    assert [(change.kind, change.mailbox_id, change.message_id, change.uid, change.facts) for change in found] == [
        ("message_added", inbox, row.id, 1, {}),
        ("message_added", inbox, other.id, 2, {}),
        ("message_added", inbox, third.id, 3, {}),
        ("message_thread", inbox, other.id, 2, {"thread": row.thread_id}),
        ("mailbox_keywords", inbox, None, None, {"keywords": ["k"]}),
        ("message_flags", inbox, row.id, 1, {"flags": 1, "keywords": ["k"]}),
        ("message_removed", inbox, other.id, 2, {}),
        ("mailbox_counts", inbox, None, None, {"total": 2, "unread": 1, "unseen": 1, "deleted": 0, "size": row.size + third.size}),
        ("mailbox_added", box, None, None, {"name": "Box", "role": None}),
        ("mailbox_renamed", box, None, None, {"name": "Other", "old": "Box"}),
        ("mailbox_role", archive, None, None, {"role": None}),
        ("mailbox_role", box, None, None, {"role": "archive"}),
        ("mailbox_removed", box, None, None, {}),
    ]
    assert {change.kind for change in found} == set(changes.KINDS)
    sequences = [change.modseq for change in found if change.kind != "mailbox_counts"]
    assert sequences == sorted(set(sequences))
    assert found[-1].modseq == latest(store, account)


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_reading_on_misses_nothing(store: Store, account: int, limit: int) -> None:
    """Whoever continues from the last modseq sees every row once, and the counts as they are in the end."""
    boxes = [mailbox(store, account), mailbox(store, account, "archive")]
    start = latest(store, account)
    rows = [deliver(store, boxes[number % 2]) for number in range(5)]
    seen: list[Change] = []
    at = start
    while some := since(store, account, at, limit):
        seen += some
        at = some[-1].modseq

    assert [change.message_id for change in seen if change.kind == "message_added"] == [row.id for row in rows]
    counts = {change.mailbox_id: change.facts["total"] for change in seen if change.kind == "mailbox_counts"}
    assert counts == {boxes[0]: 3, boxes[1]: 2}


def test_nothing_new(store: Store, account: int) -> None:
    """At the end there is nothing; an account that does not exist is not found."""
    assert since(store, account, latest(store, account)) == []
    assert latest(store, 99) == 0
    with pytest.raises(NotFound):
        since(store, 99, 0)
    with pytest.raises(NotFound):
        store.write_now(lambda db: changes.take(db, 99))


def test_taking_several_at_once(store: Store, account: int) -> None:
    """Modseqs are given out without gap or overlap."""
    before = latest(store, account)

    assert store.write_now(lambda db: [changes.take(db, account, number) for number in (1, 3, 2)]) == [before + 1, before + 2, before + 5]
    assert latest(store, account) == before + 6


def test_pruning_by_age(store: Store, account: int, clock: SetClock) -> None:
    """Old rows go once there are more than changes_kept; who asks for them is told to begin anew."""
    inbox = mailbox(store, account)
    for _ in range(3):
        deliver(store, inbox)
    assert prune(store, account) == 0
    old = latest(store, account)
    store.write_now(lambda db: db.execute("""
        WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < ?2)
        INSERT INTO change SELECT ?1, (SELECT modseq FROM account WHERE id = ?1) + n, 'mailbox_removed', 1, NULL, NULL, NULL FROM number""",
        (account, LIMITS.changes_kept)).fetchall())
    store.write_now(lambda db: changes.take(db, account, LIMITS.changes_kept))
    clock.advance(LIMITS.changes_age - DAY)
    assert prune(store, account) == 0
    clock.advance(2 * DAY)

    assert [prune(store, account, 6) for _ in range(3)] == [6, 4, 0]
    assert store.read(lambda db: changes.oldest(db, account)) == old == 10
    assert len(since(store, account, old, 100_000)) == LIMITS.changes_kept
    with pytest.raises(Forgotten):
        since(store, account, old - 1)
    assert store.read(lambda db: value(db, "SELECT count(*) FROM change_mark")) == 3
    assert deliver(store, inbox).modseq == latest(store, account)


def test_the_newest_always_stay(store: Store, account: int, clock: SetClock) -> None:
    """An account where little happens keeps its log for ever."""
    deliver(store, mailbox(store, account))
    before = since(store, account, 0)
    prune(store, account)
    clock.advance(10 * LIMITS.changes_age)

    assert prune(store, account) == 0
    assert since(store, account, 0) == before


def test_marks_are_made_daily_and_do_not_pile_up(store: Store, account: int, clock: SetClock) -> None:
    """However often pruning runs, there is one mark a day, for as long as it matters."""
    for _ in range(240):
        prune(store, account)
        clock.advance(DAY / 4)

    assert store.read(lambda db: value(db, "SELECT count(*) FROM change_mark")) <= LIMITS.changes_age / DAY + 2
