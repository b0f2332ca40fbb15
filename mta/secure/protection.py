"""What a message asks of the connections it travels over, and what is known of a domain's."""
import enum
from dataclasses import dataclass

from mta.base.names import Domain


class Demand(enum.Enum):
    """What a message asks of a connection; the text is for people."""

    USUAL = "as the recipient's domain asks"
    REQUIRETLS = "verified TLS, and a server that promises the same (REQUIRETLS)"
    TLS_OPTIONAL = "TLS if it can be had, verified or not (TLS-Required: No)"
    DMARC_REPORT = "TLS, verified or not: a DMARC report names people"
    TLS_REPORT = "TLS if it can be had: a report about TLS that fails must arrive"


@dataclass(frozen=True, slots=True)
class Seen:
    """What a domain's mail server was last seen to do; at is when (seconds since 1970).

    verified says how its name and certificate were proven ("dane", "mta-sts", "dnssec"), ""
    if they were not; requiretls that it offers REQUIRETLS (RFC 8689).
    """

    domain: Domain
    starttls: bool
    verified: str
    requiretls: bool
    at: float
