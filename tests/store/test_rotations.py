"""mta.store.rotations: keys that take the place of others."""
import pytest

from mta.base.clock import SetClock
from mta.base.errors import Conflict
from mta.base.names import Domain
from mta.store import domains, rotations
from mta.store.connection import Connection
from mta.store.database import Store


def test_one_change(store: Store, clock: SetClock) -> None:
    """Begun, looked at, switched once, over; a key is replaced by one at a time."""
    def keys(db: Connection) -> list[int]:
        domain = domains.add(db, clock, Domain("example.org"))
        return [domains.add_dkim_key(db, clock, domain, name, "ed25519", f"keys/{name}", "x") for name in ("a", "b", "c")]

    old, new, third = store.write_now(keys)
    store.write_now(lambda db: rotations.begin(db, clock, new, old))

    def begin(first: int, second: int) -> None:
        store.write_now(lambda db: rotations.begin(db, clock, first, second))

    for first, second in ((third, old), (third, new), (new, third)):
        with pytest.raises(Conflict):
            begin(first, second)
    store.write_now(lambda db: rotations.looked(db, clock, new, "not there"))
    [found] = store.read(rotations.all)
    assert (found.problem, found.looked, found.switched) == ("not there", clock.timestamp(), None)
    assert store.write_now(lambda db: rotations.switched(db, clock, new, 9.0))
    assert not store.write_now(lambda db: rotations.switched(db, clock, new, 9.0))
    store.write_now(lambda db: rotations.end(db, new))
    assert store.read(rotations.all) == []
