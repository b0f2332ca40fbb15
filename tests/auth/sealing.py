"""Sealed messages for the tests."""
from mta.auth import arc
from mta.auth.arc import ArcResult
from mta.auth.canon import BodyHash
from mta.auth.dkim import Signer
from mta.auth.message import Message
from mta.base.limits import LIMITS, Limits
from mta.base.names import Domain
from mta.dns.zone import Zone
from tests.auth.signing import KEYS, NOW, record, zone

FOUND = "mx.example.test; spf=pass smtp.mailfrom=ann@example.test;\r\n\tdmarc=pass header.from=example.test"


def answers() -> Zone:
    """The keys of two sealers."""
    made = zone(record("ed25519"))
    made.add(f's._domainkey.example.net TXT "{record("rsa")}"')
    return made


def signer(domain: str = "example.test") -> Signer:
    """One of the two."""
    return Signer(Domain.parse(domain), "s", KEYS["rsa" if domain == "example.net" else "ed25519"])


async def check(data: bytes, zone: Zone | None = None, limits: Limits = LIMITS) -> ArcResult:
    """What the chain of data is worth."""
    return await arc.verify(Message.read(data), zone or answers(), NOW, limits)


def relaxed(data: bytes) -> bytes:
    """The hash of the body of data."""
    hashed = BodyHash()
    for block in Message.read(data).body():
        hashed.update(block)
    return hashed.digest()


async def sealed(data: bytes, *domains: str, results: str = FOUND) -> bytes:
    """data as it leaves the last of the sealers."""
    for domain in domains:
        chain = await check(data)
        data = arc.seal(Message.read(data), relaxed(data), results, signer(domain), chain, NOW) + data
    return data
