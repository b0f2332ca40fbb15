"""Passwords and web sessions."""
import time

import pytest

from mta.base.clock import SetClock
from mta.base.errors import NotFound, UserError
from mta.base.sasl import ScramServer
from mta.base.saslclient import Scram
from mta.store import accounts, credentials
from mta.store.connection import value
from mta.store.credentials import Checked, SessionRow
from mta.store.database import Store
from tests.store.population import add_account


def password(store: Store, account: int, text: str, label: str = "password", kind: str = "password") -> int:
    """Give the account a password."""
    return store.write_now(lambda db: credentials.set_password(db, store.clock, account, text, label, kind))


def check(store: Store, name: str, text: str) -> Checked | None:
    """Who signs in so."""
    return store.read(lambda db: credentials.check_password(db, name, text))


def test_a_password_opens_its_account(store: Store) -> None:
    """By name and by address, in whatever form the characters come; nothing else does."""
    account = add_account(store)
    credential = password(store, account, "pässword")

    for name in ("ann", "ANN", "ann@example.org"):
        assert check(store, name, "pässword") == Checked(account, credential)
    assert check(store, "ann", "pa\u0308ssword") == Checked(account, credential)
    for name, text in (("ann", "wrong"), ("ann", ""), ("bob", "pässword"), ("ann", "x\0"), ("ann", "x" * 5_000), ("ann", "\ud800")):
        assert check(store, name, text) is None


def test_several_passwords_share_their_salt(store: Store) -> None:
    """So that one SCRAM exchange can try them all; one with the same label takes the other's place."""
    account = add_account(store)
    first, phone = password(store, account, "one"), password(store, account, "two", "phone", "app")
    secrets = store.read(lambda db: credentials.scram_secrets(db, "ann"))

    assert [key[0] for key in secrets.keys] == [first, phone]
    assert check(store, "ann", "two") == Checked(account, phone)
    second = password(store, account, "three")
    assert check(store, "ann", "one") is None
    assert check(store, "ann", "three") == Checked(account, second)
    rows = store.read(lambda db: credentials.all(db, account))
    assert [(row.kind, row.label) for row in rows] == [("app", "phone"), ("password", "password")]
    store.write_now(lambda db: credentials.note_used(db, store.clock, phone))
    assert store.read(lambda db: credentials.all(db, account))[0].used == store.clock.timestamp()
    store.write_now(lambda db: credentials.remove(db, account, phone))
    with pytest.raises(NotFound):
        store.write_now(lambda db: credentials.remove(db, account, phone))


@pytest.mark.parametrize("text", ["one", "two"])
def test_scram_with_the_kept_keys(store: Store, text: str) -> None:
    """A whole exchange succeeds with each of the passwords (RFC 7677)."""
    account = add_account(store)
    ids = {"one": password(store, account, "one"), "two": password(store, account, "two", "phone", "app")}
    secrets = store.read(lambda db: credentials.scram_secrets(db, "ann"))
    client = Scram("ann", text)
    server = ScramServer(client.begin(), "nonce", {}, plus=False)
    credential, last = server.verify(client.answer(server.challenge(secrets)), secrets)
    client.answer(last)

    assert client.done
    assert credential == ids[text]


def test_an_unknown_name_looks_like_any_other(store: Store) -> None:
    """Its salt is as long, always the same, and there is the same work to do; other names have other salts."""
    account = add_account(store)
    password(store, account, "x")
    real, false = (store.read(lambda db, name=name: credentials.scram_secrets(db, name)) for name in ("ann", "bob"))    # type: ignore[misc]

    assert (len(false.salt), false.iterations) == (len(real.salt), real.iterations)
    assert (false.keys, false.account_id) == ((), None)
    assert store.read(lambda db: credentials.scram_secrets(db, "BOB")) == false
    assert store.read(lambda db: credentials.scram_secrets(db, "carl")).salt != false.salt
    spent = []
    for name in ("ann", "bob"):
        started = time.process_time()
        check(store, name, "wrong")
        spent.append(time.process_time() - started)
    assert min(spent) > 0.001


def test_a_disabled_account_cannot_sign_in(store: Store) -> None:
    """Its password is right, but opens nothing; its sessions are over."""
    account = add_account(store)
    password(store, account, "x")
    store.write_now(lambda db: credentials.add_session(db, store.clock, account, "s", "c", "192.0.2.1", "Browser", 60))
    before = store.read(lambda db: credentials.scram_secrets(db, "ann"))
    store.write_now(lambda db: accounts.update(db, account, enabled=False))

    assert check(store, "ann", "x") is None
    assert store.read(lambda db: credentials.scram_secrets(db, "ann")).salt == before.salt
    assert store.read(lambda db: credentials.session(db, store.clock, "s")) is None


