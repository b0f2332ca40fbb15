"""What reports of others tell, in sums and lists for pages and commands.

A domain of ours is asked for by its id, the host by None; days are numbers since 1970
UTC.  A report belongs to the day of the middle of its period.
"""
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from mta.judge.sending import Check, Kind
from mta.store.connection import Connection, one
from mta.store.received import ReceivedKind

#: Kinds of messages, and rows of one report, that are looked at, those of most messages first.
KINDS: Final = 20_000
ROWS: Final = 500
#: Between texts that a question puts together; no text of a report has them.
UNIT, RECORD = "\x1f", "\x1e"


@dataclass(frozen=True, slots=True)
class DmarcDay:
    """Messages of one day: passed DMARC, failed and delivered all the same, quarantined, rejected."""

    day: int
    passed: int
    delivered: int
    quarantined: int
    rejected: int


@dataclass(frozen=True, slots=True)
class TlsDay:
    """Sessions of one day."""

    day: int
    good: int
    bad: int


@dataclass(frozen=True, slots=True)
class KindSeen:
    """Messages of one kind with the days they were first and last told of, and how many reporters told."""

    kind: Kind
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Failure:
    """Sessions that failed in one way."""

    result: str
    mx_host: str
    reason: str
    information: str
    sessions: int
    reporters: tuple[str, ...]
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class PolicySeen:
    """A policy as reporters found it, the latest first: kind, text, sessions under it."""

    kind: str
    text: str
    good: int
    bad: int
    last: int


@dataclass(frozen=True, slots=True)
class Reporter:
    """Who reports: what it calls itself, the domain that vouches, how many reports and messages or sessions."""

    organization: str
    sender: str
    reports: int
    counted: int


@dataclass(frozen=True, slots=True)
class Total:
    """All that was told of a domain of ours ("" is the host) since a day."""

    domain: str
    messages: int
    failed: int
    sessions: int
    failed_sessions: int
    latest: float | None


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A report in a list; domains are those it is about, mail is a message that brought it, None if that is gone."""

    id: int
    kind: ReceivedKind
    sender: str
    organization: str
    contact: str
    report_id: str
    start: float
    finish: float
    received: float
    domains: tuple[str, ...]
    good: int
    bad: int
    mail: int | None


@dataclass(frozen=True, slots=True)
class ReportWhole:
    """A report with all that it tells, as plain rows; cut says that it has more than ROWS of a kind.

    remarks: (ours, text).  Each policy has its records, failures and messages.
    """

    row: ReportRow
    remarks: tuple[tuple[bool, str], ...]
    policies: tuple["PolicyWhole", ...]


@dataclass(frozen=True, slots=True)
class PolicyWhole:
    """A policy in a report, with the first of its rows as dictionaries by column."""

    domain: str
    kind: str
    text: str
    good: int
    bad: int
    records: tuple[dict[str, Any], ...]
    failures: tuple[dict[str, Any], ...]
    messages: tuple[dict[str, Any], ...]
    cut: bool


#: Policies that count: of reports that are complete.
COUNTING: Final = """
    FROM received_policy JOIN received_report ON received_report.id = received_policy.report_id AND complete
