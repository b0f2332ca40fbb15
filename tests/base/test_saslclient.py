"""SASL from the client's side."""
import hashlib
import hmac
from base64 import b64decode, b64encode

import pytest

from mta.base.saslclient import Login, Mechanism, Plain, Refused, Scram, choose

#: RFC 7677 §3.
NONCE = "rOprNGfwEbeRWgbNEkqO"
FIRST = b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
FINAL = b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="


def test_plain() -> None:
    """RFC 4616 §4, and no more questions."""
    plain = Plain("tim", "tanstaaftanstaaf")

    assert plain.begin() == b"\0tim\0tanstaaftanstaaf"
    assert plain.done
    with pytest.raises(Refused):
        plain.answer(b"")


def test_login() -> None:
    """Name, then password, whatever the prompts say."""
    login: Mechanism = Login("ann", "secret")

    assert login.begin() is None
    assert [login.answer(b"User Name"), login.answer(b"Password:")] == [b"ann", b"secret"]
    with pytest.raises(Refused):
        login.answer(b"Token:")


def test_scram_as_in_the_rfc() -> None:
    """The example of RFC 7677 §3, octet for octet."""
    scram = Scram("user", "pencil", nonce=NONCE)

    assert scram.begin() == b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO"
    assert scram.answer(FIRST) == (
        b"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")
    assert not scram.done
    assert scram.answer(FINAL) == b""
    assert scram.done


def test_scram_binds_the_channel() -> None:
    """With a binding its name and octets are signed."""
    scram = Scram("user", "pencil", ("tls-server-end-point", b"\x01\x02"), nonce=NONCE)

    assert scram.name == "SCRAM-SHA-256-PLUS"
    assert scram.begin().startswith(b"p=tls-server-end-point,,n=user")
    bound = scram.answer(FIRST).decode().partition(",")[0].removeprefix("c=")
    assert b64decode(bound) == b"p=tls-server-end-point,,\x01\x02"


@pytest.mark.parametrize("challenge", [
    b"", b"nonsense", b"\xff\xfe", FIRST.replace(NONCE.encode(), b"other"), b"r=" + NONCE.encode() + b",s=aaaa,i=4096",
    FIRST.replace(b"4096", b"1"), FIRST.replace(b"4096", b"4000000000"), FIRST.replace(b"4096", b"x"), FIRST.replace(b"W22Z", b"W2!Z"),
])
def test_scram_distrusts_the_first_message(challenge: bytes) -> None:
    """A foreign nonce, few or endless iterations, and rubbish are refused."""
    scram = Scram("user", "pencil", nonce=NONCE)
    scram.begin()

    with pytest.raises(Refused):
        scram.answer(challenge)


@pytest.mark.parametrize("final", [b"v=" + b64encode(b"x" * 32), b"e=other-error", b"v=!", b"", b"v=" + b"6rri"])
def test_scram_wants_the_server_to_prove_itself(final: bytes) -> None:
    """Who does not know the password either is no server of ours."""
    scram = Scram("user", "pencil", nonce=NONCE)
    scram.begin()
    scram.answer(FIRST)

    with pytest.raises(Refused):
        scram.answer(final)
    assert not scram.done


def test_names_with_separators_and_prepared_passwords() -> None:
    """Commas and equals signs in names are escaped (RFC 5802 §5.1); text is normalised."""
    assert Scram("a=b,c", "x", nonce="n").begin() == b"n,,n=a=3Db=2Cc,r=n"

    first = b"r=n1,s=c2FsdA==,i=4096"
    proofs = [proving(Scram("user", password, nonce="n"), first) for password in ("\u2168", "IX", "other")]
    assert proofs[0] == proofs[1] != proofs[2]


def proving(scram: Scram, first: bytes) -> bytes:
    """The response of scram to first."""
    scram.begin()
    return scram.answer(first)


def test_the_proof_is_what_a_server_checks() -> None:
    """A server that keeps StoredKey alone can verify it (RFC 5802 §3)."""
    scram = Scram("user", "pencil", nonce="n")
    bare = scram.begin().partition(b",,")[2]
    first = b"r=nserver,s=c2FsdA==,i=4096"
    final = scram.answer(first)
    unproven, _, proof = final.rpartition(b",p=")
    salted = hashlib.pbkdf2_hmac("sha256", b"pencil", b"salt", 4096)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    signature = hmac.digest(stored, b",".join((bare, first, unproven)), "sha256")
    key = bytes(a ^ b for a, b in zip(b64decode(proof), signature, strict=True))

    assert hashlib.sha256(key).digest() == stored


@pytest.mark.parametrize(("offered", "bindings", "clear", "wanted"), [
    (["PLAIN", "LOGIN", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"], {"tls-server-end-point": b"x"}, True, "SCRAM-SHA-256-PLUS"),
    (["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"], {}, True, "SCRAM-SHA-256"),
    (["LOGIN", "PLAIN", "CRAM-MD5"], {}, True, "PLAIN"),
    (["login"], {}, True, "LOGIN"),
    (["LOGIN", "PLAIN"], {}, False, None),
    (["XOAUTH2"], {}, True, None),
    ([], {}, True, None),
])
def test_the_strongest_is_chosen(offered: list[str], bindings: dict[str, bytes], clear: bool, wanted: str | None) -> None:
    """Bound before unbound, proof before password, and no password in the clear."""
    mechanism: Mechanism | None = choose(offered, "ann", "secret", bindings, clear=clear)

    assert (mechanism and mechanism.name) == wanted


def test_a_removed_offer_is_reported() -> None:
    """If we could bind but were not offered it, the server is told so (RFC 5802 §6)."""
    mechanism = choose(["SCRAM-SHA-256"], "ann", "secret", {"tls-server-end-point": b"x"}, clear=False)

    assert mechanism is not None
    assert (mechanism.begin() or b"").startswith(b"y,,")
