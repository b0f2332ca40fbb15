"""What reports of others say about a domain of ours or this host, for pages and commands.

Sources of mail are put together by network (a /24 of IPv4, a /48 of IPv6): who sends much
does it from several addresses beside one another.  Their names are looked up when somebody
looks, some at a time.
"""
import asyncio
import ipaddress
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from mta.auth import iprev
from mta.base.errors import BadName, NotFound, UserError
from mta.base.events import Event
from mta.base.limits import LIMITS
from mta.base.names import ip_address
from mta.dns.resolver import Resolver
from mta.flow import people, sources
from mta.flow.world import World
from mta.judge import sending
from mta.judge.sending import Kind, Opinion, Own, Readiness, Sender
from mta.report import unpacking
from mta.report.badreport import BadReport
from mta.store import messages, received, receivedview
from mta.store.connection import Connection
from mta.store.received import ReceivedKind
from mta.store.receivedview import DmarcDay, Failure, KindSeen, PolicySeen, Reporter, ReportRow, ReportWhole, TlsDay, Total

DAY: Final = 86_400
#: Days that one may look back.
LONGEST: Final = 3_650
#: Networks that are shown, those of most messages first, and addresses of each.
SOURCES, ADDRESSES = 200, 20
#: Addresses whose names are looked up in one go, and seconds for all of them.
NAMES, PATIENCE = 50, 8.0
#: Characters of a document that a page shows.
SHOWN: Final = 2_000_000
PREFIXES: Final = {4: 24, 6: 48}


@dataclass(slots=True)
class Source:
    """A network that mail in the domain's name came from.

    addresses are the busiest of it, number how many there are; verdict is that of most of
    its messages, why what it rests on, opinions how many messages have each verdict.
    passes_as are domains for which it proved something, first and last days.
    """

    network: str
    addresses: list[str] = field(default_factory=list)
    number: int = 0
    messages: int = 0
    dkim: int = 0
    spf: int = 0
    passed: int = 0
    delivered: int = 0
    quarantined: int = 0
    rejected: int = 0
    verdict: Sender = Sender.FORGED
    why: str = ""
    opinions: dict[Sender, int] = field(default_factory=dict)
    passes_as: list[str] = field(default_factory=list)
    first: int = 0
    last: int = 0


@dataclass(frozen=True, slots=True)
class DmarcView:
    """All about mail in a domain's name since a day: by day, by source, and whether the policy may be stricter.

    others are messages from sources that are not shown.
    """

    since: int
    days: list[DmarcDay]
    sources: list[Source]
    others: int
    readiness: Readiness
    policy: str
    reporters: list[Reporter]


@dataclass(frozen=True, slots=True)
class TlsView:
    """All about connections to a domain or the host since a day."""

    since: int
    days: list[TlsDay]
    failures: list[Failure]
    policies: list[PolicySeen]
    reporters: list[Reporter]


@dataclass(frozen=True, slots=True)
class Named:
    """An address with its reverse name, "" if it has none that leads back; problem says why."""

    ip: str
    name: str
    problem: str


@dataclass(frozen=True, slots=True)
class Raw:
    """The document of a report as it came, unpacked; cut if only the beginning is here."""

    name: str
    text: str
    cut: bool


def overview(world: World, days: int = 30) -> list[Total]:
    """What was told of each domain, and of the host ("")."""
    return world.store.read(lambda db: receivedview.totals(db, _since(world, days)))


def dmarc(world: World, domain: str, days: int = 30) -> DmarcView:
    """Who sends in the name of a domain of ours ("" is the host), in the last days."""
    ident, since = _ident(world, domain), _since(world, days)

    def question(db: Connection) -> tuple[list[DmarcDay], list[KindSeen], str, list[Reporter]]:
        return (receivedview.dmarc_days(db, ident, since), receivedview.kinds(db, ident, since), receivedview.latest_policy(db, ident),
                receivedview.reporters(db, ident, since, "dmarc"))

    by_day, kinds, policy, reporters = world.store.read(question)
    own = _own(world)
    held = [(seen, sending.opinion(seen.kind, own)) for seen in kinds]
    grouped = _sources(held)
    tags = dict(tag.split("=", 1) for tag in policy.split("; ") if "=" in tag)
    readiness = sending.readiness(
        tags.get("p", ""), sending.volumes((seen.kind, opinion) for seen, opinion in held), len(by_day), len(reporters))
    total = sum(day.passed + day.delivered + day.quarantined + day.rejected for day in by_day)
    shown = grouped[:SOURCES]
    return DmarcView(since, by_day, shown, total - sum(source.messages for source in shown), readiness, policy, reporters)


def tls(world: World, domain: str, days: int = 30) -> TlsView:
    """How connections to a domain of ours, or to the host (""), did in the last days."""
    ident, since = _ident(world, domain), _since(world, days)
    return world.store.read(lambda db: TlsView(
        since, receivedview.tls_days(db, ident, since), receivedview.failures(db, ident, since), receivedview.policies(db, ident, since),
        receivedview.reporters(db, ident, since, "tls")))


async def names(resolver: Resolver, addresses: Sequence[str]) -> list[Named]:
    """The reverse names of some addresses, within PATIENCE seconds; UserError if they are too many, or none."""
    if len(addresses) > NAMES:
        raise UserError(f"at most {NAMES} addresses at a time")
    try:
        wanted = [ip_address(text) for text in addresses]
    except BadName as problem:
        raise UserError(str(problem)) from None
    tasks = [asyncio.create_task(iprev.check(ip, resolver)) for ip in wanted]
    if tasks:
        await asyncio.wait(tasks, timeout=PATIENCE)
    found = []
    for ip, task in zip(wanted, tasks, strict=True):
        if not task.done():
            task.cancel()
            found.append(Named(str(ip), "", "no answer in time"))
            continue
        result = task.result()
        found.append(Named(str(ip), result.names[0].unicode if result.names else "", result.problem))
    return found


