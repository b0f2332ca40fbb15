"""The web role put together: pages, calls, event streams, uploads and metrics behind one front.

`run` is all that the role needs: it serves on the sockets it is given until it is told to
stop.  One loop does everything that waits; pages run in a bounded pool of threads.

Read on: listening.py (sockets and TLS), site.py (which request goes where), app.py (the
pages), calls.py (the typed API), streams.py (events).
"""
import asyncio
import os
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from mta.base.limits import Limits
from mta.base.metrics import Gauge
from mta.base.watching import watch_loop
from mta.config.model import Listener
from mta.flow.login import Logins
from mta.flow.world import World
from mta.net.challenges import Answers
from mta.net.keys import kind
from mta.net.tls import Certificates, names_of
from mta.store.search import SearchIndex
from mta.store.uploads import Uploads
from web.app import make_app
from web.asgi import Application
from web.bridge import Bridge
from web.call import House
from web.calls import Calls
from web.feed import ChangeFeed
from web.files import Files
from web.guard import Guard
from web.importdoor import ImportDoor
from web.listening import Listening
from web.metrics import CERTIFICATES, CONNECTED, STREAMS, Exposition, Metrics
from web.offers import Offered, listener_of, secure_port
from web.site import Door, Site, ToTls
from web.streams import Streams
from web.upload import UploadDoor
from web.view import Views

#: Seconds for answers that are on their way when it is time to go.
GRACE: Final = 5.0

Sockets = Mapping[str, Sequence[socket.socket]]


async def run(
    world: World, sockets: Sockets, certificates: Certificates | None, doorbell_fd: int, stop: asyncio.Event,
    ready: Callable[[], None], *, status: Callable[[], Mapping[str, Any]], exposition: Exposition, limits: Limits | None = None,
) -> None:
    """Serve until stop is set.

    sockets are listening ones, by service ("http", "https", "metrics"); certificates are
    needed for "https" and may be reloaded while we run.  doorbell_fd is readable when
    somebody committed something.  ready() is called when we answer.  status() asks the
    supervisor what runs, and may block and raise TemporaryError; exposition(gauges)
    makes the metrics page.
    """
    web = Web(world, limits or world.config.limits, status)
    watch_loop(asyncio.get_running_loop(), world.journal)
    try:
        web.listen(sockets, certificates, exposition)
        watching = asyncio.create_task(web.streams.watch())
        _hear(doorbell_fd, web.streams.rung)
        ready()
        await stop.wait()
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
    finally:
        asyncio.get_running_loop().remove_reader(doorbell_fd)
        await web.close()


class Web:
    """Everything the role has, made once; needs a running loop."""

    def __init__(self, world: World, limits: Limits, status: Callable[[], Mapping[str, Any]]) -> None:
        self._world, self._limits = world, limits
        self._uploads = Uploads(world.store.directory, world.clock, limits)
        guard = Guard(world, Logins(world))
        self._index = SearchIndex(world.store.search_db)
        house = House(world, guard, self._uploads, self._index, asyncio.get_running_loop(), status)
        calls = Calls(house)
        door = Door(guard)
        answers = Answers(world.store.directory)
        self._bridge = Bridge(make_app(calls, Views(calls), Files(), answers), limits, door.known)
        self.streams = Streams(ChangeFeed(world), door.account, limits, world.journal)
        self.site = Site(self._bridge, {"/webmail/events": self.streams}, world.clock, world.journal, limits)
        self.site.natives["/webmail/upload"] = UploadDoor(self._uploads, door.caller, limits, self.site.failed)
        self.site.natives["/account/import"] = ImportDoor(world, door.owner, limits, self.site.failed)
        self.listening = Listening(limits, world.journal, answers.context_for)
        self._certificates: Certificates | None = None

    def listen(self, sockets: Sockets, certificates: Certificates | None, exposition: Exposition) -> None:
        """Start to serve on these sockets."""
        self._uploads.sweep()
        secure = sockets.get("https", ())
        if secure:
            assert certificates is not None
            self._certificates, known = certificates, certificates
            for sock in secure:
                served = self._offered(listener_of(self._world.config, sock, "https"), self.site)
                self.listening.listen([sock], served, lambda: known.context)
        for sock in sockets.get("http", ()):
            self.listening.listen([sock], self._plain(listener_of(self._world.config, sock, "http")))
        metrics = Metrics(self._world, exposition, self._gauges, self._limits)
        self.listening.listen(sockets.get("metrics", ()), metrics)

    async def close(self) -> None:
        """Let answers that are on their way go out, then end."""
        self.streams.end()
        await self.listening.close(GRACE)
        self.streams.close()
        self._bridge.close()
        self._index.close()

    def _offered(self, listener: Listener | None, site: Application) -> Application:
        """What is served at a listener; a socket of none has only what is for everybody."""
        return Offered(site, listener.web if listener else (), self._world.clock, self._limits)

    def _plain(self, listener: Listener | None) -> Application:
        """What is served without TLS: everything in localserve and where there is no TLS, else redirects."""
        config = self._world.config
        port = secure_port(config, listener) if listener else 0
        leading = self.site if config.local or not port else ToTls(self.site, port, self._world.clock, self._limits)
        return self._offered(listener, leading)

    def _gauges(self) -> list[Gauge]:
        return [CONNECTED.of([((), self.listening.inside)]), STREAMS.of([((), self.streams.open)]), CERTIFICATES.of(self._ends())]

    def _ends(self) -> list[tuple[tuple[str, str], float]]:
        """The end of each certificate, by its first name and kind of key; of several the one that is used."""
        ends: dict[tuple[str, str], float] = {}
        for leaf in self._certificates.leaves if self._certificates else ():
            name = (names_of(leaf) or [""])[0]
            ends.setdefault((name, kind(leaf.public_key())), leaf.not_valid_after_utc.timestamp())
        return list(ends.items())


def _hear(bell: int, heard: Callable[[], None]) -> None:
    """Call heard whenever the bell rings; rings that came meanwhile count as one."""
    os.set_blocking(bell, False)

    def take() -> None:
        with suppress(BlockingIOError):
            while os.read(bell, 64):
                pass
        heard()

    asyncio.get_running_loop().add_reader(bell, take)
