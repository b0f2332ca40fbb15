"""What the DNS of a domain should say so that its mail comes here and ours is believed.

Text for people to copy into their zone, the class left out (it is IN wherever they put
it); nothing here asks the DNS.  What is there already is taken into account if somebody
looked (mta.flow.published).

Standards: RFC 1035 §5.1 (the text), and for each record the one that is named beside it.

Read on: mta.flow.dnscheck compares all this with what the DNS says.
"""
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from mta.auth import orgdomain
from mta.base.names import Address, Domain, IPAddress, ip_address
from mta.config.model import Config
from mta.config.parse import WILDCARDS
from mta.flow import clients, hostkeys, ownpolicy, people, relaying, ways
from mta.flow.published import There, asking, merged_spf, quoted
from mta.flow.world import World
from mta.message.reporturi import mailto
from mta.secure import tlsrpt
from mta.secure.mtasts import HOST_LABEL, LABEL, VERSION
from mta.store import certificates as standings
from mta.store import domains, reportaddresses
from mta.store.connection import Connection
from mta.store.domains import DomainRow

#: What SRV records are good for, by whether the service is offered.
SRV_WHY: Final = {
    True: "Mail programs find this service without asking anybody.", False: "Mail programs see that there is no such service."}
#: What autoconfig.DOMAIN is good for, by whether there is IMAP.
AUTOCONFIG_WHY: Final = {
    True: "Thunderbird and others find their settings there.",
    False: "Programs that only send find their settings there; once this server offers IMAP, Thunderbird and others do."}
#: What certificate authorities call themselves in CAA records, by the end of the names of their directories.
AUTHORITIES: Final = {
    "letsencrypt.org": "letsencrypt.org", "zerossl.com": "sectigo.com", "sectigo.com": "sectigo.com", "pki.goog": "pki.goog",
    "buypass.com": "buypass.com", "buypass.no": "buypass.com", "ssl.com": "ssl.com", "digicert.com": "digicert.com"}
#: Seconds that others may keep a record; short, so that a mistake is mended soon.
TTL: Final = 300
NOBODY_LOOKED: Final = There()


@dataclass(frozen=True, slots=True)
class Record:
    """One record: owner name in A-labels with a last dot, type, text as a zone file has it, and what it is good for.

    optional: the domain's mail works as well without it, and why says who should not have it.
    """

    name: str
    kind: str
    value: str
    why: str
    optional: bool = False

    @property
    def line(self) -> str:
        """The record as a line of a zone file."""
        return f"{self.name} {self.kind} {self.value}"


def records(world: World, row: DomainRow, there: There = NOBODY_LOOKED) -> list[Record]:
    """The records of a domain and of the host that it needs, those without which no mail comes first.

    Of a domain from which only reports come here, to addresses at others, only what asks for these.
    """
    addresses, elsewhere, guests = world.store.read(lambda db: (
        reportaddresses.of_domain(db, row.id), reportaddresses.reports_only(db, row), _guests(db, row)))
    owner, host = f"{row.domain.ascii}.", f"{world.config.hostname.ascii}."
    allowing = [_agreement(one, row.domain) for one in guests]
    asks = [_dmarc(row, addresses.dmarc, there, elsewhere), *_allowing(row.domain, addresses.dmarc), *allowing,
            *_tls(row.domain, addresses.tls, there.tls, "the domain")]
    if elsewhere:
        return asks
    return [
        # RFC 5321 §5.1.
        Record(owner, "MX", f"10 {host}", "Other servers bring mail for the domain to this one."),
        # RFC 7208 §5.4: the hosts that receive for the domain send for it, nobody else does.
        Record(owner, "TXT", quoted(merged_spf(there.spf, senders(world, row.domain, there))),
               "Other servers see that this one may send for the domain (SPF). There is one such record for a domain."),
        *asks,
        *(dkim_record(row, number) for number in range(len(row.dkim))),
        *_policy_records(world, row),
        *_client_records(world, row),
        *of_host(world, row.domain, there),
        *_authority(world, owner, optional=True),
    ]


