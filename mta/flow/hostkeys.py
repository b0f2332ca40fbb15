"""The keys of the host, and the TLSA records that let senders know them (DANE).

A certificate from an authority is for a few months, the key in it stays: so the records
`3 1 1`, which are about the key, stay true.  A key is changed in two steps, for resolvers
keep a record as long as its TTL says: the next keys are made and published beside those
in use; when the DNS has listed both for two TTLs, they are switched (RFC 7671 §8.1).
"""
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mta.base import tokens
from mta.base.clock import Clock
from mta.base.errors import Conflict, NotFound, SetupError, UserError
from mta.base.events import Event
from mta.base.names import Domain
from mta.dns.answer import TLSA, Outcome, RecordType
from mta.flow import certificates as flow_certificates
from mta.flow.world import World
from mta.net import certificates, keys
from mta.net.tls import write_secret
from mta.store import certificates as standings
from mta.store import hostkeys
from mta.store.connection import Connection
from mta.store.database import Store
from mta.store.hostkeys import ALGORITHMS, HostKey, State

#: RFC 7672 §3.1.1: the key of the server itself (3), its public half (1), as SHA-256 (1).
USAGE: Final = (3, 1, 1)
#: A state in words.
WORDS: Final = {"current": "in use", "next": "comes next", "old": "going"}


@dataclass(frozen=True, slots=True)
class Record:
    """A TLSA record that the DNS should have: owner name with a last dot, value as in a zone file, which key it is about.

    listed tells whether our DNS was last seen to have it, None if nobody has looked.
    """

    name: str
    value: str
    about: str
    listed: bool | None


# --- making --------------------------------------------------------------------------------


def ensure(store: Store, clock: Clock) -> list[str]:
    """Make the keys that are missing; says what was done.  Blocks."""
    said = []
    there = {row.algorithm: row for row in store.read(hostkeys.all) if row.state == "current"}
    for algorithm in ALGORITHMS:
        row = there.get(algorithm)
        if row is None:
            _make(store, clock, algorithm, "current")
            said.append(f"made the host's {algorithm} key")
        elif not (store.directory / row.path).exists():
            # Better another key than no server; the records that speak of the lost one are wrong from now on.
            pem = keys.make(algorithm)
            path = _write(store, algorithm, pem)
            digest = keys.digest(pem)

            def replace(db: Connection, id: int = row.id, path: str = path, digest: str = digest) -> None:
                db.execute("UPDATE host_key SET path = ?, digest = ?, created = ?, listed = NULL, ttl = 0 WHERE id = ?",
                           (path, digest, clock.timestamp(), id))
            store.write_now(replace)
            said.append(f"the host's {algorithm} key {row.path} was gone: made another; see `pillarbox dane record`")
    return said


def make_next(world: World, *, by: str) -> list[HostKey]:
    """Make the keys that will follow those in use; those that were made before stay.  Blocks.  UserError for localserve."""
    _check_real(world)
    ensure(world.store, world.clock)
    made = [algorithm for algorithm in ALGORITHMS if _make(world.store, world.clock, algorithm, "next")]
    if made:
        world.journal.note(Event.SETTING_CHANGED, by=by, what=f"made the next keys of the host ({', '.join(made)})")
    return world.store.read(hostkeys.all)


def _make(store: Store, clock: Clock, algorithm: str, state: State) -> bool:
    """Make a key unless there is one of that state; whether one was made."""
    if any(row.algorithm == algorithm and row.state == state for row in store.read(hostkeys.all)):
        return False
    pem = keys.make(algorithm)
    path = _write(store, algorithm, pem)
    added = store.write_now(lambda db: hostkeys.add(db, clock, algorithm, path, keys.digest(pem), state))
    if not added:    # somebody else did the same at this moment
        (store.directory / path).unlink(missing_ok=True)
    return added


def _write(store: Store, algorithm: str, pem: bytes) -> str:
    path = f"keys/host/{algorithm}-{tokens.short_id()}.pem"
    file = store.directory / path
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_secret(file, pem)
    return path


def current(store: Store) -> dict[str, bytes]:
    """The keys in use (PEM) by algorithm; SetupError if one cannot be read."""
    return {row.algorithm: keys.read(store.directory / row.path) for row in store.read(hostkeys.all) if row.state == "current"}


# --- publishing ----------------------------------------------------------------------------


def owner(world: World) -> Domain:
    """The name of the TLSA records (RFC 6698 §3)."""
    return world.config.hostname.below("_tcp").below("_25")


def records(world: World) -> list[Record]:
    """The TLSA records that should be in the DNS now: for every key that a sender may see, today or after the next switch."""
    found: dict[str, tuple[str, bool | None]] = {}
    if world.config.tls.certificate:
        facts = certificates.facts(world.config.certificate)
        found[facts.digest] = f"the certificate of [tls] ({facts.key})", None
    served = set(_served_digests(world))
    for row in world.store.read(hostkeys.all):
        needed = row.digest in served if row.state == "old" or world.config.tls.certificate else True
        if needed and row.digest not in found:
            found[row.digest] = f"{row.algorithm} key, {WORDS[row.state]}", row.listed is not None
    name = f"{owner(world).ascii}."
    return [Record(name, f"{' '.join(map(str, USAGE))} {digest}", about, listed) for digest, (about, listed) in found.items()]


def _served_digests(world: World) -> Iterator[str]:
    for file, _ in certificates.served(world.config):
        try:
            yield certificates.facts(file).digest
        except SetupError:
            continue


