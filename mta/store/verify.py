"""Does the store agree with itself?  `pillarbox verify`, and the end of every test that used a store.

Each check is one question that finds rows which contradict one another, and the sentence
about each such row.  Bodies are read from end to end and compared with their size and
SHA-256.  What is merely left over is no problem: bodies without references, files without
a row (mta.store.bodies.sweep removes them).  A file that has no business in data/mail is
named; nobody removes it.

repair() mends what can be computed from what is certain: counts, sizes, next UIDs,
modification sequences, leftovers of threads; a damaged database that holds nothing dear
is made anew at the next start.  A missing or damaged body it cannot mend.
"""
import hashlib
import re
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import apsw

from mta.base.errors import TemporaryError
from mta.store import bodies as content
from mta.store import learned, lessons, migrate
from mta.store.changes import KINDS
from mta.store.connection import Connection, connect, damage_mark
from mta.store.received import ITEMS_OF_REPORT

if TYPE_CHECKING:
    from mta.store.database import Store

#: Sentences that one check may say before it only counts.
SAID: Final = 20
CHUNK: Final = 1024 * 1024
#: The name of a folder of bodies.
DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")

MESSAGE_COUNTS: Final = r"""
    SELECT mailbox.id AS mailbox_id,
           coalesce(sum(flags & 8 = 0), 0) AS total, coalesce(sum(flags & 9 = 0), 0) AS unread,
           coalesce(sum(flags & 1 = 0), 0) AS unseen, coalesce(sum(flags & 8 != 0), 0) AS deleted,
           coalesce(sum(message.size), 0) AS size, coalesce(max(uid), 0) AS uid, coalesce(max(message.modseq), 0) AS modseq
      FROM mailbox LEFT JOIN message ON mailbox_id = mailbox.id GROUP BY mailbox.id
"""

