"""What DMARC and TLS reports are to the one who sends them: evidence, an address that asked, a document.

mta.flow.reportout does with every kind the same: see what is ripe, plan it, and when it is
due find out who asks for it, write and send it, and forget the evidence.  A kind says how
each of these steps is done for it.
"""
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from mta.base.names import Address, Domain
from mta.flow.world import World
from mta.report.reportmail import Document
from mta.store import queue
from mta.store.connection import Connection
from mta.store.sentreports import ReportKind, ReportRow


@dataclass(frozen=True, slots=True)
class Ripe:
    """Evidence that is to be reported: about whom, about which time (seconds since 1970), and take() to bind it to a report."""

    policy_domain: str
    start: float
    finish: float
    take: Callable[[Connection, int], int]


@dataclass(frozen=True, slots=True)
class Open:
    """What waits to be reported about a policy domain: how much (messages, sessions), since and until when."""

    policy_domain: str
    counted: int
    optional: int
    since: float
    until: float


@dataclass(frozen=True, slots=True)
class Destination:
    """Somebody who asked: the URI, and the address if it is one of mail."""

    uri: str
    address: Address | None = None

    @property
    def key(self) -> str:
        """What it is called among the suppressed."""
        return self.address.ascii.lower() if self.address else self.uri


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asked for a report.

    problems are told in it, as far as that is possible.  temporary says what could not be
    found out now (there may be more who ask, later), nobody why there is no one at all.
    """

    destinations: tuple[Destination, ...] = ()
    problems: tuple[str, ...] = ()
    temporary: str = ""
    nobody: str = ""


class Case(Protocol):
    """The evidence of one report."""

    @property
    def counted(self) -> int:
        """How many messages or sessions it is."""
        ...

    def needless(self) -> str:
        """Why nobody needs to be told, "" if it is to be reported; asks the databases."""
        ...

    async def asked(self) -> Asked:
        """Who asks for it now."""
        ...

    def document(self, submitter: Domain, problems: tuple[str, ...]) -> Document:
        """The report."""
        ...


class Kind(Protocol):
    """One kind of reports."""

    name: ReportKind
    queued_as: queue.Kind
    #: Seconds over which the reports of one wake-up are spread, and until the first.
    spread: float
    begin: float

    def enabled(self, world: World) -> bool:
        """Whether the operator wants such reports to be sent."""
        ...

    def waiting(self, db: Connection) -> list[Open]:
        """What is of no report yet."""
        ...

    def ripe(self, db: Connection, now: float) -> list[Ripe]:
        """What is to be reported at now, whose period has ended."""
        ...

    def unripe(self, db: Connection, policy_domain: str, now: float) -> Ripe | None:
        """All that is of no report yet about a domain, for somebody who does not want to wait."""
        ...

    def case(self, world: World, report: ReportRow) -> Case | None:
        """The evidence of a report; None if it is gone."""
        ...

    def draft(self, world: World, policy_domain: str, report: ReportRow) -> Case | None:
        """The evidence that is of no report yet, as if it were of that one."""
        ...

    def clear(self, db: Connection, report_id: int) -> int:
        """Forget the evidence of a report."""
        ...

    def forget(self, db: Connection, policy_domain: str) -> int:
        """Forget what is of no report yet about a domain; how much it told of."""
        ...

    def prune(self, world: World, before: float) -> int:
        """Forget what is of no report yet and older than that time; how many rows."""
        ...
