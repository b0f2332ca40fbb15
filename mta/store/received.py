"""Reports that others sent us about our domains and this host, as rows.

A report is written together with the mail that brought it, in one commit.  The rows of a
large one are written before, in slices that hold nobody up; until that commit the report
is incomplete, which nobody sees, and if it never comes prune() removes it.

A report counts once: who vouches for the mail, what the reporter calls itself and the id
together tell whether it was here before (RFC 9990 §3.1.1.3; another sender who uses
somebody's name cannot keep his reports out).

Read on: mta.flow.reportin decides what is taken, mta.store.receivedview asks.
"""
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import apsw

from mta.base.clock import Clock
from mta.base.names import Domain
from mta.message.flags import Flags
from mta.report.aggregate import Row
from mta.report.arf import FailureReport
from mta.report.tlsrptjson import FailureDetail
from mta.store import messages
from mta.store.connection import Connection, value

ReceivedKind = Literal["dmarc", "tls", "failure"]
DAY: Final = 86_400
#: The mailbox where the mail of each kind is kept, as read.
FOLDERS: Final[dict[ReceivedKind, str]] = {"dmarc": "DMARC", "tls": "TLSRPT", "failure": "DMARC"}
#: Rows of one report that are written, or removed, in one change.
SLICE: Final = 300
#: Reports that are removed in one change, with their mail.
TOGETHER: Final = 20
#: What one policy has: records of DMARC, failures of TLS, or the message that a failure report is about.
Item = Row | FailureDetail | FailureReport


@dataclass(frozen=True, slots=True)
class NewPolicy:
    """A policy of ours in a report: domain_id is None for the host's, kind "dmarc" or a type of RFC 8460, text how they found it.

    good and bad are messages that passed DMARC and others, or sessions that succeeded and
    others.
    """

    domain_id: int | None
    domain: Domain
    kind: str
    text: str
    good: int
    bad: int
    items: Sequence[Item] = ()


@dataclass(frozen=True, slots=True)
class NewReport:
    """A report to be kept: sender is the domain that vouches for the mail, start and finish seconds since 1970.

    errors are what the reporter says went wrong, problems what was odd about the report.
    """

    kind: ReceivedKind
    sender: Domain
    organization: str
    contact: str
    report_id: str
    start: float
    finish: float
    policies: tuple[NewPolicy, ...]
    errors: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """How many rows it has, for bounds; an empty one counts too."""
        return max(1, sum(len(policy.items) for policy in self.policies))


@dataclass(frozen=True, slots=True)
class Begun:
    """A report of which not all is written."""

    id: int
    policies: tuple[int, ...]


# --- writing -----------------------------------------------------------------------------------


def known(db: Connection, report: NewReport) -> int | None:
    """The id of the same report, if it was here before."""
    return value(    # type: ignore[no-any-return]  # an INTEGER
        db, "SELECT id FROM received_report WHERE kind = ? AND sender = ? AND organization = ? AND report_id = ? AND complete",
        (report.kind, report.sender.ascii, report.organization, report.report_id))


def rows_of_sender(db: Connection, sender: Domain) -> int:
    """How many rows are kept of reports that a domain vouches for."""
    return int(value(db, "SELECT coalesce(sum(row_count), 0) FROM received_report WHERE sender = ?", (sender.ascii,)))


def add(db: Connection, clock: Clock, report: NewReport) -> int:
    """Write a report that is not too large, whole; gives its id."""
    begun = begin(db, clock, report)
    for number, some in slices(report):
        fill(db, begun, number, some)
    finish(db, begun)
    return begun.id


