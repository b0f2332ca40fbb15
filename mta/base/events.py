"""What this server can report about itself: a closed list.

Logs, the trace pages and the counters are all fed from here.  An event has a level, a
key for grep, the fields it carries, and one sentence for people.  Text that goes to a
peer and text that stays with us are different fields.
"""
import enum
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TextIO

from mta.base.clock import Clock

if TYPE_CHECKING:
    from mta.base.measures import Measure


class Event(enum.Enum):
    """Everything this server may report: (level, key, fields, sentence)."""

    # --- processes
    ROLE_STARTED = ("info", "supervisor.role_started", ("process", "pid"), "A process of the server started.")
    ROLE_READY = ("info", "supervisor.role_ready", ("process", "pid", "seconds"), "A process answers.")
    ROLE_FELL = ("error", "supervisor.role_fell", ("process", "status", "wait"), "A process ended and will be started again.")
    ROLE_ENDED = ("info", "supervisor.role_ended", ("process", "status"), "A process ended as told.")
    ROLE_CANNOT_START = ("error", "supervisor.role_cannot_start", ("process", "reason"), "A process cannot start.")
    STARTED = ("info", "supervisor.started", ("version", "seconds"), "The server is ready.")
    STOPPING = ("info", "supervisor.stopping", ("signal",), "The server stops.")
    REPLACED = ("info", "supervisor.replaced", (), "The program on disk takes the place of the one that runs, for a reload.")
    RELOADED = ("info", "supervisor.reloaded", ("generation", "version"), "Program and configuration were read again.")
    PREPARED = ("info", "supervisor.prepared", ("what",), "The data directory was brought up to date.")
    RELOAD_REFUSED = (
        "error", "supervisor.reload_refused", ("reason",), "The new program or configuration cannot be used; the old one stays in force.")
    UNEXPECTED = ("error", "unexpected", ("where", "problem"), "Something happened that the program did not foresee.")

    # --- SMTP in
    SESSION_OPENED = ("info", "smtp.connected", ("ip", "port", "listener"), "A client connected.")
    SESSION_REFUSED = ("notice", "smtp.refused_connection", ("ip", "reason", "reply"), "A client was turned away at once.")
    SESSION_CLOSED = ("info", "smtp.closed", ("ip", "reason", "messages", "seconds"), "A session ended.")
    TLS_STARTED = ("info", "smtp.tls", ("ip", "version", "cipher"), "The session is encrypted.")
    TLS_FAILED = ("notice", "smtp.tls_failed", ("ip", "problem"), "A TLS handshake failed.")
    INJECTED = ("notice", "smtp.injected", ("ip", "octets"), "Commands sent ahead of the TLS handshake were dropped.")
    HELLO = ("info", "smtp.hello", ("ip", "name", "protocol"), "The client gave its name.")
    LOGIN = ("info", "auth.login", ("ip", "account", "mechanism", "service"), "Someone signed in.")
    LOGIN_FAILED = ("notice", "auth.failed", ("ip", "name", "mechanism", "service", "reason"), "A sign-in failed.")
    COMMAND_REFUSED = ("notice", "smtp.refused_command", ("ip", "command", "reply"), "A command was refused.")
    MAIL_FROM = ("info", "smtp.mail", ("ip", "sender"), "A message was announced.")
    MAIL_REFUSED = ("notice", "smtp.refused_sender", ("ip", "sender", "reply"), "A sender was refused.")
    RECIPIENT_ACCEPTED = ("info", "smtp.recipient", ("ip", "sender", "recipient"), "A recipient was accepted.")
    RECIPIENT_REFUSED = ("notice", "smtp.refused_recipient", ("ip", "sender", "recipient", "reply"), "A recipient was refused.")
    MESSAGE_REFUSED = (
        "notice", "smtp.refused_message", ("ip", "sender", "recipients", "octets", "reply"),
        "A message was refused after its content was seen.")
    AUTHENTICATED = (
        "info", "auth.checked", ("ip", "sender", "author", "proven", "iprev", "spf", "dkim", "arc", "dmarc", "seconds"),
        "It was checked who a message is from.")
    FORGED_RESULTS = (
        "notice", "auth.forged", ("ip", "sender", "fields"), "Results of checks that bore our name were taken out of a message.")
    JUDGED = ("notice", "judge.refused", ("recipient", "reply", "reason"), "A recipient did not want a message, for these reasons.")
    MESSAGE_ACCEPTED = (
        "info", "smtp.accepted", ("ip", "sender", "recipients", "octets", "message_id"), "A message was accepted and is on disk.")
    MESSAGE_STORED = (
        "info", "mailbox.stored", ("account", "mailbox", "recipient", "message", "message_id", "reason"),
        "A message was put into a mailbox.")
    MESSAGE_SUBMITTED = (
        "info", "submit.accepted", ("account", "sender", "recipients", "octets", "message_id"), "A message of our user was accepted.")
    TLS_REQUIRED = (
        "info", "protection.required", ("sender", "recipients"),
        "A message may travel over protected connections only (REQUIRETLS).")
    TLS_NOT_REQUIRED = (
        "info", "protection.not_required", ("sender", "recipients"),
        "A message may travel even where protection cannot be had (TLS-Required: No).")
    ANSWERED = (
        "info", "answer.queued", ("account", "recipient", "source", "message_id"),
        "An account answered a message by itself (vacation, or a rule).")
    FORWARDED = ("info", "forward.queued", ("account", "recipient", "message_id"), "A message was forwarded for an account.")
    NOT_FORWARDED = (
        "notice", "forward.kept", ("account", "recipient", "reason", "message_id"),
        "A message was not forwarded as its owner wants, but kept here, for this reason.")
    NOT_SIGNED = ("notice", "submit.not_signed", ("domain", "reason"), "A message of our user got no DKIM signature.")
    SUBMISSION_REFUSED = ("notice", "submit.refused", ("account", "sender", "reply"), "A message of our user was refused.")

    IMPORTED = (
        "info", "import.done", ("account", "id", "source", "added", "known", "skipped", "seconds"),
        "Mail from elsewhere was brought in.")
    IMPORT_STOPPED = ("notice", "import.stopped", ("account", "id", "source", "reason"), "An import stopped before its end.")

    # --- queue and delivery
    QUEUED = ("info", "queue.added", ("queued", "sender", "recipient", "message_id"), "A message waits for delivery to another server.")
    ATTEMPT = ("info", "delivery.attempt", ("queued", "next_hop", "host", "ip"), "Another server was asked to take a message.")
    DELIVERY_TLS = ("info", "delivery.tls", ("host", "ip", "version", "cipher", "verified"), "A connection to another server is encrypted.")
    DELIVERY_TLS_FAILED = (
        "notice", "delivery.tls_failed", ("host", "ip", "problem", "declined"), "A connection to another server could not be encrypted.")
    CLEAR = (
        "notice", "delivery.clear", ("host", "ip", "problem"), "Mail goes to another server without TLS, which it offered and failed at.")
    STS_ENFORCED = (
        "notice", "delivery.sts_enforced", ("host", "ip", "demand", "problem"),
        "A mail host was not used: it is not as the MTA-STS policy of the domain wants it.")
    STS_HOST_ENFORCED = (
        "notice", "delivery.sts_host_enforced", ("host", "ip", "demand", "problem"),
        "A mail host was passed over: the MTA-STS policy of the domain does not name it.")
    DANE_ENFORCED = (
        "notice", "delivery.dane_enforced", ("host", "ip", "demand", "problem"),
        "A mail host was not used: it is not what the DNS promises (DANE).")
    TLS_ENFORCED = (
        "notice", "delivery.tls_enforced", ("host", "ip", "demand", "problem"),
        "A mail host was not used: it has no TLS, and the message is not to be sent in the clear.")
    REQUIRETLS_REFUSED = (
        "notice", "delivery.requiretls_refused", ("host", "ip", "demand", "problem"),
        "A mail host was not used: the message asks for protection (REQUIRETLS) that it does not offer or prove.")
    PROTECTION_UNKNOWN = (
        "notice", "delivery.protection_unknown", ("host", "ip", "demand", "problem"),
        "A mail host was not used now: it cannot be told how mail to it must be protected.")
    STS_IGNORED = (
        "notice", "delivery.sts_ignored", ("host", "ip", "demand", "problem"),
        "A mail host is not as the MTA-STS policy wants it, and was used: the policy is a test, or the message does not mind.")
    STS_HOST_IGNORED = (
        "notice", "delivery.sts_host_ignored", ("host", "ip", "demand", "problem"),
        "A mail host that the MTA-STS policy does not name was used: the policy is a test, or the message does not mind.")
    DANE_IGNORED = (
        "notice", "delivery.dane_ignored", ("host", "ip", "demand", "problem"),
        "A mail host is not what the DNS promises (DANE), and was used: the message does not mind.")
    DANE_UNUSABLE = (
        "notice", "delivery.dane_unusable", ("host", "ip", "demand", "problem"),
        "The TLSA records of a mail host cannot be used: its connection is encrypted, to whomever.")
    UNKNOWN_IGNORED = (
        "notice", "delivery.unknown_ignored", ("host", "ip", "demand", "problem"),
        "A mail host was used though it cannot be told how mail to it must be protected: the message does not mind.")
    EVIDENCE_DROPPED = ("notice", "delivery.evidence_dropped", ("sessions",), "There was no room to count what reports about TLS tell.")
    DELIVERED = ("info", "delivery.done", ("queued", "recipient", "host", "reply", "seconds"), "Another server took the message.")
    DEFERRED = ("notice", "delivery.later", ("queued", "recipient", "host", "during", "reply", "due"), "A delivery will be tried again.")
    BOUNCED = ("notice", "delivery.failed", ("queued", "recipient", "host", "during", "reply"), "A delivery failed for good.")
    NOTICE_SENT = ("info", "delivery.notice", ("queued", "sender", "kind", "message_id"), "The sender was told about a delivery.")
    HOST_SKIPPED = (
        "notice", "delivery.host_skipped", ("next_hop", "host", "during", "reply"),
        "A host did not answer as it should; the next one was asked.")
    QUEUE_CHANGED = ("notice", "queue.changed", ("queued", "action", "by"), "Someone changed a waiting message.")
    PROTECTION_CHANGED = (
        "notice", "queue.protection", ("queued", "was", "now", "by"),
        "Someone changed what a waiting message asks of the connections it travels over.")

    # --- reports to others
    REPORT_SENT = (
        "info", "report.sent", ("kind", "domain", "to", "counted", "message_id"),
        "A report about DMARC or TLS was sent to who asked for it.")
    REPORT_LATER = ("notice", "report.later", ("kind", "domain", "reason", "due"), "A report cannot be sent now and will be tried again.")
    REPORT_UNSENT = ("notice", "report.unsent", ("kind", "domain", "reason"), "A report was not sent.")
    REPORT_NEEDLESS = ("debug", "report.needless", ("kind", "domain", "reason"), "There was nothing to report that anybody waits for.")
    REPORT_FAILED = ("notice", "report.failed", ("kind", "recipient", "reply"), "A report that was sent could not be delivered.")
    REPORT_CHANGED = ("notice", "report.changed", ("kind", "domain", "action", "by"), "Someone changed what is reported to others.")
    EVALUATIONS_DROPPED = ("notice", "report.dropped", ("messages",), "There was no room to keep what DMARC came to, for reports.")

    # --- policies of other domains (MTA-STS)
    POLICY_FETCHED = ("info", "mtasts.fetched", ("domain", "id", "mode", "max_age"), "The MTA-STS policy of a domain was fetched.")
    POLICY_UNREACHABLE = (
        "notice", "mtasts.unreachable", ("domain", "id", "problem", "kept"), "A domain has an MTA-STS policy that could not be fetched.")
    POLICY_UNTRUSTED = (
        "notice", "mtasts.untrusted", ("domain", "id", "problem", "kept"),
        "The server with the MTA-STS policy of a domain has a certificate that is not to be trusted.")
    POLICY_INVALID = (
        "notice", "mtasts.invalid", ("domain", "id", "problem", "kept"), "What a domain has as its MTA-STS policy is none.")
    POLICY_ENFORCED = ("debug", "mtasts.enforced", ("domain",), "Mail goes to a domain whose MTA-STS policy is to be kept.")
    POLICY_TESTED = ("debug", "mtasts.tested", ("domain",), "Mail goes to a domain that tries out its MTA-STS policy.")
    POLICY_ENDED = ("info", "mtasts.ended", ("domain", "reason"), "The MTA-STS policy of a domain was forgotten.")

    # --- reports of others
    REPORT_RECEIVED = (
        "info", "report.received", ("kind", "organization", "domain", "report_id", "good", "bad"),
        "Somebody reported about mail in our name, or about connections to us.")
    REPORT_REPEATED = ("info", "report.repeated", ("kind", "organization", "report_id"), "A report came that was here before.")
    REPORT_NOT_FILED = (
        "notice", "report.not_filed", ("recipient", "reason"), "Mail to an address for reports was left as it is, for this reason.")
    TLS_FAILURES_REPORTED = (
        "notice", "report.tls_failures", ("organization", "domain", "sessions", "results"),
        "Somebody reported that connections to us failed.")
    REPORT_REMOVED = ("notice", "report.removed", ("report", "by"), "Somebody removed a report of others.")

    # --- store and upkeep
    INDEXED = ("debug", "search.indexed", ("messages", "octets"), "Messages were added to the search index.")
    LEARNED = ("debug", "junk.learned", ("lessons",), "What people taught by filing their mail was learned.")
    LEARNED_ANEW = ("notice", "junk.anew", ("reason",), "What people taught by filing their mail is learned again from the beginning.")
    SWEPT = ("info", "store.swept", ("files", "octets"), "Files that no message needs were removed.")
    TRACE_DROPPED = ("notice", "trace.dropped", ("records",), "Events came faster than they could be written; some are in the log alone.")
    DISK_LOW = (
        "error", "store.disk_low", ("free", "wanted"), "The disk is nearly full; when it is full, mail is refused for the time being.")
    PRUNED = ("debug", "store.pruned", ("what", "rows"), "What was kept long enough was removed.")
    DUE_DONE = ("debug", "clock.done", ("kind", "seconds"), "A task of the clock was done.")
    DUE_FAILED = ("error", "clock.failed", ("kind", "problem"), "A task of the clock failed and will be tried again.")
    STORE_TROUBLE = ("error", "store.trouble", ("where", "problem"), "The databases or their disk made trouble.")

    # --- DNS
    RESOLVER_TROUBLE = ("notice", "dns.trouble", ("upstream", "problem"), "A DNS server did not answer as it should.")

    DNSBL_TROUBLE = (
        "error", "dnsbl.trouble", ("zone", "problem"), "A DNS block list does not work as it should; until it does it blocks nothing.")
    DNSBL_WELL = ("notice", "dnsbl.well", ("zone",), "A DNS block list works again.")

    DNSBL_LISTED = (
        "error", "dnsbl.listed", ("zone", "ip"), "A DNS block list has an address that our mail leaves from: others may refuse our mail.")
    DNSBL_UNLISTED = ("notice", "dnsbl.unlisted", ("zone", "ip"), "A DNS block list has an address of ours no longer.")

    # --- certificates
    CERTIFICATE_ISSUED = ("info", "certificate.issued", ("certificate", "names", "until"), "An authority gave us a certificate.")
    CERTIFICATE_FAILED = (
        "error", "certificate.failed", ("certificate", "names", "problem", "retry"), "A certificate could not be had; we will try again.")
    CERTIFICATE_LEFT_OUT = (
        "notice", "certificate.left_out", ("certificate", "name", "problem"), "A name that cannot be had was left out of a certificate.")
    CERTIFICATE_ALARM = (
        "error", "certificate.alarm", ("certificate", "names", "problem"), "A certificate is in danger: somebody has to do something.")
    CERTIFICATE_UNFIT = ("error", "certificate.unfit", ("problem",), "A certificate cannot be used; what was there before stays.")
    CERTIFICATES_LOADED = ("info", "certificate.loaded", ("certificates",), "Certificates were replaced while the process runs.")

    # --- backups
    BACKUP_MADE = ("info", "backup.made", ("name", "messages", "new", "octets", "seconds"), "A backup was made.")
    BACKUP_FAILED = ("error", "backup.failed", ("problem",), "A backup could not be made; the older ones stay.")
    BACKUP_TESTED = ("info", "backup.tested", ("name", "seconds"), "A backup was restored aside, and all of it was there.")
    BACKUP_UNFIT = ("error", "backup.unfit", ("name", "problem"), "A backup was tried, and is not as it should be.")
    BROUGHT_BACK = ("notice", "backup.restored", ("by", "name", "account", "messages"), "Mail was brought back from a backup.")

    # --- notices to browsers
    PUSH_ON = ("info", "push.on", ("account", "browser", "host", "by"), "A browser is told of new mail from now on.")
    PUSH_OFF = ("info", "push.off", ("account", "browser", "host", "reason"), "A browser is told of new mail no longer.")
    PUSH_TOLD = ("info", "push.told", ("account", "browser", "host", "messages"), "A push service took a notice of new mail.")
    PUSH_UNTOLD = (
        "notice", "push.untold", ("account", "browser", "host", "outcome", "problem"), "A push service did not take a notice of new mail.")

    # --- web
    WEB_REQUEST = ("info", "web.request", ("ip", "method", "path", "status", "ms"), "A page or call was answered.")
    WEB_ERROR = ("error", "web.error", ("ip", "path", "where", "problem"), "A page or call failed by our fault.")
    ACCOUNT_FROZEN = ("error", "account.frozen", ("account", "reason", "by"), "An account was stopped from sending.")
    SETTING_CHANGED = ("notice", "admin.changed", ("by", "what"), "Somebody changed a setting.")

    def __init__(self, level: str, key: str, wants: tuple[str, ...], sentence: str) -> None:
        #: Its place in the list.
        self.number = len(type(self).__members__)
        self.level, self.key, self.wants, self.sentence = level, key, wants, sentence

    @property
    def module(self) -> str:
        """The part of the program that it is about: the first word of its key."""
        return self.key.partition(".")[0]


