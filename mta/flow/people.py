"""Who and what this server serves: domains, accounts, addresses, aliases, passwords.

The command line and the web pages call the same functions.  Text comes in as people type
it; what is wrong with it comes back as a UserError that says what to type instead.  All
of these block (a commit, or a new key), so a loop calls them in a thread.
"""
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial

from mta.auth import dkim
from mta.base.errors import BadName, Conflict, NotFound, UserError
from mta.base.limits import LIMITS
from mta.base.names import Address, Domain
from mta.flow import ownpolicy, typed, versions
from mta.flow.settings import adopt
from mta.flow.world import World
from mta.judge import guessable
from mta.net.tls import write_secret
from mta.store import (
    accounts,
    credentials,
    deleted,
    domains,
    freezes,
    imported,
    mailboxes,
    messages,
    received,
    removal,
    reportaddresses,
    schedule,
    settling,
)
from mta.store.accounts import AccountRow, AddressRow, AliasRow, Post
from mta.store.connection import Connection
from mta.store.domains import DkimKeyRow, DomainRow
from mta.store.reportaddresses import AddressKind

#: Messages that are removed in one go when an account goes.
SLICE = 500


# --- domains -----------------------------------------------------------------------------

def all_domains(world: World) -> list[DomainRow]:
    """Every domain with its keys, by name."""
    return world.store.read(domains.all)


def domain(world: World, name: str) -> DomainRow:
    """The domain called name; NotFound."""
    return world.store.read(lambda db: _domain_row(db, typed.domain(name)))


def add_domain(world: World, name: str, description: str = "", *, by: str) -> DomainRow:
    """Serve a domain; makes its DKIM keys, of which only the RSA one signs at first.  Conflict if we do already.

    Some receivers and relays mishandle a message with two signatures, and Ed25519 alone
    is not verified everywhere: the second key waits until somebody switches it on.
    """
    named = typed.domain(name)
    if world.store.read(lambda db: domains.get(db, named)):
        raise Conflict(f"the domain {named} is here already")
    keys = {algorithm: dkim.make_key(algorithm) for algorithm in dkim.ALGORITHMS}
    stamp = f"{world.clock.now():%Y%m%d}"
    selectors = {algorithm: f"{stamp}{algorithm[0]}" for algorithm in keys}
    paths = {algorithm: f"keys/dkim/{named.ascii}/{selectors[algorithm]}.pem" for algorithm in keys}
    for algorithm, key in keys.items():
        path = world.store.directory / paths[algorithm]
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_secret(path, dkim.key_text(key))

    def change(db: Connection) -> DomainRow:
        domain_id = domains.add(db, world.clock, named, _line(description))
        for algorithm, key in keys.items():
            domains.add_dkim_key(
                db, world.clock, domain_id, selectors[algorithm], algorithm, paths[algorithm], dkim.public_text(key),
                signing=algorithm == "rsa")
        for kind in reportaddresses.KINDS:
            reportaddresses.choose(db, domain_id, kind, reportaddresses.usual(kind, named))
        schedule.bring_forward(db, world.clock, "watch-certificates")    # its names may need one
        return _domain_row(db, named)

    return adopt(world, by, f"added the domain {named}", change)


def remove_domain(world: World, name: str, *, by: str) -> None:
    """Serve a domain no longer; Conflict while it has addresses or aliases."""
    named = typed.domain(name)

    def change(db: Connection) -> DomainRow:
        row = _domain_row(db, named)
        domains.remove(db, row.id)
        settling.forget(db, row.id)
        return row

    # What reports say of it goes in slices that hold nobody up, once it is clear that the domain can go.
    doomed = world.store.read(lambda db: _removable(db, named))
    while world.store.write_now(lambda db: received.remove_domain(db, doomed)):
        pass
    row = adopt(world, by, f"removed the domain {named}", change)
    for key in row.dkim:
        with suppress(OSError):
            (world.store.directory / key.path).unlink()


