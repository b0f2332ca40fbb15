"""Messages in mailboxes, and everything that is counted with them."""
import io
import random

import pytest

from mta.base.errors import NoRoom, NotFound, UserError
from mta.message.flags import Flags
from mta.store import accounts, bodies, changes, mailboxes, messages
from mta.store.bodies import KEPT
from mta.store.connection import Connection, value
from mta.store.database import Store
from mta.store.mailboxes import MailboxRow
from mta.store.messages import MessageRow
from mta.store.verify import problems
from tests.store.population import add_account, deliver, mailbox, new, spool

CONTENT = b"Subject: hello\r\n\r\nHello.\r\n"
PREFIX = b"Delivered-To: ann@example.org\r\n"


@pytest.fixture
def account(store: Store) -> int:
    """The account of these tests."""
    return add_account(store)


@pytest.fixture
def inbox(store: Store, account: int) -> int:
    """Its Inbox."""
    return mailbox(store, account)


@pytest.fixture
def archive(store: Store, account: int) -> int:
    """Its Archive."""
    return mailbox(store, account, "archive")


def get(store: Store, account: int, id: int) -> MessageRow:
    """The message with this id."""
    row = store.read(lambda db: messages.get(db, account, id))
    assert row is not None
    return row


def box(store: Store, id: int) -> MailboxRow:
    """The mailbox with this id."""
    row = store.read(lambda db: mailboxes.get(db, id))
    assert row is not None
    return row


def log(store: Store, account: int, since: int) -> list[tuple[str, int | None, int | None, int | None]]:
    """What was logged after since, counts left out."""
    return [(change.kind, change.mailbox_id, change.message_id, change.uid)
            for change in store.read(lambda db: changes.since(db, account, since)) if change.kind != "mailbox_counts"]


def latest(store: Store, account: int) -> int:
    """The newest modseq of the account."""
    return store.read(lambda db: changes.latest(db, account))


# --- adding and finding ------------------------------------------------------------------------------


def test_what_went_in_comes_out(store: Store, account: int, inbox: int, rung: list[str]) -> None:
    """Every fact of a new message is in its row, and add() returns what get() finds."""
    rung.clear()
    row = deliver(store, inbox, CONTENT, flags=Flags.SEEN | Flags.JUNK, keywords=("b", "a"), message_id="m@x", subject="hello",
                  from_text="Bob <bob@x>", date=1.5, trace="abc.1", mail_from="bob@x", rcpt_to="ann@example.org", remote_ip="192.0.2.1",
                  reasons=b"\x80", identity=b"\x81", received=12.25)

    assert get(store, account, row.id) == row
    assert row == MessageRow(
        row.id, account, inbox, 1, row.modseq, row.modseq, 12.25, Flags.SEEN | Flags.JUNK, ("a", "b"), len(PREFIX + CONTENT),
        row.body_id, row.body_name, len(CONTENT), PREFIX, b"\xa0", "m@x", "hello", "Bob <bob@x>", 1.5, row.thread_id,
        "abc.1", "bob@x", "ann@example.org", "192.0.2.1", b"\x80", b"\x81")
    assert isinstance(get(store, account, row.id).flags, Flags)
    assert messages.content(store, row) == PREFIX + CONTENT
    assert sorted(rung) == ["imap", "reporter", "web"]
    assert log(store, account, row.modseq - 1) == [("message_added", inbox, row.id, 1)]


def test_one_body_for_several_recipients(store: Store, account: int, inbox: int) -> None:
    """Two accounts get a row each; there is one file."""
    other = mailbox(store, add_account(store, "bob"))
    body = spool(store, CONTENT)

    def change(db: Connection) -> None:
        body_id = bodies.insert(db, body)
        for mailbox_id in (inbox, other):
            messages.add(db, store.clock, new(store, mailbox_id, body_id, body.size))

    store.write_now(change, [body])

    assert store.read(lambda db: value(db, "SELECT count(*) FROM body")) == 1
    assert (box(store, inbox).total, box(store, other).total) == (1, 1)


