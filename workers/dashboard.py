"""A dashboard for Grafana: what one wants to see of a mail server at a glance, as its JSON."""
import json
from dataclasses import dataclass
from typing import Any, Final

#: Panels in a row, and the 24 columns of Grafana's grid.
ACROSS, COLUMNS, HEIGHT = 3, 24, 8
#: Grafana asks which Prometheus to use.
SOURCE: Final = {"type": "prometheus", "uid": "${source}"}


@dataclass(frozen=True, slots=True)
class Panel:
    """A graph: lines are (expression, legend); unit is one of Grafana's ("short", "s", "bytes", "ops")."""

    title: str
    lines: tuple[tuple[str, str], ...]
    unit: str = "short"
    stacked: bool = False


def _quantiles(histogram: str, *, by: str = "", where: str = "") -> tuple[tuple[str, str], ...]:
    """Median and 95th percentile of a histogram."""
    labels = f"le, {by}" if by else "le"
    legend = f" {{{{{by}}}}}" if by else ""
    return tuple(
        (f"histogram_quantile({share}, sum by ({labels}) (rate({histogram}_bucket{where}[$__rate_interval])))", f"{share:.0%}{legend}")
        for share in (0.5, 0.95))


def _each(metric: str, by: str, where: str = "") -> tuple[tuple[str, str], ...]:
    """How often a minute, by labels."""
    legend = " ".join(f"{{{{{label.strip()}}}}}" for label in by.split(","))
    return ((f"60 * sum by ({by}) (rate({metric}{where}[$__rate_interval]))", legend),)


ROWS: Final[tuple[tuple[str, tuple[Panel, ...]], ...]] = (
    ("Mail in", (
        Panel("Messages of others, per minute", _each("pillarbox_messages_received_total", "result"), stacked=True),
        Panel("Refusals, per minute", _each("pillarbox_smtp_refusals_total", "at, reason"), stacked=True),
        Panel("Open SMTP connections", (("sum(pillarbox_smtp_sessions)", "open"),)),
        Panel("Who is it from: results, per minute",
              _each("pillarbox_authenticity_total", "check, result", '{result!="none"}'), stacked=True),
        Panel("Time to find that out", _quantiles("pillarbox_authenticity_seconds"), "s"),
        Panel("Time to take a message (DATA)", _quantiles("pillarbox_smtp_command_seconds", where='{command="DATA"}'), "s"),
        Panel("DMARC, per minute", _each("pillarbox_dmarc_total", "result, policy"), stacked=True),
        Panel("DNS block lists, per minute", _each("pillarbox_dnsbl_lookups_total", "result"), stacked=True),
        Panel("Encrypted connections, per minute", _each("pillarbox_smtp_tls_total", "version"), stacked=True))),
    ("Mail out", (
        Panel("Messages of our users, per minute", _each("pillarbox_messages_submitted_total", "result"), stacked=True),
        Panel("Deliveries, per minute", _each("pillarbox_deliveries_total", "result, attempt"), stacked=True),
        Panel("Waiting recipients", (("pillarbox_queue_recipients", "{{state}}"),)),
        Panel("Age at delivery", _quantiles("pillarbox_delivery_age_seconds"), "s"),
        Panel("Failures, per minute", _each("pillarbox_delivery_failures_total", "result, during"), stacked=True),
        Panel("Oldest waiting message", (("pillarbox_queue_oldest_seconds", "age"),), "s"),
        Panel("Encrypted connections, per minute", _each("pillarbox_delivery_tls_total", "version, verified"), stacked=True),
        Panel("Answers of other servers", _quantiles("pillarbox_delivery_command_seconds", by="command"), "s"),
        Panel("DKIM signatures, per minute", _each("pillarbox_dkim_signatures_total", "algorithm"), stacked=True))),
    ("People and pages", (
        Panel("Sign-ins, per minute", _each("pillarbox_authentication_total", "service, result"), stacked=True),
        Panel("Requests, per minute", _each("pillarbox_http_requests_total", "handler, status"), stacked=True),
        Panel("API calls that failed, per minute", _each("pillarbox_api_calls_total", "api, code", '{code!="ok"}'), stacked=True),
        Panel("Time of API calls", _quantiles("pillarbox_api_call_seconds", by="api"), "s"),
        Panel("Open web connections", (("pillarbox_web_connections", "connections"), ("pillarbox_web_event_streams", "event streams"))),
        Panel("Stored", (("pillarbox_stored", "{{what}}"),)))),
    ("The machine", (
        Panel("Grave events, an hour", (
            ('sum by (event) (increase(pillarbox_events_total{event=~"unexpected|.*[.](failed|trouble|role_fell|error|alarm)"}[1h])) > 0',
             "{{event}}"),)),
        Panel("Exceptions, an hour", (("sum by (role, module) (increase(pillarbox_unexpected_total[1h])) > 0", "{{role}} {{module}}"),)),
        Panel("DNS questions, per minute", _each("pillarbox_dns_answers_total", "result, from"), stacked=True),
        Panel("Time of DNS answers", _quantiles("pillarbox_dns_lookup_seconds"), "s"),
        Panel("Memory", (("pillarbox_process_resident_memory_bytes", "{{role}} {{number}}"),), "bytes"),
        Panel("Processor", (("rate(pillarbox_process_cpu_seconds_total[$__rate_interval])", "{{role}} {{number}}"),), "percentunit"),
        Panel("Room on the disk", (("pillarbox_disk_free_bytes", "free"),), "bytes"))),
)


def text() -> str:
    """The file to import into Grafana."""
    panels: list[dict[str, Any]] = []
    line = 0
    for title, row in ROWS:
        panels.append({"type": "row", "title": title, "id": len(panels) + 1, "collapsed": False, "panels": [],
                       "gridPos": {"x": 0, "y": line, "w": COLUMNS, "h": 1}})
        line += 1
        for number, panel in enumerate(row):
            across, down = number % ACROSS, number // ACROSS
            panels.append(_panel(panel, len(panels) + 1, across * COLUMNS // ACROSS, line + down * HEIGHT))
        line += HEIGHT * -(-len(row) // ACROSS)
    return json.dumps({
        "title": "Pillarbox", "uid": "pillarbox", "tags": ["mail"], "schemaVersion": 39, "editable": True, "refresh": "1m",
        "time": {"from": "now-24h", "to": "now"}, "timezone": "",
        "templating": {"list": [{"name": "source", "label": "Prometheus", "type": "datasource", "query": "prometheus"}]},
        "panels": panels}, indent=1) + "\n"


def _panel(panel: Panel, id: int, x: int, y: int) -> dict[str, Any]:
    custom = {"fillOpacity": 20 if panel.stacked else 0, "stacking": {"mode": "normal" if panel.stacked else "none"}}
    return {
        "type": "timeseries", "title": panel.title, "id": id, "datasource": SOURCE,
        "gridPos": {"x": x, "y": y, "w": COLUMNS // ACROSS, "h": HEIGHT},
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0, "custom": custom}, "overrides": []},
        "options": {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi", "sort": "desc"}},
        "targets": [{"refId": chr(ord("A") + number), "expr": expression, "legendFormat": legend, "datasource": SOURCE}
                    for number, (expression, legend) in enumerate(panel.lines)]}
