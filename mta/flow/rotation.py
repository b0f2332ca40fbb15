"""Another DKIM key for a domain, without a moment in which mail cannot be verified.

1. begin() makes the new key; the page of the domain shows its record.
2. The reporter asks each authoritative name server of the domain for it.  When all of them
   have it, and the usual resolver too, signing is switched from the old key to the new one.
3. The old record stays as long as mail that it signed may still be on its way: as long as
   the queue here tries, and some days for the queues of others.  Then the administrator is
   told to take it out of the DNS.
4. When no server has it any more, or the administrator says so, the old key is forgotten.

Whoever looks at a step too often does no harm: each is decided by what the DNS says now.

Standards: RFC 6376 §3.1 (selectors exist for this), RFC 5321 §4.5.4.1 (how long mail is tried).
"""
import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Literal

from mta.auth import dkim
from mta.base.errors import Conflict, NotFound
from mta.base.events import Event
from mta.base.names import Domain, IPAddress
from mta.dns.answer import Answer, RecordType
from mta.dns.resolver import Resolver
from mta.flow import people
from mta.flow.dnscheck.section import Means
from mta.flow.settings import adopt
from mta.flow.world import World
from mta.net.tls import write_secret
from mta.store import domains, rotations
from mta.store.connection import Connection
from mta.store.domains import DkimKeyRow, DomainRow
from mta.store.rotations import Rotation

#: Seconds between two looks of the reporter.
EVERY: Final = 600.0
DAY: Final = 86_400.0
#: Seconds beyond our own queue that others may hold what we signed.
OTHERS: Final = 5 * DAY
#: Name servers that are asked.
SERVERS: Final = 8
Stage = Literal["publish", "wait", "remove"]


@dataclass(frozen=True, slots=True)
class Change:
    """A change of keys in words: its keys, the stage, and what the administrator is to do now (or wait for).

    publish: the DNS does not have the new record everywhere; wait: the new key signs, and
    the old record stays until `until`; remove: the old record can go.
    """

    domain: DomainRow
    new: DkimKeyRow
    old: DkimKeyRow | None
    stage: Stage
    todo: str
    until: float | None
    looked: float | None


def begin(world: World, name: str, algorithm: str, *, selector: str = "", by: str) -> DomainRow:
    """Make a key that takes the place of the one of that algorithm which signs; selector is made of the date unless given.

    Without such a key the new one just begins to sign once its record is there.  Conflict
    if a change is under way.
    """
    row = people.domain(world, name)
    if algorithm not in dkim.ALGORITHMS:
        raise NotFound(f"there is no algorithm {algorithm!r}; there are {', '.join(dkim.ALGORITHMS)}")
    open_now = {one.new_key_id for one in world.store.read(lambda db: rotations.of_domain(db, row.id))}
    if any(key.id in open_now and key.algorithm == algorithm for key in row.dkim):
        raise Conflict(f"a new {algorithm} key of {row.domain} is on its way already; look at the domain, or give that one up first")
    old = next((key for key in row.dkim if key.algorithm == algorithm and key.signing), None)
    chosen = _selector(world, row, algorithm, selector)
    key = dkim.make_key(algorithm)
    path = f"keys/dkim/{row.domain.ascii}/{chosen}.pem"
    place = world.store.directory / path
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_secret(place, dkim.key_text(key))

    def change(db: Connection) -> None:
        made = domains.add_dkim_key(db, world.clock, row.id, chosen, algorithm, path, dkim.public_text(key))
        rotations.begin(db, world.clock, made, old.id if old else None)

    adopt(world, by, f"began to change the {algorithm} key of {row.domain} to {chosen}", change)
    return people.domain(world, name)


def give_up(world: World, name: str, selector: str, *, by: str) -> DomainRow:
    """Forget a new key that does not sign yet; Conflict if it does."""
    row, key = _key(world, name, selector)
    found = _of_key(world, row, key)
    if found is None:
        raise NotFound(f"the key {selector} takes nobody's place; `pillarbox domain show {row.domain}` lists what is under way")
    if found.switched is not None:
        raise Conflict(f"the key {selector} signs already; change it once more to get another one")
    _forget(world, key, f"gave up the new key {selector} of {row.domain}", by)
    return people.domain(world, name)