def test_ids_and_uids_never_come_back(store: Store, account: int, inbox: int) -> None:
    """Not even those of the newest message, once it is removed."""
    first = deliver(store, inbox)
    store.write_now(lambda db: messages.expunge(db, account, [first.id]))
    second = deliver(store, inbox)

    assert second.id > first.id
    assert (first.uid, second.uid) == (1, 2)


def test_messages_of_others_are_not_found(store: Store, account: int, inbox: int) -> None:
    """An id alone opens nothing: it has to be the account's."""
    other = add_account(store, "bob")
    row = deliver(store, inbox, message_id="m@x")

    assert store.read(lambda db: messages.get(db, other, row.id)) is None
    assert store.read(lambda db: messages.by_ids(db, other, [row.id])) == []
    assert store.read(lambda db: messages.by_message_id(db, other, "m@x")) == []
    assert store.read(lambda db: messages.thread(db, other, row.thread_id)) == []
    assert store.write_now(lambda db: messages.set_flags(db, other, [row.id], Flags.SEEN)) == []
    assert store.write_now(lambda db: messages.expunge(db, other, [row.id])) == []
    assert store.write_now(lambda db: messages.move(db, store.clock, other, [row.id], mailbox(store, other))) == []
    for change in (messages.move, messages.copy):
        with pytest.raises(NotFound):
            store.write_now(lambda db, change=change: change(db, store.clock, other, [], inbox))    # type: ignore[misc]


