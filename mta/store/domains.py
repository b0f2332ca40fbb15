"""The domains that we answer for, and their DKIM keys.

A domain owns its local parts: whether their case matters, which character separates a
suffix (ann+lists@…), and who gets what no address claims.
"""
from dataclasses import dataclass, field
from typing import Any, Final

import apsw

from mta.base.clock import Clock
from mta.base.errors import Conflict, NotFound, UserError
from mta.base.names import Address, Domain
from mta.secure.mtasts import LONGEST
from mta.store import reportaddresses
from mta.store.connection import Connection, value


@dataclass(frozen=True, slots=True)
class DkimKeyRow:
    """One key: the private half is the file at path (below the data directory), public is base64 for DNS (RFC 6376 §3.6.1)."""

    id: int
    domain_id: int
    selector: str
    algorithm: str
    path: str
    public: str
    signing: bool
    created: float


@dataclass(frozen=True, slots=True)
class DomainRow:
    """One domain of ours.

    localpart_separator "" means that there is none.  mtasts_* is its MTA-STS policy: mode
    as in MODES, max_age in seconds, mx what may take its mail besides this host.  had_mail
    says whether it had mail elsewhere before it came here, None as long as nobody looked.
    """

    id: int
    domain: Domain
    created: float
    catchall_account: int | None
    localpart_separator: str
    case_sensitive: bool
    enabled: bool
    description: str
    mtasts_mode: str = "off"
    mtasts_max_age: int = 604_800
    mtasts_mx: tuple[str, ...] = ()
    had_mail: bool | None = None
    dkim: list[DkimKeyRow] = field(default_factory=list)

    def canonical(self, address: Address) -> Address:
        """The address as it is stored and compared here: local part in lower case, unless case matters."""
        return address if self.case_sensitive else Address(address.localpart.lower(), address.domain)


FIELDS: Final = frozenset({"catchall_account", "localpart_separator", "case_sensitive", "enabled", "description",
                           "mtasts_mode", "mtasts_max_age", "mtasts_mx"})
SELECT: Final = ("SELECT id, name, created, catchall_account, localpart_separator, case_sensitive, enabled, description, "
                 "mtasts_mode, mtasts_max_age, mtasts_mx, had_mail FROM domain")
#: Of our own MTA-STS policies; off is none at all, none is a policy that ends an earlier one (RFC 8461 §8.3).
MODES: Final = ("off", "none", "testing", "enforce")
#: Octets of the hosts of one policy.
HOSTS: Final = 4_000


def add(db: Connection, clock: Clock, domain: Domain, description: str = "") -> int:
    """Begin to answer for domain; returns its id.  Conflict if we do already."""
    try:
        db.execute("INSERT INTO domain (name, created, description) VALUES (?, ?, ?)", (domain.ascii, clock.timestamp(), description))
    except apsw.ConstraintError:
        raise Conflict(f"the domain {domain} is here already") from None
    db.touched |= {"web"}
    return db.last_insert_rowid()


def get(db: Connection, domain: Domain) -> DomainRow | None:
    """The row of domain, with its keys; None if it is not ours."""
    return next(iter(_rows(db, "WHERE name = ?", domain.ascii)), None)


def by_id(db: Connection, id: int) -> DomainRow | None:
    """The domain with this id, with its keys."""
    return next(iter(_rows(db, "WHERE id = ?", id)), None)


def all(db: Connection) -> list[DomainRow]:
    """Every domain, by name."""
    return _rows(db, "ORDER BY name")


def update(db: Connection, id: int, **fields: Any) -> None:
    """Change some of FIELDS; NotFound, or UserError for what cannot be."""
    unknown = fields.keys() - FIELDS
    if unknown:
        raise TypeError(f"a domain has no {', '.join(sorted(unknown))} to change")
    separator = fields.get("localpart_separator", "")
    if len(separator) > 1 or separator.isalnum() or separator in ("@", '"', "\\", " "):
        raise UserError("the separator is one character that is neither letter nor digit, or empty for none")
    if fields.get("case_sensitive") is False and value(db, """
            SELECT count(*) - count(DISTINCT lower(localpart)) FROM
                (SELECT localpart FROM address WHERE domain_id = ?1 UNION ALL SELECT localpart FROM alias WHERE domain_id = ?1)""", (id,)):
        raise Conflict("two addresses differ only in case; rename one of them first")
    _check_policy(fields)
    for name, new in fields.items():
        db.execute(f"UPDATE domain SET {name} = ? WHERE id = ?", (int(new) if isinstance(new, bool) else new, id))
        _require_change(db, id)
    if fields.get("case_sensitive") is False:
        for table in ("address", "alias"):
            rows = list(db.execute(f"SELECT id, localpart FROM {table} WHERE domain_id = ?", (id,)))
            db.executemany(f"UPDATE {table} SET localpart = ? WHERE id = ?", ((local.lower(), row) for row, local in rows))
    db.touched |= {"web"}


