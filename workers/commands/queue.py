"""`pillarbox queue …`."""
import asyncio
import sys
from argparse import Namespace

from mta.flow import queueing, travelling
from mta.store.queue import QueuedMessage, QueuedRecipient
from workers.commands import traces
from workers.commands.paper import Row
from workers.commands.site import Site

#: Rows of one page.
PAGE = 500


def list_queue(site: Site, arguments: Namespace) -> list[Row]:
    """What waits, newest first."""
    return _listed(site, arguments.sender or "", arguments.recipient or "", arguments.held, arguments.limit)


def whole(site: Site) -> list[Row]:
    """All that waits, as for `mailq`."""
    return _listed(site, "", "", None, sys.maxsize)


def _listed(site: Site, sender: str, recipient: str, held: bool | None, limit: int) -> list[Row]:
    rows: list[Row] = []
    before = None
    while len(rows) < limit:
        found = queueing.listing(
            site.world, sender=sender, recipient=recipient, held=held, before=before, limit=min(PAGE, limit - len(rows)))
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


def retry(site: Site, arguments: Namespace) -> str:
    """Try them now."""
    return _said(queueing.retry(site.world, arguments.ids, by=site.by), "tried now")


def hold(site: Site, arguments: Namespace) -> str:
    """Let them wait."""
    return _said(queueing.hold(site.world, arguments.ids, by=site.by), "held")


def release(site: Site, arguments: Namespace) -> str:
    """Let them go on."""
    return _said(queueing.release(site.world, arguments.ids, by=site.by), "released")


def drop(site: Site, arguments: Namespace) -> str:
    """Give them up, with or without a word to the sender."""
    if arguments.silent:
        return _said(queueing.drop(site.world, arguments.ids, by=site.by), "dropped")
    return _said(asyncio.run(queueing.drop_and_tell(site.world, arguments.ids, by=site.by)), "given up; their senders are told")


def route(site: Site, arguments: Namespace) -> str:
    """Send them another way."""
    changed = queueing.send_by(site.world, arguments.ids, arguments.transport, by=site.by)
    return _said(changed, f"sent by {arguments.transport}")


def tls(site: Site, arguments: Namespace) -> str:
    """What they ask of the connections they travel over."""
    changed = queueing.require_tls(site.world, arguments.ids, arguments.protection, by=site.by)
    return f"{changed} {'message' if changed == 1 else 'messages'} changed; TLS: {arguments.protection}"


def _said(changed: int, what: str) -> str:
    return f"{changed} {'delivery' if changed == 1 else 'deliveries'} {what}"


def _row(message: QueuedMessage, one: QueuedRecipient, now: float) -> Row:
    last = " ".join(filter(None, [str(one.last_code or ""), one.last_enhanced, one.last_text]))
    return {
        "id": one.id, "sender": str(message.sender or "<>"), "recipient": str(one.recipient), "state": one.state(now),
        "created": message.created, "due": one.due, "attempts": one.attempts, "next_hop": one.next_hop, "transport": one.transport,
        "size": message.size, "last": last}
