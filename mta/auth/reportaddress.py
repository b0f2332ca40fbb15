"""Where DMARC reports may be sent: the addresses that a record names, and whether their owners agree (RFC 9990 §4)."""
from dataclasses import dataclass

from mta.auth.dmarcrecord import DmarcRecord
from mta.base.limits import LIMITS, Limits
from mta.base.names import Address, Domain
from mta.dns.resolver import Resolver
from mta.message.reporturi import ReportUri


@dataclass(frozen=True, slots=True)
class Addressee:
    """An address that gets reports; asked is the URI in the record, which another may have replaced; external: its owner was asked."""

    address: Address
    asked: ReportUri
    external: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """A URI that gets none, and why; temporary if asking later may help."""

    uri: ReportUri
    why: str
    temporary: bool = False


async def addressees(
        policy_domain: Domain, record: DmarcRecord, resolver: Resolver, limits: Limits = LIMITS) -> list[Addressee | Refused]:
    """Every URI of rua= as what becomes of it, in order; an address that is named twice is there once."""
    raise NotImplementedError
