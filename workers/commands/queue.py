"""`pillarbox queue …`."""
import asyncio
import sys
from argparse import Namespace
from datetime import datetime

from mta.base.errors import UserError
from mta.flow import holdrules, people, queuebulk, queueing, travelling
from mta.store.queue import QueuedMessage, QueuedRecipient
from mta.store.queuefilter import State
from workers.commands import traces
from workers.commands.paper import Row
from workers.commands.site import Site

#: Rows of one page.
PAGE = 500


def list_queue(site: Site, arguments: Namespace) -> list[Row]:
    """What waits, newest first."""
    account = people.get_account(site.world, arguments.account).id if arguments.account else None
    return _listed(site, arguments.sender or "", arguments.recipient or "", arguments.held, arguments.limit, account,
                   arguments.next_hop or "", arguments.state)


def whole(site: Site) -> list[Row]:
    """All that waits, as for `mailq`."""
    return _listed(site, "", "", None, sys.maxsize)


def _listed(
    site: Site, sender: str, recipient: str, held: bool | None, limit: int, account: int | None = None, next_hop: str = "",
    state: State | None = None,
) -> list[Row]:
    rows: list[Row] = []
    before = None
    while len(rows) < limit:
        found = queueing.listing(
            site.world, sender=sender, recipient=recipient, held=held, account_id=account, next_hop=next_hop,
            state=state, before=before, limit=min(PAGE, limit - len(rows)))
        if not found:
            break
        rows += [_row(message, one, site.clock.timestamp()) for message, one in found]
        before = found[-1][1].id
    return rows


def show(site: Site, arguments: Namespace) -> list[Row]:
    """One delivery, what it means, and every step so far."""
    shown = queueing.show(site.world, arguments.id)
    message, one = shown.message, shown.recipient
    return [{
        **_row(message, one, site.clock.timestamp()), "subject": message.subject, "message_id": message.message_id, "kind": message.kind,
        "tls": travelling.named(message.tls_required),
        "trace": message.trace, "last_at": one.last_at, "last_host": one.last_host, "last_during": one.last_during,
        "cause": shown.explanation.title if shown.explanation else None,
        "what": shown.explanation.what if shown.explanation else None, "todo": shown.explanation.todo if shown.explanation else None,
        "step": shown.explanation.step if shown.explanation else None, "link": shown.explanation.link if shown.explanation else None,
        "steps": traces.rows(shown.steps, as_json=arguments.json)}]


def raw(site: Site, arguments: Namespace) -> bytes:
    """The octets of one."""
    return queueing.source(site.world, arguments.id)[0]


def retry(site: Site, arguments: Namespace) -> str:
    """Try them now."""
    return _done(site, arguments, "retry", "tried now")


def hold(site: Site, arguments: Namespace) -> str:
    """Let them wait."""
    return _done(site, arguments, "hold", "held")


def release(site: Site, arguments: Namespace) -> str:
    """Let them go on."""
    return _done(site, arguments, "release", "released")


def drop(site: Site, arguments: Namespace) -> str:
    """Give them up, with or without a word to the sender."""
    if arguments.silent:
        return _done(site, arguments, "drop", "dropped")
    gone = _change(site, arguments, "fail", "")
    return _said(gone, f"given up; {'its sender is' if gone == 1 else 'their senders are'} told")


def route(site: Site, arguments: Namespace) -> str:
    """Send them another way."""
    return _done(site, arguments, "transport", f"sent by {arguments.transport}", arguments.transport)


def tls(site: Site, arguments: Namespace) -> str:
    """What they ask of the connections they travel over."""
    changed = _change(site, arguments, "tls", arguments.protection)
    return f"{changed} {'message' if changed == 1 else 'messages'} changed; TLS: {arguments.protection}"


def schedule(site: Site, arguments: Namespace) -> str:
    """Try them at another time."""
    at = _time(arguments.at, site.clock.timestamp())
    return _done(site, arguments, "schedule", f"tried at {datetime.fromtimestamp(at):%Y-%m-%d %H:%M}", str(at))


def list_holds(site: Site, arguments: Namespace) -> list[Row]:
    """The rules that hold mail."""
    names = {row.id: row.name for row in people.all_accounts(site.world)}
    return [{"id": rule.id, "account": names.get(rule.account_id or 0), "from": rule.sender_domain, "to": rule.recipient_domain,
             "host": rule.host, "reason": rule.reason, "created": rule.created, "by": rule.by} for rule in holdrules.listing(site.world)]


def add_hold(site: Site, arguments: Namespace) -> str:
    """Another rule."""
    rule, held = holdrules.add(
        site.world, account=arguments.account or "", sender_domain=arguments.sender_domain or "",
        recipient_domain=arguments.recipient_domain or "", host=arguments.host or "", reason=arguments.reason or "", by=site.by)
    return f"rule {rule.id} added; {_said(held, 'held by it already')}"


def remove_hold(site: Site, arguments: Namespace) -> str:
    """Forget a rule."""
    holdrules.remove(site.world, arguments.id, by=site.by)
    return f"rule {arguments.id} removed; what it held waits for `pillarbox queue release`"


def _done(site: Site, arguments: Namespace, action: str, what: str, value: str = "") -> str:
    return _said(_change(site, arguments, action, value), what)


def _change(site: Site, arguments: Namespace, action: str, value: str) -> int:
    """Do it to the ids that were typed, or to all that the options name."""
    given = {"sender": arguments.from_sender, "recipient": arguments.to_recipient, "account": arguments.from_account,
             "next_hop": arguments.next_hop, "state": arguments.state}
    if arguments.ids and (arguments.all or any(given.values())):
        raise UserError("give ids, or options that say which are meant, not both")
    if arguments.ids:
        return asyncio.run(queuebulk.act(site.world, arguments.ids, action, value, by=site.by))
    if not any(given.values()) and not arguments.all:
        raise UserError("say which are meant: ids as `pillarbox queue list` shows them, options like --to, or --all")
    chosen = queuebulk.Chosen(**{name: text for name, text in given.items() if text})
    return asyncio.run(queuebulk.whole(site.world, chosen, action, value, by=site.by))


def _time(text: str, now: float) -> float:
    """When to try: in 2h, 30m or 3d, or a date like 2030-01-31T12:00."""
    units = {"m": 60.0, "h": 3_600.0, "d": 86_400.0}
    if text[-1:] in units and text[:-1].isascii() and text[:-1].isdigit():
        return now + int(text[:-1]) * units[text[-1]]
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        raise UserError(f"{text!r} is no time; write it like 2h (in two hours) or 2030-01-31T12:00") from None


def _said(changed: int, what: str) -> str:
    return f"{changed} {'delivery' if changed == 1 else 'deliveries'} {what}"


def _row(message: QueuedMessage, one: QueuedRecipient, now: float) -> Row:
    last = " ".join(filter(None, [str(one.last_code or ""), one.last_enhanced, one.last_text]))
    return {
        "id": one.id, "sender": str(message.sender or "<>"), "recipient": str(one.recipient), "state": one.state(now),
        "created": message.created, "due": one.due, "attempts": one.attempts, "next_hop": one.next_hop, "transport": one.transport,
        "size": message.size, "last": last}
