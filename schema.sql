-- The whole current schema of Pillarbox, one section for each database file.
--
-- A section begins with a line "-- database: NAME".  A new data directory gets exactly
-- this; an old one gets there by the numbered steps in mta/store/migrations, and a test
-- proves that both ways end in the same place.
--
-- Times are seconds since 1970 UTC (REAL), sizes octets, addresses text with the domain
-- in A-labels.  Names in the plural are counts.

-- database: pillarbox.db
-- The truth.  WAL, synchronous=FULL, foreign_keys=ON.

-- What the program remembers about itself: secrets it made (false salt), choices of the
-- administrator that are no part of pillarbox.toml.
CREATE TABLE setting (
    name TEXT PRIMARY KEY,
    value ANY NOT NULL
) STRICT, WITHOUT ROWID;

-- Which steps of mta/store/migrations made this file what it is.
CREATE TABLE migration (
    number INTEGER PRIMARY KEY,
    title TEXT NOT NULL,
    applied REAL NOT NULL
) STRICT;

CREATE TABLE domain (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,                  -- A-labels, lower case
    created REAL NOT NULL,
    description TEXT NOT NULL DEFAULT '',
    enabled INTEGER NOT NULL DEFAULT 1,
    case_sensitive INTEGER NOT NULL DEFAULT 0,
    localpart_separator TEXT NOT NULL DEFAULT '+',   -- '' = off
    catchall_account INTEGER REFERENCES account (id) ON DELETE SET NULL,
    -- Our own MTA-STS policy for it (RFC 8461).
    mtasts_mode TEXT NOT NULL DEFAULT 'off' CHECK (mtasts_mode IN ('off', 'none', 'testing', 'enforce')),
    mtasts_max_age INTEGER NOT NULL DEFAULT 604800,
    mtasts_mx TEXT NOT NULL DEFAULT '',         -- hosts besides this one, divided by spaces
    had_mail INTEGER                            -- whether it had mail elsewhere when its DNS was looked at first; NULL: nobody has looked
) STRICT;

-- What the DNS of a domain was found to be like: a row for each time that it changed (mta.store.dnschecks).
CREATE TABLE dns_check (
    id INTEGER PRIMARY KEY,
    domain_id INTEGER NOT NULL REFERENCES domain (id) ON DELETE CASCADE,
    first REAL NOT NULL,                        -- when it was found so first
    last REAL NOT NULL,                         -- and last
    digest TEXT NOT NULL,                       -- of errors and warnings: the same as long as nothing changed
    errors INTEGER NOT NULL,
    warnings INTEGER NOT NULL,
    sections TEXT NOT NULL                      -- JSON
) STRICT;

CREATE INDEX dns_check_by_domain ON dns_check (domain_id, last);

CREATE INDEX domain_by_catchall ON domain (catchall_account) WHERE catchall_account IS NOT NULL;

CREATE TABLE dkim_key (
    id INTEGER PRIMARY KEY,
    domain_id INTEGER NOT NULL REFERENCES domain (id) ON DELETE CASCADE,
    selector TEXT NOT NULL,
    algorithm TEXT NOT NULL CHECK (algorithm IN ('rsa', 'ed25519')),
    path TEXT NOT NULL,                         -- below the data directory
    public TEXT NOT NULL,                       -- base64, as DNS wants it
    signing INTEGER NOT NULL DEFAULT 0,
    created REAL NOT NULL,
    UNIQUE (domain_id, selector)
) STRICT;

-- A DKIM key that takes the place of another, step by step (mta.flow.rotation).
CREATE TABLE dkim_rotation (
    new_key_id INTEGER PRIMARY KEY REFERENCES dkim_key (id) ON DELETE CASCADE,
    old_key_id INTEGER REFERENCES dkim_key (id) ON DELETE CASCADE,  -- NULL: there was none of its kind
    begun REAL NOT NULL,
    looked REAL,                                -- when the DNS was asked last, and what was wrong then
    problem TEXT NOT NULL DEFAULT '',
    switched REAL,                              -- since when the new key signs
    expires REAL                                -- when mail that the old one signed has passed
) STRICT;

CREATE INDEX dkim_rotation_by_old ON dkim_rotation (old_key_id);

CREATE TABLE account (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,                  -- NFC, lower case
    full_name TEXT NOT NULL DEFAULT '',
    created REAL NOT NULL,
    enabled INTEGER NOT NULL DEFAULT 1,
    quota INTEGER NOT NULL DEFAULT 0,           -- 0 = unlimited
    size INTEGER NOT NULL DEFAULT 0,            -- sum of message.size
    messages INTEGER NOT NULL DEFAULT 0,
    modseq INTEGER NOT NULL DEFAULT 0,          -- the last one given to a change
    forgotten_modseq INTEGER NOT NULL DEFAULT 0,    -- changes up to here have been pruned
    uidvalidity INTEGER NOT NULL DEFAULT 0,     -- the last one given to a mailbox
    rules_version INTEGER NOT NULL DEFAULT 0,   -- grows with each change of its rules
    messages_per_day INTEGER,                   -- NULL = the limit of everybody
    first_time_per_day INTEGER,
    removed REAL                                -- when it was removed; it is kept for some time yet
) STRICT;

CREATE INDEX account_by_removal ON account (removed) WHERE removed IS NOT NULL;

-- An address that belongs to one account.
CREATE TABLE address (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    domain_id INTEGER NOT NULL REFERENCES domain (id),
    localpart TEXT NOT NULL,                    -- canonical: lower case unless domain.case_sensitive
    UNIQUE (domain_id, localpart)
) STRICT;

CREATE INDEX address_by_account ON address (account_id);

-- An address that stands for one or many others, ours or not.
CREATE TABLE alias (
    id INTEGER PRIMARY KEY,
    domain_id INTEGER NOT NULL REFERENCES domain (id),
    localpart TEXT NOT NULL,
    sendable INTEGER NOT NULL DEFAULT 0,        -- members may write in its name
    UNIQUE (domain_id, localpart)
) STRICT;