def senders(world: World, domain: Domain, there: There = NOBODY_LOOKED) -> list[str]:
    """The SPF mechanisms for what sends mail of the domain: its MX, and the server that its mail goes through, unless that is named."""
    relay = relaying.relay(ways.ways(world), domain)
    if relay is None or relaying.names(there.spf, relay.host):
        return ["mx"]
    return ["mx", there.relay or relaying.guess(relay.host).text]


# --- reports -------------------------------------------------------------------------------


def _dmarc(row: DomainRow, address: Address | None, there: There, elsewhere: bool) -> Record:
    """RFC 9989 §4.7.  A policy that is there stays: only its owner knows whether all that sends in its name is ready."""
    name = f"_dmarc.{row.domain.ascii}."
    if there.dmarc:
        why = "Other servers report mail in your name here, besides what the record says already (DMARC)." if address else \
            "Other servers treat mail in your name that is not yours as you ask (DMARC)."
        return Record(name, "TXT", quoted(asking(there.dmarc, address)), why)
    # Nobody knows who else sends in the name of a domain that had mail before: reports tell, then the policy is raised.
    fresh = (row.had_mail if there.mailed is None else there.mailed) is False and not elsewhere
    why = "Other servers refuse mail in your name that is not yours" if fresh else \
        "The first step: others report mail in your name (DMARC); when all that is yours passes, p=none becomes p=reject"
    if elsewhere:
        why = "Other servers report mail in the domain's name here (DMARC); keep the policy that it has"
    elif fresh:
        why += ", and report it (DMARC)" if address else " (DMARC)"
    return Record(name, "TXT", quoted(f"v=DMARC1; p={'reject' if fresh else 'none'}{_rua(address)}"), f"{why}.")


def _tls(domain: Domain, address: Address | None, there: str, whose: str) -> list[Record]:
    # RFC 8460 §3.
    text = asking(there, address) if there else f"v=TLSRPTv1{_rua(address)}"
    return [Record(f"_smtp._tls.{domain.ascii}.", "TXT", quoted(text),
                   f"Other servers report how connections for {whose} were protected, and which failed (TLSRPT).")] if address else []


def _rua(address: Address | None) -> str:
    """The tag that asks for reports; nothing, if nobody is to get them."""
    return f"; rua={mailto(address)}" if address else ""


def _allowing(domain: Domain, address: Address | None) -> list[Record]:
    """The record by which the domain of the address agrees to get reports about another organisation's (RFC 9990 §4)."""
    if address is None or orgdomain.related(domain, address.domain):
        return []
    return [_agreement(domain, address.domain)]


def _agreement(domain: Domain, destination: Domain) -> Record:
    return Record(f"{domain.ascii}._report._dmarc.{destination.ascii}.", "TXT", '"v=DMARC1;"',
                  f"Reports about {domain} may be sent to {destination}; it belongs into the DNS of {destination}.")


def _guests(db: Connection, row: DomainRow) -> list[Domain]:
    """Domains of other organisations whose DMARC reports are sent to addresses at this one."""
    found = []
    for other in domains.all(db):
        address = reportaddresses.of_domain(db, other.id).dmarc
        if other.id != row.id and address and address.domain == row.domain and not orgdomain.related(other.domain, row.domain):
            found.append(other.domain)
    return found


# --- the domain ------------------------------------------------------------------------------


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


def _client_records(world: World, row: DomainRow) -> list[Record]:
    """How mail programs find their settings, and which services there are."""
    owner, config = f"{row.domain.ascii}.", world.config
    return [
        Record(f"autoconfig.{owner}", "CNAME", f"{config.hostname.ascii}.", AUTOCONFIG_WHY[config.clients.imap]),
        *(Record(f"{srv.label}.{owner}", "SRV", srv.value, SRV_WHY[srv.host is not None]) for srv in clients.srv_records(config)),
    ]


