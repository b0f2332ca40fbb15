"""web.metrics: counters on their own listener."""
from collections.abc import Sequence

from mta.base.limits import LIMITS
from mta.base.metrics import Gauge
from mta.flow.world import World
from tests.web.test_asgi import Out
from tests.web.test_site import request, silence
from web.metrics import Metrics


def names(gauges: Sequence[Gauge]) -> bytes:
    """A page of names."""
    return "\n".join(gauge.name for gauge in gauges).encode()


async def test_the_page(served: World) -> None:
    """The page has what all processes counted, what this one holds, and the queue."""
    metrics, out = Metrics(served, names, lambda: [Gauge("ours", "", [])], LIMITS), Out()
    await metrics(request("/metrics"), silence, out)
    assert out.headers[b"content-type"].startswith(b"text/plain; version=0.0.4")
    assert out.body.split() == [b"ours", b"pillarbox_queue_recipients", b"pillarbox_queue_oldest_seconds", b"pillarbox_reports_due",
                                b"pillarbox_reported_messages", b"pillarbox_reported_sessions"]


async def test_nothing_else(served: World) -> None:
    """Other pages are not on this listener."""
    for path in ("/", "/admin/", "/metrics/"):
        out = Out()
        await Metrics(served, names, lambda: [], LIMITS)(request(path), silence, out)
        assert out.messages[0]["status"] == 404
