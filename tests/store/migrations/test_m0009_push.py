"""From the schema that keeps what was removed to the one that knows browsers to be told of new mail."""
from contextlib import closing

import apsw

from mta.store.migrations import m0009_push


def test_nobody_is_told() -> None:
    """Sessions that are there stay, and none of their browsers has asked for anything yet; one that did ends with its session."""
    with closing(apsw.Connection(":memory:")) as db:
        db.execute("PRAGMA foreign_keys = ON; CREATE TABLE account (id INTEGER PRIMARY KEY); "
                   "CREATE TABLE web_session (id INTEGER PRIMARY KEY); INSERT INTO account VALUES (1); INSERT INTO web_session VALUES (5)")
        m0009_push.step(db)
        assert list(db.execute("SELECT count(*) FROM push_subscription")) == [(0,)]
        db.execute("INSERT INTO push_subscription (account_id, session_id, endpoint, key, secret, agent, created, failure) "
                   "VALUES (1, 5, 'https://push.test/x', x'', x'', '', 1.0, '')")
        db.execute("DELETE FROM web_session")
        assert list(db.execute("SELECT count(*) FROM push_subscription")) == [(0,)]