BY_KEY = {event.key: event for event in Event}
LEVELS = ("debug", "info", "notice", "error")


@dataclass(frozen=True, slots=True)
class Record:
    """One event that happened: at in seconds since 1970, trace may be empty."""

    event: Event
    at: float
    trace: str
    role: str
    facts: dict[str, object]

    def line(self) -> str:
        """The log line: key=value, quoted where needed, never more than one line."""
        parts = [f"level={self.event.level}", f"event={self.event.key}", f"role={self.role}"]
        if self.trace:
            parts.append(f"trace={self.trace}")
        parts += [f"{name}={_value(self.facts[name])}" for name in self.event.wants]
        return " ".join(parts)


def _value(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3f}"
    text = value if isinstance(value, str) else ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    plain = text.isprintable() and text and not any(char in text for char in ' "=\\')
    return text if plain else json.dumps(text, ensure_ascii=not text.isprintable())


Sink = Callable[[Record], None]


class Counting(Protocol):
    """A sink that also takes what is no event (mta.base.metrics.Meter)."""

    def __call__(self, record: Record) -> None:
        """Count an event."""
        ...

    def measure(self, measure: "Measure", value: float, labels: tuple[str, ...]) -> None:
        """Count or time something."""
        ...


class Journal:
    """Where a process notes what happens: standard error, and whatever sinks it was given.

    A sink must not block and must not raise; it may drop.
    """

    def __init__(self, role: str, clock: Clock, *, level: str = "info", stream: TextIO | None = None, sinks: tuple[Sink, ...] = ()) -> None:
        self.role, self._clock = role, clock
        self._least = LEVELS.index(level)
        self._stream = stream if stream is not None else sys.stderr
        self._sinks: list[Sink] = list(sinks)
        self._meters: list[Counting] = []
        self._loudness: Callable[[str], str | None] | None = None

    def steer(self, loudness: Callable[[str], str | None]) -> None:
        """Log events of a module (the first word of their keys) from the level on that loudness says, if it says one."""
        self._loudness = loudness

    def add_sink(self, sink: Sink) -> None:
        """Also hand every record to sink."""
        self._sinks.append(sink)

    def add_meter(self, meter: Counting) -> None:
        """Count every record in meter, and hand it what is measured."""
        self._sinks.append(meter)
        self._meters.append(meter)

    def measure(self, measure: "Measure", value: float = 1.0, *labels: str) -> None:
        """Count or time what is no event, for the metrics page alone: a counter grows by value, a gauge becomes it, a histogram sees it."""
        for meter in self._meters:
            meter.measure(measure, value, labels)

    def note(self, event: Event, trace: str = "", **facts: object) -> Record:
        """Report event; TypeError if the facts are not exactly those it announces."""
        if facts.keys() != set(event.wants):
            raise TypeError(f"{event.key} wants {event.wants}, got {tuple(facts)}")
        record = Record(event, self._clock.timestamp(), trace, self.role, facts)
        if LEVELS.index(event.level) >= self._threshold(event):
            try:
                self._stream.write(record.line() + "\n")
                self._stream.flush()
            except (OSError, ValueError):
                pass    # whoever read our log has gone; mail goes on
        for sink in self._sinks:
            sink(record)
        return record

    def _threshold(self, event: Event) -> int:
        """From which level on what is like event is logged."""
        said = self._loudness(event.module) if self._loudness else None
        return self._least if said is None else LEVELS.index(said)


class Recorded:
    """For tests: a sink that keeps the records."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def __call__(self, record: Record) -> None:
        self.records.append(record)

    def keys(self) -> list[str]:
        """The keys in order."""
        return [record.event.key for record in self.records]
