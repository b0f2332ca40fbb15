"""mta.store.pushes: who is told, and what is still to be told."""
import pytest

from mta.base.clock import SetClock
from mta.base.errors import NotFound
from mta.base.limits import LIMITS
from mta.store import accounts, apppasswords, credentials, pushes, removal
from mta.store.connection import Connection
from mta.store.database import Store
from mta.store.pushes import BrowserRow, Notice
from tests.store.population import add_account

ME, OTHER = "reporter-0:1:1:aaaaaa", "reporter-0:2:1:bbbbbb"


def session(store: Store, account: int, secret: str = "s", lifetime: float = 86_400.0) -> int:
    """Somebody signs in."""
    return store.write_now(lambda db: credentials.add_session(db, store.clock, account, secret, "csrf", "192.0.2.1", "Browser", lifetime))


def add(store: Store, account: int, name: str = "one") -> int:
    """A browser, in a session of its own."""
    signed_in = session(store, account, name)
    return store.write_now(lambda db: pushes.add(
        db, store.clock, account, signed_in, f"https://push.test/{name}", b"k" * 65, b"s" * 16, f"Browser {name}"))


def note(store: Store, account: int, message: int) -> None:
    """A message came."""
    store.write_now(lambda db: pushes.note(db, store.clock, account, message))


def claim(store: Store, owner: str = ME) -> Notice | None:
    """Take one."""
    return store.write_now(lambda db: pushes.claim(db, store.clock, owner))


def browsers(store: Store, account: int) -> list[BrowserRow]:
    """Those of the account."""
    return store.read(lambda db: pushes.all(db, account))


def test_our_key_is_made_once(store: Store) -> None:
    """Whoever comes second gets the first one's."""
    assert store.read(pushes.key) is None
    assert store.write_now(lambda db: pushes.keep_key(db, b"one")) == b"one"
    assert store.write_now(lambda db: pushes.keep_key(db, b"two")) == b"one"
    assert store.read(pushes.key) == b"one"


def test_what_comes_is_gathered(store: Store, clock: SetClock, rung: list[str]) -> None:
    """One notice for what came until it is sent, the next a little later for what came meanwhile."""
    ann, bob = add_account(store), add_account(store, "bob")
    add(store, ann)
    rung.clear()
    note(store, bob, 1)
    assert rung == []
    assert store.read(pushes.next_due) is None
    note(store, ann, 5)
    note(store, ann, 6)
    assert "reporter" in rung
    notice = claim(store)
    assert notice is not None
    assert (notice.messages, notice.message, notice.attempts, notice.browser.agent) == (2, 6, 0, "Browser one")
    assert claim(store, OTHER) is None
    note(store, ann, 7)
    store.write_now(lambda db: pushes.told(db, clock, notice, ME))
    assert claim(store) is None
    clock.advance(LIMITS.push_gather)
    later = claim(store)
    assert later is not None
    assert (later.messages, later.message) == (1, 7)
    store.write_now(lambda db: pushes.told(db, clock, later, ME))
    assert store.read(pushes.next_due) is None
    clock.advance(3.0)
    note(store, ann, 8)
    due = store.read(pushes.next_due)
    assert due == clock.timestamp() + LIMITS.push_gather - 3.0


def test_a_clock_that_was_ahead(store: Store, clock: SetClock) -> None:
    """What was told, or put off, by a clock that was wrong keeps nobody from being told by the right one."""
    ann = add_account(store)
    add(store, ann)
    clock.advance(50_000.0)
    note(store, ann, 5)
    first = claim(store)
    assert first is not None
    store.write_now(lambda db: pushes.told(db, clock, first, ME))
    clock.advance(-50_000.0)
    note(store, ann, 6)
    assert store.read(pushes.next_due) == clock.timestamp() + LIMITS.push_gather
    clock.advance(50_000.0)
    second = claim(store)
    assert second is not None
    store.write_now(lambda db: pushes.again(db, clock, second, ME, 30.0, "it is busy"))
    clock.advance(-50_000.0)
    note(store, ann, 7)
    assert store.read(pushes.next_due) == clock.timestamp() + LIMITS.push_pause_most


def test_again_and_dropped(store: Store, clock: SetClock) -> None:
    """What is put off keeps its count; who takes nothing for long is forgotten."""
    ann = add_account(store)
    add(store, ann)
    note(store, ann, 5)
    first = claim(store)
    assert first is not None
    store.write_now(lambda db: pushes.again(db, clock, first, ME, 30.0, "busy"))
    assert claim(store) is None
    note(store, ann, 6)
    clock.advance(30.0)
    for number in range(LIMITS.push_failures):
        notice = claim(store)
        assert notice is not None
        assert (notice.messages, notice.attempts) == ((2, 1) if not number else (1, 0))
        assert [row.failure for row in browsers(store, ann)] == ["busy" if not number else "no"]
        gone = store.write_now(lambda db, notice=notice: pushes.failed(db, clock, notice, ME, "no"))  # type: ignore[misc]  # bound now
        assert gone is (number == LIMITS.push_failures - 1)
        note(store, ann, 7)
        clock.advance(LIMITS.push_gather)
    assert browsers(store, ann) == []