#: (question, sentence about each row of its answer)
CHECKS: Final[tuple[tuple[str, str], ...]] = (
    ("""SELECT id, kind, state FROM sent_report
         WHERE (state = 'due') != (due IS NOT NULL) OR (settled IS NULL) != (due IS NOT NULL)""",
     "the {1} report {0} is {2}, but that does not fit its times"),
    ("""SELECT sent_report.id, kind, state FROM sent_report WHERE due IS NULL AND (
            EXISTS (SELECT 1 FROM dmarc_evaluation WHERE report_id = sent_report.id) OR
            EXISTS (SELECT 1 FROM tls_result WHERE report_id = sent_report.id))""",
     "the {1} report {0} is {2} and still has evidence"),
    ("SELECT id, policy_domain, messages, optional FROM dmarc_evaluation WHERE messages < 1 OR optional NOT BETWEEN 0 AND messages",
     "the evidence {0} about {1} counts {2} messages, {3} of them optional"),
    ("""SELECT tls_result.id, policy_domain, failures, coalesce(sum(sessions), 0)
          FROM tls_result LEFT JOIN tls_failure ON result_id = tls_result.id
         GROUP BY tls_result.id HAVING failures > coalesce(sum(sessions), 0) OR coalesce(sum(sessions), 0) > failures + successes""",
     "the evidence {0} about {1} counts {2} failed sessions, its details {3}"),
    (f"""SELECT mailbox.id, name, concat_ws('/', mailbox.total, mailbox.unread, mailbox.unseen, mailbox.deleted, mailbox.size),
                concat_ws('/', real.total, real.unread, real.unseen, real.deleted, real.size)
           FROM mailbox JOIN ({MESSAGE_COUNTS}) AS real ON real.mailbox_id = mailbox.id
          WHERE (mailbox.total, mailbox.unread, mailbox.unseen, mailbox.deleted, mailbox.size)
             != (real.total, real.unread, real.unseen, real.deleted, real.size)""",
     "mailbox {0} ({1}) counts total/unread/unseen/deleted/size as {2}, its messages as {3}"),
    ("""SELECT account.id, name, account.size, account.messages, coalesce(sum(message.size), 0), count(message.id)
          FROM account LEFT JOIN message ON account_id = account.id GROUP BY account.id
        HAVING account.size != coalesce(sum(message.size), 0) OR account.messages != count(message.id)""",
     "account {0} ({1}) counts {2} octets in {3} messages, but has {4} in {5}"),
    ("SELECT message.id, uid, uidnext FROM message JOIN mailbox ON mailbox.id = mailbox_id WHERE uid >= uidnext OR uid < 1",
     "message {0} has the UID {1}, the next one to be given out is {2}"),
    ("""SELECT id, name, uidvalidity, uidnext FROM mailbox
         WHERE uidvalidity NOT BETWEEN 1 AND 4294967295 OR uidnext NOT BETWEEN 1 AND 4294967295""",
     "mailbox {0} ({1}) has UIDVALIDITY {2} and next UID {3}, which no mail program takes"),
    ("""SELECT mailbox.id, mailbox.name, mailbox.uidvalidity, account.uidvalidity FROM mailbox JOIN account ON account.id = account_id
         WHERE mailbox.uidvalidity > account.uidvalidity""",
     "mailbox {0} ({1}) has the UIDVALIDITY {2}, the last one given out is {3}"),
    ("""SELECT message.id, message.modseq, created_modseq, account.modseq FROM message JOIN account ON account.id = account_id
         WHERE message.modseq > account.modseq OR created_modseq > message.modseq""",
     "message {0} has the modification sequences {1} and {2}, its account is at {3}"),
    ("""SELECT mailbox.id, mailbox.modseq, counts_modseq, account.modseq FROM mailbox JOIN account ON account.id = account_id
         WHERE mailbox.modseq > account.modseq OR counts_modseq > account.modseq""",
     "mailbox {0} has the modification sequences {1} and {2}, its account is at {3}"),
    ("""SELECT mailbox.id, mailbox.modseq, max(message.modseq) FROM mailbox JOIN message ON mailbox_id = mailbox.id
         GROUP BY mailbox.id HAVING max(message.modseq) > mailbox.modseq""",
     "mailbox {0} has the modification sequence {1}, one of its messages {2}"),
    ("""SELECT account_id, change.modseq, account.modseq, forgotten_modseq FROM change JOIN account ON account.id = account_id
         WHERE change.modseq > account.modseq OR change.modseq <= forgotten_modseq""",
     "the log of account {0} has a change {1}, but should end at {2} and begin after {3}"),
    (f"SELECT account_id, modseq, kind FROM change WHERE kind NOT IN {KINDS}", "the log of account {0} has at {1} the unknown kind {2}"),
    ("""SELECT message.id, message.modseq FROM message JOIN account ON account.id = account_id
         WHERE message.modseq > forgotten_modseq AND NOT EXISTS
               (SELECT 1 FROM change
                 WHERE change.account_id = message.account_id AND change.modseq = message.modseq AND message_id = message.id)""",
     "the change {1} of message {0} is not in the log"),
    ("""SELECT message.id, message.account_id, mailbox.account_id FROM message JOIN mailbox ON mailbox.id = mailbox_id
         WHERE message.account_id != mailbox.account_id""",
     "message {0} belongs to account {1}, its mailbox to {2}"),
    ("SELECT id FROM message WHERE NOT EXISTS (SELECT 1 FROM message_detail WHERE message_id = message.id)", "message {0} has no details"),
    ("""SELECT message.id, message.size, length(prefix), body.size
          FROM message JOIN message_detail ON message_id = message.id JOIN body ON body.id = body_id
         WHERE message.size != length(prefix) + body.size""",
     "message {0} has the size {1}, its prefix {2} and its body {3}"),
    ("""SELECT message.id, thread_id FROM message JOIN thread ON thread.id = thread_id WHERE thread.account_id != message.account_id""",
     "message {0} is in thread {1}, which belongs to another account"),
    ("SELECT id FROM thread WHERE NOT EXISTS (SELECT 1 FROM message WHERE thread_id = thread.id)", "thread {0} has no messages"),
    ("SELECT key, thread_id FROM thread_key JOIN thread ON thread.id = thread_id WHERE thread.account_id != thread_key.account_id",
     "thread key {0} belongs to another account than its thread {1}"),
    ("""SELECT message.id, word.value FROM message, json_each('["' || replace(keywords, ' ', '","') || '"]') AS word
         WHERE keywords != '' AND NOT EXISTS (SELECT 1 FROM keyword WHERE keyword.mailbox_id = message.mailbox_id AND name = word.value)""",
     "message {0} has the keyword {1}, which its mailbox does not know"),
    ("SELECT id, name FROM account WHERE NOT EXISTS (SELECT 1 FROM mailbox WHERE account_id = account.id AND role = 'inbox')",
     "account {0} ({1}) has no Inbox"),
    ("SELECT message_id FROM unsearchable WHERE EXISTS (SELECT 1 FROM message WHERE id = message_id)",
     "message {0} is to be taken out of the search index, but exists"),
    ("""SELECT account_id FROM credential WHERE account_id IS NOT NULL GROUP BY account_id
        HAVING count(DISTINCT salt) > 1 OR count(DISTINCT iterations) > 1""",
     "the passwords of account {0} do not share salt and iterations"),
    ("SELECT id FROM alias WHERE NOT EXISTS (SELECT 1 FROM alias_member WHERE alias_id = id)", "alias {0} stands for nobody"),
    ("SELECT id FROM queue_message WHERE NOT EXISTS (SELECT 1 FROM queue_recipient WHERE message_id = queue_message.id)",
     "queued message {0} has no recipient left"),
    ("SELECT queue_message.id, body_size, body.size FROM queue_message JOIN body ON body.id = body_id WHERE body_size != body.size",
     "queued message {0} has a body of {1} octets, the body's row says {2}"),
    ("""SELECT id FROM received_report WHERE complete
           AND NOT EXISTS (SELECT 1 FROM received_policy WHERE received_policy.report_id = received_report.id)""",
     "report {0} of others is about nothing"),
    (f"""SELECT id, row_count, real FROM (SELECT id, row_count, max(1, {ITEMS_OF_REPORT}) AS real FROM received_report WHERE complete)
          WHERE row_count != real""",
     "report {0} of others should have {1} rows and has {2}"),
    ("""SELECT received_policy.report_id, received_policy.domain, good, bad,
               coalesce(sum(CASE WHEN dkim OR spf THEN messages END), 0), coalesce(sum(CASE WHEN NOT (dkim OR spf) THEN messages END), 0)
          FROM received_report JOIN received_policy ON received_policy.report_id = received_report.id
               LEFT JOIN received_record ON policy_id = received_policy.id
         WHERE complete AND received_report.kind = 'dmarc' GROUP BY received_policy.id
        HAVING good != coalesce(sum(CASE WHEN dkim OR spf THEN messages END), 0)
            OR bad != coalesce(sum(CASE WHEN NOT (dkim OR spf) THEN messages END), 0)""",
     "report {0} of others says of {1} that {2} messages passed and {3} failed, its rows say {4} and {5}"),
    ("SELECT domain, mode FROM mtasts_policy WHERE mode IN ('enforce', 'testing') AND mx = ''",
     "the policy of {0} has mode {1} and names no host"),
    ("SELECT domain FROM mtasts_policy WHERE mode IS NULL AND problem = ''", "of {0} there is neither a policy nor what went wrong"),
    ("SELECT algorithm, count(*) FROM host_key GROUP BY algorithm HAVING sum(state = 'current') != 1",
     "of the host's {1} {0} keys none is in use"),
    ("SELECT label FROM certificate WHERE NOT json_valid(left_out)", "what is known of the certificate {0} cannot be read"),
)


