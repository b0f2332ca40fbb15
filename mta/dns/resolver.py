"""The question: whoever needs DNS is handed a Resolver.

The roles hand in a connection to the resolver process, a test hands in a Zone.
"""
from typing import Protocol

from mta.base.names import Domain, IPAddress
from mta.dns.answer import Answer, RecordType


class Resolver(Protocol):
    """Answers questions; every answer says whether DNSSEC vouches for it."""

    async def ask(self, name: Domain, kind: RecordType) -> Answer:
        """The answer for name and kind; trouble is an outcome, nothing is raised."""
        ...


def reverse_name(ip: IPAddress) -> Domain:
    """The name whose PTR record names ip (RFC 1035 §3.5, RFC 3596 §2.5)."""
    return Domain(ip.reverse_pointer)