def begin(db: Connection, clock: Clock, report: NewReport) -> Begun:
    """Write the head of a report; fill() and finish() it."""
    db.execute(
        "INSERT INTO received_report (kind, sender, organization, contact, report_id, start, finish, received, row_count) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (report.kind, report.sender.ascii, report.organization, report.contact, report.report_id, report.start, report.finish,
         clock.timestamp(), report.rows))
    ident = db.last_insert_rowid()
    remarks = [*((0, text) for text in report.errors), *((1, text) for text in report.problems)]
    db.executemany("INSERT INTO received_remark (report_id, position, ours, text) VALUES (?, ?, ?, ?)",
                   ((ident, position, ours, text) for position, (ours, text) in enumerate(remarks)))
    day = int((report.start + report.finish) / 2) // DAY
    policies = []
    for policy in report.policies:
        db.execute("INSERT INTO received_policy (report_id, domain_id, domain, kind, text, day, good, bad) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                   (ident, policy.domain_id, policy.domain.ascii, policy.kind, policy.text, day, policy.good, policy.bad))
        policies.append(db.last_insert_rowid())
    return Begun(ident, tuple(policies))


def slices(report: NewReport) -> Iterator[tuple[int, Sequence[Item]]]:
    """The rows of a report in slices, each with the number of its policy."""
    for number, policy in enumerate(report.policies):
        for at in range(0, len(policy.items), SLICE):
            yield number, policy.items[at:at + SLICE]


def fill(db: Connection, begun: Begun, number: int, items: Sequence[Item]) -> None:
    """Write rows of the policy with this number."""
    policy = begun.policies[number]
    for item in items:
        match item:
            case Row():
                _add_record(db, policy, item)
            case FailureDetail():
                db.execute(
                    "INSERT INTO received_failure (policy_id, result, sessions, sending_ip, mx_host, mx_helo, receiving_ip, reason, "
                    "information) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (policy, item.result, item.count, item.sending_ip, item.mx_host, item.mx_helo, item.receiving_ip, item.reason,
                     item.information))
            case FailureReport():
                _add_message(db, policy, item)


def finish(db: Connection, begun: Begun) -> bool:
    """All is written: from now on the report counts.  False if the same one came meanwhile; then it stays as it is."""
    try:
        db.execute("UPDATE received_report SET complete = 1 WHERE id = ?", (begun.id,))
    except apsw.ConstraintError:
        return False
    db.touched |= {"web"}
    return db.changes() > 0


def link(db: Connection, report_id: int, mails: Sequence[int]) -> None:
    """Note that messages brought the report."""
    db.executemany("INSERT OR IGNORE INTO received_mail (report_id, message_id) VALUES (?, ?)", ((report_id, mail) for mail in mails))


def _add_record(db: Connection, policy: int, row: Row) -> None:
    db.execute(
        "INSERT INTO received_record (policy_id, ip, messages, disposition, dkim, spf, header_from, envelope_from, envelope_to) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (policy, str(row.source_ip), row.count, row.disposition, row.dkim == "pass", row.spf == "pass", row.header_from, row.envelope_from,
         row.envelope_to))
    record = db.last_insert_rowid()
    results = [
        *(("dkim", one.domain, one.selector, one.result, one.human) for one in row.dkim_results),
        *(("spf", one.domain, one.scope, one.result, one.human) for one in row.spf_results),
        *(("reason", "", "", one.kind, one.comment) for one in row.reasons)]
    db.executemany(
        "INSERT INTO received_result (record_id, position, kind, domain, selector, result, text) VALUES (?, ?, ?, ?, ?, ?, ?)",
        ((record, position, *result) for position, result in enumerate(results)))


def _add_message(db: Connection, policy: int, report: FailureReport) -> None:
    db.execute(
        "INSERT INTO received_message (policy_id, kind, ip, arrival, incidents, failures, mail_from, header_from, subject, header_id, "
        "delivery, results) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (policy, report.kind, str(report.source_ip or ""), report.arrival, report.incidents, ", ".join(report.failures), report.mail_from,
         report.original.from_text, report.original.subject, report.original.message_id, report.delivery_result,
         "\n".join(report.authentication_results)))


# --- removing ----------------------------------------------------------------------------------


def prune(db: Connection, clock: Clock, age: float, most: int, most_failures: int, limit: int = SLICE) -> int:
    """Remove up to limit rows of reports that are older than age seconds, or of the oldest while there are too many.

    That is: more than most rows, or more than most_failures failure reports.
    Their mail goes too if it still lies, without a flag of somebody's, in one of FOLDERS.
    Gives how many rows went.
    """
    gone = 0
    for old in _superfluous(db, clock.timestamp(), age, most, most_failures):
        while gone < limit and (step := remove(db, old, limit - gone)):
            gone += step
    return gone


