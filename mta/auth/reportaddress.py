"""Where DMARC reports may be sent: the addresses that a record names, and whether their owners agree.

Anybody could name a victim's address in a record of their own and then send mail that
fails, so the owner of an address in another organisation is asked: there must be a record
at POLICY-DOMAIN._report._dmarc.THEIR-DOMAIN, which may also replace the address by
another one at the same place.  Sizes behind an address are read and not obeyed: RFC 9989
§4.8 has them as obsolete, and reports are small.

Standards: RFC 9990 §4, §3.5, RFC 9991 §5.
"""
import asyncio
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from mta.auth.dmarcrecord import DmarcRecord, parse
from mta.auth.treewalk import NAME, Questions, trouble, walk
from mta.base.limits import LIMITS, Limits
from mta.base.names import Address, Domain
from mta.dns.answer import RecordType
from mta.dns.resolver import Resolver
from mta.message.reporturi import ReportUri

#: Aggregate or failure reports; RFC 9991 §5 has one procedure for both.
Tag: TypeAlias = Literal["rua", "ruf"]
#: Where a domain says whose reports it takes.
LABEL: Final = "_report._dmarc"


@dataclass(frozen=True, slots=True)
class Addressee:
    """An address that gets reports.

    asked is the URI in the policy domain's record; address is another than that if its
    owner replaced it.  external: the address is in another organisation, which agreed.
    """

    address: Address
    asked: ReportUri
    external: bool = False

    @property
    def replaced(self) -> bool:
        """Whether reports go to another address than the record names."""
        return self.address != self.asked.address


@dataclass(frozen=True, slots=True)
class Refused:
    """A URI that gets no report, and why, in words for the owner of the record.

    temporary if asking later may help; agreement is the name of the record by which the
    owner of the address would agree, "" if that is not what is missing.
    """

    asked: ReportUri
    why: str
    temporary: bool = False
    agreement: str = ""


async def addressees(
        policy_domain: Domain, record: DmarcRecord, resolver: Resolver, limits: Limits = LIMITS, *,
        tag: Tag = "rua") -> list[Addressee | Refused]:
    """What becomes of every URI in rua= (or ruf=), in their order; an address gets one report, however often it is named.

    policy_domain is where record was found.  Addresses are compared as they are, whatever
    is percent-encoded in their URIs.
    """
    async with asyncio.TaskGroup() as group:
        asking = _Asking(policy_domain, tag, Questions(resolver, group), limits)
        found = await asyncio.gather(*map(asking.about, asking.uris(record)))
    kept: list[Addressee | Refused] = []
    named: set[Address] = set()
    for one in (one for several in found for one in several):
        if isinstance(one, Refused):
            kept.append(one)
        elif one.address not in named:
            named.add(one.address)
            kept.append(one)
    return kept


class _Asking:
    """One record's URIs, looked at side by side; no question is asked twice."""

    def __init__(self, policy_domain: Domain, tag: Tag, questions: Questions, limits: Limits) -> None:
        self.policy_domain, self.tag, self.questions, self.limits = policy_domain, tag, questions, limits

    def uris(self, record: DmarcRecord) -> tuple[ReportUri, ...]:
        """Those that are asked for, as many as we are ready to look at."""
        return (record.rua if self.tag == "rua" else record.ruf)[:self.limits.dmarc_uris]

    async def about(self, uri: ReportUri) -> list[Addressee | Refused]:
        """What becomes of one URI: mostly one thing, several if it was replaced by several."""
        if uri.address is None:
            return [Refused(uri, f"reports are sent by mail only, not by {uri.scheme}:")]
        destination = uri.address.domain
        internal = await self.internal(destination)
        if internal is None:
            return [Refused(uri, f"the DNS does not say whether {destination} belongs to the owner of {self.policy_domain}", True)]
        return [Addressee(uri.address, uri)] if internal else await self.external(uri, uri.address)

    async def internal(self, destination: Domain) -> bool | None:
        """Whether the destination is in the organisation of the policy domain; None if the DNS does not tell."""
        if destination == self.policy_domain:
            return True
        if destination.labels[-1] != self.policy_domain.labels[-1]:
            return False    # two organisations, wherever they begin
        ours, theirs = await asyncio.gather(
            walk(self.policy_domain, self.questions, self.limits), walk(destination, self.questions, self.limits))
        return None if ours.trouble or theirs.trouble else ours.organizational == theirs.organizational

    async def external(self, uri: ReportUri, address: Address) -> list[Addressee | Refused]:
        """What the owner of the address says (RFC 9990 §4, steps 2 to 9)."""
        destination = address.domain
        name = destination.below(f"{self.policy_domain.ascii}.{LABEL}")
        if len(name.ascii) > NAME:
            return [Refused(uri, f"{destination} cannot agree to it: the name for that would be too long")]
        answer = await self.questions.ask(name, RecordType.TXT)
        if answer.temporary:
            return [Refused(uri, trouble(answer), True)]
        records = [record for text in answer.texts if (record := parse(text, self.limits))]
        if not records:
            return [Refused(uri, f"{destination} does not agree to get reports about {self.policy_domain}: "
                                 f"there is no record v=DMARC1 at {name}", agreement=name.ascii)]
        others = [other for record in records[:self.limits.dmarc_uris] for other in self.uris(record)]
        if any(other.address is None or other.address.domain != destination for other in others):
            # RFC 9990 §4: then neither the one nor the other gets a report.
            return [Refused(uri, f"the record at {name} sends reports to another place than {destination}, which it may not")]
        addresses = dict.fromkeys(other.address for other in others if other.address) or {address: None}
        return [Addressee(one, uri, external=True) for one in list(addresses)[:self.limits.dmarc_uris]]
