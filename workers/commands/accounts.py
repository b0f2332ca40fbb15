"""`pillarbox account …`, `password …`, `address …` and `alias …`."""
import re
import sys
from argparse import Namespace
from contextlib import closing
from dataclasses import asdict

from mta.base import tokens
from mta.base.errors import UserError
from mta.base.limits import LIMITS
from mta.flow import people, preferences
from mta.store.accounts import AccountRow
from workers.commands.paper import Row
from workers.commands.site import Site

#: Characters of a password that is made up, of five bits each.
MADE_UP = 16
SIZE = re.compile(r"(\d+) ?([kMGT]?)(i?B)?", re.IGNORECASE)
UNITS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}


def list_accounts(site: Site, arguments: Namespace) -> list[Row]:
    """Every account."""
    return [_row(account) for account in people.all_accounts(site.world)]


def add(site: Site, arguments: Namespace) -> None:
    """A new account; its password is asked for before anything changes."""
    world = site.world
    password = None if arguments.no_password else site.secret(f"password for {arguments.name}")
    people.add_account(world, arguments.name, password, arguments.full_name or "", octets(arguments.quota or "0"),
                       address=arguments.address, by=site.by)


def set_account(site: Site, arguments: Namespace) -> None:
    """Change what was given."""
    given = {"full_name": arguments.full_name, "quota": None if arguments.quota is None else octets(arguments.quota),
             "enabled": arguments.enabled, "messages_per_day": arguments.messages_per_day,
             "first_time_per_day": arguments.first_time_per_day}
    chosen = {name: getattr(arguments, name) for name in preferences.KINDS}
    if all(value is None for value in (*given.values(), *chosen.values())):
        raise UserError("nothing to change: `pillarbox account set --help` lists what can be set")
    if any(value is not None for value in chosen.values()):
        preferences.change(site.world, people.get_account(site.world, arguments.account).id, chosen, by=site.by)
    if any(value is not None for value in given.values()):
        people.set_account(site.world, arguments.account, **given, by=site.by)


def show(site: Site, arguments: Namespace) -> list[Row]:
    """One account with its addresses, what it chose and what it taught."""
    from mta.flow import learning  # which other verbs here have no use for
    from mta.store.learned import Learned

    account = people.get_account(site.world, arguments.account)
    with closing(Learned(site.world.store.learned_db, site.clock)) as learned:
        taught = learning.taught(learned, account.id)
    return [{**_row(account), "addresses": [str(row.address) for row in people.addresses(site.world, account.name)],
             **asdict(preferences.get(site.world, account.id)), "lessons_good": taught.own_good, "lessons_junk": taught.own_junk}]


def remove(site: Site, arguments: Namespace) -> None:
    """Remove an account, after a question at a terminal."""
    kept = {row.name: row for row, _ in people.removed_accounts(site.world)} if arguments.for_good else {}
    account = kept.get(arguments.account.lower()) or people.get_account(site.world, arguments.account)
    if not arguments.yes:
        how = " for good" if arguments.for_good else ""
        if not sys.stdin.isatty():
            raise UserError(f"this removes the account with all its mail{how or ', which is kept for 30 days'}: say --yes if you mean it")
        print(f"Remove {account.name} with {account.messages} messages{how}? Type its name: ", end="", flush=True)
        if sys.stdin.readline().strip() != account.name:
            raise UserError("that was another name: nothing was removed")
    people.remove_account(site.world, account.name, for_good=arguments.for_good, by=site.by)


def list_removed(site: Site, arguments: Namespace) -> list[Row]:
    """Accounts that can be brought back."""
    return [{"name": row.name, "full_name": row.full_name, "messages": row.messages, "size": row.size, "since": since,
             "until": since + LIMITS.removed_age} for row, since in people.removed_accounts(site.world)]


def restore(site: Site, arguments: Namespace) -> list[Row]:
    """Bring one back."""
    return [_row(people.restore_account(site.world, arguments.account, by=site.by))]


def set_password(site: Site, arguments: Namespace) -> list[Row] | str | None:
    """A new password for an account or the administrator; one that was made up is printed, once it holds."""
    if bool(arguments.account) == arguments.admin:
        raise UserError("name an account, or say --admin")
    world = site.world
    made = tokens.short_id(MADE_UP) if arguments.make_up else ""
    if arguments.admin:
        people.set_admin_password(world, made or site.secret("password for the administrator"), by=site.by)
    else:
        account = people.get_account(world, arguments.account)
        people.set_password(world, account.name, made or site.secret(f"password for {account.name}"), by=site.by)
    if not made:
        return None
    return [{"account": arguments.account or "", "password": made}] if arguments.json else made


def list_addresses(site: Site, arguments: Namespace) -> list[Row]:
    """The addresses of one account, or of all."""
    world = site.world
    accounts = [people.get_account(world, arguments.account)] if arguments.account else people.all_accounts(world)
    return [{"address": str(row.address), "account": account.name} for account in accounts for row in people.addresses(world, account.name)]


def add_address(site: Site, arguments: Namespace) -> None:
    """Another address for an account."""
    people.add_address(site.world, arguments.account, arguments.address, by=site.by)


def set_address(site: Site, arguments: Namespace) -> None:
    """An address for another account than before."""
    people.move_address(site.world, arguments.address, arguments.account, by=site.by)


def remove_address(site: Site, arguments: Namespace) -> None:
    """Take an address away."""
    people.remove_address(site.world, arguments.address, by=site.by)


def list_aliases(site: Site, arguments: Namespace) -> list[Row]:
    """All aliases, or those of one domain."""
    return [{"address": str(alias.address), "members": [str(member) for member in alias.members], "sendable": alias.sendable,
             "post": alias.post} for alias in people.aliases(site.world, arguments.domain)]


def add_alias(site: Site, arguments: Namespace) -> None:
    """A new alias."""
    people.add_alias(site.world, arguments.address, arguments.members, sendable=arguments.sendable == "yes",
                     post=arguments.post or "everybody", by=site.by)


def set_alias(site: Site, arguments: Namespace) -> None:
    """Other members for an alias, or other rights for them."""
    sendable = None if arguments.sendable is None else arguments.sendable == "yes"
    people.set_alias(site.world, arguments.address, arguments.members or None, sendable=sendable, post=arguments.post, by=site.by)


def remove_alias(site: Site, arguments: Namespace) -> None:
    """Remove an alias."""
    people.remove_alias(site.world, arguments.address, by=site.by)


def octets(text: str) -> int:
    """A size as people write it, like 500M or "2 GB", in octets; UserError if it is none."""
    found = SIZE.fullmatch(text.strip())
    if not found:
        raise UserError(f"{text!r} is not a size: write it like 500M or 10G, or 0 for no bound")
    return int(found[1]) << 10 * UNITS[found[2].lower()]


def _row(account: AccountRow) -> Row:
    return {"name": account.name, "full_name": account.full_name, "enabled": account.enabled, "messages": account.messages,
            "size": account.size, "quota": account.quota, "messages_per_day": account.messages_per_day,
            "first_time_per_day": account.first_time_per_day, "created": account.created}
