"""mta.secure.dane: which TLSA records count, and which certificates they are about."""
import dataclasses
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

from mta.base.limits import LIMITS
from mta.base.names import Domain
from mta.dns.answer import TLSA, RecordType
from mta.dns.zone import Zone
from mta.secure import dane
from mta.secure.dane import Lookup, problem, strongest, verify
from mta.secure.protection import DaneState
from mta.secure.tlsresult import Result, Verdict
from tests.secure.chains import DAY, NOW, Made, make, shown

HOST, HOP = Domain("mx.b.test"), Domain("b.test")
ROOT = make("Root", ca=True)
BELOW = ROOT.signs("Below", ca=True)
LEAF = BELOW.signs("mx.b.test")
DATA = "ab" * 32


async def find(text: str, *, host: str = "mx.b.test", signed: bool = True, port: int = 25) -> tuple[Lookup, Zone]:
    """What is found in a zone of that text, where everything below b.test is signed."""
    zone = Zone("b.test SECURE\nmx.b.test A 192.0.2.1\n" + text)
    name = Domain(host)
    answers = [await zone.ask(name, kind) for kind in (RecordType.AAAA, RecordType.A)]
    zone.questions.clear()
    return await dane.find(name, answers, zone, signed=signed, port=port), zone


# --- which records ---------------------------------------------------------------------------


async def test_records_of_a_host() -> None:
    """Those at _25._tcp of the host; the usable ones apart from the others."""
    found, zone = await find(f"_25._tcp.mx.b.test TLSA 3 1 1 {DATA}\n_25._tcp.mx.b.test TLSA 0 0 1 {DATA}")
    assert (found.state, found.base, found.records) == (DaneState.USABLE, HOST, (TLSA(3, 1, 1, bytes.fromhex(DATA)),))
    assert [record.usage for record, _ in found.unusable] == [0]
    assert found.lines == (f"3 1 1 {DATA}", f"0 0 1 {DATA}")
    assert zone.questions == [("_25._tcp.mx.b.test", "TLSA")]
    other, _ = await find(f"_2525._tcp.mx.b.test TLSA 3 1 1 {DATA}", port=2525)
    assert other.state is DaneState.USABLE


@pytest.mark.parametrize(("text", "state", "asked"), [
    ("", DaneState.SIGNED, 1),
    (f"_25._tcp.mx.b.test TLSA 0 0 1 {DATA}", DaneState.UNUSABLE, 1),
    ("_25._tcp.mx.b.test TLSA 3 1 1 abcd", DaneState.UNUSABLE, 1),
    ("_25._tcp.mx.b.test BOGUS", DaneState.TROUBLE, 1),
    ("_25._tcp.mx.b.test SERVFAIL", DaneState.TROUBLE, 1),
    ("_25._tcp.mx.b.test TIMEOUT", DaneState.TROUBLE, 1),
    # An alias of the TLSA name counts if it is signed all the way, and is as good as none otherwise.
    (f"_25._tcp.mx.b.test CNAME _dane.b.test\n_dane.b.test TLSA 3 1 1 {DATA}", DaneState.USABLE, 1),
    (f"_25._tcp.mx.b.test CNAME _dane.c.test\n_dane.c.test TLSA 3 1 1 {DATA}", DaneState.SIGNED, 1),
], ids=["none", "PKIX usage", "short digest", "bogus", "servfail", "timeout", "signed alias", "unsigned alias"])
async def test_states(text: str, state: DaneState, asked: int) -> None:
    """What the DNS says comes to one of five states."""
    found, zone = await find(text)
    assert found.state is state
    assert len(zone.questions) == asked
    assert found.text


async def test_without_signatures_nobody_is_asked() -> None:
    """Unsigned MX records name anybody; name servers of unsigned hosts break when asked for TLSA (RFC 7672 §2.2.2)."""
    unsigned, zone = await find(f"_25._tcp.mx.b.test TLSA 3 1 1 {DATA}", signed=False)
    assert (unsigned.state, zone.questions) == (DaneState.NONE, [])
    elsewhere, zone = await find(f"mx.c.test A 192.0.2.1\n_25._tcp.mx.c.test TLSA 3 1 1 {DATA}", host="mx.c.test")
    assert (elsewhere.state, zone.questions) == (DaneState.SIGNED, [])


