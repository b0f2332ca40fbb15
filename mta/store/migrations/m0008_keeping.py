"""What was removed and can be had back for a time; addresses that nobody gets again."""
from typing import Final

import apsw

CHANGES: Final = """
ALTER TABLE account ADD COLUMN removed REAL;
CREATE INDEX account_by_removal ON account (removed) WHERE removed IS NOT NULL;
CREATE TABLE deleted_message (
    id INTEGER PRIMARY KEY,                     -- that of the message that it was
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    mailbox TEXT NOT NULL,                      -- name and role of where it was
    role TEXT,
    deleted REAL,                               -- NULL: within the last minute
    received REAL NOT NULL,
    flags INTEGER NOT NULL,
    keywords TEXT NOT NULL,
    size INTEGER NOT NULL,
    body_id INTEGER NOT NULL REFERENCES body (id),
    subject TEXT NOT NULL,
    from_text TEXT NOT NULL,
    trace TEXT NOT NULL,
    mail_from TEXT NOT NULL,
    rcpt_to TEXT NOT NULL,
    remote_ip TEXT NOT NULL,
    prefix BLOB NOT NULL,
    structure BLOB NOT NULL,
    reasons BLOB NOT NULL,
    identity BLOB NOT NULL
) STRICT;
CREATE INDEX deleted_message_by_account ON deleted_message (account_id, deleted);
CREATE INDEX deleted_message_by_body ON deleted_message (body_id);
CREATE INDEX deleted_message_by_time ON deleted_message (deleted);
CREATE TABLE retired_address (
    domain_id INTEGER NOT NULL REFERENCES domain (id) ON DELETE CASCADE,
    localpart TEXT NOT NULL,                    -- lower case
    PRIMARY KEY (domain_id, localpart)
) STRICT, WITHOUT ROWID;
"""


def step(db: apsw.Connection) -> None:
    """Add the tables, empty."""
    db.execute(CHANGES)
