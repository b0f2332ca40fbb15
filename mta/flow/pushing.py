"""Which browsers are told of new mail, and of which.

A person asks for it in a browser, which then has an address at its maker's push service.
That lasts as long as the session in which it was asked for: who signs out, is signed out or
loses an app password is told nothing more, and nobody has to think of it.

Told is mail that was delivered, into the Inbox or, where the account wants that, anywhere
but where nobody wants to be disturbed.  What is moved, imported or written by oneself is
no news.  Noting it is one row in the change that stores the message; mta.flow.notifying
sends, when that is done.

Standards: RFC 8030 §4, RFC 8291 §2, RFC 8292 §3.
"""
from typing import Final

from mta.base.errors import NotFound, UserError
from mta.base.events import Event
from mta.flow import preferences
from mta.flow.world import World
from mta.message.flags import Flags
from mta.net.https import HTTPS_PORT, BadUrl, Place
from mta.secure import webpush
from mta.secure.webpush import BadKeys, Receiver
from mta.store import accounts, pushes
from mta.store.connection import Connection
from mta.store.mailboxes import MailboxRow
from mta.store.pushes import BrowserRow

#: Mailboxes whose mail is no news.
QUIET: Final = frozenset({"junk", "rejects", "trash", "drafts", "sent"})


def own_key(world: World) -> bytes:
    """Our key for push services, made when it is needed for the first time; it is in pillarbox.db, and so in backups."""
    found = world.store.read(pushes.key)
    if found is None:
        made = webpush.new_key()
        found = world.store.write_now(lambda db: pushes.keep_key(db, made))
    return found


def browsers(world: World, account: int) -> list[BrowserRow]:
    """The browsers of an account that are told, in the order they came."""
    return world.store.read(lambda db: pushes.all(db, account))


def everybody(world: World) -> list[tuple[str, BrowserRow]]:
    """The browsers of all accounts, with the accounts' names."""
    def question(db: Connection) -> list[tuple[str, BrowserRow]]:
        names = {row.id: row.name for row in accounts.all(db)}
        return [(names[row.account_id], row) for row in pushes.everybody(db) if row.account_id in names]

    return world.store.read(question)


def add(world: World, account: int, session: int, endpoint: str, key: str, secret: str, agent: str, *, by: str) -> BrowserRow:
    """Tell a browser from now on, until its session ends; key and secret are base64url.  UserError for what is no subscription."""
    place, receiver = _read(endpoint, key, secret)

    def change(db: Connection) -> BrowserRow:
        return pushes.get(db, account, pushes.add(
            db, world.clock, account, session, endpoint, receiver.key, receiver.secret, agent))

    row = world.store.write_now(change)
    world.journal.note(Event.PUSH_ON, account=_account(world, row), browser=row.id, host=place.host.unicode, by=by)
    return row


def renew(world: World, account: int, session: int, old: str, endpoint: str, key: str, secret: str) -> BrowserRow:
    """A browser has another address now; NotFound if the one it had before is not of this session (any more)."""
    _, receiver = _read(endpoint, key, secret)

    def change(db: Connection) -> BrowserRow:
        row = pushes.find(db, account, old)
        if row is None or row.session_id != session:
            raise NotFound("this browser is not told of new mail")
        pushes.renew(db, row.id, endpoint, receiver.key, receiver.secret)
        return pushes.get(db, account, row.id)

    return world.store.write_now(change)


def remove(world: World, account: int, id: int, *, by: str) -> None:
    """Tell a browser nothing more; NotFound."""
    def change(db: Connection) -> BrowserRow:
        row = pushes.get(db, account, id)
        pushes.remove(db, account, id)
        return row

    ended(world, world.store.write_now(change), f"by {by}")


def ended(world: World, row: BrowserRow, reason: str) -> None:
    """Note that a browser is told nothing more."""
    world.journal.note(Event.PUSH_OFF, account=_account(world, row), browser=row.id, host=host(row), reason=reason)


def arrived(db: Connection, world: World, account: int, mailbox: MailboxRow, message: int, flags: Flags) -> None:
    """A message was delivered; part of the change that stores it."""
    if flags & Flags.SEEN or mailbox.role in QUIET or not pushes.wanted(db, account):
        return
    if mailbox.role == "inbox" or preferences.of(db, account).push_everywhere:
        pushes.note(db, world.clock, account, message)


def host(row: BrowserRow) -> str:
    """The push service of a browser; the rest of the endpoint is a secret, and shown nowhere."""
    try:
        return Place.parse(row.endpoint).host.unicode
    except BadUrl:
        return ""


def _read(endpoint: str, key: str, secret: str) -> tuple[Place, Receiver]:
    try:
        place = Place.parse(endpoint)
        receiver = Receiver.parse(key[:200], secret[:200])
    except BadUrl as problem:
        raise UserError(f"the address of the subscription cannot be used: {problem}") from None
    except BadKeys as problem:
        raise UserError(f"the keys of the subscription cannot be used: {problem}") from None
    # Whoever signs in can have us call any public host; at least it is one that expects HTTPS.
    if place.port not in (None, HTTPS_PORT):
        raise UserError("the address of the subscription cannot be used: push services are at port 443")
    return place, receiver


def _account(world: World, row: BrowserRow) -> str:
    found = world.store.read(lambda db: accounts.get(db, row.account_id))
    return found.name if found else str(row.account_id)
