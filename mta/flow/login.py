"""Who signs in: passwords, SCRAM, and how often one may guess.

SMTP, the web pages and later IMAP all come here, so a guesser cannot change the door.
Failures count against networks, never against an account as such: whoever knows the
password gets in however many strangers guess it.  Three things make sure of that:

- a right password that was verified a moment ago passes before anything is counted;
- from a network where the account has signed in before, only failures of just this
  account from just this network count;
- when strangers everywhere guess one account's password, each network that the account
  was never seen on still has a few tries left.

Passwords are slow to check on purpose (PBKDF2), so that happens in a thread.
"""
import asyncio
import hmac
from dataclasses import dataclass
from typing import NamedTuple

from mta.base.errors import NotAllowed
from mta.base.events import Event
from mta.base.limits import LIMITS
from mta.base.names import IPAddress
from mta.base.reply import Reply
from mta.base.sasl import ScramSecrets
from mta.base.tokens import secret_octets
from mta.flow.world import World
from mta.judge.rates import Rate, network_keys
from mta.smtp.desk import WRONG_CREDENTIALS, Login
from mta.store import credentials

MINUTE, DAY = 60.0, 86_400.0
#: How long a network is remembered as one that an account signs in from.
KNOWN_FOR = 30 * DAY
FAILURES = (
    Rate("login-failed", MINUTE, LIMITS.login_failures_per_minute),
    Rate("login-failed", DAY, LIMITS.login_failures_per_day),
)
TOO_MANY = Reply(454, "4.7.0", "Too many failed sign-ins from your network, please try again later")


@dataclass(frozen=True, slots=True)
class Client:
    """Who tries to sign in: service is "smtp" or "web", mechanism like "PLAIN", trace the session's id."""

    ip: IPAddress
    service: str
    mechanism: str
    trace: str


