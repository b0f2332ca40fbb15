"""Signatures, keys and chains of strangers.

Invariant: whatever the octets of the message and of the records, nothing raises; there are
bounded results, a text that can be written in each; what was not signed with a key of
the zone does not pass; how the body is cut, or whether it is hashed before, makes no
difference; the time grows with the size and no faster.
"""
import asyncio

import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from mta.auth import arc, dkimkey, signature, tags, verify
from mta.auth.bodyhashes import hash_body
from mta.auth.canon import Canon
from mta.auth.dkimkey import BadKey
from mta.auth.message import Message
from mta.auth.signature import BadSignature
from mta.auth.status import Status
from mta.base.limits import LIMITS
from tests.auth.signing import NOW, letter, record, zone
from tests.auth.signing import signature as signed
from tests.fuzz.effort import tries

TIME = tries(150)

TAGS = [
    "v=1", "a=rsa-sha256", "a=ed25519-sha256", "c=relaxed/relaxed", "c=simple", "d=example.test", "d=bücher.example", "s=s", "h=from:to",
    "h=", "bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", "b=QUJD", "i=1", "i=2", "i=@example.test", "i==41@example.test", "cv=none",
    "cv=pass", "cv=fail", "t=1", "x=9999999999", "l=0", "l=99999999999999999999", "q=dns/txt", "k=rsa", "k=ed25519", "p=", "p=QUJD",
    "p=MAA=", "v=DKIM1", "h=sha256", "s=*", "t=y:s",
]
TEXT = some.lists(some.one_of(some.sampled_from([*TAGS, *(f"{tag};" for tag in TAGS), ";", "=", "\r\n ", " ", "\t"]), some.text(max_size=4)),
                  max_size=16).map("".join)
NAMES = some.sampled_from(["DKIM-Signature", "ARC-Seal", "ARC-Message-Signature", "ARC-Authentication-Results", "From", "To"])
FIELD = some.builds(lambda name, text: f"{name}: {text}\r\n".encode("utf-8", "surrogatepass"), NAMES, TEXT)
WHOLE = ";".join(TAGS[:3:2] + TAGS[3:4] + TAGS[5:6] + TAGS[7:9] + TAGS[10:12])
SETS = [f"ARC-Seal: i={i};cv=none;{WHOLE.replace('h=from:to;', '')}\r\nARC-Message-Signature: i={i};{WHOLE}\r\n"
        f"ARC-Authentication-Results: i={i}; x\r\n".encode() for i in (1, 2)]
OCTETS = some.lists(some.one_of(FIELD, some.sampled_from([*SETS, b"\r\n", b"\n", b"\r", b"body \r\n"]), some.binary(max_size=8)),
                    max_size=12).map(b"".join)


@TIME
@given(OCTETS, TEXT)
@example(b"DKIM-Signature: " + WHOLE.encode() + b"\r\nFrom: a\r\n\r\n", record("rsa"))
@example(SETS[1] + SETS[0] + b"\r\n", record("rsa"))
def test_any_message_has_results(data: bytes, text: str) -> None:
    """The invariant, for octets that come near to signed mail and records that come near to keys."""
    message = Message.read(data)
    answers = zone(text.replace('"', "").replace("\\", "").replace("\r\n", " "))
    found = asyncio.run(verify.verify(message, answers, NOW))
    chain = asyncio.run(arc.verify(message, answers, NOW))

    assert len(found) == min(len(message.places("dkim-signature")), LIMITS.dkim_signatures)
    assert Status.PASS not in {one.status for one in found}
    assert chain.status is (Status.FAIL if any(message.places(kind) for kind in arc.KINDS) else Status.NONE)
    for problem in [chain.problem, *(one.problem for one in found), *(one.identity for one in found)]:
        assert problem.isprintable()
        assert len(problem.encode()) <= 2_000
    hashes = hash_body(message)
    assert asyncio.run(verify.verify(message, answers, NOW, hashes=hashes)) == found


