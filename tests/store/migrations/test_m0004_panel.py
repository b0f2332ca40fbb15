"""From the schema of the administration to the one with transports and routes."""
from contextlib import closing

import apsw

from mta.store.migrations import m0004_panel


def test_the_tables_are_empty() -> None:
    """All mail goes by the configuration file, as before."""
    with closing(apsw.Connection(":memory:")) as db:
        db.execute("CREATE TABLE account (id INTEGER PRIMARY KEY)")
        m0004_panel.step(db)
        for table in ("transport", "route"):
            assert list(db.execute(f"SELECT count(*) FROM {table}")) == [(0,)]
