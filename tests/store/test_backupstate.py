"""mta.store.backupstate: what became of backups."""
from mta.store import backupstate
from mta.store.database import Store


def test_what_is_noted_adds_up(store: Store) -> None:
    """Nothing at first; each note keeps what the others said."""
    assert store.read(backupstate.get) == backupstate.BackupState()
    store.write_now(lambda db: backupstate.change(db, made=1.0, name="a"))
    store.write_now(lambda db: backupstate.change(db, unfit=("damaged",)))
    assert store.read(backupstate.get) == backupstate.BackupState(made=1.0, name="a", unfit=("damaged",))
