"""The DNS block lists that the operator configured: asked about senders, and watched.

A list counts only while its last examination (the reporter's, every half hour) found
nothing wrong.  One that answers nonsense to a real question meanwhile, or nothing, is
believed in nothing more by this process until the next examination.  Either way the event
is told, and the overview shows it; nothing is refused because a list is ill.

The same examination looks whether a list that works has one of the public addresses that
our own mail leaves from.
"""
import json
from dataclasses import dataclass
from typing import Any

from mta.base.events import Event
from mta.base.measures import Measure
from mta.base.names import Domain, IPAddress, ip_address
from mta.config.model import Config
from mta.dns.resolver import Resolver
from mta.flow.sources import our_addresses
from mta.flow.world import World
from mta.judge import dnsbl
from mta.judge.dnsbl import Listing, Look
from mta.store.connection import Connection, value

#: The name under which the store keeps what was found of each list.
SETTING = "dnsbl_health"
#: And under which, what they say of our own addresses.
OWN = "dnsbl_own"
#: Seconds between two examinations, and how long an acceptor believes what it read of the last.
EXAMINED_EVERY = 1_800.0
READ_EVERY = 60.0


@dataclass(frozen=True, slots=True)
class Health:
    """A list as it was last examined, at (seconds since 1970); problem is "" if it works."""

    zone: Domain
    problem: str
    at: float


def configured(config: Config) -> tuple[Domain, ...]:
    """The lists of the configuration, each once."""
    return tuple(dict.fromkeys(map(Domain, config.judge.dnsbl)))


