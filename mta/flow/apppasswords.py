"""App passwords of an account: made here, shown once, good for one thing."""
from collections.abc import Collection
from datetime import UTC, date, datetime
from typing import Final

from mta.base.errors import NotFound, UserError
from mta.base.events import Event
from mta.base.limits import LIMITS
from mta.base.tokens import short_id
from mta.flow.accountnames import named
from mta.flow.world import World
from mta.store import accounts, apppasswords, credentials
from mta.store.apppasswords import SCOPES, AppPassword

DAY: Final = 86_400.0
#: Characters of a password, 5 bits each, and of a group: no spaces, since many programs do not take them.
LENGTH, GROUP = 20, 5
#: Days that one may be good for.
MOST_DAYS: Final = 3_650


def listing(world: World, account: int) -> list[AppPassword]:
    """Those of an account, the oldest first."""
    return world.store.read(lambda db: apppasswords.all(db, account))


def add(world: World, account: int, label: str, scopes: Collection[str], days: int = 0, *, by: str) -> tuple[AppPassword, str]:
    """A new one and its text, which is nowhere afterwards; good for days, 0 is for ever.  Takes some 20 ms, in a thread."""
    label = " ".join(label.split())
    if not 1 <= len(label) <= LIMITS.app_label or not label.isprintable():
        raise UserError(f"say what the password is for, in 1 to {LIMITS.app_label} characters")
    unknown = set(scopes) - set(SCOPES)
    if unknown or not scopes:
        raise UserError(f"an app password is good for one or more of {', '.join(SCOPES)}")
    if not 0 <= days <= MOST_DAYS:
        raise UserError(f"an app password is good for 1 to {MOST_DAYS} days, or for ever (0)")
    if world.store.read(lambda db: accounts.get(db, account)) is None:
        raise NotFound("the account is not there any more")
    text = _text()
    keys = credentials.make_keys(text, *(world.store.read(lambda db: apppasswords.salt(db, account)) or ()))
    expires = world.clock.timestamp() + days * DAY if days else None
    id = world.store.write_now(lambda db: apppasswords.add(db, world.clock, account, label, scopes, expires, keys))
    world.journal.note(
        Event.SETTING_CHANGED, by=by, what=f"made the app password {label!r} of account {named(world, account)} for {', '.join(scopes)}")
    return next(one for one in listing(world, account) if one.id == id), text


def remove(world: World, account: int, id: int, *, by: str) -> None:
    """Let one open nothing any more, at once."""
    label = world.store.write_now(lambda db: apppasswords.remove(db, account, id))
    world.journal.note(Event.SETTING_CHANGED, by=by, what=f"revoked the app password {label!r} of account {named(world, account)}")


def days_until(world: World, text: str) -> int:
    """How many days from now a date like 2030-01-31 is the last of; 0 for "".  UserError for what is no date to come."""
    if not text.strip():
        return 0
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise UserError(f"{text!r} is no date; write it like 2030-01-31") from None
    days = (day - datetime.fromtimestamp(world.clock.timestamp(), UTC).date()).days + 1
    if not 1 <= days <= MOST_DAYS:
        raise UserError(f"the last day of an app password is today or within {MOST_DAYS} days")
    return days


def _text() -> str:
    """Groups of letters and digits that nobody takes for each other: 100 bits."""
    text = short_id(LENGTH)
    return "-".join(text[at:at + GROUP] for at in range(0, LENGTH, GROUP))
