"""The index is filled from what came and went, and nothing stops it."""
from collections.abc import Iterator

import pytest

from mta.base.events import Event, Recorded
from mta.base.limits import LIMITS
from mta.flow import indexing
from mta.flow.world import World
from mta.message import structure
from mta.store import accounts, bodies, mailboxes, messages
from mta.store.connection import Connection, value
from mta.store.search import SearchIndex

LETTER = (
    "From: Jörg Groß <jo@bücher.example>\r\nTo: Ann <ann@example.org>, bob@example.org\r\nCc: =?utf-8?q?Zo=C3=AB?= <zoe@c.example>\r\n"
    "Subject: =?utf-8?q?Caf=C3=A9?= plans\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
    "--x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>The <b>blue</b> lorry</p><style>hidden</style>\r\n"
    "--x\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=\"invoice 7.pdf\"\r\n\r\n"
    "JVBERi0\r\n--x--\r\n").encode()


@pytest.fixture
def index(served: World) -> Iterator[SearchIndex]:
    """The index of the world."""
    index = SearchIndex(served.store.search_db)
    yield index
    index.close()


@pytest.fixture
def ann(served: World) -> int:
    """Ann's account."""
    row = served.store.read(lambda db: accounts.by_name(db, "ann"))
    assert row is not None
    return row.id


def put(world: World, account: int, content: bytes = LETTER, *, packed: bytes | None = None) -> int:
    """A message in an inbox; its id."""
    sink = world.store.bodies.sink()
    sink.write(content)
    spooled = sink.finish()
    found = structure.analyse(content)

    def change(db: Connection) -> int:
        inbox = mailboxes.by_role(db, account, "inbox")
        assert inbox is not None
        return messages.add(db, world.clock, messages.NewMessage(
            mailbox_id=inbox.id, body_id=bodies.insert(db, spooled), body_size=spooled.size, prefix=b"Delivered-To: x\r\n",
            structure=structure.pack(found) if packed is None else packed, received=world.clock.timestamp(),
            subject=found.envelope.subject, from_text=found.envelope.from_text, rcpt_to="ann+news@example.org")).id
    return world.store.write_now(change, [spooled])


def fill(world: World, index: SearchIndex) -> int:
    """Index until nothing is left; how many slices that took."""
    slices = 0
    while indexing.advance(world, index):
        slices += 1
    return slices


@pytest.mark.parametrize("text", [
    "lorry", '"blue lorry"', "cafe plans", "from:groß", "from:jorg", "from:jo@bücher.example", "from:jo@xn--bcher-kva.example",
    "to:bob@example.org", "to:zoe", "to:ann+news@example.org", "invoice", "has:attachment lorry", "subject:café"])
def test_a_message_is_found_by_all_that_is_in_it(served: World, index: SearchIndex, ann: int, text: str) -> None:
    """Names and addresses in both forms, subject, text without markup, names of attachments."""
    ident = put(served, ann)
    assert fill(served, index) == 1
    assert index.find(served.store, ann, text).ids == [ident]


def test_markup_is_not_text(served: World, index: SearchIndex, ann: int) -> None:
    """Style sheets, tags and transfer encodings are not searched."""
    put(served, ann)
    fill(served, index)
    for text in ("hidden", "style", "JVBERi0", "multipart"):
        assert index.find(served.store, ann, text).ids == []


def test_what_went_is_forgotten(served: World, index: SearchIndex, ann: int) -> None:
    """Deleted before it was indexed or after: nothing of it stays, and the order to forget is carried out."""
    first, second, third = (put(served, ann) for _ in range(3))
    served.store.write_now(lambda db: messages.expunge(db, ann, [second]))
    fill(served, index)
    assert index.find(served.store, ann, "lorry").ids == [third, first]
    served.store.write_now(lambda db: messages.expunge(db, ann, [first]))
    assert indexing.advance(served, index) == 1
    assert indexing.advance(served, index) == 0
    assert served.store.read(lambda db: value(db, "SELECT count(*) FROM unsearchable")) == 0
    with index._file.reading() as db:
        assert [row[0] for row in db.execute("SELECT rowid FROM text")] == [third]


def test_it_goes_on_where_it_was(served: World, index: SearchIndex, ann: int) -> None:
    """Another process takes up at the position; a rebuild starts from nothing and ends at the same place."""
    first = put(served, ann)
    fill(served, index)
    second = put(served, ann)
    successor = SearchIndex(served.store.search_db)
    assert indexing.advance(served, successor) == 1
    assert successor.find(served.store, ann, "lorry").ids == [second, first]
    successor.rebuild()
    assert fill(served, index) == 1
    assert index.find(served.store, ann, "lorry").ids == [second, first]
    successor.close()


def test_a_rebuild_is_asked_for(served: World, index: SearchIndex, ann: int, rung: list[str]) -> None:
    """The index is empty at once, and the reporter is rung to fill it."""
    ident = put(served, ann)
    fill(served, index)
    rung.clear()
    indexing.rebuild(served)
    assert rung == ["reporter"]
    assert index.find(served.store, ann, "lorry").ids == []
    fill(served, index)
    assert index.find(served.store, ann, "lorry").ids == [ident]
    served.bell.close()


def test_slices_are_bounded(served: World, index: SearchIndex, ann: int) -> None:
    """Many messages, or few with much text, take several transactions."""
    for _ in range(LIMITS.index_messages + 1):
        put(served, ann)
    assert fill(served, index) == 2
    big = b"Subject: big\r\n\r\n" + b"lorem ipsum " * (LIMITS.indexed_text // 12) + b"\r\n"
    for _ in range(LIMITS.index_octets // LIMITS.indexed_text + 2):
        put(served, ann, big)
    assert fill(served, index) == 2


def test_a_lost_file_does_not_stop_it(served: World, index: SearchIndex, ann: int, recorded: Recorded) -> None:
    """A message whose content is gone is found by its row; the next one is indexed as ever."""
    lost = put(served, ann)
    row = served.store.read(lambda db: messages.get(db, ann, lost))
    assert row is not None
    path = served.store.bodies.path(row.body_name)
    content = path.read_bytes()
    path.unlink()
    second = put(served, ann)
    fill(served, index)
    assert index.find(served.store, ann, "café").ids == [second, lost]
    assert index.find(served.store, ann, "lorry").ids == [second]
    assert Event.STORE_TROUBLE in [record.event for record in recorded.records]
    path.write_bytes(content)


def test_an_old_structure_is_read_anew(served: World, index: SearchIndex, ann: int) -> None:
    """A row whose packed structure is of another version is analysed again."""
    ident = put(served, ann, packed=b"\x81\x00")
    fill(served, index)
    assert index.find(served.store, ann, "lorry").ids == [ident]


def test_a_bug_in_a_parser_does_not_stop_it(served: World, index: SearchIndex, ann: int, recorded: Recorded) -> None:
    """What raises where nothing should is noted as unexpected; the message is found by its row."""
    row_id = put(served, ann)
    row = served.store.read(lambda db: messages.get(db, ann, row_id))
    assert row is not None
    row.body_name = 7  # type: ignore[assignment]  # what no row can have: something raises what it does not promise
    found = indexing.document(served, row)
    assert (found.subject, found.body) == ("Café plans", "")
    assert recorded.records[-1].event is Event.UNEXPECTED
