"""Rules that hold mail in the queue, as people make them."""
from mta.base.errors import UserError
from mta.base.events import Event
from mta.base.limits import LIMITS
from mta.flow import people, typed
from mta.flow.world import World
from mta.store import holdrules, queue, queuefilter
from mta.store.connection import Connection
from mta.store.holdrules import HoldRule

#: Recipients that are looked at in one change.
SLICE = 500


def listing(world: World) -> list[HoldRule]:
    """Every rule, the oldest first."""
    return world.store.read(holdrules.all)


def add(world: World, *, account: str = "", sender_domain: str = "", recipient_domain: str = "", host: str = "", reason: str = "",
        by: str) -> tuple[HoldRule, int]:
    """Hold what fits all that is named from now on, and what waits already; the rule, and how much that was."""
    reason = " ".join(reason.split())
    if len(reason) > LIMITS.kept_text:
        raise UserError(f"a reason has at most {LIMITS.kept_text} characters")
    wanted = HoldRule(
        0, people.get_account(world, account).id if account.strip() else None, _domain(sender_domain), _domain(recipient_domain),
        _domain(host), reason, 0.0, by)
    rule = world.store.write_now(lambda db: holdrules.add(db, world.clock, wanted))
    held, before = 0, None
    while True:
        ids, before = world.store.read(lambda db, before=before: _fitting(db, world, rule, before))    # type: ignore[misc]
        held += world.store.write_now(lambda db, ids=ids: queue.hold(db, ids)) if ids else 0    # type: ignore[misc]
        if before is None:
            break
    world.journal.note(Event.SETTING_CHANGED, by=by, what=f"added the hold rule {rule.id}: {named(rule, account)}")
    return rule, held


def remove(world: World, ident: int, *, by: str) -> None:
    """Forget a rule; what it held waits until it is released.  NotFound."""
    world.store.write_now(lambda db: holdrules.remove(db, ident))
    world.journal.note(Event.SETTING_CHANGED, by=by, what=f"removed the hold rule {ident}")


def named(rule: HoldRule, account: str = "") -> str:
    """A rule in words; account is the name of its account."""
    parts = (("account", account if rule.account_id is not None else ""), ("from", rule.sender_domain), ("to", rule.recipient_domain),
             ("by way of", rule.host))
    return ", ".join(f"{what} {who}" for what, who in parts if who)


def _fitting(db: Connection, world: World, rule: HoldRule, before: int | None) -> tuple[list[int], int | None]:
    """Of the next recipients in the queue those that a rule fits (by the host that was asked last), and where to go on."""
    looked = queuefilter.matching(db, world.clock, before=before, limit=SLICE, account_id=rule.account_id, held=False)
    found = []
    for ident in looked:
        waiting = queue.recipient(db, ident)
        if waiting and rule.fits(waiting[0].account_id, waiting[0].sender, waiting[1].recipient, [waiting[1].last_host]):
            found.append(ident)
    return found, looked[-1] if len(looked) == SLICE else None


def _domain(text: str) -> str:
    text = text.strip().removeprefix("@").removeprefix("*.")
    return typed.domain(text).ascii if text else ""
