"""What it costs to count: events by themselves, those whose facts are read, what is measured, and the page."""
import time
from collections.abc import Callable
from pathlib import Path

from mta.base.events import Event, Record
from mta.base.measures import Measure
from mta.base.metrics import Meter, exposition, fresh
from workers.process import ROLES

#: How often each is done at a time, and how many times; the best time counts.
TIMES, RUNS = 20_000, 7

FACTS: tuple[tuple[str, Event, dict[str, object]], ...] = (
    ("a bare event", Event.HELLO, {}),
    ("an event that counts once more (a message accepted)", Event.MESSAGE_ACCEPTED, {}),
    ("an event with a time (a session closed)", Event.SESSION_CLOSED, {"seconds": 1.0}),
    ("an event with a reply (a recipient refused)", Event.RECIPIENT_REFUSED, {"reply": "550 5.1.1 Nobody"}),
    ("all results of the checks of a message", Event.AUTHENTICATED,
     {"iprev": "pass", "spf": "pass", "dkim": ["pass a.example"], "arc": "none", "dmarc": "pass p=reject", "seconds": 0.01}),
)


def measure(folder: Path) -> list[tuple[str, str]]:
    """The lines of the table."""
    fresh(folder / "counters")
    meter = Meter(folder / "counters", "acceptor")
    lines = []
    for what, event, facts in FACTS:
        record = Record(event, 0.0, "t", "acceptor", facts)
        lines.append((what, _micro(lambda record=record: meter(record))))  # type: ignore[misc]  # a default is no argument
    lines.append(("a measured count", _micro(lambda: meter.measure(Measure.COMMANDS, 1, ("smtp", "MAIL", "ok")))))
    lines.append(("a measured time", _micro(lambda: meter.measure(Measure.COMMAND_SECONDS, 0.01, ("MAIL",)))))
    began = time.perf_counter()
    page = exposition(folder / "counters", [role.name for role in ROLES])
    lines.append((f"the page, {len(page.splitlines()):,} lines, {len(page) // 1024} KiB", f"{(time.perf_counter() - began) * 1e3:.0f} ms"))
    meter.close()
    return lines


def _micro(work: Callable[[], None]) -> str:
    best = float("inf")
    for _ in range(RUNS):
        began = time.perf_counter()
        for _ in range(TIMES):
            work()
        best = min(best, time.perf_counter() - began)
    return f"{best / TIMES * 1e6:.2f} µs"