def set_domain(
    world: World, name: str, *, description: str | None = None, enabled: bool | None = None, separator: str | None = None,
    case_sensitive: bool | None = None, catchall: str | None = None, reports: Mapping[AddressKind, Address | None] | None = None,
    version: str | None = None, by: str,
) -> DomainRow:
    """Change what is given, all of it or nothing.  version is of domain_fields().

    separator cuts off what follows it in a local part ("" is off); catchall is the account that gets mail to
    unknown addresses ("" is nobody); reports is what flow.reportaddresses.read() made of addresses.
    """
    given = {
        "description": None if description is None else _line(description), "enabled": enabled,
        "localpart_separator": separator, "case_sensitive": case_sensitive}
    fields: dict[str, object] = {field: value for field, value in given.items() if value is not None}
    if catchall is not None:
        fields["catchall_account"] = get_account(world, catchall).id if catchall else None

    def besides(db: Connection, row: DomainRow) -> None:
        versions.require(version, domain_fields(db, row), f"the domain {row.domain}")
        for kind, address in (reports or {}).items():
            reportaddresses.choose(db, row.id, kind, address)

    return _update_domain(world, name, fields, by, besides, [f"{kind}_reports" for kind in reports or {}])


def domain_fields(db: Connection, row: DomainRow) -> dict[str, object]:
    """The settings of a domain that are changed together, for their version."""
    catchall = accounts.get(db, row.catchall_account) if row.catchall_account else None
    chosen = reportaddresses.of_domain(db, row.id)
    return {"description": row.description, "enabled": row.enabled, "separator": row.localpart_separator,
            "case_sensitive": row.case_sensitive, "catchall": catchall.name if catchall else "",
            "dmarc_reports": str(chosen.dmarc or ""), "tls_reports": str(chosen.tls or "")}


def policy_fields(row: DomainRow) -> dict[str, object]:
    """The MTA-STS policy of a domain, for its version."""
    return {"mode": row.mtasts_mode, "max_age": row.mtasts_max_age, "mx": list(row.mtasts_mx)}


def set_policy(
    world: World, name: str, *, mode: str | None = None, max_age: int | None = None, mx: str | None = None, version: str | None = None,
    by: str,
) -> DomainRow:
    """Change what is given of a domain's own MTA-STS policy: mode as in domains.MODES, max_age in seconds, mx hosts besides this one."""
    given = {"mtasts_mode": mode, "mtasts_max_age": max_age, "mtasts_mx": None if mx is None else ownpolicy.hosts(mx)}

    def require(db: Connection, row: DomainRow) -> None:
        versions.require(version, policy_fields(row), f"the policy of {row.domain}")

    return _update_domain(world, name, {field: value for field, value in given.items() if value is not None}, by, require)


def set_catchall(world: World, name: str, account: str | None, *, by: str) -> DomainRow:
    """Give all mail to unknown addresses of a domain to an account, or to nobody (None)."""
    chosen = None if account is None else get_account(world, account).id
    return _update_domain(world, name, {"catchall_account": chosen}, by)


def set_signing(world: World, name: str, selector: str, on: bool, *, by: str) -> DomainRow:
    """Let a DKIM key of a domain sign, or not."""
    def change(db: Connection) -> DomainRow:
        row = _domain_row(db, typed.domain(name))
        key = next((key for key in row.dkim if key.selector == selector), None)
        if key is None:
            raise NotFound(f"{row.domain} has no DKIM key {selector!r}; it has {', '.join(key.selector for key in row.dkim) or 'none'}")
        domains.set_signing(db, key.id, on)
        return _domain_row(db, row.domain)

    return adopt(world, by, f"switched DKIM key {selector} of {name} {'on' if on else 'off'}", change)


def dkim_record(row: DomainRow, key: DkimKeyRow) -> tuple[Domain, str]:
    """Name and text of the TXT record that publishes key."""
    return dkim.record_name(key.selector, row.domain), dkim.record_text(key.algorithm, key.public)


# --- accounts ----------------------------------------------------------------------------

def all_accounts(world: World) -> list[AccountRow]:
    """Every account, by name."""
    return world.store.read(accounts.all)


