"""Which certificates there should be, and how they stand.

The host's own certificate, once for each of its keys, is separate from those of the
domains, one for each with the names of its services: what is wrong with one domain's DNS
then cannot cost the host its certificate, nor another domain its own.

Read on: mta.flow.renewal gets them, mta.flow.alarm tells when they are in danger;
mta.net.certificates knows the files.
"""
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mta.base.clock import Clock
from mta.base.errors import SetupError
from mta.base.names import Domain, IPAddress
from mta.config.model import Config
from mta.config.parse import WILDCARDS
from mta.dns.answer import Outcome, RecordType
from mta.flow.settings import adopt
from mta.flow.world import World
from mta.net import addresses
from mta.net import certificates as files
from mta.net.certificates import DOMAIN, FILES, HOST, Facts
from mta.net.tls import BACKDATED
from mta.store import certificates as standings
from mta.store import domains
from mta.store import hostkeys as key_rows
from mta.store.certificates import Attempt, Standing
from mta.store.connection import Connection
from mta.store.database import Store

DAY: Final = 86_400.0
#: An alarm comes from a fifth of a certificate's lifetime before its end, but not earlier than this.
EARLIEST_ALARM: Final = 14 * DAY
#: Or after so many failures in a row.
FAILURES: Final = 3
#: What is no problem yet.
NOT_YET: Final = "There is no certificate from the authority yet"
#: Services that speak TLS.
SECURE: Final = ("smtp", "submission", "submissions", "https")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A certificate that an authority should give us: for these names, the first of which it must have, with a key of that kind."""

    label: str
    names: tuple[str, ...]
    algorithm: str


def make_own(config: Config, store: Store, algorithm: str, key: bytes, clock: Clock) -> bool:
    """A certificate that the host gives itself, unless a good one is there; whether one was made, which is remembered.  Blocks."""
    made = files.make_own(config, algorithm, key, clock)
    remember_own(config, store, files.own(config, algorithm), made=made)
    return made


def remember_own(config: Config, store: Store, file: Path, *, made: bool = False) -> None:
    """Note in the history how a certificate of our own making came, unless that is there.  Blocks.

    Asked whenever one may have been made: who made it may have died before it could be noted.  Of
    one that was made just now nothing is there, though one of the same second may look the same.
    """
    label, facts = files.label_of(config, file), files.facts(file)
    attempt = Attempt(facts.since + BACKDATED.total_seconds(), label, facts.issuer, facts.names, facts.until, "", None)
    if made or not store.read(lambda db: standings.came(db, label, facts.until)):
        store.write_now(lambda db: standings.attempted(db, attempt))


@dataclass(frozen=True, slots=True)
class Status:
    """One certificate as it is: what is wrong with it, and when it will be renewed (None: not by us)."""

    label: str
    facts: Facts | None
    ports: tuple[int, ...]
    renew: float | None
    problems: tuple[str, ...]


# --- what should be ------------------------------------------------------------------------


def wanted(world: World) -> list[Wanted]:
    """The certificates to ask an authority for, the host's first; none without [acme]."""
    config = world.config
    if not config.acme or config.local:
        return []
    found = [] if config.tls.certificate else [Wanted(label, files.host_names(config), label.removeprefix("host-")) for label in HOST]
    for row in world.store.read(domains.all):
        names = tuple(name.ascii for name in service_names(row))
        if names:
            found.append(Wanted(f"{DOMAIN}{row.domain.ascii}", names, "ec"))
    return found


def service_names(row: domains.DomainRow) -> list[Domain]:
    """The names of a domain under which this server offers something of its own: policy (RFC 8461 §3.3) and settings of mail programs."""
    return [row.domain.below("mta-sts"), row.domain.below("autoconfig")] if row.enabled else []


async def misdirected(world: World, name: str) -> str:
    """Why an authority that looks for us at name would not find us; "" if it would."""
    answers = [await world.resolver.ask(Domain(name), kind) for kind in (RecordType.A, RecordType.AAAA)]
    trouble = next((one for one in answers if one.outcome in (Outcome.TROUBLE, Outcome.BOGUS)), None)
    if trouble:
        return f"the DNS does not tell its addresses ({trouble.error or trouble.outcome.value})"
    found = [record for one in answers for record in one.records if not isinstance(record, str | bytes | Domain)]
    foreign = [str(ip) for ip in found if not is_ours(world.config, ip)]    # type: ignore[arg-type]  # A and AAAA give addresses
    if not found:
        return "it has no address"
    if foreign:
        return (f"it leads to {', '.join(foreign)}, which no listener has; change the DNS, "
                "or set nat_ips of the listener if a router translates the address")
    return ""


def is_ours(config: Config, ip: IPAddress) -> bool:
    """Whether others reach this server at ip."""
    for listener in config.listeners:
        if str(ip) in (*listener.ips, *listener.nat_ips):
            return True
        if any(wild in listener.ips for wild in WILDCARDS if (":" in wild) == (ip.version == 6)) \
                and not ip.is_loopback and addresses.is_ours(ip):
            return True
    return False


# --- when ----------------------------------------------------------------------------------


def renew_at(config: Config, facts: Facts, standing: Standing) -> float:
    """When a certificate is to be renewed: as the authority says, else with a part of its lifetime left, a little earlier or later."""
    if standing.renew is not None and standing.renew_for == f"{facts.serial:x}":
        return standing.renew
    return facts.until - facts.lifetime * config.acme.renew_left / 100 * (1 + facts.spread / 10)


