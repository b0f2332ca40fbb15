"""The MTA-STS policies of our own domains: what they say, and where others read it.

A policy names this host and whatever else its domain wants; its id is made of what it
says, so the two cannot disagree and nobody has to remember to change it.

Standards: RFC 8461 §3.1 (the record), §3.2 (the policy), §8.3 (removing one).

Read on: mta.flow.records shows the DNS records, web.public serves the policy.
"""
import hashlib

from mta.base.errors import BadName, UserError
from mta.base.names import Domain
from mta.flow.world import World
from mta.secure.mtasts import HOST_LABEL, BadPolicy, Mode, Policy, Record, parse_pattern
from mta.store import domains
from mta.store.domains import DomainRow


def policy(world: World, row: DomainRow) -> Policy | None:
    """What is published for a domain; None if nothing is."""
    if row.mtasts_mode == "off":
        return None
    mode = Mode(row.mtasts_mode)
    # RFC 8461 §3.2: a policy of mode none needs no hosts, and binds nobody.
    hosts = () if mode is Mode.NONE else dict.fromkeys((world.config.hostname.ascii, *row.mtasts_mx))
    return Policy(mode, row.mtasts_max_age, tuple(hosts))


def record(policy: Policy) -> Record:
    """The record that goes with a policy: another policy has another id."""
    return Record(hashlib.sha256("\n".join(policy.lines).encode()).hexdigest()[:20])


def page(world: World, host: str) -> str | None:
    """The policy that belongs to the Host of a request, as text; None if there is none.  Blocks."""
    name = host.strip()
    if not name.startswith("["):
        name = name.partition(":")[0]
    try:
        asked = Domain.parse(name)
    except BadName:
        return None
    first, _, rest = asked.ascii.partition(".")
    if first != HOST_LABEL or not rest:
        return None
    # A domain that is switched off keeps its policy: others would only see it come and go.
    row = world.store.read(lambda db: domains.get(db, Domain(rest)))
    found = policy(world, row) if row else None
    return "".join(f"{line}\r\n" for line in found.lines) if found else None


def hosts(text: str) -> str:
    """Hosts as people type them (divided by commas or spaces, * for one label), as the domain's row has them; UserError."""
    try:
        return " ".join(dict.fromkeys(map(parse_pattern, text.replace(",", " ").split())))
    except BadPolicy as problem:
        raise UserError(f"{problem}; write it like mx.example.org, or *.example.org for all hosts one label below") from None