def get_account(world: World, name: str) -> AccountRow:
    """The account called name, or that an address belongs to; NotFound."""
    return world.store.read(lambda db: _account_row(db, name))


def add_account(world: World, name: str, password: str | None = None, full_name: str = "", quota: int = 0, *,
                address: str | None = None, by: str) -> AccountRow:
    """A new account with its mailboxes, and with a first address if one is given.

    Without a password nobody can sign in yet.  quota is in octets, 0 for no bound.
    """
    called = accounts.check_name(name.strip())
    if password is not None:
        _check_password(world, password, called, full_name, address or "")
    if quota < 0:
        raise UserError("the quota is a number of octets, or 0 for none")
    first = None if address is None else typed.address(address)

    def change(db: Connection) -> AccountRow:
        account_id = accounts.add(db, world.clock, called, _line(full_name), quota)
        if first is not None:
            accounts.add_address(db, account_id, first)
        if password is not None:
            credentials.set_password(db, world.clock, account_id, password)
        return _account_row(db, called)

    return adopt(world, by, f"added the account {called}", change)


def set_account(
    world: World, name: str, *, full_name: str | None = None, quota: int | None = None, enabled: bool | None = None,
    messages_per_day: int | None = None, first_time_per_day: int | None = None, version: str | None = None, by: str,
) -> AccountRow:
    """Change what is given; a limit of 0 a day means that of everybody.  version is of account_fields()."""
    for number in (quota, messages_per_day, first_time_per_day):
        if number is not None and number < 0:
            raise UserError("a limit is a number, or 0 for none")
    fields: dict[str, object] = {}
    for field, value in (("full_name", None if full_name is None else _line(full_name)), ("quota", quota), ("enabled", enabled)):
        if value is not None:
            fields[field] = value
    for field, value in (("messages_per_day", messages_per_day), ("first_time_per_day", first_time_per_day)):
        if value is not None:
            fields[field] = value or None

    def change(db: Connection) -> AccountRow:
        row = _account_row(db, name)
        versions.require(version, account_fields(row), f"the account {row.name}")
        accounts.update(db, row.id, **fields)
        if enabled is False:
            credentials.drop_sessions(db, row.id)
        return _account_row(db, row.name)

    return adopt(world, by, f"changed {', '.join(fields)} of the account {name}", change)


def account_fields(row: AccountRow) -> dict[str, object]:
    """The settings of an account that are changed together, for their version."""
    return {"full_name": row.full_name, "enabled": row.enabled, "quota": row.quota, "messages_per_day": row.messages_per_day or 0,
            "first_time_per_day": row.first_time_per_day or 0}


def remove_account(world: World, name: str, *, for_good: bool = False, by: str) -> None:
    """Remove an account; until LIMITS.removed_age is over, restore_account() brings it back as it was.

    for_good: with all its mail and at once, also one that was removed before; there is no way back.  What waits because its
    sending was frozen is given up: nobody is left who could let it go.  Other mail that it has in the queue still leaves.
    """
    row = next((row for row, _ in removed_accounts(world) if row.name == name.strip().lower()), None) if for_good else None
    row = row or get_account(world, name)
    keeper = world.store.read(lambda db: accounts.by_login(db, world.config.postmaster))
    if keeper is not None and keeper.id == row.id:
        raise Conflict(f"the account {row.name} gets the mail to postmaster; let the setting postmaster name another one first")
    if not for_good:
        adopt(world, by, f"removed the account {row.name}", lambda db: removal.put_away(db, world.clock, row.id))
        return
    # First nobody can sign in, then the mail goes in slices that hold nobody up.
    world.store.write_now(lambda db: _close_account(db, row.id))
    for mailbox in world.store.read(lambda db: mailboxes.all(db, row.id)):
        while world.store.write_now(partial(messages.clear, mailbox_id=mailbox.id, limit=SLICE, keep=False)):
            pass
    while world.store.write_now(partial(imported.forget, account_id=row.id, limit=SLICE)):
        pass
    while world.store.write_now(partial(deleted.clear, account_id=row.id, limit=SLICE)):
        pass
    given_up = 0
    while step := world.store.write_now(partial(freezes.drop, clock=world.clock, account_id=row.id, limit=SLICE, by=by)):
        given_up += step
    also = f" and gave up {given_up} deliveries that were held since it was frozen" if given_up else ""
    adopt(world, by, f"removed the account {row.name} for good{also}", lambda db: accounts.remove(db, row.id))


