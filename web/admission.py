"""Who may come in: how many connections there are, in total and from one network.

Whoever waits without having asked for anything (a TLS handshake that does not come, a
request head, the next request) is *idle*.  When the house is full, the one who has been
idle longest makes room for the newcomer, so that silent strangers keep nobody out.
"""
import asyncio
from collections import Counter
from collections.abc import Callable

from mta.base.limits import Limits
from mta.base.names import IPAddress, IPNetwork, networks


class Admission:
    """Counts connections; `enter` gives a Ticket or None."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._by_network: Counter[IPNetwork] = Counter()
        self._idle: dict[Ticket, Callable[[], None]] = {}
        self.inside = 0
        self._empty = asyncio.Event()

    async def emptied(self) -> None:
        """Return as soon as nobody is inside."""
        if self.inside:
            self._empty.clear()
            await self._empty.wait()

    def enter(self, ip: IPAddress) -> "Ticket | None":
        """A ticket for a connection from ip, or None if its network has enough or the house is full."""
        network = networks(ip)[0]
        if self._by_network[network] >= self._limits.http_connections_per_ip:
            return None
        if self.inside >= self._limits.http_connections and not self._make_room():
            return None
        self._by_network[network] += 1
        self.inside += 1
        return Ticket(self, network)

    def _make_room(self) -> bool:
        """Cut the longest idle connection; False if nobody is idle."""
        if not self._idle:
            return False
        ticket = next(iter(self._idle))
        cut = self._idle[ticket]
        ticket.leave()
        cut()
        return True

    def idle(self, ticket: "Ticket", cut: Callable[[], None]) -> None:
        """See Ticket.idle."""
        self._idle[ticket] = cut

    def busy(self, ticket: "Ticket") -> None:
        """See Ticket.busy."""
        self._idle.pop(ticket, None)

    def leave(self, network: IPNetwork) -> None:
        """See Ticket.leave."""
        self.inside -= 1
        if not self.inside:
            self._empty.set()
        self._by_network[network] -= 1
        if not self._by_network[network]:
            del self._by_network[network]


class Ticket:
    """A connection's place."""

    __slots__ = ("_admission", "_gone", "_network")

    def __init__(self, admission: Admission, network: IPNetwork) -> None:
        self._admission, self._network, self._gone = admission, network, False

    def idle(self, cut: Callable[[], None]) -> None:
        """The connection asks for nothing; cut ends it if its place is needed."""
        if not self._gone:
            self._admission.idle(self, cut)

    def busy(self) -> None:
        """The connection has asked for something: it is not cut to make room."""
        self._admission.busy(self)

    def leave(self) -> None:
        """Give the place back; once is enough, twice does no harm."""
        if not self._gone:
            self._gone = True
            self._admission.busy(self)
            self._admission.leave(self._network)