CREATE TABLE alias_member (
    alias_id INTEGER NOT NULL REFERENCES alias (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    address TEXT NOT NULL,
    PRIMARY KEY (alias_id, position)
) STRICT, WITHOUT ROWID;

CREATE INDEX alias_member_by_address ON alias_member (address);

-- Who may write to an alias, where that is not everybody.
CREATE TABLE alias_policy (
    alias_id INTEGER PRIMARY KEY REFERENCES alias (id) ON DELETE CASCADE,
    post TEXT NOT NULL CHECK (post IN ('members', 'domain'))
) STRICT;

-- SCRAM-SHA-256 secrets (RFC 5802 §3).  All of one account share salt and iterations,
-- so that an exchange can try each.  The administrator's has no account.
CREATE TABLE credential (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER REFERENCES account (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('password', 'app', 'admin')),
    label TEXT NOT NULL,
    salt BLOB NOT NULL,
    iterations INTEGER NOT NULL,
    stored_key BLOB NOT NULL,
    server_key BLOB NOT NULL,
    created REAL NOT NULL,
    used REAL,
    CHECK ((kind = 'admin') = (account_id IS NULL))
) STRICT;

CREATE INDEX credential_by_account ON credential (account_id);

-- Who is signed in on the web; only the SHA-256 of the cookie's secret is kept.
CREATE TABLE web_session (
    id INTEGER PRIMARY KEY,
    secret BLOB NOT NULL UNIQUE,
    account_id INTEGER REFERENCES account (id) ON DELETE CASCADE,   -- NULL = administrator
    csrf TEXT NOT NULL,
    created REAL NOT NULL,
    seen REAL NOT NULL,
    expires REAL NOT NULL,
    ip TEXT NOT NULL,
    agent TEXT NOT NULL,
    credential_id INTEGER REFERENCES credential (id) ON DELETE CASCADE  -- the app password it began with, for the webmail alone
) STRICT;

CREATE INDEX web_session_by_account ON web_session (account_id);
CREATE INDEX web_session_by_credential ON web_session (credential_id) WHERE credential_id IS NOT NULL;
CREATE INDEX web_session_by_expiry ON web_session (expires);

-- Browsers that are told of new mail (RFC 8030); each ends with the session that asked for it.
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

-- A link by which a telephone fetches settings of mail programs, once; of its secret only the SHA-256 is kept.
CREATE TABLE profile_link (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    secret BLOB NOT NULL UNIQUE,
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    address TEXT NOT NULL,
    expires REAL NOT NULL
) STRICT;

CREATE INDEX profile_link_by_account ON profile_link (account_id);
CREATE INDEX profile_link_by_expiry ON profile_link (expires);

CREATE TABLE mailbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    name TEXT NOT NULL,                         -- NFC, parts divided by /
    role TEXT CHECK (role IN ('inbox', 'sent', 'drafts', 'archive', 'junk', 'trash', 'rejects')),
    uidvalidity INTEGER NOT NULL,
    uidnext INTEGER NOT NULL DEFAULT 1,
    modseq INTEGER NOT NULL,                    -- the highest of its messages and of itself
    counts_modseq INTEGER NOT NULL DEFAULT 0,   -- when the counts below changed last
    total INTEGER NOT NULL DEFAULT 0,           -- without \Deleted
    unread INTEGER NOT NULL DEFAULT 0,          -- neither \Seen nor \Deleted
    unseen INTEGER NOT NULL DEFAULT 0,          -- not \Seen
    deleted INTEGER NOT NULL DEFAULT 0,         -- \Deleted
    size INTEGER NOT NULL DEFAULT 0,            -- of all of them
    subscribed INTEGER NOT NULL DEFAULT 1,
    UNIQUE (account_id, name)
) STRICT;

CREATE UNIQUE INDEX mailbox_by_role ON mailbox (account_id, role) WHERE role IS NOT NULL;

-- What an account chose for itself; mta.flow.preferences has names, meanings and defaults.
CREATE TABLE account_setting (
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    value ANY NOT NULL,
    PRIMARY KEY (account_id, name)
) STRICT, WITHOUT ROWID;

-- An account's own rules for mail that comes in (mta.judge.rules); '' and NULL ask for nothing.
CREATE TABLE rule (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,                  -- the order they are looked at
    name TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    last INTEGER NOT NULL,                      -- if it fits, those below are not looked at
    author TEXT NOT NULL,                       -- patterns: * stands for anything
    sender TEXT NOT NULL,
    recipient TEXT NOT NULL,
    verified TEXT NOT NULL,                     -- a domain in A-labels
    network TEXT NOT NULL,                      -- as address/length
    list_id TEXT NOT NULL,
    headers BLOB NOT NULL,                      -- CBOR list of [name of a field, pattern]
    mailbox_id INTEGER REFERENCES mailbox (id) ON DELETE SET NULL,
    lost_mailbox TEXT NOT NULL,                 -- its name, if it is gone
    flags INTEGER NOT NULL,                     -- mta.message.flags
    keywords TEXT NOT NULL,                     -- divided by spaces
    accept INTEGER NOT NULL,
    forwarder INTEGER NOT NULL,
    mailing_list INTEGER NOT NULL,
    forward TEXT NOT NULL DEFAULT '',           -- one of forward_target.address
    reply TEXT NOT NULL DEFAULT '',             -- the text of an automatic answer
    CHECK (mailbox_id IS NULL OR lost_mailbox = '')
) STRICT;

CREATE INDEX rule_by_account ON rule (account_id, position);
CREATE INDEX rule_by_mailbox ON rule (mailbox_id) WHERE mailbox_id IS NOT NULL;

-- Keywords that were ever set in a mailbox; what a message has is in its row.
CREATE TABLE keyword (
    mailbox_id INTEGER NOT NULL REFERENCES mailbox (id) ON DELETE CASCADE,
    name TEXT NOT NULL COLLATE NOCASE,
    PRIMARY KEY (mailbox_id, name)
) STRICT, WITHOUT ROWID;

-- A content file below data/mail: immutable, named once and never again.
CREATE TABLE body (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,                  -- YYYY-MM-DD/name
    size INTEGER NOT NULL,
    sha256 BLOB NOT NULL,
    created REAL NOT NULL
) STRICT;

CREATE TABLE thread (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    subject_key INTEGER,                        -- hash of the base subject (RFC 5256 §2.1)
    latest REAL NOT NULL                        -- when a message was last added
) STRICT;

CREATE INDEX thread_by_subject ON thread (account_id, subject_key, latest) WHERE subject_key IS NOT NULL;

