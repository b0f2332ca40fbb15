"""The administrator's functions about domains, accounts, addresses and aliases; the rules are in mta.flow.people."""
from collections import Counter
from typing import Final, Literal, cast

from mta.base.errors import TemporaryError
from mta.flow import nightly, ownpolicy, people, published, records, reportaddresses, rotation, versions
from mta.flow.dnscheck import internetnl
from mta.flow.published import There
from mta.store import accounts as account_rows
from mta.store import dnschecks
from mta.store import domains as domain_rows
from mta.store.accounts import AccountRow, AliasRow
from mta.store.connection import Connection
from mta.store.domains import DomainRow
from web.api.admin import (
    AccountLine,
    AccountPage,
    Address,
    Alias,
    DkimKey,
    DnsChange,
    DnsCheck,
    DnsRecord,
    DnsSection,
    DnsTest,
    DomainLine,
    DomainPage,
    DomainPolicy,
    KeyChange,
)
from web.call import Call

Post = Literal["everybody", "members", "domain"]
#: Seconds that a page waits for the DNS before it shows records without it.
LOOK: Final = 2.0

# --- domains -------------------------------------------------------------------------------


def domains(call: Call) -> list[DomainLine]:
    """All domains by name."""
    def question(db: Connection) -> list[DomainLine]:
        addresses = Counter(_domain_of(one) for one in _addresses(db))
        aliases = Counter(row.domain_id for row in account_rows.aliases(db))
        return [_domain_line(row, addresses[row.domain.unicode], aliases[row.id]) for row in domain_rows.all(db)]

    return call.world.store.read(question)


def domain(call: Call, name: str) -> DomainPage:
    """One domain with its keys, DNS records, addresses and aliases."""
    return _domain_page(call, people.domain(call.world, name))


def domain_add(call: Call, name: str, description: str = "") -> DomainPage:
    """Take mail for a domain; DKIM keys are made."""
    return _domain_page(call, people.add_domain(call.world, name, description, by=call.by))


def domain_change(
    call: Call, name: str, description: str, enabled: bool, catchall: str, separator: str, case_sensitive: bool,
    dmarc_reports: str | None = None, tls_reports: str | None = None, version: str | None = None,
) -> DomainPage:
    """Change the settings of a domain; see DomainPage for what they mean, null leaves an address as it is.

    With the `version` of the page, what somebody else changed meanwhile is not overwritten: user:conflict at "version" says what.
    """
    return _domain_page(call, people.set_domain(
        call.world, name, description=description, enabled=enabled, separator=separator, case_sensitive=case_sensitive, catchall=catchall,
        reports=reportaddresses.read(call.world, dmarc=dmarc_reports, tls=tls_reports), version=version, by=call.by))


def domain_dns(call: Call, name: str) -> DnsCheck:
    """What was found when the DNS of a domain was looked at last, by the clock each night or by somebody."""
    return _dns(call, people.domain(call.world, name))


def domain_check(call: Call, name: str) -> DnsCheck:
    """Look at the DNS of a domain and its servers now, which takes half a minute at most.  What the DNS does not tell is a finding."""
    row = people.domain(call.world, name)
    call.wait(nightly.check(call.world, row))
    return _dns(call, row)


def domain_policy(call: Call, name: str, mode: Literal["off", "none", "testing", "enforce"], max_age: int, mx: str,
                  version: str | None = None) -> DomainPage:
    """Change the MTA-STS policy of a domain; mx as people type hosts, divided by spaces.  Its DNS record changes too."""
    return _domain_page(call, people.set_policy(call.world, name, mode=mode, max_age=max_age, mx=mx, version=version, by=call.by))


def domain_remove(call: Call, name: str) -> None:
    """Forget a domain.  One that still has addresses or aliases stays: user:conflict."""
    people.remove_domain(call.world, name, by=call.by)


def dkim_signing(call: Call, domain: str, selector: str, signing: bool) -> DomainPage:
    """Sign with a key of a domain from now on, or no longer."""
    return _domain_page(call, people.set_signing(call.world, domain, selector, signing, by=call.by))


