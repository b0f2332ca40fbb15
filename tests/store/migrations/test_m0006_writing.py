"""From the schema with transports to the one of writing."""
from contextlib import closing

import apsw

from mta.store.migrations import m0006_writing


def test_what_was_seen_is_told_in_more_detail() -> None:
    """A proof tells what it rests on; of the rest nobody knows.  The new tables are empty."""
    with closing(apsw.Connection(":memory:")) as db:
        db.execute("CREATE TABLE account (id INTEGER PRIMARY KEY); CREATE TABLE body (id INTEGER PRIMARY KEY); "
                   "CREATE TABLE message (id INTEGER PRIMARY KEY); CREATE TABLE recipient_tls (domain TEXT, verified TEXT)")
        db.executemany("INSERT INTO recipient_tls VALUES (?, ?)", ((name or "none", name) for name in ("", "dane", "mta-sts", "dnssec")))
        m0006_writing.step(db)
        assert list(db.execute("SELECT domain, mtasts, dnssec, dane FROM recipient_tls ORDER BY domain")) == [
            ("dane", None, 1, 1), ("dnssec", None, 1, None), ("mta-sts", 1, None, None), ("none", None, None, None)]
        for table in ("draft_version", "delayed_mail", "contact", "contact_address"):
            assert list(db.execute(f"SELECT count(*) FROM {table}")) == [(0,)]