@pytest.mark.parametrize("text", ["", "x" * 2_000, "a\nb", "\x00"])
def test_passwords_that_cannot_be(store: Store, text: str) -> None:
    """Nothing, too much, or control characters."""
    account = add_account(store)
    with pytest.raises(UserError):
        password(store, account, text)


def test_bounds(store: Store) -> None:
    """An account that does not exist has no password, and one that does not too many."""
    account = add_account(store)
    with pytest.raises(NotFound):
        password(store, 99, "x")
    password(store, account, "x")
    store.write_now(lambda db: db.execute("""
        WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 49)
        INSERT INTO credential (account_id, kind, label, salt, iterations, stored_key, server_key, created)
        SELECT account_id, 'app', n, salt, iterations, x'', x'', 0 FROM credential, number""").fetchall())
    with pytest.raises(UserError, match="50"):
        password(store, account, "y", "one more", "app")
    password(store, account, "z")


def test_the_administrator(store: Store) -> None:
    """Has one password, which opens no account; a new one ends all sessions."""
    account = add_account(store, "admin")
    assert not store.read(credentials.has_admin)
    assert not store.read(lambda db: credentials.check_admin(db, "x"))
    store.write_now(lambda db: credentials.set_admin_password(db, store.clock, "first"))
    store.write_now(lambda db: credentials.add_session(db, store.clock, None, "s", "c", "192.0.2.1", "Browser", 60))
    store.write_now(lambda db: credentials.set_admin_password(db, store.clock, "second"))

    assert store.read(credentials.has_admin)
    assert store.read(lambda db: credentials.check_admin(db, "second"))
    assert not store.read(lambda db: credentials.check_admin(db, "first"))
    assert check(store, "admin", "second") is None
    assert store.read(lambda db: credentials.all(db, account)) == []
    assert store.read(lambda db: credentials.sessions(db, store.clock, None)) == []


def test_web_sessions(store: Store, clock: SetClock) -> None:
    """A session is found by its secret until it ends; use prolongs it."""
    account = add_account(store)
    now = clock.timestamp()
    id = store.write_now(lambda db: credentials.add_session(db, clock, account, "secret", "csrf", "192.0.2.1", "Browser" * 100, 100))
    assert store.read(lambda db: credentials.session(db, clock, "secret")) == SessionRow(
        id, account, "csrf", now, now, now + 100, "192.0.2.1", ("Browser" * 100)[:200])
    assert store.read(lambda db: credentials.session(db, clock, "other")) is None
    assert store.read(lambda db: value(db, "SELECT count(*) FROM web_session WHERE secret = 'secret'")) == 0
    clock.advance(60)
    store.write_now(lambda db: credentials.touch_session(db, clock, "secret", 100))
    clock.advance(60)
    row = store.read(lambda db: credentials.session(db, clock, "secret"))
    assert row is not None
    assert (row.seen, row.expires) == (now + 60, now + 160)
    assert store.read(lambda db: credentials.sessions(db, clock, account)) == [row]
    clock.advance(40)

    assert store.read(lambda db: credentials.session(db, clock, "secret")) is None
    store.write_now(lambda db: credentials.touch_session(db, clock, "secret", 100))
    assert store.read(lambda db: credentials.session(db, clock, "secret")) is None
    store.write_now(lambda db: credentials.add_session(db, clock, account, "new", "csrf", "192.0.2.1", "", 100))
    assert store.read(lambda db: value(db, "SELECT count(*) FROM web_session")) == 1


def test_signing_out(store: Store) -> None:
    """Here, or everywhere; others stay signed in."""
    account = add_account(store)
    for secret, owner in (("a", account), ("b", account), ("c", account), ("admin", None)):
        store.write_now(lambda db, secret=secret, owner=owner: credentials.add_session(    # type: ignore[misc]  # a lambda with defaults
            db, store.clock, owner, secret, "csrf", "192.0.2.1", "", 100))
    store.write_now(lambda db: credentials.drop_session(db, "a"))
    assert store.read(lambda db: credentials.session(db, store.clock, "a")) is None

    assert store.write_now(lambda db: credentials.drop_sessions(db, account)) == 2
    assert store.read(lambda db: credentials.session(db, store.clock, "admin")) is not None