def remove_key(world: World, name: str, selector: str, *, by: str) -> DomainRow:
    """Forget a key for good, with its file; Conflict while it signs, or mail that it signed may be on its way."""
    row, key = _key(world, name, selector)
    if key.signing:
        raise Conflict(f"the key {selector} signs; switch it off first, or change it for another one")
    for one in world.store.read(lambda db: rotations.of_domain(db, row.id)):
        if one.new_key_id == key.id and one.switched is None:
            raise Conflict(f"the key {selector} is about to take another's place; give that up instead")
        if one.old_key_id == key.id and (one.expires is None or one.expires > world.clock.timestamp()):
            raise Conflict(f"mail that {selector} signed may still be on its way; its record must stay for now")
    _forget(world, key, f"removed the key {selector} of {row.domain}", by)
    return people.domain(world, name)


def changes(world: World, row: DomainRow) -> list[Change]:
    """The changes of a domain that are under way, each with what is to be done."""
    keys = {key.id: key for key in row.dkim}
    return [_told(world, row, one, keys) for one in world.store.read(lambda db: rotations.of_domain(db, row.id)) if one.new_key_id in keys]


def problems(world: World) -> list[str]:
    """What the administrator has to do about keys, for the overview."""
    rows = world.store.read(lambda db: domains.all(db) if rotations.all(db) else [])
    return [f"{one.domain.domain}: {one.todo}" for row in rows for one in changes(world, row) if one.stage != "wait"]


# --- what the reporter does ----------------------------------------------------------------------


async def advance_all(world: World, means: Means | None = None) -> str:
    """See how far the DNS is with each change, and take the next step where it is far enough."""
    found = await asyncio.to_thread(world.store.read, rotations.all)
    if not found:
        return "nothing under way"
    using = means if means is not None else await asyncio.to_thread(lambda: Means.usual(world))
    rows = {key.id: row for row in await asyncio.to_thread(world.store.read, domains.all) for key in row.dkim}
    said = [await _advance(world, rows[one.new_key_id], one, using) for one in found if one.new_key_id in rows]
    return ", ".join(said)


async def advance(world: World, name: str, means: Means | None = None) -> DomainRow:
    """The same for one domain, now."""
    row = await asyncio.to_thread(people.domain, world, name)
    using = means if means is not None else await asyncio.to_thread(lambda: Means.usual(world))
    for one in await asyncio.to_thread(world.store.read, lambda db: rotations.of_domain(db, row.id)):
        await _advance(world, row, one, using)
    return await asyncio.to_thread(people.domain, world, name)


async def _advance(world: World, row: DomainRow, one: Rotation, means: Means) -> str:
    keys = {key.id: key for key in row.dkim}
    new, old = keys[one.new_key_id], keys.get(one.old_key_id or 0)
    if one.switched is None:
        problem = await _lacking(means, row, new)
        if problem:
            await world.store.write(lambda db: rotations.looked(db, world.clock, new.id, problem))
            return f"{new.selector}: waits for the DNS"
        await world.store.write(lambda db: _switch(world, db, new, old))
        world.journal.note(Event.SETTING_CHANGED, by="the clock", what=f"{row.domain} is signed with {new.selector} from now on")
        return f"{new.selector}: signs now"
    if one.expires is not None and one.expires > world.clock.timestamp() and old is not None:
        return f"{new.selector}: the old key waits"
    if old is None:
        await world.store.write(lambda db: rotations.end(db, new.id))
        return f"{new.selector}: done"
    if await _anywhere(means, row, old):
        await world.store.write(lambda db: rotations.looked(db, world.clock, new.id, ""))
        return f"{old.selector}: still in the DNS"
    await asyncio.to_thread(_forget, world, old, f"removed the key {old.selector} of {row.domain}: its record is gone", "the clock")
    await world.store.write(lambda db: rotations.end(db, new.id))
    return f"{new.selector}: done"


def _switch(world: World, db: Connection, new: DkimKeyRow, old: DkimKeyRow | None) -> None:
    expires = world.clock.timestamp() + world.config.queue.give_up_after + OTHERS
    if rotations.switched(db, world.clock, new.id, expires):
        domains.set_signing(db, new.id, True)
        if old is not None:
            domains.set_signing(db, old.id, False)


# --- what the DNS has ---------------------------------------------------------------------------


