"""Tests of mta.auth.arc: chains, from the making to the end."""
import pytest

from mta.auth import arc, dkim
from mta.auth.arc import ArcResult
from mta.auth.bodyhashes import hash_body
from mta.auth.canon import Canon
from mta.auth.message import Message
from mta.auth.status import Status
from mta.base.limits import LIMITS
from mta.base.names import Domain
from mta.dns.zone import Zone
from tests.auth.sealing import FOUND, answers, check, relaxed, sealed, signer
from tests.auth.signing import KEYS, NOW, letter, signature


async def test_no_chain() -> None:
    """A message without ARC fields has none, and nothing is asked."""
    zone = answers()

    assert await check(letter(), zone) == ArcResult(Status.NONE)
    assert zone.questions == []


async def test_one_set() -> None:
    """What we seal is believed, and the result says all there is to say."""
    found = await check(await sealed(letter(), "example.test"))

    assert found == ArcResult(
        Status.PASS, 1, (Domain("example.test"),),
        ("mx.example.test; spf=pass smtp.mailfrom=ann@example.test; dmarc=pass header.from=example.test",), whole=True)
    assert found.results == found.reports[0]


async def test_each_key_is_asked_for_once() -> None:
    """The newest set is looked at first; a name comes up once however many fields need it."""
    zone = answers()
    found = await check(await sealed(letter(), "example.test", "example.net", "example.test", "example.net"), zone)

    assert (found.status, found.instances, found.oldest_pass) == (Status.PASS, 4, 0)
    assert found.sealers == (Domain("example.test"), Domain("example.net")) * 2
    assert zone.questions == [("s._domainkey.example.net", "TXT"), ("s._domainkey.example.test", "TXT")]


async def test_a_list_changes_the_message() -> None:
    """Who changes it seals it anew; the oldest signature that fits is known (RFC 8617 §5.2, step 5)."""
    data = await sealed(letter(), "example.test", "example.net")
    chain = await check(data)
    data += b"-- \r\nlist footer\r\n"
    data = arc.seal(Message.read(data), relaxed(data), FOUND, signer(), chain, NOW) + data
    found = await check(await sealed(data, "example.net"))

    assert (found.status, found.instances, found.oldest_pass) == (Status.PASS, 4, 3)


async def test_a_broken_chain_stays_broken() -> None:
    """Who finds it changed seals only his own set, with cv=fail; nobody adds to that (RFC 8617 §5.1.2)."""
    data = (await sealed(letter(), "example.test")).replace(b"Ann", b"Eve")
    chain = await check(data)

    assert (chain.status, chain.instances) == (Status.FAIL, 1)
    assert "ARC-Message-Signature 1" in chain.problem

    more = arc.seal(Message.read(data), relaxed(data), FOUND, signer("example.net"), chain, NOW)
    after = await check(more + data)

    assert b"cv=fail" in more
    assert (after.status, after.instances, after.problem) == (Status.FAIL, 2, "set 2 says cv=fail")
    assert arc.seal(Message.read(more + data), relaxed(data), FOUND, signer(), after, NOW) == b""


async def test_only_so_many_sets() -> None:
    """RFC 8617 §4.2.1: fifty; nobody adds one more, and fifty-one are no chain."""
    data = letter()
    digest = relaxed(data)
    for number in range(LIMITS.arc_sets):
        chain = ArcResult(Status.PASS if number else Status.NONE, number)
        data = arc.seal(Message.read(data), digest, FOUND, signer(), chain, NOW) + data
    chain = await check(data)

    assert (chain.status, chain.instances, chain.oldest_pass) == (Status.PASS, 50, 0)
    assert arc.seal(Message.read(data), digest, FOUND, signer(), chain, NOW) == b""
    more = await check(data.replace(b"i=50;", b"i=51;") + data)
    assert more.status is Status.FAIL


@pytest.mark.parametrize(("old", "new", "want"), [
    (b"Hello", b"Hallo", "ARC-Message-Signature 2: the body was changed"),
    (b"spf=pass", b"spf=fail", "ARC-Seal 2"),
    (b"cv=none", b"cv=pass", "set 1 says cv=pass"),
    (b"i=1; mx", b"i=2; mx", "not numbered"),
    (b"i=1; mx", b"i=51; mx", "i= is not a number from 1 to 50"),
    (b"i=1; mx", b"mx", "does not begin with i="),
    (b"ARC-Seal:", b"X-ARC-Seal:", "exactly one of each"),
    (b"ARC-Seal: a=ed25519-sha256;", b"ARC-Seal: a=ed25519-sha256; h=from;", "no h="),
    (b"ARC-Seal: a=ed25519-sha256", b"ARC-Seal: a=rsa-sha1", "rsa-sha1"),
    (b"s=s", b"s=other", "there is no key"),
])
async def test_what_breaks_a_chain(old: bytes, new: bytes, want: str) -> None:
    """Every change of a covered field, and every gap; the problem says which."""
    found = await check((await sealed(letter(), "example.test", "example.test")).replace(old, new))

    assert (found.status, found.sealers, found.results) == (Status.FAIL, (), "")
    assert want in found.problem


async def test_trouble_in_the_dns_is_for_good() -> None:
    """RFC 8617 §5.2.1: a key that cannot be had now breaks the chain."""
    found = await check(await sealed(letter(), "example.test"), Zone("s._domainkey.example.test TROUBLE"))

    assert found.status is Status.FAIL
    assert "now" in found.problem


async def test_dnssec() -> None:
    """A chain is authentic if every key is."""
    data = await sealed(letter(), "example.test", "example.net")
    zone = answers()
    zone.add("example.test SECURE")

    assert not (await check(data, zone)).authentic
    zone.add("example.net SECURE")
    assert (await check(data, zone)).authentic


async def test_what_the_newest_signature_leaves_open() -> None:
    """A chain passes even if From, or a part of the body, is not covered; the result says so."""
    for facts in ({"h": "to:subject"}, {"l": "3"}):
        own = signature({"v": None, "i": "1", **facts}, name="ARC-Message-Signature")
        message = Message([b"ARC-Authentication-Results: i=1; x; none\r\n", own])
        seal = dkim.signed_field(
            "ARC-Seal", {"i": "1", "cv": "none", "a": "ed25519-sha256", "d": "example.test", "s": "s", "b": ""},
            [message.canonical(place, Canon.RELAXED) for place in (0, 1)], KEYS["ed25519"])
        found = await check(letter(seal, own, message.fields[0]))

        assert (found.status, found.whole, found.problem) == (Status.PASS, False, "")


async def test_comments_around_the_instance() -> None:
    """RFC 8617 §4.1.1 allows them in ARC-Authentication-Results."""
    assert arc.read_results(b"ARC-Authentication-Results: (a; b) i = (c)1 ; mx; none\r\n")[0] == 1


async def test_hashes_may_be_made_before() -> None:
    """One pass over the body serves DKIM and ARC."""
    message = Message.read(await sealed(letter(signature({"l": "4"})), "example.test"))

    assert (await arc.verify(message, answers(), NOW, hashes=hash_body(message))).status is Status.PASS


async def test_signatures_below_are_covered() -> None:
    """RFC 8617 §4.1.2: DKIM-Signature should be, ARC fields and Authentication-Results must not be."""
    data = await sealed(letter(signature(), b"Authentication-Results: x; none\r\n"), "example.test", "example.test")
    names = arc.read_chain(Message.read(data))[1].signature.names

    assert "dkim-signature" in names
    assert names.count("from") == 2
    assert not {"authentication-results", *arc.KINDS} & set(names)
