"""What is unusual about what comes in: no mail for longer than ever, or many connections that cannot be encrypted.

The numbers of each hour are counted when it is over.  What is usual is told by the last
four weeks of this server itself, so that a server with two messages a day is not alarmed
each night.
"""
from itertools import pairwise
from typing import Final

from mta.flow.world import World
from mta.store import traffic
from mta.store.connection import connect
from mta.store.traffic import HOUR, Hour

#: Hours that must be known before anything is unusual.
LEARNT: Final = 7 * 24
#: Messages there must have been in them.
MESSAGES: Final = 20
#: Hours without mail: never fewer than these, and so many times the longest pause before.
QUIET, TIMES = 6, 1.5
#: Hours in which handshakes are compared with those before, failures there must be, and their share.
RECENT, FAILURES, SHARE = 6, 20, 0.3


def count(world: World) -> str:
    """Count the hours that are over and have not been counted."""
    store, clock = world.store, world.clock
    hours = store.read(lambda db: traffic.uncounted(db, clock))
    for hour in hours:
        received = store.read(lambda db, hour=hour: traffic.received(db, hour))    # type: ignore[misc]
        good, bad = _handshakes(world, hour)
        row = Hour(hour, received, good, bad)
        store.write_now(lambda db, row=row: traffic.note(db, row))    # type: ignore[misc]
    return f"{len(hours)} hours"


def problems(world: World) -> list[str]:
    """What is unusual now, in sentences."""
    hours = world.store.read(traffic.listing)
    return [said for said in (_silence(hours, int(world.clock.timestamp() // HOUR)), _handshaking(hours)) if said]


def _silence(hours: list[Hour], now: int) -> str:
    busy = [one.hour for one in hours if one.received]
    if not busy or now - hours[0].hour < LEARNT or sum(one.received for one in hours) < MESSAGES:
        return ""
    pause, longest = now - busy[-1] - 1, max((later - earlier - 1 for earlier, later in pairwise(busy)), default=0)
    if pause < max(QUIET, TIMES * longest):
        return ""
    return (f"No mail came in for {pause} hours; the longest pause of the last weeks was {longest}. "
            "Check the MX record, the firewall and port 25 (`pillarbox dns check`).")


def _handshaking(hours: list[Hour]) -> str:
    recent, before = hours[-RECENT:], hours[:-RECENT]
    good, bad = sum(one.encrypted for one in recent), sum(one.failed for one in recent)
    usual_good, usual_bad = sum(one.encrypted for one in before), sum(one.failed for one in before)
    if bad < FAILURES or len(before) < LEARNT:
        return ""
    share, usual = bad / (good + bad), usual_bad / max(1, usual_good + usual_bad)
    if share < max(SHARE, 3 * usual):
        return ""
    return (f"{share:.0%} of the TLS handshakes with this server failed in the last {RECENT} hours, usually {usual:.0%}. "
            "Check the certificate and its chain (`pillarbox tls status`).")


def _handshakes(world: World, hour: int) -> tuple[int, int]:
    db = connect(world.store.trace_db, synchronous="OFF", query_only=True)
    try:
        return traffic.handshakes(db, hour)
    finally:
        db.close()
