"""Signed messages for the tests, and zones with the keys that signed them."""
import base64
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from mta.auth import dkim
from mta.auth.canon import BodyHash, Canon
from mta.auth.message import Message
from mta.auth.tags import names, write
from mta.auth.verify import DkimResult, verify
from mta.base.limits import LIMITS, Limits
from mta.dns.zone import Zone

KEYS = {algorithm: dkim.make_key(algorithm) for algorithm in dkim.ALGORITHMS}
NOW = 1_700_000_000.0
FIELDS = [
    b"Received: from nowhere\r\n", b"From: Ann <ann@example.test>\r\n", b"To: bob@example.net,\r\n\tcarol@example.net\r\n",
    b"Subject:  Two\t spaces \r\n", b"Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n", b"Message-ID: <1@example.test>\r\n",
]
BODY = b"Hello  there \r\n\r\nyours\t\r\n\r\n\r\n"


def record(algorithm: str, **facts: str) -> str:
    """The TXT record of a key, with other tags if facts say so."""
    return write({"v": "DKIM1", "k": algorithm, "p": dkim.public_text(KEYS[algorithm])} | facts)


def zone(*texts: str, at: str = "s._domainkey.example.test") -> Zone:
    """A zone with these TXT records at one name."""
    found = Zone()
    for text in texts:
        found.add(f'{at} TXT "{"".join(map(_escaped, text.encode()))}"')
    return found


def _escaped(octet: int) -> str:
    char = chr(octet)
    return char if char.isascii() and char.isprintable() and char not in '"\\' else f"\\{octet:03}"


def signature(
        facts: Mapping[str, str | None] = MappingProxyType({}), *, algorithm: str = "ed25519", fields: Sequence[bytes] = FIELDS,
        body: bytes = BODY, name: str = "DKIM-Signature") -> bytes:
    """A relaxed signature field over fields and body, whose tags are as facts say; one that is None is left out."""
    limit = facts.get("l") or ""
    cuts = [int(limit)] if limit.isdigit() else []
    hashed = BodyHash(cuts=cuts)
    hashed.update(body)
    digest = (hashed.digest_at(cuts[0]) if cuts else None) or hashed.digest()
    wanted = {
        "v": "1", "a": f"{algorithm}-sha256", "c": "relaxed/relaxed", "d": "example.test", "s": "s", "h": "from:to:subject",
        "bh": base64.b64encode(digest).decode(), "b": "", **facts}
    given = {tag: value for tag, value in wanted.items() if value is not None}
    covered = Message(fields).chosen(names(given.get("h", "")), Canon.RELAXED)
    return dkim.signed_field(name, given, covered, KEYS[algorithm])


def letter(*tops: bytes, fields: Sequence[bytes] = FIELDS, body: bytes = BODY) -> bytes:
    """A message with tops above its other fields."""
    return b"".join([*tops, *fields, b"\r\n", body])


async def results(data: bytes, answers: Zone, now: float = NOW, limits: Limits = LIMITS) -> tuple[DkimResult, ...]:
    """What the signatures of data are worth."""
    return await verify(Message.read(data), answers, now, limits)


async def only(data: bytes, answers: Zone, now: float = NOW) -> DkimResult:
    """What the one signature of data is worth."""
    found = await results(data, answers, now)
    assert len(found) == 1
    return found[0]
