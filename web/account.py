"""What people do with their own account: sign in and out, password, sessions; rules and choices are in web.rules.

The webmail's session is the same one, so it uses `state`, `login` and `logout` from here.
"""
from mta import VERSION
from mta.base.errors import NotFound
from mta.flow import identities, people
from mta.store import accounts, changes, credentials
from mta.store.connection import Connection
from mta.store.credentials import SessionRow
from web import away, forwarding, imports, masks, proving, undelete
from web import identities as own
from web.api.account import Identity, SignedIn, State
from web.call import Call
from web.programs import profile_link, programs
from web.rpc import make_api
from web.rules import FUNCTIONS


def state(call: Call) -> State:
    """Who is signed in in this browser.  Works without a session and without a CSRF token."""
    limit = min(call.world.config.smtp.max_message, 2**53)
    hostname = call.world.config.hostname.unicode

    account = call.session.account_id if call.session else None
    pages = list(call.pages)
    known = [Identity(one.name, str(one.address), one.signature) for one in identities.usable(call.world, account)] if account else []

    def question(db: Connection) -> State:
        row = accounts.get(db, account) if account else None
        if row is None or call.session is None:
            return State(False, "", 0, "", "", [], 0, hostname, VERSION, limit, pages, False)
        return State(True, call.session.csrf, row.id, row.name, row.full_name, known, changes.latest(db, row.id), hostname, VERSION,
                     limit, pages, call.session.credential_id is not None)

    return call.world.store.read(question)


def login(call: Call, name: str, password: str, code: str = "") -> State:
    """Sign in with the name of an account or one of its addresses; sets the cookie, for webmail and account pages alike.

    user:notAllowed if name and password do not fit, user:tooMany after too many tries,
    user:codeWanted if the account has two-factor sign-in: call again with the `code` of the
    authenticator, or a recovery code.  An app password for webmail opens the webmail alone.
    """
    entry = call.house.guard.check_password(call.client, name, password, code)
    call.enter(entry.account, entry.app_password)
    return state(call)


def logout(call: Call) -> None:
    """End this session."""
    call.leave()


def password(call: Call, old: str, new: str) -> State:
    """Change the password; all other sessions of the account end, and this one gets a new token."""
    account_id = call.account
    call.house.guard.check_again(call.client, account_id, old)
    people.set_password(call.world, account_name(call, account_id), new, by=call.by)
    call.enter(account_id)
    return state(call)


def sessions(call: Call) -> list[SignedIn]:
    """The browsers that are signed in to this account, the last used first."""
    rows = call.world.store.read(lambda db: credentials.sessions(db, call.world.clock, call.account))
    name = account_name(call, call.account)
    return [signed_in(call, row, name) for row in rows]


def session_end(call: Call, id: int) -> None:
    """Sign one browser out."""
    call.world.store.write_now(lambda db: credentials.end_session(db, call.account, id))


def sessions_end_others(call: Call) -> None:
    """Sign out every browser but this one."""
    kept = call.session.id if call.session else 0

    def change(db: Connection) -> None:
        for row in credentials.sessions(db, call.world.clock, call.account):
            if row.id != kept:
                credentials.end_session(db, call.account, row.id)

    call.world.store.write_now(change)


def account_name(call: Call, account_id: int) -> str:
    """The name of an account; NotFound if it was removed meanwhile."""
    row = call.world.store.read(lambda db: accounts.get(db, account_id))
    if row is None:
        raise NotFound("The account is not there any more.")
    return row.name


def signed_in(call: Call, row: SessionRow, account: str) -> SignedIn:
    """A session as pages show it."""
    return SignedIn(row.id, account, row.created, row.seen, row.ip, row.agent, call.session is not None and row.id == call.session.id)


ACCOUNT = make_api("account", "Account", open=(state, login), closed=(
    logout, password, sessions, session_end, sessions_end_others, programs, profile_link, *FUNCTIONS,
    *proving.FUNCTIONS, *away.FUNCTIONS, *forwarding.FUNCTIONS, *masks.FUNCTIONS, *own.FUNCTIONS,
    *imports.FUNCTIONS, *undelete.FUNCTIONS))
