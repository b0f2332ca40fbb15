"""Tests of mta.auth.signature."""
import pytest

from mta.auth import signature
from mta.auth.canon import Canon
from mta.auth.message import Message
from mta.auth.signature import BadSignature, Seal, read_dkim, read_message_signature, read_seal, start_of, without_signature
from mta.base.limits import LIMITS
from mta.base.names import Domain

FIELD = (b"DKIM-Signature: v=1; a=rsa-sha256; c=simple; d=Example.org;\r\n\ts=S1; t=117574; x=118006; l=10;\r\n"
         b"\th=From : to:\r\n\tFrom; i=ann@sub.example.org; bh=QUJD; b=QU\r\n\t JD ; z=a|b\r\n")


def test_every_tag() -> None:
    """What RFC 6376 §3.5 has, each as its type; what it does not have is ignored."""
    read = read_dkim(FIELD)

    assert (read.domain, read.selector, read.algorithm) == (Domain("example.org"), "s1", "rsa-sha256")
    assert (read.octets, read.text, read.body_hash) == (b"ABC", "QUJD", b"ABC")
    assert (read.header_canon, read.body_canon) == (Canon.SIMPLE, Canon.SIMPLE)
    assert read.names == ("from", "to", "from")
    assert (read.signed_at, read.expires, read.limit) == (117574, 118006, 10)
    assert (read.identity, read.identity_domain) == ("ann@sub.example.org", Domain("sub.example.org"))


def test_what_stands_for_missing_tags() -> None:
    """RFC 6376 §3.5: the identity is the domain, the canonicalization simple."""
    read = read_dkim(b"DKIM-Signature: v=1;a=x;d=example.org;s=s;h=from;bh=QUJD;b=QUJD\r\n")

    assert (read.identity, read.header_canon, read.body_canon) == ("@example.org", Canon.SIMPLE, Canon.SIMPLE)
    assert (read.signed_at, read.expires, read.limit) == (None, None, None)


@pytest.mark.parametrize("name", ["v", "a", "d", "s", "h", "bh", "b"])
def test_no_required_tag_may_be_missing(name: str) -> None:
    """Nor be empty, but for h=, which then covers nothing."""
    given = {"v": "1", "a": "x", "d": "example.org", "s": "s", "h": "from", "bh": "QUJD", "b": "QUJD"}
    missing = ";".join(f"{tag}={value}" for tag, value in given.items() if tag != name)
    with pytest.raises(BadSignature, match=rf"there is no {name}="):
        read_dkim(f"DKIM-Signature: {missing}\r\n".encode())
    if name != "h":
        with pytest.raises(BadSignature):
            read_dkim(f"DKIM-Signature: {missing};{name}=\r\n".encode())


@pytest.mark.parametrize(("old", "new"), [
    (b"v=1", b"v=1; v=1"), (b"v=1", b"V=1"), (b"v=1", b"v"), (b"l=10", b"l=-1"), (b"l=10", b"l=" + b"1" * 77),
    (b"l=10", "l=１".encode()), (b"t=117574", b"t="), (b"t=117574", b"t=1" + b"0" * 12),
    (b"bh=QUJD", b"bh=QUJ"), (b"bh=QUJD", b"bh=QUJD=="), (b"bh=QUJD", b"bh=QU-_"), (b"b=QU", "b=ü".encode()), (b"b=QU", b"b=\xff"),
    (b"i=ann@", b"i=ann=0A@"), (b"i=ann@", b"i==FF@"), (b"i=ann@sub.example.org", b"i=@"), (b"d=Example.org", b"d=a..b"),
    (b"d=Example.org", b"d=\xff.org"), (b"s=S1", b"s=a b"), (b"c=simple", b"c=simple/simple/simple"), (b"c=simple", b"c="),
    (b"; z=a|b", b";;"), (b"z=a|b", b"z=" + b"a" * LIMITS.signature_field),
])
def test_what_is_no_signature(old: bytes, new: bytes) -> None:
    """Broken in one place."""
    with pytest.raises(BadSignature):
        read_dkim(FIELD.replace(old, new))