def note_mail(db: Connection, id: int, had_mail: bool) -> None:
    """Remember whether the domain had mail before it came here; what was found first counts."""
    db.execute("UPDATE domain SET had_mail = ? WHERE id = ? AND had_mail IS NULL", (int(had_mail), id))


def remove(db: Connection, id: int) -> None:
    """No longer answer for the domain; Conflict as check_removable().  What reports say of it goes too (mta.store.received)."""
    check_removable(db, id)
    db.execute("DELETE FROM domain WHERE id = ?", (id,))
    _require_change(db, id)
    db.touched |= {"web"}


def check_removable(db: Connection, id: int) -> None:
    """Conflict while the domain has addresses or aliases, or gets reports about others."""
    for table, what in (("address", "addresses"), ("alias", "aliases")):
        if value(db, f"SELECT count(*) FROM {table} WHERE domain_id = ?", (id,)):
            kept = [row[0] for row in db.execute("SELECT DISTINCT account.name FROM address JOIN account ON account.id = account_id "
                                                 "WHERE domain_id = ? AND removed IS NOT NULL", (id,))] if table == "address" else []
            raise Conflict(f"the domain still has {what}; remove them first" + (
                f" (some are kept for accounts that were removed: `pillarbox account remove {kept[0]} --for-good`)" if kept else ""))
    if value(db, "SELECT count(*) FROM mask WHERE domain_id = ? AND state != 'gone'", (id,)):
        raise Conflict("the domain still has masked addresses; their owners remove them first (pillarbox mask list)")
    row = by_id(db, id)
    if row is not None and (others := reportaddresses.elsewhere(db, id, row.domain)):
        whose = ", ".join(name or "this host" for name in others)
        raise Conflict(f"reports about {whose} are sent to an address at the domain; choose another one for them first")


def add_dkim_key(db: Connection, clock: Clock, domain_id: int, selector: str, algorithm: str, path: str, public: str,
                 signing: bool = False) -> int:
    """Note a key whose file exists already; returns its id.  Conflict if the selector is in use."""
    try:
        db.execute("INSERT INTO dkim_key (domain_id, selector, algorithm, path, public, signing, created) VALUES (?, ?, ?, ?, ?, ?, ?)",
                   (domain_id, selector, algorithm, path, public, int(signing), clock.timestamp()))
    except apsw.ConstraintError as problem:
        raise Conflict(f"the selector {selector} cannot be added: {problem}") from None
    db.touched |= {"web"}
    return db.last_insert_rowid()


def set_signing(db: Connection, key_id: int, signing: bool) -> None:
    """Choose whether outgoing mail is signed with this key."""
    db.execute("UPDATE dkim_key SET signing = ? WHERE id = ?", (int(signing), key_id))
    if not db.changes():
        raise NotFound(f"there is no DKIM key {key_id}")
    db.touched |= {"web"}


def remove_dkim_key(db: Connection, key_id: int) -> str:
    """Forget a key; returns the path of its file, for the caller to remove after the commit."""
    path = value(db, "DELETE FROM dkim_key WHERE id = ? RETURNING path", (key_id,))
    if path is None:
        raise NotFound(f"there is no DKIM key {key_id}")
    db.touched |= {"web"}
    return str(path)


def _check_policy(fields: dict[str, Any]) -> None:
    """UserError for an MTA-STS policy that nobody could publish."""
    if fields.get("mtasts_mode", "off") not in MODES:
        raise UserError(f"the mode of an MTA-STS policy is one of {', '.join(MODES)}")
    if not 0 < fields.get("mtasts_max_age", 1) <= LONGEST:
        raise UserError(f"max_age of an MTA-STS policy is a number of seconds up to {LONGEST} (a year)")
    if len(fields.get("mtasts_mx", "")) > HOSTS:
        raise UserError("these are more hosts than an MTA-STS policy can name")


def _rows(db: Connection, where: str, *params: object) -> list[DomainRow]:
    return [
        DomainRow(id, Domain(name), created, catchall, separator, bool(case_sensitive), bool(enabled), description,
                  mode, max_age, tuple(mx.split()), None if had_mail is None else bool(had_mail), _keys(db, id))
        for id, name, created, catchall, separator, case_sensitive, enabled, description, mode, max_age, mx, had_mail
        in db.execute(f"{SELECT} {where}", params)
    ]


def _keys(db: Connection, domain_id: int) -> list[DkimKeyRow]:
    return [
        DkimKeyRow(*[*row[:6], bool(row[6]), row[7]]) for row in db.execute("""
            SELECT id, domain_id, selector, algorithm, path, public, signing, created
              FROM dkim_key WHERE domain_id = ? ORDER BY id""", (domain_id,))
    ]


def _require_change(db: Connection, id: int) -> None:
    if not db.changes():
        raise NotFound(f"there is no domain {id}")
