"""The administrator's functions about mail on its way: the queue, and what happened to a message."""
from collections.abc import Mapping
from typing import Final

from mta.base.errors import Failure, Reach, UserError
from mta.base.events import LEVELS
from mta.flow import holdrules as holding
from mta.flow import people, queuebulk, queueing, travelling
from mta.flow import trace as tracing
from mta.report.advice import explain
from mta.store import accounts
from mta.store.holdrules import HoldRule as HoldRuleRow
from mta.store.outgoing import OutgoingRow
from mta.store.queue import QueuedMessage, QueuedRecipient
from web.admin_destinations import meaning
from web.api.account import Protection
from web.api.admin import Finished, QueueLine, QueueStory, TraceLine, TraceResults, TraceStory, TraceSummary
from web.api.queue import HoldAdded, HoldRule, QueueAction, QueueSource, QueueState, QueueStep
from web.call import Call

#: Sessions that one search finds at most.
FOUND: Final = 200
#: Recipients that one action takes.
TOGETHER: Final = 1_000
#: Octets of a message that are shown.
SOURCE: Final = 256 * 1024

# --- the queue -----------------------------------------------------------------------------


def queue(
    call: Call, search: str = "", held: bool | None = None, before: int | None = None, limit: int = 100, account: str = "",
    next_hop: str = "", state: QueueState = "",
) -> list[QueueLine]:
    """Waiting recipients, newest first, with ids below `before` (at most 1,000); `search` is part of a sender or recipient.

    `held` true shows only what is held, false only what is not; `account`, `next_hop` and `state` only theirs.
    """
    names = _account_names(call)
    found = queueing.listing(
        call.world, search=search, held=held, account_id=people.get_account(call.world, account).id if account else None,
        next_hop=next_hop, state=state or None, before=before, limit=limit)
    return [queue_line(message, one, names) for message, one in found]


def queue_all(
    call: Call, action: QueueAction, value: str = "", search: str = "", held: bool | None = None, account: str = "", next_hop: str = "",
    state: QueueState = "", before: int | None = None,
) -> QueueStep:
    """Do something to the next 200 waiting recipients that `queue` would show; call it again with the `before` it gives until that is null.

    `value` is the name of a transport, what TLS to ask for, or when to try ("schedule", seconds since 1970).
    "drop" tells nobody, "fail" tells the senders; what is being tried at this moment is passed over by both.
    """
    chosen = queuebulk.Chosen(search, account=account, next_hop=next_hop, state=state or None, held=held)
    done = call.wait(queuebulk.step(call.world, chosen, action, value, before, by=call.by))
    return QueueStep(done.changed, done.before)


def queue_schedule(call: Call, ids: list[int], at: float) -> int:
    """Try waiting recipients next at that time (seconds since 1970, at most 30 days from now), not before."""
    return queueing.schedule(call.world, _some(ids), at, by=call.by)


def hold_rules(call: Call) -> list[HoldRule]:
    """The rules that hold mail in the queue, the oldest first."""
    names = _account_names(call)
    return [_hold_rule(rule, names) for rule in holding.listing(call.world)]


def hold_rule_add(
    call: Call, account: str = "", sender_domain: str = "", recipient_domain: str = "", host: str = "", reason: str = "",
) -> HoldAdded:
    """Hold mail that fits all that is named, what waits already and what comes, until it is released.

    `host` is a mail host or the end of its name (outlook.com).
    """
    rule, held = holding.add(call.world, account=account, sender_domain=sender_domain, recipient_domain=recipient_domain, host=host,
                             reason=reason, by=call.by)
    return HoldAdded(_hold_rule(rule, _account_names(call)), held)


def hold_rule_remove(call: Call, id: int) -> None:
    """Forget a rule; what it held waits until it is released."""
    holding.remove(call.world, id, by=call.by)


def queue_show(call: Call, id: int) -> QueueStory:
    """One waiting recipient: what its last failure means and what can be done, and the steps of its message."""
    shown = queueing.show(call.world, id)
    line = queue_line(shown.message, shown.recipient, _account_names(call))
    return QueueStory(line, meaning(shown.explanation) if shown.explanation else None, [trace_line(step) for step in shown.steps])


def queue_source(call: Call, id: int) -> QueueSource:
    """The message of a waiting recipient as it will be sent, its first 256 KiB."""
    octets, cut = queueing.source(call.world, id, SOURCE)
    return QueueSource(octets.decode("utf-8", "replace"), cut)


def transports(call: Call) -> list[str]:
    """The names of the transports in the configuration, for queue_transport."""
    return queueing.transports(call.world)


def queue_retry(call: Call, ids: list[int]) -> int:
    """Try waiting recipients now, held or not; the answer is how many there were."""
    return queueing.retry(call.world, _some(ids), by=call.by)


def queue_hold(call: Call, ids: list[int]) -> int:
    """Do not try waiting recipients until they are released."""
    return queueing.hold(call.world, _some(ids), by=call.by)


