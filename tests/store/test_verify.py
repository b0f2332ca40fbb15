"""Finding what does not agree, and mending what can be."""
import os

import pytest

from mta.base.clock import SetClock
from mta.base.names import Address
from mta.store import accounts, bodies, messages, verify
from mta.store.connection import connect
from mta.store.database import Store
from mta.store.migrate import prepare
from mta.store.verify import problems, repair
from tests.store.population import EXAMPLE, add_account, deliver, mailbox, spool


@pytest.fixture
def spoilt(tmp_path_factory: pytest.TempPathFactory, clock: SetClock) -> Store:
    """A store with two messages in a thread, which a test may damage."""
    directory = tmp_path_factory.mktemp("spoilt")
    prepare(directory, clock)
    store = Store.open(directory, clock)
    inbox = mailbox(store, add_account(store))
    deliver(store, inbox, b"first", message_id="a@x", keywords=("k",))
    deliver(store, inbox, b"second", message_id="b@x", references=("a@x",))
    store.write_now(lambda db: accounts.add_alias(db, Address("all", EXAMPLE), [Address("ann", EXAMPLE)]))
    assert problems(store) == []
    return store


def damage(store: Store, sql: str) -> None:
    """Change rows as no program should."""
    db = connect(store.mail_db)
    db.execute(f"PRAGMA foreign_keys=OFF; {sql}").fetchall()
    db.close()


