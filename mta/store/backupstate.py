"""What became of the backups that the server makes, and of the tries to restore them: one row of setting."""
from typing import Final

import msgspec

from mta.store.connection import Connection, value

NAME: Final = "backups"
#: Sentences of one trial that are kept.
SAID: Final = 20


class BackupState(msgspec.Struct, frozen=True, omit_defaults=True):
    """Times in seconds since 1970, None for never; problems are sentences, and empty if all was well.

    made and name are of the last good backup; failed and problem of the last attempt, if it came to nothing.
    tested, tested_name and unfit are of the last trial; told is when the postmaster was told last.
    since is when the server was first asked to make backups.
    """

    since: float | None = None
    made: float | None = None
    name: str = ""
    failed: float | None = None
    problem: str = ""
    tested: float | None = None
    tested_name: str = ""
    unfit: tuple[str, ...] = ()
    told: float | None = None


def get(db: Connection) -> BackupState:
    """What is remembered."""
    text = value(db, "SELECT value FROM setting WHERE name = ?", (NAME,))
    return BackupState() if text is None else msgspec.json.decode(text, type=BackupState)


def change(db: Connection, **facts: object) -> BackupState:
    """Remember some of it anew."""
    state = msgspec.structs.replace(get(db), **facts)
    db.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (NAME, msgspec.json.encode(state).decode()))
    return state
