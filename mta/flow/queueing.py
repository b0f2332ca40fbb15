"""What people do with mail that waits: look, try now, hold, let go, drop, send another way, ask for other protection.

The admin pages and the command line end here alike.  Ids are those of waiting recipients,
as `listing` gives them; each function changes those that still wait and says how many
there were.  Mistakes are UserErrors that say what to do.
"""
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from mta.base.errors import Conflict, Failure, NotFound, Reach, UserError
from mta.base.events import Event
from mta.base.names import Address
from mta.flow import bounce, routing, trace, ways
from mta.flow.trace import Step
from mta.flow.travelling import PROTECTION, Protection, named
from mta.flow.world import World
from mta.judge import route
from mta.report.advice import Explanation, explain
from mta.report.dsn import Fate
from mta.store import demands, queue
from mta.store.connection import Connection
from mta.store.queue import QueuedMessage, QueuedRecipient
from mta.store.queuefilter import State

Waiting = tuple[QueuedMessage, QueuedRecipient]
#: Rows of one page.
MOST = 1_000
#: Seconds: attempts are put off no further.
FURTHEST = 30 * 86_400.0


@dataclass(frozen=True, slots=True)
class Shown:
    """One waiting recipient: what the last failure means (None before the first), and the steps of its message, oldest first."""

    message: QueuedMessage
    recipient: QueuedRecipient
    explanation: Explanation | None
    steps: list[Step]


def listing(
    world: World, *, search: str = "", sender: str = "", recipient: str = "", held: bool | None = None, account_id: int | None = None,
    next_hop: str = "", state: State | None = None, before: int | None = None, limit: int = 100,
) -> list[Waiting]:
    """Waiting recipients, newest first, with ids below before.

    search is part of the sender or recipient, next_hop exact; held True shows only what is held, False
    only what is not.
    """
    return world.store.read(lambda db: queue.listing(
        db, world.clock, before=before, limit=max(1, min(limit, MOST)), text=search, sender=sender, recipient=recipient,
        held=held, account_id=account_id, next_hop=next_hop, state=state))


def show(world: World, ident: int) -> Shown:
    """One waiting recipient and all that is known of it; NotFound."""
    found = world.store.read(lambda db: queue.recipient(db, ident))
    if found is None:
        raise _not_found([ident])
    message, one = found
    return Shown(message, one, explain(last_failure(one)) if one.attempts else None, trace.show(world, message.trace).steps)


def source(world: World, ident: int, most: int | None = None) -> tuple[bytes, bool]:
    """What waits, as it will be sent, and whether it is cut after about most octets; NotFound."""
    found = world.store.read(lambda db: queue.recipient(db, ident))
    if found is None:
        raise _not_found([ident])
    message, _ = found
    octets = message.prefix + world.store.bodies.read(message.body_name, 0, most)
    return octets, most is not None and message.body_size > most


def transports(world: World) -> list[str]:
    """What send_by takes besides "direct"."""
    return [transport.name for transport in ways.ways(world).transports]


def retry(world: World, ids: Iterable[int], *, by: str) -> int:
    """Try these now, whether held or not."""
    return _changed(world, ids, by, "retry", lambda db, some: queue.retry_now(db, world.clock, some))


def hold(world: World, ids: Iterable[int], *, by: str) -> int:
    """Do not try these until they are released; an attempt that runs is not broken off."""
    return _changed(world, ids, by, "hold", queue.hold)


def release(world: World, ids: Iterable[int], *, by: str) -> int:
    """Let held ones go on."""
    return _changed(world, ids, by, "release", queue.release_hold)


def drop(world: World, ids: Iterable[int], *, by: str) -> int:
    """Forget these, telling nobody; Conflict if they are all being tried at this moment."""
    dropped = _changed(world, ids, by, "drop", lambda db, some: queue.drop(db, world.clock, some, by))
    if not dropped:
        raise Conflict("it is being delivered at this moment; look again in a minute")
    return dropped


async def drop_and_tell(world: World, ids: Iterable[int], *, by: str) -> int:
    """Give these up as a failed delivery: their senders are told; Conflict as drop."""
    now = world.clock.timestamp()
    found = [(message, one) for message, one in _waiting(world, ids) if one.state(now) != "active"]
    if not found:
        raise Conflict("it is being delivered at this moment; look again in a minute")
    failure = Failure(Reach.RECIPIENT, True, 0, "5.0.0", "the administrator of this server gave the message up", "queue")
    for message in {message.id: message for message, _ in found}.values():
        theirs = [one for of, one in found if of.id == message.id]

        def change(db: Connection, theirs: Sequence[QueuedRecipient] = theirs) -> None:
            # Between the look and here an attempt may have begun.
            still = [found[1] for one in theirs if (found := queue.recipient(db, one.id))]
            if not still or any(one.state(now) == "active" for one in still):
                raise Conflict("it is being delivered at this moment; look again in a minute")
            for one in still:
                queue.failed(db, world.clock, one.id, failure)

        await bounce.failed(world, message, [Fate(one.recipient, failure, now) for one in theirs], change)
    _note(world, found, by, "drop")
    return len(found)


