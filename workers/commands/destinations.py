"""`pillarbox explain` and `pillarbox destinations`."""
import sys
from argparse import Namespace
from typing import Any

from mta.base.errors import UserError
from mta.flow import destinations as flow
from mta.flow.destinations import Destination
from mta.report import advice, causes
from workers.commands.paper import Row
from workers.commands.site import Site


def explain(site: Site, arguments: Namespace) -> list[Row] | int:
    """What a reply means; needs no server."""
    reply = sys.stdin.read() if arguments.reply == ["-"] else " ".join(arguments.reply)
    if not reply.strip():
        raise UserError("give the reply that is to be explained, in quotation marks, or - for standard input")
    told = advice.explain(causes.read(reply, arguments.host or ""))
    if arguments.json:
        return [{"name": told.name, "title": told.title, "side": told.side, "what": told.what, "todo": told.todo, "step": told.step,
                 "link": told.link}]
    lines = [told.title or "This reply is none that is known.", "", told.what, f"For the sender: {told.todo}", f"For you: {told.step}"]
    print("\n".join([*lines, *([f"See {told.link}"] if told.link else [])]))
    return 0 if told.name else 1


def destinations(site: Site, arguments: Namespace) -> list[Row]:
    """How mail does at each destination."""
    return [_row(one, arguments.json) for one in flow.summary(site.world, text=arguments.name or "", days=arguments.days)]


def _row(one: Destination, as_json: bool) -> Row:
    row: dict[str, Any] = {"operator": one.operator, "name": one.name, **_counts(one)}
    if not as_json:
        row["reasons"] = "; ".join(f"{why.explanation.title or 'other'} ({why.attempts})" for why in one.reasons[:3])
        return row
    row["reasons"] = [
        {"cause": why.explanation.name, "title": why.explanation.title, "outcome": why.outcome, "attempts": why.attempts,
         "latest": why.latest, "reply": why.reply, "step": why.explanation.step, "link": why.explanation.link} for why in one.reasons]
    row["domains"] = [{"domain": part.domain, **_counts(part)} for part in one.domains]
    return row


def _counts(one: Destination) -> dict[str, int]:
    return {"sent": one.sent, "deferred": one.deferred, "refused": one.refused}
