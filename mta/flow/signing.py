"""Which keys sign a message: those that are switched on for the domain of its author.

A transport may mishandle Ed25519 signatures or sign by itself, so it may ask for fewer
(its setting dkim).  Private keys are read from data/keys when they are needed and kept in
this process; a key file that is written anew is read anew.
"""
from functools import lru_cache
from pathlib import Path

from mta.auth import dkim
from mta.auth.dkim import PrivateKey, Signer
from mta.base.errors import BadName
from mta.base.events import Event
from mta.base.names import Domain
from mta.flow import ways
from mta.flow.world import World
from mta.judge import route
from mta.store import domains
from mta.store.connection import Connection


def signers(world: World, author: Domain, trace: str) -> list[Signer]:
    """The keys that sign for author, RSA first; an event says why there are none.

    A host below a domain of ours (mail.example.org) is signed for by that domain, which
    DMARC's relaxed alignment accepts.
    """
    keys = world.store.read(lambda db: _switched_on(db, author))
    found, problems = [], []
    for domain, selector, path in keys:
        try:
            found.append(Signer(domain, selector, load(world.store.directory / path)))
        except (OSError, ValueError) as problem:
            problems.append(f"key {selector} of {domain} cannot be used: {problem}")
    if not found:
        world.journal.note(Event.NOT_SIGNED, trace, domain=author, reason="; ".join(problems) or "no key is switched on")
    return found


def signing_domain(world: World, host: Domain) -> Domain | None:
    """The domain whose keys sign for host: host itself or the nearest domain of ours above it, None if it has no usable key."""
    signer = sealer(world, host)
    return signer.domain if signer else None


def sealer(world: World, domain: Domain) -> Signer | None:
    """The key that vouches for what we found out about mail to an address of domain, which is passed on (ARC); None if there is none."""
    for name, selector, path in world.store.read(lambda db: _switched_on(db, domain)):
        try:
            return Signer(name, selector, load(world.store.directory / path))
        except (OSError, ValueError):
            continue
    return None


def policy(world: World, next_hop: str) -> str:
    """Which signatures mail to next_hop gets: "all", "rsa" or "none"."""
    name = route.transport_of(next_hop)
    transport = ways.ways(world).named(name) if name else None
    return transport.dkim if transport else "all"


def fitting(found: list[Signer], wanted: str) -> list[Signer]:
    """Those of the signers that a policy lets through."""
    if wanted == "none":
        return []
    return [signer for signer in found if wanted == "all" or signer.algorithm == "rsa-sha256"]


def load(path: Path) -> PrivateKey:
    """The key in a file; OSError or ValueError."""
    return _load(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=256)
def _load(path: Path, _written: int) -> PrivateKey:
    return dkim.read_key(path.read_bytes())


def _switched_on(db: Connection, author: Domain) -> list[tuple[Domain, str, str]]:
    """(domain, selector, path) of each key that signs, of author or the nearest domain of ours above it."""
    name = author.ascii
    while name:
        try:
            row = domains.get(db, Domain.parse(name))
        except BadName:
            break
        if row is not None:
            keys = sorted((key for key in row.dkim if key.signing), key=lambda key: key.algorithm != "rsa")
            return [(row.domain, key.selector, key.path) for key in keys]
        name = name.partition(".")[2]
    return []
