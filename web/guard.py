"""Who is signed in: cookies, sessions, CSRF tokens, and where a request may come from.

A session is a secret in a cookie (HttpOnly, SameSite=Strict; under HTTPS Secure and with
the __Host- prefix, so that no other host of the domain can set it) and a row with its
hash.  A call needs the cookie, the session's CSRF token in a header of our own, and must
not come from another site.  The administrator's session is another realm with another
cookie: who reads mail is not thereby the administrator, nor the other way round.
"""
import hmac
from dataclasses import dataclass
from typing import Final, Literal

from mta.base.errors import NotAllowed
from mta.base.tokens import secret_text
from mta.flow.login import CODE_WANTED, Client, Logins, SignInRefused
from mta.flow.world import World
from mta.store import apppasswords, credentials
from mta.store.connection import Connection
from mta.store.credentials import SessionRow
from web.rpc import CodeWantedError, SignedOutError, TooManyError

Realm = Literal["account", "admin"]

#: Seconds that a session lives without being used; an administrator's ends sooner.
LIFETIME: Final[dict[Realm, float]] = {"account": 30 * 86_400.0, "admin": 86_400.0}
#: Seconds of use that may go unnoted: a row need not change with every click.
TOUCH: Final = 600.0
#: Longer cookies are none of ours.
SECRET_LENGTH: Final = 100


@dataclass(frozen=True, slots=True)
class Entry:
    """Whose password it was; app_password is the id of one that opens the webmail alone, None for the account's own."""

    account: int
    app_password: int | None


class Guard:
    """The door of the pages; safe to use from every thread."""

    def __init__(self, world: World, logins: Logins) -> None:
        self._world, self._logins = world, logins

    def session(self, realm: Realm, cookies: str, secure: bool) -> tuple[SessionRow | None, str]:
        """The live session that a Cookie header proves, and its secret; (None, "") if there is none."""
        secret = read_cookie(cookies, cookie_name(realm, secure))
        if not secret or len(secret) > SECRET_LENGTH:
            return None, ""
        row = self._world.store.read(lambda db: credentials.session(db, self._world.clock, secret))
        if row is None or (row.account_id is None) != (realm == "admin"):
            return None, ""
        return row, secret

    def touch(self, realm: Realm, row: SessionRow, secret: str) -> None:
        """Note that a session is in use; blocks now and then."""
        if self._world.clock.timestamp() - row.seen >= TOUCH:
            self._world.store.write_now(lambda db: credentials.touch_session(db, self._world.clock, secret, LIFETIME[realm]))

    def check_password(self, client: Client, name: str, password: str, code: str = "") -> Entry:
        """Who name, password and code prove to be; CodeWantedError, NotAllowed or TooManyError.  Blocks for some 20 ms."""
        try:
            login = self._logins.check_now(client, name, password, code)
        except SignInRefused as refused:
            raise _refusal(refused) from None
        world = self._world
        standing = world.store.read(lambda db: apppasswords.standing(db, world.clock, login.account, login.credential))
        return Entry(login.account, login.credential if standing.kind == "app" else None)

    def check_admin(self, client: Client, password: str, code: str = "") -> None:
        """That this is the administrator; CodeWantedError, NotAllowed or TooManyError."""
        try:
            self._logins.check_admin(client, password, code)
        except SignInRefused as refused:
            raise _refusal(refused) from None

    def check_again(self, client: Client, account: int | None, password: str, code: str | None = None) -> None:
        """That who is signed in knows the password (None: the administrator's), and a code if one is given; as check_password.

        So a session that somebody else got hold of changes nothing that outlives it.
        """
        try:
            if account is None:
                self._logins.check_admin(client, password, again=True)
            else:
                self._logins.check_again(client, account, password)
            if code is not None:
                self._logins.check_code(client, account, code)
        except SignInRefused as refused:
            raise _refusal(refused) from None

    def sign_in(self, realm: Realm, account_id: int | None, ip: str, agent: str, app_password: int | None = None) -> tuple[SessionRow, str]:
        """A new session and its secret, for the cookie; it is always another one, so nobody can plant a secret that they know."""
        secret, csrf = secret_text(), secret_text()

        def change(db: Connection) -> SessionRow:
            credentials.add_session(db, self._world.clock, account_id, secret, csrf, ip, agent, LIFETIME[realm], app_password)
            row = credentials.session(db, self._world.clock, secret)
            if row is None:
                raise SignedOutError("The account is switched off.")
            return row

        return self._world.store.write_now(change), secret

    def sign_out(self, secret: str) -> None:
        """End the session."""
        self._world.store.write_now(lambda db: credentials.drop_session(db, secret))


def check_token(row: SessionRow, given: str) -> None:
    """SignedOutError unless given is the session's CSRF token (a page of an earlier session has another)."""
    if not hmac.compare_digest(row.csrf.encode(), given.encode("utf-8", "surrogateescape")):
        raise SignedOutError("This page belongs to a session that has ended; load it again.")


def check_owner(row: SessionRow) -> None:
    """NotAllowed for a session that began with an app password: it opens the webmail alone, and every other door asks here."""
    if row.credential_id is not None:
        raise NotAllowed("This browser is signed in with an app password, which opens the webmail alone.")


def check_origin(host: str, origin: str, site: str) -> None:
    """NotAllowed if a request was made by a page of somebody else.

    Browsers say where a request comes from (Origin, Sec-Fetch-Site); programs without
    them have no cookies that a foreign page could use.
    """
    foreign = site not in ("", "same-origin", "none")
    if foreign or (origin and origin.partition("://")[2] != host):
        raise NotAllowed("This call comes from another site.")


def cookie_name(realm: Realm, secure: bool) -> str:
    """The cookie of a realm."""
    name = "pillarbox" if realm == "account" else "pillarbox-admin"
    return f"__Host-{name}" if secure else name


def set_cookie(realm: Realm, secure: bool, secret: str) -> str:
    """The Set-Cookie field that keeps secret in the browser, or takes it away if it is ""."""
    age = int(LIFETIME[realm]) if secret else 0
    return f"{cookie_name(realm, secure)}={secret}; Path=/; Max-Age={age}; HttpOnly; SameSite=Strict{'; Secure' if secure else ''}"


def read_cookie(cookies: str, name: str) -> str:
    """The value of a cookie in a Cookie header, "" if it is not there."""
    for piece in cookies.split(";"):
        key, _, value = piece.strip().partition("=")
        if key == name:
            return value
    return ""


def _refusal(refused: SignInRefused) -> Exception:
    if refused.reply == CODE_WANTED:
        return CodeWantedError(refused.reply.text + ".")
    return NotAllowed(refused.reply.text + ".") if refused.reply.lasting else TooManyError(refused.reply.text + ".")
