"""Tests of mta.auth.verify: what each signature is worth, and why."""
import asyncio

import pytest

from mta.auth import dkim
from mta.auth.bodyhashes import hash_body
from mta.auth.canon import BodyHash
from mta.auth.message import Message
from mta.auth.status import Status
from mta.auth.verify import verify
from mta.base.limits import LIMITS
from mta.base.names import Domain
from mta.dns.zone import Zone
from tests.auth.signing import BODY, FIELDS, KEYS, NOW, letter, only, record, results, signature, zone

GOOD = record("ed25519")


@pytest.mark.parametrize("algorithm", dkim.ALGORITHMS)
async def test_our_own_signature_passes(algorithm: str) -> None:
    """What mta.auth.dkim signs is believed here, and the result says all there is to say."""
    hashed = BodyHash()
    hashed.update(BODY)
    field = dkim.sign(FIELDS, hashed.digest(), dkim.Signer(Domain.parse("example.test"), "s", KEYS[algorithm]), NOW)
    found = await only(letter(field), zone(record(algorithm)))

    assert (found.status, found.problem) == (Status.PASS, "")
    assert (found.domain, found.selector, found.identity) == (Domain("example.test"), "s", "@example.test")
    assert (found.algorithm, found.bits) == {
        "rsa": ("rsa-sha256", 2_048), "ed25519": ("ed25519-sha256", 256)}[algorithm]
    assert [found.partial, found.testing, found.strict, found.authentic] == [False] * 4
    assert found.signature
    assert found.start == found.signature.text[:8]


async def test_an_unsigned_message_has_no_results() -> None:
    """Nothing is asked of the DNS either."""
    answers = zone(GOOD)

    assert await results(letter(), answers) == ()
    assert answers.questions == []


async def test_dnssec() -> None:
    """A result says whether DNSSEC vouches for the key."""
    answers = zone(GOOD)
    answers.add("example.test SECURE")

    assert (await only(letter(signature()), answers)).authentic


@pytest.mark.parametrize(("changed", "want"), [
    (letter(signature()).replace(b"Hello", b"Hallo"), "body was changed"),
    (letter(signature()).replace(b"Ann", b"Eve"), "header fields were changed"),
    (letter(signature(), b"From: eve@example.org\r\n").replace(b"From: Ann", b"X: Ann"), "header fields were changed"),
    (letter(signature({"l": "1000"})), "shorter than what was signed"),
    (letter(signature({"bh": "AAAA"})), "body was changed"),
], ids=["body", "field", "another author", "cut", "hash"])
async def test_changes_are_noticed(changed: bytes, want: str) -> None:
    """A changed message fails, and the problem says which part."""
    found = await only(changed, zone(GOOD))

    assert found.status is Status.FAIL
    assert want in found.problem
    assert found.bits == 256


async def test_a_changed_signature_field_fails() -> None:
    """Tags of the field are signed, too; white space between them is not in a relaxed one."""
    field = signature({"x": str(int(NOW) + 100)})

    assert (await only(letter(field), zone(GOOD))).status is Status.PASS
    assert (await only(letter(field.replace(b"; d=", b";\r\n\t d=")), zone(GOOD))).status is Status.PASS
    assert (await only(letter(field.replace(b"x=17", b"x=18")), zone(GOOD))).status is Status.FAIL


@pytest.mark.parametrize(("facts", "status", "want"), [
    ({"v": "2"}, Status.NEUTRAL, "v= is not 1"),
    ({"v": None}, Status.NEUTRAL, "no v="),
    ({"a": "rsa-md5"}, Status.NEUTRAL, "algorithm that we do not know"),
    ({"a": "rsa-sha1"}, Status.PERMERROR, "rsa-sha1"),
    ({"d": "test"}, Status.NEUTRAL, "d= is not a domain"),
    ({"d": "ex ample.test"}, Status.NEUTRAL, "d= is not a domain"),
    ({"c": "nofws"}, Status.NEUTRAL, "c= is no"),
    ({"q": "http"}, Status.NEUTRAL, "q= offers"),
    ({"h": "to:subject"}, Status.PERMERROR, "From is not signed"),
    ({"h": None}, Status.NEUTRAL, "no h="),
    ({"i": "ann@example.org"}, Status.PERMERROR, "i= is not within d="),
    ({"i": "ann@notexample.test"}, Status.PERMERROR, "i= is not within d="),
    ({"i": "ann"}, Status.NEUTRAL, "i= is not an identity"),
    ({"x": str(int(NOW) - 1)}, Status.PERMERROR, "expired"),
    ({"x": str(int(NOW) + 9), "t": str(int(NOW) + 10)}, Status.PERMERROR, "expired before"),
    ({"x": "soon"}, Status.NEUTRAL, "x= is not a number"),
    ({"t": str(int(NOW) + 90_000)}, Status.POLICY, "future"),
    ({"l": "1 0"}, Status.NEUTRAL, "l= is not a number"),
])
async def test_what_does_not_count(facts: dict[str, str | None], status: Status, want: str) -> None:
    """Signatures that the standard, or we, refuse whatever their octets; the DNS is not asked."""
    answers = zone(GOOD, record("rsa"))
    found = await only(letter(signature(facts)), answers)

    assert found.status is status
    assert want in found.problem
    assert answers.questions == []


