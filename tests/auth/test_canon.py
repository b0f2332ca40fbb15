"""Tests of mta.auth.canon."""
import base64
import hashlib
import tracemalloc

import pytest
from dkim.canonicalization import Relaxed, Simple
from hypothesis import given
from hypothesis import strategies as st

from mta.auth.canon import BodyHash, Canon, canonical_field

#: Bodies as our sessions let them through: lines that end in CRLF, nothing else.
LINE = st.text(st.sampled_from(" \tabc"), max_size=12).map(str.encode)
BODY = st.lists(LINE, max_size=12).map(lambda lines: b"".join(line + b"\r\n" for line in lines))
CANONS = {Canon.SIMPLE: Simple, Canon.RELAXED: Relaxed}


def digest(canon: Canon, *chunks: bytes) -> bytes:
    """The hash of a body that comes in chunks."""
    body = BodyHash(canon)
    for chunk in chunks:
        body.update(chunk)
    return body.digest()


@pytest.mark.parametrize("canon", Canon)
@given(body=BODY, width=st.integers(1, 5))
def test_same_as_dkimpy_however_cut(canon: Canon, body: bytes, width: int) -> None:
    """Where the chunks are cut must not matter, and another program comes to the same hash."""
    chunks = [body[at:at + width] for at in range(0, len(body), width)]

    theirs = hashlib.sha256(CANONS[canon].canonicalize_body(body)).digest()
    assert digest(canon, body) == digest(canon, *chunks)
    if body.strip(b"\r\n\t ") or canon is Canon.SIMPLE:
        assert digest(canon, body) == theirs


@pytest.mark.parametrize(("canon", "want"), [
    (Canon.SIMPLE, "frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY="),
    (Canon.RELAXED, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
])
def test_the_empty_body(canon: Canon, want: str) -> None:
    """RFC 6376 §3.4.3 and §3.4.4 print these two hashes."""
    assert base64.b64encode(digest(canon)).decode() == want


@pytest.mark.parametrize("body", [b"\r\n", b"\r\n\r\n", b" \r\n\t \r\n", b" ", b"\r\n "])
def test_nothing_but_blank_lines_is_empty(body: bytes) -> None:
    """A relaxed body of blank lines and spaces hashes like none."""
    assert digest(Canon.RELAXED, body) == digest(Canon.RELAXED)


def test_the_example_of_the_standard() -> None:
    """RFC 6376 §3.4.5, example 1."""
    body = b" C \r\nD \t E\r\n\r\n\r\n"

    assert digest(Canon.RELAXED, body) == hashlib.sha256(b" C\r\nD E\r\n").digest()
    assert digest(Canon.SIMPLE, body) == hashlib.sha256(b" C \r\nD \t E\r\n").digest()


def test_a_missing_last_line_end_is_added() -> None:
    """RFC 6376 §3.4.3: a body that does not end in CRLF gets one."""
    assert digest(Canon.SIMPLE, b"abc") == digest(Canon.SIMPLE, b"abc\r\n")
    assert digest(Canon.RELAXED, b"abc ") == digest(Canon.RELAXED, b"abc\r\n")


@pytest.mark.parametrize("canon", Canon)
@given(data=st.text(st.sampled_from(" \r\na"), max_size=30).map(str.encode), width=st.integers(1, 4))
def test_lone_line_ends_are_octets(canon: Canon, data: bytes, width: int) -> None:
    """Rubbish is hashed too, the same however it is cut."""
    assert digest(canon, data) == digest(canon, *[data[at:at + width] for at in range(0, len(data), width)])


def test_only_the_first_octets_count() -> None:
    """l= of a signature cuts the canonical form; what is beyond counts for the others."""
    body = BodyHash(Canon.RELAXED, [4, 0, 11, 12])
    body.update(b"a  b\r\ncdef\r\n")

    assert body.digest_at(4) == hashlib.sha256(b"a b\r").digest()
    assert body.digest_at(0) == hashlib.sha256().digest()
    assert body.digest_at(11) == body.digest() == hashlib.sha256(b"a b\r\ncdef\r\n").digest()
    assert body.digest_at(12) is None
    assert body.octets == 11


@pytest.mark.parametrize("canon", Canon)
@given(body=BODY, width=st.integers(1, 5), cuts=st.lists(st.integers(0, 40), max_size=6))
def test_any_number_of_cuts(canon: Canon, body: bytes, width: int, cuts: list[int]) -> None:
    """Each cut has the hash of so many octets of what another program makes of the body."""
    hashed = BodyHash(canon, cuts)
    for at in range(0, len(body), width):
        hashed.update(body[at:at + width])
    theirs = CANONS[canon].canonicalize_body(body)
    if not body.strip(b"\r\n\t ") and canon is Canon.RELAXED:
        theirs = b""    # RFC 6376 §3.4.4; dkimpy leaves a CRLF

    for cut in cuts:
        wanted = hashlib.sha256(theirs[:cut]).digest() if cut <= len(theirs) else None
        assert hashed.digest_at(cut) == wanted


def test_memory_is_constant() -> None:
    """Millions of blank lines are counted, not kept."""
    body = BodyHash(Canon.RELAXED)
    chunk = b"\r\n" * 32_768
    body.update(chunk)
    tracemalloc.start()
    for _ in range(100):
        body.update(chunk)
    body.update(b"end\r\n")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert body.digest() == hashlib.sha256(b"\r\n" * (32_768 * 101) + b"end\r\n").digest()
    assert peak < 1_000_000


@pytest.mark.parametrize(("field", "want"), [
    (b"A: X\r\n", b"a:X\r\n"),
    (b"B : Y\t\r\n\tZ  \r\n", b"b:Y Z\r\n"),
    (b"SubJect:\r\n", b"subject:\r\n"),
])
def test_fields(field: bytes, want: bytes) -> None:
    """RFC 6376 §3.4.5 again, for header fields."""
    assert canonical_field(field, Canon.RELAXED) == want
    assert canonical_field(field, Canon.SIMPLE) == field
