"""Accounts, their addresses, aliases, and who gets what is sent to an address.

An account is a person's: mailboxes, quota, credentials.  Its name is for signing in; any
of its addresses works there too.  A disabled account cannot sign in or send; its mail is
kept coming.  An address belongs to one account; an alias stands for one or many
addresses, here or elsewhere, and is a name of its own beside the addresses.
"""
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from mta.base.clock import Clock
from mta.base.errors import BadName, Conflict, NotFound, UserError
from mta.base.limits import LIMITS
from mta.base.names import Address, Domain
from mta.store import domains, mailboxes, masks, reportaddresses
from mta.store.connection import Connection, one, value
from mta.store.domains import DomainRow


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One account.  quota in octets, 0 for unlimited; limits per day are None where everybody's holds."""

    id: int
    name: str
    full_name: str
    created: float
    quota: int
    size: int
    messages: int
    enabled: bool
    modseq: int
    messages_per_day: int | None
    first_time_per_day: int | None


#: Who may write to an alias: anybody, those it passes on to, everybody with an address at its domain.
Post = Literal["everybody", "members", "domain"]


@dataclass(frozen=True, slots=True)
class AddressRow:
    """One address of an account."""

    id: int
    account_id: int
    address: Address


@dataclass(frozen=True, slots=True)
class AliasRow:
    """One alias; if it is sendable, its members may write in its name; post says who may write to it."""

    id: int
    domain_id: int
    address: Address
    members: list[Address]
    sendable: bool = False
    post: Post = "everybody"


@dataclass(frozen=True, slots=True)
class Resolution:
    """Who gets the mail for an address.

    kind is "account", "alias", "unknown_user" or "unknown_domain"; accounts are ids, ours;
    forwards are addresses of others; canonical is the address or alias that matched.
    mask is the id of the masked address that it is, mailbox that of the mailbox its owner
    chose for it.  returned: it is a return path of ours, for notices about forwarded mail.
    reports: others are to send their reports there.
    """

    kind: str
    accounts: tuple[int, ...] = ()
    forwards: tuple[Address, ...] = ()
    canonical: Address | None = None
    reports: bool = False
    mask: int | None = None
    mailbox: int | None = None
    returned: bool = False


#: Local parts that are the postmaster's at every domain of ours unless somebody has them: RFC 5321 §4.5.1 has one, the
#: others are what our reports have as the sender of their envelope (mta.flow.reportsender).
POSTMASTERS: Final = frozenset({"postmaster", "dmarc-report-sender", "tls-report-sender"})
FIELDS: Final = frozenset({"name", "full_name", "quota", "enabled", "messages_per_day", "first_time_per_day"})
SELECT: Final = """
    SELECT id, name, full_name, created, quota, size, messages, enabled, modseq, messages_per_day, first_time_per_day FROM account
"""


# --- accounts ----------------------------------------------------------------------------------


def add(db: Connection, clock: Clock, name: str, full_name: str = "", quota: int = 0) -> int:
    """Make an account with the standard mailboxes; returns its id.  Conflict if the name is taken."""
    name = check_name(name)
    _check_name_free(db, name)
    db.execute("INSERT INTO account (name, full_name, created, quota) VALUES (?, ?, ?, ?)",
               (name, full_name, clock.timestamp(), max(0, quota)))
    id = db.last_insert_rowid()
    mailboxes.add_standard(db, clock, id)
    db.touched |= {"web"}
    return id


def check_name(name: str) -> str:
    """The name as we store it: NFC and lower case; UserError if it cannot be one."""
    name = unicodedata.normalize("NFC", name).lower()
    if not 1 <= len(name) <= 128 or any(not char.isprintable() or char in ' ,;"<>/\\' for char in name):
        raise UserError(f"{name!r} is no name for an account: it needs 1 to 128 characters, without spaces and , ; \" < > / \\")
    return name


def _check_name_free(db: Connection, name: str, own: int = 0) -> None:
    """Conflict if another account than own has the name, or a removed one had it."""
    other = by_login(db, name)
    if other is not None and other.id != own:
        raise Conflict(f"there is an account {name!r} already")
    if value(db, "SELECT 1 FROM account WHERE name = ? AND removed IS NOT NULL", (name,)):
        raise Conflict(f"an account {name!r} was removed and is still kept: `pillarbox account restore {name}` brings it back, "
                       f"`pillarbox account remove {name} --for-good` makes the name free")


def get(db: Connection, id: int) -> AccountRow | None:
    """The account with this id, unless it was removed."""
    return next(iter(select(db, "WHERE id = ? AND removed IS NULL", id)), None)


