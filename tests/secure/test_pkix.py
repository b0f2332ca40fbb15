"""mta.secure.pkix: chains that hold and chains that do not, and why not."""
from datetime import timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, ObjectIdentifier

from mta.base.names import Domain
from mta.secure import pkix
from mta.secure.pkix import Trust
from mta.secure.tlsresult import Result, Verdict
from tests.secure.chains import DAY, NOW, Made, make, shown

HOST = Domain("mx.b.test")
ROOT = make("Root", ca=True)
BELOW = ROOT.signs("Below", ca=True)
TRUST = Trust([ROOT.certificate])


def judge(*chain: Made, name: Domain = HOST, trust: Trust = TRUST, after: timedelta = timedelta()) -> Verdict:
    """The verdict on a chain."""
    return pkix.verify(shown(*chain), name, trust, NOW + after)


def test_a_good_chain() -> None:
    """Leaf, the one between, and a root that we know, whether it is sent or not; in any order behind the leaf."""
    leaf = BELOW.signs("mx.b.test")
    for chain in ((leaf, BELOW), (leaf, BELOW, ROOT), (leaf, ROOT, BELOW), (leaf, make("stray"), BELOW)):
        assert judge(*chain) == Verdict(how="a trusted authority")
    assert judge(ROOT.signs("mx.b.test")).good


def test_a_chain_without_its_middle() -> None:
    """What the server forgot to send we do not fetch."""
    assert judge(BELOW.signs("mx.b.test")).result is Result.NOT_TRUSTED


@pytest.mark.parametrize(("name", "good"), [
    ("mx.b.test", True), ("other.b.test", True), ("a.wild.test", True), ("wild.test", False), ("b.a.wild.test", False),
    ("mx.c.test", False), ("b.test", False), ("x.test", False), ("common.b.test", False)])
def test_names(name: str, good: bool) -> None:
    """Alternative names and nothing else; a wildcard is one whole label, and never a whole top level."""
    leaf = make("common.b.test", names=False, issuer=ROOT, extra=[(x509.SubjectAlternativeName([
        x509.DNSName(each) for each in ("MX.b.test", "other.b.test", "*.wild.test", "*.test", "m*.c.test")]), False)])
    verdict = judge(leaf, name=Domain(name))
    assert verdict.good == good
    assert good or verdict.result is Result.HOST_MISMATCH
    assert good or name in verdict.text


def test_a_certificate_without_names() -> None:
    """Its common name does not count here (RFC 8461 §4.2), but it may where DANE names the authority."""
    leaf = ROOT.signs("mx.b.test", names=False)
    assert judge(leaf).result is Result.HOST_MISMATCH
    assert pkix.matches(leaf.certificate, [HOST], common_name=True)
    addresses = make("mx.b.test", names=False, issuer=ROOT, extra=[
        (x509.SubjectAlternativeName([x509.IPAddress(ip_address("192.0.2.1"))]), False)])
    assert judge(addresses).result is Result.HOST_MISMATCH


def test_time() -> None:
    """Too late and too early are told from not trusted, whichever certificate it is."""
    leaf, old = BELOW.signs("mx.b.test"), ROOT.signs("Old", ca=True, end=timedelta(hours=1))
    for verdict in (judge(leaf, BELOW, after=40 * DAY), judge(leaf, BELOW, after=-2 * DAY), judge(old.signs("mx.b.test"), old, after=DAY)):
        assert verdict.result is Result.EXPIRED
    assert "ran out on 2030-01-31 00:00 UTC" in judge(leaf, BELOW, after=40 * DAY).text
    assert "not valid before 2029-12-31" in judge(leaf, BELOW, after=-2 * DAY).text
    assert "certificate of Old ran out" in judge(old.signs("mx.b.test"), old, after=DAY).text
    # Expired and by nobody we know: time is not all that is wrong with it.
    assert judge(make("mx.b.test"), after=40 * DAY).result is Result.NOT_TRUSTED


def test_the_last_second() -> None:
    """A certificate is good up to the time it names."""
    leaf = ROOT.signs("mx.b.test", end=DAY)
    assert judge(leaf, after=DAY).good
    assert judge(leaf, after=DAY + timedelta(seconds=1)).result is Result.EXPIRED


