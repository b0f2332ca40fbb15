"""From the schema of the administration to the one that guards accounts."""
from contextlib import closing

import apsw

from mta.store.migrations import m0005_guard


def test_app_passwords_that_are_there_stay_good() -> None:
    """For everything, as before; all else is empty."""
    with closing(apsw.Connection(":memory:")) as db:
        db.execute("CREATE TABLE account (id INTEGER PRIMARY KEY); CREATE TABLE queue_recipient (id INTEGER PRIMARY KEY); "
                   "CREATE TABLE credential (id INTEGER PRIMARY KEY, kind TEXT); CREATE TABLE web_session (id INTEGER PRIMARY KEY); "
                   "INSERT INTO credential VALUES (1, 'password'), (2, 'app')")
        m0005_guard.step(db)
        assert list(db.execute("SELECT credential_id, imap, smtp, webmail, expires FROM app_password")) == [(2, 1, 1, 1, None)]
        for table in ("two_factor", "recovery_code", "audit", "freeze", "frozen_recipient"):
            assert list(db.execute(f"SELECT count(*) FROM {table}")) == [(0,)]


def test_the_log_of_sign_ins_is_empty() -> None:
    """It begins with the new version."""
    with closing(apsw.Connection(":memory:")) as db:
        m0005_guard.trace_step(db)
        assert list(db.execute("SELECT count(*) FROM sign_in")) == [(0,)]