async def test_addresses_in_trouble() -> None:
    """One kind of address is enough to tell; forged ones are no addresses."""
    partly, _ = await find(f"mx.b.test TIMEOUT AAAA\n_25._tcp.mx.b.test TLSA 3 1 1 {DATA}")
    assert partly.state is DaneState.USABLE
    bogus, _ = await find("mx.b.test BOGUS")
    assert bogus.state is DaneState.TROUBLE
    assert (await dane.find(HOST, [], Zone(), signed=True)).state is DaneState.TROUBLE


@pytest.mark.parametrize(("text", "state", "base", "asked"), [
    # Both signed: first below the target, then below the alias itself.
    (f"to.b.test A 192.0.2.1\n_25._tcp.to.b.test TLSA 3 1 1 {DATA}", DaneState.USABLE, "to.b.test", ["_25._tcp.to.b.test"]),
    (f"to.b.test A 192.0.2.1\n_25._tcp.alias.b.test TLSA 3 1 1 {DATA}", DaneState.USABLE, "alias.b.test",
     ["_25._tcp.to.b.test", "_25._tcp.alias.b.test"]),
    ("to.b.test A 192.0.2.1", DaneState.SIGNED, "alias.b.test", ["_25._tcp.to.b.test", "_25._tcp.alias.b.test"]),
    # What is in doubt below the target is not made good below the alias.
    (f"to.b.test A 192.0.2.1\n_25._tcp.to.b.test BOGUS\n_25._tcp.alias.b.test TLSA 3 1 1 {DATA}", DaneState.TROUBLE, "alias.b.test",
     ["_25._tcp.to.b.test"]),
], ids=["target", "alias", "none", "bogus target"])
async def test_a_host_that_is_an_alias(text: str, state: DaneState, base: str, asked: list[str]) -> None:
    """RFC 7672 §2.2.2: the expanded name first."""
    found, zone = await find("alias.b.test CNAME to.b.test\n" + text, host="alias.b.test")
    assert (found.state, found.base.ascii) == (state, base)
    assert [name for name, _ in zone.questions] == asked


async def test_a_signed_alias_of_an_unsigned_host() -> None:
    """Its own name is signed and may have records; the target's do not count."""
    text = f"alias.b.test CNAME to.c.test\nto.c.test A 192.0.2.1\n_25._tcp.to.c.test TLSA 3 1 1 {DATA}\n"
    found, zone = await find(text, host="alias.b.test")
    assert (found.state, found.base.ascii) == (DaneState.SIGNED, "alias.b.test")
    assert zone.questions == [("alias.b.test", "CNAME"), ("_25._tcp.alias.b.test", "TLSA")]
    own, _ = await find(text + f"_25._tcp.alias.b.test TLSA 3 1 1 {DATA}", host="alias.b.test")
    assert (own.state, own.base.ascii) == (DaneState.USABLE, "alias.b.test")
    unsigned, zone = await find("alias.d.test CNAME to.b.test\nto.b.test A 192.0.2.1", host="alias.d.test")
    assert (unsigned.state, zone.questions) == (DaneState.SIGNED, [("alias.d.test", "CNAME")])
    forged, _ = await find("alias.b.test CNAME to.c.test\nto.c.test A 192.0.2.1\nalias.b.test BOGUS CNAME", host="alias.b.test")
    assert forged.state is DaneState.TROUBLE


@pytest.mark.parametrize(("record", "word"), [
    (LEAF.tlsa(3), ""), (LEAF.tlsa(2, 0, 2), ""), (LEAF.tlsa(3, 0, 0), ""), (LEAF.tlsa(2, 1, 0), ""),
    (LEAF.tlsa(0), "PKIX"), (LEAF.tlsa(1), "PKIX"), (LEAF.tlsa(4), "no usage 4"), (TLSA(3, 2, 1, bytes(32)), "no selector 2"),
    (TLSA(3, 1, 3, bytes(32)), "no matching type 3"), (TLSA(3, 1, 1, bytes(31)), "31 octets"), (TLSA(3, 1, 2, bytes(32)), "32 octets"),
    (TLSA(3, 1, 1, b""), "0 octets"), (TLSA(3, 0, 0, b"rubbish"), "no certificate"), (TLSA(2, 1, 0, b"rubbish"), "no public key"),
    (TLSA(255, 255, 255, b""), "cannot be read"),
], ids=lambda given: f"{given.usage} {given.selector} {given.matching}" if isinstance(given, TLSA) else given or "usable")
def test_which_records_are_usable(record: TLSA, word: str) -> None:
    """RFC 7672 §3.1: usages 2 and 3, with data that can be what it says."""
    assert word in problem(record)
    assert bool(word) == bool(problem(record))


