"""`pillarbox identity …`: who an account writes as, and what it chose for its addresses."""
import sys
from argparse import Namespace
from collections.abc import Iterable
from dataclasses import replace

from mta.base.errors import NotFound, UserError
from mta.flow import identities, people, reading, typed
from mta.store.identities import Identity
from workers.commands.paper import Row
from workers.commands.site import Site


def list_identities(site: Site, arguments: Namespace) -> list[Row]:
    """The identities of an account, the usual one first."""
    return _rows(identities.stored(site.world, _account(site, arguments)))


def add(site: Site, arguments: Namespace) -> list[Row]:
    """One more, behind the others."""
    if not arguments.address:
        raise UserError("an identity needs an --address")
    account = _account(site, arguments)
    wanted = _written(Identity(arguments.name or "", typed.address(arguments.address)), arguments)
    return _rows(identities.add(site.world, account, wanted, by=site.by))


def set_identity(site: Site, arguments: Namespace) -> list[Row]:
    """Change what was given."""
    account = _account(site, arguments)
    before = next((one for one in identities.stored(site.world, account) if one.id == arguments.id), None)
    if before is None:
        raise NotFound(f"there is no identity {arguments.id}")
    found = identities.change(site.world, account, _written(before, arguments), by=site.by)
    return _rows(identities.make_usual(site.world, account, arguments.id, by=site.by) if arguments.usual else found)


def remove(site: Site, arguments: Namespace) -> None:
    """Forget one."""
    identities.remove(site.world, _account(site, arguments), arguments.id, by=site.by)


def list_addresses(site: Site, arguments: Namespace) -> list[Row]:
    """The addresses of an account with what was chosen for each."""
    return _addresses(site, _account(site, arguments))


def set_address(site: Site, arguments: Namespace) -> list[Row]:
    """Change what was given for an address."""
    account = _account(site, arguments)
    place = reading.mailbox_named(site.world, account, arguments.mailbox).id if arguments.mailbox else None
    identities.set_address(site.world, account, arguments.address, display_name=arguments.name, mailbox_id=place,
                           to_inbox=arguments.mailbox == "", by=site.by)
    return _addresses(site, account)


def _account(site: Site, arguments: Namespace) -> int:
    return people.get_account(site.world, arguments.account).id


def _written(before: Identity, arguments: Namespace) -> Identity:
    signature = sys.stdin.read() if arguments.signature == "-" else arguments.signature
    return replace(
        before, name=before.name if arguments.name is None else arguments.name,
        address=typed.address(arguments.address) if arguments.address else before.address,
        reply_to=before.reply_to if arguments.reply_to is None else arguments.reply_to,
        signature=before.signature if signature is None else signature)


def _rows(found: Iterable[Identity]) -> list[Row]:
    return [{"id": one.id, "name": one.name, "address": str(one.address), "reply_to": one.reply_to, "signature": one.signature}
            for one in found]


def _addresses(site: Site, account: int) -> list[Row]:
    names = {row.id: row.name for row in reading.all_mailboxes(site.world, account)}
    return [{"address": str(one.address), "name": one.display_name, "mailbox": names.get(one.mailbox_id or 0, "Inbox")}
            for one in identities.addresses(site.world, account)]
