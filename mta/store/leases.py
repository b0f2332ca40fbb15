"""Leases: who works on a row, and until when.

A row is claimed by an owner for LIMITS.lease seconds; whoever works longer renews, and
whoever dies lets it run out.  The owner is the incarnation of a role, so that its
successor need not wait for that: whichever copy of a role starts gives back at once what
dead incarnations of any copy held, since there may be fewer copies now than there were.
During a reload two incarnations of a role live side by side; the living one keeps its
rows.

Text of an owner: role-number:pid:start:random, where start is the kernel's start time of
that process, which tells it from a later one with the same pid.
"""
import os
from collections.abc import Iterable
from pathlib import Path

from mta.base.clock import Clock
from mta.base.limits import LIMITS
from mta.base.tokens import short_id
from mta.store.connection import Connection


def incarnation(role: str, number: int = 0) -> str:
    """The owner text of this process; made once, after the fork."""
    pid = os.getpid()
    return f"{role}-{number}:{pid}:{_started(pid)}:{short_id(6)}"


def until(clock: Clock) -> float:
    """When a lease taken or renewed now runs out, seconds since 1970."""
    return clock.timestamp() + LIMITS.lease


def alive(owner: str) -> bool:
    """True if the process that owner names still runs; False too for a text we did not write."""
    _, _, rest = owner.partition(":")
    pid, _, rest = rest.partition(":")
    start, _, _ = rest.partition(":")
    return pid.isdecimal() and start.isdecimal() and start != "0" and _started(int(pid)) == int(start)


def role_of(owner: str) -> str:
    """The role that owner is an incarnation of, whichever copy."""
    return owner.partition(":")[0].rpartition("-")[0]


def dead(owners: Iterable[str], role: str) -> list[str]:
    """Those of owners that are incarnations of role and whose process is gone."""
    return [owner for owner in owners if role_of(owner) == role and not alive(owner)]


def release_all(db: Connection, table: str, role: str) -> int:
    """Give back what dead incarnations of role hold in a table; how many rows.  What a living one holds stays, also during a reload."""
    # By the beginning of their text, which an index of claimed_by finds at once where there is one.
    held = db.execute(
        f"SELECT DISTINCT claimed_by FROM {table} WHERE claimed_by >= ? AND claimed_by < ?", (f"{role}-", f"{role}-\U0010ffff"))
    freed = 0
    for owner in dead([owner for owner, in held], role):
        db.execute(f"UPDATE {table} SET claimed_by = NULL, claimed_until = NULL WHERE claimed_by = ?", (owner,))
        freed += db.changes()
    return freed


def _started(pid: int) -> int:
    """When process pid started, in clock ticks since boot; 0 if there is none."""
    try:
        line = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return 0
    # proc(5): field 2 is the name in parentheses and may hold spaces; start time is field 22.
    fields = line.rpartition(b")")[2].split()
    if fields[0] in (b"Z", b"X"):
        return 0    # it has ended and only waits to be reaped
    return int(fields[19])
