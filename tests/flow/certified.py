"""A server with an authority that does what a test wants (tests.net.authority), for tests of certificates."""
import asyncio
from dataclasses import dataclass, replace

from mta.config.model import Acme, Listener
from mta.dns.zone import Zone
from mta.flow import renewal
from mta.flow.world import World
from mta.net import certificates as files
from mta.net.certificates import Facts
from mta.store import certificates as standings
from mta.store.certificates import Attempt, Standing
from tests.net.authority import FakeAuthority

#: Where the server is, and all names that it wants a certificate for.
HERE = "192.0.2.1"
ZONE = "".join(f"{name}.example.org A {HERE}\n" for name in ("mx", "mail", "mta-sts", "autoconfig"))
NAMES = ("mx.example.org", "mail.example.org")


@dataclass
class Certified:
    """The server, its DNS and its authority."""

    world: World
    zone: Zone
    authority: FakeAuthority

    @classmethod
    def of(cls, world: World, zone: Zone, authority: FakeAuthority) -> "Certified":
        """world, with [acme] and names in its DNS."""
        zone.add(ZONE)
        world.config = replace(
            world.config, listeners=(Listener("public", (HERE,), smtp=25, submissions=465, http=80, https=443),),
            acme=Acme(directory=f"{authority.url}/directory", contact="ann@example.org", names=("mail.example.org",)))
        return cls(world, zone, authority)

    def renew(self) -> list[str]:
        """One run of the process that renews."""
        waits: list[float] = []
        return asyncio.run(renewal.perform(self.world, waits.append, self.hook))

    def hook(self, action: str, name: str, value: str) -> None:
        """Never called: the challenge is http-01."""
        raise AssertionError(f"{action} {name} {value}")

    def facts(self, label: str) -> Facts:
        """What was issued."""
        return files.facts(files.issued(self.world.config, label))

    def history(self) -> list[Attempt]:
        """What became of all attempts, the newest first."""
        return self.world.store.read(lambda db: standings.history(db, 99))

    def standing(self, label: str) -> Standing:
        """What is remembered."""
        return self.world.store.read(lambda db: standings.get(db, label))