def dkim_record(row: DomainRow, number: int) -> Record:
    """The record that publishes one of the domain's keys (RFC 6376 §3.6)."""
    name, text = people.dkim_record(row, row.dkim[number])
    return Record(f"{name.ascii}.", "TXT", quoted(text), "Other servers can check the signatures of your mail (DKIM).")


# --- the host --------------------------------------------------------------------------------


def of_host(world: World, domain: Domain | None = None, there: There = NOBODY_LOOKED) -> list[Record]:
    """The records of this host, for itself or for a domain; what a domain of the same name has is left out."""
    config = world.config
    owner = f"{config.hostname.ascii}."
    address = world.store.read(lambda db: reportaddresses.of_host(db, config.hostname))
    found = [Record(owner, "A" if ip.version == 4 else "AAAA", str(ip), "Others find this host.") for ip in addresses(config)]
    if domain != config.hostname:
        # RFC 7208 §2.3: what a server calls itself is checked too, and notices have no other sender.
        found.append(Record(owner, "TXT", '"v=spf1 a -all"', "Other servers see that this host may use its own name (SPF)."))
        found += _tls(config.hostname, address, there.host_tls, "this server by its own name")
    if there.signed and not config.local:
        found += [Record(one.name, "TLSA", one.value, f"Other servers know this host's keys and believe no others (DANE): {one.about}.")
                  for one in hostkeys.records(world)]
    return [*found, *_authority(world, owner, optional=False)]


def asking_for_host(world: World) -> list[Record]:
    """Of the host's records those that ask for reports."""
    return [one for one in of_host(world) if one.name.startswith(f"{tlsrpt.LABEL}.")]


def addresses(config: Config) -> list[IPAddress]:
    """The addresses by which others reach this host, as far as the configuration names them."""
    named = [ip for one in config.listeners if one.smtp for ip in one.nat_ips or one.ips if ip not in WILDCARDS]
    found = dict.fromkeys(map(ip_address, named))
    return sorted((ip for ip in found if not ip.is_loopback), key=lambda ip: (ip.version, int(ip)))


def _authority(world: World, owner: str, *, optional: bool) -> Iterator[Record]:
    """Who alone may issue certificates, and for which account (RFC 8657 §3).

    At the host that is for us to say: mta-sts. and autoconfig. of domains are aliases of it
    and follow it (RFC 8659 §3).  At a domain there may be web servers with other authorities.
    """
    issuer = issuer_of(world.config.acme.directory)
    if not issuer or (optional and owner == f"{world.config.hostname.ascii}."):
        return
    account = world.store.read(lambda db: standings.account(db, world.config.acme.directory))
    bound = f"; accounturi={account.url}" if account and account.url else ""
    why = "Only this authority may issue certificates for the host" + (", and only to this server's account (CAA)." if bound else " (CAA).")
    if optional:
        why = "Only if nothing else at the domain, like a web site, needs certificates: the same for the domain (CAA)."
    yield Record(owner, "CAA", f'0 issue "{issuer}{bound}"', why, optional)


def issuer_of(directory: str) -> str:
    """What the authority with that directory calls itself in CAA records, "" if that is not known here."""
    host = directory.partition("://")[2].partition("/")[0].partition(":")[0].lower()
    return next((issuer for end, issuer in AUTHORITIES.items() if host == end or host.endswith(f".{end}")), "")


# --- as a file -------------------------------------------------------------------------------


def zone_file(found: Iterable[Record]) -> str:
    """The records as text for a zone file, with what each is good for; optional ones, and those for other zones, as comments."""
    lines = [f"$TTL {TTL}"]
    for one in found:
        lines += [f"; {one.why}", f"; {one.line}" if one.optional else one.line]
    return "\n".join(lines)
