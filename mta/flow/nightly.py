"""The DNS of all our domains, looked at each night: the postmaster is told when something has changed, and only then.

The first look at a domain is no change; what is wrong then is on its page and the overview.

What was found is kept (mta.store.dnschecks); the pages show it.  A check that somebody
asks for is kept too, but writes no mail: who asked has seen it.
"""
import asyncio
from datetime import UTC, datetime
from typing import Final

from mta.base.errors import PillarboxError
from mta.base.events import Event
from mta.base.names import Address
from mta.flow import deposit, dnscheck
from mta.flow.dnscheck import Means, Section
from mta.flow.world import World
from mta.message import compose
from mta.message.address import Mailbox
from mta.message.identifiers import new_message_id
from mta.store import accounts, dnschecks, domains
from mta.store.dnschecks import CheckRow
from mta.store.domains import DomainRow

DAY: Final = 86_400.0
#: Seconds into the day (UTC) at which it is done: others are asleep, and name servers are not busy.
HOUR: Final = 3.5 * 3_600.0
#: Domains of one night, at most; the others have their turn by name the night after.
DOMAINS: Final = 200
#: Seconds for all domains of a night; other things are waiting for their turn.
NIGHT: Final = 900.0


async def check(world: World, row: DomainRow, means: Means | None = None) -> list[Section]:
    """Check one domain now, and keep what was found."""
    found = await dnscheck.check(world, row, means or await _usual(world))
    await _keep(world, row, found)
    return found


async def _usual(world: World) -> Means:
    return await asyncio.to_thread(lambda: Means.usual(world))


async def _keep(world: World, row: DomainRow, found: list[Section]) -> tuple[bool, CheckRow | None]:
    """Remember what was found; whether it is new, and what there was before.  Where something is unknown now, found gets what was known."""
    before = await asyncio.to_thread(world.store.read, lambda db: dnschecks.latest(db, row.id))
    if before is not None:
        _carry(found, before)
    sections = [one.as_row() for one in found]
    return await world.store.write(lambda db: dnschecks.add(db, world.clock, row.id, sections)), before


def _carry(found: list[Section], before: CheckRow) -> None:
    """What was wrong is wrong until it is known to be mended: a name server that is silent for a night is no news of it."""
    old = {part["name"]: part for part in before.sections}
    for one in found:
        if one.unknown and one.name in old:
            part = old[one.name]
            one.errors += [text for text in part["errors"] if text not in one.errors]
            one.warnings += [text for text in part["warnings"] if text not in one.warnings]
            one.wants(*part["records"])


async def run(world: World, means: Means | None = None) -> str:
    """Check every domain, one after another; what changed goes to the postmaster in one letter."""
    if world.config.local:
        return "nothing: this server is for this machine alone"
    rows = [row for row in await asyncio.to_thread(world.store.read, domains.all) if row.enabled]
    if not rows:
        return "no domains"
    if len(rows) > DOMAINS:
        start = int(world.clock.timestamp() // DAY) * DOMAINS % len(rows)
        rows = (rows[start:] + rows[:start])[:DOMAINS]
    end = asyncio.get_running_loop().time() + NIGHT
    using = means or await _usual(world)
    told, count = [], 0
    for row in rows:
        if asyncio.get_running_loop().time() > end:
            break
        count += 1
        found = await dnscheck.check(world, row, using)
        new, before = await _keep(world, row, found)
        if new and before is not None and (text := _difference(row, found, before)):
            told.append(text)
    if told:
        await asyncio.to_thread(_tell_postmaster, world, told)
    return f"{count} domains, {len(told)} changed"


def following(world: World) -> float:
    """The next night's moment."""
    now = world.clock.timestamp()
    today = now // DAY * DAY + HOUR
    return today if today > now else today + DAY


def problems(world: World) -> list[str]:
    """What was found wrong last, in sentences, for the overview; without errors there is nothing to say."""
    if world.config.local:
        return []
    told = []
    for row in world.store.read(domains.all):
        last = world.store.read(lambda db, id=row.id: dnschecks.latest(db, id))    # type: ignore[misc]  # a lambda with a default
        if last is not None and last.errors and row.enabled:
            what = "1 thing is wrong" if last.errors == 1 else f"{last.errors} things are wrong"
            since = datetime.fromtimestamp(last.first, UTC)
            told.append(f"{what} with the DNS of {row.domain} since {since:%Y-%m-%d}: its page tells what, and checks again.")
    return told


# --- the letter ------------------------------------------------------------------------------


TEXT: Final = """\
The DNS of your domains is looked at each night, and something has changed.

{list}

`pillarbox dns check DOMAIN` looks again, and shows the records as they should be; the
page of the domain in the administration does the same.
"""


def _difference(row: DomainRow, found: list[Section], before: CheckRow) -> str:
    """What is wrong now that was not, and what no longer is; "" if that is nothing."""
    old = {(part["name"], text) for part in before.sections for text in (*part["errors"], *part["warnings"])}
    now = {(one.name, text) for one in found for text in (*one.errors, *one.warnings)}
    came = [f"  {one.name}: {text}" for one in found for text in (*one.errors, *one.warnings) if (one.name, text) not in old]
    records = [f"    {line}" for one in found if any((one.name, text) not in old for text in (*one.errors, *one.warnings))
               for line in one.records]
    went = [f"  {name}: {text}" for name, text in sorted(old - now)]
    parts = [f"* {row.domain}"]
    if came:
        parts += ["", "  New:", *came]
    if records:
        parts += ["", "  So it should be:", *records]
    if went:
        parts += ["", "  No longer:", *went]
    return "\n".join(parts) if came or went else ""


def _tell_postmaster(world: World, told: list[str]) -> None:
    config = world.config
    keeper = world.store.read(lambda db: accounts.by_login(db, config.postmaster))
    if keeper is None:
        return    # the overview says that there is none
    here = Address("postmaster", config.hostname)
    letter = compose.Letter(
        from_=[Mailbox("Pillarbox", here)], to=[Mailbox("Postmaster", here)], subject="The DNS of your domains has changed",
        date=world.clock.timestamp(), message_id=new_message_id(config.hostname), text=TEXT.format(list="\n\n".join(told)), flowed=False)
    try:
        deposit.file_in(world, keeper.id, compose.compose(letter), reason="This server made this report.")
    except PillarboxError as problem:
        world.journal.note(Event.STORE_TROUBLE, where=__name__, problem=str(problem))