@pytest.mark.parametrize("facts", [
    {"t": str(int(NOW) + 3_600)}, {"t": "1", "x": str(int(NOW))}, {"i": "ann@sub.example.test"}, {"i": "@example.test"},
    {"q": "dns/txt"}, {"q": "other : dns/txt"}, {"c": "relaxed/relaxed"}, {"d": "EXAMPLE.test"},
    {"z": "From:x|To:y"}, {"olt": "unknown"}, {"h": "From : from:To: nothing"}, {"i": "=41nn=40x@example=2Etest"},
])
async def test_what_counts(facts: dict[str, str]) -> None:
    """Unusual signatures that are in order."""
    found = await only(letter(signature(facts)), zone(GOOD))

    assert (found.status, found.problem) == (Status.PASS, "")


@pytest.mark.parametrize(("texts", "status", "want"), [
    ([], Status.PERMERROR, "there is no key"),
    (["v=spf1 -all"], Status.PERMERROR, "v= is"),
    (["k=rsa"], Status.PERMERROR, "no p="),
    ([record("ed25519", p="")], Status.PERMERROR, "revoked"),
    ([record("ed25519", v="DKIM2")], Status.PERMERROR, "v= is"),
    ([record("ed25519", h="sha1")], Status.PERMERROR, "not for sha256"),
    ([record("ed25519", s="tlsrpt")], Status.PERMERROR, "not for mail"),
    ([record("rsa")], Status.PERMERROR, "the key is rsa"),
    ([record("rsa"), GOOD], Status.PASS, ""),
    (["nonsense", record("ed25519", p=""), GOOD], Status.PASS, ""),
    ([record("ed25519", p="A" * 43 + "="), GOOD], Status.PASS, ""),
    ([record("ed25519", p="A" * 43 + "=")], Status.FAIL, "another key"),
    ([record("ed25519", h="sha1:sha256", s="email", t="n", n="a note", g="nobody")], Status.PASS, ""),
])
async def test_what_the_key_says(texts: list[str], status: Status, want: str) -> None:
    """Conditions of the key's owner, and several records at one name."""
    found = await only(letter(signature()), zone(*texts))

    assert found.status is status
    assert want in found.problem


async def test_a_key_that_cannot_be_had_now() -> None:
    """Trouble in the DNS is temporary; so is an answer that DNSSEC calls forged."""
    for trouble in ("TROUBLE", "BOGUS"):
        answers = Zone(f"s._domainkey.example.test {trouble}")

        assert (await only(letter(signature()), answers)).status is Status.TEMPERROR


async def test_testing_and_strict_keys() -> None:
    """t=y is told, t=s forbids sub-domains in i= (RFC 6376 §3.6.1)."""
    answers = zone(record("ed25519", t="y:s"))
    found = await only(letter(signature({"i": "ann@example.test"})), answers)

    assert (found.status, found.testing, found.strict) == (Status.PASS, True, True)

    found = await only(letter(signature({"i": "ann@sub.example.test"})), answers)

    assert (found.status, found.testing) == (Status.PERMERROR, True)
    assert "below d=" in found.problem