def by_name(db: Connection, name: str) -> AccountRow | None:
    """The account called name, in any case."""
    return next(iter(select(db, "WHERE name = ? AND removed IS NULL", unicodedata.normalize("NFC", name).lower())), None)


def by_login(db: Connection, login: str) -> AccountRow | None:
    """The account that someone means who signs in as login: its name, or one of its addresses."""
    found = by_name(db, login)
    if found is None and "@" in login:
        try:
            address = Address.parse(login)
        except BadName:
            return None
        domain = domains.get(db, address.domain)
        if domain is not None:
            found = next(iter(select(db, "WHERE removed IS NULL AND id = "
                                        "(SELECT account_id FROM address WHERE domain_id = ? AND localpart = ?)",
                                        domain.id, domain.canonical(address).localpart)), None)
    return found


def all(db: Connection) -> list[AccountRow]:
    """Every account, by name."""
    return select(db, "WHERE removed IS NULL ORDER BY name")


def update(db: Connection, id: int, **fields: Any) -> None:
    """Change some of FIELDS; NotFound, Conflict for a name that is taken."""
    unknown = fields.keys() - FIELDS
    if unknown:
        raise TypeError(f"an account has no {', '.join(sorted(unknown))} to change")
    if "name" in fields:
        fields["name"] = check_name(fields["name"])
        _check_name_free(db, fields["name"], id)
    for name, new in fields.items():
        if name in ("quota", "messages_per_day", "first_time_per_day") and new is not None and new < 0:
            raise UserError(f"{name} cannot be less than 0")
        db.execute(f"UPDATE account SET {name} = ? WHERE id = ?", (int(new) if isinstance(new, bool) else new, id))
        if not db.changes():
            raise NotFound(f"there is no account {id}")
    db.touched |= {"web"}


def remove(db: Connection, id: int) -> None:
    """Remove the account for good with everything that is its own: mail, addresses, credentials, sessions.

    What masks it had nobody gets again.

    For an account with many thousands of messages call messages.clear() in slices first.
    """
    for mailbox in mailboxes.all(db, id):
        mailboxes.drop(db, mailbox)
    db.execute("INSERT OR IGNORE INTO retired_address SELECT domain_id, localpart FROM mask WHERE account_id = ?", (id,))
    db.execute("DELETE FROM account WHERE id = ?", (id,))
    if not db.changes():
        raise NotFound(f"there is no account {id}")
    db.touched |= {"web", "imap", "reporter"}


def settings(db: Connection, id: int) -> dict[str, bool | int | float | str]:
    """What the account chose for itself, by name; mta.flow.preferences knows what it means."""
    return dict(db.execute("SELECT name, value FROM account_setting WHERE account_id = ?", (id,)))


def set_setting(db: Connection, id: int, name: str, chosen: bool | int | float | str) -> None:
    """Keep a choice of the account; NotFound if there is no such account."""
    if get(db, id) is None:
        raise NotFound(f"there is no account {id}")
    db.execute("INSERT INTO account_setting (account_id, name, value) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
               (id, name, int(chosen) if isinstance(chosen, bool) else chosen))


# --- addresses and aliases ---------------------------------------------------------------------


def add_address(db: Connection, account_id: int, address: Address) -> int:
    """Give the account an address at one of our domains; returns its id.  Conflict if it is in use, NotFound for a foreign domain."""
    domain, address = _ours(db, address)
    if get(db, account_id) is None:
        raise NotFound(f"there is no account {account_id}")
    other = by_name(db, address.ascii)
    if other is not None and other.id != account_id:
        raise Conflict(f"{address} is the sign-in name of another account")
    _check_free(db, domain, address)
    db.execute("INSERT INTO address (account_id, domain_id, localpart) VALUES (?, ?, ?)", (account_id, domain.id, address.localpart))
    db.touched |= {"web"}
    return db.last_insert_rowid()


def remove_address(db: Connection, address: Address) -> None:
    """Take an address away from its account; NotFound if nobody has it."""
    domain, address = _ours(db, address)
    db.execute("DELETE FROM address WHERE domain_id = ? AND localpart = ?", (domain.id, address.localpart))
    if not db.changes():
        raise NotFound(f"no account has the address {address}")
    db.touched |= {"web"}


def addresses(db: Connection, account_id: int) -> list[AddressRow]:
    """The addresses of the account, in the order they were given."""
    return [
        AddressRow(id, account_id, Address(localpart, Domain(name))) for id, localpart, name in db.execute("""
            SELECT address.id, localpart, name FROM address JOIN domain ON domain.id = domain_id
             WHERE account_id = ? ORDER BY address.id""", (account_id,))
    ]


