"""web.calls: who may call what, and what they are told."""
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from mta.base.clock import SetClock
from mta.base.events import Event, Recorded
from mta.store import credentials
from tests.web.conftest import Browser
from tests.web.letters import put
from web.call import House
from web.guard import LIFETIME
from web.registry import APIS


def test_signing_in_and_out(stranger: Browser) -> None:
    """A session begins with the right password and ends with sign-out."""
    assert stranger.call("webmail/state")["signed_in"] is False
    state = stranger.call("webmail/login", name="ann@example.org", password="ann's password")
    assert (state["signed_in"], state["account"], state["full_name"]) == (True, "ann", "Ann")
    assert state["identities"] == [{"name": "Ann", "address": "ann@example.org", "signature": ""}]
    assert stranger.call("account/state") == state
    old = dict(stranger.cookies)
    stranger.call("webmail/logout")
    assert stranger.cookies == {}
    stranger.cookies = old
    assert stranger.refused("webmail/mailboxes")["code"] == "user:signedOut"


def test_a_wrong_password(stranger: Browser) -> None:
    """A wrong name and a wrong password are told in the same words."""
    one = stranger.refused("webmail/login", name="ann", password="wrong")
    assert one["code"] == "user:notAllowed"
    assert stranger.refused("webmail/login", name="nobody", password="wrong") == one
    assert stranger.cookies == {}


def test_guessing_ends(stranger: Browser, app: object) -> None:
    """After too many guesses nothing is checked any more, for the administrator's password neither; the owner elsewhere gets in."""
    for _ in range(10):
        stranger.refused("webmail/login", name="ann", password="wrong")
    assert stranger.refused("webmail/login", name="ann", password="ann's password")["code"] == "user:tooMany"
    assert stranger.refused("admin/login", password="admin's password")["code"] == "user:tooMany"
    Browser(stranger.app, ip="203.0.113.1").call("webmail/login", name="ann", password="ann's password")


def test_a_call_needs_its_token(ann: Browser) -> None:
    """The cookie alone is not enough: a page of another site has it too, at worst."""
    for token in ("", "x", ann.token[:-1]):
        assert ann.ask("webmail/mailboxes", {"X-Pillarbox-Csrf": token}).status == 401
    assert ann.ask("webmail/mailboxes").status == 200


@pytest.mark.parametrize("headers", [
    {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "null"},
    {"Content-Type": "text/plain"}, {"Content-Type": "application/x-www-form-urlencoded"}, {"Content-Type": ""},
])
def test_calls_of_other_sites(ann: Browser, headers: dict[str, str]) -> None:
    """Forms and scripts of other sites call nothing, open functions neither."""
    for function in ("webmail/mailboxes", "webmail/state", "webmail/login"):
        assert ann.ask(function, headers).status in (400, 403)


def test_realms_are_apart(ann: Browser, admin: Browser) -> None:
    """An account's session is not the administrator's, nor the other way round, whatever name the cookie goes by."""
    assert ann.refused("admin/overview")["code"] == "user:signedOut"
    assert admin.refused("webmail/mailboxes")["code"] == "user:signedOut"
    admin.cookies = {"__Host-pillarbox": admin.cookies["__Host-pillarbox-admin"]}
    assert admin.refused("webmail/mailboxes")["code"] == "user:signedOut"
    ann.cookies = {"__Host-pillarbox-admin": ann.cookies["__Host-pillarbox"]}
    assert ann.refused("admin/overview")["code"] == "user:signedOut"


def test_a_new_session_for_each_sign_in(ann: Browser) -> None:
    """A secret that was there before a sign-in is worth nothing afterwards (session fixation)."""
    before = dict(ann.cookies)
    ann.call("webmail/login", name="ann", password="ann's password")
    assert ann.cookies != before
    ann.cookies, ann.token = before, ann.token
    assert ann.refused("webmail/mailboxes")["code"] == "user:signedOut"


def test_sessions_end(ann: Browser, clock: SetClock) -> None:
    """A session that is used lives on; one that is not ends."""
    clock.advance(LIFETIME["account"] - 60)
    ann.call("webmail/mailboxes")
    clock.advance(LIFETIME["account"] - 60)
    ann.call("webmail/mailboxes")
    clock.advance(LIFETIME["account"] + 1)
    assert ann.refused("webmail/mailboxes")["code"] == "user:signedOut"


def test_without_tls(app: object, stranger: Browser) -> None:
    """On plain HTTP the session has a cookie of its own."""
    stranger.scheme = "http"
    stranger.call("webmail/login", name="ann", password="ann's password")
    assert list(stranger.cookies) == ["pillarbox"]
    stranger.scheme = "https"
    assert stranger.refused("webmail/mailboxes")["code"] == "user:signedOut"


@pytest.mark.parametrize("function", ["webmail/nothing", "nothing/state", "webmail/__class__"])
def test_functions_that_do_not_exist(stranger: Browser, function: str) -> None:
    """What is not in the table is not there."""
    assert stranger.refused(function)["code"] == "user:notFound"


