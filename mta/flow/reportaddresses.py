"""Choosing where others are to send their reports about our domains and this host.

Anything in the DNS that asks for reports is made from these addresses (flow.records), and
what comes there is looked at (flow.reportin).  A domain of which nothing is here but such
an address takes that one and postmaster, and refuses everybody else.  If even those are at
another domain, mail of our users to anybody there takes the way that the DNS shows.
"""
from mta.base.errors import BadName, UserError
from mta.base.events import Event
from mta.base.names import Address
from mta.flow import people
from mta.flow.world import World
from mta.store import domains, reportaddresses
from mta.store.connection import Connection
from mta.store.reportaddresses import AddressKind, ReportAddresses


def of_domain(world: World, name: str) -> ReportAddresses:
    """Where reports about a domain of ours are to be sent; NotFound."""
    row = people.domain(world, name)
    return world.store.read(lambda db: reportaddresses.of_domain(db, row.id))


def of_host(world: World) -> Address | None:
    """Where reports about TLS to this host are to be sent, None if nowhere."""
    return world.store.read(lambda db: reportaddresses.of_host(db, world.config.hostname))


def set_for_domain(world: World, name: str, *, dmarc: str | None = None, tls: str | None = None, by: str) -> ReportAddresses:
    """Have reports about a domain sent to other addresses; "" is nowhere, None stays as it is.

    NotFound, UserError for an address that is not at a domain of ours.
    """
    row = people.domain(world, name)
    wanted = read(world, dmarc=dmarc, tls=tls)

    def change(db: Connection) -> ReportAddresses:
        for kind, address in wanted.items():
            reportaddresses.choose(db, row.id, kind, address)
        return reportaddresses.of_domain(db, row.id)

    chosen = world.store.write_now(change)
    for kind, address in wanted.items():
        _told(world, by, f"{kind} reports about {row.domain}", address)
    return chosen


def read(world: World, *, dmarc: str | None = None, tls: str | None = None) -> dict[AddressKind, Address | None]:
    """What was typed as addresses for reports, None for nowhere; what is not given is not there.  UserError as above."""
    given: dict[AddressKind, str | None] = {"dmarc": dmarc, "tls": tls}
    return {kind: _address(world, text) for kind, text in given.items() if text is not None}


def set_for_host(world: World, address: str, *, by: str) -> Address | None:
    """Have reports about TLS to this host sent to an address, "" is nowhere; UserError for one that is not ours."""
    chosen = _address(world, address)
    world.store.write_now(lambda db: reportaddresses.choose(db, None, "tls", chosen))
    _told(world, by, "tls reports about this host", chosen)
    return chosen


def _address(world: World, text: str) -> Address | None:
    """An address as it is stored, None for ""."""
    if not text.strip():
        return None
    try:
        address = Address.parse(text.strip())
    except BadName:
        raise UserError(f"{text!r} is no address; write it like dmarc-reports@example.org") from None
    if not address.localpart.isascii():
        # RFC 6068 §2 could say it in a mailto, but not every reporter can send there.
        raise UserError(f"{address} has letters beyond ASCII before the @, and few who send reports could write there")
    row = world.store.read(lambda db: domains.get(db, address.domain))
    if row is not None:
        return row.canonical(address)
    if address.domain == world.config.hostname:
        return Address(address.localpart.lower(), address.domain)
    raise UserError(f"{address.domain} is neither a domain of this server nor its name: reports sent there would not come here")


def _told(world: World, by: str, what: str, address: Address | None) -> None:
    world.journal.note(Event.SETTING_CHANGED, by=by, what=f"have {what} sent to {address or 'nobody'}")
