"""The world as one argument: everything a flow needs that is not the mail itself.

A role makes one World when it starts and hands it down; a test makes one of a zone file,
a clock that stands still and a store in a temporary folder.
"""
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mta.base.clock import Clock
from mta.base.events import Journal
from mta.base.tokens import Chance
from mta.judge.rates import Crowd, MemoryCrowd, MemoryTally, Tally

if TYPE_CHECKING:    # names for the types only: a role that never rings need not load huey
    from mta.config.model import Config
    from mta.dns.resolver import Resolver
    from mta.flow.survey import Machine
    from mta.store.bell import Bell
    from mta.store.database import Store
    from mta.store.signins import SignInLog


@dataclass(slots=True)
class World:
    """Settings, time, chance, memory, names and voice of one process.

    shared_tally is what all processes count strangers in (mta.store.counts), shared_crowd
    where all acceptors count who is connected (workers.loads); without them each counts
    for itself.  sign_in_log writes a little later; without it attempts are written at once.
    certify starts the process that gets certificates, if the supervisor can be asked for that;
    TemporaryError if it does not answer.  look gives the facts of the machine.
    """

    config: "Config"
    clock: Clock
    chance: Chance
    store: "Store"
    resolver: "Resolver"
    journal: Journal
    bell: "Bell"
    shared_tally: Tally | None = None
    shared_crowd: Crowd | None = None
    certify: Callable[[], None] | None = None
    look: Callable[[], "Machine"] | None = None
    sign_in_log: "SignInLog | None" = None

    @property
    def tally(self) -> Tally:
        """What strangers are counted in."""
        if self.shared_tally is None:
            self.shared_tally = MemoryTally(self.clock.timestamp)
        return self.shared_tally

    @property
    def signins(self) -> "SignInLog":
        """Where attempts to sign in are kept."""
        if self.sign_in_log is None:
            from mta.store.signins import SignInLog
            self.sign_in_log = SignInLog(self.store, self.clock, self.journal)
        return self.sign_in_log

    @property
    def crowd(self) -> Crowd:
        """Who is connected."""
        if self.shared_crowd is None:
            self.shared_crowd = MemoryCrowd()
        return self.shared_crowd
