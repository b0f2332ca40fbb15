"""A mailbox of very many messages, made in seconds: rows that share one body, written as they would be after years."""
from pathlib import Path

from mta.base.clock import SystemClock
from mta.message import structure
from mta.store import bodies
from mta.store.connection import Connection
from mta.store.database import Store
from mta.store.search import SearchIndex

TEXT = (b"From: Carla Night <carla@example.net>\r\nTo: demo@localhost\r\nSubject: one of very many\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: text/html; charset=utf-8\r\n\r\n<p>Good day, this is <b>some</b> text.</p>\r\n")
MINUTE = 60.0


def fill(data: Path, account: str, name: str, count: int) -> None:
    """Put messages into a mailbox of an account: one a minute up to now, of forty senders, in conversations of one to four."""
    clock = SystemClock()
    store = Store.open(data, clock)
    sink = store.bodies.sink()
    sink.write(TEXT)
    spooled = sink.finish()
    body = store.write_now(lambda db: bodies.insert(db, spooled), [spooled])
    last = store.write_now(lambda db: _rows(db, clock.timestamp(), account, name, count, body))
    store.close()
    # The search index need not hear of them: it would be busy with nothing else.
    index = SearchIndex(data / "search.db")
    index.add([], [], index.position(), last)
    index.close()


def _rows(db: Connection, now: float, account: str, name: str, count: int, body: int) -> int:
    """The last id."""
    [(box, owner, modseq, uid)] = list(db.execute("""
        SELECT mailbox.id, account.id, account.modseq, uidnext FROM mailbox JOIN account ON account.id = account_id
         WHERE account.name = ? AND mailbox.name = ?""", (account, name)))
    [(first, thread)] = list(db.execute(
        "SELECT (SELECT coalesce(max(id), 0) FROM message), (SELECT coalesce(max(id), 0) + 1 FROM thread)"))
    facts = {"box": box, "owner": owner, "modseq": modseq, "uid": uid - 1, "first": first, "thread": thread, "now": now, "count": count,
             "body": body,
             "size": len(TEXT), "structure": structure.pack(structure.analyse(TEXT)), "minute": MINUTE}
    db.execute("CREATE TEMP TABLE many (n INTEGER PRIMARY KEY)")
    db.execute("INSERT INTO many WITH RECURSIVE up(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up WHERE n < :count) "
               "SELECT n FROM up", facts)
    # Every tenth group of four is one conversation.
    thread_of = ":thread + CASE WHEN n / 4 % 10 = 0 THEN n / 4 * 4 ELSE n END"
    db.execute(f"INSERT INTO thread (id, account_id, latest) SELECT {thread_of}, :owner, max(:now - (:count - n) * :minute) "
               "FROM many GROUP BY 1", facts)
    db.execute(f"""
        INSERT INTO message
               (id, account_id, mailbox_id, uid, modseq, created_modseq, received, flags, size, body_id, thread_id)
        SELECT :first + n, :owner, :box, :uid + n, :modseq + n, :modseq + n, :now - (:count - n) * :minute, n % 3 != 0, :size, :body,
               {thread_of}
          FROM many""", facts)
    db.execute("""
        INSERT INTO message_detail
        SELECT :first + n, '', 'number ' || (n * 7919 % :count), 'Sender ' || n % 40 || ' <s' || n % 40 || '@example.net>', NULL,
               '', 's@example.net', 'demo@localhost', '192.0.2.1', x'', :structure, x'', x'' FROM many""", facts)
    db.execute("""
        UPDATE mailbox SET total = total + :count, unread = unread + :count / 3, unseen = unseen + :count / 3, size = size + :count * :size,
               uidnext = uidnext + :count, modseq = :modseq + :count, counts_modseq = :modseq + :count WHERE id = :box""", facts)
    db.execute("""
        UPDATE account SET modseq = modseq + :count, forgotten_modseq = modseq + :count, messages = messages + :count,
               size = size + :count * :size
         WHERE id = :owner""", facts)
    db.execute("DELETE FROM change WHERE account_id = :owner", facts)     # as if they had been pruned: nothing is told of so many
    db.execute("DROP TABLE many")
    db.touched |= {"web"}
    return int(first + count)
