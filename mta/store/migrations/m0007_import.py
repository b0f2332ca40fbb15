"""Importing mail: what was wanted, how far it has come, what is here already."""
from typing import Final

import apsw

TABLES: Final = """
CREATE TABLE import (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('upload', 'path', 'imap')),
    source TEXT NOT NULL,                       -- for people: a file's name, or whose mail at which server
    options BLOB NOT NULL,                      -- CBOR map
    state TEXT NOT NULL CHECK (state IN ('coming', 'waiting', 'running', 'stopped', 'done')),
    created REAL NOT NULL,
    latest REAL NOT NULL,                       -- when something happened with it
    problem TEXT NOT NULL DEFAULT '',           -- for people: why it stopped
    octets INTEGER NOT NULL DEFAULT 0,          -- how far it has come, of how much (IMAP: messages)
    total INTEGER NOT NULL DEFAULT 0,           -- 0 = not known yet
    added INTEGER NOT NULL DEFAULT 0,           -- messages that are new here
    known INTEGER NOT NULL DEFAULT 0,           -- that were here already
    changed INTEGER NOT NULL DEFAULT 0,         -- of these, whose flags were brought up to date
    skipped INTEGER NOT NULL DEFAULT 0,         -- that could not be taken
    position BLOB NOT NULL DEFAULT x'',         -- CBOR list: where it goes on
    secret BLOB,                                -- the password at the other server, sealed with a key that is a file
    claimed_by TEXT,
    claimed_until REAL
) STRICT;
CREATE INDEX import_by_account ON import (account_id, id);
CREATE INDEX import_to_do ON import (id) WHERE state IN ('waiting', 'running');
CREATE TABLE import_skip (
    import_id INTEGER NOT NULL REFERENCES import (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    place TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (import_id, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE imported (
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    key BLOB NOT NULL,                          -- of content and mailbox (mta.store.imported)
    message_id INTEGER NOT NULL,                -- may be gone
    flags INTEGER NOT NULL,                     -- as the source had them last
    keywords TEXT NOT NULL,
    PRIMARY KEY (account_id, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE import_folder (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    source TEXT NOT NULL,                       -- import.source
    name TEXT NOT NULL,                         -- as the other server has it
    uidvalidity INTEGER NOT NULL,
    uid INTEGER NOT NULL,                       -- all up to here were looked at
    UNIQUE (account_id, source, name)
) STRICT;
CREATE TABLE import_uid (
    folder_id INTEGER NOT NULL REFERENCES import_folder (id) ON DELETE CASCADE,
    uid INTEGER NOT NULL,
    key BLOB NOT NULL,                          -- imported.key
    PRIMARY KEY (folder_id, uid)
) STRICT, WITHOUT ROWID;
"""


def step(db: apsw.Connection) -> None:
    """Add the tables, empty."""
    db.execute(TABLES)
