"""Everything the metrics page may have, described: for `pillarbox metrics list` and docs/metrics.md.

Made from the tables that the counters themselves are made of; a new event or measure is
here without further ado.
"""
from collections.abc import Iterator
from dataclasses import dataclass

from mta.base import metrics
from mta.base.events import Event
from mta.base.measures import Measure
from web.metrics import FAMILIES

HEAD = """\
# What is counted

Made by `scripts/documents.py` from the tables of the program; do not edit.

Prometheus reads this at `/metrics` on the port `metrics` of a listener (by default
`http://127.0.0.1:9180/metrics`; it is not for the public); `pillarbox metrics show` prints it,
`pillarbox metrics list` this page. [`pillarbox.rules`](pillarbox.rules) has alerts,
[`pillarbox-dashboard.json`](pillarbox-dashboard.json) a dashboard for Grafana; both are printed by
`pillarbox metrics rules` and `pillarbox metrics dashboard` too.

Every combination of labels is there with 0 from the start, so that the first event raises an
increase. What fits no value of a label counts as the last one: no stranger makes new lines, and
names of domains, hosts and addresses are no labels (they are in the trace). Counters are sums over
all processes and begin at 0 when the server starts; they go on through a reload or the death of a process.
"""
ABSENT = """\
## What is not counted, and why

- Words of a message, senders, domains: unbounded, and nobody's business; `pillarbox trace search` has them.
- Connections to other servers by themselves: those that were made are `pillarbox_delivery_commands_total{command="banner"}`,
  those that were not `pillarbox_delivery_hosts_skipped_total{during="connect"}`.
- Searches for updates of the program: it makes none.
- IMAP: it is not served yet.
"""


@dataclass(frozen=True, slots=True)
class Counted:
    """One metric: labels with their values, none listed where they depend on the server."""

    name: str
    kind: str
    help: str
    labels: dict[str, tuple[str, ...]]


def everything() -> Iterator[Counted]:
    """All metrics in the order of the page."""
    for family in metrics.FAMILIES:
        yield Counted(family.name, family.kind, family.help, dict.fromkeys(family.labels, ()))
    for family in FAMILIES:
        yield Counted(family.name, family.kind, family.help, dict.fromkeys(family.labels, ()))
    for measure in Measure:
        yield Counted(measure.title, measure.kind, measure.sentence, dict(measure.labels))


def page() -> str:
    """docs/metrics.md."""
    return "\n".join([HEAD, *_metrics(), *_events(), ABSENT])


def _metrics() -> Iterator[str]:
    yield "## Metrics\n"
    for one in everything():
        yield f"### `{one.name}`\n\n{one.kind.capitalize()}. {one.help}\n"
        for label, values in one.labels.items():
            yield f"- `{label}`: {', '.join(f'`{value}`' for value in values) or 'as the server has them'}"
        bounds = next((measure.bounds for measure in Measure if measure.title == one.name), ())
        if bounds:
            yield f"- buckets up to {', '.join(f'{bound:g}' for bound in bounds)} seconds"
        if one.labels or bounds:
            yield ""


def _events() -> Iterator[str]:
    yield "## Events\n\nThe values of `event` in `pillarbox_events_total`; they are the same as in the log and the trace.\n"
    yield "| event | level | meaning |\n| --- | --- | --- |"
    for event in Event:
        yield f"| `{event.key}` | {event.level} | {event.sentence} |"
    yield ""
