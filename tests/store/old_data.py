"""Small databases of every schema that ever landed, with something of each kind in them, as programs of then would have left them."""
import hashlib
from contextlib import closing
from pathlib import Path

import apsw

from mta.base.clock import SetClock
from mta.store.credentials import make_keys
from mta.store.migrate import create
from mta.store.migrations import DATABASES, STEPS

SCHEMAS = Path(__file__).parent / "schemas"
SNAPSHOTS = sorted(SCHEMAS.glob("*.sql"))
PASSWORD, APP_PASSWORD, ADMIN = "a good password", "app-password-of-ann", "the admin's password"
COOKIE = "secret-of-a-cookie"
LETTERS = (b"Subject: one\r\nMessage-ID: <one@x>\r\n\r\nHello.\r\n", b"Subject: two\r\nIn-Reply-To: <one@x>\r\n\r\nHello again.\r\n")
ROLES = ("inbox", "sent", "drafts", "archive", "junk", "trash", "rejects")


def make(directory: Path, snapshot: Path, clock: SetClock) -> None:
    """A data directory of the schema in snapshot: ann with two letters, one that waits for delivery, a session, a rule, a lesson."""
    number = int(snapshot.stem)
    for folder in ("", "mail", "mail/tmp", "keys", "tls"):
        (directory / folder).mkdir(mode=0o700, exist_ok=True)
    for name in DATABASES:
        version = max(step.number for step in STEPS if step.database == name and step.number <= number)
        create(directory / name, clock, version=version, text=snapshot.read_text())
    with closing(apsw.Connection(str(directory / "pillarbox.db"))) as db:
        db.execute("PRAGMA foreign_keys=ON")
        db.execute("BEGIN")
        _people(db, clock)
        _mail(db, directory, clock)
        db.execute("COMMIT")


def _people(db: apsw.Connection, clock: SetClock) -> None:
    now = clock.timestamp()
    db.execute("INSERT INTO domain (name, created, description) VALUES ('example.org', ?, 'ours')", (now,))
    db.execute("INSERT INTO account (name, full_name, created, quota, modseq, uidvalidity) VALUES ('ann', 'Ann', ?, 1000000, 100, 7)",
               (now,))
    db.execute("INSERT INTO address (account_id, domain_id, localpart) VALUES (1, 1, 'ann')")
    db.execute("INSERT INTO alias (domain_id, localpart) VALUES (1, 'team')")
    db.execute("INSERT INTO alias_member VALUES (1, 0, 'ann@example.org')")
    first = make_keys(PASSWORD)
    for account, kind, label, keys in (
            (1, "password", "password", first), (1, "app", "laptop", make_keys(APP_PASSWORD, first.salt, first.iterations)),
            (None, "admin", "admin", make_keys(ADMIN))):
        db.execute("INSERT INTO credential (account_id, kind, label, salt, iterations, stored_key, server_key, created) "
                   "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                   (account, kind, label, keys.salt, keys.iterations, keys.stored_key, keys.server_key, now))
    db.execute("INSERT INTO web_session (secret, account_id, csrf, created, seen, expires, ip, agent) "
               "VALUES (?, 1, 'c', ?, ?, ?, 'i', 'a')",
               (hashlib.sha256(COOKIE.encode()).digest(), now, now, now + 86_400))
    for role in ROLES:
        db.execute("INSERT INTO mailbox (account_id, name, role, uidvalidity, modseq) VALUES (1, ?, ?, 7, 1)", (role.capitalize(), role))
    db.execute("INSERT INTO account_setting VALUES (1, 'reject_days', 3)")
    db.execute("INSERT INTO schedule (kind, subject, due) VALUES ('sweep-bodies', '', ?)", (now,))


def _mail(db: apsw.Connection, directory: Path, clock: SetClock) -> None:
    now = clock.timestamp()
    (directory / "mail" / "2029-12-31").mkdir(mode=0o700)
    db.execute("INSERT INTO thread (account_id, latest) VALUES (1, ?)", (now,))
    for number, content in enumerate((*LETTERS, b"Subject: out\r\n\r\nBye.\r\n"), 1):
        name = f"2029-12-31/000000000{number:010}"
        (directory / "mail" / name).write_bytes(content)
        (directory / "mail" / name).chmod(0o600)
        db.execute("INSERT INTO body (name, size, sha256, created) VALUES (?, ?, ?, 0)",
                   (name, len(content), hashlib.sha256(content).digest()))
    size = 0
    for number, content in enumerate(LETTERS, 1):
        prefix = b"Delivered-To: ann@example.org\r\n"
        size += len(prefix) + len(content)
        db.execute("INSERT INTO message (account_id, mailbox_id, uid, modseq, created_modseq, received, flags, size, body_id, thread_id) "
                   "VALUES (1, 1, ?, ?, ?, ?, 0, ?, ?, 1)", (number, 10 + number, 10 + number, now, len(prefix) + len(content), number))
        db.execute("INSERT INTO message_detail VALUES (?, ?, 'subject', 'Bob', NULL, 't', 'bob@example.net', 'ann@example.org', "
                   "'192.0.2.1', ?, x'a0', x'', x'')", (number, f"id{number}@x", prefix))
        db.execute("INSERT INTO change VALUES (1, ?, 'message_added', 1, ?, ?, NULL)", (10 + number, number, number))
    db.execute("UPDATE account SET size = ?, messages = 2, forgotten_modseq = 10", (size,))
    db.execute("UPDATE mailbox SET total = 2, unread = 2, unseen = 2, size = ?, uidnext = 3, modseq = 12, counts_modseq = 12 WHERE id = 1",
               (size,))
    db.execute("INSERT INTO lesson (account_id, message_id, verdict, at, why) VALUES (1, 1, 'good', ?, 'kept')", (now,))
    db.execute("INSERT INTO queue_message (account_id, sender, body_id, body_size, prefix, smtputf8, eight_bit, kind, message_id, subject, "
               "header_from, trace, created) VALUES (1, 'ann@example.org', 3, 22, x'', 0, 0, 'mail', '', 'out', 'ann@example.org', 't', ?)",
               (now,))
    db.execute("INSERT INTO queue_recipient (message_id, recipient, next_hop, due) VALUES (1, 'bob@example.net', 'example.net', ?)", (now,))
