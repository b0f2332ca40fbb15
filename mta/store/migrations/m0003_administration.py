"""What the administration keeps: who may write to aliases, keys that are changed, hold rules, destinations, traffic."""
from typing import Final

import apsw

TABLES: Final = """
CREATE TABLE alias_policy (
    alias_id INTEGER PRIMARY KEY REFERENCES alias (id) ON DELETE CASCADE,
    post TEXT NOT NULL CHECK (post IN ('members', 'domain'))
) STRICT;
CREATE TABLE dkim_rotation (
    new_key_id INTEGER PRIMARY KEY REFERENCES dkim_key (id) ON DELETE CASCADE,
    old_key_id INTEGER REFERENCES dkim_key (id) ON DELETE CASCADE,  -- NULL: there was none of its kind
    begun REAL NOT NULL,
    looked REAL,                                -- when the DNS was asked last, and what was wrong then
    problem TEXT NOT NULL DEFAULT '',
    switched REAL,                              -- since when the new key signs
    expires REAL                                -- when mail that the old one signed has passed
) STRICT;
CREATE TABLE hold_rule (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER REFERENCES account (id) ON DELETE CASCADE,   -- NULL = any
    sender_domain TEXT NOT NULL,                -- A-labels; '' = any
    recipient_domain TEXT NOT NULL,
    host TEXT NOT NULL,                         -- a mail host, or the end of its name; '' = any
    reason TEXT NOT NULL,                       -- for people
    created REAL NOT NULL,
    by TEXT NOT NULL
) STRICT;
CREATE TABLE destination_count (
    day INTEGER NOT NULL,                       -- days since 1970 UTC
    operator TEXT NOT NULL,                     -- who runs the mail host: its organisational domain; '' = unknown
    domain TEXT NOT NULL,                       -- the recipients'; '' = many
    outcome TEXT NOT NULL CHECK (outcome IN ('sent', 'deferred', 'refused')),
    cause TEXT NOT NULL,                        -- mta.report.causes; '' = none of them
    attempts INTEGER NOT NULL,
    latest REAL NOT NULL,
    reply TEXT NOT NULL,                        -- the last one
    PRIMARY KEY (day, operator, domain, outcome, cause)
) STRICT, WITHOUT ROWID;
CREATE TABLE traffic (
    hour INTEGER PRIMARY KEY,                   -- hours since 1970 UTC
    received INTEGER NOT NULL,                  -- messages of strangers
    encrypted INTEGER NOT NULL,                 -- TLS handshakes with us that succeeded
    failed INTEGER NOT NULL                     -- and that did not
) STRICT;
CREATE INDEX dkim_rotation_by_old ON dkim_rotation (old_key_id);
CREATE INDEX hold_rule_by_account ON hold_rule (account_id) WHERE account_id IS NOT NULL;
"""


def step(db: apsw.Connection) -> None:
    """Add the tables, empty."""
    db.execute(TABLES)
