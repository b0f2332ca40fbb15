"""mta.store.imported: what was imported ever."""
from mta.message.flags import Flags
from mta.store import imported
from mta.store.database import Store
from mta.store.imported import FolderRow, Known
from tests.store.population import add_account


def test_keys() -> None:
    """Of content and place; "" is any place."""
    assert imported.key_of(b"x" * 32, "Inbox") == imported.key_of(b"x" * 32, "Inbox")
    assert len({imported.key_of(content, place) for content in (b"x" * 32, b"y" * 32) for place in ("", "Inbox", "Sent")}) == 6


def test_known_again(store: Store) -> None:
    """With the flags that the source had last, each account for itself."""
    ann, bob = add_account(store), add_account(store, "bob")
    for known in (Known(7, Flags.SEEN, ("a", "b")), Known(7, Flags.FLAGGED, ())):
        store.write_now(lambda db, known=known: imported.note(db, ann, b"k", known))    # type: ignore[misc]  # a lambda with a default
        assert store.read(lambda db: imported.get(db, ann, b"k")) == known
    assert store.read(lambda db: imported.get(db, bob, b"k")) is None
    assert store.write_now(lambda db: imported.forget(db, ann, 10)) == 1
    assert store.read(lambda db: imported.get(db, ann, b"k")) is None


def test_folders_of_other_servers(store: Store) -> None:
    """How far each was looked at, until its UIDVALIDITY changes."""
    ann = add_account(store)

    def folder(uidvalidity: int) -> FolderRow:
        return store.write_now(lambda db: imported.folder(db, ann, "ann at old", "INBOX", uidvalidity))

    row = folder(1)
    for uid, key in ((5, b"five"), (3, None), (9, b"nine")):
        store.write_now(lambda db, uid=uid, key=key: imported.took(db, row.id, uid, key))    # type: ignore[misc]  # defaults
    assert folder(1) == FolderRow(row.id, 1, 9)
    assert store.read(lambda db: imported.keys(db, row.id, [3, 5, 9, 11])) == {5: b"five", 9: b"nine"}
    assert folder(2) == FolderRow(row.id, 2, 0)
    assert store.write_now(lambda db: imported.forget(db, ann, 10)) == 2
