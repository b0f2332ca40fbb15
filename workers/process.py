"""The processes of the server, as one table; the supervisor reads it and knows nothing else of them."""
import gc
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import Final

from mta.config.model import Config
from workers import memory


@dataclass(frozen=True, slots=True)
class Role:
    """One kind of process: its name, the module with its `prepare` and `serve`, and what it listens on.

    alone: two generations of it never run side by side, since a new one takes over what
    its predecessor held (leases).
    """

    name: str
    module: str
    sockets: tuple[str, ...] = ()
    copies: Callable[[Config], int] = lambda config: 1
    alone: bool = False


def acceptors(config: Config) -> int:
    """As many as configured, else one per core that we may use."""
    return config.acceptor.copies or len(os.sched_getaffinity(0))


#: Code is named as text: it is imported for the fork, not for the table.
ROLES: Final = (
    Role("resolver", "workers.resolver", ("resolver",)),
    Role("acceptor", "workers.acceptor", ("smtp", "submission", "submissions", "sendmail"), acceptors),
    Role("delivery", "workers.delivery", (), lambda config: config.delivery.copies, alone=True),
    Role("reporter", "workers.reporter", (), alone=True),
    Role("web", "workers.website", ("http", "https", "metrics")),
)

#: What the short-lived process is called that asks an authority for certificates (workers.certifying).
CERTIFICATES: Final = "certificates"
#: Whose counters are on the metrics page from the start.
COUNTING: Final = (*(role.name for role in ROLES), CERTIFICATES)


def import_roles(roles: Iterable[Role]) -> None:
    """Import what roles need, once, into memory that all of them will share."""
    gc.collect()    # what is left of reading the command line: what comes now takes its place
    for role in roles:
        import_module(role.module).prepare()
    memory.freeze()


#: A role that was ready and lived this many seconds has not died young.
GROWN_UP = 5.0
LONGEST_PAUSE = 60.0


def restart_after(lived: float, was_ready: bool, failures_in_a_row: int) -> float:
    """Seconds to wait before forking a fallen role again; failures_in_a_row are those before this one.

    Dying young means a wrong setting or a full disk; forking on at once would only fill
    the log.  A single accident costs a tenth of a second.
    """
    if was_ready and lived >= GROWN_UP:
        return 0.0
    return min(LONGEST_PAUSE, 0.1 * 2.0 ** min(failures_in_a_row, 10))