def test_international_names() -> None:
    """RFC 8616 §4: d=, s= and i= may have U-labels, and a local part octets beyond ASCII, quoted or not."""
    read = read_dkim("DKIM-Signature: v=1;a=x;d=bücher.example;s=schlüssel;i=grü=C3=9Fe@bücher.example;h=from;bh=QUJD;b=QUJD\r\n".encode())

    assert (read.domain.ascii, read.selector) == ("xn--bcher-kva.example", "xn--schlssel-95a")
    assert read.identity == "grüße@xn--bcher-kva.example"


@pytest.mark.parametrize(("field", "want"), [
    (FIELD, FIELD.replace(b"b=QU\r\n\t JD ;", b"b=;").removesuffix(b"\r\n")),
    (b"X: a=1; b = QU JD \r\n\t\r\n", b"X: a=1; b ="),
    (b"X:\r\n b=QUJD; bh=b=; c=x\r\n", b"X:\r\n b=; bh=b=; c=x"),
    (b"X: a=\xff; b=x;\r\n", b"X: a=\xff; b=;"),
])
def test_the_signature_is_taken_out(field: bytes, want: bytes) -> None:
    """RFC 6376 §3.5: b= with all white space around it, and nothing else, whatever the octets."""
    assert without_signature(field) == want


def test_arc_fields() -> None:
    """RFC 8617 §4.1.2 and §4.1.3: i= is the instance; without c= a message signature is relaxed, as everybody writes it."""
    read = read_message_signature(b"ARC-Message-Signature: i=2;a=x;d=example.org;s=s;h=from;bh=QUJD;b=QUJD\r\n")
    seal = read_seal(b"ARC-Seal: i=02; a=rsa-sha256; t=12345; cv=pass; d=example.org; s=s; b=QUJD\r\n")

    assert (read.instance, read.header_canon, read.body_canon, read.identity) == (2, Canon.RELAXED, Canon.RELAXED, "")
    assert isinstance(seal, Seal)
    assert (seal.instance, seal.chain, seal.signed_at) == (2, "pass", 12345)


@pytest.mark.parametrize("tags", [
    "i=0;cv=none", "i=51;cv=none", "i=001;cv=none", "i=x;cv=none", "cv=none", "i=1", "i=1;cv=maybe", "i=1;cv=none;h=from",
])
def test_what_is_no_seal(tags: str) -> None:
    """Instances from 1 to 50, a known cv=, and no h=."""
    with pytest.raises(BadSignature):
        read_seal(f"ARC-Seal: {tags};a=x;d=example.org;s=s;b=QUJD\r\n".encode())


def test_a_message_signature_covers_no_seal() -> None:
    """The seal is made after it (RFC 8617 §4.1.2)."""
    with pytest.raises(BadSignature, match="ARC-Seal"):
        read_message_signature(b"ARC-Message-Signature: i=1;a=x;d=example.org;s=s;h=from:ARC-Seal;bh=QUJD;b=QUJD\r\n")


def test_all_of_a_message() -> None:
    """The topmost ones, as many as wanted, broken ones in their places."""
    message = Message([b"To: a\r\n", FIELD, b"DKIM-Signature: x\r\n", FIELD, FIELD])
    found = signature.read_all(message, "dkim-signature", read_dkim, 3)

    assert [place for place, _ in found] == [1, 2, 3]
    assert [isinstance(read, BadSignature) for _, read in found] == [False, True, False]


@pytest.mark.parametrize(("texts", "want"), [
    (["abcdefghij"], "abcdefgh"), (["abcdefghij", "abcdefghik"], "abcdefghij"), (["abcdefghij", "abcdefghij"], "abcdefgh"),
    (["abc"], "abc"), (["abcdefgh", "abcdefghij"], "abcdefgh"),
])
def test_beginnings(texts: list[str], want: str) -> None:
    """Eight characters, and more where they are needed to tell two signatures apart (RFC 6008 §4)."""
    assert start_of(texts[0], texts) == want
