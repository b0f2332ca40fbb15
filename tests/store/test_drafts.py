"""mta.store.drafts: versions of a draft."""
from mta.store import drafts, messages
from mta.store.database import Store
from mta.store.drafts import Version
from tests.store.population import add_account, deliver, mailbox


def test_versions(store: Store) -> None:
    """The newest is known, for its own account alone; with its message it is gone."""
    account = add_account(store)
    first, second = (deliver(store, mailbox(store, account)).id for _ in range(2))
    store.write_now(lambda db: drafts.note(db, account, first, "line", "desk"))
    assert store.read(lambda db: drafts.newest(db, account, "line")) == Version(first, "desk")
    assert store.read(lambda db: drafts.newest(db, account + 1, "line")) is None
    store.write_now(lambda db: drafts.note(db, account, second, "line", "phone"))
    assert store.read(lambda db: (drafts.newest(db, account, "line"), drafts.lineage_of(db, second), drafts.lineage_of(db, first))) == (
        Version(second, "phone"), "line", "")
    store.write_now(lambda db: messages.expunge(db, account, [second]))
    assert store.read(lambda db: drafts.newest(db, account, "line")) is None
