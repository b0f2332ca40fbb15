"""An account whose sending is suddenly not like it is frozen, before its mail gives this server a bad name.

Looked at each minute are only accounts that within an hour wrote to some dozen people most
of whom they never wrote to before: whoever writes as always, however much, is left alone,
and a small or new account never gets that far.  It is unlike the account if it is four
times the busiest hour that it had within a month; or if many of its recipients do not
exist.  Sign-ins from places where it never was halve what it takes; alone they stop
nobody, since telephones change networks all day.

A frozen account is refused (451: mail programs keep the message) and what it has in the
queue waits; it still gets mail and reads it.  The administrator lets it go again: its
owner cannot, since whoever has the password would.
"""
from collections.abc import Callable
from typing import Final

from mta.base.errors import Conflict, NotFound, PillarboxError, UserError
from mta.base.events import Event
from mta.base.limits import LIMITS
from mta.base.names import Address
from mta.flow import deposit
from mta.flow.world import World
from mta.message import compose
from mta.message.address import Mailbox
from mta.message.identifiers import new_message_id
from mta.store import accounts, freezes, signins
from mta.store.connection import Connection
from mta.store.freezes import Freeze, Sending, Usual

DAY: Final = 86_400.0
#: How many times the busiest hour is unlike it, and the share of recipients that must be new.
TIMES, NEW = 4, 0.5
#: Failures of a day that are too many, if they are so large a share of what came to an end.
FAILURES, FAILED = 20, 0.3
#: New places of a day that halve what it takes.
PLACES: Final = 2
#: Recipients in one change.
SLICE: Final = 200
BY_SERVER: Final = "the server"