@TIME
@given(TEXT)
def test_any_text_is_a_record(text: str) -> None:
    """A record is a key, or there is a word for what is wrong with it."""
    problem = ""
    try:
        assert dkimkey.read(text).bits > 0
    except BadKey as bad:
        problem = str(bad)
    assert len(problem) < 200


@TIME
@given(FIELD)
def test_any_field_can_be_read(field: bytes) -> None:
    """What is read as a signature is, without its b=, the same field."""
    bare = signature.without_signature(field)
    assert signature.without_signature(bare + b"\r\n") == bare
    assert len(bare) <= len(field)
    for read in (signature.read_dkim, signature.read_message_signature, signature.read_seal):
        try:
            found = read(field)
        except BadSignature:
            continue
        assert found.domain.ascii.isascii()
        assert tags.read(found.unsigned.decode("utf-8", "surrogateescape").partition(":")[2])["b"] == ""


@TIME
@given(some.integers(0, 10_000), some.integers(1, 255))
def test_no_change_goes_unnoticed(place: int, change: int) -> None:
    """An octet changed within what is signed never passes, unless the canonical form is the same."""
    data = letter(signed({"h": "received:from:to:subject:date:message-id"}))
    at = place % len(data)
    changed = data[:at] + bytes([data[at] ^ change]) + data[at + 1:]
    found = asyncio.run(verify.verify(Message.read(changed), zone(record("ed25519")), NOW))
    before, after = Message.read(data), Message.read(changed)

    if found and found[0].status is Status.PASS:
        assert [after.canonical(number, Canon.RELAXED) for number in range(1, len(after.fields))] == [
            before.canonical(number, Canon.RELAXED) for number in range(1, len(before.fields))]


SIZE = 250_000


@pytest.mark.timeout(20)
@pytest.mark.parametrize("data", [
    b"DKIM-Signature: " + b"a=" * SIZE, b"DKIM-Signature: " + b"a;" * SIZE, b"DKIM-Signature: a" + b" " * SIZE + b";",
    b"DKIM-Signature: " + b"".join(b"a%d=;" % number for number in range(SIZE // 10)),
    b"DKIM-Signature: " + WHOLE.replace("h=from:to", "h=from:" + "to:" * SIZE).encode(),
    b"DKIM-Signature: " + WHOLE.encode() + b";i=" + b"=41" * SIZE + b"@example.test",
    b"DKIM-Signature: " + WHOLE.encode() + b";i=" + b"@" * SIZE + b"@example.test",
    b"DKIM-Signature: " + WHOLE.encode() + b"\r\nFrom: " + b"\t " * SIZE,
    b"DKIM-Signature: " + WHOLE.encode() + b"\r\n" + b"From: a\r\n" * 1_900,
    b"DKIM-Signature: " + WHOLE.encode() + b"\r\n\r\n" + b" \r\n" * SIZE + b"x", b"".join(SETS) * 200,
    b"ARC-Authentication-Results: " + b"(" * SIZE, b"ARC-Authentication-Results: i" + b" " * SIZE + b"=",
], ids=range(13))
def test_hostile_messages_take_linear_time(data: bytes) -> None:
    """Half a megabyte of what is hard is done at once."""
    answers = zone(record("rsa"))
    asyncio.run(verify.verify(Message.read(data + b"\r\n\r\n"), answers, NOW))
    asyncio.run(arc.verify(Message.read(data + b"\r\n\r\n"), answers, NOW))


@pytest.mark.timeout(20)
@pytest.mark.parametrize("unit", ["p=", ";", "a=;", " ", "p=" + "A" * 100])
def test_hostile_records_take_linear_time(unit: str) -> None:
    """The bound on records aside, a long one is no more work per octet than a short one."""
    with pytest.raises(BadKey):
        dkimkey.read(unit * SIZE)