def send_by(world: World, ids: Iterable[int], transport: str, *, by: str) -> int:
    """Send these by a transport from now on, tried at once; "direct" is without one, "" is by the routes.  NotFound."""
    check_transport(world, transport)
    chosen = transport or None

    def change(db: Connection, some: Sequence[int]) -> int:
        changed = 0
        for ident in some:
            found = queue.recipient(db, ident)
            if found is not None:
                message, one = found

                def hop(recipient: Address, message: QueuedMessage = message, attempts: int = one.attempts) -> str:
                    return routing.next_hop(db, world, message.sender, recipient, message.account_id, attempts, transport=chosen)

                changed += queue.set_transport(db, world.clock, [ident], chosen, hop)
        return changed

    return _changed(world, ids, by, f"send by {transport or 'the usual way'}", change)


def check_transport(world: World, transport: str) -> None:
    """NotFound if send_by does not take it."""
    known = [*transports(world), route.DIRECT]
    if transport not in ("", *known):
        raise NotFound(f"there is no transport {transport!r}; there are: {', '.join(known)}")


def schedule(world: World, ids: Iterable[int], at: float, *, by: str) -> int:
    """Try these next at that time (seconds since 1970), not before; the end of all attempts stays when it is."""
    now = world.clock.timestamp()
    if not now - 60.0 <= at <= now + FURTHEST:
        raise UserError(f"the time is from now on, and at most {FURTHEST / 86_400:.0f} days away")
    return _changed(world, ids, by, f"try at {datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M} UTC",
                    lambda db, some: queue.set_due(db, some, at))


def require_tls(world: World, ids: Iterable[int], wanted: Protection, *, by: str) -> int:
    """Change what the messages of these ask of connections, for all of their recipients, from the next attempt on.

    Returns how many messages.  NotFound as retry; Conflict if there are only such as are
    being tried at this moment, or reports, whose kind decides.
    """
    found = _waiting(world, ids)
    if all(message.kind in demands.REPORTS for message, _ in found):
        raise Conflict("it is a report, and how those travel is settled; nothing was changed")
    was = {message.id: message for message, _ in found}
    changed = world.store.write_now(lambda db: demands.change(db, world.clock, [one.id for _, one in found], PROTECTION[wanted]))
    if not changed:
        raise Conflict("it is being delivered at this moment; look again in a minute")
    for ident in changed:
        world.journal.note(Event.PROTECTION_CHANGED, was[ident].trace, queued=ident, was=named(was[ident].tls_required), now=wanted, by=by)
    return len(changed)


def last_failure(one: QueuedRecipient) -> Failure:
    """What the queue remembers of the last attempt."""
    return Failure(Reach.RECIPIENT, False, one.last_code, one.last_enhanced, one.last_text, one.last_during, one.last_host)


def _changed(world: World, ids: Iterable[int], by: str, action: str, change: Callable[[Connection, Sequence[int]], int]) -> int:
    """Do change to those of ids that still wait, and note who did it; NotFound if none does."""
    found = _waiting(world, ids)
    changed = world.store.write_now(lambda db: change(db, [one.id for _, one in found]))
    if changed:
        _note(world, found, by, action)
    return changed


def _waiting(world: World, ids: Iterable[int]) -> list[Waiting]:
    asked = list(dict.fromkeys(ids))
    found = world.store.read(lambda db: [found for ident in asked if (found := queue.recipient(db, ident))])
    if not found:
        raise _not_found(asked)
    return found


def _note(world: World, found: Sequence[Waiting], by: str, action: str) -> None:
    for message in {message.id: message for message, _ in found}.values():
        world.journal.note(Event.QUEUE_CHANGED, message.trace, queued=message.id, action=action, by=by)


def _not_found(ids: Sequence[int]) -> NotFound:
    if not ids:
        return NotFound("no ids were given; the list of the queue has them")
    named = ", ".join(map(str, ids[:10]))
    return NotFound(f"nothing waits under id {named}: it may have been delivered or dropped meanwhile")
