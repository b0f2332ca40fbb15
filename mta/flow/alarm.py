"""The watch over certificates: what is due is asked for, and the postmaster is told, loudly, of those in danger.

Not more than once a day for each, with what the authority said in its own words.
"""
import asyncio
from typing import Final

from mta.base.errors import PillarboxError
from mta.base.events import Event
from mta.base.names import Address
from mta.flow import certificates, deposit, hostkeys
from mta.flow.certificates import DAY
from mta.flow.world import World
from mta.message import compose
from mta.message.address import Mailbox
from mta.message.identifiers import new_message_id
from mta.store import accounts
from mta.store import certificates as standings
from mta.store.certificates import Standing
from mta.store.connection import Connection

#: Seconds between two looks.
EVERY: Final = 900.0


async def watch(world: World) -> str:
    """Each quarter of an hour: what is due is asked for, what is in danger is told."""
    if world.config.local:
        return "nothing: this server is for this machine alone"
    await hostkeys.look(world)
    await asyncio.to_thread(hostkeys.sweep, world)
    count = len(certificates.due(world))
    if world.certify and (count or certificates.wants_advice(world)):
        world.certify()
    told = await asyncio.to_thread(alarm, world)
    return f"{count} certificates are due, {told} in danger"


def alarm(world: World) -> int:
    """Tell of certificates in danger, once a day each: event, and mail to the postmaster; how many.  Blocks."""
    now = world.clock.timestamp()
    standing = {row.label: row for row in world.store.read(standings.all)}
    asked, served = {want.label for want in certificates.wanted(world)}, dict(certificates.served(world))
    found: list[tuple[str, tuple[str, ...], str]] = []
    for label in sorted({*served, *asked}):
        stands, facts = standing.get(label, Standing(label)), served.get(label)
        danger = certificates.in_danger(world, label, facts, stands, label in asked)
        if danger and (stands.alarmed is None or now - stands.alarmed >= DAY):
            found.append((label, facts.names if facts else (), danger))
    if not found:
        return 0

    def change(db: Connection) -> None:
        for label, _, _ in found:
            standings.change(db, label, alarmed=now)
    world.store.write_now(change)
    for label, names, danger in found:
        world.journal.note(Event.CERTIFICATE_ALARM, certificate=label, names=names, problem=danger)
    _tell_postmaster(world, found)
    return len(found)


TEXT: Final = """\
{count} of this server's certificates {are} in danger:

{list}

Other servers and mail programs refuse connections, or lose their protection, when a
certificate has ended.

`pillarbox tls status` shows all certificates, `pillarbox acme status` what the authority
was asked for, `pillarbox acme renew` tries again at once. You get this message once a
day until it is well.
"""


def _tell_postmaster(world: World, found: list[tuple[str, tuple[str, ...], str]]) -> None:
    config = world.config
    keeper = world.store.read(lambda db: accounts.by_login(db, config.postmaster))
    if keeper is None:
        return    # the overview says that there is none
    listed = "\n\n".join(
        f"* {label}" + (f" ({', '.join(names[:5])})" if names else "") + f"\n  {danger}" for label, names, danger in found)
    here = Mailbox("Pillarbox", Address("postmaster", config.hostname))
    letter = compose.Letter(
        from_=[here], to=[Mailbox("Postmaster", Address("postmaster", config.hostname))],
        subject=f"The certificates of {config.hostname} need you", date=world.clock.timestamp(), message_id=new_message_id(config.hostname),
        text=TEXT.format(count=len(found), are="is" if len(found) == 1 else "are", list=listed), flowed=False)
    try:
        deposit.file_in(world, keeper.id, compose.compose(letter), reason="This server made this report.")
    except PillarboxError as problem:
        world.journal.note(Event.STORE_TROUBLE, where=__name__, problem=str(problem))
