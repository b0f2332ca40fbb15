"""Who asks: what a function of an Api is handed."""
import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass
from typing import Any, TypeVar

from mta.base.errors import TemporaryError
from mta.base.names import IPAddress
from mta.config.model import PAGES
from mta.flow.accountnames import named
from mta.flow.login import Client
from mta.flow.world import World
from mta.store.credentials import SessionRow
from mta.store.search import SearchIndex
from mta.store.uploads import Uploads
from web.guard import Guard, Realm
from web.rpc import SignedOutError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class House:
    """What all calls of a process share; `status()` is what the supervisor says, `old` seconds ago; TemporaryError if it is silent."""

    world: World
    guard: Guard
    uploads: Uploads
    index: SearchIndex
    loop: asyncio.AbstractEventLoop
    status: Callable[[], Mapping[str, Any]]


@dataclass(slots=True)
class Call:
    """One call: from where, in which session, and what it may use.

    `secret` is the session's, from the cookie; a function that changes it (sign in, sign
    out) also sets `renewed`, and the answer brings the browser the new one.  `pages` are
    those that are offered where the call came in.
    """

    house: House
    realm: Realm
    session: SessionRow | None
    secret: str
    ip: IPAddress
    agent: str
    trace: str
    renewed: bool = False
    pages: Sequence[str] = PAGES

    @property
    def world(self) -> World:
        """Settings, store, journal and the rest."""
        return self.house.world

    @property
    def account(self) -> int:
        """The account that is signed in; SignedOutError if none is."""
        if self.session is None or self.session.account_id is None:
            raise SignedOutError("Nobody is signed in.")
        return self.session.account_id

    @property
    def client(self) -> Client:
        """Who tries to sign in."""
        return Client(self.ip, "web", "PLAIN", self.trace, self.agent)

    @property
    def by(self) -> str:
        """Who asks, for the journal."""
        who = "admin" if self.realm == "admin" else f"account {named(self.world, self.account)}"
        return f"{who} at {self.ip}"

    def enter(self, account_id: int | None, app_password: int | None = None) -> SessionRow:
        """Sign this browser in; a session it had before ends."""
        if self.secret:
            self.house.guard.sign_out(self.secret)
        self.session, self.secret = self.house.guard.sign_in(self.realm, account_id, str(self.ip), self.agent, app_password)
        self.renewed = True
        return self.session

    def leave(self) -> None:
        """Sign this browser out."""
        if self.secret:
            self.house.guard.sign_out(self.secret)
        self.session, self.secret, self.renewed = None, "", True

    def wait(self, work: Coroutine[Any, Any, T], seconds: float = 60.0) -> T:
        """Let the loop do something that waits, from this thread; TemporaryError if it takes too long."""
        future = asyncio.run_coroutine_threadsafe(work, self.house.loop)
        try:
            return future.result(seconds)
        except (TimeoutError, CancelledError):
            future.cancel()
            raise TemporaryError("That took too long; look whether it was done before you try again.") from None
