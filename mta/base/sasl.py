"""SASL, the server's side: how someone shows us who they are (RFC 4422), for SMTP now and IMAP later.

Messages in and out, no sockets and no opinions: PLAIN (RFC 4616), LOGIN (a draft that
every mail program knows), SCRAM-SHA-256 and SCRAM-SHA-256-PLUS (RFC 5802, RFC 7677).
Trusted with passwords: none of them may reach a log or an error.

Read on: mta.smtp.login carries these messages, mta.store.credentials keeps the keys,
mta.base.saslclient is the other side.
"""
import base64
import binascii
import hashlib
import hmac
import stringprep
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mta.base.errors import PillarboxError

#: Strongest first, as offered; the -PLUS one only where a channel can be bound.
MECHANISMS = ("SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "PLAIN", "LOGIN")

#: What LOGIN asks, before base64 "VXNlcm5hbWU6" and "UGFzc3dvcmQ6": old Outlooks compare the text.
LOGIN_PROMPTS = (b"Username:", b"Password:")

#: Channel bindings by their registered names: RFC 5929 §4 and RFC 9266.
END_POINT, EXPORTER = "tls-server-end-point", "tls-exporter"
#: The data of each, by name; several where any of them will do.
Bindings = Mapping[str, bytes | tuple[bytes, ...]]


class BadExchange(PillarboxError):
    """The peer's message does not follow the mechanism; the text says how, without secrets."""


@dataclass(frozen=True, slots=True)
class Plain:
    """What PLAIN says: the password of name, who wants to act as identity ("" for themselves)."""

    identity: str
    name: str
    password: str


@dataclass(frozen=True, slots=True)
class ScramSecrets:
    """What a server keeps for SCRAM-SHA-256 (RFC 5802 §3, RFC 7677).

    All credentials of an account share salt and iterations; keys has (credential id,
    StoredKey, ServerKey) for each.  An unknown user has a stable false salt, no keys and
    account_id None.
    """

    salt: bytes
    iterations: int
    keys: Sequence[tuple[int, bytes, bytes]]
    account_id: int | None


# --- text ---------------------------------------------------------------------------------


def prepare(text: str) -> str:
    """A name or password as it is hashed and compared, so that every keyboard's form of it is one.

    RFC 4013 §2: other spaces become a space, soft hyphens and the like vanish, NFKC;
    control characters are refused (BadExchange).
    """
    if text.isascii():
        prepared = text
    else:
        # RFC 4013 §2.3, deviate: private, unassigned and mixed-direction text is let through;
        # Unicode 3.2 would forbid every newer letter and emoji in a password.
        mapped = (" " if stringprep.in_table_c12(char) else char for char in text if not stringprep.in_table_b1(char))
        prepared = unicodedata.normalize("NFKC", "".join(mapped))
    if any(unicodedata.category(char) in ("Cc", "Cs") for char in prepared):
        raise BadExchange("a name or password has no control characters")
    return prepared


def decode(line: bytes) -> bytes:
    """The octets of one base64 message; BadExchange if it is not canonical base64 (RFC 4954 §4)."""
    try:
        return base64.b64decode(line, validate=True)
    except (binascii.Error, ValueError):
        raise BadExchange("that is not base64") from None


def _text(octets: bytes) -> str:
    try:
        return octets.decode()
    except UnicodeDecodeError:
        raise BadExchange("that is not UTF-8") from None


# --- PLAIN and LOGIN ------------------------------------------------------------------------


def parse_plain(message: bytes) -> Plain:
    """Read PLAIN's one message: identity NUL name NUL password (RFC 4616 §2)."""
    parts = _text(message).split("\0")
    if len(parts) != 3:
        raise BadExchange("PLAIN has three parts with NUL between them")
    identity, name, password = parts
    if not name or not password:
        raise BadExchange("PLAIN needs a name and a password")
    plain = Plain(prepare(identity), prepare(name), prepare(password))
    _same_person(plain.identity, plain.name)
    return plain


def parse_login(message: bytes) -> str:
    """Read one answer to a LOGIN prompt."""
    # Some clients end it with NUL, as the terminated string they have in memory.
    text = prepare(_text(message.removesuffix(b"\0")))
    if not text:
        raise BadExchange("LOGIN needs a name and a password")
    return text


def _same_person(identity: str, name: str) -> None:
    """RFC 4422 §2: acting for another is for proxies; nobody here may."""
    if identity and identity != name:
        raise BadExchange("acting for somebody else is not possible: leave the authorization identity empty")


# --- SCRAM ----------------------------------------------------------------------------------


def scram_keys(password: str, salt: bytes, iterations: int) -> tuple[bytes, bytes]:
    """StoredKey and ServerKey of a password (RFC 5802 §3); takes milliseconds on purpose."""
    salted = hashlib.pbkdf2_hmac("sha256", prepare(password).encode(), salt, iterations)
    return hashlib.sha256(_hmac(salted, b"Client Key")).digest(), _hmac(salted, b"Server Key")


@dataclass(frozen=True, slots=True)
class _First:
    """The client's first message: its header, bare part, name, nonce and the binding it wants ("" for none)."""

    header: str
    bare: str
    name: str
    nonce: str
    binding: str


class ScramServer:
    """One exchange, the server's end: name, then challenge(), then verify().

    bindings has the data of each channel binding that is possible here, or several of
    which any will do (a server of two certificates cannot tell which of them the client
    saw; nobody else has the key of either); plus tells
    whether the -PLUS mechanism was chosen.  Any method may raise BadExchange.
    """

    def __init__(self, client_first: bytes, nonce: str, bindings: Bindings, *, plus: bool) -> None:
        self._first = _parse_first(_text(client_first), plus=plus, can_bind=bool(bindings))
        if self._first.binding and self._first.binding not in bindings:
            raise BadExchange(f"the channel binding {self._first.binding} is not possible here")
        bound = bindings[self._first.binding] if self._first.binding else b""
        self._bound = bound if isinstance(bound, tuple) else (bound,)
        self._nonce = self._first.nonce + nonce
        self._server_first = ""

    @property
    def name(self) -> str:
        """Whose secrets are needed, as typed but prepared."""
        return self._first.name

    def challenge(self, secrets: ScramSecrets) -> bytes:
        """The server's first message."""
        salt = base64.b64encode(secrets.salt).decode()
        self._server_first = f"r={self._nonce},s={salt},i={secrets.iterations}"
        return self._server_first.encode()

    def verify(self, client_final: bytes, secrets: ScramSecrets) -> tuple[int | None, bytes]:
        """The credential id whose proof this is, or None, and the server's last message."""
        text = _text(client_final)
        without_proof, found, proof_text = text.rpartition(",p=")
        parts = without_proof.split(",")
        if not found or len(parts) < 2:
            raise BadExchange("the final message needs c=, r= and p=")
        header = self._first.header.encode()
        if parts[0] not in ["c=" + base64.b64encode(header + bound).decode() for bound in self._bound]:
            raise BadExchange("the channel binding does not match: someone may sit between us")
        if parts[1] != f"r={self._nonce}":
            raise BadExchange("the nonce is not ours")
        proof = decode(proof_text.encode())
        signed = ",".join([self._first.bare, self._server_first, without_proof]).encode()
        for credential, stored_key, server_key in secrets.keys:
            if _proves(proof, stored_key, signed):
                return credential, b"v=" + base64.b64encode(_hmac(server_key, signed))
        if not secrets.keys:
            _proves(proof, bytes(32), signed)    # who does not exist takes as long as who does
        return None, b"e=invalid-proof"


def _parse_first(text: str, *, plus: bool, can_bind: bool) -> _First:
    """Read gs2-header and client-first-message-bare (RFC 5802 §7)."""
    pieces = text.split(",", 2)
    if len(pieces) != 3:
        raise BadExchange("the first message needs a GS2 header")
    flag, identity, bare = pieces
    binding = flag[2:] if flag.startswith("p=") else ""
    if not binding and flag not in ("n", "y"):
        raise BadExchange("the GS2 header starts with n, y or p=")
    # RFC 5802 §6: "y" says that the client thinks we cannot bind; if we offered it, someone
    # has cut it out on the way.
    if flag == "y" and can_bind:
        raise BadExchange("channel binding was offered, but did not reach you")
    if bool(binding) != plus:
        raise BadExchange("channel binding and mechanism do not agree")
    fields = bare.split(",")
    if fields[0].startswith("m="):
        raise BadExchange("mandatory extensions are not known here")
    if len(fields) < 2 or not fields[0].startswith("n=") or not fields[1].startswith("r=") or len(fields[1]) < 3:
        raise BadExchange("the first message needs n= and r=")
    name = prepare(_sasl_name(fields[0][2:]))
    if identity and not identity.startswith("a="):
        raise BadExchange("the authorization identity starts with a=")
    _same_person(prepare(_sasl_name(identity[2:])), name)
    if not name:
        raise BadExchange("the first message needs a name")
    return _First(f"{flag},{identity},", bare, name, fields[1][2:], binding)


def _sasl_name(text: str) -> str:
    """RFC 5802 §5.1: "," and "=" travel as =2C and =3D; any other "=" is an error."""
    plain = text.replace("=2C", "").replace("=3D", "")
    if "=" in plain:
        raise BadExchange("the name has a stray =")
    return text.replace("=2C", ",").replace("=3D", "=")


def _proves(proof: bytes, stored_key: bytes, signed: bytes) -> bool:
    """True if proof was made with the key whose hash is stored_key (RFC 5802 §3)."""
    if len(proof) != len(stored_key):
        return False
    client_key = _xor(proof, _hmac(stored_key, signed))
    return hmac.compare_digest(hashlib.sha256(client_key).digest(), stored_key)


def _hmac(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, "sha256")


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
