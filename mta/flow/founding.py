"""A new server for a domain: its settings, and what is in it when it starts for the first time.

`pillarbox quickstart` decides what is wanted and where the files are; here is what follows
from that.  Who signs in does so inside: the listener for everybody has no pages for them
(docs/operations.md says how to change that).
"""
from dataclasses import dataclass, replace
from typing import Final

from mta.base.names import Address, Domain, IPAddress
from mta.base.tokens import short_id
from mta.config.model import PAGES, Acme, Config, Listener, Route, Transport
from mta.flow import hostkeys, people, records
from mta.flow.published import There
from mta.flow.records import NOBODY_LOOKED, Record
from mta.flow.world import World
from mta.store import domains

#: Where people sign in, through a tunnel; what a web server in front of us passes requests on to; the counters.  On loopback.
INSIDE_PORT, PROXIED_PORT, METRICS_PORT = 1_080, 1_081, 9_180
#: Characters of 5 bits each.
PASSWORD: Final = 16
RELAY: Final = "relay"


@dataclass(frozen=True, slots=True)
class Passwords:
    """What is told once, and kept by nobody in this form."""

    account: str
    admin: str

    @classmethod
    def make(cls) -> "Passwords":
        """New ones."""
        return cls(short_id(PASSWORD), short_id(PASSWORD))


def listeners(*, proxied: bool, nat_ips: tuple[IPAddress, ...] = ()) -> tuple[Listener, ...]:
    """Mail and documents for everybody, pages to sign in inside; proxied: another web server has the ports for the web."""
    public = Listener("public", nat_ips=tuple(map(str, nat_ips)), smtp=25, submission=587, submissions=465,
                      http=0 if proxied else 80, https=0 if proxied else 443, web=())
    front = (Listener("proxied", ("127.0.0.1",), http=PROXIED_PORT, web=()),) if proxied else ()
    return public, *front, Listener("inside", ("127.0.0.1",), http=INSIDE_PORT, metrics=METRICS_PORT, web=PAGES)


def acme(directory: str, contact: Address) -> Acme:
    """The settings of an authority; none is asked if directory is ""."""
    return Acme(directory=directory, contact=contact.ascii) if directory else Acme()


def relayed(config: Config, transport: Transport) -> Config:
    """The same server, whose mail goes out through another one."""
    return replace(config, transports=(transport,), routes=(Route(transport=transport.name),))


def found(world: World, address: Address, passwords: Passwords, *, by: str) -> None:
    """Fill a new server: keys of the host, the domain with its keys and policy, the first account, the passwords.  Blocks.

    The policy (MTA-STS) is one for testing: others tell what would fail, and deliver.
    """
    domain = address.domain.ascii
    hostkeys.ensure(world.store, world.clock)
    people.add_domain(world, domain, by=by)
    people.set_policy(world, domain, mode="testing", by=by)
    people.add_account(world, address.localpart, passwords.account, address=str(address), by=by)
    people.set_admin_password(world, passwords.admin, by=by)


def published(world: World, domain: Domain, addresses: tuple[IPAddress, ...], there: There = NOBODY_LOOKED) -> list[Record]:
    """Every record that the DNS should have, that of the host's addresses first; what is there already is taken over.  Blocks.

    Whether the domain had mail before is remembered: what is published now would look like that later.
    """
    host = f"{world.config.hostname.ascii}."
    row, had_mail = people.domain(world, domain.ascii), there.mailed
    if had_mail is not None:
        world.store.write_now(lambda db: domains.note_mail(db, row.id, had_mail))
    told = [
        *(Record(host, "A" if ip.version == 4 else "AAAA", str(ip), "Others find this machine.") for ip in addresses),
        *(record for record in records.records(world, row, there) if not record.optional),
        *records.of_host(world),
        *(Record(one.name, "TLSA", one.value, "Others know this server's key (DANE); only if the zone is signed (DNSSEC).")
          for one in hostkeys.records(world)),
    ]
    return list({(one.name, one.kind, one.value): one for one in told}.values())
