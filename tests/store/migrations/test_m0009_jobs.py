"""From the schema that keeps what was removed to the one with jobs on backups and the history of certificates."""
from contextlib import closing

import apsw

from mta.store.migrations import m0009_jobs


def test_nothing_is_asked_yet() -> None:
    """Both tables are empty."""
    with closing(apsw.Connection(":memory:")) as db:
        m0009_jobs.step(db)
        for table in ("backup_job", "certificate_event"):
            assert list(db.execute(f"SELECT count(*) FROM {table}")) == [(0,)]
