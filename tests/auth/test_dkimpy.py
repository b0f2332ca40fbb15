"""Another program, dkimpy, believes us and we believe it, on messages that are hard to write down the same way twice.

Where the two differ, and the standard is on our side, the messages keep clear of it: a
field's name with a space before its colon, white space at the end of a last line without
a line end, and the empty relaxed body.
"""
import random
import re
import time

import dkim as dkimpy
import pytest

from mta.auth import arc, dkim
from mta.auth.canon import BodyHash
from mta.auth.message import Message
from mta.auth.status import Status
from mta.base.names import Domain
from mta.dns.zone import Zone
from tests.auth.sealing import FOUND, answers, check, relaxed, sealed, signer
from tests.auth.signing import KEYS, only, record, zone

SEEDS = range(100)
PEM = dkim.key_text(KEYS["rsa"])


class Difficult:
    """Messages that are hard to write down the same way twice, from a fixed seed."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def fields(self) -> list[bytes]:
        """Fields with folds, tabs, empty values, duplicates, octets beyond ASCII; dkimpy takes no space before the colon."""
        names = ["From", "To", "to", "Subject", "DATE", "Received", "X-Empty", "Reply-To", "Cc", "List-Id", "MIME-Version"]
        made = [b"From: ann@example.test\r\n"]
        for name in self.chance.choices(names[1:], k=self.chance.randrange(1, 12)):
            pieces = ["a", "B ", "  ", "\t", "\r\n ", "\r\n\t\t", "ü", "; b=", ":", "=", "\r\n b"]
            value = "".join(self.chance.choices(pieces, k=self.chance.randrange(9)))
            value = re.sub(r"(\r\n[ \t]+)+(?=\r\n|$)", " ", value)    # no line of white space only
            made.append(f"{name}:{self.chance.choice(['', ' '])}x{value}\r\n".encode())
        self.chance.shuffle(made)
        return made

    def body(self) -> bytes:
        """Lines with white space at their ends and in the middle, blank lines, perhaps no last line end, perhaps nothing."""
        pieces = ["a", "b c", "  ", "\t", "\r\n", "\r\n\r\n", " \r\n", "é", ".", "--", "=20"]
        body = "".join(self.chance.choices(pieces, k=self.chance.choice([0, 1, 3, 20, 60])))
        # White space at the end of a last line that has no line end: RFC 6376 §3.4.4 ignores it, dkimpy does not.
        return (body.rstrip(" \t") if body.endswith((" ", "\t")) else body).encode()


def dkimpy_answer(name: bytes, timeout: int = 5) -> bytes | None:
    """The records of our keys, as dkimpy asks for them."""
    algorithm = name.decode().partition(".")[0]
    return record(algorithm).encode() if algorithm in KEYS else None


def both_zone() -> Zone:
    answers = zone(record("rsa"), at="rsa._domainkey.example.test")
    answers.add(f'ed25519._domainkey.example.test TXT "{record("ed25519")}"')
    return answers


def theirs(data: bytes) -> bool:
    """What dkimpy says of the topmost signature."""
    try:
        return bool(dkimpy.verify(data, dnsfunc=dkimpy_answer, minkey=1_024))
    except dkimpy.DKIMException:
        return False


@pytest.mark.parametrize("seed", SEEDS)
async def test_what_dkimpy_signs(seed: int) -> None:
    """We believe dkimpy's signatures of difficult messages, in all four ways to write them down, until an octet changes."""
    made = Difficult(seed)
    fields, body = made.fields(), made.body()
    data = b"".join(fields) + b"\r\n" + body
    canons = made.chance.choice([(b"simple", b"simple"), (b"relaxed", b"simple"), (b"simple", b"relaxed"), (b"relaxed", b"relaxed")])
    if canons[1] == b"relaxed" and not body.strip():
        canons = (canons[0], b"simple")    # RFC 6376 §3.4.4: the relaxed empty body is empty; dkimpy hashes a CRLF
    include = [b"from", *made.chance.choices([b"to", b"subject", b"date", b"x-empty", b"from", b"nothing", b"cc"], k=6)]
    field = dkimpy.sign(data, b"rsa", b"example.test", PEM, identity=made.chance.choice([None, b"x@a.example.test"]), canonicalize=canons,
                        include_headers=include, length=made.chance.random() < 0.3)
    found = await only(field + data, both_zone(), time.time())

    assert found.status is Status.PASS, found.problem
    assert theirs(field + data)

    at = made.chance.randrange(len(data))
    changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]
    if changed.count(b"\r\n") == data.count(b"\r\n") and data[at] not in b": \t\r\n" and changed[at] not in b": \t\r\n":
        again = await only(field + changed, both_zone(), time.time())
        assert (again.status is Status.PASS) == theirs(field + changed)


