"""Who may come in: connections and messages counted by network, for every SMTP port; and who has to wait.

All acceptors count together: connections that are open now in the world's crowd, what
happens within a minute in its tally.
"""
import asyncio
from collections.abc import Awaitable, Callable

from mta.base.names import IPAddress
from mta.base.reply import Reply
from mta.flow.world import World
from mta.judge.rates import Places, Rate
from mta.smtp.desk import Peer

MINUTE = 60.0
#: Waits so many seconds.
Pause = Callable[[float], Awaitable[object]]


class Entrance:
    """The entrance of one desk."""

    def __init__(self, world: World) -> None:
        limits = world.config.limits
        self._tally = world.tally
        self._places = Places(limits.connections, world.crowd)
        self._connections = Rate("connections", MINUTE, limits.connections_per_minute)
        self._messages = Rate("messages", MINUTE, limits.messages_per_minute)
        self._inside: set[str] = set()

    def enter(self, peer: Peer) -> Reply | None:
        """Someone connected: a refusal, or None.  leave() may follow in either case."""
        network = self._connections.over(self._tally, peer.ip)
        if network:
            return Reply(421, "4.7.0", f"Too many new connections from {network} within a minute, please come back later")
        self._connections.add(self._tally, peer.ip)
        network = self._places.take(peer.ip)
        if network:
            return Reply(421, "4.7.0", f"Too many open connections from {network}, please close some or come back later")
        self._inside.add(peer.session)
        return None

    def leave(self, peer: Peer) -> None:
        """The connection is gone; harmless if it never got in."""
        if peer.session in self._inside:
            self._inside.remove(peer.session)
            self._places.leave(peer.ip)

    def admit_message(self, ip: IPAddress) -> Reply | None:
        """Another message from ip is announced: counted, or refused if its networks sent their share for this minute."""
        network = self._messages.over(self._tally, ip)
        if network:
            return Reply(451, "4.7.1", f"Too many messages from {network} within a minute, please try again later")
        self._messages.add(self._tally, ip)
        return None


class Slowing:
    """Holds answers back, of at most so many sessions at a time: the others are not slowed, since each holds a place and memory."""

    def __init__(self, most: int, pause: Pause) -> None:
        self._most, self._pause = most, pause
        self._held: set[asyncio.Future[object]] = set()
        self._over = False

    async def hold(self, seconds: float) -> None:
        """Wait, unless too many wait already, until the time is over or nobody is held any more."""
        if seconds <= 0.0 or self._over or len(self._held) >= self._most:
            return
        pause = asyncio.ensure_future(self._pause(seconds))
        self._held.add(pause)
        try:
            await asyncio.wait((pause,))
        finally:
            self._held.discard(pause)
            pause.cancel()

    def end(self) -> None:
        """Let go all who are held, and hold nobody from now on."""
        self._over = True
        for pause in self._held:
            pause.cancel()