class SignInRefused(NotAllowed):
    """The sign-in was refused; reply says it in SMTP, the text to a person."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.text)
        self.reply = reply


class Verified(NamedTuple):
    """A password that was right: for whom, with which key, and until when we believe it unasked."""

    account: int
    credential: int
    stored_key: bytes
    until: float


class Logins:
    """The sign-ins of one process; make one and hand it to every door."""

    def __init__(self, world: World) -> None:
        self._world, self._tally = world, world.tally
        self._secret = secret_octets(32)
        # Two generations instead of a clean-up: threads of the web role share them.
        self._young: dict[bytes, Verified] = {}
        self._old: dict[bytes, Verified] = {}

    async def check(self, client: Client, name: str, password: str) -> Login:
        """Who signs in with a password; SignInRefused."""
        found = self._recently(client, name, password)
        return found if found is not None else await asyncio.to_thread(self._check_slowly, client, name, password)

    def check_now(self, client: Client, name: str, password: str) -> Login:
        """The same, blocking for some 20 ms; for threads and the command line."""
        found = self._recently(client, name, password)
        return found if found is not None else self._check_slowly(client, name, password)

    def check_admin(self, client: Client, password: str) -> None:
        """The administrator's password; blocks.  SignInRefused."""
        self._admit(client, "admin", None)
        if not self._world.store.read(lambda db: credentials.check_admin(db, password)):
            raise self._failed(client, "admin", None)
        self._world.journal.note(
            Event.LOGIN, client.trace, ip=str(client.ip), account="admin", mechanism=client.mechanism, service=client.service)

    def secrets(self, client: Client, name: str) -> ScramSecrets:
        """What SCRAM needs to know of name, which may not exist; SignInRefused."""
        secrets = self._world.store.read(lambda db: credentials.scram_secrets(db, name))
        self._admit(client, name, secrets.account_id)
        return secrets

    def scram_done(self, client: Client, name: str, credential: int | None) -> Login:
        """SCRAM came to its end; credential is the one whose proof was right, or None.  SignInRefused."""
        secrets = self._world.store.read(lambda db: credentials.scram_secrets(db, name))
        if secrets.account_id is None or credential not in [key[0] for key in secrets.keys]:
            raise self._failed(client, name, secrets.account_id)
        assert credential is not None
        return self._passed(client, name, secrets.account_id, credential)

    def remember(self, ticket: bytes, account: int, credential: int, stored_key: bytes, until: float) -> None:
        """Believe what ticket stands for until then, unless the credential changes."""
        if len(self._young) >= LIMITS.logins_remembered:
            self._young, self._old = {}, self._young
        self._young[ticket] = Verified(account, credential, stored_key, until)

    @property
    def remembered(self) -> int:
        """How many verified passwords are kept, at most twice LIMITS.logins_remembered."""
        return len(self._young) + len(self._old)

    def _recently(self, client: Client, name: str, password: str) -> Login | None:
        """The login if this very password was right a moment ago and still is the account's."""
        ticket = self._ticket(name, password)
        found = self._young.get(ticket) or self._old.get(ticket)
        if found is None or found.until < self._world.clock.timestamp():
            return None
        secrets = self._world.store.read(lambda db: credentials.scram_secrets(db, name))
        if secrets.account_id != found.account or not _has(secrets, found.credential, found.stored_key):
            return None
        return self._passed(client, name, found.account, found.credential)

    def _check_slowly(self, client: Client, name: str, password: str) -> Login:
        secrets = self._world.store.read(lambda db: credentials.scram_secrets(db, name))
        self._admit(client, name, secrets.account_id)
        checked = credentials.match(secrets, password)
        if checked is None:
            raise self._failed(client, name, secrets.account_id)
        stored = next((key[1] for key in secrets.keys if key[0] == checked.credential_id), None)
        if stored is not None:
            until = self._world.clock.timestamp() + LIMITS.login_remembered
            self.remember(self._ticket(name, password), checked.account_id, checked.credential_id, stored, until)
        return self._passed(client, name, checked.account_id, checked.credential_id)

    def _ticket(self, name: str, password: str) -> bytes:
        """What a name and password are remembered as: useless outside this process."""
        return hmac.digest(self._secret, f"{name}\0{password}".encode("utf-8", "surrogatepass"), "sha256")

    def _admit(self, client: Client, name: str, account: int | None) -> None:
        """SignInRefused if no more guesses are welcome."""
        reason = self._too_many(client.ip, account)
        if reason:
            self._note_failure(client, name, f"too many failures from {reason}")
            raise SignInRefused(TOO_MANY)

    def _too_many(self, ip: IPAddress, account: int | None) -> str | None:
        """The network that had its share of guesses, or None."""
        if account is not None:
            pair = _pair(ip, account)
            minute, day = (self._count("login-failed-here", pair, window) for window in (MINUTE, DAY))
            if self._known(pair):
                most = LIMITS.login_failures_per_minute[0], LIMITS.login_failures_per_day[0]
                return pair if minute >= most[0] or day >= most[1] else None
            guessed = self._count("login-guessed", str(account), DAY)
            if guessed >= LIMITS.login_failures_per_day[1] and day >= LIMITS.login_failures_per_session:
                return pair
        return next((network for rate in FAILURES if (network := rate.over(self._tally, ip))), None)

    def _failed(self, client: Client, name: str, account: int | None) -> SignInRefused:
        """Count and report a failure."""
        if account is not None:
            pair = _pair(client.ip, account)
            self._tally.add("login-failed-here", [pair], MINUTE)
            self._tally.add("login-failed-here", [pair], DAY)
            self._tally.add("login-guessed", [str(account)], DAY)
        if account is None or not self._known(_pair(client.ip, account)):
            for rate in FAILURES:
                rate.add(self._tally, client.ip)
        self._note_failure(client, name, "wrong name or password")
        return SignInRefused(WRONG_CREDENTIALS)

    def _passed(self, client: Client, name: str, account: int, credential: int) -> Login:
        pair = _pair(client.ip, account)
        if not self._known(pair):
            self._tally.add("login-known", [pair], KNOWN_FOR)
        self._world.journal.note(
            Event.LOGIN, client.trace, ip=str(client.ip), account=name, mechanism=client.mechanism, service=client.service)
        return Login(account, credential, name, client.mechanism)

    def _known(self, pair: str) -> bool:
        return self._count("login-known", pair, KNOWN_FOR) > 0

    def _count(self, kind: str, key: str, window: float) -> float:
        return self._tally.counts(kind, [key], window)[0]

    def _note_failure(self, client: Client, name: str, reason: str) -> None:
        self._world.journal.note(
            Event.LOGIN_FAILED, client.trace,
            ip=str(client.ip), name=name[:100], mechanism=client.mechanism, service=client.service, reason=reason)


def _pair(ip: IPAddress, account: int) -> str:
    return f"{network_keys(ip)[0]} {account}"


def _has(secrets: ScramSecrets, credential: int, stored_key: bytes) -> bool:
    return any(key[0] == credential and hmac.compare_digest(key[1], stored_key) for key in secrets.keys)