@pytest.mark.parametrize("seed", SEEDS)
async def test_what_we_sign(seed: int) -> None:
    """dkimpy believes our signatures of difficult messages, of both kinds."""
    made = Difficult(seed)
    fields, body = made.fields(), made.body()
    if not body.strip():
        body += b"text\r\n"
    algorithm = made.chance.choice(dkim.ALGORITHMS)
    hashed = BodyHash()
    hashed.update(body)
    field = dkim.sign(fields, hashed.digest(), dkim.Signer(Domain.parse("example.test"), algorithm, KEYS[algorithm]), time.time())
    data = field + b"".join(fields) + b"\r\n" + body

    assert theirs(data)
    assert (await only(data, both_zone(), time.time())).status is Status.PASS


def sealers_answer(name: bytes, timeout: int = 5) -> bytes | None:
    """The records of our two sealers, in the same way."""
    return {b"s._domainkey.example.test.": record("ed25519"), b"s._domainkey.example.net.": record("rsa")}.get(name, "").encode() or None


@pytest.mark.parametrize("seed", SEEDS[::4])
async def test_dkimpy_believes_our_chain(seed: int) -> None:
    """Up to three of our seals on difficult messages pass there, and a changed one fails on both sides."""
    made = Difficult(seed)
    data = b"".join(made.fields()) + b"\r\n" + made.body() + b"text\r\n"
    data = await sealed(data, *["example.net"] * made.chance.randrange(1, 4))

    assert dkimpy.arc_verify(data, dnsfunc=sealers_answer)[0] == dkimpy.CV_Pass

    changed = data.replace(b"text", b"test")
    assert dkimpy.arc_verify(changed, dnsfunc=sealers_answer)[0] == dkimpy.CV_Fail
    assert (await check(changed)).status is Status.FAIL


@pytest.mark.parametrize("seed", SEEDS[::4])
async def test_we_believe_the_chain_of_dkimpy(seed: int) -> None:
    """Seals of dkimpy, and ours on top of them."""
    made = Difficult(seed)
    data = (b"Authentication-Results: lists.example.org; arc=none; spf=pass smtp.mfrom=jqd@d1.example\r\n"
            + b"".join(made.fields()) + b"\r\n" + made.body() + b"text\r\n")
    pem = dkim.key_text(KEYS["rsa"])
    sets = dkimpy.arc_sign(data, b"s", b"example.net", pem, b"lists.example.org", timestamp=int(time.time()))
    data = b"".join(sets) + data
    found = await arc.verify(Message.read(data), answers(), time.time())

    assert (found.status, found.instances, found.sealers) == (Status.PASS, 1, (Domain("example.net"),))
    assert found.results.startswith("lists.example.org;")

    ours = arc.seal(Message.read(data), relaxed(data), FOUND, signer("example.net"), found, time.time()) + data
    assert dkimpy.arc_verify(ours, dnsfunc=sealers_answer)[0] == dkimpy.CV_Pass
    assert (await arc.verify(Message.read(ours), answers(), time.time())).status is Status.PASS
