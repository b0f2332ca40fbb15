"""The numbered steps from every schema that was ever released to the current one.

A step names the database file it changes and runs in one transaction on a copy of it
(see mta.store.migrate).  Number 1 is the baseline: a file of that version was made from
schema.sql as it was then, kept in tests/store/schemas/0001.sql.  Whoever changes
schema.sql after a release adds a module mNNNN_what.py with a function step(db), a line
here, and the snapshot of what was current before.
"""
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import apsw

from mta.store.migrations import (
    m0002_answers,
    m0003_administration,
    m0004_panel,
    m0005_guard,
    m0006_writing,
    m0007_import,
    m0008_keeping,
    m0009_push,
)


@dataclass(frozen=True, slots=True)
class Step:
    """One change of one database: number counts on over all of them."""

    number: int
    database: str
    title: str
    run: Callable[[apsw.Connection], None] | None = None    # None only for the baseline


STEPS: Final[tuple[Step, ...]] = (
    Step(1, "pillarbox.db", "baseline"),
    Step(1, "trace.db", "baseline"),
    Step(1, "search.db", "baseline"),
    Step(1, "learned.db", "baseline"),
    Step(2, "pillarbox.db", "answers, forwarding, masks, identities", m0002_answers.step),
    Step(3, "pillarbox.db", "administration", m0003_administration.step),
    Step(4, "pillarbox.db", "transports and routes", m0004_panel.step),
    Step(5, "pillarbox.db", "what guards accounts", m0005_guard.step),
    Step(5, "trace.db", "the log of sign-ins", m0005_guard.trace_step),
    Step(6, "pillarbox.db", "writing", m0006_writing.step),
    Step(7, "pillarbox.db", "import", m0007_import.step),
    Step(8, "pillarbox.db", "keeping what was removed", m0008_keeping.step),
    Step(9, "pillarbox.db", "browsers that are told of new mail", m0009_push.step),
)

#: The databases that we make and migrate; jobs.db belongs to huey.
DATABASES: Final = ("pillarbox.db", "trace.db", "search.db", "learned.db")


def newest(database: str, steps: tuple[Step, ...] = STEPS) -> int:
    """The version that this program wants database to have (its PRAGMA user_version)."""
    return max(step.number for step in steps if step.database == database)