def removed_accounts(world: World) -> list[tuple[AccountRow, float]]:
    """Accounts that were removed and can be brought back, and since when, by name."""
    return world.store.read(removal.removed)


def restore_account(world: World, name: str, *, by: str) -> AccountRow:
    """Bring a removed account back as it was, with mail, addresses and passwords; NotFound if it is gone for good."""
    wanted = name.strip().lower()
    row = next((row for row, _ in removed_accounts(world) if row.name == wanted), None)
    if row is None:
        raise NotFound(f"no account {name!r} was removed in the last {LIMITS.removed_age / 86_400:.0f} days; "
                       "`pillarbox account removed` lists those that were")

    def change(db: Connection) -> AccountRow:
        removal.bring_back(db, row.id)
        return _account_row(db, row.name)

    return adopt(world, by, f"brought the account {row.name} back", change)


def forget_removed(world: World) -> int:
    """Remove for good what was removed longer ago than LIMITS.removed_age; how many accounts."""
    before = world.clock.timestamp() - LIMITS.removed_age
    old = [row.name for row, since in removed_accounts(world) if since < before]
    for name in old:
        remove_account(world, name, for_good=True, by="the clock")
    return len(old)


def set_password(world: World, name: str, password: str, *, by: str) -> None:
    """A new password for an account; everybody signed in on the web is signed out."""
    known = get_account(world, name)
    _check_password(world, password, known.name, known.full_name, *(str(row.address) for row in addresses(world, known.name)))

    def change(db: Connection) -> None:
        row = _account_row(db, name)
        credentials.set_password(db, world.clock, row.id, password)
        credentials.drop_sessions(db, row.id)

    adopt(world, by, f"set the password of {name}", change)


def set_admin_password(world: World, password: str, *, by: str) -> None:
    """A new password for the administrator's pages."""
    _check_password(world, password)

    adopt(world, by, "set the administrator's password", lambda db: credentials.set_admin_password(db, world.clock, password))


# --- addresses and aliases -----------------------------------------------------------------

def addresses(world: World, account: str) -> list[AddressRow]:
    """The addresses of an account."""
    return world.store.read(lambda db: accounts.addresses(db, _account_row(db, account).id))


def add_address(world: World, account: str, address: str, *, by: str) -> None:
    """Give an account another address; its domain must be one of ours.  Conflict if somebody has it."""
    added = typed.address(address)
    adopt(world, by, f"gave {added} to the account {account}",
          lambda db: accounts.add_address(db, _account_row(db, account).id, added))


def remove_address(world: World, address: str, *, by: str) -> None:
    """Take an address from its account; NotFound."""
    gone = typed.address(address)
    adopt(world, by, f"removed the address {gone}", lambda db: accounts.remove_address(db, gone))


def move_address(world: World, address: str, account: str, *, by: str) -> None:
    """Give an address to another account than the one that has it; NotFound."""
    moved = typed.address(address)

    def change(db: Connection) -> None:
        row = _account_row(db, account)
        accounts.remove_address(db, moved)
        accounts.add_address(db, row.id, moved)

    adopt(world, by, f"gave {moved} to the account {account}", change)


def aliases(world: World, domain: str | None = None) -> list[AliasRow]:
    """All aliases, or those of one domain."""
    if domain is None:
        return world.store.read(accounts.aliases)
    return world.store.read(lambda db: accounts.aliases(db, _domain_row(db, typed.domain(domain)).id))


