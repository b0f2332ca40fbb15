"""`pillarbox metrics`: what the server counts, and what others make of it."""
import re
from argparse import Namespace

from workers import control
from workers.commands.paper import Row
from workers.commands.site import Site

LINE = re.compile(r'(?P<name>[a-z_]+)(?:\{(?P<labels>.*)\})? (?P<value>\S+)')
LABEL = re.compile(r'([a-z_]+)="((?:[^"\\]|\\.)*)"')
#: What a page escapes.
ESCAPED = {"\\\\": "\\", "\\n": "\n", '\\"': '"'}


def show(site: Site, arguments: Namespace) -> str | list[Row]:
    """The counters of the running server, but for the open connections of its web role; TemporaryError if none runs."""
    from mta.base import metrics
    from web.metrics import store_gauges
    from workers.process import COUNTING

    told = control.ask(site.config.control_socket, "events")["events"]
    gauges = store_gauges(site.world)
    text = metrics.exposition(site.config.counters, COUNTING, gauges, {"supervisor": told}).decode()
    if arguments.raw:
        return text.rstrip("\n")
    rows = [_row(line) for line in text.splitlines() if not line.startswith("#")]
    return [row for row in rows if arguments.name.lower() in f"{row['name']} {row['labels']}".lower()
            and (arguments.all or (row["value"] and not row["name"].endswith("_bucket")))]


def _row(line: str) -> Row:
    found = LINE.fullmatch(line)
    assert found, "we write the page ourselves"
    labels = {name: re.sub(r"\\.", lambda one: ESCAPED[one[0]], text) for name, text in LABEL.findall(found["labels"] or "")}
    value = float(found["value"])
    return {"name": found["name"], "labels": labels, "value": int(value) if value.is_integer() else value}


def list_metrics(site: Site, arguments: Namespace) -> list[Row]:
    """All there is to count."""
    from workers.counted import everything
    return [{"name": one.name, "kind": one.kind, "labels": {name: list(values) for name, values in one.labels.items()}
             if arguments.json else list(one.labels), "help": one.help} for one in everything()]


def rules(site: Site, arguments: Namespace) -> str:
    """Alerting rules for Prometheus."""
    from workers.alerts import text
    return text().rstrip("\n")


def dashboard(site: Site, arguments: Namespace) -> str:
    """A dashboard for Grafana."""
    from workers.dashboard import text
    return text().rstrip("\n")