"""
#: Those of one domain, or of the host, of one kind of report, since a day.
OF_ONE: Final = "WHERE received_policy.domain_id IS ?1 AND day >= ?2"


# --- DMARC -----------------------------------------------------------------------------------------


def dmarc_days(db: Connection, domain_id: int | None, since: int) -> list[DmarcDay]:
    """What became of mail in the name of a domain, by day."""
    return [DmarcDay(*row) for row in db.execute(f"""
        SELECT day, sum(CASE WHEN dkim OR spf THEN messages ELSE 0 END),
               sum(CASE WHEN NOT (dkim OR spf) AND disposition NOT IN ('quarantine', 'reject') THEN messages ELSE 0 END),
               sum(CASE WHEN NOT (dkim OR spf) AND disposition = 'quarantine' THEN messages ELSE 0 END),
               sum(CASE WHEN NOT (dkim OR spf) AND disposition = 'reject' THEN messages ELSE 0 END)
        {COUNTING} JOIN received_record ON policy_id = received_policy.id
        {OF_ONE} AND received_report.kind = 'dmarc' GROUP BY day ORDER BY day""", (domain_id, since))]


def kinds(db: Connection, domain_id: int | None, since: int) -> list[KindSeen]:
    """Messages of each kind, those of most messages first, at most KINDS."""
    rows = db.execute(f"""
        SELECT ip, dkim, spf, disposition, header_from, coalesce(envelope_from, ''),
               coalesce((SELECT group_concat(kind || char(31) || domain || char(31) || selector || char(31) || result, char(30))
                           FROM (SELECT * FROM received_result WHERE record_id = received_record.id ORDER BY position)), '') AS results,
               sum(messages) AS number, count(DISTINCT day), min(day), max(day)
        {COUNTING} JOIN received_record ON policy_id = received_policy.id
        {OF_ONE} AND received_report.kind = 'dmarc' GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY number DESC, ip LIMIT ?3""",
                      (domain_id, since, KINDS))
    return [_kind_seen(*row) for row in rows]


def _kind_seen(ip: str, dkim: int, spf: int, disposition: str, header_from: str, envelope_from: str, results: str, number: int, days: int,
               first: int, last: int) -> KindSeen:
    checks, reasons = [], set()
    for text in results.split(RECORD) if results else ():
        kind, domain, selector, result = text.split(UNIT)
        if kind == "reason":
            reasons.add(result)
        else:
            checks.append(Check(kind, domain, selector if kind == "dkim" else "", result == "pass"))
    alike = Kind(ip, number, days, bool(dkim), bool(spf), disposition, header_from, envelope_from, tuple(checks), frozenset(reasons))
    return KindSeen(alike, first, last)


def latest_policy(db: Connection, domain_id: int | None) -> str:
    """A domain's DMARC policy as the latest report found it, in tags; "" if there is none."""
    found = one(db, f"""SELECT received_policy.text {COUNTING} WHERE domain_id IS ? AND received_report.kind = 'dmarc'
                        ORDER BY finish DESC, received_policy.id DESC LIMIT 1""", (domain_id,))
    return str(found[0]) if found else ""


def reporters(db: Connection, domain_id: int | None, since: int, kind: ReceivedKind) -> list[Reporter]:
    """Who reports, those first who tell of most."""
    return [Reporter(*row) for row in db.execute(f"""
        SELECT organization, sender, count(DISTINCT received_report.id), sum(good + bad) AS number {COUNTING} {OF_ONE}
           AND received_report.kind = ?3 GROUP BY 1, 2 ORDER BY number DESC, organization LIMIT 200""", (domain_id, since, kind))]


# --- TLS -------------------------------------------------------------------------------------------


def tls_days(db: Connection, domain_id: int | None, since: int) -> list[TlsDay]:
    """Sessions of a domain or the host, by day."""
    return [TlsDay(*row) for row in db.execute(
        f"SELECT day, sum(good), sum(bad) {COUNTING} {OF_ONE} AND received_report.kind = 'tls' GROUP BY day ORDER BY day",
        (domain_id, since))]


def failures(db: Connection, domain_id: int | None, since: int) -> list[Failure]:
    """Sessions that failed, by the way they failed, the most first."""
    return [Failure(result, host, reason, information, sessions, tuple(sorted(set(names.split(UNIT)))), first, last)
            for result, host, reason, information, sessions, names, first, last in db.execute(f"""
        SELECT result, mx_host, reason, information, sum(sessions) AS number, group_concat(organization, char(31)), min(day), max(day)
        {COUNTING} JOIN received_failure ON policy_id = received_policy.id
        {OF_ONE} GROUP BY 1, 2, 3, 4 ORDER BY number DESC, result LIMIT ?3""", (domain_id, since, ROWS))]


def policies(db: Connection, domain_id: int | None, since: int) -> list[PolicySeen]:
    """Policies as reporters found them, the latest first."""
    return [PolicySeen(*row) for row in db.execute(f"""
        SELECT received_policy.kind, text, sum(good), sum(bad), max(day) AS last {COUNTING} {OF_ONE} AND received_report.kind = 'tls'
        GROUP BY 1, 2 ORDER BY last DESC, sum(good + bad) DESC LIMIT 50""", (domain_id, since))]


# --- all together ----------------------------------------------------------------------------------


