"""Tests of mta.auth.dkimkey."""
import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from mta.auth import dkimkey
from mta.auth.dkimkey import BadKey
from mta.auth.signature import read_dkim
from mta.auth.status import Status
from mta.base.limits import LIMITS
from mta.base.names import Domain
from mta.dns.zone import Zone
from tests.auth.signing import KEYS, record, signature, zone

PLACE = Domain("example.test"), "s"


def rsa_text(exponent: int, modulus: int) -> str:
    """The p= of an RSA key of these numbers."""
    key = rsa.RSAPublicNumbers(exponent, modulus).public_key()
    return base64.b64encode(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


def test_both_kinds_are_read() -> None:
    """With what their owners say of them."""
    found = dkimkey.read(record("rsa", h="sha1 : sha256", s="email:x", t="y : s : other", n="a note", unknown="x"))

    assert (found.kind, found.bits, found.testing, found.strict) == ("rsa", 2_048, True, True)
    assert (found.hashes, found.services) == (("sha1", "sha256"), ("email", "x"))
    assert dkimkey.read(record("ed25519")).bits == 256


def test_what_stands_for_missing_tags() -> None:
    """RFC 6376 §3.6.1: RSA, every hash, every service; p= may have white space in it."""
    text = record("rsa").partition("p=")[2]
    found = dkimkey.read(f"p= {text[:50]} \r\n\t{text[50:]} ;")

    assert (found.kind, found.hashes, found.services, found.testing, found.strict) == ("rsa", (), ("*",), False, False)


def test_a_bare_rsa_key_is_read() -> None:
    """RFC 6376 §3.6.1 names RSAPublicKey, while everybody publishes SubjectPublicKeyInfo."""
    key = KEYS["rsa"].public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    bare = base64.b64encode(key.public_bytes(Encoding.DER, PublicFormat.PKCS1)).decode()

    assert dkimkey.read(f"p={bare}").bits == 2_048


#: Always the same one: what is in the name of a test must be what every worker has.
ELLIPTIC = base64.b64encode(ec.derive_private_key(1, ec.SECP256R1()).public_key().public_bytes(
    Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


@pytest.mark.parametrize(("text", "want"), [
    ("", "no p="), ("v=DKIM1", "no p="), ("v=DKIM1; p=", "revoked"), ("v=DKIM1; p= ;", "revoked"), ("p=BARF", "not an RSA key"),
    ("p=B", "not base64"), ("p=Bü==", "not base64"), ("k=rsa; v=DKIM1; p=QUJD", "v= is"), ("v=dkim1; p=QUJD", "v= is"),
    ("v=DKIM1; p", "not a tag"), ("p=QUJD; p=QUJD", "twice"), ("k=dsa; p=QUJD", "no kind of key"), (f"p={ELLIPTIC}", "not an RSA key"),
    ("k=ed25519; p=QUJD", "32 octets"), ("k=ed25519; p=MCowBQYDK2VwAyEA3SUqa9UbfciWkk7tlcJ9P1VD5pXAasg0JUn/OgjVbKE=", "32 octets"),
    (f"p={rsa_text(2**65 + 1, 2**2047 + 1)}", "exponent"), ("p=MAA=", "not an RSA key"),
])
def test_what_is_no_key(text: str, want: str) -> None:
    """The message says what is wrong with it."""
    with pytest.raises(BadKey, match=want):
        dkimkey.read(text)


def test_a_key_is_parsed_once() -> None:
    """The same record gives the same key."""
    assert dkimkey.read(record("rsa")) is dkimkey.read(record("rsa"))


@pytest.mark.parametrize(("bits", "good"), [(1_023, False), (1_024, True), (8_192, True), (8_200, False)])
def test_lengths_of_rsa_keys(bits: int, good: bool) -> None:
    """RFC 8301 §3.2 sets the lower end, our time the upper one."""
    found = dkimkey.read(f"p={rsa_text(65_537, 2**(bits - 1) + 1)}")
    objection = found.objection(read_dkim(signature(algorithm="rsa")))

    assert (not objection) == good
    assert good or f"{bits} bits" in objection


def test_a_foreign_signature_is_no_proof() -> None:
    """Octets of any length are just not this key's."""
    for algorithm in KEYS:
        found = dkimkey.read(record(algorithm))
        for octets in (b"", b"x", bytes(64), bytes(256), bytes(9_999)):
            assert not found.made(octets, bytes(32))


async def test_a_place_is_asked_once() -> None:
    """However many signatures need it."""
    answers = zone(record("rsa"))
    found = await dkimkey.find([PLACE, PLACE, (Domain("example.test"), "other")], answers)

    assert found[PLACE].records == (dkimkey.read(record("rsa")),)
    assert found[Domain("example.test"), "other"].status is Status.PERMERROR
    assert answers.questions == [("s._domainkey.example.test", "TXT"), ("other._domainkey.example.test", "TXT")]


async def test_aliases_are_followed() -> None:
    """Many publish a CNAME to the key of their provider."""
    answers = zone(record("rsa"), at="key.provider.test")
    answers.add("s._domainkey.example.test CNAME key.provider.test")

    assert (await dkimkey.find([PLACE], answers))[PLACE].status is Status.PASS


async def test_records_are_bounded() -> None:
    """Neither a long record nor many of them cost much."""
    long = record("ed25519", n="x" * LIMITS.dkim_record)
    many = [f"v=DKIM1; p=; n={number}" for number in range(LIMITS.dkim_records)]

    for texts, want in (([long], "too long"), ([*many, record("ed25519")], "revoked")):
        found = (await dkimkey.find([PLACE], zone(*texts)))[PLACE]
        assert (found.status, found.records) == (Status.PERMERROR, ())
        assert want in found.problem


async def test_names_too_long_to_ask_for() -> None:
    """No question is sent, and the result is for good."""
    place = Domain(".".join(["a" * 60] * 4)), "s" * 60
    answers = Zone()

    assert (await dkimkey.find([place], answers))[place].status is Status.PERMERROR
    assert answers.questions == []