REPORT, POLICY = "INSERT INTO received_report", "INSERT INTO received_policy"
#: What is done, what is said of it, whether it can be mended.
DAMAGES = [
    ("UPDATE mailbox SET total = 5 WHERE id = 1", "mailbox 1 (Inbox) counts total/unread/unseen/deleted/size as 5/2/2/0/", True),
    ("UPDATE mailbox SET unread = 1 WHERE id = 1", "its messages as 2/2/2/0/", True),
    ("UPDATE message SET flags = 9 WHERE id = 1", "its messages as 1/1/1/1/", True),
    ("UPDATE account SET size = 7", "counts 7 octets in 2 messages", True),
    ("UPDATE account SET messages = 7", "octets in 7 messages, but has", True),
    ("UPDATE mailbox SET uidnext = 2 WHERE id = 1", "message 2 has the UID 2, the next one to be given out is 2", True),
    ("UPDATE mailbox SET uidvalidity = 0 WHERE id = 2", "mailbox 2 (Sent) has UIDVALIDITY 0", False),
    ("UPDATE account SET uidvalidity = 1", "has the UIDVALIDITY", True),
    ("UPDATE account SET modseq = 5", "its account is at 5", True),
    ("UPDATE message SET created_modseq = 99999", "message 1 has the modification sequences", False),
    ("UPDATE mailbox SET modseq = 1 WHERE id = 1", "mailbox 1 has the modification sequence 1, one of its messages", True),
    ("UPDATE change SET kind = 'nonsense' WHERE modseq = 1", "has at 1 the unknown kind nonsense", False),
    ("DELETE FROM change WHERE message_id = 2", "of message 2 is not in the log", False),
    ("UPDATE account SET forgotten_modseq = 3", "should end at", False),
    ("UPDATE message SET account_id = 9 WHERE id = 1", "message 1 belongs to account 9, its mailbox to 1", False),
    ("DELETE FROM message_detail WHERE message_id = 1", "message 1 has no details", False),
    ("UPDATE message SET size = 4 WHERE id = 1", "message 1 has the size 4, its prefix 31 and its body 5", False),
    ("UPDATE thread SET account_id = 9", "message 1 is in thread 1, which belongs to another account", False),
    ("INSERT INTO thread (account_id, latest) VALUES (1, 0)", "thread 2 has no messages", True),
    ("UPDATE thread_key SET account_id = 9", "belongs to another account than its thread 1", False),
    ("DELETE FROM keyword", "message 1 has the keyword k, which its mailbox does not know", True),
    ("UPDATE mailbox SET role = NULL WHERE id = 1", "account 1 (ann) has no Inbox", False),
    ("INSERT INTO unsearchable VALUES (1)", "message 1 is to be taken out of the search index, but exists", True),
    ("INSERT INTO credential (account_id, kind, label, salt, iterations, stored_key, server_key, created) VALUES "
     "(1, 'app', 'a', x'00', 1, x'', x'', 0), (1, 'app', 'b', x'01', 1, x'', x'', 0)", "do not share salt and iterations", False),
    ("DELETE FROM alias_member", "alias 1 stands for nobody", False),
    ("INSERT INTO queue_message VALUES (5, NULL, NULL, 1, 5, x'', 0, 0, '', 'mail', NULL, '', '', '', '', 0)",
     "queued message 5 has no recipient left", True),
    ("INSERT INTO queue_message VALUES (5, NULL, NULL, 1, 6, x'', 0, 0, '', 'mail', NULL, '', '', '', '', 0)",
     "queued message 5 has a body of 6 octets, the body's row says 5", True),
    ("INSERT INTO tls_result (policy_domain, day, recipient_domain, is_host, kind, policy, mx, failures) VALUES "
     "('b.test', '2030-01-01', 'b.test', 0, 'sts', '', '', 2)", "about b.test counts 2 failed sessions, its details 0", False),
    ("INSERT INTO mtasts_policy (domain, mode, renew_at, used) VALUES ('a.example', 'enforce', 0, 0)",
     "the policy of a.example has mode enforce and names no host", False),
    ("INSERT INTO mtasts_policy (domain, renew_at, used) VALUES ('a.example', 0, 0)", "of a.example there is neither a policy nor", False),
    (f"{REPORT} VALUES (1, 'dmarc', 'x', 'x', '', 'x', 0, 0, 0, 1, 1)", "report 1 of others is about nothing", False),
    (f"{REPORT} VALUES (1, 'tls', 'x', 'x', '', 'x', 0, 0, 0, 7, 1); {POLICY} VALUES (1, 1, NULL, 'x', 'sts', '', 0, 0, 0)",
     "report 1 of others should have 7 rows and has 1", False),
    (f"{REPORT} VALUES (1, 'dmarc', 'x', 'x', '', 'x', 0, 0, 0, 1, 1); {POLICY} VALUES (1, 1, NULL, 'x', 'dmarc', '', 0, 3, 4)",
     "report 1 of others says of x that 3 messages passed and 4 failed, its rows say 0 and 0", False),
    ("INSERT INTO sent_report (kind, policy_domain, start, finish, token, trace, planned, state) VALUES "
     "('tls', 'b.test', 0, 1, 'a', '', 0, 'due')",
     "the tls report 1 is due, but that does not fit its times", False),
    ("INSERT INTO sent_report (kind, policy_domain, start, finish, token, trace, planned, state, settled) VALUES "
     "('dmarc', 'b.test', 0, 1, 'a', '', 0, 'sent', 1); INSERT INTO dmarc_evaluation "
     "(policy_domain, hour, digest, facts, record, messages, optional, latest, report_id) "
     "VALUES ('b.test', 1, x'00', x'00', '', 1, 0, 1, 1)",
     "the dmarc report 1 is sent and still has evidence", False),
    ("INSERT INTO dmarc_evaluation (policy_domain, hour, digest, facts, record, messages, optional, latest) VALUES "
     "('b.test', 1, x'00', x'00', '', 1, 2, 1)", "about b.test counts 1 messages, 2 of them optional", False),
    ("INSERT INTO host_key (algorithm, path, digest, state, created) VALUES ('ec', 'keys/host/a', 'a', 'next', 0)",
     "of the host's 1 ec keys none is in use", False),
    ("INSERT INTO certificate (label, left_out) VALUES ('host-ec', '{')", "what is known of the certificate host-ec cannot be read", False),
    ("DELETE FROM body WHERE id = 2", "pillarbox.db: row 2 of message refers to a body that is not there", False),
    ("UPDATE body SET size = 6 WHERE id = 1", "has 5 octets instead of 6", False),
    ("UPDATE body SET sha256 = x'00' WHERE id = 1", "has been changed", False),
    ("DROP INDEX message_by_thread", "index message_by_thread is not as schema.sql says", False),
]


@pytest.mark.parametrize(("sql", "said", "mendable"), DAMAGES, ids=[sql[:50] for sql, _, _ in DAMAGES])
def test_damage_is_found_and_mended(spoilt: Store, sql: str, said: str, mendable: bool) -> None:
    """Each kind of disagreement has its sentence; what can be computed is put right."""
    damage(spoilt, sql)
    found = problems(spoilt)
    assert any(said in problem for problem in found), found
    done = repair(spoilt)

    assert bool(done) or not mendable
    assert (problems(spoilt) == []) is mendable
    spoilt.close()


def test_every_check_is_tried(spoilt: Store) -> None:
    """There is no check that none of the damages above sets off."""
    db = connect(spoilt.mail_db)
    db.execute("PRAGMA foreign_keys=OFF")
    quiet = dict(verify.CHECKS)
    for sql, _, _ in DAMAGES:
        db.execute(f"BEGIN; {sql}").fetchall()
        quiet = {question: sentence for question, sentence in quiet.items() if not list(db.execute(question))}
        db.execute("ROLLBACK")
    db.close()
    spoilt.close()

    assert list(quiet.values()) == []


