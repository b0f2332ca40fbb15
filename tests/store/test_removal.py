"""mta.store.removal: accounts that were removed; what people see of it is in tests/flow/test_undelete.py."""
import pytest

from mta.base.errors import NotFound
from mta.store import accounts, removal
from mta.store.database import Store
from tests.store.population import add_account


def test_away_and_back(store: Store) -> None:
    """It is in the one list or in the other."""
    ann = add_account(store)
    store.write_now(lambda db: removal.put_away(db, store.clock, ann))
    assert store.read(accounts.all) == []
    assert store.read(lambda db: accounts.by_login(db, "ann@example.org")) is None
    assert [(row.name, since) for row, since in store.read(removal.removed)] == [("ann", store.clock.timestamp())]
    with pytest.raises(NotFound):
        store.write_now(lambda db: removal.put_away(db, store.clock, ann))
    store.write_now(lambda db: removal.bring_back(db, ann))
    assert [row.name for row in store.read(accounts.all)] == ["ann"]
    with pytest.raises(NotFound):
        store.write_now(lambda db: removal.bring_back(db, ann))
