"""How other domains take mail, as far as this server knows: what was seen when mail went there, and the policies that are kept.

Looking again connects as a delivery does, sends nothing, and what was found is remembered.

Read on: mta.flow.dialcheck looks, mta.store.seen and mta.store.policies remember.
"""
import asyncio
from dataclasses import dataclass
from typing import Final

from mta.base.errors import Failure, SetupError, TemporaryError, UserError
from mta.base.names import Domain
from mta.flow import dialcheck, typed
from mta.flow.dialcheck import Caller, Dialled
from mta.flow.dialing import SMTP_PORT
from mta.flow.policies import Found, Policies
from mta.flow.world import World
from mta.judge import route
from mta.net.trust import trusted
from mta.secure.protection import Seen
from mta.store import policies, seen
from mta.store.policies import PolicyRow

#: Domains that one list shows, and seconds that looking at one may take.
SHOWN: Final = 1_000
LOOK_WAIT: Final = 45.0


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A domain: what was seen of it last, its policy as it is kept, and how many accounts have written there lately."""

    domain: Domain
    seen: Seen | None
    policy: PolicyRow | None
    accounts: int


@dataclass(frozen=True, slots=True)
class Looked:
    """What looking came to: for the domain itself and each host; usable says whether usual mail would be sent to one of them."""

    parts: list[Dialled]

    @property
    def usable(self) -> bool:
        """Whether usual mail would be sent there."""
        return any(one.usable for one in self.parts)


def known(world: World, text: str = "") -> list[Neighbour]:
    """What is known of domains with text in their name, by name."""
    text = text.strip().lower()
    rows = world.store.read(lambda db: seen.all(db, text, SHOWN))
    kept = {row.domain: row for row in world.store.read(policies.all) if row.policy and text in row.domain.ascii}
    met = {one.domain: (one, accounts) for one, accounts in rows}
    found = []
    for domain in sorted({*met, *kept}, key=lambda domain: domain.ascii)[:SHOWN]:
        last, accounts = met.get(domain, (None, 0))
        found.append(Neighbour(domain, last, kept.get(domain), accounts))
    return found


async def look(world: World, name: str, port: int = SMTP_PORT) -> Looked:
    """Look again how a domain takes mail, and remember it.  UserError if that is no domain; TemporaryError if the DNS is silent."""
    domain = typed.domain(name)
    try:
        async with asyncio.timeout(LOOK_WAIT):
            looked = await _look(world, domain, port)
    except TimeoutError:
        raise TemporaryError(f"the servers of {domain} are too slow to look at now") from None
    except SetupError as problem:
        raise UserError(str(problem)) from None
    found = next((one.seen for one in looked.parts if one.seen is not None), None)
    if found is not None:
        await world.store.write(lambda db: seen.renew(db, found))
    return looked


async def _look(world: World, domain: Domain, port: int) -> Looked:
    config = world.config
    hosts, policy = await asyncio.gather(
        route.mail_hosts(domain, config.hostname, world.resolver, world.chance, config.limits), _policy(world, domain))
    if isinstance(hosts, Failure):
        raise (UserError if hosts.lasting else TemporaryError)(hosts.text)
    caller = Caller(world.resolver, trusted(config.tls.ca_file), world.clock.now(), config.hostname, port, config.limits)
    tried = hosts[:config.limits.hosts_tried]
    return Looked([dialcheck.of_domain(domain, hosts, policy),
                   *await asyncio.gather(*(dialcheck.of_host(domain, host, policy, caller) for host in tried))])


async def _policy(world: World, domain: Domain) -> Found:
    """The policy as its owner publishes it now, which is remembered; what there is none of is none."""
    found = await Policies(world).again(domain)
    if found.policy is None and not found.problem and not found.temporary:
        return Found()
    return found