-- Every Message-ID that a thread has or speaks of, as a 64-bit hash.
CREATE TABLE thread_key (
    account_id INTEGER NOT NULL,
    key INTEGER NOT NULL,
    thread_id INTEGER NOT NULL REFERENCES thread (id) ON DELETE CASCADE,
    PRIMARY KEY (account_id, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX thread_key_by_thread ON thread_key (thread_id);

-- A message in a mailbox: what changes or is sorted by.  What never changes is in
-- message_detail, so that setting flags rewrites little.
CREATE TABLE message (
    id INTEGER PRIMARY KEY AUTOINCREMENT,       -- stays when the message is moved; never comes back
    account_id INTEGER NOT NULL,                -- the mailbox's, to save a join
    mailbox_id INTEGER NOT NULL REFERENCES mailbox (id),
    uid INTEGER NOT NULL,
    modseq INTEGER NOT NULL,
    created_modseq INTEGER NOT NULL,            -- when it came into this mailbox
    received REAL NOT NULL,
    flags INTEGER NOT NULL,                     -- mta.message.flags
    keywords TEXT NOT NULL DEFAULT '',          -- divided by spaces, sorted
    size INTEGER NOT NULL,                      -- prefix and body
    body_id INTEGER NOT NULL REFERENCES body (id),
    thread_id INTEGER NOT NULL REFERENCES thread (id),
    UNIQUE (mailbox_id, uid)
) STRICT;

CREATE INDEX message_by_received ON message (mailbox_id, received, id);
CREATE INDEX message_by_thread ON message (thread_id);
CREATE INDEX message_by_body ON message (body_id);

CREATE TABLE message_detail (
    message_id INTEGER PRIMARY KEY REFERENCES message (id) ON DELETE CASCADE,
    header_id TEXT NOT NULL,                    -- Message-ID without <>, or ''
    subject TEXT NOT NULL,
    from_text TEXT NOT NULL,
    date REAL,                                  -- of the Date field
    trace TEXT NOT NULL,
    mail_from TEXT NOT NULL,
    rcpt_to TEXT NOT NULL,
    remote_ip TEXT NOT NULL,
    prefix BLOB NOT NULL,                       -- header fields this copy has in front of the body
    structure BLOB NOT NULL,                    -- CBOR, mta.message.structure
    reasons BLOB NOT NULL,                      -- CBOR, why it is where it is
    identity BLOB NOT NULL                      -- CBOR, who it is from (mta.judge.facts); empty if nobody asked
) STRICT;

-- A message that was removed from its mailbox for good, and can still be had back (mta.store.deleted).
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

-- What happened to an account, in order; every row has its own modseq.  Counts are not
-- here: mailbox.counts_modseq says since when they differ.
CREATE TABLE change (
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    modseq INTEGER NOT NULL,
    kind TEXT NOT NULL,
    mailbox_id INTEGER,
    message_id INTEGER,
    uid INTEGER,
    facts BLOB,                                 -- CBOR map, or NULL
    PRIMARY KEY (account_id, modseq)
) STRICT, WITHOUT ROWID;

-- Where an account's modseq stood at some time, noted once a day: tells how old a change is.
CREATE TABLE change_mark (
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    at REAL NOT NULL,
    modseq INTEGER NOT NULL,
    PRIMARY KEY (account_id, at)
) STRICT, WITHOUT ROWID;

-- What people taught the filter and reputation by filing their mail, in order; the last
-- lesson about a message counts.  learned.db is made from this.
CREATE TABLE lesson (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    message_id INTEGER NOT NULL,                -- may be gone
    verdict TEXT NOT NULL CHECK (verdict IN ('junk', 'good', 'none')),
    at REAL NOT NULL,
    why TEXT NOT NULL                           -- for people
) STRICT;

CREATE INDEX lesson_by_message ON lesson (message_id, id);
CREATE INDEX lesson_by_account ON lesson (account_id, id);

-- Messages that are gone and may still be in search.db; the indexer removes them there, then here.
CREATE TABLE unsearchable (
    message_id INTEGER PRIMARY KEY
) STRICT;

-- A message on its way to other servers.
CREATE TABLE queue_message (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER REFERENCES account (id) ON DELETE SET NULL,
    sender TEXT,                                -- NULL = the null reverse-path
    body_id INTEGER NOT NULL REFERENCES body (id),
    body_size INTEGER NOT NULL,
    prefix BLOB NOT NULL,
    smtputf8 INTEGER NOT NULL,
    eight_bit INTEGER NOT NULL,
    -- RFC 8689: 'yes' = REQUIRETLS, 'no' = TLS-Required: No
    tls_required TEXT NOT NULL DEFAULT '' CHECK (tls_required IN ('', 'yes', 'no')),
    kind TEXT NOT NULL CHECK (kind IN ('mail', 'bounce', 'delayed', 'dmarc_report', 'tls_report')),
    transport TEXT,
    message_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    header_from TEXT NOT NULL,
    trace TEXT NOT NULL,
    created REAL NOT NULL
) STRICT;

CREATE INDEX queue_message_by_body ON queue_message (body_id);
CREATE INDEX queue_message_by_account ON queue_message (account_id);

-- One recipient of it: the unit that is tried, put off and given up.
CREATE TABLE queue_recipient (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id INTEGER NOT NULL REFERENCES queue_message (id) ON DELETE CASCADE,
    recipient TEXT NOT NULL,
    next_hop TEXT NOT NULL,                     -- domain in A-labels, or transport:NAME
    transport TEXT,                             -- NULL = by the routes
    attempts INTEGER NOT NULL DEFAULT 0,
    due REAL NOT NULL,
    held INTEGER NOT NULL DEFAULT 0,
    claimed_by TEXT,                            -- mta.store.leases
    claimed_until REAL,
    delay_noticed INTEGER NOT NULL DEFAULT 0,
    last_code INTEGER NOT NULL DEFAULT 0,
    last_enhanced TEXT NOT NULL DEFAULT '',
    last_text TEXT NOT NULL DEFAULT '',
    last_host TEXT NOT NULL DEFAULT '',
    last_during TEXT NOT NULL DEFAULT '',
    last_at REAL,
    -- When it may be claimed: NULL while held, and not before a claim has run out.
    wake REAL GENERATED ALWAYS AS (CASE WHEN held THEN NULL ELSE max(due, coalesce(claimed_until, 0.0)) END) VIRTUAL
) STRICT;

CREATE INDEX queue_recipient_by_message ON queue_recipient (message_id);
CREATE INDEX queue_recipient_by_wake ON queue_recipient (wake) WHERE wake IS NOT NULL;
CREATE INDEX queue_recipient_by_hop ON queue_recipient (next_hop, wake) WHERE wake IS NOT NULL;
CREATE INDEX queue_recipient_by_claim ON queue_recipient (claimed_by) WHERE claimed_by IS NOT NULL;

-- Mail that is held in the queue, until somebody releases it: what fits all that a rule names.
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

CREATE INDEX hold_rule_by_account ON hold_rule (account_id) WHERE account_id IS NOT NULL;

-- Another server that takes outgoing mail, besides those of the configuration file (mta.flow.ways).
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
) STRICT;

-- Which mail takes a transport; the first by position that fits wins, then those of the configuration file.
CREATE TABLE route (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    position INTEGER NOT NULL,
    account_id INTEGER REFERENCES account (id) ON DELETE CASCADE,   -- NULL = any
    sender_domain TEXT NOT NULL,                -- A-labels; '' = any
    recipient_domain TEXT NOT NULL,
    attempts INTEGER NOT NULL,                  -- only what failed this often before
    transport TEXT NOT NULL                     -- name of a transport, direct or fail
) STRICT;

CREATE INDEX route_by_account ON route (account_id) WHERE account_id IS NOT NULL;

-- What became of attempts, by day and destination (mta.store.destinations).
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

-- How much came in, by hour: tells what is unusual (mta.flow.traffic).
CREATE TABLE traffic (
    hour INTEGER PRIMARY KEY,                   -- hours since 1970 UTC
    received INTEGER NOT NULL,                  -- messages of strangers
    encrypted INTEGER NOT NULL,                 -- TLS handshakes with us that succeeded
    failed INTEGER NOT NULL                     -- and that did not
) STRICT;

-- How mail of an account was last seen to travel to a domain, for who writes there again (mta.store.seen).
CREATE TABLE recipient_tls (
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    domain TEXT NOT NULL,                       -- in A-labels
    starttls INTEGER NOT NULL,
    verified TEXT NOT NULL,                     -- how, '' = it was not
    requiretls INTEGER NOT NULL,
    at REAL NOT NULL,
    mtasts INTEGER,                             -- whether its policy is enforced; NULL = nobody knows
    dnssec INTEGER,                             -- whether its MX records are signed
    dane INTEGER,                               -- whether the server showed a key that the DNS promises
    PRIMARY KEY (account_id, domain)
) STRICT, WITHOUT ROWID;

CREATE INDEX recipient_tls_by_time ON recipient_tls (at);

-- What became of each recipient we were asked to reach.
CREATE TABLE outgoing (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    queue_message_id INTEGER NOT NULL,
    account_id INTEGER REFERENCES account (id) ON DELETE SET NULL,
    sender TEXT,
    recipient TEXT NOT NULL,
    kind TEXT NOT NULL,
    message_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    trace TEXT NOT NULL,
    size INTEGER NOT NULL,
    queued REAL NOT NULL,
    finished REAL NOT NULL,
    attempts INTEGER NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('delivered', 'failed', 'dropped')),
    code INTEGER NOT NULL,
    enhanced TEXT NOT NULL,
    text TEXT NOT NULL,
    host TEXT NOT NULL,
    during TEXT NOT NULL
) STRICT;

