"""Notices of new mail to browsers: thin, who is told of what is for mta.flow.pushing, telling for mta.flow.notifying."""
from mta.flow import notifying, preferences, pushing
from mta.secure import webpush
from mta.store.credentials import SessionRow
from mta.store.pushes import BrowserRow
from web.api.pushing import Push, PushBrowser
from web.call import Call
from web.rpc import SignedOutError


def push(call: Call) -> Push:
    """The browsers that are told of new mail, what they are told, and the key that a browser needs to subscribe."""
    session, chosen = _session(call), preferences.get(call.world, call.account)
    key = webpush.pack(webpush.public(pushing.own_key(call.world)))
    browsers = [_shown(row, session) for row in pushing.browsers(call.world, call.account)]
    return Push(key, session.created, chosen.push_details, chosen.push_everywhere, browsers)


def push_on(call: Call, endpoint: str, key: str, secret: str) -> Push:
    """Tell this browser of new mail from now on, until this session ends.

    All three are of its PushSubscription: the keys are `p256dh` and `auth`, base64url.
    """
    pushing.add(call.world, call.account, _session(call).id, endpoint, key, secret, call.agent, by=call.by)
    return push(call)


def push_renew(call: Call, old: str, endpoint: str, key: str, secret: str) -> None:
    """This browser has another subscription now; `old` is the endpoint it had.  user:notFound if that is not of this session."""
    pushing.renew(call.world, call.account, _session(call).id, old, endpoint, key, secret)


def push_off(call: Call, id: int) -> Push:
    """Tell one of the account's browsers nothing more."""
    pushing.remove(call.world, call.account, id, by=call.by)
    return push(call)


def push_test(call: Call, id: int) -> str:
    """Tell a browser something now, to see whether it works; the push service that took it.  user:error says what it answered instead."""
    return call.wait(notifying.trial(call.world, call.account, id))


def push_choose(call: Call, details: bool | None = None, everywhere: bool | None = None) -> Push:
    """What notices say, and of which mailboxes; null leaves a choice as it is."""
    chosen = {"push_details": details, "push_everywhere": everywhere}
    preferences.change(call.world, call.account, {name: value for name, value in chosen.items() if value is not None}, by=call.by)
    return push(call)


FUNCTIONS = (push, push_on, push_renew, push_off, push_test, push_choose)


def _session(call: Call) -> SessionRow:
    if call.session is None:
        raise SignedOutError("Nobody is signed in.")
    return call.session


def _shown(row: BrowserRow, session: SessionRow) -> PushBrowser:
    return PushBrowser(
        row.id, row.agent, pushing.host(row), row.created, row.used, row.failed, row.failure, row.session_id == session.id)