def dkim_rotate(call: Call, domain: str, algorithm: Literal["rsa", "ed25519"], selector: str = "") -> DomainPage:
    """Make a key that takes the place of the one that signs, once the DNS has its record everywhere; named by the date unless given."""
    return _domain_page(call, rotation.begin(call.world, domain, algorithm, selector=selector.strip(), by=call.by))


def dkim_look(call: Call, domain: str) -> DomainPage:
    """Ask the domain's name servers now how far they are with new and old keys, and take the next step where they are."""
    return _domain_page(call, call.wait(rotation.advance(call.world, domain)))


def dkim_give_up(call: Call, domain: str, selector: str) -> DomainPage:
    """Forget a new key that does not sign yet."""
    return _domain_page(call, rotation.give_up(call.world, domain, selector, by=call.by))


def dkim_remove(call: Call, domain: str, selector: str) -> DomainPage:
    """Forget a key for good.  user:conflict while it signs, or mail that it signed may be on its way."""
    return _domain_page(call, rotation.remove_key(call.world, domain, selector, by=call.by))


# --- accounts ------------------------------------------------------------------------------


def accounts(call: Call) -> list[AccountLine]:
    """All accounts by name."""
    return call.world.store.read(lambda db: [_account_line(db, row) for row in account_rows.all(db)])


def account(call: Call, name: str) -> AccountPage:
    """One account with its addresses and limits."""
    row = people.get_account(call.world, name)

    def question(db: Connection) -> AccountPage:
        held = [Address(str(one.address), row.name) for one in account_rows.addresses(db, row.id)]
        return AccountPage(_account_line(db, row), row.messages_per_day or 0, row.first_time_per_day or 0, held,
                           versions.version(people.account_fields(row)))

    return call.world.store.read(question)


def account_add(call: Call, name: str, password: str, full_name: str = "", address: str = "", quota: int = 0) -> AccountPage:
    """Make an account with its first address (none if "")."""
    row = people.add_account(call.world, name, password, full_name, quota, address=address or None, by=call.by)
    return account(call, row.name)


def account_change(
    call: Call, name: str, full_name: str, enabled: bool, quota: int, messages_per_day: int, first_time_per_day: int,
    version: str | None = None,
) -> AccountPage:
    """Change the settings of an account; disabling one ends its sessions."""
    people.set_account(
        call.world, name, full_name=full_name, enabled=enabled, quota=quota, messages_per_day=messages_per_day,
        first_time_per_day=first_time_per_day, version=version, by=call.by)
    return account(call, name)


def account_remove(call: Call, name: str) -> None:
    """Remove an account with all its mail; `account_restore` brings it back for 30 days."""
    people.remove_account(call.world, name, by=call.by)


def account_password(call: Call, name: str, password: str) -> None:
    """Give an account a new password; its sessions end."""
    people.set_password(call.world, name, password, by=call.by)


def address_add(call: Call, account: str, address: str) -> AccountPage:
    """Let an account get the mail of an address, at one of our domains."""
    people.add_address(call.world, account, address, by=call.by)
    return _account_page(call, account)


def address_remove(call: Call, address: str) -> None:
    """Take an address from its account."""
    people.remove_address(call.world, address, by=call.by)


def aliases(call: Call) -> list[Alias]:
    """All aliases by address."""
    return [_alias(row) for row in people.aliases(call.world)]


def alias_add(call: Call, address: str, members: list[str], sendable: bool = False, post: Post = "everybody") -> None:
    """Make an address that passes on to others, here or elsewhere; `sendable` lets those here write in its name.

    `post` says who may write to it: everybody, its members, or all people of its domain.
    """
    people.add_alias(call.world, address, members, sendable=sendable, post=post, by=call.by)


def alias_change(
    call: Call, address: str, members: list[str], sendable: bool, post: Post | None = None, version: str | None = None,
) -> None:
    """Change to whom an alias passes on, whether those here may write in its name, and who may write to it (null: as it is)."""
    people.set_alias(call.world, address, members, sendable=sendable, post=post, version=version, by=call.by)


