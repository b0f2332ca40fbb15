"""Answers by itself, forwarding, masked addresses, identities, choices for addresses."""
import apsw

TABLES = """
CREATE TABLE vacation (
    account_id INTEGER PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
    enabled INTEGER NOT NULL,
    first_day TEXT NOT NULL,
    last_day TEXT NOT NULL,
    zone TEXT NOT NULL,
    begins REAL,
    ends REAL,
    subject TEXT NOT NULL,
    text TEXT NOT NULL
) STRICT;
CREATE TABLE automatic_answer (
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    source INTEGER NOT NULL,
    address TEXT NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (account_id, source, address)
) STRICT, WITHOUT ROWID;
CREATE INDEX automatic_answer_by_time ON automatic_answer (at);
CREATE TABLE forward_target (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    address TEXT NOT NULL,
    created REAL NOT NULL,
    confirmed REAL,
    code BLOB,
    code_expires REAL NOT NULL DEFAULT 0,
    tries INTEGER NOT NULL DEFAULT 0,
    everything INTEGER NOT NULL,
    keep TEXT NOT NULL CHECK (keep IN ('inbox', 'archive')),
    seal INTEGER NOT NULL,
    attach INTEGER NOT NULL,
    forwarded INTEGER NOT NULL DEFAULT 0,
    kept INTEGER NOT NULL DEFAULT 0,
    latest REAL,
    kept_why TEXT NOT NULL DEFAULT '',
    UNIQUE (account_id, address)
) STRICT;
CREATE TABLE forward_code (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    address TEXT NOT NULL,
    at REAL NOT NULL
) STRICT;
CREATE INDEX forward_code_by_time ON forward_code (at);
CREATE TABLE mask (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    domain_id INTEGER NOT NULL REFERENCES domain (id) ON DELETE CASCADE,
    localpart TEXT NOT NULL,
    site TEXT NOT NULL,
    note TEXT NOT NULL,
    created REAL NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('on', 'off', 'gone')),
    received INTEGER NOT NULL DEFAULT 0,
    sent INTEGER NOT NULL DEFAULT 0,
    latest REAL,
    UNIQUE (domain_id, localpart)
) STRICT;
CREATE INDEX mask_by_account ON mask (account_id, id);
CREATE TABLE mask_sender (
    mask_id INTEGER NOT NULL REFERENCES mask (id) ON DELETE CASCADE,
    domain TEXT NOT NULL,
    proven INTEGER NOT NULL,
    first REAL NOT NULL,
    latest REAL NOT NULL,
    messages INTEGER NOT NULL,
    PRIMARY KEY (mask_id, domain, proven)
) STRICT, WITHOUT ROWID;
CREATE TABLE mask_key (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    label TEXT NOT NULL,
    secret BLOB NOT NULL UNIQUE,
    created REAL NOT NULL,
    used REAL
) STRICT;
CREATE INDEX mask_key_by_account ON mask_key (account_id);
CREATE TABLE mask_domain (
    domain_id INTEGER PRIMARY KEY REFERENCES domain (id) ON DELETE CASCADE,
    allowed INTEGER NOT NULL
) STRICT;
CREATE TABLE mask_limit (
    account_id INTEGER PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
    most INTEGER NOT NULL
) STRICT;
CREATE TABLE identity (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    address TEXT NOT NULL,
    reply_to TEXT NOT NULL,
    signature TEXT NOT NULL
) STRICT;
CREATE INDEX identity_by_account ON identity (account_id, position);
CREATE TABLE address_setting (
    address_id INTEGER PRIMARY KEY REFERENCES address (id) ON DELETE CASCADE,
    display_name TEXT NOT NULL,
    mailbox_id INTEGER REFERENCES mailbox (id) ON DELETE SET NULL
) STRICT;
CREATE INDEX address_setting_by_mailbox ON address_setting (mailbox_id) WHERE mailbox_id IS NOT NULL;
"""


def step(db: apsw.Connection) -> None:
    """New tables, what a rule can do besides, and the key of return paths that we write (mta.judge.returnpath)."""
    db.execute(TABLES)
    db.execute("ALTER TABLE rule ADD COLUMN forward TEXT NOT NULL DEFAULT ''")
    db.execute("ALTER TABLE rule ADD COLUMN reply TEXT NOT NULL DEFAULT ''")
    db.execute("INSERT OR IGNORE INTO setting VALUES ('return_path', randomblob(32))")
