"""What the SMTP client needs of a connection: octets in, octets out, TLS.

mta.net.connect has the real one; a test brings its own.  A wire knows no SMTP and no
time-outs: who waits sets the bound (asyncio.timeout), and a wire that was waited for in
vain is closed.
"""
import ssl
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Secured:
    """What a TLS handshake agreed on.

    version is like "TLSv1.3", cipher OpenSSL's name; verified is True if the peer's
    certificate was checked against its name.  chain has the certificates that the peer sent,
    its own first, as DER, for those who check them afterwards.
    """

    version: str
    cipher: str
    verified: bool
    chain: tuple[bytes, ...] = ()


class Wire(Protocol):
    """A connection to a peer.  A broken one raises OSError."""

    @property
    def pending(self) -> int:
        """How many octets have arrived that nobody has read."""
        ...

    async def read(self) -> bytes:
        """What has arrived, at least one octet; b"" once the peer has closed."""
        ...

    def write(self, data: bytes) -> None:
        """Send data; keeps what does not leave at once."""
        ...

    async def drain(self) -> None:
        """Return when most of what was written has left."""
        ...

    async def start_tls(self, context: ssl.SSLContext, server_name: str) -> Secured:
        """Encrypt from here on; ssl.SSLError if the handshake fails.

        Octets that arrived in the clear and were not read must not survive the handshake:
        ConnectionError if there are any (RFC 3207 §6).
        """
        ...

    def bindings(self) -> dict[str, bytes]:
        """The channel bindings of the encryption by their registered names (RFC 5929); empty in the clear."""
        ...

    def close(self) -> None:
        """Let go of the connection, without waiting; harmless if it is closed."""
        ...
