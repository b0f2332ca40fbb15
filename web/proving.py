"""How the owner of an account proves who they are: app passwords, two-factor sign-in, and who signed in.

What outlives a session takes the account's own password once more.
"""
from mta.flow import apppasswords, twofactor
from mta.store import accounts, freezes, signins
from mta.store.apppasswords import AppPassword as Row
from mta.store.signins import SignIn as Attempt
from web.api.proving import AppPassword, Enrolment, Frozen, NewAppPassword, Scope, SignIn, TwoFactor
from web.call import Call
from web.programs import qr_code
from web.rpc import SignedOutError

#: Entries of the log of sign-ins on one page.
PAGE = 100


def app_passwords(call: Call) -> list[AppPassword]:
    """The app passwords of the account, without the passwords."""
    return shown_passwords(call, call.account)


def app_password_add(call: Call, password: str, label: str, scopes: list[Scope], until: str = "") -> NewAppPassword:
    """A new app password for one program, good until the end of a day like 2030-01-31 ("": for ever).

    `password` is the account's own: user:notAllowed if it is wrong.
    """
    call.house.guard.check_again(call.client, call.account, password)
    days = apppasswords.days_until(call.world, until)
    _, text = apppasswords.add(call.world, call.account, label, scopes, days, by=call.by)
    return NewAppPassword(text, app_passwords(call))


def app_password_remove(call: Call, id: int) -> list[AppPassword]:
    """Let an app password open nothing any more; webmail sessions that began with it end."""
    apppasswords.remove(call.world, call.account, id, by=call.by)
    return app_passwords(call)


def two_factor(call: Call) -> TwoFactor:
    """Whether signing in takes a code."""
    return shown_factor(call, call.account)


def two_factor_begin(call: Call, password: str) -> Enrolment:
    """A picture for an authenticator; it counts only after two_factor_confirm.  `password` is the account's own."""
    call.house.guard.check_again(call.client, call.account, password)
    row = call.world.store.read(lambda db: accounts.get(db, call.account))
    if row is None:
        raise SignedOutError("The account is not there any more.")
    return shown_enrolment(twofactor.begin(call.world, call.account, row.name))


def two_factor_confirm(call: Call, code: str) -> list[str]:
    """Switch two-factor sign-in on with a code of the authenticator; the recovery codes, shown once.  Other browsers are signed out."""
    return twofactor.confirm(call.world, call.account, code, keep=call.session.id if call.session else None, by=call.by)


def two_factor_codes(call: Call, password: str, code: str) -> list[str]:
    """New recovery codes in place of all there were; takes password and a code."""
    call.house.guard.check_again(call.client, call.account, password, code)
    return twofactor.renew_codes(call.world, call.account, by=call.by)


def two_factor_off(call: Call, password: str, code: str) -> TwoFactor:
    """Let the password alone sign in again; takes password and a code, or a recovery code."""
    call.house.guard.check_again(call.client, call.account, password, code)
    twofactor.switch_off(call.world, call.account, by=call.by)
    return two_factor(call)


def sign_ins(call: Call, before: int | None = None) -> list[SignIn]:
    """Who signed in to the account, and who tried to: the newest 100, or those before an id."""
    call.world.signins.flush()    # whoever looks has just signed in
    rows = signins.ask(call.world.store, lambda db: signins.listing(db, account_id=call.account, before=before, limit=PAGE))
    return [shown_attempt(row, "") for row in rows]


def frozen(call: Call) -> Frozen | None:
    """Why the account cannot send at the moment; null if it can."""
    return shown_freeze(call, call.account)


FUNCTIONS = (frozen, app_passwords, app_password_add, app_password_remove, two_factor, two_factor_begin, two_factor_confirm,
             two_factor_codes, two_factor_off, sign_ins)


def shown_passwords(call: Call, account: int) -> list[AppPassword]:
    """The app passwords of an account as pages show them."""
    return [_password(row, call.world.clock.timestamp()) for row in apppasswords.listing(call.world, account)]


def shown_factor(call: Call, account: int | None) -> TwoFactor:
    """The second factor of an account (None: the administrator)."""
    now = twofactor.standing(call.world, account)
    return TwoFactor(now.on, now.since, now.codes)


def shown_freeze(call: Call, account: int) -> Frozen | None:
    """The freeze of an account, if one stands."""
    one, waiting = call.world.store.read(lambda db: (freezes.standing(db, account), freezes.waiting(db, account)))
    return None if one is None else Frozen(one.since, one.reason, one.by, waiting)


def shown_enrolment(enrolment: twofactor.Enrolment) -> Enrolment:
    """With its picture."""
    return Enrolment(qr_code(enrolment.address), enrolment.secret)


def shown_attempt(row: Attempt, account: str) -> SignIn:
    """An entry of the log of sign-ins."""
    return SignIn(row.id, row.first, row.latest, row.times, account, row.name, row.outcome, row.service, row.ip, row.place, row.new_place,
                  row.agent, row.credential, row.trace)


def _password(row: Row, now: float) -> AppPassword:
    return AppPassword(row.id, row.label, list(row.scopes), row.created, row.expires, row.expires is not None and row.expires <= now,
                       row.used, row.used_from, row.used_for)
