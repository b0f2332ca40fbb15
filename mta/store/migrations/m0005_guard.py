"""What guards accounts: app passwords, second factors, the audit log, frozen sending; and the log of sign-ins in trace.db."""
from typing import Final

import apsw

TABLES: Final = """
ALTER TABLE web_session ADD COLUMN credential_id INTEGER REFERENCES credential (id) ON DELETE CASCADE;
CREATE INDEX web_session_by_credential ON web_session (credential_id) WHERE credential_id IS NOT NULL;
CREATE TABLE app_password (
    credential_id INTEGER PRIMARY KEY REFERENCES credential (id) ON DELETE CASCADE,
    imap INTEGER NOT NULL,
    smtp INTEGER NOT NULL,
    webmail INTEGER NOT NULL,
    expires REAL,
    used_from TEXT NOT NULL DEFAULT '',
    used_for TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE two_factor (
    id INTEGER PRIMARY KEY,
    account_id INTEGER REFERENCES account (id) ON DELETE CASCADE,
    secret BLOB NOT NULL,
    created REAL NOT NULL,
    confirmed REAL,
    step INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX two_factor_by_account ON two_factor (coalesce(account_id, 0));
CREATE INDEX two_factor_of_account ON two_factor (account_id);
CREATE TABLE recovery_code (
    two_factor_id INTEGER NOT NULL REFERENCES two_factor (id) ON DELETE CASCADE,
    code BLOB NOT NULL,
    used REAL,
    PRIMARY KEY (two_factor_id, code)
) STRICT, WITHOUT ROWID;
CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at REAL NOT NULL,
    who TEXT NOT NULL,
    origin TEXT NOT NULL,
    function TEXT NOT NULL,
    arguments TEXT NOT NULL,
    outcome TEXT NOT NULL
) STRICT;
CREATE INDEX audit_by_time ON audit (at);
CREATE TABLE freeze (
    account_id INTEGER PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
    since REAL NOT NULL,
    reason TEXT NOT NULL,
    by TEXT NOT NULL,
    lifted REAL
) STRICT;
CREATE TABLE frozen_recipient (
    recipient_id INTEGER PRIMARY KEY REFERENCES queue_recipient (id) ON DELETE CASCADE,
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE
) STRICT;
CREATE INDEX frozen_recipient_by_account ON frozen_recipient (account_id);
INSERT INTO app_password (credential_id, imap, smtp, webmail) SELECT id, 1, 1, 1 FROM credential WHERE kind = 'app';
"""

TRACE: Final = """
CREATE TABLE sign_in (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    first REAL NOT NULL,
    latest REAL NOT NULL,
    times INTEGER NOT NULL,
    account_id INTEGER,
    name TEXT NOT NULL,
    outcome TEXT NOT NULL,
    service TEXT NOT NULL,
    mechanism TEXT NOT NULL,
    ip TEXT NOT NULL,
    place TEXT NOT NULL,
    new_place INTEGER NOT NULL,
    agent TEXT NOT NULL,
    credential TEXT NOT NULL,
    trace TEXT NOT NULL
) STRICT;
CREATE INDEX sign_in_by_account ON sign_in (account_id, id);
CREATE INDEX sign_in_by_ip ON sign_in (ip, first);
CREATE INDEX sign_in_by_outcome ON sign_in (outcome = 'ok', latest);
"""


def step(db: apsw.Connection) -> None:
    """Add the tables; an app password that is there stays good for everything."""
    db.execute(TABLES)


def trace_step(db: apsw.Connection) -> None:
    """The log of sign-ins, empty."""
    db.execute(TRACE)
