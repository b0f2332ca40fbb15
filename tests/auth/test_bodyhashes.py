"""Tests of mta.auth.bodyhashes."""
import hashlib

from mta.auth.bodyhashes import BodyHashes, hash_body, hash_in_turns
from mta.auth.message import Message
from mta.auth.signature import MessageSignature, read_dkim

BODY = b"a  b\r\n\r\nc \r\n"
RELAXED, SIMPLE = b"a b\r\n\r\nc\r\n", BODY


def wanting(facts: str, name: str = "DKIM-Signature: v=1") -> bytes:
    """A signature field that wants to know something of the body."""
    return f"{name};a=x;d=example.org;s=s;h=from;bh=QUJD;b=QUJD;{facts}\r\n".encode()


FIELDS = [wanting("c=relaxed/relaxed"), wanting("c=simple/simple"), wanting("c=relaxed/relaxed;l=3"), wanting("l=4"),
          wanting("c=relaxed/relaxed;l=99"), b"DKIM-Signature: nonsense\r\n"]
READ = [read_dkim(field) for field in FIELDS[:-1]]
WANT = [RELAXED, SIMPLE, RELAXED[:3], SIMPLE[:4], None]


def digests(hashes: BodyHashes, signatures: list[MessageSignature] = READ) -> list[bytes | None]:
    """What each signature is told."""
    return [hashes.digest(one) for one in signatures]


async def test_every_wish_in_one_pass() -> None:
    """Each canonicalization and each l= gets its hash, in a thread or on the loop; there is none beyond the body's end."""
    message = Message(FIELDS[:5], b"x" + BODY, 1)
    want = [None if octets is None else hashlib.sha256(octets).digest() for octets in WANT]

    assert digests(hash_body(message)) == want
    assert digests(await hash_in_turns(message, READ)) == want


def test_what_is_left_unsigned() -> None:
    """Only l= leaves something, and only if it ends before the body does."""
    hashes = BodyHashes(READ)
    hashes.update(BODY)

    assert [hashes.partial(one) for one in READ] == [False, False, True, True, False]


def test_arc_is_thought_of() -> None:
    """The pass serves ARC-Message-Signature too."""
    field = wanting("i=1;c=simple/simple", "ARC-Message-Signature: t=1")
    hashes = hash_body(Message([field], BODY))

    assert hashes.digest(READ[1]) == hashlib.sha256(SIMPLE).digest()


async def test_without_signatures_the_body_is_not_read() -> None:
    """Nor if none of them can be read."""
    message = Message([b"To: a\r\n", b"DKIM-Signature: nonsense\r\n"], BODY)

    assert not hash_body(message).needed
    assert not (await hash_in_turns(message, [])).needed