async def test_short_keys_are_refused() -> None:
    """RFC 8301 §3.2; the key is the one of an old test of others, 512 bits."""
    short = ("MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBALgSoqXVSEmfcIsOzw7oRuCCOwsmtX/SJnTWxYyj2leFxfS/AVJ+dYfY+hXqMsT7l+MZvvh/R1WzN4MO/kI/7XsC"
             "AwEAAQ==")
    found = await only(letter(signature(algorithm="rsa")), zone(record("rsa", p=short)))

    assert found.status is Status.PERMERROR
    assert "512 bits" in found.problem


@pytest.mark.parametrize(("limit", "added", "partial"), [("0", b"", True), ("5", b"", True), ("27", b"", False), ("27", b"more\r\n", True)])
async def test_part_of_the_body(limit: str, added: bytes, partial: bool) -> None:
    """l= is honoured, and the result says if it leaves something unsigned."""
    body = b"Hello there, this is text\r\n"
    found = await only(letter(signature({"l": limit}, body=body), body=body + added), zone(GOOD))

    assert (found.status, found.partial) == (Status.PASS, partial)


async def test_fields_are_taken_from_below() -> None:
    """RFC 6376 §5.4.2: with one "to" in h= the lowest To is signed, and others may come above it, not below."""
    to = [b"To: one@example.net\r\n", *FIELDS]
    field = signature(fields=to)

    assert (await only(letter(field, fields=to), zone(GOOD))).status is Status.PASS
    assert (await only(letter(field, b"To: x@example.net\r\n", fields=to), zone(GOOD))).status is Status.PASS
    assert (await only(letter(field, fields=[*to, b"To: x@example.net\r\n"]), zone(GOOD))).status is Status.FAIL


async def test_oversigning() -> None:
    """A name that was signed once more than it was there may not be added."""
    field = signature({"h": "from:from:reply-to"})

    assert (await only(letter(field), zone(GOOD))).status is Status.PASS
    assert (await only(letter(field, b"From: eve@example.org\r\n"), zone(GOOD))).status is Status.FAIL
    assert (await only(letter(field, b"Reply-To: eve@example.org\r\n"), zone(GOOD))).status is Status.FAIL


async def test_a_signature_may_cover_another() -> None:
    """h= may name DKIM-Signature: the other one, never itself (RFC 6376 §3.5)."""
    first = signature()
    second = signature({"h": "from:dkim-signature:dkim-signature"}, fields=[first, *FIELDS])
    found = await results(letter(second, first), zone(GOOD))

    assert [one.status for one in found] == [Status.PASS, Status.PASS]


async def test_signatures_are_bounded_and_each_key_is_asked_for_once() -> None:
    """The topmost ones count, broken ones among them, and equal names are one question."""
    answers = zone(GOOD)
    data = letter(b"DKIM-Signature: v=1\r\n", *[signature()] * 9)
    found = await results(data, answers)

    assert [one.status for one in found] == [Status.NEUTRAL] + [Status.PASS] * (LIMITS.dkim_signatures - 1)
    assert answers.questions == [("s._domainkey.example.test", "TXT")]


async def test_a_header_beyond_the_bounds_proves_nothing() -> None:
    """Fields that nobody looks at may hide a second From."""
    data = letter(signature(), *[b"X: y\r\n"] * LIMITS.header_fields)

    assert (await only(data, zone(GOOD))).status is Status.PERMERROR


async def test_beginnings_that_tell_signatures_apart() -> None:
    """header.b has eight characters, and all of them if that is what it takes (RFC 6008 §4)."""
    one, other = signature(), signature({"s": "other"})
    found = await results(letter(one, other, one), zone(GOOD))
    texts = {each.signature.text for each in found if each.signature}

    assert len(texts) == 2
    assert found[0].start == found[2].start != found[1].start
    assert all(len(each.start) == 8 for each in found)


async def test_hashes_may_be_made_before() -> None:
    """A caller may hash the body in a thread; the results are the same."""
    message = Message.read(letter(signature(), signature({"l": "5"}), signature({"c": "relaxed"})))
    answers = zone(GOOD)

    assert await verify(message, answers, NOW) == await verify(message, answers, NOW, hashes=hash_body(message))


async def test_nobody_waits_long() -> None:
    """While a large body is hashed the loop has its turn again and again."""
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    body = b"some text with spaces  \r\n" * 200_000
    neighbour = asyncio.create_task(other())
    found = await only(letter(signature(body=body), body=body), zone(GOOD))
    neighbour.cancel()

    assert found.status is Status.PASS
    assert turns >= len(body) // (256 * 1024)