def add_alias(db: Connection, address: Address, members: Sequence[Address], sendable: bool = False, post: Post = "everybody") -> int:
    """Make an alias at one of our domains; returns its id.  Conflict if the address is in use."""
    domain, address = _ours(db, address)
    _check_free(db, domain, address)
    db.execute("INSERT INTO alias (domain_id, localpart) VALUES (?, ?)", (domain.id, address.localpart))
    id = db.last_insert_rowid()
    set_alias(db, address, members, sendable, post)
    return id


def set_alias(db: Connection, address: Address, members: Sequence[Address] | None = None, sendable: bool | None = None,
              post: Post | None = None) -> None:
    """Change what is given of an alias; UserError if it were to have no members or too many."""
    domain, address = _ours(db, address)
    id = value(db, "SELECT id FROM alias WHERE domain_id = ? AND localpart = ?", (domain.id, address.localpart))
    if id is None:
        raise NotFound(f"there is no alias {address}")
    if members is not None:
        unique = list(dict.fromkeys(members))
        if not 1 <= len(unique) <= LIMITS.alias_members:
            raise UserError(f"an alias stands for 1 to {LIMITS.alias_members} addresses")
        if address in unique:
            raise UserError("an alias cannot stand for itself")
        db.execute("DELETE FROM alias_member WHERE alias_id = ?", (id,))
        db.executemany("INSERT INTO alias_member (alias_id, position, address) VALUES (?, ?, ?)",
                       ((id, position, member.ascii) for position, member in enumerate(unique)))
    if sendable is not None:
        db.execute("UPDATE alias SET sendable = ? WHERE id = ?", (int(sendable), id))
    if post == "everybody":
        db.execute("DELETE FROM alias_policy WHERE alias_id = ?", (id,))
    elif post is not None:
        db.execute("INSERT OR REPLACE INTO alias_policy (alias_id, post) VALUES (?, ?)", (id, post))
    db.touched |= {"web"}


def remove_alias(db: Connection, address: Address) -> None:
    """Remove an alias; NotFound if there is none."""
    domain, address = _ours(db, address)
    db.execute("DELETE FROM alias WHERE domain_id = ? AND localpart = ?", (domain.id, address.localpart))
    if not db.changes():
        raise NotFound(f"there is no alias {address}")
    db.touched |= {"web"}


def aliases(db: Connection, domain_id: int | None = None) -> list[AliasRow]:
    """All aliases, or those of one domain, by address."""
    rows = list(db.execute("""
        SELECT alias.id, domain_id, localpart, name, sendable, coalesce(post, 'everybody') FROM alias
          JOIN domain ON domain.id = domain_id LEFT JOIN alias_policy ON alias_id = alias.id
         WHERE ?1 IS NULL OR domain_id = ?1 ORDER BY name, localpart""", (domain_id,)))
    return [AliasRow(id, domain, Address(localpart, Domain(name)), _members(db, id), bool(sendable), post)
            for id, domain, localpart, name, sendable, post in rows]


# --- who gets it, who may use it -------------------------------------------------------------------


def resolve(db: Connection, address: Address, hostname: Domain, postmaster_account: str) -> Resolution:
    """Who gets the mail for address.

    In this order: the address or alias itself; the same without its suffix; addresses for
    reports, and postmaster (and others of POSTMASTERS), in any case, at any domain of ours
    and at the host (RFC 5321 §4.5.1); the domain's catch-all.  Aliases are expanded through
    one another, loops and excess are cut.
    """
    domain = domains.get(db, address.domain)
    if domain is None or not domain.enabled:
        if address.domain != hostname:
            return Resolution("unknown_domain")
        lower = Address(address.localpart.lower(), address.domain)
        return _special(db, lower, hostname, postmaster_account) or Resolution("unknown_user")
    candidates = _candidates(domain, address)
    for candidate in candidates:
        found = _exact(db, domain, candidate)
        if found is not None:
            return replace(found, reports=reportaddresses.is_one(db, candidate, hostname))
    special = next(filter(None, (_special(db, candidate, hostname, postmaster_account) for candidate in candidates)), None)
    if special is not None:
        return special
    if domain.catchall_account is not None and get(db, domain.catchall_account) is not None:
        return Resolution("account", (domain.catchall_account,), (), domain.canonical(address))
    # Of a domain whose reports alone come here, to addresses elsewhere, other servers take the mail.
    return Resolution("unknown_domain" if reportaddresses.reports_only(db, domain) else "unknown_user")


