"""GET /metrics for Prometheus, on a listener of its own that is not for the public."""
import asyncio
import shutil
from collections.abc import Callable, Sequence
from typing import Final

from mta.base.limits import Limits
from mta.base.metrics import CONTENT_TYPE, Family, Gauge
from mta.flow import blocklists, reportview
from mta.flow.world import World
from mta.store import accounts, domains, queue, sentreports
from mta.store.accounts import AccountRow
from mta.store.connection import Connection
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
            page = await asyncio.to_thread(lambda: self._exposition([*gauges, *store_gauges(self._world)]))
            answer = Answer(200, [("Content-Type", CONTENT_TYPE)], page)
        await reply(scope, dressed(send, self._world.clock), answer, self._limits.http_body_wait)


QUEUED: Final = Family("pillarbox_queue_recipients", "Recipients of mail that waits for other servers.", ("state",))
OLDEST: Final = Family("pillarbox_queue_oldest_seconds", "Age of the oldest message that waits.")
DISK: Final = Family("pillarbox_disk_free_bytes", "Room that is left on the disk with the data directory.")
HELD: Final = Family("pillarbox_stored", "How many domains, accounts, and messages in mailboxes there are.", ("what",))
LISTS: Final = Family("pillarbox_dnsbl_working", "1 if the DNS block list worked when it was last examined, else 0.", ("zone",))
LISTED: Final = Family(
    "pillarbox_dnsbl_listed", "1 if the DNS block list has an address that our mail leaves from, else 0.", ("zone", "ip"))
CONNECTED: Final = Family("pillarbox_web_connections", "Open connections to the web pages.")
REPORTS: Final = Family("pillarbox_reports_due", "Reports to other domains that are planned or will be tried again.", ("kind",))
CERTIFICATES: Final = Family(
    "pillarbox_certificate_until_seconds", "When each certificate in use ends, seconds since 1970.", ("name", "key"))
TOLD: Final = Family(
    "pillarbox_reported_messages", "Messages in our name that others report of the last seven days, by what DMARC said.", ("result",))
SESSIONS: Final = Family("pillarbox_reported_sessions", "TLS sessions with us that others report of the last seven days.", ("result",))
#: Days whose reports of others are added up.
REPORTED: Final = 7
STREAMS: Final = Family("pillarbox_web_event_streams", "Open event streams of web pages.")
#: What the web role adds to the page.
FAMILIES: Final = (QUEUED, OLDEST, DISK, HELD, LISTS, LISTED, REPORTS, TOLD, SESSIONS, CONNECTED, STREAMS, CERTIFICATES)


def store_gauges(world: World) -> list[Gauge]:
    """How full the queue, the mailboxes and the disk are, and what DNS block lists and reports of others say."""
    def question(db: Connection) -> tuple[queue.Totals, int, list[AccountRow]]:
        return queue.totals(db, world.clock), len(domains.all(db)), accounts.all(db)

    totals, served, people = world.store.read(question)
    states = {"all": totals.recipients, "due": totals.due, "held": totals.held, "active": totals.active}
    age = world.clock.timestamp() - totals.oldest if totals.oldest is not None else 0.0
    told = reportview.overview(world, REPORTED)
    messages, failed = sum(one.messages for one in told), sum(one.failed for one in told)
    sessions, broken = sum(one.sessions for one in told), sum(one.failed_sessions for one in told)
    stored = {"domains": served, "accounts": len(people), "messages": sum(row.messages for row in people)}
    return [
        QUEUED.of(((state,), number) for state, number in states.items()),
        OLDEST.of([((), age)]),
        DISK.of([((), shutil.disk_usage(world.store.directory).free)]),
        HELD.of(((what,), number) for what, number in stored.items()),
        LISTS.of(((one.zone.ascii,), float(not one.problem)) for one in blocklists.health(world)),
        LISTED.of(((one.zone.ascii, str(one.ip)), float(one.listed)) for one in blocklists.standings(world)),
        REPORTS.of(((kind,), number) for kind, number in world.store.read(sentreports.due_by_kind).items()),
        TOLD.of([(("pass",), messages - failed), (("fail",), failed)]),
        SESSIONS.of([(("success",), sessions - broken), (("failure",), broken)]),
    ]
