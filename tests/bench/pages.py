"""The webmail's server time: the first page of a mailbox of 100,000 messages, a search among 500,000."""
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from mta.base.clock import SystemClock
from mta.message import structure
from mta.store import accounts, bodies, mailboxes, messages
from mta.store.database import Connection, Store
from mta.store.migrate import prepare
from mta.store.search import Document, SearchIndex

MAILBOX = int(os.environ.get("BENCH_MAILBOX", "100000"))
INDEXED = int(os.environ.get("BENCH_INDEXED", "500000"))
WORDS = ["river", "stone", "letter", "window", "garden", "paper", "morning", "silver",
         "bridge", "winter", "coffee", "station", "yellow", "mirror", "candle", "forest"]
TEXT = (b"From: Ann Example <ann@example.net>\r\nTo: demo@localhost\r\nSubject: a usual subject of a usual length\r\n"
        b"Date: Mon, 23 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@example.net>\r\n\r\nGood day, this is some text.\r\n")


def measure(folder: Path) -> list[tuple[str, str]]:
    """Medians of 20 questions each."""
    clock = SystemClock()
    data = folder / "data"
    prepare(data, clock)
    store = Store.open(data, clock)
    account, inbox = _account(store)
    fill(store, inbox, min(MAILBOX, INDEXED))
    first = _median(lambda: store.read(lambda db: messages.page(db, inbox, None, 100)))
    index = SearchIndex(data / "search.db")
    begun = time.perf_counter()
    fill(store, inbox, INDEXED - MAILBOX)
    fill_index(store, index, account)
    filled = time.perf_counter() - begun
    found = {what: _median(lambda query=query: index.find(store, account, query, limit=100))  # type: ignore[misc]  # a lambda with a default
             for what, query in (("a common word", "river"), ("two words", "garden number77"), ("a rare word", "number123456"),
                                 ("a common word in one mailbox", "river in:inbox"), ("a common word where it is not", "river in:archive"),
             ("two letters of a common word", "ri*"), ("four letters of a common word", "rive*"),
             ("five letters of a word that is another one in each", "numbe*"),
             ("six letters of it", "number*"), ("eight letters of it", "number49*"), ("a phrase", '"silver bridge"'))}
    index.close()
    store.close()
    return [(f"first 100 of {MAILBOX:,} messages", f"{first:.1f} ms"),
            *((f"search for {what} in {INDEXED:,}", f"{took:.1f} ms") for what, took in found.items()),
            ("filling store and index, a message", f"{1_000 * filled / max(1, INDEXED - MAILBOX):.2f} ms")]


def _median(question: Callable[[], object]) -> float:
    """Milliseconds."""
    waits = []
    for _ in range(20):
        begun = time.perf_counter()
        question()
        waits.append(1_000 * (time.perf_counter() - begun))
    return statistics.median(waits)


def _account(store: Store) -> tuple[int, int]:
    def change(db: Connection) -> tuple[int, int]:
        account = accounts.add(db, store.clock, "demo")
        inbox = mailboxes.by_role(db, account, "inbox")
        assert inbox is not None
        return account, inbox.id
    return store.write_now(change)


def fill(store: Store, inbox: int, count: int) -> None:
    """Messages that share one body; their rows are as those of any other."""
    sink = store.bodies.sink()
    sink.write(TEXT)
    spooled = sink.finish()
    body = store.write_now(lambda db: bodies.insert(db, spooled), [spooled])
    packed = structure.pack(structure.analyse(TEXT))
    begun = store.clock.timestamp()

    def change(db: Connection, start: int) -> None:
        for number in range(start, min(start + 50, count)):
            messages.add(db, store.clock, messages.NewMessage(
                mailbox_id=inbox, body_id=body, body_size=len(TEXT), prefix=b"", received=begun + number, structure=packed,
                message_id=f"{number}.{begun}@example.net", subject=f"subject {number}", from_text="Ann Example <ann@example.net>"))
    for start in range(0, count, 50):
        store.write_now(lambda db, start=start: change(db, start))  # type: ignore[misc]  # a lambda with a default


def fill_index(store: Store, index: SearchIndex, account: int) -> None:
    """What the reporter would do, without reading each body."""
    ids = store.read(lambda db: [row[0] for row in db.execute("SELECT id FROM message ORDER BY id")])
    position = index.position()
    for start in range(0, len(ids), 1_000):
        documents = [Document(
            id=id, account_id=account, received=0.0, sender="Ann Example ann@example.net", recipients="demo@localhost",
            subject=f"subject {WORDS[id % len(WORDS)]} number{id}",
            body=" ".join(WORDS[(id * step) % len(WORDS)] for step in range(1, 60)), attachment=False) for id in ids[start:start + 1_000]]
        index.add(documents, [], position, documents[-1].id)
        position = documents[-1].id