def totals(db: Connection, since: int) -> list[Total]:
    """What was told of each domain of ours, and of the host if anything was, since a day."""
    sums = f"""
        SELECT received_policy.domain_id AS owner,
               sum(CASE WHEN received_report.kind = 'dmarc' AND day >= ?1 THEN good + bad ELSE 0 END) AS messages,
               sum(CASE WHEN received_report.kind = 'dmarc' AND day >= ?1 THEN bad ELSE 0 END) AS failed,
               sum(CASE WHEN received_report.kind = 'tls' AND day >= ?1 THEN good + bad ELSE 0 END) AS sessions,
               sum(CASE WHEN received_report.kind = 'tls' AND day >= ?1 THEN bad ELSE 0 END) AS failed_sessions,
               max(received) AS latest
        {COUNTING} GROUP BY 1"""
    return [Total(*row) for row in db.execute(f"""
        SELECT name, coalesce(messages, 0), coalesce(failed, 0), coalesce(sessions, 0), coalesce(failed_sessions, 0), latest
          FROM domain LEFT JOIN ({sums}) ON owner = domain.id
        UNION ALL SELECT '', messages, failed, sessions, failed_sessions, latest FROM ({sums}) WHERE owner IS NULL
        ORDER BY 1""", (since,))]


def listing(
    db: Connection, kind: ReceivedKind | None = None, domain_id: int | None = None, *, host: bool = False, before: int | None = None,
    limit: int = 100,
) -> list[ReportRow]:
    """Reports, the latest first, with ids below before; of one kind, about one domain, or about the host."""
    wheres = ["complete", "id < :before"]
    if kind is not None:
        wheres.append("kind = :kind")
    if host or domain_id is not None:
        wheres.append("EXISTS (SELECT 1 FROM received_policy AS one WHERE one.report_id = received_report.id AND domain_id IS :domain)")
    return list(_reports(db, " AND ".join(wheres), {
        "before": before if before is not None else 1 << 62, "kind": kind, "domain": domain_id, "limit": limit}))


def report(db: Connection, ident: int) -> ReportWhole | None:
    """One report with all that it tells; None if there is none."""
    row = next(_reports(db, "complete AND id = :id", {"id": ident, "limit": 1}), None)
    if row is None:
        return None
    remarks = tuple((bool(ours), text) for ours, text in db.execute(
        "SELECT ours, text FROM received_remark WHERE report_id = ? ORDER BY position", (ident,)))
    found = list(db.execute("SELECT id, domain, kind, text, good, bad FROM received_policy WHERE report_id = ? ORDER BY id", (ident,)))
    return ReportWhole(row, remarks, tuple(_policy(db, *policy) for policy in found))


def _policy(db: Connection, ident: int, domain: str, kind: str, text: str, good: int, bad: int) -> PolicyWhole:
    records = _rows(db, "received_record", ident, "messages DESC, id")
    failures = _rows(db, "received_failure", ident, "sessions DESC, id")
    messages = _rows(db, "received_message", ident, "id")
    for record in records:
        record["results"] = [
            dict(zip(("kind", "domain", "selector", "result", "text"), result, strict=True)) for result in db.execute(
                "SELECT kind, domain, selector, result, text FROM received_result WHERE record_id = ? ORDER BY position", (record["id"],))]
    cut = any(len(rows) > ROWS for rows in (records, failures, messages))
    return PolicyWhole(domain, kind, text, good, bad, tuple(records[:ROWS]), tuple(failures[:ROWS]), tuple(messages[:ROWS]), cut)


def _rows(db: Connection, table: str, policy: int, order: str) -> list[dict[str, Any]]:
    cursor = db.execute(f"SELECT * FROM {table} WHERE policy_id = ? ORDER BY {order} LIMIT ?", (policy, ROWS + 1))
    rows = list(cursor)
    if not rows:
        return []
    names = [name for name, in db.execute("SELECT name FROM pragma_table_info(?) ORDER BY cid", (table,))]
    return [dict(zip(names, row, strict=True)) for row in rows]


def _reports(db: Connection, where: str, terms: dict[str, Any]) -> Iterator[ReportRow]:
    rows = list(db.execute(f"""
        SELECT id, kind, sender, organization, contact, report_id, start, finish, received,
               (SELECT group_concat(DISTINCT domain) FROM received_policy WHERE received_policy.report_id = received_report.id),
               (SELECT coalesce(sum(good), 0) FROM received_policy WHERE received_policy.report_id = received_report.id),
               (SELECT coalesce(sum(bad), 0) FROM received_policy WHERE received_policy.report_id = received_report.id),
               (SELECT min(message_id) FROM received_mail WHERE received_mail.report_id = received_report.id)
          FROM received_report WHERE {where} ORDER BY id DESC LIMIT :limit""", terms))
    for row in rows:
        yield ReportRow(*[*row[:9], tuple((row[9] or "").split(",")), *row[10:]])
