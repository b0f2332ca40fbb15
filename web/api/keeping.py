"""Types about what is kept: backups, accounts and messages that were removed."""
from typing import Literal

from msgspec import Struct


class BackupLine(Struct, frozen=True):
    """A finished backup: `size` is all of it in octets, `new` what it took beside the one before.

    `trouble` is what was wrong in the data when it was made, `notes` what it lacks besides.  `checked` is when it was compared
    with its hashes or tried last (null: never), `wrong` what was found then.  `path` is where it is.
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
    checked: float | None
    wrong: list[str]
    path: str


class BackupJob(Struct, frozen=True):
    """Work on a backup: it is compared (`kind` "verify"), or mail of `account` comes back to `target`, of one `mailbox` or all ("").

    `done` of `total` files or messages were looked at, `added` messages came back, `chosen` is how many were named (0: all).
    """

    id: int
    kind: Literal["verify", "restore"]
    backup: str
    account: str
    mailbox: str
    chosen: int
    target: str
    by: str
    created: float
    state: Literal["waiting", "running", "stopped", "done", "failed"]
    ended: float | None
    done: int
    total: int
    added: int
    problems: list[str]


class BackupAccount(Struct, frozen=True):
    """An account in a backup, as it was then; `here`: there is one of that name now."""

    name: str
    full_name: str
    messages: int
    size: int
    here: bool


class BackupFolder(Struct, frozen=True):
    """A mailbox in a backup."""

    name: str
    messages: int
    size: int


class BackupMessage(Struct, frozen=True):
    """A message in a backup; `id` is what it is asked for by there."""

    id: int
    received: float
    sender: str
    subject: str
    size: int


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
    jobs: list[BackupJob]


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
