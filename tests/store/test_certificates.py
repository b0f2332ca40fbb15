"""mta.store.certificates: how certificates stand, over restarts."""
import pytest

from mta.base.clock import SetClock
from mta.base.limits import LIMITS
from mta.store import certificates
from mta.store.certificates import Attempt, LeftOut, Standing
from mta.store.connection import Connection
from mta.store.database import Store


def test_what_is_remembered(store: Store) -> None:
    """Each field by itself; of what nothing happened to, there is nothing."""
    assert store.read(lambda db: certificates.get(db, "host-ec")) == Standing("host-ec")
    store.write_now(lambda db: certificates.change(db, "host-ec", failures=2, wanted=True, problem="rate limited"))
    store.write_now(lambda db: certificates.change(db, "host-ec", order_url="https://ca/1", left_out={"a.example": LeftOut("no", 1, 5.0)}))

    found = store.read(lambda db: certificates.get(db, "host-ec"))

    assert found == Standing("host-ec", "https://ca/1", 2, 0.0, True, "rate limited", {"a.example": LeftOut("no", 1, 5.0)})
    with pytest.raises(TypeError, match="no names"):
        store.write_now(lambda db: certificates.change(db, "host-ec", names=()))


def test_what_is_no_longer_needed_is_forgotten(store: Store) -> None:
    """Rows go with the domains they were about."""
    for label in ("host-ec", "a.example", "b.example"):
        store.write_now(lambda db, label=label: certificates.change(db, label, failures=1))    # type: ignore[misc]
    assert store.write_now(lambda db: certificates.forget_others(db, ["host-ec", "b.example"])) == 1
    assert [row.label for row in store.read(certificates.all)] == ["b.example", "host-ec"]


def test_history(store: Store, clock: SetClock) -> None:
    """The newest first, as they were, and not for ever."""
    came = Attempt(clock.timestamp(), "host-ec", "An Authority", ("a.example", "b.example"), 9e9, "", 8e9)
    failed = Attempt(clock.timestamp(), "host-rsa", "https://ca/dir", ("a.example",), None, "no", None)
    for one in (came, failed):
        store.write_now(lambda db, one=one: certificates.attempted(db, one))    # type: ignore[misc]
    assert store.read(lambda db: certificates.history(db, 9)) == [failed, came]
    assert store.read(lambda db: certificates.history(db, 1)) == [failed]
    earlier = Attempt(clock.timestamp() - 60, "self-signed-ec", "Us", (), 7e9, "", None)
    store.write_now(lambda db: certificates.attempted(db, earlier))
    assert store.read(lambda db: certificates.history(db, 9)) == [failed, came, earlier], "by when it was, not by when it was noted"
    assert [store.read(lambda db, end=end: certificates.came(db, "host-ec", end)) for end in (9e9, 8e9)] == [True, False]    # type: ignore[misc]

    def many(db: Connection) -> None:
        for _ in range(LIMITS.certificate_events):
            certificates.attempted(db, failed)
    store.write_now(many)
    assert store.read(lambda db: certificates.history(db, 9_999)) == [failed] * LIMITS.certificate_events


def test_accounts(store: Store, clock: SetClock) -> None:
    """One for each authority; its key is known before the authority knows it."""
    assert store.read(lambda db: certificates.account(db, "https://ca/dir")) is None
    row = store.write_now(lambda db: certificates.add_account(db, clock, "https://ca/dir", "keys/one"))
    again = store.write_now(lambda db: certificates.add_account(db, clock, "https://ca/dir", "keys/two"))
    assert row == again
    assert (row.path, row.url) == ("keys/one", "")
    store.write_now(lambda db: certificates.registered(db, "https://ca/dir", "https://ca/acct/1", "me@a.example", "kid"))
    found = store.read(lambda db: certificates.account(db, "https://ca/dir"))
    assert found is not None
    assert (found.url, found.contact, found.eab_kid) == ("https://ca/acct/1", "me@a.example", "kid")