def add_alias(world: World, address: str, members: Sequence[str], *, sendable: bool = False, post: Post = "everybody", by: str) -> None:
    """An address that stands for one or many others, ours or not; if sendable, members may write in its name; post says who to it."""
    added, listed = typed.address(address), [typed.address(member) for member in members]
    adopt(world, by, f"added the alias {added}", lambda db: accounts.add_alias(db, added, listed, sendable, post))


def set_alias(
    world: World, address: str, members: Sequence[str] | None = None, *, sendable: bool | None = None, post: Post | None = None,
    version: str | None = None, by: str,
) -> None:
    """Change what is given of an alias: its members, whether they may write in its name, who may write to it.  NotFound."""
    changed, listed = typed.address(address), None if members is None else [typed.address(member) for member in members]
    if listed is None and sendable is None and post is None:
        raise UserError("say what to change: the members of the alias, whether they may write in its name, or who may write to it")

    def change(db: Connection) -> None:
        if version is not None:
            row = next((one for one in accounts.aliases(db) if one.address == changed), None)
            if row is None:
                raise NotFound(f"there is no alias {changed}")
            versions.require(version, alias_fields(row), f"the alias {changed}")
        accounts.set_alias(db, changed, listed, sendable, post)

    adopt(world, by, f"changed the alias {changed}", change)


def alias_fields(row: AliasRow) -> dict[str, object]:
    """What an alias is, for its version."""
    return {"members": [str(member) for member in row.members], "sendable": row.sendable, "post": row.post}


def remove_alias(world: World, address: str, *, by: str) -> None:
    """Remove an alias; NotFound."""
    gone = typed.address(address)
    adopt(world, by, f"removed the alias {gone}", lambda db: accounts.remove_alias(db, gone))


# --- reading what people type ----------------------------------------------------------------

def selector(text: str) -> str:
    """The name of a DKIM key, as somebody typed it (RFC 6376 §3.1)."""
    try:
        named = Domain.parse(text.strip()).ascii
    except BadName:
        named = ""
    if not named or len(named) > 63:
        raise UserError(f"{text!r} is no selector; it is letters, digits and hyphens, like 2030a")
    return named


def _check_password(world: World, password: str, *own: str) -> None:
    """UserError for one that is too short, or that guessers try early; own are names of whose it is."""
    if len(password) < LIMITS.password_characters:
        raise UserError(f"the password is too short; it needs at least {LIMITS.password_characters} characters")
    if world.config.local:
        return    # the demonstration is for this machine alone, and its password is known to everybody
    parts = (part for name in own for part in (name, name.partition("@")[0], name.partition("@")[2]))
    why = guessable.why_guessable(password, (*parts, world.config.hostname.unicode, world.config.hostname.unicode.partition(".")[0]))
    if why:
        raise UserError(f"this password is guessed early: {why}. A few words in a row are good")


def _domain_row(db: Connection, named: Domain) -> DomainRow:
    row = domains.get(db, named)
    if row is None:
        raise NotFound(f"there is no domain {named} here")
    return row


def _removable(db: Connection, named: Domain) -> int:
    row = _domain_row(db, named)
    domains.check_removable(db, row.id)
    return row.id


def _account_row(db: Connection, name: str) -> AccountRow:
    row = accounts.by_login(db, name.strip())
    if row is None:
        raise NotFound(f"there is no account {name!r}")
    return row


def _close_account(db: Connection, account_id: int) -> None:
    accounts.update(db, account_id, enabled=False)
    credentials.drop_sessions(db, account_id)


def _update_domain(
    world: World, name: str, fields: dict[str, object], by: str, besides: Callable[[Connection, DomainRow], None] | None = None,
    more: Sequence[str] = (),
) -> DomainRow:
    """Change these fields; besides is done in the same change, before them, and more is what it changes."""
    def change(db: Connection) -> DomainRow:
        row = _domain_row(db, typed.domain(name))
        if besides is not None:
            besides(db, row)
        domains.update(db, row.id, **fields)
        return _domain_row(db, row.domain)

    return adopt(world, by, f"changed {', '.join([*fields, *more])} of the domain {name}", change)


def _line(text: str) -> str:
    return typed.one_line(text, LIMITS.kept_text, "a name or description")