def watch(world: World) -> str:
    """Freeze what is unlike itself; for the clock, each minute."""
    least = world.config.smtp.freeze_recipients_per_hour
    if not least or world.config.local:
        return "nothing: it is switched off"
    busy = world.store.read(lambda db: freezes.busy(db, world.clock, max(1, least // 2)))
    frozen = 0
    for sending in busy:
        reason = _unlike(world, sending, least)
        if reason:
            freeze(world, sending.account_id, reason, by=BY_SERVER)
            frozen += 1
    return f"{len(busy)} busy, {frozen} frozen"


def _unlike(world: World, sending: Sending, least: int) -> str:
    """Why what an account sends is not like it, or ""."""
    def question(db: Connection) -> tuple[Freeze | None, Usual]:
        return freezes.get(db, sending.account_id), freezes.usual(db, world.clock, sending.account_id)

    before, usual = world.store.read(question)
    now = world.clock.timestamp()
    if before is not None and (before.lifted is None or now - before.lifted < DAY):
        return ""    # it is frozen, or somebody has looked at it and let it go
    places = signins.ask(world.store, lambda db: signins.new_places(db, sending.account_id, now - DAY))
    return judged(sending, usual, places, least)


def judged(sending: Sending, usual: Usual, places: int, least: int) -> str:
    """Why an hour is unlike an account, or ""; places are those of a day that are new, least is the setting."""
    most = max(least, TIMES * usual.busiest)
    abroad = f"; it signed in from {places} new places within a day" if places >= PLACES else ""
    if abroad:
        most = (most + 1) // 2
    if sending.recipients >= most and sending.first_time >= NEW * sending.recipients:
        return (f"it wrote to {sending.recipients} people within an hour, {sending.first_time} of them for the first time; "
                f"its busiest hour of the last month had {usual.busiest}{abroad}")
    if usual.failed >= FAILURES and usual.failed >= FAILED * usual.finished and sending.first_time >= NEW * sending.recipients:
        return f"{usual.failed} of the {usual.finished} people that it wrote to within a day could not be reached{abroad}"
    return ""


def freeze(world: World, account: int, reason: str, *, by: str) -> None:
    """Stop an account from sending, hold what it has in the queue, tell its owner and the postmaster.  Conflict if it is frozen."""
    reason = " ".join(reason.split()) or "the administrator wants it so"
    if len(reason) > LIMITS.kept_text:
        raise UserError(f"a reason has at most {LIMITS.kept_text} characters")

    def change(db: Connection) -> str:
        row = accounts.get(db, account)
        if row is None:
            raise NotFound(f"there is no account {account}")
        if freezes.standing(db, account) is not None:
            raise Conflict(f"the account {row.name} is frozen already")
        freezes.add(db, world.clock, account, reason, by)
        return row.name

    name = world.store.write_now(change)
    held = _slices(world, lambda db: freezes.hold(db, account, SLICE))
    world.journal.note(Event.ACCOUNT_FROZEN, account=name, reason=reason, by=by)
    _tell(world, account, name, reason, held)


def unfreeze(world: World, account: int, *, by: str) -> int:
    """Let an account send again, and what waited goes; how much that was.  Conflict if it is not frozen."""
    def change(db: Connection) -> str:
        row = accounts.get(db, account)
        if not freezes.lift(db, world.clock, account) or row is None:
            raise Conflict("the account is not frozen")
        return row.name

    name = world.store.write_now(change)
    released = _slices(world, lambda db: freezes.release(db, account, SLICE))
    world.journal.note(Event.SETTING_CHANGED, by=by, what=f"let the account {name} send again")
    return released


def listing(world: World) -> list[tuple[str, Freeze, int]]:
    """The accounts that are frozen: name, why, and how much waits."""
    def question(db: Connection) -> list[tuple[str, Freeze, int]]:
        names = {row.id: row.name for row in accounts.all(db)}
        return [(names[one.account_id], one, freezes.waiting(db, one.account_id)) for one in freezes.all(db)]

    return world.store.read(question)


def problems(world: World) -> list[str]:
    """Who is frozen, in sentences for the overview."""
    return [f"{name} cannot send: {one.reason}. Its page lets it go again." for name, one, _ in listing(world)]


def refusal(db: Connection, account: int) -> str:
    """What who is frozen is told when they send, or ""."""
    return ("Sending from this account was stopped, since it was not like it: change its password if that was not you, "
            "and ask the administrator") if freezes.standing(db, account) is not None else ""


def _slices(world: World, change: Callable[[Connection], int]) -> int:
    done = 0
    while step := world.store.write_now(change):
        done += step
    return done


# --- the letters -------------------------------------------------------------------------------


OWNER: Final = """\
Sending from your account was stopped: {reason}.

{held} of your messages wait at this server; you still get mail. If it was you who sent
all that, ask the administrator to let it go.

If it was not you: change your password and revoke your app passwords on the page of your
account, look there where somebody signed in, and switch two-factor sign-in on.
"""
KEEPER: Final = """\
The account {name} cannot send any more: {reason}.

{held} of its messages wait in the queue. Its page in the administration shows where it
was signed in from, what waits, and lets it go again; `pillarbox account unfreeze {name}`
does the same. Before that, let its owner have a new password.
"""


def _tell(world: World, account: int, name: str, reason: str, held: int) -> None:
    config = world.config
    keeper = world.store.read(lambda db: accounts.by_login(db, config.postmaster))
    here = Address("postmaster", config.hostname)
    count = str(held) if held else "None"
    letters = [(account, "Sending from your account was stopped", OWNER.format(reason=reason, held=count))]
    if keeper is not None:
        letters.append((keeper.id, f"{name} cannot send any more", KEEPER.format(name=name, reason=reason, held=count)))
    for receiver, subject, text in letters:
        letter = compose.Letter(
            from_=[Mailbox("Pillarbox", here)], to=[Mailbox("", here)], subject=subject, date=world.clock.timestamp(),
            message_id=new_message_id(config.hostname), text=text, flowed=False)
        try:
            deposit.file_in(world, receiver, compose.compose(letter), reason="This server made this report.")
        except PillarboxError as problem:
            world.journal.note(Event.STORE_TROUBLE, where=__name__, problem=str(problem))
