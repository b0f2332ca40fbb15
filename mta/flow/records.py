"""What the DNS of a domain should say so that its mail comes here and ours is believed.

Text for people to copy into their zone; nothing here asks the DNS.
"""
from dataclasses import dataclass
from typing import Final

from mta.auth import orgdomain
from mta.base.names import Address, Domain
from mta.flow import clients, ownpolicy, people
from mta.flow.world import World
from mta.message.reporturi import mailto
from mta.secure.mtasts import HOST_LABEL, LABEL, VERSION
from mta.store import reportaddresses
from mta.store.domains import DomainRow

#: What SRV records are good for, by whether the service is offered.
SRV_WHY: Final = {
    True: "Mail programs find this service without asking anybody.", False: "Mail programs see that there is no such service."}


@dataclass(frozen=True, slots=True)
class Record:
    """One record: owner name in A-labels with a last dot, type, text as a zone file has it, and what it is good for."""

    name: str
    kind: str
    value: str
    why: str


def records(world: World, row: DomainRow) -> list[Record]:
    """The records of a domain, those without which no mail comes first.

    Of a domain from which only reports come here, to addresses at others, only what asks for these.
    """
    addresses, elsewhere = world.store.read(lambda db: (reportaddresses.of_domain(db, row.id), reportaddresses.reports_only(db, row)))
    owner, host = f"{row.domain.ascii}.", f"{world.config.hostname.ascii}."
    # RFC 9989 §4.7.
    dmarc = Record(f"_dmarc.{owner}", "TXT", f'"v=DMARC1; p={"none" if elsewhere else "quarantine"}{_rua(addresses.dmarc)}"',
                   f"Other servers distrust mail in your name that is not yours{', and report it' if addresses.dmarc else ''} (DMARC)."
                   if not elsewhere else "Other servers report mail in the domain's name here (DMARC); keep the policy that it has.")
    asking = [dmarc, *_allowing(row.domain, addresses.dmarc), *_tls(row.domain, addresses.tls, "the domain")]
    if elsewhere:
        return asking
    return [
        # RFC 5321 §5.1.
        Record(owner, "MX", f"10 {host}", "Other servers bring mail for the domain to this one."),
        # RFC 7208 §5.4: the hosts that receive for the domain send for it, nobody else does.
        Record(owner, "TXT", '"v=spf1 mx -all"', "Other servers see that this one may send for the domain (SPF)."),
        *asking,
        *(dkim_record(row, number) for number in range(len(row.dkim))),
        *_policy_records(world, row),
        *_client_records(world, row),
    ]


def _policy_records(world: World, row: DomainRow) -> list[Record]:
    """Where the domain's MTA-STS policy is, and that there is one: the first before the second."""
    policy = ownpolicy.policy(world, row)
    if policy is None:
        return []
    owner = f"{row.domain.ascii}."
    return [
        # RFC 8461 §8.2: the policy host may be an alias, its certificate is for this name.
        Record(f"{HOST_LABEL}.{owner}", "CNAME", f"{world.config.hostname.ascii}.",
               "Other servers read here what you want of connections to you (MTA-STS)."),
        # RFC 8461 §3.1.
        Record(f"{LABEL}.{owner}", "TXT", f'"{VERSION} id={ownpolicy.record(policy).id}"',
               "Other servers learn that there is such a policy; the id changes whenever the policy does."),
    ]


def of_host(world: World) -> list[Record]:
    """The records that this host has besides those of a domain."""
    host = world.config.hostname
    address = world.store.read(lambda db: reportaddresses.of_host(db, host))
    return _tls(host, address, "this server by its own name")


def _tls(domain: Domain, address: Address | None, whose: str) -> list[Record]:
    # RFC 8460 §3.
    return [Record(f"_smtp._tls.{domain.ascii}.", "TXT", f'"v=TLSRPTv1{_rua(address)}"',
                   f"Other servers report how connections for {whose} were protected, and which failed (TLSRPT).")] if address else []


def _rua(address: Address | None) -> str:
    """The tag that asks for reports; nothing, if nobody is to get them."""
    return f"; rua={mailto(address)}" if address else ""


def _allowing(domain: Domain, address: Address | None) -> list[Record]:
    """The record by which the domain of the address agrees to get reports about another organisation's (RFC 9990 §4)."""
    if address is None or orgdomain.related(domain, address.domain):
        return []
    return [Record(f"{domain.ascii}._report._dmarc.{address.domain.ascii}.", "TXT", '"v=DMARC1;"',
                   f"Reports about {domain} may be sent to {address.domain}; it belongs into the DNS of {address.domain}.")]


def _client_records(world: World, row: DomainRow) -> list[Record]:
    """How mail programs find their settings, and which services there are."""
    owner, config = f"{row.domain.ascii}.", world.config
    return [
        Record(f"autoconfig.{owner}", "CNAME", f"{config.hostname.ascii}.", "Thunderbird and others find their settings there."),
        *(Record(f"{srv.label}.{owner}", "SRV", srv.value, SRV_WHY[srv.host is not None]) for srv in clients.srv_records(config)),
    ]


def dkim_record(row: DomainRow, number: int) -> Record:
    """The record that publishes one of the domain's keys (RFC 6376 §3.6)."""
    name, text = people.dkim_record(row, row.dkim[number])
    return Record(f"{name.ascii}.", "TXT", quoted(text), "Other servers can check the signatures of your mail (DKIM).")


def quoted(text: str) -> str:
    """A TXT record's text as a zone file wants it: strings of at most 255 octets (RFC 1035 §3.3.14)."""
    return " ".join(f'"{text[at:at + 255]}"' for at in range(0, len(text), 255))