def test_pages(store: Store, account: int, inbox: int) -> None:
    """Newest first; equal times by id; a page ends where the next begins, whatever came meanwhile."""
    rows = [deliver(store, inbox, received=float(number // 2)) for number in range(7)]
    first = store.read(lambda db: messages.page(db, inbox, limit=3))
    deliver(store, inbox, received=99.0)
    last = first[-1]
    second = store.read(lambda db: messages.page(db, inbox, (last.received, last.id), 10))

    assert [row.id for row in first + second] == [row.id for row in reversed(rows)]
    plan = store.read(lambda db: "".join(str(row) for row in db.execute(
        f"EXPLAIN QUERY PLAN {messages.SELECT} WHERE mailbox_id = 1 AND (received, message.id) < (5, 5) "
        "ORDER BY received DESC, message.id DESC LIMIT 5")))
    assert "message_by_received" in plan
    assert "TEMP B-TREE" not in plan


def test_the_newest_of_an_account(store: Store, account: int, inbox: int, archive: int) -> None:
    """Whatever mailbox they are in, but for those that are not asked for; of others none."""
    deliver(store, mailbox(store, add_account(store, "bob")))
    rows = [deliver(store, place, received=float(number)) for number, place in enumerate((inbox, archive, inbox, archive))]
    mine = mailbox(store, account, "sent")
    deliver(store, mine, received=9.0)

    newest = store.read(lambda db: messages.newest(db, account, 3, without=("sent", "drafts")))
    assert [row.id for row in newest] == [row.id for row in rows[:0:-1]]
    assert len(store.read(lambda db: messages.newest(db, account, 99))) == 5


def test_by_ids_and_uids(store: Store, account: int, inbox: int) -> None:
    """In the order asked for, and by UID."""
    rows = [deliver(store, inbox) for _ in range(4)]
    ids = [rows[2].id, 999, rows[0].id, rows[2].id]

    assert store.read(lambda db: messages.by_ids(db, account, ids)) == [rows[2], rows[0]]
    assert store.read(lambda db: messages.by_ids(db, account, [])) == []
    assert store.read(lambda db: messages.by_uids(db, inbox, 2, 3)) == rows[1:3]
    assert store.read(lambda db: messages.by_uids(db, inbox, 3)) == rows[2:]


def test_by_message_id(store: Store, account: int, inbox: int, archive: int) -> None:
    """All copies of a message; not those that merely refer to it."""
    row = deliver(store, inbox, message_id="m@x")
    deliver(store, inbox, message_id="n@x", references=("m@x",))
    copies = store.write_now(lambda db: messages.copy(db, store.clock, account, [row.id], archive))

    assert store.read(lambda db: messages.by_message_id(db, account, "m@x")) == [row, *copies]
    assert store.read(lambda db: messages.by_message_id(db, account, "o@x")) == []
    assert store.read(lambda db: messages.by_message_id(db, account, "")) == []


def test_a_mailbox_that_is_not_there(store: Store) -> None:
    """NotFound, and the body goes."""
    with pytest.raises(NotFound):
        deliver(store, 99)

    assert not [path for path in store.bodies.root.rglob("*") if path.is_file()]


# --- quota -----------------------------------------------------------------------------------------------


def test_quota(store: Store, account: int, inbox: int, archive: int) -> None:
    """What does not fit changes nothing, even if the caller goes on; the postmaster's mail fits always."""
    size = len(PREFIX + CONTENT)
    store.write_now(lambda db: accounts.update(db, account, quota=2 * size))
    first = deliver(store, inbox)
    deliver(store, inbox)
    body = spool(store, CONTENT)

    def change(db: Connection) -> str:
        message = new(store, inbox, bodies.insert(db, body), body.size)
        with pytest.raises(NoRoom):
            messages.add(db, store.clock, message)
        return messages.add(db, store.clock, message, skip_quota=True).message_id

    with pytest.raises(NoRoom):
        deliver(store, inbox)
    with pytest.raises(NoRoom):
        store.write_now(lambda db: messages.copy(db, store.clock, account, [first.id], archive))
    store.write_now(change, [body])

    assert box(store, inbox).total == 3
    assert problems(store) == []
    store.write_now(lambda db: messages.move(db, store.clock, account, [first.id], archive))


# --- flags and keywords --------------------------------------------------------------------------------------


def test_flags(store: Store, account: int, inbox: int, rung: list[str]) -> None:
    """What is set and cleared shows in rows, counts and log; what stays the same does not."""
    first, second = deliver(store, inbox), deliver(store, inbox, flags=Flags.SEEN)
    before = latest(store, account)
    rung.clear()
    ids = [second.id, first.id, 999]
    changed = store.write_now(lambda db: messages.set_flags(db, account, ids, Flags.SEEN | Flags.DELETED, Flags.FLAGGED))

    assert changed == [first.id, second.id]
    assert sorted(rung) == ["imap", "web"]
    assert [row.flags for row in store.read(lambda db: messages.by_ids(db, account, changed))] == [Flags.SEEN | Flags.DELETED] * 2
    row = box(store, inbox)
    assert (row.total, row.unread, row.unseen, row.deleted, row.modseq) == (0, 0, 0, 2, latest(store, account))
    assert log(store, account, before) == [("message_flags", inbox, first.id, 1), ("message_flags", inbox, second.id, 2)]
    before = latest(store, account)
    assert store.write_now(lambda db: messages.set_flags(db, account, [first.id], Flags.SEEN, Flags.FLAGGED)) == []
    assert latest(store, account) == before


def test_keywords(store: Store, account: int, inbox: int, archive: int) -> None:
    """They are found in any case, keep the mailbox's spelling, and go along when the message moves."""
    row = deliver(store, inbox, keywords=("Work",))
    deliver(store, inbox)
    store.write_now(lambda db: messages.set_flags(db, account, [row.id], add_keywords=["urgent", "WORK"]))
    assert get(store, account, row.id).keywords == ("Work", "urgent")
    store.write_now(lambda db: messages.set_flags(db, account, [row.id], remove_keywords=["URGENT", "none"]))
    assert get(store, account, row.id).keywords == ("Work",)
    store.write_now(lambda db: messages.move(db, store.clock, account, [row.id], archive))

    assert get(store, account, row.id).keywords == ("Work",)
    assert store.read(lambda db: mailboxes.keywords(db, archive)) == ["Work"]
    assert store.read(lambda db: mailboxes.keywords(db, inbox)) == ["urgent", "Work"]
    store.write_now(lambda db: messages.copy(db, store.clock, account, [row.id], mailbox(store, account, "trash")))
    assert store.read(lambda db: mailboxes.keywords(db, mailbox(store, account, "trash"))) == ["Work"]


@pytest.mark.parametrize("keyword", ["", "a b", "ü", "x" * 65, "a(b", "a]", "\\Seen", "a\tb", "%"])
def test_keywords_that_cannot_be(store: Store, account: int, inbox: int, keyword: str) -> None:
    """Only atoms of IMAP, of bounded length."""
    row = deliver(store, inbox)
    with pytest.raises(UserError):
        store.write_now(lambda db: messages.set_flags(db, account, [row.id], add_keywords=[keyword]))
    with pytest.raises(UserError):
        deliver(store, inbox, keywords=(keyword,))


def test_too_many_keywords(store: Store, account: int, inbox: int) -> None:
    """A message has a bounded number of them."""
    many = [f"k{number}" for number in range(33)]
    row = deliver(store, inbox, keywords=tuple(many[:32]))
    with pytest.raises(UserError):
        deliver(store, inbox, keywords=tuple(many))
    with pytest.raises(UserError):
        store.write_now(lambda db: messages.set_flags(db, account, [row.id], add_keywords=many))


# --- moving, copying, removing ----------------------------------------------------------------------------------


def test_move(store: Store, account: int, inbox: int, archive: int) -> None:
    """The id, body and thread stay; UID and modseq are new; both mailboxes count right."""
    rows = [deliver(store, inbox, flags=Flags.SEEN if number else Flags.NONE) for number in range(3)]
    there = deliver(store, archive)
    before = latest(store, account)
    moved = store.write_now(lambda db: messages.move(db, store.clock, account, [rows[2].id, rows[0].id, there.id], archive))

    assert [(row.id, row.mailbox_id, row.uid, row.body_id, row.thread_id) for row in moved] == [
        (rows[0].id, archive, 2, rows[0].body_id, rows[0].thread_id), (rows[2].id, archive, 3, rows[2].body_id, rows[2].thread_id)]
    assert all(row.created_modseq == row.modseq > before for row in moved)
    assert log(store, account, before) == [
        ("message_removed", inbox, rows[0].id, 1), ("message_added", archive, rows[0].id, 2),
        ("message_removed", inbox, rows[2].id, 3), ("message_added", archive, rows[2].id, 3)]
    assert (box(store, inbox).total, box(store, inbox).unread) == (1, 0)
    assert (box(store, archive).total, box(store, archive).unread, box(store, archive).uidnext) == (3, 2, 4)
    assert store.write_now(lambda db: messages.move(db, store.clock, account, [999], archive)) == []


def test_copy(store: Store, account: int, inbox: int, archive: int) -> None:
    """A copy has the same content and thread, an id and UID of its own, and counts towards the quota."""
    row = deliver(store, inbox, flags=Flags.FLAGGED, message_id="m@x", reasons=b"\x80", identity=b"\x81")
    again, = store.write_now(lambda db: messages.copy(db, store.clock, account, [row.id], inbox))
    there, = store.write_now(lambda db: messages.copy(db, store.clock, account, [row.id], archive))

    assert (again.uid, there.uid, there.mailbox_id) == (2, 1, archive)
    assert len({row.id, again.id, there.id}) == 3
    for copied in (again, there):
        same = ("flags", "body_id", "thread_id", "structure", "prefix", "message_id", "received", "reasons", "identity")
        assert [getattr(copied, name) for name in same] == [getattr(row, name) for name in same]
    assert store.read(lambda db: value(db, "SELECT size FROM account")) == 3 * row.size
    assert log(store, account, again.modseq - 1) == [
        ("message_added", inbox, again.id, 2), ("message_added", archive, there.id, 1)]


def test_expunge(store: Store, account: int, inbox: int) -> None:
    """The rows are gone, the log keeps their UIDs, the search index is told, counts and sizes follow."""
    rows = [deliver(store, inbox) for _ in range(3)]
    before = latest(store, account)
    gone = store.write_now(lambda db: messages.expunge(db, account, [rows[2].id, rows[0].id, 999]))

    assert gone == [rows[0].id, rows[2].id]
    assert store.read(lambda db: messages.page(db, inbox)) == [rows[1]]
    assert log(store, account, before) == [("message_removed", inbox, rows[0].id, 1), ("message_removed", inbox, rows[2].id, 3)]
    assert store.read(lambda db: [row[0] for row in db.execute("SELECT * FROM unsearchable")]) == gone
    assert (box(store, inbox).total, box(store, inbox).size) == (1, rows[1].size)
    assert store.read(lambda db: value(db, "SELECT count(*) FROM message_detail")) == 1
    assert store.write_now(lambda db: messages.expunge(db, account, gone)) == []


def test_clear(store: Store, account: int, inbox: int) -> None:
    """A large mailbox is emptied in slices."""
    rows = [deliver(store, inbox) for _ in range(5)]

    assert [store.write_now(lambda db: messages.clear(db, inbox, 2)) for _ in range(4)] == [2, 2, 1, 0]
    assert store.read(lambda db: messages.by_ids(db, account, [row.id for row in rows])) == []


def test_anything_in_any_order(store: Store, account: int) -> None:
    """After many random changes all counts, UIDs, sequences and threads agree (verify says so)."""
    chance = random.Random(2030)
    boxes = [row.id for row in store.read(lambda db: mailboxes.all(db, account))]
    ids: list[int] = []
    for number in range(150):
        some = chance.sample(ids, min(len(ids), chance.randrange(4)))
        flags = [Flags(chance.randrange(64)) for _ in range(2)]
        target = chance.choice(boxes)
        match chance.choice(["add", "add", "flags", "move", "copy", "expunge"]):
            case "add":
                refers = tuple(f"{chance.randrange(number + 1)}@x" for _ in range(chance.randrange(3)))
                ids.append(deliver(store, target, flags=flags[0], message_id=f"{number}@x", references=refers).id)
            case "flags":
                store.write_now(lambda db, some=some, flags=flags: messages.set_flags(    # type: ignore[misc]  # lambdas with defaults
                    db, account, some, *flags, add_keywords=["x"] if flags[0] else [], remove_keywords=["x"]))
            case "move":
                store.write_now(lambda db, some=some, to=target: messages.move(db, store.clock, account, some, to))    # type: ignore[misc]
            case "copy":
                ids += [row.id for row in store.write_now(
                    lambda db, some=some, to=target: messages.copy(db, store.clock, account, some, to))]    # type: ignore[misc]
            case _:
                gone = store.write_now(lambda db, some=some: messages.expunge(db, account, some))    # type: ignore[misc]
                ids = [id for id in ids if id not in gone]
    if ids:
        store.write_now(lambda db: mailboxes.set_role(db, boxes[3], None))
        store.write_now(lambda db: mailboxes.remove(db, boxes[3]))

    assert problems(store) == []


# --- content ------------------------------------------------------------------------------------------------------


def test_content_in_parts(store: Store, inbox: int) -> None:
    """Prefix and body read as one message, whole, from anywhere, and as a file."""
    content = bytes(range(256)) * (KEPT // 256 + 1)
    row = deliver(store, inbox, content)
    whole = PREFIX + content

    assert messages.content(store, row) == whole
    ahead = len(PREFIX)
    for start, length in ((0, 5), (0, len(whole)), (ahead - 3, 10), (ahead, 7), (ahead + 1_000, 50), (len(whole) - 2, 99)):
        assert messages.part(store, row, start, length) == whole[start:start + length]
    with messages.open_content(store, row) as file:
        assert file.read(len(PREFIX) + 10) == whole[:len(PREFIX) + 10]
        assert file.read() == whole[len(PREFIX) + 10:]
        assert file.seek(5) == 5
        assert file.read(100) == whole[5:105]
        assert file.seek(-5, io.SEEK_END) == len(whole) - 5
        assert file.read() == whole[-5:]
        with pytest.raises(ValueError, match="before the start"):
            file.seek(-1)
