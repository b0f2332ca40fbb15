"""web.metrics: counters on their own listener."""
from collections.abc import Sequence
from dataclasses import replace

from mta.base.limits import LIMITS
from mta.base.metrics import Gauge
from mta.config.model import Judge, Listener
from mta.dns.zone import Zone
from mta.flow import blocklists
from mta.flow.world import World
from tests.web.test_asgi import Out
from tests.web.test_site import request, silence
from web.metrics import FAMILIES, Metrics, store_gauges


def names(gauges: Sequence[Gauge]) -> bytes:
    """A page of names."""
    return "\n".join(gauge.name for gauge in gauges).encode()


async def test_the_page(served: World) -> None:
    """The page has what all processes counted, what this one holds, and the queue."""
    metrics, out = Metrics(served, names, lambda: [Gauge("ours", "", [])], LIMITS), Out()
    await metrics(request("/metrics"), silence, out)
    assert out.headers[b"content-type"].startswith(b"text/plain; version=0.0.4")
    assert out.body.split() == [
        b"ours", b"pillarbox_queue_recipients", b"pillarbox_queue_oldest_seconds", b"pillarbox_disk_free_bytes", b"pillarbox_stored",
        b"pillarbox_dnsbl_working", b"pillarbox_dnsbl_listed", b"pillarbox_reports_due",
        b"pillarbox_reported_messages", b"pillarbox_reported_sessions"]


async def test_nothing_else(served: World) -> None:
    """Other pages are not on this listener."""
    for path in ("/", "/admin/", "/metrics/"):
        out = Out()
        await Metrics(served, names, lambda: [], LIMITS)(request(path), silence, out)
        assert out.messages[0]["status"] == 404


async def test_what_the_store_tells(served: World, ann: int, zone: Zone) -> None:
    """Accounts, domains, room, and what the block lists said when they were last examined."""
    served.config = replace(served.config, judge=Judge(dnsbl=("one.example", "two.example")),
                            listeners=(Listener("public", ips=("8.8.4.4", "::1"), smtp=25),))
    zone.add("2.0.0.127.one.example A 127.0.0.2\n4.4.8.8.one.example A 127.0.0.2")
    await blocklists.watch(served)
    found = {gauge.name: gauge.values for gauge in store_gauges(served)}
    assert found["pillarbox_dnsbl_working"] == [({"zone": "one.example"}, 1.0), ({"zone": "two.example"}, 0.0)]
    assert found["pillarbox_dnsbl_listed"] == [({"zone": "one.example", "ip": "8.8.4.4"}, 1.0)]
    assert found["pillarbox_queue_recipients"] == [({"state": state}, 0) for state in ("all", "due", "held", "active")]
    stored = {labels["what"]: number for labels, number in found["pillarbox_stored"]}
    assert stored["accounts"] >= 1
    assert stored["domains"] >= 1
    assert found["pillarbox_disk_free_bytes"][0][1] > 0
    assert set(found) | {
        "pillarbox_web_connections", "pillarbox_web_event_streams", "pillarbox_certificate_until_seconds",
    } == {family.name for family in FAMILIES}