def problems(store: "Store", *, bodies: bool = True) -> list[str]:
    """Everything that is wrong, a sentence each; bodies=False leaves out reading the files."""
    found: list[str] = []
    try:
        found += _files(store)
        for question, sentence in CHECKS:
            rows = store.read(partial(_ask, question=question))
            found += [sentence.format(*row) for row in rows[:SAID]]
            if len(rows) > SAID:
                found.append(f"… and {len(rows) - SAID} more like that")
        found += _learned(store)
        if bodies:
            found += _bodies(store)
            found += _strangers(store)
    except (apsw.Error, TemporaryError) as problem:
        found.append(f"pillarbox.db cannot be read to its end: {problem}")
    return found


def repair(store: "Store") -> list[str]:
    """Mend what can be mended without guessing; returns what was done.  Nobody is disturbed: each mend is one short change."""
    done = []
    for sentence, mend in MENDS:
        number = store.write_now(partial(_mend, statements=mend))
        if number:
            done.append(sentence.format(number))
    for name in sorted(migrate.EXPENDABLE):
        if any(_file(store.directory / name)):
            damage_mark(store.directory / name).touch(mode=0o600)
            done.append(f"{name} is put aside and made anew when the server starts next")
    if not any(_file(store.learned_db)) and any(_learned(store)):
        counts = learned.Learned(store.learned_db, store.clock)
        try:
            counts.mend(store.read(lessons.counting))
        finally:
            counts.close()
        # Whoever commits a change that touches the reporter rings for it.
        store.write_now(lambda db: db.touched.add("reporter"))
        done.append("counted anew what the junk filter learned; the reporter learns the log of lessons again")
    return done


