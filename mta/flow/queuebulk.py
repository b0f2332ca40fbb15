"""What is done to all waiting recipients that a filter names, some hundred at a time, so that thousands hold nobody up."""
import asyncio
from dataclasses import dataclass
from typing import Final, Literal, cast, get_args

from mta.base.errors import Conflict, NotFound, UserError
from mta.flow import people, queueing
from mta.flow.travelling import PROTECTION, Protection
from mta.flow.world import World
from mta.store import queuefilter
from mta.store.queuefilter import State

Action = Literal["retry", "hold", "release", "drop", "fail", "transport", "tls", "schedule"]
ACTIONS: Final[tuple[str, ...]] = get_args(Action)
#: Recipients of one step.
SLICE: Final = 200


@dataclass(frozen=True, slots=True)
class Chosen:
    """A filter: what agrees with all that is given; search is part of the sender or recipient, account a name, next_hop exact."""

    search: str = ""
    sender: str = ""
    recipient: str = ""
    account: str = ""
    next_hop: str = ""
    state: State | None = None
    held: bool | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What one step came to: how many were changed, and before which id the next one begins (None: that was all)."""

    changed: int
    before: int | None


def matching(world: World, chosen: Chosen, before: int | None = None, limit: int = SLICE) -> list[int]:
    """Ids of waiting recipients that a filter names, newest first, below before; NotFound if there is no such account."""
    account = people.get_account(world, chosen.account).id if chosen.account else None
    return world.store.read(lambda db: queuefilter.matching(
        db, world.clock, before=before, limit=limit, text=chosen.search, sender=chosen.sender, recipient=chosen.recipient,
        account_id=account, next_hop=chosen.next_hop, state=chosen.state, held=chosen.held))


async def step(world: World, chosen: Chosen, action: str, value: str = "", before: int | None = None, *, by: str) -> Step:
    """Do it to the next SLICE of them; what is being tried at this moment is passed over where it must be.

    value is the transport's name, the protection, or for schedule when to try (seconds
    since 1970).  UserError for an action or value that cannot be.
    """
    check(world, action, value)
    ids = await asyncio.to_thread(matching, world, chosen, before)
    if not ids:
        return Step(0, None)
    try:
        changed = await act(world, ids, action, value, by=by)
    except (Conflict, NotFound):
        changed = 0    # all of them are being tried, or have just been delivered
    return Step(changed, ids[-1] if len(ids) == SLICE else None)


async def act(world: World, ids: list[int], action: str, value: str = "", *, by: str) -> int:
    """Do it to these; as the functions of queueing."""
    check(world, action, value)
    if action == "fail":
        return await queueing.drop_and_tell(world, ids, by=by)
    return await asyncio.to_thread(_act, world, ids, action, value, by)


async def whole(world: World, chosen: Chosen, action: str, value: str = "", *, by: str) -> int:
    """Do it to all of them, step by step; how many were changed."""
    done, before = 0, None
    while True:
        found = await step(world, chosen, action, value, before, by=by)
        done, before = done + found.changed, found.before
        if before is None:
            return done


def check(world: World, action: str, value: str) -> None:
    """UserError for an action or value that cannot be."""
    if action not in ACTIONS:
        raise UserError(f"there is no action {action!r}; there are {', '.join(ACTIONS)}")
    if action == "transport":
        queueing.check_transport(world, value)
    elif action == "tls" and value not in PROTECTION:
        raise UserError(f"the protection is one of {', '.join(PROTECTION)}")
    elif action == "schedule":
        _time(value)


def _act(world: World, ids: list[int], action: str, value: str, by: str) -> int:
    match action:
        case "retry":
            return queueing.retry(world, ids, by=by)
        case "hold":
            return queueing.hold(world, ids, by=by)
        case "release":
            return queueing.release(world, ids, by=by)
        case "drop":
            return queueing.drop(world, ids, by=by)
        case "transport":
            return queueing.send_by(world, ids, value, by=by)
        case "tls":
            return queueing.require_tls(world, ids, cast(Protection, value), by=by)
    return queueing.schedule(world, ids, _time(value), by=by)


def _time(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise UserError("the time is a number of seconds since 1970") from None
