"""The administrator's own two-factor sign-in, and how accounts sign in: their app passwords, second factors and sign-ins."""
from mta.flow import apppasswords, freezing, people, twofactor
from mta.store import accounts as account_rows
from mta.store import signins
from mta.store.connection import Connection
from web.api.guard import AccountGuard
from web.api.proving import Enrolment, SignIn, TwoFactor
from web.call import Call
from web.proving import PAGE, shown_attempt, shown_enrolment, shown_factor, shown_freeze, shown_passwords

#: Sign-ins on the page of an account.
FEW = 20


def two_factor(call: Call) -> TwoFactor:
    """Whether the administrator's sign-in takes a code."""
    return shown_factor(call, None)


def two_factor_begin(call: Call, password: str) -> Enrolment:
    """A picture for the administrator's authenticator; it counts only after two_factor_confirm."""
    call.house.guard.check_again(call.client, None, password)
    return shown_enrolment(twofactor.begin(call.world, None, "admin"))


def two_factor_confirm(call: Call, code: str) -> list[str]:
    """Switch it on with a code of the authenticator; the recovery codes, shown once.  The other administrator sessions end."""
    return twofactor.confirm(call.world, None, code, keep=call.session.id if call.session else None, by=call.by)


def two_factor_codes(call: Call, password: str, code: str) -> list[str]:
    """New recovery codes in place of all there were; takes password and a code."""
    call.house.guard.check_again(call.client, None, password, code)
    return twofactor.renew_codes(call.world, None, by=call.by)


def two_factor_off(call: Call, password: str, code: str) -> TwoFactor:
    """Let the password alone sign the administrator in again; takes password and a code, or a recovery code."""
    call.house.guard.check_again(call.client, None, password, code)
    twofactor.switch_off(call.world, None, by=call.by)
    return two_factor(call)


def account_guard(call: Call, name: str) -> AccountGuard:
    """How an account signs in: its second factor, app passwords and latest sign-ins."""
    row = people.get_account(call.world, name)
    latest = signins.ask(call.world.store, lambda db: signins.listing(db, account_id=row.id, limit=FEW))
    return AccountGuard(shown_freeze(call, row.id), shown_factor(call, row.id), shown_passwords(call, row.id),
                        [shown_attempt(one, row.name) for one in latest])


def account_two_factor_off(call: Call, name: str) -> AccountGuard:
    """Switch two-factor sign-in of an account off, for who has lost telephone and recovery codes."""
    twofactor.switch_off(call.world, people.get_account(call.world, name).id, by=call.by)
    return account_guard(call, name)


def account_app_password_remove(call: Call, name: str, id: int) -> AccountGuard:
    """Let an app password of an account open nothing any more."""
    apppasswords.remove(call.world, people.get_account(call.world, name).id, id, by=call.by)
    return account_guard(call, name)


def account_freeze(call: Call, name: str, reason: str = "") -> AccountGuard:
    """Stop an account from sending; what it has in the queue waits, it still gets mail.  Its owner is told."""
    freezing.freeze(call.world, people.get_account(call.world, name).id, reason, by=call.by)
    return account_guard(call, name)


def account_unfreeze(call: Call, name: str) -> AccountGuard:
    """Let an account send again, and what waited goes."""
    freezing.unfreeze(call.world, people.get_account(call.world, name).id, by=call.by)
    return account_guard(call, name)


def sign_ins(call: Call, text: str = "", failed: bool | None = None, before: int | None = None) -> list[SignIn]:
    """Who signed in and who tried to, the newest 100; text is looked for in names, addresses and programs."""
    call.world.signins.flush()    # whoever looks has just signed in
    names = {signins.ADMIN: "administrator", **call.world.store.read(_names)}
    rows = signins.ask(call.world.store, lambda db: signins.listing(db, before=before, limit=PAGE, text=text[:PAGE], failed=failed))
    return [shown_attempt(row, names.get(row.account_id, "") if row.account_id is not None else "") for row in rows]


FUNCTIONS = (two_factor, two_factor_begin, two_factor_confirm, two_factor_codes, two_factor_off, account_guard, account_two_factor_off,
             account_app_password_remove, account_freeze, account_unfreeze, sign_ins)


def _names(db: Connection) -> dict[int, str]:
    return {row.id: row.name for row in account_rows.all(db)}
