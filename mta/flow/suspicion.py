"""What is suspicious about the sender of a message that came from outside, in sentences for who reads it."""
from mta.base.names import Domain
from mta.flow.world import World
from mta.judge import lookalike
from mta.message.address import Mailbox
from mta.store import domains, seen
from mta.store.connection import Connection

#: Domains that a sender is compared with.
MOST = 2_000


def warnings(world: World, account: int, authors: tuple[Mailbox, ...]) -> tuple[str, ...]:
    """What to say of the authors, nothing if they look like what they are."""
    named = [one for one in authors[:3] if one.address is not None]
    if not named:
        return ()
    known = world.store.read(lambda db: _known(db, account))
    return tuple(said for one in named if one.address for said in lookalike.warnings(one.name, one.address, known))


def _known(db: Connection, account: int) -> list[Domain]:
    """Our own domains, and those that mail of the account went to."""
    return [row.domain for row in domains.all(db)] + seen.domains(db, account, MOST)
