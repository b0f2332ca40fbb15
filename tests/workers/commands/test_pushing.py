"""workers.commands.pushing: browsers that are told of new mail."""
from mta.base.clock import SystemClock
from mta.base.names import Address
from mta.store import accounts, credentials, pushes
from mta.store.connection import Connection
from mta.store.database import Store
from tests.pushservice import Browser
from tests.workers.commands.conftest import Typing


def subscribed(typed: Typing) -> int:
    """Ann's browser, switched on in a page."""
    typed("domain add example.org")
    typed("account add ann --address ann@example.org --no-password")
    clock, receiver = SystemClock(), Browser.new().receiver

    def change(db: Connection) -> int:
        account = accounts.by_login(db, str(Address.parse("ann@example.org")))
        assert account is not None
        session = credentials.add_session(db, clock, account.id, "secret", "csrf", "192.0.2.1", "Firefox", 86_400.0)
        return pushes.add(db, clock, account.id, session, "https://push.invalid/secret", receiver.key, receiver.secret, "Firefox")

    store = Store.open(typed.directory / "data", clock)
    try:
        return store.write_now(change)
    finally:
        store.close()


def test_browsers(typed: Typing) -> None:
    """Listed without what is secret, and removed."""
    id = subscribed(typed)
    [row] = typed.json("push list")
    assert (row["account"], row["id"], row["browser"], row["service"], row["used"]) == ("ann", id, "Firefox", "push.invalid", None)
    assert typed.json("push list ann") == [row]
    assert "secret" not in str(row)
    typed(f"push remove ann {id}")
    assert typed.json("push list") == []
    assert typed.attempt(f"push remove ann {id}")[0] == 1


def test_trial(typed: Typing) -> None:
    """It says what the matter is; here the service's name does not exist."""
    id = subscribed(typed)
    status, _, problem = typed.attempt(f"push test ann {id}")
    assert status == 1
    assert "did not take it: push.invalid" in problem
    assert "push.invalid" in typed.json("push list ann")[0]["failure"]


def test_choices(typed: Typing) -> None:
    """What notices say is a choice of the account."""
    subscribed(typed)
    typed("account set ann --no-push-details --push-everywhere")
    [row] = typed.json("account show ann")
    assert (row["push_details"], row["push_everywhere"]) == (False, True)