async def test_a_crowd_of_records() -> None:
    """Of thousands the first hundred count; that is no reason to do without."""
    crowd = "\n".join(f"_25._tcp.mx.b.test TLSA 3 1 1 {number:064x}" for number in range(LIMITS.tlsa_records + 50))
    found, _ = await find(crowd)
    assert (found.state, len(found.records), len(found.unusable)) == (DaneState.USABLE, LIMITS.tlsa_records, 50)


# --- which certificates ------------------------------------------------------------------------


def judge(records: list[TLSA], *chain: Made, after: timedelta = timedelta(), names: tuple[Domain, ...] = (HOST, HOP)) -> Verdict:
    """The verdict on a chain."""
    return verify(records, shown(*chain), names, NOW + after)


@pytest.mark.parametrize("matching", [0, 1, 2])
@pytest.mark.parametrize("selector", [0, 1])
@pytest.mark.parametrize("usage", [2, 3])
def test_every_kind_of_record(usage: int, selector: int, matching: int) -> None:
    """Certificate or key, whole or as a digest, of the server itself or of an authority."""
    about = LEAF if usage == 3 else BELOW
    record = about.tlsa(usage, selector, matching)
    assert problem(record) == ""
    verdict = judge([record], LEAF, BELOW)
    assert verdict == Verdict(how=f"TLSA {usage} {selector} {matching}")
    other = make("other", ca=usage == 2)
    assert judge([other.tlsa(usage, selector, matching)], LEAF, BELOW).reason == "dane-no-match"


def test_dane_ee_looks_at_nothing_else() -> None:
    """RFC 7671 §5.1: neither name nor time nor issuer nor purpose of the certificate count."""
    for odd in (make("elsewhere.example"), make("mx.b.test", end=timedelta(hours=1)), make("mx.b.test", names=False), make("ca", ca=True)):
        assert judge([odd.tlsa(3)], odd, after=400 * DAY).good
    assert verify([LEAF.tlsa(3)], [LEAF.der, b"rubbish"], (), NOW).good


def test_dane_ee_is_about_the_server_itself() -> None:
    """A record about some other certificate of the chain does not fit."""
    assert judge([BELOW.tlsa(3)], LEAF, BELOW).reason == "dane-no-match"


def test_one_of_many_is_enough() -> None:
    """A set in which keys are being replaced has old and new ones (RFC 7671 §8.1)."""
    new, stray = make("mx.b.test"), make("stray")
    rollover = [LEAF.tlsa(3), new.tlsa(3)]
    assert judge(rollover, LEAF).good
    assert judge(rollover, new).good
    assert not judge(rollover, stray).good
    assert judge([stray.tlsa(3), stray.tlsa(2, 0), BELOW.tlsa(2)], LEAF, BELOW).how == "TLSA 2 1 1"


def test_a_trust_anchor_that_is_not_sent() -> None:
    """A whole certificate, or a whole key, need not be in the chain; of a digest nobody can make one (RFC 7671 §5.2)."""
    assert judge([ROOT.tlsa(2, 0, 0)], LEAF, BELOW).good
    assert judge([BELOW.tlsa(2, 0, 0)], LEAF).good
    assert judge([ROOT.tlsa(2, 1, 0)], LEAF, BELOW).good
    assert judge([BELOW.tlsa(2, 1, 0)], LEAF).good
    assert not judge([ROOT.tlsa(2, 0, 0)], LEAF).good
    assert not judge([ROOT.tlsa(2, 0, 1)], LEAF, BELOW).good
    assert not judge([make("Root", ca=True).tlsa(2, 1, 0)], LEAF, BELOW).good