class Blocklists:
    """Asks the lists that work; one for all sessions of a process."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._zones = configured(world.config)
        self._limits = world.config.limits
        self._read_at = float("-inf")
        self._working: tuple[Domain, ...] = ()
        #: When the last examination was of each list that failed us since.
        self._ill: dict[Domain, float] = {}

    async def listings(self, ip: IPAddress, resolver: Resolver | None = None) -> tuple[Listing, ...]:
        """The lists that have ip; no question if none is configured."""
        zones = self._usable()
        if not zones or ip.is_loopback:
            return ()
        clock, measure = self._world.clock, self._world.journal.measure
        began = clock.monotonic()
        looks = await dnsbl.look_everywhere(ip, zones, resolver or self._world.resolver, self._limits)
        measure(Measure.DNSBL_SECONDS, clock.monotonic() - began)
        for one in looks:
            measure(Measure.DNSBL_LOOKUPS, 1, "trouble" if one.problem else "listed" if one.listed else "clear")
            if one.problem:
                self._fell_ill(one)
        return tuple(Listing(one.zone) for one in looks if one.listed)

    def _usable(self) -> tuple[Domain, ...]:
        if not self._zones:
            return ()
        now = self._world.clock.monotonic()
        if now - self._read_at >= READ_EVERY:
            self._read_at = now
            known = {one.zone: one for one in health(self._world)}
            self._ill = {zone: at for zone, at in self._ill.items() if zone in known and known[zone].at <= at}
            self._working = tuple(
                zone for zone in self._zones if zone in known and not known[zone].problem and zone not in self._ill)
        return self._working

    def _fell_ill(self, one: Look) -> None:
        if one.zone in self._working:
            self._working = tuple(zone for zone in self._working if zone != one.zone)
            self._ill[one.zone] = self._world.clock.timestamp()
            self._world.journal.note(Event.DNSBL_TROUBLE, zone=one.zone, problem=one.problem)


async def watch(world: World) -> str:
    """Examine every list and remember what is wrong; tells of what changed."""
    zones = configured(world.config)
    before = {one.zone: one.problem for one in health(world)}
    problems = [await dnsbl.examine(zone, world.resolver, world.config.limits) for zone in zones]
    now = world.clock.timestamp()
    working = [zone for zone, problem in zip(zones, problems, strict=True) if not problem]
    ours = [standing for ip in _our_public(world) for standing in await _stand(world, ip, working)]
    known = {(one.zone, one.ip): one.listed for one in standings(world)}
    packed_ours = json.dumps([[one.zone.ascii, str(one.ip), one.listed] for one in ours])
    packed = json.dumps([[zone.ascii, problem, now] for zone, problem in zip(zones, problems, strict=True)])

    def change(db: Connection) -> None:
        db.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (SETTING, packed))
        db.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (OWN, packed_ours))

    if zones or before:
        await world.store.write(change)
    for zone, problem in zip(zones, problems, strict=True):
        if problem and problem != before.get(zone):
            world.journal.note(Event.DNSBL_TROUBLE, zone=zone, problem=problem)
        elif before.get(zone) and not problem:
            world.journal.note(Event.DNSBL_WELL, zone=zone)
    for one in ours:
        if one.listed != known.get((one.zone, one.ip), False):
            world.journal.note(Event.DNSBL_LISTED if one.listed else Event.DNSBL_UNLISTED, zone=one.zone, ip=one.ip)
    return f"{len(zones)} lists, {sum(map(bool, problems))} do not work"


def health(world: World) -> list[Health]:
    """The lists as they were last examined."""
    text = world.store.read(lambda db: value(db, "SELECT value FROM setting WHERE name = ?", (SETTING,), "[]"))
    found: list[list[Any]] = json.loads(text)
    return [Health(Domain(zone), problem, at) for zone, problem, at in found]


@dataclass(frozen=True, slots=True)
class Standing:
    """What a list said of an address of ours when it was last examined."""

    zone: Domain
    ip: IPAddress
    listed: bool


def standings(world: World) -> list[Standing]:
    """Our own public addresses on the lists that work, as last examined."""
    text = world.store.read(lambda db: value(db, "SELECT value FROM setting WHERE name = ?", (OWN,), "[]"))
    found: list[list[Any]] = json.loads(text)
    return [Standing(Domain(zone), ip_address(ip), listed) for zone, ip, listed in found]


def _our_public(world: World) -> list[IPAddress]:
    return [ip for ip, _ in our_addresses(world.config) if ip.is_global] if configured(world.config) else []


async def _stand(world: World, ip: IPAddress, zones: list[Domain]) -> list[Standing]:
    looks = await dnsbl.look_everywhere(ip, zones, world.resolver, world.config.limits)
    return [Standing(one.zone, ip, one.listed) for one in looks if not one.problem]


def unexamined(world: World) -> bool:
    """Whether a list was configured that nobody has looked at yet: it counts for nothing before."""
    return not set(configured(world.config)) <= {one.zone for one in health(world)}


def problems(world: World) -> list[str]:
    """What is wrong with the configured lists, or with us on them, in sentences, for the overview."""
    zones = configured(world.config)
    listed = [f"The block list {one.zone} has {one.ip}, from which our mail leaves; servers that ask it refuse our mail.  "
              "Look at the list's web page why, mend it, and ask to be removed."
              for one in standings(world) if one.listed and one.zone in zones]
    return listed + [f"The block list {one.zone} does not work: {one.problem}. Until it does, it blocks nothing."
            for one in health(world) if one.problem and one.zone in zones]


async def check(zones: tuple[Domain, ...], ip: IPAddress | None, resolver: Resolver) -> list[dict[str, object]]:
    """Each list as it is now: whether it works and, if asked for an address, whether it has it."""
    rows: list[dict[str, object]] = []
    for zone in zones:
        problem = await dnsbl.examine(zone, resolver)
        row: dict[str, object] = {"zone": zone.ascii, "works": not problem, "problem": problem}
        if ip is not None:
            one = await dnsbl.look(ip, zone, resolver)
            row |= {"ip": str(ip), "listed": one.listed and not problem, "codes": list(one.codes), "problem": problem or one.problem}
        rows.append(row)
    return rows