CREATE INDEX outgoing_by_finished ON outgoing (finished);
CREATE INDEX outgoing_by_trace ON outgoing (trace);
CREATE INDEX outgoing_by_account ON outgoing (account_id, finished);

-- How sessions with other servers were protected (mta.store.evidence), until it is reported.
CREATE TABLE tls_result (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    policy_domain TEXT NOT NULL,                -- the recipient's domain, or the mail host (is_host)
    day TEXT NOT NULL,                          -- UTC, YYYY-MM-DD
    recipient_domain TEXT NOT NULL,
    is_host INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('sts', 'tlsa', 'no-policy-found')),
    policy TEXT NOT NULL,                       -- its lines
    mx TEXT NOT NULL,                           -- host patterns, one a line
    successes INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0,
    optional INTEGER NOT NULL DEFAULT 0,        -- how many sessions are no reason for a report by themselves
    report_id INTEGER REFERENCES sent_report (id) ON DELETE CASCADE     -- NULL: of no report yet
) STRICT;

CREATE UNIQUE INDEX tls_result_open ON tls_result (policy_domain, day, recipient_domain, kind, policy, mx) WHERE report_id IS NULL;
CREATE INDEX tls_result_by_day ON tls_result (day);
CREATE INDEX tls_result_by_report ON tls_result (report_id) WHERE report_id IS NOT NULL;

-- What there is to tell of some of these sessions.
CREATE TABLE tls_failure (
    result_id INTEGER NOT NULL REFERENCES tls_result (id) ON DELETE CASCADE,
    type TEXT NOT NULL,                         -- RFC 8460, 4.3
    sending_ip TEXT NOT NULL,
    mx_host TEXT NOT NULL,
    mx_ip TEXT NOT NULL,
    reason TEXT NOT NULL,
    text TEXT NOT NULL,
    sessions INTEGER NOT NULL,
    PRIMARY KEY (result_id, type, sending_ip, mx_host, mx_ip, reason, text)
) STRICT, WITHOUT ROWID;

-- Whom an account has written to, for first-time limits and for completing addresses.
CREATE TABLE known_recipient (
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    address TEXT NOT NULL COLLATE NOCASE,
    first REAL NOT NULL,
    latest REAL NOT NULL,
    messages INTEGER NOT NULL,
    PRIMARY KEY (account_id, address)
) STRICT, WITHOUT ROWID;

-- What each account sent, for the limits of 24 hours.
CREATE TABLE sent (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    at REAL NOT NULL,
    recipients INTEGER NOT NULL,
    first_time INTEGER NOT NULL                 -- how many of them it had never written to
) STRICT;

CREATE INDEX sent_by_account ON sent (account_id, at);

-- Events of mail that was accepted, one row a transaction; they commit with it.  All
-- others are in trace.db.
CREATE TABLE accepted_event (
    id INTEGER PRIMARY KEY,
    at REAL NOT NULL,
    trace TEXT NOT NULL,
    records BLOB NOT NULL                       -- CBOR, mta.store.events
) STRICT;

CREATE INDEX accepted_event_by_trace ON accepted_event (trace);

-- Where reports of others are to be sent: those about a domain of ours, or about this host.
CREATE TABLE report_address (
    id INTEGER PRIMARY KEY,
    domain_id INTEGER REFERENCES domain (id) ON DELETE CASCADE,     -- NULL = about this host
    kind TEXT NOT NULL CHECK (kind IN ('dmarc', 'tls')),
    localpart TEXT NOT NULL,                    -- in lower case unless its domain tells cases apart; '' = nowhere
    at TEXT NOT NULL,                           -- its domain, A-labels
    CHECK (domain_id IS NOT NULL OR kind = 'tls')
) STRICT;

CREATE UNIQUE INDEX report_address_about ON report_address (coalesce(domain_id, 0), kind);
CREATE INDEX report_address_by_address ON report_address (at, localpart);

-- What others report about our domains and this host (mta.store.received).
CREATE TABLE received_report (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('dmarc', 'tls', 'failure')),
    sender TEXT NOT NULL,                       -- the domain that vouches for the mail, A-labels
    organization TEXT NOT NULL,                 -- who it says it is
    contact TEXT NOT NULL,
    report_id TEXT NOT NULL,
    start REAL NOT NULL,
    finish REAL NOT NULL,
    received REAL NOT NULL,
    row_count INTEGER NOT NULL,                 -- of its records, failures or messages
    complete INTEGER NOT NULL DEFAULT 0         -- 0: large, its rows are still being written
) STRICT;

CREATE UNIQUE INDEX received_report_once ON received_report (kind, sender, organization, report_id) WHERE complete;
CREATE INDEX received_report_by_time ON received_report (received);
CREATE INDEX received_report_by_sender ON received_report (sender, row_count);

