"""What mail programs need to know: one list of services, from which every document and record is made.

Autoconfig, autodiscover, SRV records, profiles, the page and the command line say the same,
since all of them ask here.  The user name is the address, as sign-ins take it; the password
goes over TLS only, so any program can send it as it is (PLAIN), and better ones use SCRAM.

A program that reads mail wants IMAP.  Until this server speaks it nothing mentions it: the
setting `imap` of [clients] turns all of it on at once.

Standards: RFC 6186 and RFC 8314 §5.1 (SRV), RFC 8314 §3 (TLS from the start is better).

Read on: autoconfig.py, autodiscover.py and appleprofile.py write documents, records.py shows
the DNS records, web.documents serves, web.programs and workers.commands.clients show people.
"""
from dataclasses import dataclass
from typing import Final, Literal

from mta.base.errors import BadName
from mta.base.names import Address, Domain, ip_address
from mta.config.model import Config, Listener
from mta.flow.world import World
from mta.store import accounts, domains
from mta.store.accounts import AccountRow
from mta.store.connection import Connection

#: Where IMAP is offered once it is (RFC 8314 §3.2).
IMAPS: Final = 993
#: Names of a domain that programs try by themselves, besides the domain.
LABELS: Final = ("autoconfig", "autodiscover")
#: Longer addresses are none (RFC 5321 §4.5.3.1: 64 octets, @, 255 octets).
ADDRESS: Final = 320


@dataclass(frozen=True, slots=True)
class Service:
    """Where a program connects: implicit TLS begins at once, starttls after a command."""

    protocol: Literal["imap", "smtp"]
    host: Domain
    port: int
    tls: Literal["implicit", "starttls"]


@dataclass(frozen=True, slots=True)
class Srv:
    """An SRV record of a domain: label as in "_submissions._tcp"; no host means that there is no such service."""

    label: str
    port: int
    host: Domain | None

    @property
    def value(self) -> str:
        """The record's text as a zone file has it; the target is the host itself, never an alias (RFC 2782)."""
        # RFC 6186 §3.4: a single dot says that the service is not offered.
        return f"0 1 {self.port} {self.host.ascii}." if self.host else "0 0 0 ."


@dataclass(frozen=True, slots=True)
class Settings:
    """What somebody types in where nothing is automatic.

    addresses are the user names that work, the account's first.  webmail is the URL others
    reach it by, "" if it is not offered to the outside.
    """

    addresses: tuple[Address, ...]
    services: tuple[Service, ...]
    webmail: str
    imap: bool


def services(config: Config) -> tuple[Service, ...]:
    """What is offered to programs, reading before sending, of each the best first."""
    found = [Service("imap", config.hostname, IMAPS, "implicit")] if config.clients.imap else []
    if port := public_port(config, "submissions"):
        found.append(Service("smtp", config.hostname, port, "implicit"))
    if port := public_port(config, "submission"):
        found.append(Service("smtp", config.hostname, port, "starttls"))
    return tuple(found)


def srv_records(config: Config) -> tuple[Srv, ...]:
    """The SRV records of every domain: what is offered, and what is not, so that no program has to guess."""
    offered = {(one.protocol, one.tls): one for one in services(config)}

    def record(label: str, protocol: Literal["imap", "smtp"], tls: Literal["implicit", "starttls"]) -> Srv:
        found = offered.get((protocol, tls))
        return Srv(label, found.port, found.host) if found else Srv(label, 0, None)

    return (
        Srv("_autodiscover._tcp", web_port(config), config.hostname),
        record("_imaps._tcp", "imap", "implicit"), record("_imap._tcp", "imap", "starttls"),
        record("_submissions._tcp", "smtp", "implicit"), record("_submission._tcp", "smtp", "starttls"),
        Srv("_pop3s._tcp", 0, None), Srv("_pop3._tcp", 0, None))


def for_account(world: World, row: AccountRow) -> Settings:
    """What the owner of an account types in.  Blocks."""
    known = world.store.read(lambda db: accounts.addresses(db, row.id))
    return _settings(world.config, tuple(one.address for one in known))


def for_domain(world: World) -> Settings:
    """The same for everybody at a domain: without addresses."""
    return _settings(world.config, ())


def _settings(config: Config, addresses: tuple[Address, ...]) -> Settings:
    return Settings(addresses, services(config), webmail(config), config.clients.imap)


# --- where the outside reaches us ------------------------------------------------------------


def is_public(config: Config, listener: Listener) -> bool:
    """Whether others reach a listener: at one of its addresses, or through a router; localserve is for this machine alone."""
    return config.local or bool(listener.nat_ips) or any(not ip_address(ip).is_loopback for ip in listener.ips)


def public_port(config: Config, service: str) -> int:
    """The port at which others reach a service, 0 if there is none."""
    return next((getattr(one, service) for one in config.listeners if getattr(one, service) and is_public(config, one)), 0)


def web_port(config: Config) -> int:
    """The port of our pages for everybody.

    If no listener has TLS for the outside, a web server in front of us has, at the usual port.
    """
    return public_port(config, "https") or 443


def web_url(config: Config, path: str) -> str:
    """The URL under which others reach a page that is for everybody."""
    return _url(config, web_port(config), path)


def webmail(config: Config) -> str:
    """The URL under which others reach the webmail, "" if it is on no listener that they reach."""
    return page_url(config, "webmail", "/webmail/")


def page_url(config: Config, page: str, path: str) -> str:
    """The URL of a path that belongs to a page as others reach it, "" if the page is on no listener that they reach."""
    outside = [one for one in config.listeners if one.https and is_public(config, one)]
    if outside:
        port = next((one.https for one in outside if page in one.web), 0)
    else:    # a web server in front of us passes requests on to the first that has http; later ones are for people on this machine
        first = next((one for one in config.listeners if one.http), None)
        port = 443 if first and page in first.web else 0
    return _url(config, port, path) if port else ""


def _url(config: Config, port: int, path: str) -> str:
    return f"https://{config.hostname.ascii}{'' if port == 443 else f':{port}'}{path}"


# --- whom a request is about -------------------------------------------------------------------


def domain_of(world: World, host: str, address: str) -> Domain | None:
    """The domain whose settings a program wants that came to host (a Host field) about an address, which may be "".

    None if the host is no name of ours, or the address is at no domain of ours; what stands
    before the @ is never looked at.  A program that knows only the MX comes to a name of this
    host, or of another domain of ours: the address decides then.  Blocks.
    """
    name = host_name(host)
    if name is None:
        return None
    rest = Domain(name.ascii.partition(".")[2]) if name.labels[0] in LABELS else None
    names = [name] if rest is None else [name, rest]

    def question(db: Connection) -> Domain | None:
        site = next((one for one in names if _served(db, one)), None)
        if site is None and world.config.hostname in names:
            site = world.config.hostname
        wanted = domain_in(address)
        if site is None or wanted is None:
            return site
        return wanted if _served(db, wanted) else None

    return world.store.read(question)


def host_name(host: str) -> Domain | None:
    """The name in a Host field (RFC 9110 §7.2), without port; None if there is none."""
    try:
        return Domain.parse(host.strip().partition(":")[0])
    except BadName:
        return None


def domain_in(address: str) -> Domain | None:
    """The domain of an address as a stranger wrote it; None if there is none."""
    _, at, domain = address[:ADDRESS].strip().rpartition("@")
    try:
        return Domain.parse(domain) if at else None
    except BadName:
        return None


def _served(db: Connection, name: Domain) -> bool:
    row = domains.get(db, name)
    return row is not None and row.enabled
