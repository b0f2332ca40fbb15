"""Signature fields, read: DKIM-Signature, ARC-Message-Signature and ARC-Seal.

They are written in one language and made in one way; a DKIM-Signature and an
ARC-Message-Signature cover the message, an ARC-Seal covers other ARC fields.  What is
read here is well-formed.  Whether it is believed is for mta.auth.verify and mta.auth.arc.

Standards: RFC 6376 §3.5, RFC 8463 §3, RFC 8616 §4, RFC 8617 §4.
"""
import base64
import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from mta.auth import tags
from mta.auth.canon import Canon, canonical_field
from mta.auth.message import Message
from mta.auth.tags import BadTags
from mta.base.errors import BadName
from mta.base.limits import LIMITS
from mta.base.names import Domain

DKIM_SIGNATURE, ARC_MESSAGE_SIGNATURE, ARC_SEAL = "dkim-signature", "arc-message-signature", "arc-seal"
#: What b= and bh= are made with (RFC 8301 §3.1, RFC 8463 §3), and the kind of key (k=) that each needs.
ALGORITHMS = {"rsa-sha256": "rsa", "ed25519-sha256": "ed25519"}
HISTORIC = "rsa-sha1"
#: RFC 6376 §2.11: an octet written as =XX.
HEX_OCTET = re.compile(rb"=([0-9A-F]{2})")
CRLF = "\r\n"
DIGITS = re.compile(r"[0-9]+")


Kind = TypeVar("Kind")


