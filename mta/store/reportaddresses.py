"""Where others are to send their reports about our domains and about this host.

An address is at a domain of ours, not always the one that it is about, or at the host
itself.  Unless somebody owns it, its mail is the postmaster's (mta.store.accounts).
"""
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from mta.base.names import Address, Domain
from mta.store.connection import Connection, value

if TYPE_CHECKING:    # mta.store.domains asks here whether a domain may go
    from mta.store.domains import DomainRow

AddressKind = Literal["dmarc", "tls"]
KINDS: Final[tuple[AddressKind, ...]] = ("dmarc", "tls")
#: What a domain starts with, and the host has unless something else is chosen.
LOCALPARTS: Final[dict[AddressKind, str]] = {"dmarc": "dmarc-reports", "tls": "tls-reports"}


@dataclass(frozen=True, slots=True)
class ReportAddresses:
    """The addresses of a domain or of the host; None where no reports are wanted."""

    dmarc: Address | None = None
    tls: Address | None = None


def usual(kind: AddressKind, domain: Domain) -> Address:
    """The address that domain has for reports of a kind unless another one is chosen."""
    return Address(LOCALPARTS[kind], domain)


def of_domain(db: Connection, domain_id: int) -> ReportAddresses:
    """Where reports about a domain are to be sent."""
    return ReportAddresses(_one(db, domain_id, "dmarc"), _one(db, domain_id, "tls"))


def of_host(db: Connection, hostname: Domain) -> Address | None:
    """Where reports about TLS to this host are to be sent; the usual address unless somebody chose another, or none."""
    if value(db, "SELECT 1 FROM report_address WHERE domain_id IS NULL") is None:
        return usual("tls", hostname)
    return _one(db, None, "tls")


def choose(db: Connection, domain_id: int | None, kind: AddressKind, address: Address | None) -> None:
    """Have reports of a kind about a domain (None: the host) sent to address (None: nowhere)."""
    db.execute("DELETE FROM report_address WHERE domain_id IS ? AND kind = ?", (domain_id, kind))
    if address is not None or domain_id is None:
        db.execute("INSERT INTO report_address (domain_id, kind, localpart, at) VALUES (?, ?, ?, ?)",
                   (domain_id, kind, address.localpart if address else "", address.domain.ascii if address else ""))
    db.touched |= {"web"}


def is_one(db: Connection, address: Address, hostname: Domain) -> bool:
    """Whether reports are to be sent to address, which is written as it is stored."""
    if value(db, "SELECT 1 FROM report_address WHERE at = ? AND localpart = ?", (address.domain.ascii, address.localpart)):
        return True
    return address.domain == hostname and address == of_host(db, hostname)


def elsewhere(db: Connection, domain_id: int, domain: Domain) -> list[str]:
    """Whose reports are sent to addresses at domain, which has the id, besides its own: names, "" for the host."""
    return [name for name, in db.execute(
        "SELECT coalesce(name, '') FROM report_address LEFT JOIN domain ON domain.id = domain_id "
        "WHERE at = ? AND domain_id IS NOT ? ORDER BY name", (domain.ascii, domain_id))]


def reports_only(db: Connection, row: "DomainRow") -> bool:
    """Whether a domain is here for its reports alone: nobody has mail there, and they are sent to addresses at other domains."""
    used = row.catchall_account is not None or value(db, """
        SELECT EXISTS (SELECT 1 FROM address WHERE domain_id = ?1) OR EXISTS (SELECT 1 FROM alias WHERE domain_id = ?1)""", (row.id,))
    chosen = [address for address in (_one(db, row.id, kind) for kind in KINDS) if address]
    return not used and bool(chosen) and all(address.domain != row.domain for address in chosen)


def _one(db: Connection, domain_id: int | None, kind: AddressKind) -> Address | None:
    for localpart, at in db.execute(
            "SELECT localpart, at FROM report_address WHERE domain_id IS ? AND kind = ? AND localpart != ''", (domain_id, kind)):
        return Address(localpart, Domain(at))
    return None