def why_due(world: World, want: Wanted, standing: Standing, digests: dict[str, str]) -> str:
    """Why a certificate is to be had now; "" if it is not.  digests are those of the host's keys."""
    now = world.clock.timestamp()
    if standing.retry > now and not standing.wanted:
        return ""
    try:
        facts = files.facts(files.issued(world.config, want.label))
    except SetupError:
        return "there is none yet"
    if standing.wanted:
        return "it was asked for"
    if want.label in HOST and facts.digest != digests.get(want.algorithm):
        return "the host has another key now"
    held_back = {name for name, out in standing.left_out.items() if out.retry > now}
    if set(want.names) - set(facts.names) - held_back:
        return "it lacks names"
    return "its time has come" if now >= renew_at(world.config, facts, standing) else ""


def key_digests(world: World) -> dict[str, str]:
    """The digests of the host's keys in use, by algorithm."""
    return {row.algorithm: row.digest for row in world.store.read(key_rows.all) if row.state == "current"}


def due(world: World) -> list[Wanted]:
    """Those to be had now, as far as one can tell without asking anybody."""
    digests = key_digests(world)
    standing = {row.label: row for row in world.store.read(standings.all)}
    return [want for want in wanted(world) if why_due(world, want, standing.get(want.label, Standing(want.label)), digests)]


def wants_advice(world: World) -> bool:
    """Whether it is time to ask the authority when it wants something renewed, or one of our own making comes to its end."""
    now = world.clock.timestamp()
    standing = {row.label: row for row in world.store.read(standings.all)}
    asks = any(files.issued(world.config, want.label).exists() and standing.get(want.label, Standing(want.label)).ask <= now
               for want in wanted(world))
    return asks or any(facts.self_signed and facts.until - now < 30 * DAY for label, facts in served(world) if facts and label != FILES)


# --- how they stand ------------------------------------------------------------------------


def status(world: World) -> list[Status]:
    """Every certificate that is served or wanted, the default first."""
    config = world.config
    standing = {row.label: row for row in world.store.read(standings.all)}
    ports = tuple(dict.fromkeys(
        getattr(listener, service) for listener in config.listeners for service in SECURE if getattr(listener, service)))
    asked = {want.label: want for want in wanted(world)}
    there = dict(served(world))
    found = []
    for label in dict.fromkeys((*there, *asked)):
        facts = there.get(label)
        stands = standing.get(label, Standing(label))
        renew = renew_at(config, facts, stands) if facts and label in asked else None
        if facts and facts.self_signed and label != FILES:
            renew = facts.until - 30 * DAY
        wrong = tuple(_problems(world, label, facts, stands, label in asked))
        # One of our own serves where there is no better one for its key.
        used = label in there and there.get(label.replace("self-signed-", "host-")) in (None, facts)
        found.append(Status(label, facts, ports if used else (), renew, wrong))
    return found


def served(world: World) -> Iterator[tuple[str, Facts | None]]:
    """The certificates in use, the default first; None for one that cannot be read."""
    for file, _ in files.served(world.config):
        try:
            yield files.label_of(world.config, file), files.facts(file)
        except SetupError:
            yield files.label_of(world.config, file), None


def _problems(world: World, label: str, facts: Facts | None, standing: Standing, asked: bool) -> Iterator[str]:
    """What is wrong with one certificate, in sentences; the gravest first."""
    danger = in_danger(world, label, facts, standing, asked)
    if danger:
        yield danger
    elif asked and facts is None:
        yield f"{NOT_YET}{f': {standing.problem}' if standing.problem else ''}"
    elif asked and standing.problem:
        yield f"It could not be renewed: {standing.problem}"
    for name, out in standing.left_out.items():
        yield f"{name} is not in it: {out.problem}"


def in_danger(world: World, label: str, facts: Facts | None, standing: Standing, asked: bool) -> str:
    """Why somebody has to do something about a certificate, with the authority's own words; "" if nobody has."""
    now, said = world.clock.timestamp(), f" The authority says: {standing.problem}" if standing.problem else ""
    if facts is None and not asked:
        return "It cannot be read."
    if facts is not None and now >= facts.until:
        return f"It ended on {files.moment(facts.until)}.{said}"
    if facts is not None and facts.until - now <= min(facts.lifetime / 5, EARLIEST_ALARM):
        return f"It ends on {files.moment(facts.until)}.{said}"
    if asked and standing.failures >= FAILURES:
        return f"{standing.failures} attempts to get it failed.{said}"
    return ""


def problems(world: World) -> list[str]:
    """What is wrong with certificates, in sentences, for the overview and `pillarbox check`.

    That one has still to come is no problem yet.  Names of domains that have no address are
    nobody's fault: whoever does not publish them does not want them.
    """
    if world.config.local:
        return []
    return [f"Certificate {one.label}: {problem}" for one in status(world) for problem in one.problems
            if problem != NOT_YET and not (one.label.startswith(DOMAIN) and problem.endswith("it has no address"))]


def ask_again(world: World, labels: tuple[str, ...] = (), *, by: str) -> list[str]:
    """Have certificates renewed now, all or those with these labels; the labels.  SetupError if there are none."""
    asked = [want.label for want in wanted(world)]
    unknown = set(labels) - set(asked)
    if not asked or unknown:
        raise SetupError("no authority is asked for certificates: set directory of [acme]" if not asked else
                         f"there is no certificate {', '.join(sorted(unknown))} to be renewed; there are: {', '.join(asked)}")
    chosen = [label for label in asked if label in labels or not labels]

    def change(db: Connection) -> None:
        for label in chosen:
            standings.change(db, label, wanted=True, retry=0.0, left_out={})
    adopt(world, by, f"asked for new certificates: {', '.join(chosen)}", change)
    return chosen
