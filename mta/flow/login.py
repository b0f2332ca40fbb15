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

A right password is not all: an app password opens only what it was made for, and where
two-factor sign-in is on, the account's own password opens the pages together with a code
and nothing else.  Wrong codes count against the account, in all networks that it never
signed in from together: who tries them has the password already.  Who is refused with the
right password is told why; it tells a guesser that the password is right, which without
the second factor opens nothing.

Every attempt is kept in the log of sign-ins (mta.store.signins).
"""
import asyncio
import hmac
from dataclasses import dataclass
from typing import Final, NamedTuple

from mta.base.errors import NotAllowed, NotFound
from mta.base.events import Event
from mta.base.limits import LIMITS
from mta.base.names import IPAddress
from mta.base.reply import Reply
from mta.base.sasl import ScramSecrets
from mta.base.tokens import secret_octets
from mta.flow.world import World
from mta.judge.rates import Rate, network_keys
from mta.smtp.desk import WRONG_CREDENTIALS, Login
from mta.store import accounts, apppasswords, credentials, signins, twofactors
from mta.store.apppasswords import Standing
from mta.store.signins import Attempt

MINUTE, HOUR, DAY = 60.0, 3_600.0, 86_400.0
#: How long a network is remembered as one that an account signs in from.
KNOWN_FOR = 30 * DAY
FAILURES = (
    Rate("login-failed", MINUTE, LIMITS.login_failures_per_minute),
    Rate("login-failed", DAY, LIMITS.login_failures_per_day),
)
TOO_MANY = Reply(454, "4.7.0", "Too many failed sign-ins from your network, please try again later")
APP_PASSWORD_NEEDED = Reply(534, "5.7.9", "Two-factor sign-in is on for this account: give this program an app password, which you make "
                            "on the page of your account")
EXPIRED = Reply(535, "5.7.8", "This app password has expired: make a new one on the page of your account")
OUT_OF_SCOPE = Reply(535, "5.7.8", "This app password was made for other things: make one for this on the page of your account")
CODE_WANTED = Reply(534, "5.7.9", "The code of your authenticator is needed")
WRONG_CODE = Reply(535, "5.7.8", "This code is wrong, or was used already: wait for the next one")
TOO_MANY_CODES = Reply(454, "4.7.0", "Too many wrong codes, please try again in an hour")
#: Which scope of an app password opens a service; what else of a service needs the account's own password.
SCOPE_OF: Final = {"smtp": "smtp", "imap": "imap", "web": "webmail"}
#: What the log of sign-ins says of a refusal.
WRONG, LIMITED = "wrong name or password", "too many failures"


@dataclass(frozen=True, slots=True)
class Client:
    """Who tries to sign in: service is "smtp", "imap" or "web", mechanism like "PLAIN", trace the session's id.

    agent is what the program calls itself; anybody can say anything.
    """

    ip: IPAddress
    service: str
    mechanism: str
    trace: str
    agent: str = ""


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

    def check_now(self, client: Client, name: str, password: str, code: str = "") -> Login:
        """The same, blocking for some 20 ms; for threads and the command line.  Pages have a code where two-factor sign-in is on."""
        found = self._recently(client, name, password, code)
        return found if found is not None else self._check_slowly(client, name, password, code)

    def check_again(self, client: Client, account: int, password: str) -> None:
        """That who is signed in on a page knows the account's own password, without a code; blocks.  SignInRefused."""
        row = self._world.store.read(lambda db: accounts.get(db, account))
        name = row.name if row else ""
        secrets = self._world.store.read(lambda db: credentials.scram_secrets(db, name))
        self._admit(client, name, secrets.account_id)
        checked = credentials.match(secrets, password)
        if checked is None or self._standing(account, checked.credential_id).kind != "password":
            raise self._failed(client, name, secrets.account_id)

    def check_admin(self, client: Client, password: str, code: str = "", *, again: bool = False) -> None:
        """The administrator's password and code; again: who is signed in proves the password once more.  Blocks.  SignInRefused."""
        self._admit(client, "admin", signins.ADMIN)
        if not self._world.store.read(lambda db: credentials.check_admin(db, password)):
            raise self._failed(client, "admin", signins.ADMIN)
        if again:
            return
        if self._world.store.read(lambda db: twofactors.is_on(db, None)):
            self._require_code(client, "admin", signins.ADMIN, code)
        pair = _pair(client.ip, signins.ADMIN)
        if not self._known(pair):
            self._tally.add("login-known", [pair], KNOWN_FOR)
        self._keep(client, "admin", signins.ADMIN, signins.OK)
        self._world.journal.note(
            Event.LOGIN, client.trace, ip=str(client.ip), account="admin", mechanism=client.mechanism, service=client.service)

    def check_code(self, client: Client, account: int | None, code: str) -> None:
        """A code of who is signed in (None: the administrator), to change what it guards; blocks.  SignInRefused."""
        self._require_code(client, "", signins.ADMIN if account is None else account, code)

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

    def _recently(self, client: Client, name: str, password: str, code: str = "") -> Login | None:
        """The login if this very password was right a moment ago and still is the account's."""
        ticket = self._ticket(name, password)
        found = self._young.get(ticket) or self._old.get(ticket)
        if found is None or found.until < self._world.clock.timestamp():
            return None
        secrets = self._world.store.read(lambda db: credentials.scram_secrets(db, name))
        if secrets.account_id != found.account or not _has(secrets, found.credential, found.stored_key):
            return None
        return self._passed(client, name, found.account, found.credential, code)

    def _check_slowly(self, client: Client, name: str, password: str, code: str = "") -> Login:
        secrets = self._world.store.read(lambda db: credentials.scram_secrets(db, name))
        self._admit(client, name, secrets.account_id)
        checked = credentials.match(secrets, password)
        if checked is None:
            raise self._failed(client, name, secrets.account_id)
        stored = next((key[1] for key in secrets.keys if key[0] == checked.credential_id), None)
        if stored is not None:
            until = self._world.clock.timestamp() + LIMITS.login_remembered
            self.remember(self._ticket(name, password), checked.account_id, checked.credential_id, stored, until)
        return self._passed(client, name, checked.account_id, checked.credential_id, code)

    def _ticket(self, name: str, password: str) -> bytes:
        """What a name and password are remembered as: useless outside this process."""
        return hmac.digest(self._secret, f"{name}\0{password}".encode("utf-8", "surrogatepass"), "sha256")

    def _admit(self, client: Client, name: str, account: int | None) -> None:
        """SignInRefused if no more guesses are welcome."""
        reason = self._too_many(client.ip, account)
        if reason:
            self._note_failure(client, name, f"too many failures from {reason}", account, LIMITED)
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
        self._note_failure(client, name, WRONG, account, WRONG)
        return SignInRefused(WRONG_CREDENTIALS)

    def _passed(self, client: Client, name: str, account: int, credential: int, code: str = "") -> Login:
        standing = self._standing(account, credential)
        self._require_standing(client, name, account, standing, code)
        pair = _pair(client.ip, account)
        if not self._known(pair):
            self._tally.add("login-known", [pair], KNOWN_FOR)
        self._world.journal.note(
            Event.LOGIN, client.trace, ip=str(client.ip), account=name, mechanism=client.mechanism, service=client.service)
        self._keep(client, name, account, signins.OK, credential, standing.label if standing.kind == "app" else "")
        return Login(account, credential, name, client.mechanism)

    def _standing(self, account: int, credential: int) -> Standing:
        try:
            return self._world.store.read(lambda db: apppasswords.standing(db, self._world.clock, account, credential))
        except NotFound:
            raise SignInRefused(WRONG_CREDENTIALS) from None

    def _require_standing(self, client: Client, name: str, account: int, standing: Standing, code: str) -> None:
        """SignInRefused unless a password that was right is good for this service, together with code."""
        reply, why = None, ""
        if standing.kind == "app":
            if standing.expired:
                reply, why = EXPIRED, f"the app password {standing.label!r} has expired"
            elif SCOPE_OF[client.service] not in standing.scopes:
                reply, why = OUT_OF_SCOPE, f"the app password {standing.label!r} is not for this"
        elif standing.two_factor and client.service != "web":
            reply, why = APP_PASSWORD_NEEDED, "the account's own password, where an app password is needed"
        if reply is not None:
            self._note_failure(client, name, why, account, why)
            raise SignInRefused(reply)
        if standing.kind != "app" and standing.two_factor:
            self._require_code(client, name, account, code)

    def _require_code(self, client: Client, name: str, account: int, code: str) -> None:
        """SignInRefused unless code is one that counts; it is used up."""
        if not code.strip():
            raise SignInRefused(CODE_WANTED)
        pair = _pair(client.ip, account)
        key = pair if self._known(pair) else str(account)
        if self._count("code-failed", key, HOUR) >= LIMITS.code_failures_per_hour:
            self._note_failure(client, name, "too many wrong codes", account, "right password, too many wrong codes")
            raise SignInRefused(TOO_MANY_CODES)
        owner = None if account == signins.ADMIN else account
        used = self._world.store.write_now(lambda db: twofactors.use(db, self._world.clock, owner, code[:LIMITS.kept_text]))
        if not used:
            self._tally.add("code-failed", [key], HOUR)
            self._note_failure(client, name, "wrong code", account, "right password, wrong code")
            raise SignInRefused(WRONG_CODE)

    def _keep(self, client: Client, name: str, account: int | None, outcome: str, credential: int = 0, label: str = "") -> None:
        """Put an attempt into the log of sign-ins."""
        self._world.signins.add(Attempt(
            self._world.clock.timestamp(), account, name[:LIMITS.kept_text], outcome, client.service, client.mechanism, str(client.ip),
            signins.place_of(client.ip), client.agent[:LIMITS.kept_text], credential, label, client.trace))

    def _known(self, pair: str) -> bool:
        return self._count("login-known", pair, KNOWN_FOR) > 0

    def _count(self, kind: str, key: str, window: float) -> float:
        return self._tally.counts(kind, [key], window)[0]

    def _note_failure(self, client: Client, name: str, reason: str, account: int | None, outcome: str) -> None:
        self._keep(client, name, account, outcome)
        self._world.journal.note(
            Event.LOGIN_FAILED, client.trace,
            ip=str(client.ip), name=name[:100], mechanism=client.mechanism, service=client.service, reason=reason)


def _pair(ip: IPAddress, account: int) -> str:
    return f"{network_keys(ip)[0]} {account}"


def _has(secrets: ScramSecrets, credential: int, stored_key: bytes) -> bool:
    return any(key[0] == credential and hmac.compare_digest(key[1], stored_key) for key in secrets.keys)