@pytest.mark.parametrize("kind", ["rsa", "rsa-pss", "ed25519"])
def test_bare_keys_of_every_kind(kind: str) -> None:
    """The key of an authority that was not sent may be of any usual kind, and it must be that key."""
    def key() -> object:
        return ed25519.Ed25519PrivateKey.generate() if kind == "ed25519" else rsa.generate_private_key(65_537, 2_048)

    root, other = make("Root", ca=True, key=key()), make("Root", ca=True, key=key())
    leaf = root.signs("mx.b.test")
    if kind == "rsa-pss":
        scheme = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)
        leaf = make("mx.b.test", issuer=root, scheme=scheme)
    assert judge([root.tlsa(2, 1, 0)], leaf).good
    assert not judge([other.tlsa(2, 1, 0)], leaf).good


def test_names_under_a_trust_anchor() -> None:
    """RFC 7672 §3.2.3: the host, or the domain that the mail is for; a common name where there is no other."""
    record = [BELOW.tlsa(2)]
    for name, good in (("mx.b.test", True), ("b.test", True), ("*.b.test", True), ("other.test", False)):
        verdict = judge(record, BELOW.signs(name), BELOW)
        assert verdict.good == good
        assert good or (verdict.result, verdict.reason) == (Result.HOST_MISMATCH, "name")
    assert judge(record, BELOW.signs("mx.b.test", names=False), BELOW).good
    assert not judge(record, BELOW.signs("other.test", names=False), BELOW).good


def test_time_under_a_trust_anchor() -> None:
    """Here it counts, for each certificate up to the anchor."""
    assert judge([BELOW.tlsa(2)], LEAF, BELOW, after=40 * DAY).result is Result.EXPIRED
    old = ROOT.signs("Old", ca=True, end=timedelta(hours=1))
    assert judge([ROOT.tlsa(2, 0)], old.signs("mx.b.test"), old, ROOT, after=DAY).result is Result.EXPIRED


def test_an_anchor_must_have_signed() -> None:
    """That the promised certificate lies in the chain proves nothing: the server's own must lead to it."""
    stray = make("mx.b.test")
    assert judge([BELOW.tlsa(2)], stray, BELOW).reason == "dane-no-match"
    no_authority = ROOT.signs("no authority")
    assert not judge([no_authority.tlsa(2)], no_authority.signs("mx.b.test"), no_authority).good


def test_the_server_itself_as_its_anchor() -> None:
    """A certificate that signed itself and is named as an authority must have the right name and time."""
    own = make("mx.b.test")
    assert judge([own.tlsa(2)], own).good
    assert judge([own.tlsa(2)], own, after=40 * DAY).result is Result.EXPIRED
    other = make("other.test")
    assert judge([other.tlsa(2)], other).result is Result.HOST_MISMATCH


def test_the_strongest_digest_counts() -> None:
    """RFC 7671 §9: a digest that is left for old peers cannot be used against new ones; whole values count always."""
    attacker = make("mx.b.test")
    both = [attacker.tlsa(3, 1, 1), LEAF.tlsa(3, 1, 2)]
    assert strongest(both) == [LEAF.tlsa(3, 1, 2)]
    assert not judge(both, attacker).good
    assert judge(both, LEAF).good
    whole = [attacker.tlsa(3, 1, 0), *both]
    assert judge(whole, attacker).good
    # Other usages and selectors are apart.
    apart = [LEAF.tlsa(3, 1, 1), LEAF.tlsa(3, 0, 2), BELOW.tlsa(2, 1, 1)]
    assert strongest(apart) == apart


def test_nothing_to_compare() -> None:
    """A server without certificate, and one whose certificate is rubbish."""
    assert verify([LEAF.tlsa(3)], [], (HOST,), NOW).reason == "dane-no-certificate"
    assert verify([LEAF.tlsa(3)], [b"rubbish"], (HOST,), NOW).reason == "dane-no-match"
    assert verify([BELOW.tlsa(2)], [b"rubbish", BELOW.der], (HOST,), NOW).reason == "dane-unreadable"


def test_a_lookup_is_a_value() -> None:
    """It compares by what it says."""
    one = Lookup(HOST, DaneState.SIGNED, "text", HOST)
    assert dataclasses.replace(one) == one
    assert one.lines == ()
