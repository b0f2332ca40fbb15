"""Every bound has a name and a reason, here and nowhere else.

A reader sees at once what a stranger can make us hold, count or wait for.  Sizes are
octets, times seconds.
"""
from dataclasses import dataclass
from typing import Final

from mta.base.importlimits import ImportLimits


@dataclass(frozen=True, slots=True)
class Limits(ImportLimits):
    """What a stranger may make us hold, count or wait for."""

    # --- SMTP, our end -------------------------------------------------------------
    # RFC 4954 §4: base64 answers of deployed mechanisms reach 12288 octets;
    # RFC 5321 §4.5.3.1.4 would be content with 512.
    command_line: int = 12_288
    # RFC 5321 §4.5.3.1.6 asks for 998 at least; signed mail with longer lines exists and
    # must keep its signature, so longer ones are stored as they are, up to this.
    stored_line: int = 65_536
    # RFC 5321 §4.5.3.1.6 without the final CRLF: what we send has no longer line.
    sent_line: int = 998
    # RFC 5321 §4.5.3.1.8 demands at least 100.
    recipients: int = 1_000
    # RFC 1870: what EHLO announces; base64 turns 70 MiB of attachments into this.
    message: int = 100 * 1024 * 1024
    # RFC 5321 §6.3 asks for at least 100: more hops than that is a loop.
    received_fields: int = 100
    # RFC 5321 §4.5.3.2.7: five minutes for the next command.
    command_wait: float = 300.0
    # Before the first MAIL a silent peer holds a place for nothing.
    greeting_wait: float = 60.0
    # A whole DATA that takes longer than this is a peer that holds a place on purpose.
    data_wait: float = 1_800.0
    # RFC 5321 §4.5.3.2.5: three minutes between chunks of DATA.
    chunk_wait: float = 180.0
    # A message that is refused is read to its end, where the reply belongs; one that goes on
    # this far beyond what EHLO announced is cut off.
    refused_message: int = 100 * 1024 * 1024
    tls_handshake: float = 30.0
    # A peer that does not take our last words, or not close TLS, is dropped.
    farewell: float = 10.0
    # Commands that lead nowhere (unknown, refused, NOOP, RSET) before we hang up.
    idle_commands: int = 40
    bad_commands: int = 10
    unknown_recipients: int = 10
    transactions: int = 1_000
    login_failures_per_session: int = 3
    # A verified password is believed this long (seconds) without the slow check, and this
    # many of them: clients that open a connection for each message would cost 20 ms each.
    login_remembered: float = 600.0
    logins_remembered: int = 1_000

    # --- Strangers by network, narrow to wide (/32 /26 /21, /64 /48 /32) --------------
    connections: tuple[int, int, int] = (30, 90, 270)
    connections_per_minute: tuple[int, int, int] = (300, 900, 2_700)
    messages_per_minute: tuple[int, int, int] = (500, 1_500, 4_500)
    login_failures_per_minute: tuple[int, int, int] = (10, 30, 90)
    login_failures_per_day: tuple[int, int, int] = (50, 150, 450)
    # Networks and names that are counted within one slot of time: some megabytes.
    rate_keys: int = 50_000
    # All sessions of one acceptor together: file descriptors and memory.
    sessions: int = 1_000

    # --- Our own users -----------------------------------------------------------------
    # Characters of the shortest password: guessers get few tries.
    password_characters: int = 8
    messages_per_day: int = 1_000
    first_time_recipients_per_day: int = 200

    # --- Formats -------------------------------------------------------------------------
    header_octets: int = 1024 * 1024
    header_fields: int = 2_000
    mime_depth: int = 50
    mime_parts: int = 1_000
    addresses_in_field: int = 2_000
    references: int = 50
    # Text of one message that is decoded for search.
    indexed_text: int = 512 * 1024
    html_octets: int = 4 * 1024 * 1024
    # Parsers of HTML take time that grows with the square of the nesting; mail has 20 to 60.
    html_depth: int = 250
    # Tags and pieces of text that are looked at; large newsletters have 10,000.
    html_pieces: int = 200_000
    # RFC 2046 §5.1.1 allows 70 characters; longer boundaries exist.
    boundary: int = 1_000
    # Lines that begin like a boundary of ours and are none, in one message.
    false_boundaries: int = 10_000
    # Each nesting is searched for its own boundary: how many times the message in all.
    boundary_rescans: int = 12
    # Parameters of one Content-Type or Content-Disposition, RFC 2231 pieces included.
    parameters: int = 200
    # Characters of a subject, display name or file name that go into a message's row.
    kept_text: int = 1_000
    preview_text: int = 200

    # --- SMTP, the other end ---------------------------------------------------------------
    # RFC 5321 §4.5.3.2 gives the waits of a patient client.
    connect_wait: float = 30.0
    reply_wait: float = 300.0
    data_reply_wait: float = 600.0
    reply_line: int = 2_048
    reply_lines: int = 200
    hosts_tried: int = 10
    destination_connections: int = 4
    delivery_connections: int = 60
    messages_per_connection: int = 100
    quit_wait: float = 5.0

    # --- DNS -------------------------------------------------------------------------------
    # RFC 1035 §4.2.1 with EDNS at the size that crosses the internet unfragmented.
    dns_udp_payload: int = 1_232
    dns_cache_entries: int = 20_000
    dns_cache_octets: int = 16 * 1024 * 1024
    # What an acceptor keeps of the answers that it asked the resolver for.
    dns_kept_entries: int = 2_000
    dns_kept_octets: int = 1024 * 1024
    dns_ttl: int = 86_400
    # RFC 2308 §5 suggests one to three hours for "there is none".
    dns_negative_ttl: int = 3_600
    dns_wait: float = 10.0
    dns_frame: int = 256 * 1024
    dns_in_flight: int = 1_000
    # TLSA records of one host: two keys, old and new, are four; each is compared with each certificate shown.
    tlsa_records: int = 100

    # --- Who is writing -----------------------------------------------------------------------
    # After the message is there, for all checks together: two questions one after the other
    # may each take dns_wait.  RFC 5321 §4.5.3.2.6: the client waits ten minutes for our reply.
    identity_wait: float = 20.0
    # Characters of a DMARC record; the longest in use have about 500.
    dmarc_record: int = 8_192
    # Addresses for reports of one kind; RFC 9990 §3.1.1.5 lets a receiver choose, most records name one or two.
    dmarc_uris: int = 10
    # Domains of From that are looked at when it names several (RFC 9989 §11.5): each costs up to eight questions.
    dmarc_authors: int = 4
    # Signing domains below the author's organisation whose own place in it is asked for.
    dmarc_identifiers: int = 8
    # Characters of one Authentication-Results field that are read, and what is kept of it.
    results_text: int = 64 * 1024
    results_methods: int = 100
    results_properties: int = 50
    # Characters of a value, reason or comment that we write.
    results_value: int = 400
    # RFC 7208 §4.6.4: terms that ask the DNS, terms that find nothing, names of one MX or PTR
    # answer that are looked up, and seconds for one check.
    spf_lookups: int = 10
    spf_void_lookups: int = 2
    spf_names: int = 10
    spf_wait: float = 20.0
    # RFC 7208 §3.4 wants a record to fit into 512 octets; a few in use have some thousands.
    spf_record: int = 10 * 1024
    # Parsed records that are kept, and the longest of them: some megabytes if all are hostile.
    spf_records_remembered: int = 256
    spf_record_remembered: int = 512
    # Characters of a stranger's explanation that go into our reply.
    spf_explanation: int = 400
    # Names of one address that are looked up forward.
    iprev_names: int = 10

    # --- Judgement ----------------------------------------------------------------------------
    # Seconds that a block list has for its answer: a peer waits for it.
    dnsbl_wait: float = 5.0
    # Sessions of one process whose answers are held back at the same time; others are not slowed.
    delayed_sessions: int = 200
    # Rejects of one account: how many, and how many octets together; how long they stay is the account's choice.
    rejects: int = 1_000
    rejects_octets: int = 100 * 1024 * 1024
    # RFC 6376 §6.1 leaves the number to us; mail that passed two lists has four signatures.
    # Broken ones count too, or a stranger could have any number of them looked at.
    dkim_signatures: int = 5
    # A signature field has some hundred octets, with a copy of the header in z= some thousands.
    signature_field: int = 64 * 1024
    # The record of an RSA key of 8,192 bits has 1,500 octets.
    dkim_record: int = 4_096
    # RFC 6376 §3.6.2.2 wants one record at a name; a change of keys may leave two or three.
    dkim_records: int = 5
    # RFC 8301 §3.2 asks for keys up to 4,096 bits; twice that takes half a millisecond to check.
    dkim_key_bits: int = 8_192
    # Keys that stay parsed: those of the senders of some hours.
    dkim_keys_kept: int = 1_000
    # RFC 6376 §3.5, t=: how far the signer's clock may be ahead of ours; machines whose time
    # zone is set wrongly are hours ahead.
    dkim_future: float = 86_400.0
    # RFC 8617 §4.2.1.
    arc_sets: int = 50

    # --- Reports of others --------------------------------------------------------------------
    # A message with a report, and what comes out of it: large receivers send some megabytes.
    report_message: int = 15 * 1024 * 1024
    report_unpacked: int = 20 * 1024 * 1024
    # How many times its size a compressed report may have; reports repeat themselves, the most uniform one seen does it 100 times.
    report_ratio: int = 250
    # What is taken in any case, however small it was: a report about one message.
    report_small: int = 1024 * 1024
    # Names of files in one archive that are looked at, for the only one that counts.
    report_files: int = 20
    # Elements of XML: how deep (a report has 6 levels), how many, and rows among them.
    report_depth: int = 32
    report_elements: int = 1_500_000
    report_rows: int = 50_000
    # Characters of a damaged document that is mended: that takes five times as long as reading.
    report_mended: int = 2 * 1024 * 1024
    # Characters that are kept of one text in it.
    report_text: int = 1_000
    # Results, reasons and lines of one kind in one place (RFC 9990 §3.1.3 wants no more than 100 signatures).
    report_results: int = 100
    # A report about TLS in JSON: the largest receivers send some hundred thousand octets.
    report_json: int = 5 * 1024 * 1024
    # Policies of one report about TLS, and failures of one policy.
    report_policies: int = 1_000
    report_failures: int = 5_000
    # Remarks about what was wrong with a report.
    report_problems: int = 20
    # Seconds that the clock of a reporter may be ahead of ours.
    report_future: float = 60.0
    # Rows of all reports that are kept, and of those that one domain vouches for: a stranger can send true reports
    # only about his own mail, but any number of invented ones.
    received_rows: int = 2_000_000
    received_rows_per_sender: int = 500_000
    # Failure reports that are kept: one comes for each message that somebody forges.
    received_failures: int = 20_000
    # Characters of a policy that a report found.
    report_policy: int = 4_000
    # Characters of a TLSRPT record.
    tlsrpt_record: int = 4_096

    # --- The junk filter ------------------------------------------------------------------------
    # Characters of text, and of HTML source, that are looked at; junk that hides its point after
    # this much padding is read by nobody.
    junk_text: int = 32 * 1024
    junk_html: int = 128 * 1024
    # Words and pairs of one message: 5 kB of text have about 1,000, and each is looked up.
    junk_features: int = 2_000
    # Lessons of one kind that count for an account; of more the oldest are taken back.  Each takes
    # some kilobytes in learned.db, and what people get changes.
    lessons: int = 5_000
    # Lessons that are learned in one transaction, and how long those that were replaced are kept.
    lessons_together: int = 50
    lessons_age: float = 30 * 86_400.0
    # What was read and left in the Inbox so long is good, if it was found before it was this old.
    kept_for: float = 7 * 86_400.0
    kept_until: float = 30 * 86_400.0

    # --- Rules of an account ---------------------------------------------------------------
    # All of them are compared with each message; people have a handful, some forty.
    rules: int = 200
    rule_headers: int = 10
    # A pattern, and how much of one value it is compared with (RFC 5322 §2.1.1 has lines of 998).
    rule_pattern: int = 250
    rule_value: int = 2_000
    # Fields of one name that are looked at.
    rule_fields: int = 20
    # Stored messages that a rule is tried on; each opens a file, together they take a second.
    rule_trial: int = 1_000

    # --- What an account does by itself ------------------------------------------------------
    # Addresses in To and Cc that are looked at to see whether a message names its reader.
    named_recipients: int = 100
    # RFC 5230 §4.1: a sender hears the same answer once in seven days.
    answer_again: float = 7 * 86_400.0
    # Answers of one account in 24 hours: forged senders must not make it a source of mail.
    answers_per_day: int = 200
    answer_text: int = 10_000
    # Stored messages that an answer is tried on.
    answer_trial: int = 100
    forward_targets: int = 10
    # Codes that are mailed within 24 hours: for one account, and to one address by whomever.
    forward_codes: int = 10
    forward_codes_to_one: int = 3
    # Seconds that a code works, and wrong ones until it no longer does: one guess is right in 2^40.
    forward_code_age: float = 86_400.0
    forward_code_tries: int = 5
    # Received fields of a message that is still forwarded: no honest way is longer, and others stop at 50.
    forward_hops: int = 40
    # Masked addresses of one account, unless the administrator says otherwise; domains that are remembered of each.
    masks: int = 500
    mask_senders: int = 200
    mask_keys: int = 10
    # Masks that a key makes in an hour: a password manager makes one at a time.
    masks_per_hour: int = 60
    identities: int = 50
    signature: int = 5_000
    # Seconds that mail can be sent later; a year has leap days and people who plan ahead.
    send_later: float = 370 * 86_400.0
    delayed_shown: int = 100
    # Contacts of one account: a large company's book; addresses and phones of one; characters of a card of theirs.
    contacts: int = 20_000
    contact_lines: int = 50
    contact_text: int = 20_000
    # A file of contacts: 20,000 with small pictures, which are left out.
    vcard_octets: int = 8 * 1024 * 1024

    # --- Web -------------------------------------------------------------------------------
    # A TLS handshake or a request's head that trickles; a browser needs well under a second.
    http_header_wait: float = 10.0
    http_header_octets: int = 16 * 1024
    # Between two requests of one connection.
    http_idle: float = 30.0
    # Between two pieces of a request's body, and until a client takes the next piece of an answer.
    http_body_wait: float = 30.0
    # Until a connection that is to be closed has taken what is left.
    http_close_wait: float = 20.0
    # An uploaded file; a call (a long message, as JSON); what someone may send who is not signed in.
    http_body: int = 110 * 1024 * 1024
    http_call: int = 8 * 1024 * 1024
    # What one account has uploaded and not sent yet, and how long that stays.
    uploads_octets: int = 512 * 1024 * 1024
    uploads_age: float = 86_400.0
    # Files of one account that are on their way at the same time.
    uploads_at_once: int = 4
    http_call_stranger: int = 64 * 1024
    # All calls over http_call_stranger that are being received, together.
    http_calls_octets: int = 32 * 1024 * 1024
    http_connections: int = 1_000
    # A family behind one address, each with some tabs; and every user of `localserve`.
    http_connections_per_ip: int = 500
    http_threads: int = 8
    # Pages that wait for a thread: more would only wait longer than their users do.
    http_waiting: int = 200
    # Silence after which a stream says that it is alive, so that proxies and NATs keep it.
    event_heartbeat: float = 25.0
    event_streams_per_account: int = 250
    event_streams: int = 400

    # --- Other people's web servers -----------------------------------------------------------
    # RFC 8461 §3.3 suggests a minute and 64 KB; the minute holds for questions, connection and answer together.
    https_wait: float = 60.0
    https_body: int = 64 * 1024
    https_header: int = 16 * 1024
    # Addresses of one host that are tried, and seconds for each to take the connection.
    https_addresses: int = 4
    https_connect_wait: float = 10.0
    # Policies (MTA-STS) that one process fetches at the same time; others wait their turn.
    policies_at_once: int = 20
    # After a failure, until the next try: RFC 8461 §3.3 asks for five minutes at least.
    policy_pause: float = 300.0
    # A policy that is in use is renewed once a day, unless that was done within this time, and
    # forgotten when no mail went there for so long.
    policy_fresh: float = 12 * 3_600.0
    policy_unused: float = 180 * 86_400.0
    # The same for what only failed.
    policy_failure_unused: float = 2 * 86_400.0
    # Rows of policies: domains that somebody here wrote to, and that have or had one.
    policies: int = 50_000

    # --- Settings of mail programs -----------------------------------------------------------
    # Documents that a network (one address, a block, a provider's) may ask for in a minute without signing in: a
    # program asks for three or four, and a company may be behind one address.
    client_documents: tuple[int, int, int] = (60, 300, 900)
    # A request for settings in Microsoft's XML: some hundred octets, in five elements or so.
    autodiscover_octets: int = 8 * 1024
    autodiscover_elements: int = 50
    autodiscover_depth: int = 10
    # Seconds that a link to a profile works: enough to find the telephone and unlock it.
    profile_link_age: float = 600.0
    # Links of one account that work at the same time; a new one ends the oldest.
    profile_links: int = 5

    # --- The store -----------------------------------------------------------------------------
    # No write transaction holds the lock longer than this; big work goes in slices.
    write_slice: float = 0.05
    lease: float = 600.0
    # A bell is a kind and a row id; a role that hears none for long need not be told all.
    bell: int = 256
    bells_waiting: int = 10_000
    # RFC 9051 has no bound; names travel in commands and paths of programs, so a file name's will do.
    mailbox_name: int = 255
    mailboxes: int = 2_000
    keyword: int = 64
    keywords_per_message: int = 32
    keywords_per_mailbox: int = 200
    # Passwords of one account, one for each of its devices; SCRAM tries them all.
    credentials: int = 50
    # Wrong codes of an authenticator in an hour, of one account from networks it never signed in from, or from one that it
    # did: whoever has the password would need a year for one chance in four.
    code_failures_per_hour: int = 10
    recovery_codes: int = 10
    app_label: int = 100
    # The log of sign-ins: rows of successes and of failures, how long they are kept (seconds), and what may wait to be written.
    sign_ins: int = 100_000
    sign_ins_failed: int = 50_000
    sign_in_age: float = 90 * 86_400.0
    sign_ins_waiting: int = 2_000
    # The audit log: entries, how long they are kept (seconds), and characters of what is kept of the arguments.
    audit_rows: int = 200_000
    audit_age: float = 365 * 86_400.0
    audit_arguments: int = 1_000
    password: int = 1_024
    alias_depth: int = 10
    alias_members: int = 1_000
    # Message-IDs of one message that are looked up and kept for its thread.
    thread_keys: int = 50
    # Threads that one message may join, and messages that move for it.
    threads_joined: int = 10
    thread_moved: int = 500
    # A reply without references belongs to what had its subject within this time.
    thread_window: float = 30 * 86_400.0
    # The newest changes of an account always stay, older ones for this time, and never more than the most.
    changes_kept: int = 10_000
    changes_age: float = 30 * 86_400.0
    changes_most: int = 500_000
    trace_rows: int = 500_000
    trace_age: float = 14 * 86_400.0
    trace_octets: int = 256 * 1024 * 1024
    # Events that wait to be written (about a second's worth), and how much of one is kept.
    trace_waiting: int = 5_000
    trace_records: int = 200
    trace_text: int = 1_000
    trace_list: int = 100
    # What a person may type into the search box, and how many messages one search looks at
    # one by one (for conditions that are not in the index) before it shows what it has.
    search_query: int = 1_000
    search_words: int = 40
    search_examined: int = 20_000
    # Words that the beginnings in one query (invo*) may stand for; looking one up takes a fifth of a millisecond.
    search_beginnings: int = 80
    # Messages and octets of text that are indexed in one transaction.
    index_messages: int = 100
    index_octets: int = 4 * 1024 * 1024
    # Rows of counts in trace.db: networks that a stranger can make us remember.
    rate_rows: int = 200_000
    # Free octets below which the operator is told; mail is still taken.
    disk_low: int = 512 * 1024 * 1024
    # Rows of evidence about TLS: domains, their policies, and mail hosts with mail for them, of two or three days.
    tls_results: int = 100_000
    # Policies of one domain on one day, octets of one, and the ways to fail that are told apart under it.
    tls_policies: int = 4
    tls_policy: int = 4_096
    tls_details: int = 50
    # Outcomes that are gathered before they are written.
    tls_gathered: int = 5_000
    # What became of outgoing mail is remembered this long.
    outgoing_age: float = 90 * 86_400.0
    # Rows about destinations of one day (somebody may write to very many), and days that they are kept.
    destination_rows: int = 5_000
    destination_days: int = 31
    # Rules that hold mail in the queue: each is looked at for every message.
    hold_rules: int = 200
    # Messages that one account forwards in 24 hours: more is a flood, which other servers would blame on us.
    forwards_per_day: int = 1_000
    # Transports and routes that the administrator makes; each message is compared with all routes.
    transports: int = 50
    routes: int = 200

    # --- Notices to browsers (web push) ------------------------------------------------------------
    # Browsers of one account; the one that was used longest ago makes room for a new one.
    push_browsers: int = 20
    # Attempts for one notice, seconds between them at most whatever a service asks for, and between two notices of one
    # browser: what comes meanwhile is told at once with the next.
    push_attempts: int = 5
    push_pause_most: float = 3_600.0
    push_gather: float = 10.0
    # Seconds that a service keeps a notice for a browser that is off (RFC 8030 §5.2): older news is none.
    push_lives: int = 86_400
    # Notices in a row that were not taken before a browser is forgotten.
    push_failures: int = 10
    # Notices that are under way at a time: a service that does not answer holds up no other.
    pushes_at_once: int = 8
    # Octets of a service's answer; what it says is not shown.
    push_answer: int = 16_384
    # Characters of sender and subject in a notice: a screen shows fewer.
    push_text: int = 200

    # --- What was removed -------------------------------------------------------------------------
    # How long messages and accounts that were removed can be had back (seconds).
    deleted_age: float = 30 * 86_400.0
    removed_age: float = 30 * 86_400.0


LIMITS: Final = Limits()
