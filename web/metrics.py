"""GET /metrics for Prometheus, on a listener of its own that is not for the public."""
import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from mta.base.limits import Limits
from mta.base.metrics import CONTENT_TYPE, Gauge
from mta.flow import reportview
from mta.flow.world import World
from mta.store import queue, sentreports
from web.asgi import Answer, Receive, Scope, Send, dressed, plain, reply

#: Makes the page from the counters of all processes and some gauges (mta.base.metrics.exposition).
Exposition = Callable[[Sequence[Gauge]], bytes]


class Metrics:
    """The ASGI application of the metrics listener; here() adds gauges of this process."""

    def __init__(self, world: World, exposition: Exposition, here: Callable[[], list[Gauge]], limits: Limits) -> None:
        self._world, self._exposition, self._here, self._limits = world, exposition, here, limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["path"] != "/metrics":
            answer = plain(404, "The counters are at /metrics.")
        else:
            gauges = self._here()
            page = await asyncio.to_thread(lambda: self._exposition(
                [*gauges, *queue_gauges(self._world), *report_gauges(self._world), *told_gauges(self._world)]))
            answer = Answer(200, [("Content-Type", CONTENT_TYPE)], page)
        await reply(scope, dressed(send, self._world.clock), answer, self._limits.http_body_wait)


#: Days whose reports the gauges add up.
REPORTED: Final = 7


def told_gauges(world: World) -> list[Gauge]:
    """What others report of the last days: mail in our name, and connections to us."""
    totals = reportview.overview(world, REPORTED)
    messages, failed = sum(one.messages for one in totals), sum(one.failed for one in totals)
    sessions, broken = sum(one.sessions for one in totals), sum(one.failed_sessions for one in totals)
    return [
        Gauge("pillarbox_reported_messages", f"Messages in our name that others report of the last {REPORTED} days, by what DMARC said.",
              [({"result": "pass"}, messages - failed), ({"result": "fail"}, failed)]),
        Gauge("pillarbox_reported_sessions", f"TLS sessions with us that others report of the last {REPORTED} days.",
              [({"result": "success"}, sessions - broken), ({"result": "failure"}, broken)]),
    ]


def queue_gauges(world: World) -> list[Gauge]:
    """How full the queue is."""
    totals = world.store.read(lambda db: queue.totals(db, world.clock))
    states = {"all": totals.recipients, "due": totals.due, "held": totals.held, "active": totals.active}
    age = world.clock.timestamp() - totals.oldest if totals.oldest is not None else 0.0
    return [
        Gauge("pillarbox_queue_recipients", "Recipients of mail that waits for other servers.",
              [({"state": state}, number) for state, number in states.items()]),
        Gauge("pillarbox_queue_oldest_seconds", "Age of the oldest message that waits.", [({}, age)]),
    ]


def report_gauges(world: World) -> list[Gauge]:
    """Reports to others that are planned, or that are tried again."""
    due = world.store.read(sentreports.due_by_kind)
    return [Gauge("pillarbox_reports_due", "Reports to other domains that are planned or will be tried again.",
                  [({"kind": kind}, number) for kind, number in due.items()])]