def reports(world: World, kind: ReceivedKind | None = None, domain: str | None = None, *, before: int | None = None,
            limit: int = 100) -> list[ReportRow]:
    """Reports, the latest first; domain is a domain of ours, "" the host, None everything."""
    ident = None if domain is None else _ident(world, domain)
    return world.store.read(lambda db: receivedview.listing(
        db, kind, ident, host=domain == "", before=before, limit=max(1, min(limit, 1_000))))


def report(world: World, ident: int) -> ReportWhole:
    """One report; NotFound."""
    found = world.store.read(lambda db: receivedview.report(db, ident))
    if found is None:
        raise NotFound(f"there is no report {ident}")
    return found


def raw(world: World, ident: int) -> Raw:
    """The document of a report as it came; NotFound if its mail is gone."""
    shown = report(world, ident).row

    def question(db: Connection) -> messages.MessageRow | None:
        owner = messages.owner(db, shown.mail) if shown.mail is not None else None
        return messages.get(db, owner, shown.mail) if owner is not None and shown.mail is not None else None

    row = world.store.read(question)
    if row is None:
        raise NotFound("the mail that brought this report has been removed")
    with world.store.bodies.view(row.body_name) as octets:
        if shown.kind == "failure":
            return _raw(f"{shown.report_id}.eml", bytes(octets[:SHOWN + 1]))
        wanted = unpacking.Kind.TLS if shown.kind == "tls" else unpacking.Kind.DMARC
        try:
            found = [one for one in unpacking.documents(octets, LIMITS) if one.kind is wanted]
        except BadReport as problem:    # the bounds may have become narrower since
            raise NotFound(str(problem)) from None
        # One mail may bring several; each names its id.
        document = next((one for one in found if shown.report_id.encode() in one.octets), None) or next(iter(found), None)
    if document is None:
        raise NotFound("the mail has no such document any more")
    ending = "json" if shown.kind == "tls" else "xml"
    return _raw(f"{shown.report_id}.{ending}", document.octets)


def remove(world: World, ident: int, *, by: str) -> None:
    """Remove a report and, where it was filed, its mail; NotFound."""
    report(world, ident)
    while world.store.write_now(lambda db: received.remove(db, ident)):
        pass
    world.journal.note(Event.REPORT_REMOVED, report=ident, by=by)


def _raw(name: str, octets: bytes) -> Raw:
    clean = "".join(char if char.isalnum() or char in "-_.@" else "_" for char in name)
    return Raw(clean, octets[:SHOWN].decode("utf-8", "replace"), len(octets) > SHOWN)


# --- putting together ------------------------------------------------------------------------------


def _sources(held: list[tuple[KindSeen, Opinion]]) -> list[Source]:
    """Networks, those of most messages first."""
    by_network: dict[str, list[tuple[KindSeen, Opinion]]] = {}
    for seen, opinion in held:
        by_network.setdefault(network(seen.kind.ip), []).append((seen, opinion))
    found = [_source(name, some) for name, some in by_network.items()]
    return sorted(found, key=lambda source: (-source.messages, source.network))


def _source(name: str, held: list[tuple[KindSeen, Opinion]]) -> Source:
    by_address, by_verdict, by_why = Counter[str](), Counter[Sender](), Counter[tuple[Sender, str]]()
    source = Source(name, first=min(seen.first for seen, _ in held), last=max(seen.last for seen, _ in held))
    passes: dict[str, None] = {}
    for seen, opinion in held:
        kind = seen.kind
        by_address[kind.ip] += kind.messages
        by_verdict[opinion.sender] += kind.messages
        by_why[opinion.sender, opinion.why] += kind.messages
        source.messages += kind.messages
        source.dkim += kind.messages if kind.dkim else 0
        source.spf += kind.messages if kind.spf else 0
        _fate(source, kind)
        passes |= dict.fromkeys(check.domain for check in kind.checks if check.passed)
    source.verdict = by_verdict.most_common(1)[0][0]
    source.why = next(why for (sender, why), _ in by_why.most_common() if sender is source.verdict)
    source.opinions = dict(by_verdict)
    source.addresses, source.number = [ip for ip, _ in by_address.most_common(ADDRESSES)], len(by_address)
    source.passes_as = list(passes)[:10]
    return source


def _fate(source: Source, kind: Kind) -> None:
    if kind.passed:
        source.passed += kind.messages
    elif kind.disposition == "quarantine":
        source.quarantined += kind.messages
    elif kind.disposition == "reject":
        source.rejected += kind.messages
    else:
        source.delivered += kind.messages


def network(ip: str) -> str:
    """The network that an address is counted with."""
    address = ip_address(ip)
    return str(ipaddress.ip_network((address, PREFIXES[address.version]), strict=False))


def _own(world: World) -> Own:
    """What is ours."""
    keys = [(row.domain.ascii, key.selector) for row in people.all_domains(world) for key in row.dkim]
    return Own(frozenset(str(ip) for ip, _ in sources.our_addresses(world.config)), frozenset(keys))


def _ident(world: World, domain: str) -> int | None:
    return people.domain(world, domain).id if domain else None


def _since(world: World, days: int) -> int:
    if not 1 <= days <= LONGEST:
        raise UserError(f"one may look back 1 to {LONGEST:,} days")
    return int(world.clock.timestamp()) // DAY - days + 1


def day_start(day: int) -> float:
    """The beginning of a day in seconds since 1970."""
    return float(day * DAY)
