"""From the schema of the administration to the one that keeps what was removed."""
from contextlib import closing

import apsw

from mta.store.migrations import m0008_keeping


def test_nobody_is_removed() -> None:
    """Accounts that are there stay there, and nothing is deleted or retired."""
    with closing(apsw.Connection(":memory:")) as db:
        db.execute("CREATE TABLE domain (id INTEGER PRIMARY KEY); CREATE TABLE account (id INTEGER PRIMARY KEY); "
                   "CREATE TABLE body (id INTEGER PRIMARY KEY); INSERT INTO account VALUES (1)")
        m0008_keeping.step(db)
        assert list(db.execute("SELECT id, removed FROM account")) == [(1, None)]
        for table in ("deleted_message", "retired_address"):
            assert list(db.execute(f"SELECT count(*) FROM {table}")) == [(0,)]
