"""What an account chose for itself: each choice with its type, its default and its bounds.

What is not chosen is the default, also if that changes with a later version.
"""
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Final

from mta.base.errors import UserError
from mta.base.events import Event
from mta.flow import versions
from mta.flow.world import World
from mta.judge.junk import THRESHOLD
from mta.store import accounts
from mta.store.connection import Connection

Choice = bool | int | float


@dataclass(frozen=True, slots=True)
class Preferences:
    """The choices of one account.

    junk_filter: what the words of a message say counts, and is learned.  threshold: the
    probability from which on they alone make it junk.  subject_pass: a person who is
    refused may be offered a word for the subject that lets the message in.  reject_days:
    how long what was refused for now is kept in Rejects; 0 keeps nothing.  slow_first_time:
    strangers without good signs wait some seconds for the answer.

    undo_seconds: how long what was sent can be had back; 0 sends at once.  write_html: a new
    message is formatted.  warn_attachment, warn_external: who sends is asked if a file seems
    to be missing, if a recipient is outside of the account's domains.  collect_contacts: who
    mail is sent to becomes a contact.

    push_details: notices to browsers say who wrote and about what.  push_everywhere: they
    also tell of mail that comes into other mailboxes than the Inbox.
    """

    junk_filter: bool = True
    threshold: float = THRESHOLD
    subject_pass: bool = False
    reject_days: int = 14
    slow_first_time: bool = True
    undo_seconds: int = 10
    write_html: bool = False
    warn_attachment: bool = True
    warn_external: bool = False
    collect_contacts: bool = True
    push_details: bool = True
    push_everywhere: bool = False


DEFAULTS: Final = Preferences()
#: Least and most of the numbers.  Below one half the filter would take as junk what it finds likely to be
#: good; days as for mail that people look for, not an archive.
BOUNDS: Final[Mapping[str, tuple[float, float]]] = {"threshold": (0.5, 0.999), "reject_days": (0, 60), "undo_seconds": (0, 120)}
KINDS: Final[Mapping[str, Callable[[Any], Choice]]] = {
    field.name: type(getattr(DEFAULTS, field.name)) for field in fields(Preferences)}


def of(db: Connection, account_id: int) -> Preferences:
    """The choices of an account; for use inside a question or change."""
    chosen = {name: KINDS[name](chosen) for name, chosen in accounts.settings(db, account_id).items() if name in KINDS}
    return replace(DEFAULTS, **chosen)  # type: ignore[arg-type]  # of its kind each


def get(world: World, account_id: int) -> Preferences:
    """The choices of an account."""
    return world.store.read(lambda db: of(db, account_id))


def change(world: World, account_id: int, given: Mapping[str, Choice | None], *, version: str | None = None,
           by: str) -> Preferences:
    """Choose what is given (None: as before); UserError for what cannot be chosen; version is of all choices before."""
    wanted = {name: _checked(name, choice) for name, choice in given.items() if choice is not None}

    def choose(db: Connection) -> Preferences:
        before = asdict(of(db, account_id))
        versions.require(version, before, "what you chose")
        for name, choice in wanted.items():
            if choice != before[name]:
                accounts.set_setting(db, account_id, name, choice)
        return of(db, account_id)

    chosen = world.store.write_now(choose)
    if wanted:
        said = ", ".join(f"{name}={choice}" for name, choice in wanted.items())
        world.journal.note(Event.SETTING_CHANGED, by=by, what=f"set {said} for account {account_id}")
    return chosen


def _checked(name: str, choice: Choice) -> Choice:
    kind = KINDS.get(name)
    if kind is None:
        raise UserError(f"there is no choice {name!r}; there are {', '.join(KINDS)}")
    low, high = BOUNDS.get(name, (0, 1))
    if not low <= choice <= high:
        raise UserError(f"{name} is from {low:g} to {high:g}")
    return kind(choice)
