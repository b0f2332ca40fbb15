"""The facts about a message by which reputation is kept, as they lie beside a stored one.

What is learned from a message when a person files it must be counted under just the names
that will be asked for when the next one comes; so both are made from these facts, and the
facts are kept with the message.
"""
from dataclasses import dataclass, replace
from typing import Self

import cbor2

from mta.auth.identity import Identity
from mta.base.names import Address, Domain, IPAddress, ip_address

#: The form of packed facts.
VERSION = 1
#: Characters of a HELO name that are kept.
HELLO = 255


@dataclass(frozen=True, slots=True)
class Facts:
    """Whose message it is and by which way it came.

    proven says that the author's domain stands by it.  hello is "" and ip None if the way
    says nothing of the sender: the message came through somebody who forwards.
    """

    author_address: Address | None
    proven: bool
    dkim_domains: tuple[Domain, ...] = ()
    spf_domain: Domain | None = None
    hello: str = ""
    ip: IPAddress | None = None

    @classmethod
    def of(cls, identity: Identity) -> Self:
        """The facts of a message that has just come."""
        return cls(identity.author_address, identity.proven, identity.dkim_domains, identity.spf_domain, identity.hello[:HELLO].lower(),
                   identity.ip)

    def forwarded(self) -> Self:
        """The same without the last part of the way, which is the forwarder's: its addresses, SPF and signatures of other domains."""
        author = self.author_address
        own = tuple(domain for domain in self.dkim_domains if author and domain.covers(author.domain))
        return replace(self, dkim_domains=own, spf_domain=None, hello="", ip=None)

    def pack(self) -> bytes:
        """CBOR for message_detail.identity."""
        return cbor2.dumps([
            VERSION, _packed(self.author_address), self.proven, [domain.ascii for domain in self.dkim_domains],
            self.spf_domain.ascii if self.spf_domain else "", self.hello, str(self.ip) if self.ip else ""])


def unpack(packed: bytes) -> Facts | None:
    """What Facts.pack() made; None if it is not that: nothing is known of the message."""
    try:
        version, author, proven, dkim, spf, hello, ip = cbor2.loads(packed)
        if version != VERSION:
            return None
        return Facts(
            Address(author[0], Domain(author[1])) if author else None, bool(proven), tuple(map(Domain, dkim)),
            Domain(spf) if spf else None, hello, ip_address(ip) if ip else None)
    except (cbor2.CBORError, ValueError, TypeError, IndexError):
        return None


def _packed(address: Address | None) -> list[str]:
    return [address.localpart, address.domain.ascii] if address else []