async def _lacking(means: Means, row: DomainRow, key: DkimKeyRow) -> str:
    """Which server lacks the record of a key, and what it has instead; "" if all have it."""
    name = dkim.record_name(key.selector, row.domain)
    asked: list[tuple[str, Resolver]] = [("The DNS", means.resolver)]
    if means.authority is not None:
        servers = await _authorities(means, row.domain)
        if not servers:
            return f"No name server of {row.domain} is to be found."
        asked += [(f"The name server {server}", means.authority(ip)) for server, ip in servers]
    answers = await asyncio.gather(*(resolver.ask(name, RecordType.TXT) for _, resolver in asked))
    for (who, _), answer in zip(asked, answers, strict=True):
        if answer.temporary:
            return f"{who} does not answer ({answer.explained})."
        if not _has(answer, key):
            return f"{who} has another record at {name}." if answer.found else f"{who} does not have {name} yet."
    return ""


async def _anywhere(means: Means, row: DomainRow, key: DkimKeyRow) -> bool:
    """Whether any server still has the record of a key, or does not tell."""
    name = dkim.record_name(key.selector, row.domain)
    asked = [means.resolver]
    if means.authority is not None:
        asked += [means.authority(ip) for _, ip in await _authorities(means, row.domain)]
    answers = await asyncio.gather(*(resolver.ask(name, RecordType.TXT) for resolver in asked))
    return any(answer.temporary or _has(answer, key) for answer in answers)


def _has(answer: Answer, key: DkimKeyRow) -> bool:
    """Whether an answer has the public half of key, however it is written."""
    return any(f"p={key.public}" in "".join(text.split()) for text in answer.texts)


async def _authorities(means: Means, domain: Domain) -> list[tuple[Domain, IPAddress]]:
    """The name servers of the zone that domain is in, each with one address."""
    labels = domain.labels
    for at in range(max(1, len(labels) - 1)):
        answer = await means.resolver.ask(Domain(".".join(labels[at:])), RecordType.NS)
        if answer.found and not answer.chain:
            found = await asyncio.gather(*(means.resolver.ask(name, RecordType.A) for name in answer.names[:SERVERS]))
            six = await asyncio.gather(*(means.resolver.ask(name, RecordType.AAAA) for name in answer.names[:SERVERS]))
            return [(name, ips[0]) for name, four, more in zip(answer.names[:SERVERS], found, six, strict=True)
                    if (ips := [*four.addresses, *more.addresses])]
    return []


# --- the rest --------------------------------------------------------------------------------------


def _told(world: World, row: DomainRow, one: Rotation, keys: dict[int, DkimKeyRow]) -> Change:
    new, old = keys[one.new_key_id], keys.get(one.old_key_id or 0)
    if one.switched is None:
        todo = f"Publish the record of the new DKIM key {new.selector}; it signs as soon as all name servers have it."
        return Change(row, new, old, "publish", f"{todo} {one.problem}".strip(), None, one.looked)
    if old is not None and one.expires is not None and one.expires > world.clock.timestamp():
        todo = f"{new.selector} signs. Leave the record of {old.selector} in the DNS: mail that it signed may still be on its way."
        return Change(row, new, old, "wait", todo, one.expires, one.looked)
    name = old.selector if old else "the old key"
    return Change(row, new, old, "remove", f"Take the record of the old DKIM key {name} out of the DNS; nothing needs it any more.",
                  one.expires, one.looked)


def _selector(world: World, row: DomainRow, algorithm: str, wanted: str) -> str:
    if wanted:
        return people.selector(wanted)
    stamp = f"{world.clock.now():%Y%m%d}{algorithm[0]}"
    taken = {key.selector for key in row.dkim}
    return next(name for name in (stamp, *(f"{stamp}{number}" for number in range(2, 1_000))) if name not in taken)


def _key(world: World, name: str, selector: str) -> tuple[DomainRow, DkimKeyRow]:
    row = people.domain(world, name)
    key = next((key for key in row.dkim if key.selector == selector), None)
    if key is None:
        raise NotFound(f"{row.domain} has no DKIM key {selector!r}; it has {', '.join(key.selector for key in row.dkim) or 'none'}")
    return row, key


def _of_key(world: World, row: DomainRow, key: DkimKeyRow) -> Rotation | None:
    return next((one for one in world.store.read(lambda db: rotations.of_domain(db, row.id)) if one.new_key_id == key.id), None)


def _forget(world: World, key: DkimKeyRow, what: str, by: str) -> None:
    """Remove a key, its rotation with it, and then its file."""
    path = world.store.write_now(lambda db: domains.remove_dkim_key(db, key.id))
    with suppress(OSError):
        (world.store.directory / path).unlink()
    world.journal.note(Event.SETTING_CHANGED, by=by, what=what)
