"""The administrator's functions about other servers: what they mean, and how mail does at each destination."""
from typing import Final, Literal

from mta.base.errors import UserError
from mta.base.limits import LIMITS
from mta.flow import destinations as flow
from mta.report import advice, causes
from mta.report.advice import Explanation
from web.api.destinations import Destination, DestinationDay, DestinationDomain, Meaning, RefusalReason
from web.call import Call

#: Destinations that are shown, and domains of each.
SHOWN: Final = 500
DOMAINS: Final = 100
#: Characters of a reply that may be asked about.
REPLY: Final = 10_000


def explain(call: Call, reply: str, host: str = "") -> Meaning:
    """What a reply of another server means, as it was copied from a notice or log; `host` is the server that gave it, if that is known."""
    if not reply.strip():
        raise UserError("Give the reply that is to be explained.")
    if len(reply) > REPLY:
        raise UserError(f"A reply has at most {REPLY} characters; give only what the other server said.")
    return meaning(advice.explain(causes.read(reply, host.strip())))


def destinations(call: Call, search: str = "", days: int = flow.USUAL) -> list[Destination]:
    """How mail did at other servers in the last `days` (31 at most), those with the most trouble first; `search` is part of a name."""
    found = flow.summary(call.world, text=search.strip(), days=_days(days))
    return [
        Destination(one.operator, one.name, one.sent, one.deferred, one.refused, [_reason(why) for why in one.reasons],
                    [DestinationDomain(part.domain, part.sent, part.deferred, part.refused) for part in one.domains[:DOMAINS]])
        for one in found[:SHOWN]]


def destination_history(call: Call, operator: str, days: int = flow.USUAL) -> list[DestinationDay]:
    """What came of attempts at one operator, day by day, the oldest first."""
    return [DestinationDay(*day) for day in flow.history(call.world, operator, _days(days))]


def meaning(told: Explanation) -> Meaning:
    """An explanation as pages show it."""
    return Meaning(told.name, told.title, told.side, told.what, told.todo, told.step, told.link)


def _days(days: int) -> int:
    if not 1 <= days <= LIMITS.destination_days:
        raise UserError(f"The days are a number from 1 to {LIMITS.destination_days}; what is older is not kept.")
    return days


def _reason(why: flow.Reason) -> RefusalReason:
    outcome: Literal["deferred", "refused"] = "refused" if why.outcome == "refused" else "deferred"
    return RefusalReason(outcome, meaning(why.explanation), why.attempts, why.latest, why.reply)
