"""Who wants to hear how TLS went: the TLSRPT record of a domain (RFC 8460 §3)."""
from dataclasses import dataclass

from mta.base.names import Domain
from mta.dns.resolver import Resolver
from mta.message.reporturi import ReportUri


@dataclass(frozen=True, slots=True)
class TlsrptRecord:
    """One record: where reports go, mailto: and https: (of others nothing is known what to do with them)."""

    text: str
    rua: tuple[ReportUri, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """What a domain publishes: temporary if the DNS does not say now, problem says what is wrong or missing."""

    domain: Domain
    record: TlsrptRecord | None = None
    problem: str = ""
    temporary: bool = False
    authentic: bool = False


def parse_record(text: str) -> TlsrptRecord | None:
    """The record that text is, None if it is none."""
    raise NotImplementedError


async def lookup(domain: Domain, resolver: Resolver) -> Found:
    """The record of _smtp._tls.domain; trouble is in what is returned, nothing is raised."""
    raise NotImplementedError
