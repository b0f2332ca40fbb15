"""From the schema of push notices to the one with jobs on backups and the history of certificates."""
from contextlib import closing

import apsw

from mta.store.migrations import m0010_jobs


def test_nothing_is_asked_yet() -> None:
    """Both tables are empty."""
    with closing(apsw.Connection(":memory:")) as db:
        m0010_jobs.step(db)
        for table in ("backup_job", "certificate_event"):
            assert list(db.execute(f"SELECT count(*) FROM {table}")) == [(0,)]