def alias_remove(call: Call, address: str) -> None:
    """Remove an alias."""
    people.remove_alias(call.world, address, by=call.by)


# --- what the pages show ---------------------------------------------------------------------


def _domain_page(call: Call, row: DomainRow) -> DomainPage:
    keys = [
        DkimKey(key.selector, "rsa" if key.algorithm == "rsa" else "ed25519", key.signing, key.created,
                dns_record(records.dkim_record(row, number)))
        for number, key in enumerate(row.dkim)]
    changes = [KeyChange(one.new.selector, one.old.selector if one.old else "", one.stage, one.todo, one.until, one.looked)
               for one in rotation.changes(call.world, row)]
    chosen = reportaddresses.of_domain(call.world, row.domain.ascii)
    there = _there(call, row)
    advised = [dns_record(record) for record in records.records(call.world, row, there)]

    def question(db: Connection) -> DomainPage:
        catchall = account_rows.get(db, row.catchall_account) if row.catchall_account else None
        addresses = [one for one in _addresses(db) if _domain_of(one) == row.domain.unicode]
        aliases = [_alias(one) for one in account_rows.aliases(db, row.id)]
        return DomainPage(
            _domain_line(row, len(addresses), len(aliases)), catchall.name if catchall else "", row.localpart_separator,
            row.case_sensitive, str(chosen.dmarc or ""), str(chosen.tls or ""), keys, changes, advised,
            "" if there.known else published.UNKNOWN, addresses, aliases, _policy(call, row),
            versions.version(people.domain_fields(db, row)))

    return call.world.store.read(question)


def _there(call: Call, row: DomainRow) -> There:
    """What the DNS has, if it says so soon."""
    try:
        return call.wait(published.look(call.world, row), LOOK)
    except TemporaryError:
        return There()


def _dns(call: Call, row: DomainRow) -> DnsCheck:
    rows = call.world.store.read(lambda db: dnschecks.history(db, row.id))
    if not rows:
        return DnsCheck(None, [], [], [], None)
    sections = [DnsSection(**{name: value for name, value in part.items() if name != "tests"}) for part in rows[0].sections]
    tests = internetnl.expected(rows[0].sections)
    return DnsCheck(
        rows[0].last, sections, [DnsChange(one.first, one.last, one.errors, one.warnings) for one in rows],
        [DnsTest(one.part, one.about, one.passed) for one in tests], internetnl.score(tests))


def _policy(call: Call, row: DomainRow) -> DomainPolicy:
    published = ownpolicy.policy(call.world, row)
    mode = cast(Literal["off", "none", "testing", "enforce"], row.mtasts_mode)
    return DomainPolicy(mode, row.mtasts_max_age, list(row.mtasts_mx), ownpolicy.record(published).id if published else "",
                        versions.version(people.policy_fields(row)))


def _account_page(call: Call, name: str) -> AccountPage:
    return account(call, name)


def _domain_line(row: DomainRow, addresses: int, aliases: int) -> DomainLine:
    return DomainLine(row.domain.unicode, row.description, row.enabled, addresses, aliases)


def _domain_of(one: Address) -> str:
    return one.address.rpartition("@")[2]


def _account_line(db: Connection, row: AccountRow) -> AccountLine:
    held = [str(one.address) for one in account_rows.addresses(db, row.id)]
    return AccountLine(row.name, row.full_name, row.enabled, row.created, row.size, row.messages, row.quota, held)


def _addresses(db: Connection) -> list[Address]:
    return [Address(str(one.address), row.name) for row in account_rows.all(db) for one in account_rows.addresses(db, row.id)]


def _alias(row: AliasRow) -> Alias:
    return Alias(str(row.address), [str(member) for member in row.members], row.sendable, row.post,
                 versions.version(people.alias_fields(row)))


def dns_record(record: records.Record) -> DnsRecord:
    """A record as the pages get it."""
    return DnsRecord(record.name, record.kind, record.value, record.why, record.optional)