class BadSignature(ValueError):
    """A field that is no signature; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Signature:
    """What every kind says: by whom, how, and when it was made.

    unsigned is the field as it was signed: b= is empty, the last CRLF is gone.
    """

    domain: Domain
    selector: str
    algorithm: str
    octets: bytes
    signed_at: int | None
    unsigned: bytes

    @property
    def text(self) -> str:
        """b= without spaces."""
        return base64.b64encode(self.octets).decode()


@dataclass(frozen=True, slots=True)
class MessageSignature(Signature):
    """A signature over chosen header fields and the body (RFC 6376 §3.5, RFC 8617 §4.1.2).

    limit is the number of canonical octets of the body that are signed (l=), None for
    all.  instance is 0 in a DKIM-Signature; identity is "" in an ARC-Message-Signature.
    """

    names: tuple[str, ...]
    header_canon: Canon
    body_canon: Canon
    body_hash: bytes
    limit: int | None
    expires: int | None
    identity: str
    identity_domain: Domain
    instance: int

    def header_digest(self, message: Message, place: int) -> bytes:
        """The hash that was signed: chosen fields of message, and at last this field itself, which is at place (RFC 6376 §3.7)."""
        return digest([*message.chosen(self.names, self.header_canon, but=place), unsigned_form(self.unsigned, self.header_canon)])


@dataclass(frozen=True, slots=True)
class Seal(Signature):
    """An ARC-Seal (RFC 8617 §4.1.3): instance, and what the sealer found the chain to be ("none", "pass", "fail")."""

    instance: int
    chain: str


def read_dkim(field: bytes) -> MessageSignature:
    """The DKIM-Signature in field, which is complete with its CRLF; BadSignature if it is none."""
    given = _Given(field)
    if given.text("v") != "1":
        raise BadSignature("v= is not 1")
    methods = given.get("q", "dns/txt").split(":")
    if "dns/txt" not in (method.strip(tags.SPACES).lower() for method in methods):
        raise BadSignature("q= offers no way to the key that we know")
    domain = given.domain("d")
    identity, identity_domain = given.identity(domain)
    return _message_signature(given, domain, identity, identity_domain, 0, "simple/simple")


def read_message_signature(field: bytes) -> MessageSignature:
    """The ARC-Message-Signature in field; BadSignature if it is none.  v= is unknown here, and i= is the instance."""
    given = _Given(field)
    domain = given.domain("d")
    # RFC 8617 §4.1.2, deviate: c= is as in DKIM, where "simple" stands for a missing one; the test suite
    # of the authors and the programs that are used mean "relaxed".
    found = _message_signature(given, domain, "", domain, given.instance(), "relaxed/relaxed")
    # RFC 8617 §4.1.2, deviate: no ARC field may be covered, but those programs and that suite cover
    # ARC-Authentication-Results.  A seal, at least, comes later than what it seals.
    if ARC_SEAL in found.names:
        raise BadSignature("h= names ARC-Seal")
    return found


def read_seal(field: bytes) -> Seal:
    """The ARC-Seal in field; BadSignature if it is none."""
    given = _Given(field)
    # RFC 8617 §4.1.3: what it covers is fixed.
    if "h" in given:
        raise BadSignature("a seal has no h=")
    chain = given.text("cv")
    if chain not in ("none", "pass", "fail"):
        raise BadSignature("cv= is neither none nor pass nor fail")
    return Seal(given.domain("d"), given.selector(), given.algorithm(), given.octets("b"), given.number("t", 12), given.unsigned,
                given.instance(), chain)


def read_all(message: Message, name: str, read: Callable[[bytes], Kind], most: int) -> list[tuple[int, Kind | BadSignature]]:
    """The first signatures of that name in message, at most so many: where each is, and what was read or what is wrong with it."""
    found: list[tuple[int, Kind | BadSignature]] | None = message.readings.get((read, most))
    if found is None:
        found = message.readings[read, most] = []
        for place in message.places(name)[:most]:
            try:
                found.append((place, read(message.fields[place])))
            except BadSignature as bad:
                found.append((place, bad))
    return found


def digest(fields: Iterable[bytes]) -> bytes:
    """SHA-256 of canonical fields, one after the other."""
    hashed = hashlib.sha256()
    for field in fields:
        hashed.update(field)
    return hashed.digest()


def unsigned_form(field: bytes, canon: Canon) -> bytes:
    """The canonical form of a signature field whose b= is empty, without CRLF at its end (RFC 6376 §3.7)."""
    return canonical_field(field + b"\r\n", canon).removesuffix(b"\r\n")


def without_signature(field: bytes) -> bytes:
    """A signature field with nothing in its b=, and without its last CRLF."""
    name, colon, value = _text(field).partition(":")
    return f"{name}{colon}{tags.emptied(value.removesuffix(CRLF), 'b')}".encode("utf-8", "surrogateescape")


def start_of(text: str, texts: Iterable[str]) -> str:
    """As much of text (a b=, one of texts) as tells it from the others: header.b of RFC 8601 §2.7.1.

    RFC 6008 §4: eight characters, more if several signatures begin alike.
    """
    others = {other for other in texts if other != text}
    length = 8
    while length < len(text) and any(other.startswith(text[:length]) for other in others):
        length += 1
    return text[:length]


def _message_signature(
        given: "_Given", domain: Domain, identity: str, identity_domain: Domain, number: int, canons: str) -> MessageSignature:
    header_canon, body_canon = given.canons(canons)
    return MessageSignature(
        domain, given.selector(), given.algorithm(), given.octets("b"), given.number("t", 12), given.unsigned,
        tuple(tags.names(given.text("h", empty=True))), header_canon, body_canon, given.octets("bh"),
        given.number("l", 76), given.number("x", 12), identity, identity_domain, number)


def _text(field: bytes) -> str:
    """field as text from which the same octets can be made again."""
    return field.decode("utf-8", "surrogateescape")


class _Given:
    """The tags of a signature field, taken out one by one, each as its kind."""

    def __init__(self, field: bytes) -> None:
        if len(field) > LIMITS.signature_field:
            raise BadSignature("the field is too long")
        self.unsigned = without_signature(field)
        try:
            self._tags = tags.read(_text(field).partition(":")[2])
        except BadTags as problem:
            raise BadSignature(str(problem)) from None

    def __contains__(self, name: str) -> bool:
        return name in self._tags

    def get(self, name: str, default: str) -> str:
        return self._tags.get(name, default)

    def text(self, name: str, *, empty: bool = False) -> str:
        """The value of a tag that has to be there."""
        value = self._tags.get(name)
        if value is None:
            raise BadSignature(f"there is no {name}=")
        if not value and not empty:
            raise BadSignature(f"{name}= is empty")
        return value

    def octets(self, name: str) -> bytes:
        """The octets of a tag in base64 (RFC 6376 §2.10)."""
        text = self.text(name)
        try:
            return tags.octets(text)
        except ValueError:
            raise BadSignature(f"{name}= is not base64") from None

    def number(self, name: str, digits: int) -> int | None:
        """The number in a tag, None if there is no such tag."""
        if name not in self._tags:
            return None
        value = self._tags[name]
        if not DIGITS.fullmatch(value) or len(value) > digits:
            raise BadSignature(f"{name}= is not a number")
        return int(value)

    def algorithm(self) -> str:
        return self.text("a")

    def domain(self, name: str) -> Domain:
        return _domain(self.text(name), name)

    def selector(self) -> str:
        """The selector in A-labels (RFC 8616 §4)."""
        try:
            return Domain.parse(self.text("s")).ascii
        except BadName:
            raise BadSignature("s= is not a selector") from None

    def canons(self, default: str) -> tuple[Canon, Canon]:
        """How header and body were written down: two words of which the second may be missing (RFC 6376 §3.5, c=)."""
        head, _, body = self.get("c", default).partition("/")
        try:
            return Canon(head), Canon(body or "simple")
        except ValueError:
            raise BadSignature("c= is no canonicalization that we know") from None

    def instance(self) -> int:
        """The number of an ARC set (RFC 8617 §4.2.1)."""
        return instance(self.text("i"))

    def identity(self, domain: Domain) -> tuple[str, Domain]:
        """For whom the domain signs (i=), "@domain" where it does not say, and the domain in it (RFC 6376 §3.5)."""
        if "i" not in self._tags:
            return f"@{domain.ascii}", domain
        text = _unquoted(tags.without_space(self._tags["i"]))
        local, at, name = text.rpartition("@")
        if not at or not text.isprintable():
            raise BadSignature("i= is not an identity")
        whose = _domain(name, "i")
        return f"{local}@{whose.ascii}", whose


def instance(text: str) -> int:
    """The number of an ARC set; BadSignature if it is none (RFC 8617 §4.2.1)."""
    if not DIGITS.fullmatch(text) or len(text) > 2 or not 1 <= int(text) <= LIMITS.arc_sets:
        raise BadSignature(f"i= is not a number from 1 to {LIMITS.arc_sets}")
    return int(text)


def _domain(text: str, name: str) -> Domain:
    """A domain as RFC 6376 §3.5 has it: at least two labels, so that nobody signs for a whole top-level domain."""
    try:
        domain = Domain.parse(text)
    except BadName:
        raise BadSignature(f"{name}= is not a domain") from None
    if "." not in domain.ascii:
        raise BadSignature(f"{name}= is not a domain")
    return domain


def _unquoted(text: str) -> str:
    """What dkim-quoted-printable means (RFC 6376 §2.11); what is beyond ASCII may stand for itself (RFC 8616 §4)."""
    octets = text.encode("utf-8", "surrogateescape")
    try:
        return HEX_OCTET.sub(lambda found: bytes([int(found[1], 16)]), octets).decode()
    except UnicodeDecodeError:
        raise BadSignature("i= is not an identity") from None