#: (what was done, statements that do it); the rows they change are counted.
MENDS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("raised the modification sequence of {0} accounts", ("""
        UPDATE account SET modseq = real.modseq
          FROM (SELECT account.id AS account_id,
                       max(coalesce((SELECT max(modseq) FROM change WHERE account_id = account.id), 0),
                           coalesce((SELECT max(modseq) FROM message WHERE account_id = account.id), 0),
                           coalesce((SELECT max(max(modseq, counts_modseq)) FROM mailbox WHERE account_id = account.id), 0)) AS modseq
                  FROM account) AS real
         WHERE real.account_id = account.id AND real.modseq > account.modseq""",)),
    ("raised the last UIDVALIDITY of {0} accounts", ("""
        UPDATE account SET uidvalidity = (SELECT max(uidvalidity) FROM mailbox WHERE account_id = account.id)
         WHERE uidvalidity < (SELECT max(uidvalidity) FROM mailbox WHERE account_id = account.id)""",)),
    ("counted {0} mailboxes anew", (f"""
        UPDATE mailbox SET total = real.total, unread = real.unread, unseen = real.unseen, deleted = real.deleted, size = real.size,
               uidnext = max(uidnext, real.uid + 1), modseq = max(mailbox.modseq, real.modseq),
               counts_modseq = (SELECT modseq FROM account WHERE id = account_id)
          FROM ({MESSAGE_COUNTS}) AS real
         WHERE real.mailbox_id = mailbox.id
           AND ((mailbox.total, mailbox.unread, mailbox.unseen, mailbox.deleted, mailbox.size)
                != (real.total, real.unread, real.unseen, real.deleted, real.size)
                OR uidnext <= real.uid OR mailbox.modseq < real.modseq)""",)),
    ("counted {0} accounts anew", ("""
        UPDATE account SET size = real.size, messages = real.messages
          FROM (SELECT account.id AS account_id, coalesce(sum(message.size), 0) AS size, count(message.id) AS messages
                  FROM account LEFT JOIN message ON account_id = account.id GROUP BY account.id) AS real
         WHERE real.account_id = account.id AND (account.size, account.messages) != (real.size, real.messages)""",)),
    ("removed {0} threads without messages", ("DELETE FROM thread WHERE NOT EXISTS (SELECT 1 FROM message WHERE thread_id = thread.id)",)),
    ("noted {0} keywords", ("""
        INSERT OR IGNORE INTO keyword SELECT DISTINCT mailbox_id, word.value
          FROM message, json_each('["' || replace(keywords, ' ', '","') || '"]') AS word WHERE keywords != ''""",)),
    ("dropped {0} orders to the search index", ("DELETE FROM unsearchable WHERE EXISTS (SELECT 1 FROM message WHERE id = message_id)",)),
    ("removed {0} queued messages without recipients",
     ("DELETE FROM queue_message WHERE NOT EXISTS (SELECT 1 FROM queue_recipient WHERE message_id = queue_message.id)",)),
)