def test_bodies_are_read(spoilt: Store) -> None:
    """A missing file and a changed octet are found; without bodies=True nobody looks."""
    first, second = spoilt.read(lambda db: [row[0] for row in db.execute("SELECT name FROM body ORDER BY id")])
    path = spoilt.bodies.path(first)
    path.chmod(0o600)
    path.write_bytes(b"f1rst")
    spoilt.bodies.path(second).unlink()

    assert problems(spoilt) == [
        f"the body {first} has been changed: the content of message 1 in Inbox of ann",
        f"the body {second} cannot be read: No such file or directory: the content of message 2 in Inbox of ann"]
    assert problems(spoilt, bodies=False) == []
    assert repair(spoilt) == []
    spoilt.close()


def test_many_bodies(store: Store) -> None:
    """They are read in slices, all of them."""
    spooled = [spool(store, b"x") for _ in range(3)]
    for body in spooled:
        store.write_now(lambda db, body=body: bodies.insert(db, body), [body])    # type: ignore[misc]  # a lambda with a default
    store.write_now(lambda db: db.execute("""
        WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 1200)
        INSERT INTO body (name, size, sha256, created) SELECT '2029-01-01/' || n, 1, x'', 0 FROM number""").fetchall())

    assert len(problems(store)) == 1_200
    bodies.sweep(store)


def test_a_damaged_page(spoilt: Store) -> None:
    """SQLite's own check is part of it."""
    damage(spoilt, "PRAGMA wal_checkpoint(TRUNCATE)")
    spoilt.close()
    size = os.path.getsize(spoilt.search_db)
    with open(spoilt.search_db, "r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 100)
    again = Store.open(spoilt.directory, spoilt.clock)

    assert size > 8_192
    assert any(problem.startswith("search.db is damaged (it holds nothing that could not come again): ") for problem in problems(again))
    assert repair(again) == ["search.db is put aside and made anew when the server starts next"]
    again.close()
    assert prepare(spoilt.directory, spoilt.clock)[-1] == "created search.db"
    mended = Store.open(spoilt.directory, spoilt.clock)
    assert problems(mended) == []
    assert repair(mended) == []
    mended.close()


def test_a_damaged_truth(spoilt: Store) -> None:
    """It is said, with what to do, however far one can read; nothing is made anew."""
    root = spoilt.read(lambda db: next(iter(db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'message'")))[0])
    damage(spoilt, "PRAGMA wal_checkpoint(TRUNCATE)")
    spoilt.close()
    with open(spoilt.mail_db, "r+b") as file:
        file.seek(4096 * (root - 1))
        file.write(b"\x55" * 4096)
    again = Store.open(spoilt.directory, spoilt.clock)
    found = problems(again)
    again.close()

    assert found[0].startswith("pillarbox.db is damaged (restore it from a backup): ")
    assert "\n" not in "".join(found)


def test_what_is_not_ours_is_named(spoilt: Store) -> None:
    """Somebody's notes among the mail, or a folder: neither is removed, both are named."""
    day = next(folder for folder in spoilt.bodies.root.iterdir() if folder.name != "tmp")
    (day / "notes.txt").write_text("mine")
    (spoilt.bodies.root / "old").mkdir()
    bodies.sweep(spoilt, 0.0)

    assert problems(spoilt) == [f"{day / 'notes.txt'} is not of our making; move it away",
                                f"{spoilt.bodies.root / 'old'} is not of our making; move it away"]
    spoilt.close()


def test_much_of_the_same_is_counted(spoilt: Store) -> None:
    """A check says a few sentences, then how many more there are."""
    damage(spoilt, """
        WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 50)
        INSERT INTO thread (account_id, latest) SELECT 1, 0 FROM number""")
    found = problems(spoilt)

    assert len(found) == verify.SAID + 1
    assert found[-1] == "… and 30 more like that"
    assert repair(spoilt) == ["removed 50 threads without messages"]
    spoilt.close()


def test_repairing_what_is_whole(store: Store) -> None:
    """Nothing is done, and nothing said."""
    account = add_account(store)
    row = deliver(store, mailbox(store, account))
    store.write_now(lambda db: messages.expunge(db, account, [row.id]))
    deliver(store, mailbox(store, account), keywords=("a", "b"))

    assert repair(store) == []
