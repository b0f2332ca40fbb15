"""Labels are closed sets, facts become labels, and nothing a stranger sends makes a new line."""
from typing import get_args

import pytest

from mta.auth.status import Status
from mta.base.events import Event
from mta.base.measures import (
    CODES,
    HANDLERS,
    READERS,
    RECORDS,
    STATUSES,
    SUBJECTS,
    VERBS,
    Measure,
    answer,
    handler,
    subject,
)
from mta.dns.answer import Outcome, RecordType
from mta.report import dsn
from mta.smtp.states import Verb
from web.rpc import OUTCOMES
from workers.resolver import RESULTS


def test_the_lists_are_those_of_the_modules_that_make_them() -> None:
    """Floors keep mta.base from importing them, so a test compares."""
    assert set(STATUSES) == {status.value for status in Status}
    assert set(VERBS) == {verb.value for verb in Verb} | {"other"}
    assert {"ok", "user:badArgument", "server:error"} | {code for _, _, code in OUTCOMES} == set(CODES)
    assert set(Measure.NOTICES.labels["kind"]) == {*get_args(dsn.Kind), "other"}
    assert set(RECORDS) - {"other"} <= {kind.name for kind in RecordType}
    assert set(RESULTS) == set(Outcome)
    assert set(RESULTS.values()) == set(Measure.DNS_ANSWERS.labels["result"])


def test_names_are_as_prometheus_wants_them() -> None:
    """Counters end in _total, times in _seconds; no name twice; every series few."""
    assert len({measure.title for measure in Measure}) == len(Measure)
    for measure in Measure:
        assert measure.title.startswith("pillarbox_")
        assert measure.title.endswith("_total") == (measure.kind == "counter")
        assert measure.title.endswith("_seconds") == (measure.kind == "histogram")
        assert (measure.kind == "histogram") == bool(measure.bounds)
        assert list(measure.bounds) == sorted(set(measure.bounds))
        assert len(list(measure.combinations)) <= 250
        assert all(len(set(values)) == len(values) for values in measure.labels.values())


@pytest.mark.parametrize(("reply", "result", "about"), [
    ("550 5.1.1 No such mailbox", "refused", "address"),
    ("452 4.2.2 Full", "deferred", "mailbox"),
    ("5.4.6 this server itself", "refused", "network"),
    ("250 2.0.0 Yes", "ok", "other"),
    ("421 Goodbye", "deferred", "other"),
    ("550 5.99.1 odd", "refused", "other"),
    ("550 5.x.1 odd", "refused", "other"),
    ("550 5.7.x odd", "refused", "policy"),
    ("", "none", "other"),
])
def test_what_a_reply_is(reply: str, result: str, about: str) -> None:
    """By its codes alone."""
    assert (answer(reply), subject(reply)) == (result, about)
    assert about in SUBJECTS


@pytest.mark.parametrize(("path", "what"), [
    ("/webmail/", "webmail"), ("/api/webmail/state", "api"), ("/static/app.js", "static"), ("/", "other"), ("", "other"),
    ("/.well-known/mta-sts.txt", "mta-sts"), ("/.well-known/acme-challenge/x", "acme"),
    ("/.well-known/autoconfig/mail/config-v1.1.xml", "autoconfig"), ("/.well-known/", "other"), ("/.well-known/security.txt", "other"),
    ("/mail/config-v1.1.xml", "autoconfig"), ("/mail/x", "other"), ("/v1.1/mail/config", "autoconfig"),
    ("/Autodiscover/Autodiscover.xml", "autodiscover"),
    ("/autodiscover/autodiscover.json", "autodiscover"), ("/profile.mobileconfig", "mobileconfig"),
    ("/profile.mobileconfig.qrcode.png", "mobileconfig"), ("//webmail", "webmail"), ("/wp-login.php", "other"), ("/other/", "other"),
])
def test_what_a_request_is_for(path: str, what: str) -> None:
    """Paths that strangers try are all one."""
    assert handler(path) == what
    assert what in HANDLERS


