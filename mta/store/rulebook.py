"""The rules of accounts as they were read last: judging a message must not read 200 rules for each recipient.

What is kept holds as long as the account's rules have the same version, which is asked in
the same transaction as all else; so a rule counts from its commit on, in every process.

Read on: mta.store.rules gives the versions.
"""
import threading
from collections import OrderedDict
from typing import Final

from mta.judge.rules import Rule
from mta.store import rules
from mta.store.connection import Connection

#: Accounts and rules that are kept, together; a rule takes about a kilobyte.
ROOM: Final = 3_000


class Rulebook:
    """The kept rules of one process; safe to use from every thread."""

    def __init__(self, room: int = ROOM) -> None:
        self._room, self._taken = room, 0
        self._kept: OrderedDict[int, tuple[int, tuple[Rule, ...]]] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, db: Connection, account_id: int) -> tuple[Rule, ...]:
        """The rules of an account that are switched on, in their order; only in a question of Store.read.

        Within a change a version could be seen that is taken back, and comes again with other rules.
        """
        version = rules.version(db, account_id)
        with self._lock:
            kept = self._kept.get(account_id)
            if kept and kept[0] == version:
                self._kept.move_to_end(account_id)
                return kept[1]
        found = tuple(rule for rule in rules.all(db, account_id) if rule.enabled)
        with self._lock:
            self._keep(account_id, version, found)
        return found

    def _keep(self, account_id: int, version: int, found: tuple[Rule, ...]) -> None:
        self._forget(account_id)
        self._kept[account_id] = version, found
        self._taken += 1 + len(found)
        while self._taken > self._room:
            self._forget(next(iter(self._kept)))

    def _forget(self, account_id: int) -> None:
        known = self._kept.pop(account_id, None)
        if known:
            self._taken -= 1 + len(known[1])