def _superfluous(db: Connection, now: float, age: float, most: int, most_failures: int) -> list[int]:
    """Some of the reports that are to go, the oldest first."""
    old = [ident for ident, in db.execute(
        "SELECT id FROM received_report WHERE received < ? OR (NOT complete AND received < ?) ORDER BY received, id LIMIT ?",
        (now - age, now - DAY, TOGETHER))]
    if not old and value(db, "SELECT coalesce(sum(row_count), 0) FROM received_report") > most:
        old = [value(db, "SELECT id FROM received_report ORDER BY received, id LIMIT 1")]
    excess = 0 if old else value(db, "SELECT count(*) FROM received_report WHERE kind = 'failure'") - most_failures
    return old or [ident for ident, in db.execute(
        "SELECT id FROM received_report WHERE kind = 'failure' ORDER BY id LIMIT ?", (max(0, min(excess, TOGETHER)),))]


def remove(db: Connection, report_id: int, limit: int = SLICE) -> int:
    """Remove up to limit rows of a report, in the end itself and its mail; gives how many went, 0 if there is none."""
    gone = _remove_items(db, "report_id = ?", report_id, limit)
    if not gone:
        mails = [mail for mail, in db.execute("SELECT message_id FROM received_mail WHERE report_id = ?", (report_id,))]
        db.execute("DELETE FROM received_report WHERE id = ?", (report_id,))
        gone = db.changes()
        _remove_mails(db, mails)
    else:
        # Whoever looks meanwhile sees none of it rather than a part.
        db.execute("UPDATE received_report SET complete = 0 WHERE id = ?", (report_id,))
    db.touched |= {"web"}
    return gone


def remove_domain(db: Connection, domain_id: int, limit: int = SLICE) -> int:
    """Remove up to limit rows of what is known of a domain of ours; gives how many went."""
    reports = [report for report, in db.execute("SELECT DISTINCT report_id FROM received_policy WHERE domain_id = ?", (domain_id,))]
    gone = _remove_items(db, "domain_id = ?", domain_id, limit)
    if gone:
        db.executemany(f"UPDATE received_report SET row_count = max(1, {ITEMS_OF_REPORT}) WHERE id = ?", ((one,) for one in reports))
        _recount(db, domain_id)
        return gone
    db.execute("DELETE FROM received_policy WHERE domain_id = ?", (domain_id,))
    for report in reports:
        if not value(db, "SELECT 1 FROM received_policy WHERE report_id = ?", (report,)):
            gone += remove(db, report, limit)
    return gone


#: How many rows a report has.
ITEMS_OF_REPORT: Final = " + ".join(
    f"(SELECT count(*) FROM {table} JOIN received_policy AS policy ON policy.id = policy_id WHERE policy.report_id = received_report.id)"
    for table in ("received_record", "received_failure", "received_message"))


def _remove_items(db: Connection, which: str, param: int, limit: int) -> int:
    gone = 0
    for table in ("received_record", "received_failure", "received_message"):
        if gone < limit:
            db.execute(f"DELETE FROM {table} WHERE id IN (SELECT {table}.id FROM {table} JOIN received_policy ON received_policy.id = "
                       f"policy_id WHERE {which} LIMIT ?)", (param, limit - gone))
            gone += db.changes()
    return gone


def _recount(db: Connection, domain_id: int) -> None:
    """What is left of policies whose records are being removed adds up again."""
    db.execute("""
        UPDATE received_policy SET
               good = coalesce((SELECT sum(messages) FROM received_record WHERE policy_id = received_policy.id AND (dkim OR spf)), 0),
               bad = coalesce((SELECT sum(messages) FROM received_record WHERE policy_id = received_policy.id AND NOT (dkim OR spf)), 0)
         WHERE domain_id = ? AND kind = 'dmarc'
           AND report_id IN (SELECT id FROM received_report WHERE kind = 'dmarc')""", (domain_id,))


def _remove_mails(db: Connection, mails: Sequence[int]) -> None:
    """Remove what brought a report, where it was filed and nobody marked it; not if it brought another one too."""
    for mail in mails:
        found = list(db.execute(
            "SELECT message.account_id, name, flags FROM message JOIN mailbox ON mailbox.id = mailbox_id WHERE message.id = ? "
            "AND NOT EXISTS (SELECT 1 FROM received_mail WHERE message_id = message.id)", (mail,)))
        for account, name, flags in found:
            if name in FOLDERS.values() and not Flags(flags) & Flags.FLAGGED:
                messages.expunge(db, account, [mail], keep=False)