#: Facts for each event that is read, and what they count.
TOLD: list[tuple[Event, dict[str, object], list[tuple[Measure, float, tuple[str, ...]]]]] = [
    (Event.LOGIN, {"service": "web", "mechanism": "PLAIN"}, [(Measure.AUTHENTICATION, 1, ("web", "PLAIN", "ok"))]),
    (Event.LOGIN_FAILED, {"service": "smtp", "mechanism": "LOGIN", "reason": "too many failures from 192.0.2.0/24"},
     [(Measure.AUTHENTICATION, 1, ("smtp", "LOGIN", "limited"))]),
    (Event.LOGIN_FAILED, {"service": "smtp", "mechanism": "LOGIN", "reason": "wrong name or password"},
     [(Measure.AUTHENTICATION, 1, ("smtp", "LOGIN", "wrong"))]),
    (Event.SESSION_OPENED, {"listener": "submission"}, [(Measure.CONNECTIONS, 1, ("submission",))]),
    (Event.SESSION_CLOSED, {"seconds": 1.5}, [(Measure.SESSION_SECONDS, 1.5, ())]),
    (Event.TLS_STARTED, {"version": "TLSv1.3"}, [(Measure.STARTED_TLS, 1, ("TLSv1.3",))]),
    (Event.SESSION_REFUSED, {"reply": "421 4.3.2 Too many"}, [(Measure.REFUSALS, 1, ("connection", "deferred", "system"))]),
    (Event.MAIL_REFUSED, {"reply": "550 5.7.1 No"}, [(Measure.REFUSALS, 1, ("sender", "refused", "policy"))]),
    (Event.RECIPIENT_REFUSED, {"reply": "550 5.1.1 No"}, [(Measure.REFUSALS, 1, ("recipient", "refused", "address"))]),
    (Event.MESSAGE_REFUSED, {"reply": "451 4.3.0 Later"},
     [(Measure.REFUSALS, 1, ("message", "deferred", "system")), (Measure.RECEIVED, 1, ("deferred",))]),
    (Event.SUBMISSION_REFUSED, {"reply": "550 5.7.1 No"},
     [(Measure.REFUSALS, 1, ("submission", "refused", "policy")), (Measure.SUBMITTED, 1, ("refused",))]),
    (Event.MESSAGE_ACCEPTED, {}, [(Measure.RECEIVED, 1, ("accepted",))]),
    (Event.MESSAGE_SUBMITTED, {}, [(Measure.SUBMITTED, 1, ("accepted",))]),
    (Event.NOT_SIGNED, {}, [(Measure.SIGNED, 1, ("none",))]),
    (Event.AUTHENTICATED,
     {"iprev": "pass", "spf": "softfail", "dkim": ["pass a.example", "fail ?"], "arc": "none", "dmarc": "fail p=reject", "seconds": 0.2},
     [(Measure.AUTHENTICITY, 1, ("iprev", "pass")), (Measure.AUTHENTICITY, 1, ("spf", "softfail")),
      (Measure.AUTHENTICITY, 1, ("arc", "none")), (Measure.AUTHENTICITY, 1, ("dmarc", "fail")),
      (Measure.AUTHENTICITY, 1, ("dkim", "pass")), (Measure.AUTHENTICITY, 1, ("dkim", "fail")),
      (Measure.AUTHENTICITY_SECONDS, 0.2, ()), (Measure.DMARC, 1, ("fail", "reject"))]),
    (Event.AUTHENTICATED, {"iprev": "none", "spf": "none", "dkim": [], "arc": "none", "dmarc": "none", "seconds": 0.0},
     [(Measure.AUTHENTICITY, 1, ("iprev", "none")), (Measure.AUTHENTICITY, 1, ("spf", "none")),
      (Measure.AUTHENTICITY, 1, ("arc", "none")), (Measure.AUTHENTICITY, 1, ("dmarc", "none")),
      (Measure.AUTHENTICITY, 1, ("dkim", "none")), (Measure.AUTHENTICITY_SECONDS, 0.0, ())]),
    (Event.DELIVERED, {"seconds": 7.0}, [(Measure.DELIVERY_AGE, 7.0, ())]),
    (Event.DEFERRED, {"during": "connect"}, [(Measure.DELIVERY_FAILURES, 1, ("deferred", "connect"))]),
    (Event.BOUNCED, {"during": "RCPT"}, [(Measure.DELIVERY_FAILURES, 1, ("failed", "RCPT"))]),
    (Event.HOST_SKIPPED, {"during": "STARTTLS"}, [(Measure.HOSTS_SKIPPED, 1, ("STARTTLS",))]),
    (Event.DELIVERY_TLS, {"version": "TLSv1.2", "verified": False}, [(Measure.DELIVERY_TLS, 1, ("TLSv1.2", "no"))]),
    (Event.DELIVERY_TLS, {"version": "TLSv1.2", "verified": ""}, [(Measure.DELIVERY_TLS, 1, ("TLSv1.2", "no"))]),
    (Event.DELIVERY_TLS, {"version": "TLSv1.3", "verified": "dane"}, [(Measure.DELIVERY_TLS, 1, ("TLSv1.3", "dane"))]),
    (Event.NOTICE_SENT, {"kind": "bounce"}, [(Measure.NOTICES, 1, ("bounce",))]),
    (Event.PUSH_TOLD, {"host": "fcm.googleapis.com"}, [(Measure.PUSHES, 1, ("google", "taken"))]),
    (Event.PUSH_TOLD, {"host": "push.test"}, [(Measure.PUSHES, 1, ("other", "taken"))]),
    (Event.PUSH_UNTOLD, {"host": "updates.push.services.mozilla.com", "outcome": "later"}, [(Measure.PUSHES, 1, ("mozilla", "later"))]),
    (Event.PUSH_UNTOLD, {"host": "evilpush.apple.com", "outcome": "gone"}, [(Measure.PUSHES, 1, ("other", "gone"))]),
    (Event.WEB_REQUEST, {"path": "/api/webmail/page", "method": "POST", "status": 200, "ms": 12},
     [(Measure.REQUESTS, 1, ("api", "POST", "2xx")), (Measure.REQUEST_SECONDS, 0.012, ("api",))]),
]


@pytest.mark.parametrize(("event", "facts", "samples"), TOLD, ids=[f"{at}-{row[0].key}" for at, row in enumerate(TOLD)])
def test_what_events_tell(
    event: Event, facts: dict[str, object], samples: list[tuple[Measure, float, tuple[str, ...]]],
) -> None:
    """The labels that come of facts are among those of the page."""
    assert list(READERS[event](facts)) == samples
    assert all(measure.fitting(labels) == labels for measure, _, labels in samples)


def test_every_reader_is_tried() -> None:
    """The table above is whole, and reads only facts that the events have."""
    assert set(READERS) == {event for event, _, _ in TOLD}
    assert all(set(facts) <= {*event.wants} for event, facts, _ in TOLD)


def test_what_fits_nowhere_is_the_last_value() -> None:
    """A method or path of a stranger's making adds no line."""
    assert Measure.REQUESTS.fitting(("api", "BREW", "0xx")) == ("api", "other", "other")
    with pytest.raises(ValueError, match="zip"):
        Measure.REQUESTS.fitting(("api",))