def test_a_lost_claim_changes_nothing(store: Store, clock: SetClock) -> None:
    """The lease ran out, somebody else has it; or its process is dead."""
    ann = add_account(store)
    add(store, ann)
    note(store, ann, 5)
    first = claim(store)
    clock.advance(LIMITS.lease + 1)
    second = claim(store, OTHER)
    assert first is not None
    assert second is not None
    store.write_now(lambda db: pushes.needless(db, clock, first, ME))
    assert claim(store) is None
    assert store.write_now(lambda db: pushes.release_all(db, "reporter")) == 1
    assert claim(store) == second


def test_it_ends_with_the_session(store: Store, clock: SetClock) -> None:
    """Signed out, run out, switched off, removed."""
    ann = add_account(store)
    for name, end in {
        "out": lambda db: credentials.drop_session(db, "out"),
        "late": lambda db: clock.advance(90_000.0),
        "off": lambda db: accounts.update(db, ann, enabled=False),
    }.items():
        add(store, ann, name)
        note(store, ann, 5)
        store.write_now(end)
        assert claim(store) is None, name
        assert browsers(store, ann) == [], name
    store.write_now(lambda db: accounts.update(db, ann, enabled=True))
    add(store, ann)
    store.write_now(lambda db: removal.put_away(db, clock, ann))
    assert browsers(store, ann) == []


def test_it_ends_with_an_app_password(store: Store, clock: SetClock) -> None:
    """A session that began with one is over when that has run out, though its row is there still."""
    ann = add_account(store)

    def change(db: Connection) -> None:
        keys = credentials.make_keys("an app password")
        password = apppasswords.add(db, clock, ann, "telephone", ("webmail",), clock.timestamp() + 60.0, keys)
        signed_in = credentials.add_session(db, clock, ann, "s", "csrf", "192.0.2.1", "Browser", 86_400.0, password)
        pushes.add(db, clock, ann, signed_in, "https://push.test/one", b"k" * 65, b"s" * 16, "")
        pushes.note(db, clock, ann, 5)

    store.write_now(change)
    clock.advance(61.0)
    assert claim(store) is None
    assert browsers(store, ann) == []


def test_gone_is_what_was_called(store: Store) -> None:
    """A browser whose endpoint was renewed while its service said that the old one is gone stays."""
    ann = add_account(store)
    id = add(store, ann)
    [before] = browsers(store, ann)
    store.write_now(lambda db: pushes.renew(db, id, "https://push.test/new", b"n" * 65, b"t" * 16))
    store.write_now(lambda db: pushes.forget(db, before))
    [after] = browsers(store, ann)
    store.write_now(lambda db: pushes.forget(db, after))
    assert browsers(store, ann) == []


def test_an_endpoint_is_there_once(store: Store) -> None:
    """Whoever has the browser now is told; a session has one; the most of an account are bounded, the least used goes."""
    ann, bob = add_account(store), add_account(store, "bob")
    add(store, ann)
    signed_in = session(store, bob, "bob")

    def again(db: Connection, endpoint: str) -> int:
        return pushes.add(db, store.clock, bob, signed_in, endpoint, b"k" * 65, b"s" * 16, "")

    store.write_now(lambda db: again(db, "https://push.test/one"))
    assert browsers(store, ann) == []
    store.write_now(lambda db: again(db, "https://push.test/two"))
    assert [row.endpoint for row in browsers(store, bob)] == ["https://push.test/two"]
    first = add(store, ann, "first")
    store.write_now(lambda db: pushes.tried(db, store.clock, first, "no"))
    for number in range(LIMITS.push_browsers):
        store.clock.advance(1.0)  # type: ignore[attr-defined]  # the clock of this test
        add(store, ann, f"more-{number}")
    assert len(browsers(store, ann)) == LIMITS.push_browsers
    assert first not in [row.id for row in browsers(store, ann)]


def test_renewed_and_removed(store: Store) -> None:
    """A new endpoint takes the place of another that had it; removing is for one's own."""
    ann, bob = add_account(store), add_account(store, "bob")
    first, second = add(store, ann, "one"), add(store, ann, "two")
    store.write_now(lambda db: pushes.renew(db, first, "https://push.test/two", b"n" * 65, b"t" * 16))
    assert [(row.id, row.endpoint, row.key[:1]) for row in browsers(store, ann)] == [(first, "https://push.test/two", b"n")]
    found = store.read(lambda db: pushes.find(db, ann, "https://push.test/two"))
    assert found is not None
    assert found.id == first
    assert store.read(lambda db: pushes.find(db, bob, "https://push.test/two")) is None
    for account, id in ((bob, first), (ann, second)):
        with pytest.raises(NotFound):
            store.write_now(lambda db, account=account, id=id: pushes.remove(db, account, id))  # type: ignore[misc]  # bound now
    store.write_now(lambda db: pushes.remove(db, ann, first))
    assert store.read(pushes.everybody) == []
