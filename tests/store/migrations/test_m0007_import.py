"""From the schema with guards to the one with imports."""
from contextlib import closing

import apsw

from mta.store.migrations import m0007_import


def test_the_tables_are_empty() -> None:
    """Nothing was ever imported."""
    with closing(apsw.Connection(":memory:")) as db:
        db.execute("CREATE TABLE account (id INTEGER PRIMARY KEY); INSERT INTO account VALUES (1)")
        m0007_import.step(db)
        for table in ("import", "import_skip", "imported", "import_folder", "import_uid"):
            assert list(db.execute(f"SELECT count(*) FROM {table}")) == [(0,)]
