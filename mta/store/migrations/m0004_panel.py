"""What the administrator decides in the browser about the ways of outgoing mail."""
from typing import Final

import apsw

TABLES: Final = """
CREATE TABLE transport (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    host TEXT NOT NULL,                         -- name in A-labels, or IP
    port INTEGER NOT NULL,
    tls TEXT NOT NULL CHECK (tls IN ('starttls', 'implicit', 'opportunistic', 'none')),
    username TEXT NOT NULL,                     -- '' = it does not ask
    password TEXT NOT NULL,
    dkim TEXT NOT NULL CHECK (dkim IN ('none', 'rsa', 'all')),
    created REAL NOT NULL
) STRICT;CREATE TABLE route (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    position INTEGER NOT NULL,
    account_id INTEGER REFERENCES account (id) ON DELETE CASCADE,   -- NULL = any
    sender_domain TEXT NOT NULL,                -- A-labels; '' = any
    recipient_domain TEXT NOT NULL,
    attempts INTEGER NOT NULL,                  -- only what failed this often before
    transport TEXT NOT NULL                     -- name of a transport, direct or fail
) STRICT;CREATE INDEX route_by_account ON route (account_id) WHERE account_id IS NOT NULL;
"""


def step(db: apsw.Connection) -> None:
    """Add the tables, empty."""
    db.execute(TABLES)