def posting(db: Connection, found: Resolution) -> Post:
    """Who may write to what was found for an address; everybody, unless it is an alias that says otherwise."""
    if found.kind != "alias" or found.canonical is None:
        return "everybody"
    return value(db, "SELECT post FROM alias_policy JOIN alias ON alias.id = alias_id JOIN domain ON domain.id = domain_id "    # type: ignore[no-any-return]
                 "WHERE name = ? AND localpart = ?", (found.canonical.domain.ascii, found.canonical.localpart), "everybody")


def may_post(db: Connection, found: Resolution, post: Post, author: Address | None) -> bool:
    """Whether author may write to an alias with that policy (an address, of which somebody else says that it is true)."""
    if post == "everybody" or found.canonical is None:
        return True
    if author is None:
        return False
    if post == "domain" and author.domain == found.canonical.domain:
        return True
    domain = domains.get(db, author.domain)
    if domain is None:
        return post == "members" and author in found.forwards
    theirs = next(filter(None, (_exact(db, domain, candidate) for candidate in _candidates(domain, author))), None)
    return theirs is not None and theirs.kind == "account" and not set(theirs.accounts).isdisjoint(found.accounts) and post == "members"


def may_use(db: Connection, account_id: int, address: Address) -> bool:
    """True if the account may write as address.

    Its own addresses, with any suffix; sendable aliases it is a member of; and, if it
    has a domain's catch-all, whatever nobody else has there.
    """
    domain = domains.get(db, address.domain)
    if domain is None:
        return False
    for candidate in _candidates(domain, address):
        owner = value(db, "SELECT account_id FROM address WHERE domain_id = ? AND localpart = ?", (domain.id, candidate.localpart))
        if owner is not None:
            return bool(owner == account_id)
        alias = one(db, "SELECT id, sendable FROM alias WHERE domain_id = ? AND localpart = ?", (domain.id, candidate.localpart))
        if alias is not None:
            return bool(alias[1]) and account_id in _expand(db, alias[0])[0]
        mask = masks.find(db, domain.id, candidate.localpart)
        if mask is not None:
            return mask[1] == account_id and mask[2] == "on"
    return domain.catchall_account == account_id


def owned(db: Connection, account_id: int, address: Address) -> bool:
    """True if the address, with any suffix, is one of the account's own: neither an alias nor what a catch-all gets."""
    domain = domains.get(db, address.domain)
    if domain is None:
        return False
    return any(found is not None and found.kind == "account" and account_id in found.accounts
               for found in (_exact(db, domain, candidate) for candidate in _candidates(domain, address)))


def is_taken(db: Connection, address: Address) -> bool:
    """True if an account, an alias or a mask has the address, or a mask had it; or somebody signs in with it."""
    domain = domains.get(db, address.domain)
    return domain is not None and (_exact(db, domain, domain.canonical(address)) is not None or by_name(db, address.ascii) is not None)


def return_path_key(db: Connection) -> bytes:
    """The key of the return paths that we write (mta.judge.returnpath)."""
    return bytes(value(db, "SELECT value FROM setting WHERE name = 'return_path'", (), b""))


def mask_of(db: Connection, account_id: int, address: Address) -> int | None:
    """The id of the account's mask that the address is, with any suffix; None if it is none."""
    domain = domains.get(db, address.domain)
    if domain is None:
        return None
    found = (masks.find(db, domain.id, candidate.localpart) for candidate in _candidates(domain, address))
    return next((mask[0] for mask in found if mask is not None and mask[1] == account_id and mask[2] != "gone"), None)


def shared(db: Connection, account_id: int) -> list[Address]:
    """The sendable aliases that the account is a member of, in the order of their making."""
    rows = list(db.execute(
        "SELECT alias.id, localpart, name FROM alias JOIN domain ON domain.id = domain_id WHERE sendable ORDER BY alias.id"))
    return [Address(localpart, Domain(name)) for id, localpart, name in rows if account_id in _expand(db, id)[0]]


def _candidates(domain: DomainRow, address: Address) -> list[Address]:
    """The address as the domain writes it, then without its suffix."""
    whole = domain.canonical(address)
    base, found, _ = whole.localpart.partition(domain.localpart_separator) if domain.localpart_separator else (whole.localpart, "", "")
    return [whole, Address(base, whole.domain)] if found and base else [whole]