def _ask(db: Connection, question: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    return list(db.execute(question, params))


def _column(db: Connection, question: str, params: Sequence[Any] = ()) -> list[Any]:
    return [first for first, in db.execute(question, params)]


def _mend(db: Connection, statements: tuple[str, ...]) -> int:
    number = 0
    for statement in statements:
        db.execute(statement)
        number += db.changes()
    if number:
        db.touched |= {"web", "imap", "reporter"}
    return number


def _files(store: "Store") -> Iterator[str]:
    """The databases themselves: intact, with the schema they should have, and no row pointing nowhere."""
    for path in (store.mail_db, store.trace_db, store.search_db, store.learned_db):
        yield from _file(path)


def _file(path: Path) -> Iterator[str]:
    """What is wrong with one database."""
    advice = "it holds nothing that could not come again" if path.name in migrate.EXPENDABLE else "restore it from a backup"
    try:
        with closing(connect(path, query_only=True)) as db:
            for said, in db.execute("PRAGMA integrity_check(20)"):
                if said != "ok":
                    yield f"{path.name} is damaged ({advice}): {'; '.join(said.split(chr(10)))}"
            yield from (f"{path.name}: row {rowid} of {table} refers to a {parent} that is not there"
                        for table, rowid, parent, _ in db.execute("PRAGMA foreign_key_check"))
            here, wanted = migrate.shape(db), migrate.wanted_shape(path.name)
            yield from (f"{path.name}: {name} is not as schema.sql says" for name in sorted(here.keys() | wanted.keys())
                        if here.get(name) != wanted.get(name))
    except apsw.Error as problem:
        yield f"{path.name} is damaged ({advice}): {problem}"


def _learned(store: "Store") -> Iterator[str]:
    """What was learned is what the log of lessons says, as far as it was followed, and adds up; nothing if the file is damaged."""
    with suppress(apsw.Error), closing(connect(store.learned_db, query_only=True)) as db:
        db.execute("BEGIN")
        position, taught = learned.position(db), learned.verdicts(db)
        told = store.read(partial(lessons.counting, position=position))
        # What is still to be learned may be known already, if learning began again.
        later = set(store.read(partial(_column, question="SELECT message_id FROM lesson WHERE id > ?", params=(position,))))
        here = set(store.read(partial(_column, question="SELECT id FROM account")))
        yield from (f"message {ident} counts as {taught.get(ident, (0, 'nothing'))[1]}, the last lesson about it says {lesson.verdict}"
                    for ident, lesson in told.items() if taught.get(ident) != (lesson.account_id, lesson.verdict))
        # Those of an account that is gone are taken back by the reporter in time.
        yield from (f"message {ident} counts as {verdict}, but there is no lesson about it"
                    for ident, (account, verdict) in taught.items() if ident not in told.keys() | later and account in here)
        yield from (f"learned.db: {problem}" for problem in learned.disagreements(db))


def _bodies(store: "Store") -> Iterator[str]:
    """Every body that a row knows: there, and unchanged."""
    at = 0
    while True:
        question = "SELECT id, name, size, sha256 FROM body WHERE id > ? ORDER BY id LIMIT 1000"
        rows = store.read(partial(_ask, question=question, params=(at,)))
        for at, name, size, sha256 in rows:
            problem = _body_problem(store, name, size, sha256)
            # A sweep may have removed row and file since we looked.
            if problem and store.read(partial(_ask, question="SELECT 1 FROM body WHERE id = ?", params=(at,))):
                yield f"{problem}: {_whose(store, at)}"
        if not rows:
            return


#: Who needs a body.
USERS: Final = """
    SELECT 'message ' || message.id || ' in ' || mailbox.name || ' of ' || account.name
      FROM message JOIN mailbox ON mailbox.id = mailbox_id JOIN account ON account.id = mailbox.account_id WHERE body_id = ?1
    UNION ALL SELECT 'queued message ' || id FROM queue_message WHERE body_id = ?1
    UNION ALL SELECT 'deleted message ' || id FROM deleted_message WHERE body_id = ?1
"""


def _whose(store: "Store", body_id: int) -> str:
    """What is lost with a body, for people."""
    users = [row[0] for row in store.read(partial(_ask, question=USERS, params=(body_id,)))]
    more = f" and {len(users) - SAID} more" if len(users) > SAID else ""
    return f"the content of {', '.join(users[:SAID])}{more}" if users else "nothing needs it any more"


def _strangers(store: "Store") -> Iterator[str]:
    """What lies in data/mail and is no body of ours, by its name; the sweep leaves it alone."""
    for folder in sorted(store.bodies.root.iterdir()):
        if not folder.is_dir() or not (folder.name == "tmp" or DAY.fullmatch(folder.name)):
            yield f"{folder} is not of our making; move it away"
            continue
        for file in folder.iterdir():
            try:
                content.made_at(file.name)
            except ValueError:
                yield f"{file} is not of our making; move it away"


def _body_problem(store: "Store", name: str, size: int, sha256: bytes) -> str | None:
    digest, seen = hashlib.sha256(), 0
    try:
        with store.bodies.open(name) as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
                seen += len(chunk)
    except OSError as problem:
        return f"the body {name} cannot be read: {problem.strerror}"
    if seen != size:
        return f"the body {name} has {seen} octets instead of {size}"
    return None if digest.digest() == sha256 else f"the body {name} has been changed"
