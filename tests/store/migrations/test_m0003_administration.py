"""From the schema with answers to the one of the administration."""
from contextlib import closing

import apsw

from mta.store.migrations import m0003_administration


def test_the_tables_are_empty() -> None:
    """An alias that is there stays open to everybody, and nothing is held."""
    with closing(apsw.Connection(":memory:")) as db:
        db.execute("CREATE TABLE alias (id INTEGER PRIMARY KEY); CREATE TABLE account (id INTEGER PRIMARY KEY); "
                   "CREATE TABLE dkim_key (id INTEGER PRIMARY KEY); INSERT INTO alias VALUES (1)")
        m0003_administration.step(db)
        for table in ("alias_policy", "dkim_rotation", "hold_rule", "destination_count", "traffic"):
            assert list(db.execute(f"SELECT count(*) FROM {table}")) == [(0,)]