def _exact(db: Connection, domain: DomainRow, address: Address) -> Resolution | None:
    owner = one(db, "SELECT account_id, mailbox_id, removed FROM address JOIN account ON account.id = account_id "
                "LEFT JOIN address_setting ON address_id = address.id WHERE domain_id = ? AND localpart = ?",
                (domain.id, address.localpart))
    if owner is not None:
        gone = owner[2] is not None    # removed, and kept: nobody else's
        return Resolution("unknown_user" if gone else "account", () if gone else (owner[0],), (), address, mailbox=owner[1])
    mask = masks.find(db, domain.id, address.localpart)
    if mask is not None:
        # One that is off or gone is nobody's, the catch-all's neither.
        on = mask[2] == "on" and get(db, mask[1]) is not None
        return Resolution("account" if on else "unknown_user", (mask[1],) if on else (), (), address, mask=mask[0])
    alias = value(db, "SELECT id FROM alias WHERE domain_id = ? AND localpart = ?", (domain.id, address.localpart))
    if alias is None:
        return Resolution("unknown_user", (), (), address) if masks.retired(db, domain.id, address.localpart) else None
    accounts, forwards = _expand(db, alias)
    return Resolution("alias", accounts, forwards, address)


def _special(db: Connection, address: Address, hostname: Domain, account: str) -> Resolution | None:
    """What nobody owns and the postmaster gets: mail to postmaster, and reports."""
    lower = Address(address.localpart.lower(), address.domain)
    postmaster, reports = lower.localpart in POSTMASTERS, reportaddresses.is_one(db, address, hostname)
    row = by_login(db, account) if postmaster or reports else None
    return Resolution("account", (row.id,), (), lower if postmaster else address, reports) if row is not None else None


def _expand(db: Connection, alias_id: int) -> tuple[tuple[int, ...], tuple[Address, ...]]:
    """The accounts and foreign addresses that an alias comes to in the end."""
    accounts: dict[int, None] = {}
    forwards: dict[Address, None] = {}
    level, seen, left = [alias_id], {alias_id}, LIMITS.alias_members
    for _ in range(LIMITS.alias_depth):
        below: list[int] = []
        for member in (member for alias in level for member in _members(db, alias)):
            left -= 1
            if left < 0:
                break
            domain = domains.get(db, member.domain)
            if domain is None:
                forwards[member] = None
                continue
            accounts_here, alias_here = _member(db, domain, member)
            accounts |= dict.fromkeys(accounts_here)
            if alias_here is not None and alias_here not in seen:
                seen.add(alias_here)
                below.append(alias_here)
        level = below
    return tuple(id for id in accounts if get(db, id) is not None), tuple(forwards)


def _member(db: Connection, domain: DomainRow, address: Address) -> tuple[tuple[int, ...], int | None]:
    """What a member of an alias is at a domain of ours: an account, another alias, or what the catch-all gets."""
    for candidate in _candidates(domain, address):
        owner = value(db, "SELECT account_id FROM address WHERE domain_id = ? AND localpart = ?", (domain.id, candidate.localpart))
        if owner is not None:
            return (owner,), None
        mask = masks.find(db, domain.id, candidate.localpart)
        if mask is not None:
            return ((mask[1],) if mask[2] == "on" else ()), None
        alias = value(db, "SELECT id FROM alias WHERE domain_id = ? AND localpart = ?", (domain.id, candidate.localpart))
        if alias is not None:
            return (), alias
    return ((domain.catchall_account,) if domain.catchall_account is not None else ()), None


def _members(db: Connection, alias_id: int) -> list[Address]:
    rows = db.execute("SELECT address FROM alias_member WHERE alias_id = ? ORDER BY position", (alias_id,))
    return [Address.parse(row[0]) for row in rows]


def _ours(db: Connection, address: Address) -> tuple[DomainRow, Address]:
    domain = domains.get(db, address.domain)
    if domain is None:
        raise NotFound(f"{address.domain} is not a domain of this server; add it first")
    return domain, domain.canonical(address)


def _check_free(db: Connection, domain: DomainRow, address: Address) -> None:
    for table, what in (("address", "an account has"), ("alias", "there is an alias with")):
        if value(db, f"SELECT 1 FROM {table} WHERE domain_id = ? AND localpart = ?", (domain.id, address.localpart)):
            raise Conflict(f"{what} the address {address} already")
    if masks.find(db, domain.id, address.localpart) is not None or masks.retired(db, domain.id, address.localpart):
        raise Conflict(f"{address} is or was a masked address, and those are given only once")


def select(db: Connection, where: str, *params: object) -> list[AccountRow]:
    """The accounts that fit; where is our own SQL."""
    return [AccountRow(*[*row[:7], bool(row[7]), *row[8:]]) for row in db.execute(SELECT + where, params)]
