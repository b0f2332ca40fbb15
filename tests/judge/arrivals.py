"""Messages that arrive, for tests of mta.judge and mta.flow.judging: what each check came to is said in words."""
from collections.abc import Sequence

from mta.auth.arc import ArcResult
from mta.auth.author import Author
from mta.auth.canon import Canon
from mta.auth.dmarc import DmarcResult
from mta.auth.dmarcrecord import Policy
from mta.auth.identity import Identity
from mta.auth.iprev import IprevResult
from mta.auth.signature import MessageSignature
from mta.auth.spf import SpfResult
from mta.auth.status import Status
from mta.auth.verify import DkimResult
from mta.base.names import Address, Domain, ip_address

AUTHOR = "carl@else.example"
IP = "192.0.2.1"


def signed(domain: str, status: str = "pass", *, partial: bool = False) -> DkimResult:
    """A signature by domain."""
    name = Domain(domain)
    return DkimResult(Status(status), MessageSignature(
        name, "sel", "rsa-sha256", b"", None, b"", ("from",), Canon.RELAXED, Canon.RELAXED, b"", None, None, f"@{domain}", name, 0),
        partial=partial)


def identity(
    *, author: str = AUTHOR, sender: str | None = AUTHOR, ip: str = IP, hello: str = "mail.else.example", iprev: str = "pass",
    spf: str = "pass", dkim: Sequence[DkimResult | str] = (), dmarc: str = "pass", policy: str = "none", arc: ArcResult | None = None,
) -> Identity:
    """Who a message is from; spf is the result for sender, dkim has domains that signed, policy is what follows from a failing DMARC."""
    addresses = tuple(map(Address.parse, author.split(","))) if author else ()
    domains = tuple(dict.fromkeys(address.domain for address in addresses))
    reverse_path = Address.parse(sender) if sender else None
    name = domains[0] if len(domains) == 1 else None
    return Identity(
        ip_address(ip), hello, reverse_path, Author(domains, "" if name else "no author", addresses),
        IprevResult(Status(iprev), ip_address(ip), (Domain(hello),) if iprev == "pass" else ()),
        SpfResult(Status(spf), "mailfrom" if sender else "helo", reverse_path.domain if reverse_path else Domain(hello), sender or ""),
        None, tuple(signed(one) if isinstance(one, str) else one for one in dkim), arc or ArcResult(Status.NONE),
        DmarcResult(Status(dmarc), name, policy_domain=None if dmarc == "none" else name, policy=Policy[policy.upper()]))
