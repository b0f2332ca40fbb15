"""Reads PromQL as far as rules and panels of ours use it: which metrics, with which labels and values."""
import re
from collections.abc import Iterator

from workers.counted import Counted, everything

#: Words of the language that are no metrics.
WORDS = {"sum", "by", "increase", "rate", "absent", "and", "or", "histogram_quantile", "le", "time"}
NAME = re.compile(r'(?P<name>[a-zA-Z_]+)(?:\{(?P<labels>[^}]*)\})?')
MATCH = re.compile(r'(?P<label>[a-z_]+)(?P<how>=~|!~|!=|=)"(?P<value>[^"]*)"')
BY = re.compile(r"by \((?P<labels>[^)]*)\)")


def complaints(expression: str) -> Iterator[str]:
    """What in expression names nothing that there is."""
    known = {one.name: one for one in everything()}
    for histogram in [metric for metric in known.values() if metric.kind == "histogram"]:
        for part in ("_bucket", "_sum", "_count"):
            extra: dict[str, tuple[str, ...]] = {"le": ()} if part == "_bucket" else {}
            name = histogram.name + part
            known[name] = Counted(name, "counter", histogram.help, {**histogram.labels, **extra})
    if expression.count("(") != expression.count(")") or expression.count("{") != expression.count("}"):
        yield "its brackets do not match"
    metrics = [found for found in NAME.finditer(_bare(expression)) if found["name"] not in WORDS]
    if not metrics:
        yield "it names no metric"
    labels: set[str] = set()
    for found in metrics:
        metric = known.get(found["name"])
        if metric is None:
            yield f"there is no {found['name']}"
            continue
        labels |= metric.labels.keys()
        selected = _labels(expression, found["name"])
        for one in (one for text in selected for one in MATCH.finditer(text)):
            yield from _mistakes(metric, one["label"], one["how"], one["value"])
    for grouped in BY.finditer(expression):
        for label in grouped["labels"].split(","):
            if label.strip() not in labels:
                yield f"nothing there has a label {label.strip()}"


def _bare(expression: str) -> str:
    """Without selectors, groupings, ranges and numbers."""
    text = re.sub(r"\{[^}]*\}|\[[^]]*\]|by \([^)]*\)", "", expression.replace("[.]", "."))
    return re.sub(r"\b[0-9.]+(e[0-9]+)?\b", "", text)


def _labels(expression: str, name: str) -> list[str]:
    return [found["labels"] for found in NAME.finditer(expression) if found["name"] == name and found["labels"]]


def _mistakes(metric: Counted, label: str, how: str, value: str) -> Iterator[str]:
    if label not in metric.labels:
        yield f"{metric.name} has no label {label}"
        return
    values = metric.labels[label] or _open(label)
    if "~" not in how and value not in values:
        yield f"{metric.name}: {label} is never {value!r}"
    if "~" in how:
        # Each alternative at the top level has to match something.
        for pattern in re.split(r"\|(?![^(]*\))", value):
            if not any(re.fullmatch(pattern, one) for one in values):
                yield f"{metric.name}: {label} never matches {pattern!r}"


def _open(label: str) -> tuple[str, ...]:
    """The values of labels that depend on the server."""
    from mta.base.events import Event
    from workers.process import ROLES
    return {"event": tuple(event.key for event in Event), "role": tuple(role.name for role in ROLES)}[label]
