"""Bounds of import and export; the rest of mta.base.limits, which has them all in one."""
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ImportLimits:
    """What a file, an archive or another server can make us hold, count or wait for while mail is brought in."""

    # A file that is brought to the account page, in pieces of http_body at most; and what is left of the disk then.
    import_upload: int = 50 * 1024**3
    import_disk_left: int = 1024**3
    # Files in one archive or folder, and how deep they lie.
    import_members: int = 5_000_000
    import_depth: int = 40
    import_path: int = 1_000
    # How many times its size an archive may unpack to: mail does it two to ten times.  Up to the second anything goes.
    import_ratio: int = 100
    import_small: int = 1024**3
    # No message is later than this (seconds since 1970: the year 2286), nor earlier than 1970.
    import_latest: float = 1e10
    import_labels: int = 100
    # Messages, and octets of them, that are written in one transaction, and seconds that they may wait for it.
    import_batch: int = 16
    import_batch_octets: int = 4 * 1024 * 1024
    import_batch_wait: float = 2.0
    # Imports that run at the same time; others wait their turn.
    imports_at_once: int = 2
    # Imports of one account that are remembered, and what each could not take.
    imports_kept: int = 50
    import_skips: int = 1_000
    # An upload that nobody went on with.
    import_coming_age: float = 7 * 86_400.0
    # Folders of a Maildir, mailboxes of another server: as many as an account can have here.
    import_folders: int = 2_000
    # Another server over IMAP: a line of an answer, its literals that are no message, lines before the answer
    # is complete, seconds of silence, and for one answer (a message of 100 MiB at 100 kB/s takes 1,000).
    imap_line: int = 256 * 1024
    imap_literal: int = 64 * 1024
    imap_answers: int = 200_000
    imap_wait: float = 60.0
    imap_answer_wait: float = 1_800.0
    # UIDs that are asked about at once; messages are asked for in smaller groups.
    imap_uids: int = 500
    imap_messages: int = 25
    # Connections to another server that broke off, one after another, until we give up for now; and seconds between.
    imap_tries: int = 8
    imap_pause: float = 5.0

    # --- Reports to others -----------------------------------------------------------------------
    # Rows of evidence that may come within the time they are kept: domains, addresses and signers
    # that strangers can make up at will.
    evaluations: int = 200_000
    # Rows of refused mail that wait to be written (some seconds' worth).
    evaluations_waiting: int = 1_000
    # What waited so long is told to nobody (seconds), and a report that could not be sent so long
    # after its time, mail of it included, is given up.
    evidence_age: float = 48 * 3_600.0
    report_age: float = 24 * 3_600.0
    # Rows of one report: about 10 MB of XML, some 200 KB of gzip.
    sent_report_rows: int = 10_000
    # Addresses that get one report, and suppressed addresses in all.
    report_addresses: int = 10
    report_suppressions: int = 10_000
    # Reports that are made in one go, and seconds that may take, before other work on the clock has its turn.
    reports_in_a_row: int = 20
    reports_time: float = 60.0
    # Reports that are planned in one hour: whoever makes up domains must not keep us busy with nothing
    # else.  And rows of reports that are kept, of whatever age.
    reports_planned: int = 2_000
    sent_reports: int = 100_000
    # Octets of a server's answer to a report that was posted.
    report_answer: int = 16 * 1024
    # How mail was seen to travel: domains of one account, and how long since mail went there.
    seen_domains: int = 5_000
    seen_age: float = 180 * 86_400.0