def queue_release(call: Call, ids: list[int]) -> int:
    """Release held recipients."""
    return queueing.release(call.world, _some(ids), by=call.by)


def queue_drop(call: Call, ids: list[int], tell: bool = False) -> int:
    """Forget waiting recipients; nobody is told, or with `tell` their senders are.

    user:conflict if all of them are being tried at this moment.
    """
    if tell:
        return call.wait(queueing.drop_and_tell(call.world, _some(ids), by=call.by))
    return queueing.drop(call.world, _some(ids), by=call.by)


def queue_transport(call: Call, ids: list[int], transport: str) -> int:
    """Send waiting recipients by another transport, tried at once ("direct" is none, "" is by the routes)."""
    return queueing.send_by(call.world, _some(ids), transport, by=call.by)


def queue_tls(call: Call, ids: list[int], tls: Protection) -> int:
    """Change what waiting messages ask of the connections they travel over, for all recipients of each, from the next attempt on.

    The answer is how many messages; user:conflict if all are being tried at this moment.
    """
    return queueing.require_tls(call.world, _some(ids), tls, by=call.by)


# --- what happened -------------------------------------------------------------------------


def trace_search(
    call: Call, text: str = "", since: float | None = None, until: float | None = None, level: str = "debug",
    before: int | None = None, limit: int = 50,
) -> TraceResults:
    """Messages and sessions that `text` names, the latest first.

    An address, a domain, a Message-ID, an IP address or its beginning, a trace id or its beginning; without text, all.
    `level` ("debug", "info", "notice", "error") asks for those in which something at least that grave happened.
    """
    if level not in LEVELS:
        raise UserError(f"The level is one of {', '.join(LEVELS)}.")
    found = tracing.search(
        call.world, text, since=since, until=until, level=level, before=before, limit=max(1, min(limit, FOUND)))
    return TraceResults([_found(one) for one in found.summaries], found.before)


def trace(call: Call, id: str) -> TraceStory:
    """Every step of a message ("k3v9x0a2bc.1") or session ("k3v9x0a2bc"); no steps if nothing is known (any more)."""
    story = tracing.show(call.world, id)
    names = _account_names(call)
    return TraceStory(
        story.trace, [trace_line(step) for step in story.steps], [queue_line(message, one, names) for message, one in story.waiting],
        [_finished(row) for row in story.finished])


def trace_line(step: tracing.Step) -> TraceLine:
    """An event as pages show it."""
    facts = {name: fact_text(fact) for name, fact in step.facts.items()}
    return TraceLine(step.at, step.role, step.trace, step.key, step.level, step.sentence, facts,
                     meaning(step.meaning) if step.meaning else None)


def queue_line(message: QueuedMessage, one: QueuedRecipient, accounts: Mapping[int, str]) -> QueueLine:
    """A waiting recipient as pages show it."""
    return QueueLine(
        one.id, message.id, str(message.sender) if message.sender else "", str(one.recipient), one.next_hop, one.transport or "",
        accounts.get(message.account_id or 0, ""), message.subject, message.message_id, message.kind, message.size, message.created,
        one.attempts, one.due, one.held, _reply(one.last_code, one.last_enhanced, one.last_text), one.last_host, one.last_at, message.trace,
        travelling.named(message.tls_required), explain(queueing.last_failure(one)).title if one.attempts else "")


def fact_text(fact: object) -> str:
    """A fact of an event for people."""
    if isinstance(fact, list | tuple):
        return ", ".join(map(str, fact))
    return f"{fact:.3f}" if isinstance(fact, float) else "" if fact is None else str(fact)


def _hold_rule(rule: HoldRuleRow, names: Mapping[int, str]) -> HoldRule:
    return HoldRule(rule.id, names.get(rule.account_id or 0, ""), rule.sender_domain, rule.recipient_domain, rule.host, rule.reason,
                    rule.created, rule.by)


def _found(one: tracing.Summary) -> TraceSummary:
    return TraceSummary(
        one.trace, one.first, one.latest, one.ip, one.sender, one.recipients, one.outcome, one.octets, one.message_id)


def _finished(row: OutgoingRow) -> Finished:
    return Finished(
        str(row.recipient), row.outcome, _reply(row.code, row.enhanced, row.text), row.host, row.attempts, row.queued, row.finished,
        meaning(explain(Failure(Reach.RECIPIENT, True, row.code, row.enhanced, row.text, row.during, row.host)))
        if row.outcome == "failed" else None)


def _reply(code: int, enhanced: str, text: str) -> str:
    """What another server said, or what we saw ourselves (code 0)."""
    return " ".join(filter(None, [str(code) if code else "", enhanced, text]))


def _some(ids: list[int]) -> list[int]:
    """The ids of one action, bounded: each is a row of one change."""
    if len(ids) > TOGETHER:
        raise UserError(f"At most {TOGETHER} at a time.")
    return ids


def _account_names(call: Call) -> dict[int, str]:
    return {row.id: row.name for row in call.world.store.read(accounts.all)}