def test_mistakes_are_told(ann: Browser) -> None:
    """An argument that does not fit is named."""
    assert ann.refused("webmail/page", mailbox_id="one") == {
        "code": "user:badArgument", "message": "Expected `int`, got `str`", "place": "mailbox_id"}
    assert ann.refused("webmail/page", mailbox_id=1, mailbox=2)["code"] == "user:badArgument"


class TestNonsense:
    """The supervisor says something that no program of ours expects."""

    @pytest.fixture
    def told(self) -> Callable[[], Mapping[str, Any]]:
        """No roles at all."""
        return lambda: {"secret of the house": 1, "old": 0.0}

    def test_our_failures(self, admin: Browser, recorded: Recorded) -> None:
        """A failure of ours is noted with what happened, and told without."""
        shown = admin.ask("admin/overview")
        assert (shown.status, shown.json["error"]["code"]) == (500, "server:error")
        assert b"roles" not in shown.body
        [failure] = [record for record in recorded.records if record.event is Event.WEB_ERROR]
        assert failure.facts["problem"] == "KeyError: 'roles'"
        assert failure.facts["path"] == "/api/admin/overview"
        assert failure.facts["where"] == "web.admin"


CLOSED = [f"{api.name}/{function.name}" for api in APIS.values() for function in api.functions.values() if not function.open]


@pytest.mark.parametrize("name", CLOSED)
def test_every_function_asks_who_calls(stranger: Browser, ann: Browser, admin: Browser, name: str) -> None:
    """Without a session, with the other realm's, without the token or with another session's: nothing is done, whatever the function."""
    mine, others = (admin, ann) if name.startswith("admin/") else (ann, admin)
    assert (stranger.ask(name).status, stranger.refused(name)["code"]) == (401, "user:signedOut")
    assert others.ask(name).status == 401
    for token in ("", others.token, mine.token + "x"):
        assert mine.ask(name, {"X-Pillarbox-Csrf": token}).status == 401
    assert mine.ask(name, {"Origin": "https://evil.example"}).status == 403


def test_only_these_are_open() -> None:
    """A function that needs no session is one of these."""
    opened = {f"{api.name}/{function.name}" for api in APIS.values() for function in api.functions.values() if function.open}
    assert opened == {"webmail/state", "webmail/login", "account/state", "account/login", "admin/state", "admin/login"}


def test_no_function_gives_or_takes_what_is_anothers(ann: Browser, house: House) -> None:
    """Bob calls every function with every id that Ann has: he sees nothing of hers, and nothing of hers changes."""
    ids = [put(house.world, subject=f"secret{number}") for number in range(3)]
    kept = ann.call("webmail/draft_save", draft={**ann.call("webmail/compose"), "subject": "secret4", "text": "secret text"})
    bob = Browser(ann.app)
    bob.call("webmail/login", name="bob", password="bob's password")
    hers = everything(ann)
    numbers = {*ids, kept["id"], *(box["id"] for box in hers["mailboxes"]), *(one["id"] for one in hers["sessions"]),
               ann.call("webmail/summaries", ids=ids)[0]["thread_id"]}
    draft = {**kept, "answers": ids[0], "forwards": ids[1], "to": "x@example.net", "attachments": [
        {"name": "x", "kind": "text/plain", "size": 1, "upload": "", "message_id": ids[2], "part": "1"}]}
    for name in CLOSED:
        app, _, function = name.partition("/")
        fields = APIS[app].functions[function].arguments.__struct_fields__
        if app == "admin" or not fields:
            continue
        for number in sorted(numbers):
            given = {"ids": sorted(numbers), "id": number, "mailbox_id": number, "thread_id": number, "before": None, "limit": 50,
                     "draft": draft, "query": "secret", "add": ["\\Seen"], "remove": [], "skip": 0, "mark_seen": True, "all": True}
            shown = bob.ask(name, **{field: given.get(field, f"x{number}") for field in fields})
            assert shown.status < 500, (name, shown.body)
            assert b"secret" not in shown.body, (name, shown.body)
    assert everything(ann) == hers


def everything(browser: Browser) -> dict[str, Any]:
    """All that an account has, as it sees it."""
    boxes = browser.call("webmail/mailboxes")
    return {"mailboxes": boxes, "sessions": browser.call("account/sessions"), "messages": [
        browser.call("webmail/page", mailbox_id=box["id"])["messages"] for box in boxes]}


def test_secrets_are_not_kept(ann: Browser, house: House) -> None:
    """The database has only a hash of what the cookie holds, and knows the browser."""
    secret = ann.cookies["__Host-pillarbox"]
    assert secret.encode() not in house.world.store.mail_db.read_bytes()
    row = house.world.store.read(lambda db: credentials.session(db, house.world.clock, secret))
    assert row is not None
    assert (row.ip, row.agent) == ("192.0.2.9", "Test/1")