async def look(world: World) -> bool | None:
    """See which keys our DNS lists, and remember it; whether it has TLSA records at all, None if it does not answer."""
    answer = await world.resolver.ask(owner(world), RecordType.TLSA)
    if answer.outcome in (Outcome.TROUBLE, Outcome.BOGUS):
        return None
    listed = {record.data.hex() for record in answer.records
              if isinstance(record, TLSA) and (record.usage, record.selector, record.matching) == USAGE}
    rows, now = world.store.read(hostkeys.all), world.clock.timestamp()
    news = [row for row in rows if (row.digest in listed) != (row.listed is not None) or (row.digest in listed and answer.ttl > row.ttl)]
    if news:
        def change(db: Connection) -> None:
            for row in news:
                hostkeys.saw(db, row.id, now if row.digest in listed else None, answer.ttl)
        await world.store.write(change)
    return bool(answer.records)


# --- switching -----------------------------------------------------------------------------


async def switch(world: World, *, by: str, at_once: bool = False) -> list[HostKey]:
    """Use the next keys from now on; NotFound if there are none, Conflict (with the moment) if senders may not know them yet.

    The certificates that are served keep their keys until there are new ones.
    """
    _check_real(world)
    coming = [row for row in world.store.read(hostkeys.all) if row.state == "next"]
    if not coming:
        raise NotFound("there are no next keys: `pillarbox tls hostkeys --next` makes them")
    published = await look(world)
    if not at_once:
        if published is None:
            raise Conflict(f"the DNS does not tell what it lists at {owner(world)}: try again later, or switch all the same (--now)")
        if published:
            check_listed(world, [row for row in world.store.read(hostkeys.all) if row.state == "next"])
    before = [row for row in world.store.read(hostkeys.all) if row.state == "old"]
    if before:
        sweep(world)
        if any(row.state == "old" for row in world.store.read(hostkeys.all)):
            raise Conflict("the last switch is not over: a certificate still has an older key; see `pillarbox tls status`")

    def change(db: Connection) -> None:
        hostkeys.switch(db)
        for label in certificates.HOST:
            standings.change(db, label, wanted=True, order_url="", retry=0.0)
        db.touched.add("reporter")
    await world.store.write(change)
    world.journal.note(Event.SETTING_CHANGED, by=by, what="switched to the next keys of the host")
    return world.store.read(hostkeys.all)


def _check_real(world: World) -> None:
    if world.config.local:
        raise UserError("localserve has no keys that others could know; this is for a server with a configuration file")


def take_up(world: World) -> None:
    """After a switch: our own certificates with the new keys at once, and those of the authority asked for.  Blocks.

    TemporaryError if the server does not run; it does all this when it starts.
    """
    if not world.config.tls.certificate:
        for algorithm, key in current(world.store).items():
            flow_certificates.make_own(world.config, world.store, algorithm, key, world.clock)
    if world.certify is not None:
        world.certify()


def check_listed(world: World, coming: list[HostKey]) -> None:
    """Conflict unless the DNS has listed all of coming for two TTLs."""
    missing = [row for row in coming if row.listed is None]
    if missing:
        values = "; ".join(f"{owner(world).ascii}. TLSA 3 1 1 {row.digest}" for row in missing)
        raise Conflict(f"the DNS does not list the next keys yet. Add beside those that are there: {values}")
    ready = ready_at(coming)
    if ready is not None and world.clock.timestamp() < ready:
        raise Conflict(f"senders may remember the records without the next keys until {certificates.moment(ready)}: "
                       "switch then, or now all the same (--now)")


def ready_at(coming: list[HostKey]) -> float | None:
    """From when on the next keys may be used (seconds since 1970); None if the DNS does not list them yet."""
    if not coming or any(row.listed is None for row in coming):
        return None
    return max((row.listed or 0.0) + 2 * row.ttl for row in coming)


def sweep(world: World) -> int:
    """Remove old keys that no certificate has any more; how many.  Blocks."""
    served = set(_served_digests(world))
    gone = [row for row in world.store.read(hostkeys.all) if row.state == "old" and row.digest not in served]

    def change(db: Connection) -> None:
        for row in gone:
            hostkeys.remove(db, row.id)
    if gone:
        world.store.write_now(change)
        for row in gone:
            (world.store.directory / row.path).unlink(missing_ok=True)
    return len(gone)


def advice(world: World) -> str:
    """Where a change of keys stands, and what to do next, in a sentence."""
    rows = world.store.read(hostkeys.all)
    coming = [row for row in rows if row.state == "next"]
    if coming:
        ready = ready_at(coming)
        if ready is None:
            return ("Add the TLSA records of the next keys beside those that are there (`pillarbox dane record` lists all), "
                    "and leave both; when the DNS has had them for two TTLs, `pillarbox tls hostkeys --switch`.")
        if world.clock.timestamp() < ready:
            return f"The DNS lists the next keys; from {certificates.moment(ready)} on, `pillarbox tls hostkeys --switch`."
        return "The DNS has listed the next keys long enough: `pillarbox tls hostkeys --switch`."
    if any(row.state == "old" for row in rows):
        return "The next keys are in use as soon as there are certificates with them; until then leave the TLSA records of the old ones."
    return ("Publish the records of `pillarbox dane record` if your domain is signed (DNSSEC), and no others. "
            "To change the keys, begin with `pillarbox tls hostkeys --next`.")
