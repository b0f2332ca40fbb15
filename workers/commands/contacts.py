"""`pillarbox contacts …`: people an account writes to."""
import sys
from argparse import Namespace
from collections.abc import Iterable
from dataclasses import asdict, replace
from pathlib import Path

from mta.base.errors import NotFound, UserError
from mta.base.limits import LIMITS
from mta.flow import contacts, people
from mta.message.vcard import Card
from mta.store.contacts import Contact
from workers.commands.paper import Row
from workers.commands.site import Site


def list_contacts(site: Site, arguments: Namespace) -> list[Row]:
    """The contacts of an account by name."""
    return _rows(contacts.all(site.world, _account(site, arguments)))


def add(site: Site, arguments: Namespace) -> list[Row]:
    """One more."""
    return _rows([contacts.save(site.world, _account(site, arguments), Contact(_written(Card(""), arguments)))])


def set_contact(site: Site, arguments: Namespace) -> list[Row]:
    """Change what was given."""
    account = _account(site, arguments)
    before = next((one for one in contacts.all(site.world, account) if one.id == arguments.id), None)
    if before is None:
        raise NotFound(f"there is no contact {arguments.id}")
    return _rows([contacts.save(site.world, account, replace(before, card=_written(before.card, arguments)))])


def remove(site: Site, arguments: Namespace) -> None:
    """Forget one."""
    contacts.remove(site.world, _account(site, arguments), [arguments.id])


def find(site: Site, arguments: Namespace) -> list[Row]:
    """Whom the webmail suggests."""
    return [{"name": name, "address": address} for name, address in
            contacts.suggestions(site.world, _account(site, arguments), arguments.start)]


def export(site: Site, arguments: Namespace) -> None:
    """All of them as vCards, with the line ends that vCards have."""
    text = contacts.export(site.world, _account(site, arguments), arguments.vcard, collected=not arguments.written)
    sys.stdout.write(text)


def take_in(site: Site, arguments: Namespace) -> list[Row]:
    """Add the cards of a file."""
    return [asdict(contacts.take_in(site.world, _account(site, arguments), _text(arguments.file)))]


def _text(name: str) -> str:
    try:
        if name == "-":
            return sys.stdin.buffer.read(LIMITS.vcard_octets + 1).decode("utf-8-sig")
        with Path(name).open("rb") as file:
            return file.read(LIMITS.vcard_octets + 1).decode("utf-8-sig")
    except OSError as problem:
        raise UserError(f"{name} cannot be read: {problem.strerror}") from None
    except UnicodeDecodeError:
        raise UserError(f"{name} is not UTF-8; export it as vCard 3 or 4") from None


def _account(site: Site, arguments: Namespace) -> int:
    return people.get_account(site.world, arguments.account).id


def _written(before: Card, arguments: Namespace) -> Card:
    def several(given: list[str] | None, old: tuple[str, ...]) -> tuple[str, ...]:
        return old if given is None else tuple(one for one in given if one)

    def line(given: str | None, old: str) -> str:
        return old if given is None else given

    return replace(
        before, name=line(arguments.name, before.name), addresses=several(arguments.address, before.addresses),
        phones=several(arguments.phone, before.phones), organisation=line(arguments.organisation, before.organisation),
        groups=several(arguments.group, before.groups), note=line(arguments.note, before.note))


def _rows(found: Iterable[Contact]) -> list[Row]:
    return [{"id": one.id, "name": one.card.name, "addresses": list(one.card.addresses), "phones": list(one.card.phones),
             "organisation": one.card.organisation, "groups": list(one.card.groups), "note": one.card.note, "collected": one.collected}
            for one in found]
