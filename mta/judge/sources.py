"""From which of our addresses to send, and in which order to try a host's addresses.

An address should have a name that leads back to it (RFC 1912 §2.1), and large receivers
turn away mail from one that has not (Gmail: 550 5.7.25).  Many machines have such a name
for IPv4 only.  So a family whose source has none is used only where the other one cannot
be.
"""
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mta.auth import iprev
from mta.auth.iprev import IprevResult
from mta.auth.status import Status
from mta.base.clock import Clock
from mta.base.names import Domain, IPAddress
from mta.dns.resolver import Resolver


@dataclass(frozen=True, slots=True)
class Source:
    """One of our addresses to send from.

    bind is False if it is only what the system would choose by itself.  names are its
    forward-confirmed reverse names; problem says in plain words why there are none.
    """

    ip: IPAddress
    bind: bool = True
    names: tuple[Domain, ...] = ()
    problem: str = ""

    @property
    def confirmed(self) -> bool:
        """Whether receivers will find a name for it that leads back."""
        return bool(self.names)


async def examine(ip: IPAddress, bind: bool, resolver: Resolver) -> Source:
    """What receivers will find out about ip: the same check that we make of them."""
    found = await iprev.check(ip, resolver)
    return Source(ip, bind, found.names, found.problem + _remedy(found))


def _remedy(found: IprevResult) -> str:
    """What our owner can do about it."""
    if found.status is Status.PERMERROR:
        return "; ask your provider to set it"
    if found.status is Status.FAIL:
        return f"; give it an {'A' if found.ip.version == 4 else 'AAAA'} record"
    return ""


def order(targets: Sequence[IPAddress], sources: Iterable[Source]) -> list[tuple[IPAddress, Source | None]]:
    """The addresses of a host with the source for each, best first.

    A family that we have no source for is left to the system, last; of those we have,
    the confirmed ones come first, and the others are not tried at all if a confirmed one
    can be used.
    """
    best: dict[int, Source] = {}
    for source in sources:
        known = best.get(source.ip.version)
        if known is None or (source.confirmed and not known.confirmed):
            best[source.ip.version] = source
    pairs = [(target, best.get(target.version)) for target in targets]
    confirmed = [pair for pair in pairs if pair[1] and pair[1].confirmed]
    if confirmed:
        return confirmed
    return [pair for pair in pairs if pair[1]] + [pair for pair in pairs if not pair[1]]


class Refusals:
    """Remembers for a while which hosts and addresses would not talk to us: they are tried last."""

    def __init__(self, clock: Clock, memory: float = 600.0, room: int = 2_000) -> None:
        self._clock, self._memory, self._room = clock, memory, room
        self._until: OrderedDict[object, float] = OrderedDict()

    def note(self, who: object) -> None:
        """who has just refused."""
        self._until[who] = self._clock.monotonic() + self._memory
        self._until.move_to_end(who)
        while len(self._until) > self._room:
            self._until.popitem(last=False)

    def forget(self, who: object) -> None:
        """who talks to us again."""
        self._until.pop(who, None)

    def recent(self, who: object) -> bool:
        """Whether who refused within the time of our memory."""
        return self._until.get(who, 0.0) > self._clock.monotonic()
