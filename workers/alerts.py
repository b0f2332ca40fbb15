"""When somebody should look: alerting rules for Prometheus, and the text of pillarbox.rules.

Each says in plain words what it means and what to do.  An event of the level "error" that
no rule names has one all the same (the last), so a new one needs nothing here.
"""
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mta.base.events import Event


@dataclass(frozen=True, slots=True)
class Alert:
    """A rule: it fires when expression has had a value for `wait` ("" at once); severity critical, warning or info."""

    name: str
    expression: str
    summary: str
    description: str
    severity: str = "warning"
    wait: str = ""


def _happened(*events: Event) -> str:
    """Any of these in the last hour."""
    keys = "|".join(event.key.replace(".", "[.]") for event in events)
    return f'sum by (event) (increase(pillarbox_events_total{{event=~"{keys}"}}[1h])) > 0'


#: What is wrong, the gravest first.
TROUBLE: Final = (
    Alert("PillarboxAbsent", "absent(pillarbox_build_info)", "Pillarbox gives no counters.",
          "Prometheus gets nothing from the metrics port: the server does not run, or the address is wrong. Look at "
          "`systemctl status pillarbox` and `pillarbox status`; the port is the setting metrics of a listener.", "critical", "5m"),
    Alert("PillarboxProcessFell", _happened(Event.ROLE_FELL, Event.ROLE_CANNOT_START), "A process of the server ended or cannot start.",
          "The supervisor starts it again, with growing pauses, and no accepted mail is lost. The log says why: "
          "`journalctl -u pillarbox | grep supervisor`. If it goes on, report it with those lines.", "critical"),
    Alert("PillarboxDiskLow", "pillarbox_disk_free_bytes < 1e9 or " + _happened(Event.DISK_LOW), "The disk with the mail is nearly full.",
          "When it is full, mail is refused for the time being; nothing is lost, senders try again for days. Make room, or lower the "
          "quota of large accounts: `pillarbox account list`.", "critical"),
    Alert("PillarboxStoreTrouble", _happened(Event.STORE_TROUBLE), "The databases or their disk make trouble.",
          "`pillarbox trace search --level error --since 2h` says what. Check the disk (`dmesg`, free room), then `pillarbox verify`.",
          "critical"),
    Alert("PillarboxUnexpected", "sum by (role, module) (increase(pillarbox_unexpected_total[1h])) > 0",
          "A mistake in the program: an exception in {{ $labels.module }} ({{ $labels.role }}).",
          "The server goes on; what was being done was put off or refused. Find it with "
          "`pillarbox trace search --level error --since 2h` and report it with the line of the log."),
    Alert("PillarboxApiServerErrors", 'sum by (api, code) (increase(pillarbox_api_calls_total{code=~"server:.*"}[1h])) > 0',
          "Calls of the {{ $labels.api }} API fail by our fault ({{ $labels.code }}).",
          "server:error is a mistake in the program, server:later a database or process that did not answer, server:lost a message "
          "whose file is gone from the disk (see `pillarbox verify`, and bring it back from a backup). The log has the event "
          "web.error with the path and what happened: `journalctl -u pillarbox | grep web.error`."),
    Alert("PillarboxWebErrors", 'sum by (handler) (increase(pillarbox_http_requests_total{status="5xx"}[1h])) > 0',
          "Requests for {{ $labels.handler }} pages fail by our fault.",
          "Look for web.error and for status=5 in the log: `journalctl -u pillarbox | grep 'event=web'`. A 503 means that too much was "
          "asked at once."),
    Alert("PillarboxSubmissionsDeferred", 'increase(pillarbox_messages_submitted_total{result="deferred"}[1h]) > 0',
          "Mail of your own users is not taken for the time being.",
          "Their mail programs will try again or show an error. The reply names the reason (usually a full disk or a busy database): "
          "`pillarbox trace search --level notice --since 2h`."),
    Alert("PillarboxMessagesDeferred",
          'increase(pillarbox_smtp_refusals_total{at="message",result="deferred",reason="system"}[1h]) > 0',
          "Mail of others is not taken for the time being, by a trouble of ours.",
          "They will try again, so nothing is lost yet. The trace has the reason: `pillarbox trace search --level notice --since 2h`."),
    Alert("PillarboxCertificateEnds", "pillarbox_certificate_until_seconds - time() < 604800",
          "The certificate of {{ $labels.name }} ({{ $labels.key }}) ends within a week.",
          "After that mail programs and browsers warn, and servers that insist on TLS send you nothing. `pillarbox tls status` says where "
          "it comes from and what is wrong; renew it there, or `pillarbox acme renew`.", "critical", "1h"),
    Alert("PillarboxNotSigned", 'increase(pillarbox_dkim_signatures_total{algorithm="none"}[1h]) > 0',
          "Mail leaves without a DKIM signature.",
          "Others may take it for junk. The event submit.not_signed names the domain and why; `pillarbox domain show DOMAIN` lists its "
          "keys, and `pillarbox domain set DOMAIN --sign SELECTOR` switches one on."),
    Alert("PillarboxOnBlockList", "pillarbox_dnsbl_listed > 0", "{{ $labels.ip }} is on the block list {{ $labels.zone }}.",
          "Servers that ask it refuse your mail. See whether an account sends junk (`pillarbox trace search --since 2d`), change its "
          "password if so, then ask to be removed on the web page of the list."),
    Alert("PillarboxBlockListSick", "pillarbox_dnsbl_working == 0", "The block list {{ $labels.zone }} does not work.",
          "Until it does it blocks nothing. `pillarbox dnsbl check` says what is wrong; many lists refuse questions that come through "
          "public DNS servers. Take it out of the setting dnsbl if it is gone for good.", "warning", "3h"),
    Alert("PillarboxDeliveriesFailing", 'sum(increase(pillarbox_deliveries_total{attempt="later",result!="delivered"}[1h])) > 0',
          "Mail cannot be delivered even after several attempts.",
          "`pillarbox queue list` shows what waits and what the other servers said, `pillarbox queue show ID` every attempt."),
    Alert("PillarboxQueueOld", "pillarbox_queue_oldest_seconds > 86400", "Mail has waited for more than a day.",
          "`pillarbox queue list` shows it; held mail waits until `pillarbox queue release ID`. Senders were told of the delay.", "warning",
          "1h"),
    Alert("PillarboxManyBounces", 'sum(increase(pillarbox_deliveries_total{result="failed"}[1h])) > 20',
          "Many deliveries failed for good within an hour.",
          "A newsletter to old addresses, or an account that somebody else uses: look who sent them with `pillarbox trace search "
          "--since 2h`, and change the password of that account if they did not."),
    Alert("PillarboxDnsTrouble",
          'sum(increase(pillarbox_dns_answers_total{from="upstream",result=~"trouble|bogus"}[1h])) > 20 and '
          'sum(increase(pillarbox_dns_answers_total{from="upstream",result=~"trouble|bogus"}[1h])) > '
          '0.3 * sum(increase(pillarbox_dns_answers_total{from="upstream"}[1h]))',
          "Many names cannot be looked up.",
          "Mail is put off when the DNS does not answer. Check the server's DNS resolver: `dig example.org`, the setting dns.upstreams "
          "or /etc/resolv.conf, and that its DNSSEC validation works (the clock must be right)."),
    Alert("PillarboxSlow",
          'histogram_quantile(0.9, sum by (le) (rate(pillarbox_smtp_command_seconds_bucket{command="DATA"}[15m]))) > 30',
          "One message in ten takes more than half a minute to be taken.",
          "Checks wait for the DNS, or the disk is slow: compare pillarbox_authenticity_seconds and pillarbox_dns_lookup_seconds with "
          "it, and look at the machine's load.", "warning", "30m"),
    Alert("PillarboxReloadRefused", _happened(Event.RELOAD_REFUSED), "A new configuration or program cannot be used.",
          "All goes on with the old one. `pillarbox check` says what is wrong; after it is mended, `pillarbox reload`."),
    Alert("PillarboxChoreFailed", _happened(Event.DUE_FAILED), "A task of the clock failed.",
          "It is tried again with growing pauses. The event clock.failed in the log names the task and the problem."),
)
#: What may be quite normal on a small server, and interesting on a large one.
NOISY: Final = (
    Alert("PillarboxNoMail", 'sum(increase(pillarbox_messages_received_total{result="accepted"}[3h])) == 0',
          "No mail was received for six hours.",
          "Perhaps it is night. Else check the MX record, the firewall and port 25: `pillarbox check`.", "info", "3h"),
    Alert("PillarboxGuessing", 'sum by (service) (increase(pillarbox_authentication_total{result="limited"}[1h])) > 0',
          "Somebody guesses passwords ({{ $labels.service }}).",
          "They are slowed down and turned away; nothing has to be done unless a user of yours is among them, with an old password in "
          "some device: `pillarbox trace search --level notice --since 2h`.", "info"),
    Alert("PillarboxDmarcRejects", 'increase(pillarbox_dmarc_total{result="fail",policy="reject"}[1h]) > 10',
          "Much mail is forged, by what its authors' domains say.",
          "If it came through a mailing list or a forwarder of one of your users, let them add a rule: `pillarbox rule add --help`.",
          "info"),
    Alert("PillarboxTlsTroubleIn",
          'sum(increase(pillarbox_events_total{event="smtp.tls_failed"}[1h])) > 10 and '
          'sum(increase(pillarbox_events_total{event="smtp.tls_failed"}[1h])) > 0.3 * sum(increase(pillarbox_smtp_tls_total[1h]))',
          "Many connections to us cannot be encrypted.",
          "Perhaps only scanners. If mail servers are among them (`pillarbox trace search --level notice`), check the certificate and "
          "its chain.", "info"),
    Alert("PillarboxTlsFailuresReported", _happened(Event.TLS_FAILURES_REPORTED), "Others report that connections to us failed.",
          "The page Reports, Connections, says which and what to do; so does `pillarbox report received failures DOMAIN`. "
          "Where a policy asks for verified TLS, mail of such senders does not come.", "info"),
    Alert("PillarboxReportsNotFiled",
          'sum by (event) (increase(pillarbox_events_total{event="report.not_filed"}[1d])) > 20',
          "Mail to addresses for reports cannot be filed.",
          "Each has a field X-Report-Not-Filed that says why, and is in the mailbox like other mail. Perhaps a reporter whose mail nobody "
          "stands by; or such an address gets other mail. `pillarbox trace search --level notice` finds them.", "info"),
    Alert("PillarboxTraceDropped", _happened(Event.TRACE_DROPPED), "Events came faster than they could be written.",
          "Some steps are in the log alone. Somebody floods the server, or the disk is slow.", "info"),
)


