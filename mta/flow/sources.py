"""The addresses that our mail leaves from: found out, and remembered for the overview.

The delivery role looks once an hour what others will find out about them; the pages read
what it found, and ask no DNS.
"""
import asyncio
import json

from mta.base.errors import TemporaryError
from mta.base.events import Event
from mta.base.names import IPAddress, ip_address
from mta.config.model import Config
from mta.flow.world import World
from mta.judge.sources import Source, examine
from mta.net.connect import usual_source
from mta.store.connection import Connection, value

#: The name under which the store keeps what was found.
SETTING = "source_problems"


def our_addresses(config: Config) -> list[tuple[IPAddress, bool]]:
    """The addresses that mail leaves from; True for those that we bind to because we listen there too."""
    listed = [ip_address(text) for listener in config.listeners if listener.smtp for text in listener.ips]
    named = [(ip, True) for ip in dict.fromkeys(listed) if not ip.is_unspecified]
    families = {ip.version for ip, _ in named}
    usual = [usual_source(version) for version in (4, 6) if version not in families]
    return named + [(ip, False) for ip in usual if ip is not None]


async def survey(world: World) -> list[Source]:
    """Our addresses to send from, with what others will find out about them; remembers the problems."""
    sources = list(await asyncio.gather(*(examine(ip, bind, world.resolver) for ip, bind in our_addresses(world.config))))
    await _remember(world, [_words(source, sources) for source in sources if source.problem and source.ip.is_global])
    return sources


def problems(world: World) -> list[str]:
    """What is wrong with our addresses, in sentences, as of the last survey."""
    text = world.store.read(lambda db: value(db, "SELECT value FROM setting WHERE name = ?", (SETTING,), "[]"))
    return [str(problem) for problem in json.loads(text)]


def _words(source: Source, sources: list[Source]) -> str:
    """A problem, and what we make of it."""
    other = any(one.confirmed for one in sources)
    then = "mail leaves from there only where no other address of ours can be used" if other else "many servers refuse mail from there"
    return f"{source.problem[0].upper()}{source.problem[1:]}. Until then {then}."


async def _remember(world: World, found: list[str]) -> None:
    def change(db: Connection) -> None:
        db.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (SETTING, json.dumps(found)))

    if found != problems(world):
        try:
            await world.store.write(change)
        except TemporaryError as problem:
            world.journal.note(Event.STORE_TROUBLE, where="sources", problem=str(problem))
