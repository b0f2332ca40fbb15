"""Who a message is from: all that was found out about it, proven or not.

mta.flow.identify gathers it while the sender waits; mta.judge and Authentication-Results
are made from it.
"""
from collections.abc import Iterable
from dataclasses import dataclass

from mta.auth import orgdomain
from mta.auth.arc import ArcResult
from mta.auth.author import Author
from mta.auth.dmarc import DmarcResult
from mta.auth.iprev import IprevResult
from mta.auth.spf import SpfResult
from mta.auth.status import Status
from mta.auth.verify import DkimResult
from mta.base.names import Address, Domain, IPAddress


@dataclass(frozen=True, slots=True)
class Identity:
    """What each check came to.

    hello is what the client called itself, sender the reverse-path (None if it is null),
    spf the check of MAIL FROM, or of HELO for the null sender; helo_spf that of HELO if
    both were asked.
    """

    ip: IPAddress
    hello: str
    sender: Address | None
    author: Author
    iprev: IprevResult
    spf: SpfResult
    helo_spf: SpfResult | None
    dkim: tuple[DkimResult, ...]
    arc: ArcResult
    dmarc: DmarcResult

    @property
    def author_address(self) -> Address | None:
        """Whose address From bears, if it is one beyond doubt."""
        return self.author.address

    @property
    def dkim_domains(self) -> tuple[Domain, ...]:
        """Who signed all of this message and means it: neither a test nor a part of the body (RFC 6376 §3.6.1, §8.2)."""
        return tuple(dict.fromkeys(
            result.domain for result in self.dkim
            if result.domain and result.status is Status.PASS and not result.testing and not result.partial))

    @property
    def spf_domain(self) -> Domain | None:
        """The domain that lets this host send for it."""
        return self.spf.domain if self.spf.status is Status.PASS else None

    @property
    def proven(self) -> bool:
        """Whether the author's domain stands by this message.

        Where no DMARC record says what belongs together, a domain of the same organisation
        does (by the public suffix list).
        """
        if self.dmarc.status in (Status.PASS, Status.FAIL) or self.author.domain is None:
            return self.dmarc.status is Status.PASS
        passed = (*self.dkim_domains, *([self.spf_domain] if self.spf_domain else []))
        return any(orgdomain.related(self.author.domain, domain) for domain in passed)


def unchecked(ip: IPAddress, hello: str, sender: Address | None, author: Author, dkim: Iterable[DkimResult] = ()) -> Identity:
    """What is known before anything was asked of the DNS."""
    spf = SpfResult(Status.NONE, "mailfrom" if sender else "helo", sender.domain if sender else None, sender.ascii if sender else "")
    return Identity(
        ip, hello, sender, author, IprevResult(Status.NONE, ip), spf, None, tuple(dkim), ArcResult(Status.NONE),
        DmarcResult(Status.NONE, author.domain))
