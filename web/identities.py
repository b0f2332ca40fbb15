"""Addresses, identities and signatures of an account: thin, what may be is for mta.flow.identities."""
from mta.flow import identities, typed, versions
from mta.store import accounts
from mta.store.identities import Identity
from web.api.identities import OwnAddress, OwnIdentity, Persona
from web.call import Call


def persona(call: Call) -> Persona:
    """The account's name, its identities and addresses."""
    world, account = call.world, call.account
    row = world.store.read(lambda db: accounts.get(db, account))
    name, chosen = row.full_name if row else "", identities.versions_of_addresses(world, account)
    return Persona(
        name, versions.version({"name": name}),
        [OwnIdentity(one.id, one.name, str(one.address), one.reply_to, one.signature, versions.version(identities.fields(one)))
         for one in identities.stored(world, account)],
        [OwnAddress(str(one.address), one.display_name, one.mailbox_id, chosen.get(one.address, ""))
         for one in identities.addresses(world, account)],
        list(dict.fromkeys(str(one.address) for one in identities.usable(world, account))))


def full_name_change(call: Call, name: str, version: str | None = None) -> Persona:
    """The name that stands beside the account's addresses.

    With the `version` of what was shown, here and below, what somebody else changed meanwhile is not overwritten: user:conflict
    at "version" says what.
    """
    identities.set_full_name(call.world, call.account, name, version=version, by=call.by)
    return persona(call)


def identity_save(call: Call, identity: OwnIdentity) -> Persona:
    """A new identity (`id` 0), or another meaning for one.  user:notAllowed for an address that is not the account's."""
    wanted = Identity(identity.name, typed.address(identity.address), identity.reply_to, identity.signature, identity.id)
    if identity.id:
        identities.change(call.world, call.account, wanted, version=identity.version or None, by=call.by)
    else:
        identities.add(call.world, call.account, wanted, by=call.by)
    return persona(call)


def identity_remove(call: Call, id: int) -> Persona:
    """Forget an identity; its address stays."""
    identities.remove(call.world, call.account, id, by=call.by)
    return persona(call)


def identity_usual(call: Call, id: int) -> Persona:
    """Write as this one unless another is chosen."""
    identities.make_usual(call.world, call.account, id, by=call.by)
    return persona(call)


def address_change(call: Call, address: str, display_name: str, mailbox_id: int | None, version: str | None = None) -> Persona:
    """The name of an address ("" = the account's), and the mailbox that its mail goes to (null = Inbox)."""
    identities.set_address(call.world, call.account, address, display_name=display_name, mailbox_id=mailbox_id,
                           to_inbox=mailbox_id is None, version=version, by=call.by)
    return persona(call)


FUNCTIONS = (persona, full_name_change, identity_save, identity_remove, identity_usual, address_change)
