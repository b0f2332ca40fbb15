"""What is counted and timed beside the bare events: a closed list, each with closed sets of labels.

Every combination of labels has its 0 on the page from the start, so that the first event
raises an increase (Prometheus sees none in a line that only just appeared).  Names of
domains, addresses and hosts are no labels: a stranger could make as many of them as he
likes.  Those are in the trace.

Most of it is read from the facts of events (READERS); what happens too often to be an
event each time (a command, a DNS question) is told with `Journal.measure`.  A new event
needs nothing here: mta.base.metrics counts each by its name and role.
"""
import enum
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from mta.base.events import Event

Facts = Mapping[str, Any]
#: One thing to count: the measure, its value, and the labels in order.
Sample = tuple["Measure", float, tuple[str, ...]]
Reader = Callable[[Facts], Sequence[Sample]]

#: Upper bounds of seconds: of an answer, of a session, and of mail that waits for other servers.
QUICK: Final = (0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10.0, 60.0)
LONG: Final = (0.1, 1.0, 10.0, 60.0, 300.0, 1_800.0)
WAITING: Final = (1.0, 10.0, 60.0, 600.0, 3_600.0, 21_600.0, 86_400.0, 259_200.0)

LISTENERS: Final = ("smtp", "submission", "submissions", "other")
VERBS: Final = ("HELO", "EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "RSET", "NOOP", "VRFY", "HELP", "QUIT", "other")
#: Where a delivery may fail, as Failure.during has it.
STEPS: Final = ("DNS", "policy", "connect", "banner", "EHLO", "HELO", "STARTTLS", "AUTH", "RSET", "MAIL", "RCPT", "DATA", "message",
                "QUIT", "other")
ANSWERS: Final = ("ok", "deferred", "refused", "none")
REFUSED: Final = ("deferred", "refused")
#: What an enhanced status code is about (RFC 3463 §3), by its second number; those without one are "other".
SUBJECTS: Final = ("other", "address", "mailbox", "system", "network", "protocol", "content", "policy")
STATUSES: Final = ("none", "pass", "fail", "softfail", "neutral", "policy", "temperror", "permerror")
HANDLERS: Final = ("webmail", "account", "admin", "api", "static", "autoconfig", "autodiscover", "mobileconfig", "mta-sts", "acme", "other")
APIS: Final = ("webmail", "account", "admin", "other")
CODES: Final = (
    "ok", "user:badArgument", "user:signedOut", "user:codeWanted", "user:tooMany", "user:notFound", "user:notAllowed", "user:conflict",
    "user:badName", "user:dns", "user:error", "user:noRoom", "server:later", "server:lost",
    "server:error")
RECORDS: Final = ("A", "AAAA", "MX", "TXT", "PTR", "TLSA", "CNAME", "NS", "SRV", "CAA", "DS", "other")
#: Who runs a push service, by the end of its host's name.
PUSH_SERVICES: Final = {
    "googleapis.com": "google", "push.services.mozilla.com": "mozilla", "push.apple.com": "apple", "notify.windows.com": "microsoft"}
PLAIN: Final[Mapping[str, tuple[str, ...]]] = {}
TLS: Final = ("TLSv1.3", "TLSv1.2", "other")


class Measure(enum.Enum):
    """Everything counted with labels: (kind, name, sentence, labels with their values, bounds of a histogram).

    What none of the values of a label fits counts as the last of them.
    """

    # --- who signs in and who connects
    AUTHENTICATION = (
        "counter", "authentication_total", "Attempts to sign in; limited ones were not even looked at, after too many failures.",
        {"service": ("smtp", "web", "imap", "other"),
         "mechanism": ("PLAIN", "LOGIN", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS", "SCRAM", "other"), "result": ("ok", "limited", "wrong")})
    CONNECTIONS = ("counter", "smtp_connections_total", "SMTP connections that were let in, by listener.", {"listener": LISTENERS})
    SESSIONS = ("gauge", "smtp_sessions", "SMTP connections that are open now.", PLAIN)
    SESSION_SECONDS = ("histogram", "smtp_session_seconds", "How long SMTP connections lasted.", PLAIN, LONG)
    STARTED_TLS = ("counter", "smtp_tls_total", "SMTP connections to us that were encrypted, by TLS version.", {"version": TLS})

    # --- what comes in
    COMMANDS = (
        "counter", "smtp_commands_total", "SMTP commands to us and how they were answered; none: the client was gone or sent away.",
        {"listener": LISTENERS, "command": VERBS, "result": ANSWERS})
    COMMAND_SECONDS = (
        "histogram", "smtp_command_seconds", "From an SMTP command to our answer; DATA with the message itself.", {"command": VERBS}, QUICK)
    REFUSALS = (
        "counter", "smtp_refusals_total",
        "What we refused or put off, by how far it had come and the subject of the enhanced status code (RFC 3463).",
        {"at": ("connection", "sender", "recipient", "message", "submission"), "result": REFUSED, "reason": SUBJECTS})
    RECEIVED = (
        "counter", "messages_received_total", "Messages of strangers after their content was seen.",
        {"result": ("accepted", "deferred", "refused")})
    SUBMITTED = (
        "counter", "messages_submitted_total", "Messages of our users, from mail programs and the webmail; those the webmail refused are "
        "in pillarbox_api_calls_total.", {"result": ("accepted", "deferred", "refused")})
    SIGNED = (
        "counter", "dkim_signatures_total", "DKIM signatures made, by algorithm; none: mail that left unsigned.",
        {"algorithm": ("rsa-sha256", "ed25519-sha256", "none")})
    AUTHENTICITY = (
        "counter", "authenticity_total", "Results of the checks of who a message is from; each DKIM signature counts.",
        {"check": ("iprev", "spf", "dkim", "arc", "dmarc"), "result": STATUSES})
    DMARC = (
        "counter", "dmarc_total", "What DMARC came to where the author's domain has a policy, by that policy.",
        {"result": ("pass", "fail", "other"), "policy": ("reject", "quarantine", "none")})
    CHECK_SECONDS = (
        "histogram", "authenticity_check_seconds", "How long each check took; they run side by side and wait for the same answers of the "
        "DNS, so their sum is more than the whole.", {"check": ("iprev", "spf", "dkim", "arc", "dmarc")}, QUICK)
    AUTHENTICITY_SECONDS = (
        "histogram", "authenticity_seconds", "How long it took to find out who a message is from; nearly all of it is waiting for the DNS.",
        PLAIN, QUICK)

    SUBJECT_PASSES = (
        "counter", "subject_passes_total",
        "Ways through for people who are refused: passes given in refusals, and subjects that bore one, which was good or not.",
        {"what": ("given", "good", "bad")})

    # --- what goes out
    DESTINATIONS = (
        "counter", "delivery_destinations_total",
        "Domains looked up for a delivery: whether DNSSEC vouches for their mail hosts, and what MTA-STS policy they have; unknown: the "
        "DNS did not tell.",
        {"hosts": ("signed", "unsigned", "none"), "policy": ("enforce", "testing", "none", "unknown")})
    DELIVERIES = (
        "counter", "deliveries_total", "What came of attempts to deliver to recipients elsewhere, by the number of the attempt.",
        {"result": ("delivered", "deferred", "failed"), "attempt": ("1", "2", "3", "later"), "way": ("direct", "transport")})
    DELIVERY_FAILURES = (
        "counter", "delivery_failures_total", "Deliveries that did not succeed, by the step at which they failed.",
        {"result": ("deferred", "failed"), "during": STEPS})
    DELIVERY_AGE = ("histogram", "delivery_age_seconds", "From the acceptance of a message to its delivery elsewhere.", PLAIN, WAITING)
    HOSTS_SKIPPED = (
        "counter", "delivery_hosts_skipped_total", "Mail hosts passed over, by the step at which they failed.", {"during": STEPS})
    DELIVERY_TLS = (
        "counter", "delivery_tls_total", "Encrypted connections to other servers, by TLS version and how the server was verified.",
        {"version": TLS, "verified": ("no", "yes", "pkix", "mta-sts", "dane", "other")})
    DELIVERY_COMMANDS = (
        "counter", "delivery_commands_total", "SMTP commands to other servers and their answers; none: no answer came.",
        {"command": STEPS, "result": ANSWERS})
    DELIVERY_COMMAND_SECONDS = (
        "histogram", "delivery_command_seconds", "From an SMTP command of ours to the answer.", {"command": STEPS}, QUICK)
    NOTICES = (
        "counter", "notices_total", "Notices to senders about their deliveries, by kind.",
        {"kind": ("bounce", "delayed", "other")})

    PUSHES = (
        "counter", "push_notices_total", "Notices of new mail to browsers, by who runs the push service and what came of the attempt.",
        {"service": (*PUSH_SERVICES.values(), "other"), "result": ("taken", "later", "gone", "dropped")})

    # --- names
    DNS_ANSWERS = (
        "counter", "dns_answers_total", "Questions to the resolver process, by type, result and where the answer came from.",
        {"type": RECORDS, "result": ("found", "absent", "bogus", "trouble"), "from": ("cache", "upstream")})
    DNS_SECONDS = (
        "histogram", "dns_lookup_seconds", "How long the DNS took to answer what was not in the cache.", {"type": RECORDS}, QUICK)
    DNSBL_LOOKUPS = (
        "counter", "dnsbl_lookups_total", "Senders looked up in DNS block lists.", {"result": ("listed", "clear", "trouble")})
    DNSBL_SECONDS = ("histogram", "dnsbl_lookup_seconds", "How long it took to ask all DNS block lists about a sender.", PLAIN, QUICK)

    # --- pages of others
    HTTPS_SECONDS = (
        "histogram", "https_client_seconds",
        "How long the web servers of others took: for their MTA-STS policy, or for a report; failed: there was no answer, or no good one.",
        {"purpose": ("policy", "report"), "result": ("ok", "failed")}, QUICK)

    # --- pages
    REQUESTS = (
        "counter", "http_requests_total", "Requests to the web server, by what they were for; status other: the client went away.",
        {"handler": HANDLERS, "method": ("GET", "POST", "other"), "status": ("2xx", "3xx", "4xx", "5xx", "other")})
    REQUEST_SECONDS = (
        "histogram", "http_request_seconds", "From an HTTP request to the end of the answer; an event stream of the webmail lasts long.",
        {"handler": HANDLERS}, QUICK)
    CALLS = (
        "counter", "api_calls_total",
        "Calls of the typed API; codes that begin with user: are the caller's doing, those with server: are ours.",
        {"api": APIS, "code": CODES})
    CALL_SECONDS = ("histogram", "api_call_seconds", "How long calls of the typed API took.", {"api": APIS}, QUICK)

    def __init__(self, kind: str, name: str, sentence: str, labels: Mapping[str, tuple[str, ...]], bounds: tuple[float, ...] = ()) -> None:
        self.number = len(type(self).__members__)
        self.kind, self.title, self.sentence, self.labels, self.bounds = kind, f"pillarbox_{name}", sentence, labels, bounds

    @property
    def combinations(self) -> Iterator[tuple[str, ...]]:
        """All values of the labels, in order."""
        return itertools.product(*self.labels.values())

    def fitting(self, values: tuple[str, ...]) -> tuple[str, ...]:
        """The labels that values count as."""
        return tuple(value if value in known else known[-1] for value, known in zip(values, self.labels.values(), strict=True))


# --- what the facts of events say --------------------------------------------------------------


def answer(reply: str | int) -> str:
    """What a reply means, by its code or the enhanced one: one of ANSWERS."""
    return {"2": "ok", "3": "ok", "4": "deferred", "5": "refused"}.get(str(reply)[:1], "none")


def subject(reply: str) -> str:
    """What the enhanced status code of a reply is about (RFC 3463 §3): one of SUBJECTS."""
    for word in reply.split(" ", 2)[:2]:
        parts = word.split(".")
        if len(parts) == 3 and parts[1].isdecimal():
            number = int(parts[1])
            return SUBJECTS[number] if number < len(SUBJECTS) else SUBJECTS[0]
    return SUBJECTS[0]


def handler(path: str) -> str:
    """What a request is for, by its path: one of HANDLERS."""
    first, _, rest = path.lower().lstrip("/").partition("/")
    if first == ".well-known":
        first = {"mta-sts.txt": "mta-sts", "acme-challenge": "acme", "autoconfig": "autoconfig"}.get(rest.partition("/")[0], "other")
    elif first in ("mail", "v1.1"):
        first = "autoconfig" if rest.startswith(("config-v1.1.xml", "mail/config")) else "other"
    elif first.startswith("profile.mobileconfig"):
        first = "mobileconfig"
    return first if first in HANDLERS else "other"


def _login(facts: Facts) -> Sequence[Sample]:
    reason = facts.get("reason", "")
    result = "ok" if not reason else "limited" if reason.startswith("too many") else "wrong"
    return [(Measure.AUTHENTICATION, 1, (facts["service"], facts["mechanism"], result))]


def _refusal(at: str, *also: Measure) -> Reader:
    def read(facts: Facts) -> Sequence[Sample]:
        reply = str(facts["reply"])
        # What is neither 4 nor 5 is no refusal for good.
        result = "refused" if answer(reply) == "refused" else "deferred"
        return [(Measure.REFUSALS, 1, (at, result, subject(reply))), *((measure, 1, (result,)) for measure in also)]
    return read


def _always(measure: Measure, *labels: str) -> Reader:
    samples = [(measure, 1, labels)]
    return lambda facts: samples


def _by(measure: Measure, *names: str) -> Reader:
    """Count one more; the labels are these facts."""
    if len(names) == 1:
        [name] = names
        return lambda facts: [(measure, 1, (facts[name],))]
    return lambda facts: [(measure, 1, tuple([facts[name] for name in names]))]


def _seconds(measure: Measure) -> Reader:
    return lambda facts: [(measure, facts["seconds"], ())]


def _authenticity(facts: Facts) -> Sequence[Sample]:
    status, _, policy = facts["dmarc"].partition(" p=")
    checks = [("iprev", facts["iprev"]), ("spf", facts["spf"]), ("arc", facts["arc"]), ("dmarc", status),
              *(("dkim", signature.partition(" ")[0]) for signature in facts["dkim"] or ("none",))]
    samples: list[Sample] = [(Measure.AUTHENTICITY, 1, check) for check in checks]
    samples.append((Measure.AUTHENTICITY_SECONDS, facts["seconds"], ()))
    if policy:
        samples.append((Measure.DMARC, 1, (status, policy)))
    return samples


def _failure(result: str) -> Reader:
    return lambda facts: [(Measure.DELIVERY_FAILURES, 1, (result, facts["during"]))]


def _delivery_tls(facts: Facts) -> Sequence[Sample]:
    verified = facts["verified"]
    if isinstance(verified, bool) or not verified:
        verified = "yes" if verified else "no"
    return [(Measure.DELIVERY_TLS, 1, (facts["version"], verified))]


def _request(facts: Facts) -> Sequence[Sample]:
    what = handler(facts["path"])
    return [(Measure.REQUESTS, 1, (what, facts["method"], f"{facts['status'] // 100}xx")),
            (Measure.REQUEST_SECONDS, facts["ms"] / 1000, (what,))]


#: What is counted of an event beside its name.
def push_service(host: str) -> str:
    """Who runs a push service: one of the values of PUSH_SERVICES, or other."""
    return next((name for end, name in PUSH_SERVICES.items() if host == end or host.endswith(f".{end}")), "other")


def _pushed(facts: Facts) -> Sequence[Sample]:
    return [(Measure.PUSHES, 1, (push_service(str(facts["host"])), facts.get("outcome", "taken")))]


READERS: Final[Mapping[Event, Reader]] = {
    Event.LOGIN: _login,
    Event.LOGIN_FAILED: _login,
    Event.SESSION_OPENED: _by(Measure.CONNECTIONS, "listener"),
    Event.SESSION_CLOSED: _seconds(Measure.SESSION_SECONDS),
    Event.TLS_STARTED: _by(Measure.STARTED_TLS, "version"),
    Event.SESSION_REFUSED: _refusal("connection"),
    Event.MAIL_REFUSED: _refusal("sender"),
    Event.RECIPIENT_REFUSED: _refusal("recipient"),
    Event.MESSAGE_REFUSED: _refusal("message", Measure.RECEIVED),
    Event.SUBMISSION_REFUSED: _refusal("submission", Measure.SUBMITTED),
    Event.MESSAGE_ACCEPTED: _always(Measure.RECEIVED, "accepted"),
    Event.MESSAGE_SUBMITTED: _always(Measure.SUBMITTED, "accepted"),
    Event.NOT_SIGNED: _always(Measure.SIGNED, "none"),
    Event.AUTHENTICATED: _authenticity,
    Event.DELIVERED: _seconds(Measure.DELIVERY_AGE),
    Event.DEFERRED: _failure("deferred"),
    Event.BOUNCED: _failure("failed"),
    Event.HOST_SKIPPED: _by(Measure.HOSTS_SKIPPED, "during"),
    Event.DELIVERY_TLS: _delivery_tls,
    Event.NOTICE_SENT: _by(Measure.NOTICES, "kind"),
    Event.PUSH_TOLD: _pushed,
    Event.PUSH_UNTOLD: _pushed,
    Event.WEB_REQUEST: _request,
}
