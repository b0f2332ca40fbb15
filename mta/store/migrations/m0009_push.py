"""Browsers that are told of new mail."""
from typing import Final

import apsw

CHANGES: Final = """
CREATE TABLE push_subscription (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    session_id INTEGER NOT NULL REFERENCES web_session (id) ON DELETE CASCADE,
    endpoint TEXT NOT NULL UNIQUE,              -- a secret: https URL at the push service of the browser's maker
    key BLOB NOT NULL,                          -- the browser's P-256 key, an uncompressed point
    secret BLOB NOT NULL,                       -- what the browser shares with us (RFC 8291 §3.2)
    agent TEXT NOT NULL,                        -- what the browser calls itself
    created REAL NOT NULL,
    used REAL,                                  -- when its service took a notice last
    failed REAL,                                -- when one was not taken last, and why
    failure TEXT NOT NULL,
    failures INTEGER NOT NULL DEFAULT 0,        -- notices in a row that were not taken
    messages INTEGER NOT NULL DEFAULT 0,        -- how many are to be told, and the newest of them; it may be gone
    message_id INTEGER,
    due REAL,                                   -- NULL = nothing is to be told
    attempts INTEGER NOT NULL DEFAULT 0,
    claimed_by TEXT,
    claimed_until REAL
) STRICT;

CREATE INDEX push_subscription_by_account ON push_subscription (account_id);
CREATE INDEX push_subscription_by_session ON push_subscription (session_id);
CREATE INDEX push_subscription_by_due ON push_subscription (due) WHERE due IS NOT NULL;
"""


def step(db: apsw.Connection) -> None:
    """Add the table, empty."""
    db.execute(CHANGES)
