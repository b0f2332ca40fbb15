"""Addresses that an account forwards to: adding one, confirming it by the code that was mailed there, choices, removing it.

Until who reads mail at an address has told the code, nothing but codes goes there, and of
those few: the code is asked for by a person, written in the account's own name, counted as
mail that the account sends, and bounded for each address whoever asks.

Pages and command line call these.  Read on: flow.onward forwards.
"""
from dataclasses import dataclass
from typing import Any, Final

from mta.base import tokens
from mta.base.errors import Conflict, NotAllowed, UserError
from mta.base.events import Event
from mta.base.limits import LIMITS
from mta.base.names import Address
from mta.flow import submit, typed, versions
from mta.flow.accountnames import named
from mta.flow.world import World
from mta.judge import returnpath
from mta.message import compose
from mta.message.address import Mailbox
from mta.message.identifiers import new_message_id
from mta.store import accounts, forwards
from mta.store.connection import Connection
from mta.store.forwards import Keep, Target

#: Characters of a code; 5 bits each.
CODE: Final = 8
#: Characters of the account's name in such a message: it is to say who asks, and nothing else.
NAME: Final = 60
TEXT: Final = """\
{who} wants to forward mail to {address}.

If that is you, or fine with you, this is the code that lets it begin:

    {code}

It is typed into the page "Forwarding" of the account on {host}, and works for {hours} hours.

If you do not know what this is about, do nothing: without the code nothing will be
forwarded to you.
"""


@dataclass(frozen=True, slots=True)
class Choices:
    """What an account chose for an address, as in mta.store.forwards.Target."""

    everything: bool = True
    keep: Keep = "inbox"
    seal: bool = True
    attach: bool = False


def all_targets(world: World, account: int) -> list[Target]:
    """The addresses of an account, the oldest first."""
    return world.store.read(lambda db: forwards.all(db, account))


async def add(world: World, account: int, text: str, choices: Choices, trace_id: str, *, by: str) -> list[Target]:
    """Forward to an address once it is confirmed; mails the code there.  UserErrors say why not."""
    address, wanted = _address(text), _checked(choices)
    world.store.read(lambda db: _check_codes(db, world, account, address))

    def change(db: Connection) -> int:
        if accounts.owned(db, account, address):
            raise UserError(f"{address} is an address of this account: mail would go in a circle")
        known = forwards.all(db, account)
        if any(one.address.ascii.lower() == address.ascii.lower() for one in known):
            raise Conflict(f"{address} is there already")
        if len(known) >= LIMITS.forward_targets:
            raise UserError(f"an account can forward to {LIMITS.forward_targets} addresses, no more")
        return forwards.add(db, world.clock, account, address, wanted.everything, wanted.keep, wanted.seal, wanted.attach)

    id = await world.store.write(change)
    world.journal.note(Event.SETTING_CHANGED, by=by,
                       what=f"added {address} to those that account {named(world, account)} forwards to, unconfirmed")
    await _mail_code(world, account, id, trace_id)
    return all_targets(world, account)


async def send_code(world: World, account: int, id: int, trace_id: str) -> None:
    """Mail another code to an address; the earlier one is void.  NotFound, UserErrors."""
    target = world.store.read(lambda db: forwards.get(db, account, id))
    if target.confirmed is not None:
        raise Conflict(f"{target.address} is confirmed already")
    world.store.read(lambda db: _check_codes(db, world, account, target.address))
    await _mail_code(world, account, id, trace_id)


def confirm(world: World, account: int, id: int, code: str, *, by: str) -> list[Target]:
    """From now on mail goes there, if that is the code that was mailed; NotAllowed if it is not."""
    typed = "".join(code.split()).replace("-", "").lower()
    target = world.store.read(lambda db: forwards.get(db, account, id))
    if target.confirmed is None and not world.store.write_now(
            lambda db: forwards.confirm(db, world.clock, account, id, typed, LIMITS.forward_code_tries)):
        raise NotAllowed(f"that is not the code that was mailed to {target.address}, or it is too old, or was guessed at too often; "
                         "ask for another one")
    world.journal.note(Event.SETTING_CHANGED, by=by, what=f"account {named(world, account)} forwards to {target.address}")
    return all_targets(world, account)


def fields(target: Target) -> dict[str, Any]:
    """What was chosen for an address, for its version."""
    return {"everything": target.everything, "copy": target.keep, "seal": target.seal, "attach": target.attach}


def change(world: World, account: int, id: int, choices: Choices, *, version: str | None = None, by: str) -> list[Target]:
    """Other choices for an address; NotFound.  version is of fields()."""
    wanted = _checked(choices)

    def change(db: Connection) -> None:
        before = forwards.get(db, account, id)
        versions.require(version, fields(before), f"forwarding to {before.address}")
        forwards.change(db, account, id, wanted.everything, wanted.keep, wanted.seal, wanted.attach)

    world.store.write_now(change)
    world.journal.note(Event.SETTING_CHANGED, by=by, what=f"changed how account {named(world, account)} forwards (address {id})")
    return all_targets(world, account)


def remove(world: World, account: int, id: int, *, by: str) -> list[Target]:
    """Forward there no longer; NotFound.  What is in the queue still goes."""
    gone = world.store.read(lambda db: forwards.get(db, account, id))
    world.store.write_now(lambda db: forwards.remove(db, account, id))
    world.journal.note(Event.SETTING_CHANGED, by=by, what=f"account {named(world, account)} forwards to {gone.address} no longer")
    return all_targets(world, account)


def _checked(choices: Choices) -> Choices:
    if choices.keep not in ("inbox", "archive"):
        raise UserError("the copy here stays in the inbox or goes to the archive")
    return choices


def _check_codes(db: Connection, world: World, account: int, address: Address) -> None:
    own, theirs = forwards.codes_of_a_day(db, world.clock, account, address)
    if own >= LIMITS.forward_codes:
        raise NotAllowed(f"this account has asked for {own} codes within 24 hours, which is as many as it may; try again tomorrow")
    if theirs >= LIMITS.forward_codes_to_one:
        raise NotAllowed(f"{address} was sent {theirs} codes within 24 hours, which is as many as we send; try again tomorrow")


async def _mail_code(world: World, account: int, id: int, trace_id: str) -> None:
    """Write to the address, in the account's own name."""
    def question(db: Connection) -> tuple[Target, Mailbox]:
        row, known = accounts.get(db, account), accounts.addresses(db, account)
        if row is None or not known:
            raise UserError("the account needs an address of its own before it can forward")
        return forwards.get(db, account, id), Mailbox(row.full_name[:NAME], known[0].address)

    target, own = world.store.read(question)
    assert own.address is not None, "it has one"
    code = tokens.short_id(CODE)
    letter = compose.Letter(
        from_=[own], to=[Mailbox("", target.address)], subject="Confirm that mail is forwarded to you", date=world.clock.timestamp(),
        message_id=new_message_id(own.address.domain), flowed=False, extra=[("Auto-Submitted", "auto-generated")],
        text=TEXT.format(who=own, address=target.address, code=f"{code[:4]}-{code[4:]}", host=world.config.hostname,
                         hours=round(LIMITS.forward_code_age / 3_600)))
    await submit.send(
        world, account, compose.compose(letter), own.address, [target.address], trace_id,
        also=lambda db: forwards.set_code(db, world.clock, account, id, code, LIMITS.forward_code_age))


def _address(text: str) -> Address:
    found = typed.address(text)
    if returnpath.is_one(found):
        raise UserError(f"{found} is a return path, nobody reads mail there")
    return found
