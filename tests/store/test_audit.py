"""mta.store.audit: who changed what."""
from mta.base.clock import SetClock
from mta.base.limits import Limits
from mta.store import audit
from mta.store.database import Store


def add(store: Store, who: str, function: str, arguments: str = "", outcome: str = "ok") -> None:
    """One entry."""
    id = store.write_now(lambda db: audit.begin(db, store.clock, who, "192.0.2.1", function, arguments))
    if outcome != audit.BEGUN:
        store.write_now(lambda db: audit.finish(db, id, outcome))


def test_search(store: Store, clock: SetClock) -> None:
    """All words count, anywhere, in any case; by who and by time; page by page."""
    add(store, "admin", "admin/domain_add", "name=Example.org")
    clock.advance(100)
    add(store, "ann", "account/rule_add", "rule={}", "user:error")
    add(store, "admin", "admin/account_add", "name=bob", audit.BEGUN)

    def found(**asked: object) -> list[str]:
        return [one.function for one in store.read(lambda db: audit.listing(db, **asked))]    # type: ignore[arg-type]

    assert found() == ["admin/account_add", "account/rule_add", "admin/domain_add"]
    assert found(text="example ADMIN") == ["admin/domain_add"]
    assert found(text="begun") == ["admin/account_add"]
    assert found(text="%") == []
    assert found(who="ann") == ["account/rule_add"]
    assert found(since=clock.timestamp()) == ["admin/account_add", "account/rule_add"]
    assert found(before=2) == ["admin/domain_add"]
    assert found(limit=1) == ["admin/account_add"]
    assert found(text="word " * 100) == []


def test_prune(store: Store, clock: SetClock) -> None:
    """What is old goes, and the oldest of what is too much."""
    for at in range(6):
        add(store, "admin", f"f{at}")
    assert store.write_now(lambda db: audit.prune(db, clock, 100, Limits(audit_rows=4))) == 2
    assert [one.function for one in store.read(audit.listing)] == ["f5", "f4", "f3", "f2"]
    clock.advance(Limits().audit_age + 1)
    assert store.write_now(lambda db: audit.prune(db, clock, 3)) == 3