def test_who_is_not_trusted() -> None:
    """A certificate that signed itself, another's authority, none, and rubbish."""
    itself = judge(make("mx.b.test"))
    assert (itself.result, itself.reason) == (Result.NOT_TRUSTED, "self-signed")
    stranger = make("Stranger", ca=True)
    assert judge(stranger.signs("mx.b.test"), stranger).reason == "no-path"
    assert judge().reason == "no-certificate"
    assert pkix.verify([b"rubbish"], HOST, TRUST, NOW).reason == "unreadable"
    assert pkix.verify([ROOT.signs("mx.b.test").der, b"rubbish"], HOST, TRUST, NOW).good
    assert judge(ROOT.signs("mx.b.test"), trust=Trust([])).result is Result.NOT_TRUSTED


def test_the_same_name_is_not_the_same_key() -> None:
    """An authority that calls itself like ours has not signed for ours."""
    false = make("Root", ca=True)
    assert judge(false.signs("mx.b.test"), false).result is Result.NOT_TRUSTED


@pytest.mark.parametrize("below", [
    ROOT.signs("no authority"), ROOT.signs("may not sign", ca=True, may_sign=False),
    ROOT.signs("of mail only", ca=True, purposes=[ExtendedKeyUsageOID.EMAIL_PROTECTION]),
    ROOT.signs("of others", ca=True, extra=[(x509.NameConstraints([x509.DNSName("a.test")], None), True)]),
    ROOT.signs("odd", ca=True, extra=[(x509.UnrecognizedExtension(ObjectIdentifier("1.2.3.4"), b"\5\0"), True)]),
], ids=["no authority", "may not sign", "other purpose", "other names", "unknown critical extension"])
def test_authorities_that_are_none(below: Made) -> None:
    """Whoever has a certificate is not yet an authority."""
    assert judge(below.signs("mx.b.test"), below).result is Result.NOT_TRUSTED


def test_purposes_of_a_server() -> None:
    """Serving, or anything, or nothing said."""
    for purposes, good in (((ExtendedKeyUsageOID.SERVER_AUTH,), True), ((ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,), True), ((), True),
                           ((ExtendedKeyUsageOID.CLIENT_AUTH,), False)):
        assert judge(ROOT.signs("mx.b.test", purposes=purposes)).good == good


def test_a_path_that_is_too_long() -> None:
    """An authority may say how many may stand below it, and we say so too."""
    short = ROOT.signs("short", ca=True, depth=0)
    under = short.signs("under", ca=True)
    assert judge(under.signs("mx.b.test"), under, short).result is Result.NOT_TRUSTED
    chain = [ROOT]
    for number in range(10):
        chain.append(chain[-1].signs(f"step {number}", ca=True))
    assert judge(chain[-1].signs("mx.b.test"), *chain[1:]).result is Result.NOT_TRUSTED


@pytest.mark.parametrize("one_key", [True, False], ids=["one key", "many keys"])
def test_a_crowd_of_lookalikes(one_key: bool) -> None:
    """However authorities of one name have signed each other, only so many signatures are looked at."""
    first = make("Same", ca=True)
    issuers = [first if one_key else make("Same", ca=True) for _ in range(11)]
    crowd = [make("Same", ca=True, issuer=issuer, key=first.key if one_key else None) for issuer in issuers]
    verdict = judge(make("mx.b.test", issuer=first), *crowd)
    assert verdict.result is Result.NOT_TRUSTED
    assert not one_key or "maximum signature check limit" in verdict.text


def test_keys_of_other_kinds() -> None:
    """RSA and Ed25519 as well."""
    key = rsa.generate_private_key(65_537, 2_048)
    root = make("RSA", ca=True, key=key, hashed=hashes.SHA384())
    assert judge(root.signs("mx.b.test", hashed=hashes.SHA384()), trust=Trust([root.certificate])).good
    assert judge(ROOT.signs("mx.b.test", key=ed25519.Ed25519PrivateKey.generate())).good


def test_keys_that_are_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """They only cost time, which is the stranger's to choose otherwise."""
    key = rsa.generate_private_key(65_537, 2_048)
    leaf = ROOT.signs("mx.b.test", key=key)
    assert judge(leaf).good
    monkeypatch.setattr(pkix, "KEY_BITS", 1_024)
    assert judge(leaf).reason == "unreadable"


def test_words_about_a_stranger() -> None:
    """What a stranger wrote into a certificate is shown in a few printable words."""
    assert pkix.subject(make("a.test", "b.test", "c.test", "d.test", "e.test").certificate) == "a.test, b.test, c.test and 2 more names"
    nasty = make("x\x1b[31m\nlevel=error", names=False).certificate
    assert pkix.subject(nasty).isprintable()
    assert judge(make("x\x1b[31m\n", names=False)).text.isprintable()