def _rest() -> Alert:
    """The rule for all grave events that no other names."""
    told = "".join(alert.expression for alert in TROUBLE + NOISY)
    # Unexpected exceptions and failed pages are counted by module, handler and code above.
    counted = (Event.UNEXPECTED, Event.WEB_ERROR, Event.DNSBL_TROUBLE, Event.DNSBL_LISTED)
    events = [event for event in Event if event.level == "error" and event not in counted and event.key.replace(".", "[.]") not in told]
    words = "; ".join(f"{event.key}: {event.sentence}" for event in events)
    return Alert(
        "PillarboxError", _happened(*events or [Event.UNEXPECTED]), "Something grave happened: {{ $labels.event }}.",
        f"`pillarbox trace search --level error --since 2h` or the log has the details. What it may be: {words or 'see the log'}")


def alerts() -> tuple[Alert, ...]:
    """All rules."""
    return (*TROUBLE, _rest(), *NOISY)


def text() -> str:
    """The file for Prometheus, in YAML."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield from ("# Alerting rules for Pillarbox, made by `pillarbox metrics rules`.  In prometheus.yml:",
                "#   rule_files: [pillarbox.rules]",
                "# Those of severity info are noisy: route them to nowhere, or take them out.",
                "groups:", "  - name: pillarbox", "    rules:")
    for alert in alerts():
        yield f"      - alert: {alert.name}"
        # A string of JSON is one of YAML.
        yield f"        expr: {json.dumps(alert.expression)}"
        if alert.wait:
            yield f"        for: {alert.wait}"
        yield from ("        labels:", f"          severity: {alert.severity}", "        annotations:",
                    f"          summary: {json.dumps(alert.summary)}", f"          description: {json.dumps(alert.description)}")
