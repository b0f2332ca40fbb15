"""Whose name a message bears: the author domain that DMARC protects (RFC 9989 §5.3.1).

From must be there once, be readable without doubt, and name one domain; what else it may
be is told as a problem, with the domains that could be read: a message with two authors
must not escape the policy of either (RFC 9989 §11.5).
"""
from dataclasses import dataclass

from mta.base.limits import LIMITS, Limits
from mta.base.names import Address, Domain
from mta.message import address
from mta.message.header import Header


@dataclass(frozen=True, slots=True)
class Author:
    """The domains in From, each once, in order; problem is "" only if there is exactly one beyond doubt.

    addresses are those that could be read, in order.
    """

    domains: tuple[Domain, ...]
    problem: str = ""
    addresses: tuple[Address, ...] = ()

    @property
    def domain(self) -> Domain | None:
        """The author domain, None if there is no such one."""
        return self.domains[0] if self.domains and not self.problem else None

    @property
    def address(self) -> Address | None:
        """The one address that is beyond doubt, None if there is no such one."""
        return self.addresses[0] if self.domain and len(self.addresses) == 1 else None


def author(header: Header, limits: Limits = LIMITS) -> Author:
    """The author domain of a message."""
    found = address.authors(header, limits)
    domains = tuple(dict.fromkeys(one.domain for one in found.addresses))
    problem = found.problem
    fields = header.all("from")
    if problem and len(fields) == len(domains) == 1 and fields[0].raw.count(b"@") == 1:
        # "From: Smith, John <john@example.org>" is not as it should be, and yet no reader can see another domain.
        problem = ""
    if not problem and len(domains) > 1:
        problem = f"the From field names authors of {len(domains)} domains"
    return Author(domains, problem, found.addresses)
