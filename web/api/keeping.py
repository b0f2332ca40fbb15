"""Types about what is kept: backups, accounts and messages that were removed."""
from msgspec import Struct


class BackupLine(Struct, frozen=True):
    """A finished backup: `size` is all of it in octets, `new` what it took beside the one before.

    `trouble` is what was wrong in the data when it was made, `notes` what it lacks besides.
    """

    name: str
    made: float
    messages: int
    accounts: int
    size: int
    new: int
    encrypted: bool
    trouble: list[str]
    notes: list[str]


class Backups(Struct, frozen=True):
    """The backups that the server makes by itself.

    `place` is "" if none are made; `next` when the next one is due, `running` whether one is on its way.  `failed` and `problem` are of
    the last attempt, if it came to nothing; `tested`, `tested_name` and `unfit` of the last trial.  `problems` says what to look at.
    """

    place: str
    encrypted: bool
    hour: int
    keep_daily: int
    keep_weekly: int
    free: int
    next: float | None
    running: bool
    failed: float | None
    problem: str
    tested: float | None
    tested_name: str
    unfit: list[str]
    problems: list[str]
    backups: list[BackupLine]


class RemovedAccount(Struct, frozen=True):
    """An account that was removed; it can be brought back until `until`."""

    name: str
    full_name: str
    messages: int
    size: int
    since: float
    until: float


class DeletedMessage(Struct, frozen=True):
    """A message that was removed for good; `deleted` is null if that was within the last minute, `mailbox` where it was."""

    id: int
    deleted: float | None
    days_left: int
    mailbox: str
    received: float
    sender: str
    subject: str
    size: int


class DeletedMessages(Struct, frozen=True):
    """What was removed for good and can be had back, the last first: `total` and `size` are of all, `quota` bounds them (0: nothing does).

    `days` is how long each is kept.
    """

    messages: list[DeletedMessage]
    total: int
    size: int
    quota: int
    days: int
