"""What is asked of backups in the browser, and the history of certificates."""
from typing import Final

import apsw

CHANGES: Final = """
CREATE TABLE backup_job (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('verify', 'restore')),
    backup TEXT NOT NULL,                       -- name of its folder
    account TEXT NOT NULL,                      -- restore: whose mail, as it was called then
    mailbox TEXT NOT NULL,                      -- '' = all
    messages TEXT NOT NULL,                     -- ids there, divided by spaces; '' = all
    target TEXT NOT NULL,                       -- the account that gets it, '' = the same
    by TEXT NOT NULL,
    created REAL NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'stopped', 'done', 'failed')),
    ended REAL,
    done INTEGER NOT NULL DEFAULT 0,            -- files or messages looked at, of how many
    total INTEGER NOT NULL DEFAULT 0,
    added INTEGER NOT NULL DEFAULT 0,           -- messages that came back
    problems TEXT NOT NULL DEFAULT ''           -- what was wrong, a line for each; the first ones of many
) STRICT;
CREATE INDEX backup_job_by_state ON backup_job (state);
CREATE TABLE certificate_event (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at REAL NOT NULL,
    label TEXT NOT NULL,
    issuer TEXT NOT NULL,                       -- who gave it, or the directory that was asked
    names TEXT NOT NULL,                        -- divided by spaces
    until REAL,                                 -- its end; NULL = there was none
    problem TEXT NOT NULL,                      -- why, or '' if all went well
    next REAL                                   -- when it is renewed or tried again, NULL = not known
) STRICT;
CREATE INDEX certificate_event_by_time ON certificate_event (at);
"""


def step(db: apsw.Connection) -> None:
    """Add the tables, empty."""
    db.execute(CHANGES)
