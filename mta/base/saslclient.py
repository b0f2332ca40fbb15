"""SASL, the client's side: how we show a smarthost who we are.

Standards: RFC 4616 (PLAIN), RFC 5802 and RFC 7677 (SCRAM-SHA-256), RFC 5929 and RFC 9266
(channel binding); LOGIN as deployed.  A mechanism is a small conversation: `begin` gives
the initial response, `answer` takes a challenge and gives the next response, and `done`
says whether the server has proven itself as far as the mechanism asks it to.
"""
import hashlib
import hmac
import unicodedata
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from typing import Final, Protocol

from mta.base.sasl import END_POINT, EXPORTER
from mta.base.tokens import secret_text

#: RFC 7677 §4: a server with fewer iterations gives the password away.
LEAST_ITERATIONS: Final = 4_096
#: Half a second of one core; more is an attack on us.
MOST_ITERATIONS: Final = 1_000_000
#: RFC 9266 §1 prefers the exporter, but a server that offers only the older one cannot
#: say so; every server with -PLUS has that.
BINDINGS: Final = (END_POINT, EXPORTER)


class Refused(Exception):
    """The server asked for something that it may not have, or failed to prove itself."""


class Mechanism(Protocol):
    """One conversation; begin is called once, then answer for each challenge."""

    name: str
    #: True if whoever listens learns the password.
    clear: bool

    def begin(self) -> bytes | None:
        """The initial response; None if the server speaks first."""
        ...

    def answer(self, challenge: bytes) -> bytes:
        """The response to challenge.  Refused if there is none; may take half a second of computing."""
        ...

    @property
    def done(self) -> bool:
        """Whether a success that the server reports now may be believed."""
        ...


class Plain:
    """RFC 4616."""

    name, clear, done = "PLAIN", True, True

    def __init__(self, username: str, password: str) -> None:
        self._message = f"\0{username}\0{password}".encode()

    def begin(self) -> bytes:
        return self._message

    def answer(self, challenge: bytes) -> bytes:
        raise Refused("the server asks on after PLAIN was complete")


class Login:
    """Never standardised: the server asks for the name, then for the password, in whatever words."""

    name, clear, done = "LOGIN", True, True

    def __init__(self, username: str, password: str) -> None:
        self._left = [password.encode(), username.encode()]

    def begin(self) -> None:
        return None

    def answer(self, challenge: bytes) -> bytes:
        if not self._left:
            raise Refused("the server asks on after LOGIN was complete")
        return self._left.pop()


class Scram:
    """SCRAM-SHA-256, with the channel bound if binding is given (its name and octets).

    able says that we could bind the channel but the server does not offer it: if someone
    in the middle took the offer away, the server finds out (RFC 5802 §6, flag "y").
    """

    clear = False

    def __init__(self, username: str, password: str, binding: tuple[str, bytes] | None = None, *,
                 able: bool = False, nonce: str = "") -> None:
        self.name = "SCRAM-SHA-256-PLUS" if binding else "SCRAM-SHA-256"
        self.done = False
        self._password = _prepared(password).encode()
        kind, octets = binding or ("", b"")
        self._gs2 = f"p={kind},," if binding else "y,," if able else "n,,"
        self._bound = b64encode(self._gs2.encode() + octets).decode()
        self._nonce = nonce or secret_text(18)
        self._bare = f"n={_prepared(username).replace('=', '=3D').replace(',', '=2C')},r={self._nonce}"
        self._server_signature = b""

    def begin(self) -> bytes:
        return (self._gs2 + self._bare).encode()

    def answer(self, challenge: bytes) -> bytes:
        if self._server_signature:
            return self._last(challenge)
        said = _attributes(challenge)
        nonce, salt, iterations = said.get("r", ""), said.get("s", ""), said.get("i", "")
        if not nonce.startswith(self._nonce) or len(nonce) == len(self._nonce):
            raise Refused("the server's nonce does not continue ours")
        if not iterations.isdecimal() or not LEAST_ITERATIONS <= int(iterations[:9]) <= MOST_ITERATIONS:
            raise Refused("the server's iteration count is out of bounds")
        salted = hashlib.pbkdf2_hmac("sha256", self._password, _base64(salt), int(iterations))
        unproven = f"c={self._bound},r={nonce}"
        signed = f"{self._bare},{challenge.decode()},{unproven}".encode()
        client_key = hmac.digest(salted, b"Client Key", "sha256")
        signature = hmac.digest(hashlib.sha256(client_key).digest(), signed, "sha256")
        proof = bytes(one ^ other for one, other in zip(client_key, signature, strict=True))
        self._server_signature = hmac.digest(hmac.digest(salted, b"Server Key", "sha256"), signed, "sha256")
        return f"{unproven},p={b64encode(proof).decode()}".encode()

    def _last(self, challenge: bytes) -> bytes:
        """The server's final message: its proof that it knows us too."""
        said = _attributes(challenge)
        if "e" in said:
            raise Refused(f"the server says {said['e']}")
        if not hmac.compare_digest(_base64(said.get("v", "")), self._server_signature):
            raise Refused("the server does not know our password either")
        self.done = True
        return b""


def choose(offered: Iterable[str], username: str, password: str, bindings: Mapping[str, bytes], *, clear: bool) -> Mechanism | None:
    """The strongest mechanism that both sides have, or None.

    bindings are the channel bindings of the connection by name; clear allows mechanisms
    that show the password to whoever listens.
    """
    names = {name.upper() for name in offered}
    if "SCRAM-SHA-256-PLUS" in names:
        for kind in BINDINGS:
            if kind in bindings:
                return Scram(username, password, (kind, bindings[kind]))
    if "SCRAM-SHA-256" in names:
        return Scram(username, password, able=bool(bindings) and "SCRAM-SHA-256-PLUS" not in names)
    if clear and "PLAIN" in names:
        return Plain(username, password)
    if clear and "LOGIN" in names:
        return Login(username, password)
    return None


def _prepared(text: str) -> str:
    """RFC 4013 as far as it matters to a name and password that were accepted once."""
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def _attributes(message: bytes) -> dict[str, str]:
    """The attributes of a SCRAM message (RFC 5802 §5.1); Refused if it is none."""
    try:
        parts = [part.partition("=") for part in message.decode().split(",")]
    except UnicodeDecodeError:
        raise Refused("the server's message is no SCRAM") from None
    return {name: value for name, _, value in parts}


def _base64(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except ValueError:
        raise Refused("the server's message has broken base64") from None
