"""A mail host at mx.b.test with certificates of every kind, and what the DNS and the domain say of it."""
import dataclasses
from pathlib import Path

from mta.base.errors import Failure
from mta.base.names import Domain
from mta.config.model import Tls
from mta.dns.zone import Zone
from mta.flow.dialing import Dialing, Hosts
from mta.flow.policies import Found
from mta.flow.world import World
from mta.net.tls import ServerContext, server_context
from mta.secure.dane import written
from mta.secure.mtasts import Mode, Policy
from mta.secure.protection import Demand
from mta.smtp.client import Client
from tests.flow.outbox import quick
from tests.peers import FRIENDLY, Server
from tests.secure.chains import Made, make

ROOT = make("Root of the tests", ca=True)
#: By an authority that is believed; by nobody; what neither server has.
LEAF, OWN, OTHER = ROOT.signs("mx.b.test"), make("mx.b.test"), make("elsewhere.test")
ENFORCED, TESTED = (Found(Policy(mode, 86_400, ("mx.b.test",)), record_id="1") for mode in (Mode.ENFORCE, Mode.TESTING))
FOUND = {
    "none": Found(), "testing": TESTED, "enforce": ENFORCED, "other": Found(Policy(Mode.ENFORCE, 86_400, ("*.elsewhere.test",))),
    "trouble": Found(text="the DNS does not say", temporary=True), "unfetched": Found(None, "sts-policy-fetch-error", "no answer")}


class Says:
    """The policies of all domains."""

    def __init__(self, found: Found) -> None:
        self.found, self.asked = found, list[Domain]()

    async def find(self, domain: Domain) -> Found:
        """As Policies.find."""
        self.asked.append(domain)
        return self.found


def believing(world: World, tmp_path: Path) -> None:
    """Give world short waits, and the authority of these tests."""
    file = ROOT.files(tmp_path / "root")[0]
    quick(world, tls=Tls(ca_file=file))


def context(made: Made, folder: Path, *below: Made) -> ServerContext:
    """A server's end with that certificate."""
    return server_context(*made.files(folder, *below))


def server(tls: ServerContext | None = None, *offers: str, **answers: str) -> Server:
    """A mail host."""
    return Server(answers, offers=(*FRIENDLY, *offers), tls=tls)


def promises(zone: Zone, port: int, *about: Made, usage: int = 3, host: str = "mx.b.test") -> None:
    """Sign b.test, and publish TLSA records about these certificates."""
    zone.add("b.test SECURE")
    for made in about:
        zone.add(f"_{port}._tcp.{host} TLSA {written(dataclasses.replace(made.tlsa(usage), usage=usage))}")


async def dial(
    world: World, port: int, found: Found = FOUND["none"], demand: Demand = Demand.USUAL,
) -> tuple[Client | Failure, Dialing, Hosts]:
    """What dialling b.test comes to."""
    dialing = Dialing(world, port, Says(found))
    hosts = await dialing.hosts("b.test", demand)
    assert isinstance(hosts, Hosts)
    return await hosts.client(), dialing, hosts
