"""What writing keeps: versions of drafts, mail that waits for its time, contacts; more of how mail was seen to travel."""
from typing import Final

import apsw

TABLES: Final = """
CREATE TABLE draft_version (
    message_id INTEGER PRIMARY KEY REFERENCES message (id) ON DELETE CASCADE,
    account_id INTEGER NOT NULL,
    lineage TEXT NOT NULL,
    writer TEXT NOT NULL,
    UNIQUE (account_id, lineage)
) STRICT;
CREATE TABLE delayed_mail (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    at REAL NOT NULL,
    body_id INTEGER NOT NULL REFERENCES body (id),
    copy_id INTEGER,
    queued TEXT NOT NULL,
    recipients INTEGER NOT NULL,
    subject TEXT NOT NULL,
    sent_to TEXT NOT NULL
) STRICT;
CREATE INDEX delayed_mail_by_account ON delayed_mail (account_id, at);
CREATE INDEX delayed_mail_by_time ON delayed_mail (at);
CREATE INDEX delayed_mail_by_body ON delayed_mail (body_id);
CREATE TABLE contact (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    uid TEXT NOT NULL,
    name TEXT NOT NULL,
    organisation TEXT NOT NULL,
    note TEXT NOT NULL,
    phones TEXT NOT NULL,
    groups TEXT NOT NULL,
    collected INTEGER NOT NULL,
    changed REAL NOT NULL,
    extra TEXT NOT NULL,
    UNIQUE (account_id, uid)
) STRICT;
CREATE INDEX contact_by_name ON contact (account_id, name);
CREATE TABLE contact_address (
    contact_id INTEGER NOT NULL REFERENCES contact (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    address TEXT NOT NULL COLLATE NOCASE,
    PRIMARY KEY (contact_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX contact_address_by_address ON contact_address (address);
"""
#: What can be told from what was known: a proof by DANE takes both, one by MTA-STS the policy.
KNOWN: Final = """
UPDATE recipient_tls SET mtasts = CASE WHEN verified = 'mta-sts' THEN 1 END, dane = CASE WHEN verified = 'dane' THEN 1 END,
       dnssec = CASE WHEN verified IN ('dane', 'dnssec') THEN 1 END
"""


def step(db: apsw.Connection) -> None:
    """New tables, and what was seen in more detail."""
    db.execute(TABLES)
    for column in ("mtasts", "dnssec", "dane"):
        db.execute(f"ALTER TABLE recipient_tls ADD COLUMN {column} INTEGER")
    db.execute(KNOWN)
