"""How mail does at each destination: who takes it, who puts it off, who refuses it and why.

note() is called in the change that writes an outcome down, so that what is counted is what
happened.  A message that is put off five times counts five times as deferred, and once as
sent when it arrives.
"""
from dataclasses import dataclass, field
from typing import Final

from mta.auth.orgdomain import organization
from mta.base.errors import BadName, Failure
from mta.base.limits import LIMITS
from mta.base.names import Address, Domain
from mta.base.reply import Reply
from mta.flow.opening import said
from mta.flow.world import World
from mta.judge import route
from mta.judge.route import Step
from mta.report.advice import Explanation, of_cause
from mta.report.causes import recognise
from mta.store import destinations
from mta.store.connection import Connection
from mta.store.destinations import DAY, Outcome, Tally

#: People's names for those who run many domains' mail; the rest is called by its domain.
OPERATORS: Final = {
    "google.com": "Google (Gmail, Workspace)", "googlemail.com": "Google (Gmail, Workspace)", "outlook.com": "Microsoft (Outlook, 365)",
    "hotmail.com": "Microsoft (Outlook, 365)", "yahoodns.net": "Yahoo and AOL", "icloud.com": "Apple iCloud", "gmx.net": "GMX",
    "web.de": "web.de", "t-online.de": "T-Online", "kundenserver.de": "IONOS", "mail.ru": "Mail.ru", "yandex.net": "Yandex",
    "pphosted.com": "Proofpoint", "mimecast.com": "Mimecast", "messagelabs.com": "Symantec", "barracudanetworks.com": "Barracuda",
    "orange.fr": "Orange", "protonmail.ch": "Proton", "zoho.com": "Zoho", "zoho.eu": "Zoho", "messagingengine.com": "Fastmail",
    "secureserver.net": "GoDaddy", "qq.com": "Tencent QQ", "comcast.net": "Comcast", "ovh.net": "OVH", "mailbox.org": "mailbox.org",
}
#: How many days are told of unless somebody asks for fewer.
USUAL: Final = 30


@dataclass(slots=True)
class Reason:
    """Why mail was deferred or refused: the explanation, how often, and the last words that said so."""

    explanation: Explanation
    outcome: Outcome
    attempts: int
    latest: float
    reply: str


@dataclass(slots=True)
class Destination:
    """One operator, or one domain of it: attempts by outcome, and the reasons, the most frequent first."""

    operator: str
    name: str
    domain: str = ""
    sent: int = 0
    deferred: int = 0
    refused: int = 0
    reasons: list[Reason] = field(default_factory=list)
    domains: "list[Destination]" = field(default_factory=list)

    @property
    def attempts(self) -> int:
        """All of them."""
        return self.sent + self.deferred + self.refused


def note(db: Connection, world: World, recipient: Address, host: str, outcome: Reply | Failure) -> None:
    """Count what host (a name, or "" if none was reached) said about mail to recipient."""
    domain = recipient.domain.ascii
    if isinstance(outcome, Reply):
        destinations.count(db, world.clock, operator_of(host), domain, "sent")
        return
    cause = recognise(outcome)
    result: Outcome = "refused" if route.next_step(outcome, 0) is Step.GIVE_UP else "deferred"
    destinations.count(db, world.clock, operator_of(host or outcome.host), domain, result, cause.name if cause else "", said(outcome))


def operator_of(host: str) -> str:
    """Who runs a mail host: the organisational domain of its name, "" if it has none."""
    try:
        return organization(Domain.parse(host)).ascii if host and not host[-1].isdigit() else ""
    except BadName:
        return ""


def summary(world: World, *, text: str = "", days: int = USUAL) -> list[Destination]:
    """All destinations of the last so many days by operator, those with the most trouble first.

    text is part of the operator or domain.
    """
    rows = world.store.read(lambda db: destinations.tallies(db, world.clock, max(1, min(days, LIMITS.destination_days)), text))
    found: dict[str, Destination] = {}
    domains: dict[tuple[str, str], Destination] = {}
    for row in rows:
        name = OPERATORS.get(row.operator, row.operator or "(no host was reached)")
        one = found.setdefault(row.operator, Destination(row.operator, name))
        part = domains.get((row.operator, row.domain))
        if part is None:
            part = domains[row.operator, row.domain] = Destination(row.operator, row.domain or "(other domains)", row.domain)
            one.domains.append(part)
        for place in (one, part):
            _add(place, row)
    for place in [*found.values(), *domains.values()]:
        place.reasons.sort(key=lambda reason: -reason.attempts)
        place.domains.sort(key=_trouble)
    return sorted(found.values(), key=_trouble)


def history(world: World, operator: str, days: int = USUAL) -> list[tuple[float, int, int, int]]:
    """For each of the last days, oldest first: its beginning, and how much was sent, deferred, refused."""
    found = world.store.read(lambda db: destinations.by_day(db, world.clock, days, operator))
    today = int(world.clock.timestamp() // DAY)
    return [(float(day * DAY), *(found.get(day, {}).get(outcome, 0) for outcome in ("sent", "deferred", "refused")))    # type: ignore[misc]
            for day in range(today - days + 1, today + 1)]


def trouble(world: World) -> list[str]:
    """What the administrator should know: operators that refuse mail lately, for a reason that is to be mended here."""
    said = []
    for one in summary(world, days=2):
        for reason in one.reasons:
            if reason.explanation.side == "here" and reason.attempts >= 3:
                said.append(f"{one.name}: {reason.explanation.title}, {reason.attempts} times in two days.")
                break
    return said


def _add(place: Destination, row: Tally) -> None:
    match row.outcome:
        case "sent":
            place.sent += row.attempts
            return
        case "deferred":
            place.deferred += row.attempts
        case "refused":
            place.refused += row.attempts
    known = next((one for one in place.reasons if (one.explanation.name, one.outcome) == (row.cause, row.outcome)), None)
    if known is None:
        place.reasons.append(Reason(of_cause(row.cause), row.outcome, row.attempts, row.latest, row.reply))
        return
    known.attempts += row.attempts
    if row.latest > known.latest:
        known.latest, known.reply = row.latest, row.reply


def _trouble(one: Destination) -> tuple[int, int, str]:
    return -one.refused - one.deferred, -one.sent, one.domain or one.operator
