"""Tests of mta.auth.dkim: another program has to believe our signatures."""
import re

import dkim as dkimpy
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

from mta.auth import dkim, tags
from mta.auth.canon import BodyHash
from mta.base.names import Domain

DOMAIN = Domain.parse("example.test")
KEYS = {algorithm: dkim.make_key(algorithm) for algorithm in dkim.ALGORITHMS}
FIELDS = [
    b"Received: from nowhere\r\n", b"From: Ann <ann@example.test>\r\n", b"To: bob@example.net,\r\n\tcarol@example.net\r\n",
    b"Subject:  Two\t spaces \r\n", b"Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n", b"Message-ID: <1@example.test>\r\n",
    b"List-Unsubscribe: <https://example.test/u>\r\n",
]
BODY = b"Hello  there \r\n\r\nyours\t\r\n\r\n\r\n"


def signature(algorithm: str, fields: list[bytes] = FIELDS, body: bytes = BODY) -> bytes:
    """A signature field as the submission makes it."""
    hashed = BodyHash()
    hashed.update(body)
    return dkim.sign(fields, hashed.digest(), dkim.Signer(DOMAIN, "sel1", KEYS[algorithm]), 1_700_000_000.7)


def believed(algorithm: str, message: bytes) -> bool:
    """What dkimpy says of message when the key is published."""
    record = dkim.record_text(algorithm, dkim.public_text(KEYS[algorithm])).encode()

    def answer(name: bytes, timeout: int = 5) -> bytes | None:
        return record if name.rstrip(b".") == b"sel1._domainkey.example.test" else None

    return bool(dkimpy.verify(message, dnsfunc=answer))


@pytest.mark.parametrize("algorithm", dkim.ALGORITHMS)
def test_another_program_believes_it(algorithm: str) -> None:
    """dkimpy verifies both kinds of signature."""
    assert believed(algorithm, signature(algorithm) + b"".join(FIELDS) + b"\r\n" + BODY)


@pytest.mark.parametrize("algorithm", dkim.ALGORITHMS)
def test_two_signatures_stand_side_by_side(algorithm: str) -> None:
    """Each is believed for itself, whichever is on top."""
    rest = b"".join(FIELDS) + b"\r\n" + BODY
    other = next(name for name in dkim.ALGORITHMS if name != algorithm)

    assert believed(algorithm, signature(algorithm) + signature(other) + rest)


@pytest.mark.parametrize("algorithm", dkim.ALGORITHMS)
@pytest.mark.parametrize("added", [
    b"From: eve@example.org\r\n", b"Subject: other\r\n", b"Cc: eve@example.org\r\n", b"Reply-To: eve@example.org\r\n",
    b"Content-Type: text/html\r\n",
])
def test_nothing_can_be_added(algorithm: str, added: bytes) -> None:
    """Oversigning: a second From, or a Reply-To where there was none, spoils the signature."""
    assert not believed(algorithm, signature(algorithm) + added + b"".join(FIELDS) + b"\r\n" + BODY)


def test_what_others_add_does_no_harm() -> None:
    """Trace fields may be added; lists may add their own unsubscribing only where there was none."""
    rest = b"".join(FIELDS) + b"\r\n" + BODY

    assert believed("ed25519", b"Received: by mx\r\nReturn-Path: <x@example.org>\r\n" + signature("ed25519") + rest)


def test_a_changed_body_is_noticed() -> None:
    """One letter is enough."""
    assert not believed("ed25519", signature("ed25519") + b"".join(FIELDS) + b"\r\n" + BODY.replace(b"yours", b"mines"))


def test_the_tags() -> None:
    """No l=, no x=; each name once more than there are fields; A-labels; seconds."""
    field = signature("rsa")
    read = tags.read(field.decode().partition(":")[2])

    assert {name: read[name] for name in "vacdst"} == {
        "v": "1", "a": "rsa-sha256", "c": "relaxed/relaxed", "d": "example.test", "s": "sel1", "t": "1700000000"}
    assert not {"l", "x", "i"} & read.keys()
    names = tags.names(read["h"])
    assert names.count("from") == 2
    assert names.count("cc") == 1
    assert names.count("list-unsubscribe") == 1
    assert not {"list-unsubscribe-post", "received", "bcc", "return-path", "authentication-results"} & set(names)
    assert all(len(line) <= tags.LINE for line in field.decode().split("\r\n"))


def test_several_fields_of_one_name() -> None:
    """The last one is signed first (RFC 6376 §5.4.2)."""
    fields = [b"To: one@example.net\r\n", *FIELDS, b"To: two@example.net\r\n"]

    assert believed("rsa", signature("rsa", fields) + b"".join(fields) + b"\r\n" + BODY)


def test_an_international_domain_is_written_in_a_labels() -> None:
    """RFC 8616 §5: d= is a name to look up."""
    signer = dkim.Signer(Domain.parse("bücher.example"), "s", KEYS["ed25519"])

    assert b"d=xn--bcher-kva.example;" in dkim.sign(FIELDS, b"\0" * 32, signer, 0)


@pytest.mark.parametrize("algorithm", dkim.ALGORITHMS)
def test_keys_survive_their_file(algorithm: str) -> None:
    """A key read back has the same public half."""
    key = KEYS[algorithm]

    assert dkim.public_text(dkim.read_key(dkim.key_text(key))) == dkim.public_text(key)


def test_records() -> None:
    """The text that the owner of a zone has to publish, and where."""
    assert str(dkim.record_name("sel1", DOMAIN)) == "sel1._domainkey.example.test"
    assert re.fullmatch(r"v=DKIM1; h=sha256; k=ed25519; p=[A-Za-z0-9+/]{43}=",
                        dkim.record_text("ed25519", dkim.public_text(KEYS["ed25519"])))


def test_other_keys_are_refused() -> None:
    """Neither other algorithms nor keys with a pass phrase sign for us."""
    elliptic = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    locked = KEYS["ed25519"].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))

    for pem in (elliptic, locked, b"no key"):
        with pytest.raises(ValueError, match=r"."):
            dkim.read_key(pem)
    with pytest.raises(ValueError, match="no DKIM algorithm"):
        dkim.make_key("dsa")
    with pytest.raises(ValueError, match="no DKIM algorithm"):
        dkim.record_text("dsa", "")