-- The messages that brought it; a second one is a duplicate.
CREATE TABLE received_mail (
    report_id INTEGER NOT NULL REFERENCES received_report (id) ON DELETE CASCADE,
    message_id INTEGER NOT NULL REFERENCES message (id) ON DELETE CASCADE,
    PRIMARY KEY (report_id, message_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX received_mail_by_message ON received_mail (message_id);

-- What the reporter says went wrong, and what was odd about the report.
CREATE TABLE received_remark (
    report_id INTEGER NOT NULL REFERENCES received_report (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    ours INTEGER NOT NULL,                      -- 1: we say it, 0: the reporter
    text TEXT NOT NULL,
    PRIMARY KEY (report_id, position)
) STRICT, WITHOUT ROWID;

-- A policy of ours that it is about, and how mail or connections did under it.
CREATE TABLE received_policy (
    id INTEGER PRIMARY KEY,
    report_id INTEGER NOT NULL REFERENCES received_report (id) ON DELETE CASCADE,
    domain_id INTEGER REFERENCES domain (id) ON DELETE CASCADE,     -- NULL = this host
    domain TEXT NOT NULL,                       -- the policy domain, A-labels
    kind TEXT NOT NULL,                         -- 'dmarc', or the type as RFC 8460 has it
    text TEXT NOT NULL,                         -- the policy as they found it
    day INTEGER NOT NULL,                       -- the middle of the period, days since 1970 UTC
    good INTEGER NOT NULL,                      -- messages that passed DMARC, sessions that succeeded
    bad INTEGER NOT NULL
) STRICT;

CREATE INDEX received_policy_by_report ON received_policy (report_id);
CREATE INDEX received_policy_by_day ON received_policy (day, kind);
CREATE INDEX received_policy_by_domain ON received_policy (domain_id, day);

-- Messages of one kind in a DMARC report.
CREATE TABLE received_record (
    id INTEGER PRIMARY KEY,
    policy_id INTEGER NOT NULL REFERENCES received_policy (id) ON DELETE CASCADE,
    ip TEXT NOT NULL,
    messages INTEGER NOT NULL,
    disposition TEXT NOT NULL,
    dkim INTEGER NOT NULL,                      -- 1: aligned and passed
    spf INTEGER NOT NULL,
    header_from TEXT NOT NULL,
    envelope_from TEXT,                         -- NULL: not told; '' = the null sender
    envelope_to TEXT
) STRICT;

CREATE INDEX received_record_by_policy ON received_record (policy_id);

-- What the checks of such messages came to, and why another thing was done than the policy asks for.
CREATE TABLE received_result (
    record_id INTEGER NOT NULL REFERENCES received_record (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('dkim', 'spf', 'reason')),
    domain TEXT NOT NULL,
    selector TEXT NOT NULL,                     -- of SPF the scope
    result TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (record_id, position)
) STRICT, WITHOUT ROWID;

-- Sessions that failed in one way in a report about TLS.
CREATE TABLE received_failure (
    id INTEGER PRIMARY KEY,
    policy_id INTEGER NOT NULL REFERENCES received_policy (id) ON DELETE CASCADE,
    result TEXT NOT NULL,                       -- RFC 8460 §4.3
    sessions INTEGER NOT NULL,
    sending_ip TEXT NOT NULL,
    mx_host TEXT NOT NULL,
    mx_helo TEXT NOT NULL,
    receiving_ip TEXT NOT NULL,
    reason TEXT NOT NULL,
    information TEXT NOT NULL
) STRICT;

CREATE INDEX received_failure_by_policy ON received_failure (policy_id);

-- The message that a failure report is about.
CREATE TABLE received_message (
    id INTEGER PRIMARY KEY,
    policy_id INTEGER NOT NULL REFERENCES received_policy (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,                         -- RFC 5965 §7.3
    ip TEXT NOT NULL,
    arrival REAL,
    incidents INTEGER NOT NULL,
    failures TEXT NOT NULL,                     -- words with commas between them
    mail_from TEXT NOT NULL,
    header_from TEXT NOT NULL,
    subject TEXT NOT NULL,
    header_id TEXT NOT NULL,
    delivery TEXT NOT NULL,
    results TEXT NOT NULL                       -- Authentication-Results, one a line
) STRICT;

CREATE INDEX received_message_by_policy ON received_message (policy_id);
-- What we found out about mail that came in the name of domains which ask for reports (RFC 9990): one
-- row for what is alike within an hour, until it is reported or too old.
CREATE TABLE dmarc_evaluation (
    id INTEGER PRIMARY KEY,
    policy_domain TEXT NOT NULL,                -- where the DMARC record stands, A-labels
    hour INTEGER NOT NULL,                      -- hours since 1970 UTC
    digest BLOB NOT NULL,                       -- of facts
    facts BLOB NOT NULL,                        -- CBOR, mta.report.evaluation
    record TEXT NOT NULL,                       -- the DMARC record as it counted last
    messages INTEGER NOT NULL,
    optional INTEGER NOT NULL,                  -- how many of them are no reason for a report by themselves
    latest REAL NOT NULL,
    report_id INTEGER REFERENCES sent_report (id) ON DELETE CASCADE     -- NULL: of no report yet
) STRICT;

CREATE UNIQUE INDEX dmarc_evaluation_open ON dmarc_evaluation (policy_domain, hour, digest) WHERE report_id IS NULL;
CREATE INDEX dmarc_evaluation_by_report ON dmarc_evaluation (report_id) WHERE report_id IS NOT NULL;

-- Reports to others: planned, made, sent.
CREATE TABLE sent_report (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('dmarc', 'tls')),
    policy_domain TEXT NOT NULL,                -- whom it is about, A-labels
    start REAL NOT NULL,                        -- the time it tells of, up to but without finish
    finish REAL NOT NULL,
    token TEXT NOT NULL UNIQUE,                 -- tells it from all others, however often it is sent
    trace TEXT NOT NULL,
    planned REAL NOT NULL,
    due REAL,                                   -- when it is made; NULL: it is settled
    attempts INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL CHECK (state IN ('due', 'sent', 'needless', 'unsent')),
    text TEXT NOT NULL DEFAULT '',              -- for people: why it is not sent (yet)
    counted INTEGER NOT NULL DEFAULT 0,         -- messages or sessions it tells of
    settled REAL
) STRICT;

CREATE INDEX sent_report_by_due ON sent_report (due) WHERE due IS NOT NULL;
CREATE INDEX sent_report_by_settled ON sent_report (settled) WHERE settled IS NOT NULL;

-- What became of a report at each of the addresses that asked for it.
CREATE TABLE report_delivery (
    report_id INTEGER NOT NULL REFERENCES sent_report (id) ON DELETE CASCADE,
    uri TEXT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('queued', 'posted', 'suppressed', 'refused')),
    text TEXT NOT NULL,
    message_id TEXT NOT NULL,                   -- of the mail, or ''
    at REAL NOT NULL,
    PRIMARY KEY (report_id, uri)
) STRICT, WITHOUT ROWID;

-- Addresses that get no reports from us, whoever asks for it.
CREATE TABLE report_suppression (
    address TEXT PRIMARY KEY,                   -- in lower case, domain in A-labels; or an https URL
    until REAL,                                 -- NULL = for good
    reason TEXT NOT NULL,
    created REAL NOT NULL
) STRICT, WITHOUT ROWID;

-- MTA-STS policies of other domains that mail goes to (RFC 8461), as mta.flow.policies found them.
CREATE TABLE mtasts_policy (
    domain TEXT PRIMARY KEY,                    -- A-labels
    mode TEXT CHECK (mode IN ('enforce', 'testing', 'none')),   -- NULL: there is none, only what went wrong
    max_age INTEGER NOT NULL DEFAULT 0,
    mx TEXT NOT NULL DEFAULT '',                -- divided by spaces
    record_id TEXT NOT NULL DEFAULT '',         -- of the record that the policy was fetched for
    fetched REAL NOT NULL DEFAULT 0,
    valid_until REAL NOT NULL DEFAULT 0,
    renew_at REAL NOT NULL,                     -- when the clock looks after it
    used REAL NOT NULL,                         -- for mail, to the day
    failures INTEGER NOT NULL DEFAULT 0,        -- in a row
    failed_id TEXT NOT NULL DEFAULT '',         -- of the record whose policy could not be had
    paused_until REAL NOT NULL DEFAULT 0,       -- and when that may be tried again
    problem TEXT NOT NULL DEFAULT '',           -- result type of RFC 8460 §4.3
    problem_text TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;

CREATE INDEX mtasts_policy_by_renewal ON mtasts_policy (renew_at);

-- What the clock asks for.
CREATE TABLE schedule (
    kind TEXT NOT NULL,
    subject TEXT NOT NULL DEFAULT '',
    due REAL NOT NULL,
    claimed_by TEXT,
    claimed_until REAL,
    failures INTEGER NOT NULL DEFAULT 0,
    last_done REAL,
    last_text TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (kind, subject)
) STRICT, WITHOUT ROWID;

CREATE INDEX schedule_by_due ON schedule (due);

-- --- certificates -------------------------------------------------------------------

-- Keys of this host, kept through renewals so that TLSA records stay true (mta.store.hostkeys).
CREATE TABLE host_key (
    id INTEGER PRIMARY KEY,
    algorithm TEXT NOT NULL CHECK (algorithm IN ('ec', 'rsa')),
    path TEXT NOT NULL,                         -- below the data directory
    digest TEXT NOT NULL UNIQUE,                -- SHA-256 of its SubjectPublicKeyInfo, hex: what TLSA 3 1 1 has
    state TEXT NOT NULL CHECK (state IN ('next', 'current', 'old')),
    created REAL NOT NULL,
    listed REAL,                                -- since when our DNS has its TLSA record
    ttl REAL NOT NULL DEFAULT 0                 -- of those records, the longest that was seen, seconds
) STRICT;

CREATE UNIQUE INDEX host_key_by_state ON host_key (algorithm, state);

-- Our account at a certificate authority.
CREATE TABLE acme_account (
    directory TEXT PRIMARY KEY,                 -- the authority's URL
    path TEXT NOT NULL,                         -- of the account's key, below the data directory
    url TEXT NOT NULL DEFAULT '',               -- '' = not registered yet
    contact TEXT NOT NULL DEFAULT '',           -- what the authority was told
    eab_kid TEXT NOT NULL DEFAULT '',
    created REAL NOT NULL
) STRICT, WITHOUT ROWID;

-- How each certificate stands that is ours to renew, or to watch (mta.store.certificates).
CREATE TABLE certificate (
    label TEXT PRIMARY KEY,                     -- host-ec, host-rsa, a domain; files
    order_url TEXT NOT NULL DEFAULT '',         -- begun at the authority and not finished
    failures INTEGER NOT NULL DEFAULT 0,        -- in a row
    retry REAL NOT NULL DEFAULT 0,              -- not before, after a failure
    wanted INTEGER NOT NULL DEFAULT 0,          -- somebody asked for a new one
    problem TEXT NOT NULL DEFAULT '',           -- the last failure, in the authority's words
    left_out TEXT NOT NULL DEFAULT '{}',        -- names that could not be had, why and until when (JSON)
    renew REAL,                                 -- when the authority wants it renewed (RFC 9773)
    renew_for TEXT NOT NULL DEFAULT '',         -- which certificate that is about
    ask REAL NOT NULL DEFAULT 0,                -- when to ask for that again
    alarmed REAL                                -- when the postmaster was told of trouble last
) STRICT, WITHOUT ROWID;

-- --- answers, forwarding, masks, identities -------------------------------------------

-- What an account answers by itself while its owner is away (mta.flow.vacation).
CREATE TABLE vacation (
    account_id INTEGER PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
    enabled INTEGER NOT NULL,
    first_day TEXT NOT NULL,                    -- YYYY-MM-DD in its zone, '' = at once
    last_day TEXT NOT NULL,                     -- that day too; '' = until it is switched off
    zone TEXT NOT NULL,                         -- like Europe/Berlin
    begins REAL,                                -- what the days come to
    ends REAL,
    subject TEXT NOT NULL,                      -- '' = that of the message, with Auto: in front
    text TEXT NOT NULL
) STRICT;

-- Whom an account has answered by itself, and when last: once in seven days is enough.
CREATE TABLE automatic_answer (
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    source INTEGER NOT NULL,                    -- rule.id, 0 = vacation
    address TEXT NOT NULL,                      -- in lower case, domain in A-labels
    at REAL NOT NULL,
    PRIMARY KEY (account_id, source, address)
) STRICT, WITHOUT ROWID;

CREATE INDEX automatic_answer_by_time ON automatic_answer (at);

-- Addresses that mail of an account may be forwarded to; only those that confirmed it get any.
CREATE TABLE forward_target (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    address TEXT NOT NULL,
    created REAL NOT NULL,
    confirmed REAL,                             -- NULL = not yet
    code BLOB,                                  -- SHA-256 of the code that was mailed there last
    code_expires REAL NOT NULL DEFAULT 0,
    tries INTEGER NOT NULL DEFAULT 0,           -- of that code, wrong ones
    everything INTEGER NOT NULL,                -- 0: only what a rule forwards
    keep TEXT NOT NULL CHECK (keep IN ('inbox', 'archive')),    -- where the copy here is
    seal INTEGER NOT NULL,                      -- ARC
    attach INTEGER NOT NULL,                    -- what would be refused travels as an attachment
    forwarded INTEGER NOT NULL DEFAULT 0,
    kept INTEGER NOT NULL DEFAULT 0,            -- and how many were not forwarded
    latest REAL,
    kept_why TEXT NOT NULL DEFAULT '',          -- of the last one
    UNIQUE (account_id, address)
) STRICT;

-- Codes that were mailed to such addresses, so that nobody is bombed with them.
CREATE TABLE forward_code (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    address TEXT NOT NULL,
    at REAL NOT NULL
) STRICT;

CREATE INDEX forward_code_by_time ON forward_code (at);

-- Addresses of an account that hide it, one for each site; one that is gone never comes back.
CREATE TABLE mask (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    domain_id INTEGER NOT NULL REFERENCES domain (id) ON DELETE CASCADE,
    localpart TEXT NOT NULL,                    -- lower case
    site TEXT NOT NULL,                         -- whom it was made for
    note TEXT NOT NULL,
    created REAL NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('on', 'off', 'gone')),
    received INTEGER NOT NULL DEFAULT 0,
    sent INTEGER NOT NULL DEFAULT 0,
    latest REAL,                                -- when mail came through it last
    UNIQUE (domain_id, localpart)
) STRICT;

CREATE INDEX mask_by_account ON mask (account_id, id);

-- Masks of accounts that are gone: nobody ever gets such an address again, nor its mail.
CREATE TABLE retired_address (
    domain_id INTEGER NOT NULL REFERENCES domain (id) ON DELETE CASCADE,
    localpart TEXT NOT NULL,                    -- lower case
    PRIMARY KEY (domain_id, localpart)
) STRICT, WITHOUT ROWID;

-- Who has written to it.
CREATE TABLE mask_sender (
    mask_id INTEGER NOT NULL REFERENCES mask (id) ON DELETE CASCADE,
    domain TEXT NOT NULL,                       -- of the author, A-labels
    proven INTEGER NOT NULL,                    -- whether that domain stood by it
    first REAL NOT NULL,
    latest REAL NOT NULL,
    messages INTEGER NOT NULL,
    PRIMARY KEY (mask_id, domain, proven)
) STRICT, WITHOUT ROWID;

-- Keys with which password managers make masks, and can do nothing else; of each only the SHA-256 is kept.
CREATE TABLE mask_key (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    label TEXT NOT NULL,
    secret BLOB NOT NULL UNIQUE,
    created REAL NOT NULL,
    used REAL
) STRICT;

CREATE INDEX mask_key_by_account ON mask_key (account_id);

-- Domains where the administrator allows masks, or not; the others are allowed.
CREATE TABLE mask_domain (
    domain_id INTEGER PRIMARY KEY REFERENCES domain (id) ON DELETE CASCADE,
    allowed INTEGER NOT NULL
) STRICT;

-- How many masks an account may have, if that is not the limit of everybody.
CREATE TABLE mask_limit (
    account_id INTEGER PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
    most INTEGER NOT NULL
) STRICT;

-- Who an account writes as, the usual one first.
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

-- What an account chose for one of its addresses.
CREATE TABLE address_setting (
    address_id INTEGER PRIMARY KEY REFERENCES address (id) ON DELETE CASCADE,
    display_name TEXT NOT NULL,                 -- '' = the name of the account
    mailbox_id INTEGER REFERENCES mailbox (id) ON DELETE SET NULL   -- where its mail goes, NULL = Inbox
) STRICT;

CREATE INDEX address_setting_by_mailbox ON address_setting (mailbox_id) WHERE mailbox_id IS NOT NULL;

-- --- who signs in, who changed what, whose sending stands still ----------------------------

-- What an app password is for, on top of its row in credential.
CREATE TABLE app_password (
    credential_id INTEGER PRIMARY KEY REFERENCES credential (id) ON DELETE CASCADE,
    imap INTEGER NOT NULL,
    smtp INTEGER NOT NULL,
    webmail INTEGER NOT NULL,
    expires REAL,                               -- NULL = never
    used_from TEXT NOT NULL DEFAULT '',         -- the IP address that it was used from last
    used_for TEXT NOT NULL DEFAULT ''           -- and the service
) STRICT;

-- The second factor of who has one (RFC 6238); account_id NULL is the administrator.
CREATE TABLE two_factor (
    id INTEGER PRIMARY KEY,
    account_id INTEGER REFERENCES account (id) ON DELETE CASCADE,
    secret BLOB NOT NULL,
    created REAL NOT NULL,
    confirmed REAL,                             -- NULL: the secret was shown, and no code of it has come back yet
    step INTEGER NOT NULL DEFAULT 0             -- the latest time step whose code was used: none counts twice
) STRICT;

CREATE UNIQUE INDEX two_factor_by_account ON two_factor (coalesce(account_id, 0));
CREATE INDEX two_factor_of_account ON two_factor (account_id);

-- Codes for who has lost the telephone, each good for once; of each only the SHA-256 is kept.
CREATE TABLE recovery_code (
    two_factor_id INTEGER NOT NULL REFERENCES two_factor (id) ON DELETE CASCADE,
    code BLOB NOT NULL,
    used REAL,
    PRIMARY KEY (two_factor_id, code)
) STRICT, WITHOUT ROWID;

-- Who changed what, through a page, a program or the command line (mta.flow.audit).
CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at REAL NOT NULL,
    who TEXT NOT NULL,                          -- admin, an account's name, or a user of this machine
    origin TEXT NOT NULL,                       -- an IP address, or "command line"
    function TEXT NOT NULL,                     -- admin/domain_add, or the words of a verb
    arguments TEXT NOT NULL,                    -- in short, nothing secret
    outcome TEXT NOT NULL                       -- begun, ok, or the code of the error
) STRICT;

CREATE INDEX audit_by_time ON audit (at);

-- Accounts whose sending was stopped because it was not like them (mta.flow.freezing).
CREATE TABLE freeze (
    account_id INTEGER PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
    since REAL NOT NULL,
    reason TEXT NOT NULL,
    by TEXT NOT NULL,
    lifted REAL                                 -- NULL: it still stands
) STRICT;

-- What waits in the queue because of that, and is let go with it.
CREATE TABLE frozen_recipient (
    recipient_id INTEGER PRIMARY KEY REFERENCES queue_recipient (id) ON DELETE CASCADE,
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE
) STRICT;

CREATE INDEX frozen_recipient_by_account ON frozen_recipient (account_id);

-- --- writing ---------------------------------------------------------------------------

-- Which drafts are versions of one, and which page wrote the last: two pages must not overwrite each other (mta.flow.drafting).
CREATE TABLE draft_version (
    message_id INTEGER PRIMARY KEY REFERENCES message (id) ON DELETE CASCADE,
    account_id INTEGER NOT NULL,
    lineage TEXT NOT NULL,
    writer TEXT NOT NULL,
    UNIQUE (account_id, lineage)
) STRICT;

-- Mail that was sent and waits in the queue for its time: until then it can be had back (mta.flow.takingback).
CREATE TABLE delayed_mail (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    at REAL NOT NULL,
    body_id INTEGER NOT NULL REFERENCES body (id),  -- the draft that it was
    copy_id INTEGER,                            -- the message in Sent; may be gone
    queued TEXT NOT NULL,                       -- ids of queue_message, divided by spaces
    recipients INTEGER NOT NULL,
    subject TEXT NOT NULL,
    sent_to TEXT NOT NULL
) STRICT;

CREATE INDEX delayed_mail_by_account ON delayed_mail (account_id, at);
CREATE INDEX delayed_mail_by_time ON delayed_mail (at);
CREATE INDEX delayed_mail_by_body ON delayed_mail (body_id);

-- People an account writes to: written by hand, taken from a file, or remembered when mail was sent to them.
CREATE TABLE contact (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    uid TEXT NOT NULL,                          -- of its vCard
    name TEXT NOT NULL,
    organisation TEXT NOT NULL,
    note TEXT NOT NULL,
    phones TEXT NOT NULL,                       -- a line for each
    groups TEXT NOT NULL,                       -- a line for each
    collected INTEGER NOT NULL,                 -- nobody wrote it: it was remembered
    changed REAL NOT NULL,
    extra TEXT NOT NULL,                        -- lines of its vCard that mean nothing to us
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

-- --- import ---------------------------------------------------------------------------

-- Mail that is brought in from elsewhere (mta.flow.importing): a row for each time that somebody wanted it.
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

-- What could not be taken, and why; the first ones of many.
CREATE TABLE import_skip (
    import_id INTEGER NOT NULL REFERENCES import (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    place TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (import_id, number)
) STRICT, WITHOUT ROWID;

-- What was imported ever: known again wherever its owner has put it since, or if it was removed.
CREATE TABLE imported (
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    key BLOB NOT NULL,                          -- of content and mailbox (mta.store.imported)
    message_id INTEGER NOT NULL,                -- may be gone
    flags INTEGER NOT NULL,                     -- as the source had them last
    keywords TEXT NOT NULL,
    PRIMARY KEY (account_id, key)
) STRICT, WITHOUT ROWID;

-- A mailbox of another server, and which of its messages were taken.
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

-- database: trace.db
-- Events of sessions and deliveries, counts of strangers.  WAL, synchronous=OFF, bounded.

-- What one process noted about one session within about a second.
CREATE TABLE step (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    first REAL NOT NULL,
    latest REAL NOT NULL,
    session TEXT NOT NULL,                      -- the part of the trace id before the dot, or ''
    role TEXT NOT NULL,
    level INTEGER NOT NULL,                     -- the highest, as in mta.base.events.LEVELS
    keys TEXT NOT NULL,                         -- of its events, each between spaces
    records BLOB NOT NULL                       -- CBOR, mta.store.events
) STRICT;

CREATE INDEX step_by_session ON step (session);
CREATE INDEX step_by_time ON step (first);
CREATE INDEX step_notable ON step (id) WHERE level >= 2;

-- What a step can be found by: addresses, Message-IDs, IP addresses; in lower case.
CREATE TABLE term (
    term TEXT NOT NULL,
    step_id INTEGER NOT NULL,
    PRIMARY KEY (term, step_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX term_by_step ON term (step_id);

-- How often something happened, by network and time slot, shared by all processes.
CREATE TABLE rate (
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    slot INTEGER NOT NULL,
    hits INTEGER NOT NULL,
    expires REAL NOT NULL,
    PRIMARY KEY (kind, subject, slot)
) STRICT, WITHOUT ROWID;

CREATE INDEX rate_by_expiry ON rate (expires);

-- Who signed in or tried to; the same once more within an hour is counted (mta.store.signins).
CREATE TABLE sign_in (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    first REAL NOT NULL,
    latest REAL NOT NULL,
    times INTEGER NOT NULL,
    account_id INTEGER,                         -- 0 = administrator, NULL = nobody of ours
    name TEXT NOT NULL,                         -- as it was typed
    outcome TEXT NOT NULL,                      -- ok, or why not
    service TEXT NOT NULL,                      -- web, smtp, imap
    mechanism TEXT NOT NULL,
    ip TEXT NOT NULL,
    place TEXT NOT NULL,                        -- its network: /24 or /48
    new_place INTEGER NOT NULL,                 -- the account had signed in before, but not from there
    agent TEXT NOT NULL,                        -- what the program calls itself
    credential TEXT NOT NULL,                   -- the label of the app password, or ''
    trace TEXT NOT NULL
) STRICT;

CREATE INDEX sign_in_by_account ON sign_in (account_id, id);
CREATE INDEX sign_in_by_ip ON sign_in (ip, first);
CREATE INDEX sign_in_by_outcome ON sign_in (outcome = 'ok', latest);

-- database: search.db
-- The full-text index; derived, can be rebuilt.  rowid is message.id.

-- marks are terms of ours: whose message it is, when it came, whether it has attachments.
CREATE VIRTUAL TABLE text USING fts5 (
    marks, sender, recipients, subject, body,
    content = '', contentless_delete = 1, prefix = '3 5 7', tokenize = 'unicode61 remove_diacritics 2'
);

-- Merge less often, and keep one transaction's terms in memory until it commits: half the work.
INSERT INTO text (text, rank) VALUES ('automerge', 8), ('hashsize', 8388608);

CREATE TABLE position (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- database: learned.db
-- What lessons came to: words of junk and good mail, and how senders stand.  Derived from
-- lesson, can be rebuilt.  Account 0 is everybody together.  WAL, synchronous=NORMAL.

-- The lessons that count now, each with just what it added, so that just that can be taken back.
CREATE TABLE taught (
    message_id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL,
    junk INTEGER NOT NULL,
    at REAL NOT NULL,
    weight INTEGER NOT NULL,                    -- how often its words count for the account
    shared_weight INTEGER NOT NULL,             -- and for everybody
    words BLOB NOT NULL,                        -- mta.judge.features.key of each, 32 bits, little-endian
    standings BLOB NOT NULL                     -- CBOR [[kind, subject], …]
) STRICT;

CREATE INDEX taught_by_account ON taught (account_id, at, message_id);

CREATE TABLE word (
    key INTEGER PRIMARY KEY,                    -- account_id << 32 | mta.judge.features.key
    good INTEGER NOT NULL,
    junk INTEGER NOT NULL
) STRICT;

-- Sums over taught: of weights, and how many lessons.
CREATE TABLE volume (
    account_id INTEGER PRIMARY KEY,
    good INTEGER NOT NULL,
    junk INTEGER NOT NULL,
    good_lessons INTEGER NOT NULL,
    junk_lessons INTEGER NOT NULL
) STRICT;

-- How a sender stands with an account: mta.judge.reputation says under which names, mta.store.learned
-- how the numbers fade.
CREATE TABLE standing (
    account_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    good REAL NOT NULL,
    junk REAL NOT NULL,
    lessons INTEGER NOT NULL,
    PRIMARY KEY (account_id, kind, subject)
) STRICT, WITHOUT ROWID;

-- The last lesson that was learned.
CREATE TABLE position (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- database: jobs.db
-- huey makes its own tables here; mta.store.bell recreates the file when it is broken.
