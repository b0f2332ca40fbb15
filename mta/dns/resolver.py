"""The question: whoever needs DNS is handed a Resolver.

The roles hand in a connection to the resolver process, a test hands in a Zone.
"""
from collections.abc import Callable
from typing import Protocol

from mta.base.names import Domain, IPAddress
from mta.dns.answer import Answer, RecordType


class Resolver(Protocol):
    """Answers questions; every answer says whether DNSSEC vouches for it."""

    async def ask(self, name: Domain, kind: RecordType) -> Answer:
        """The answer for name and kind; trouble is an outcome, nothing is raised."""
        ...


def at_hand(resolver: Resolver) -> Callable[[Domain, RecordType], Answer | None]:
    """How to look into what resolver remembers without waiting for anything: that saves a task for each answer that is there.

    A Resolver that remembers has a method `known` for this; of any other nothing is at hand.
    """
    known: Callable[[Domain, RecordType], Answer | None] = getattr(resolver, "known", _nothing)
    return known


def _nothing(name: Domain, kind: RecordType) -> Answer | None:
    return None


def reverse_name(ip: IPAddress) -> Domain:
    """The name whose PTR record names ip (RFC 1035 §3.5, RFC 3596 §2.5)."""
    return Domain(ip.reverse_pointer)
