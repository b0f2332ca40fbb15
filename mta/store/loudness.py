"""What the log is to have more or less of for a while: a small file that every process of the server looks at.

No row of the database, since whoever notes something may be in the middle of a change.
"""
import contextlib
import fcntl
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mta.base.clock import Clock
from mta.base.events import LEVELS

NAME: Final = "log-levels.json"
LOCK: Final = "log-levels.lock"
#: Octets of it that are read, and seconds between two looks.
LARGEST, EVERY = 65_536, 1.0


@dataclass(frozen=True, slots=True)
class Loud:
    """From which level on events of a module are logged, until when (seconds since 1970)."""

    level: str
    until: float


def load(directory: Path, now: float) -> dict[str, Loud]:
    """What holds at now, by module; nothing if the file cannot be understood."""
    try:
        with open(directory / NAME, "rb") as source:
            found = json.loads(source.read(LARGEST))
        made = {str(module): Loud(level, float(until)) for module, (level, until) in found.items() if level in LEVELS}
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return {}
    return {module: loud for module, loud in made.items() if loud.until > now}


def change(directory: Path, now: float, module: str, wanted: Loud | None) -> None:
    """Let this hold for a module, None: what the configuration says.  Two who do so at once lose nothing of each other's."""
    lock = os.open(directory / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)    # held for two small files, by nobody else
        levels = load(directory, now)
        levels.pop(module, None)
        if wanted is not None:
            levels[module] = wanted
        _save(directory, levels)
    finally:
        os.close(lock)


def _save(directory: Path, levels: Mapping[str, Loud]) -> None:
    """Put these in place of what was there."""
    path, new = directory / NAME, directory / f".{NAME}.{os.getpid()}"
    text = json.dumps({module: [loud.level, loud.until] for module, loud in levels.items()})
    with contextlib.suppress(FileNotFoundError):
        new.unlink()
    with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as target:
        target.write(text)
    os.replace(new, path)


class Loudness:
    """The level of each module for one process; looks at the file once a second."""

    def __init__(self, directory: Path, clock: Clock) -> None:
        self._directory, self._clock = directory, clock
        self._looked, self._stamp = float("-inf"), (0, 0)
        self._levels: dict[str, Loud] = {}

    def __call__(self, module: str) -> str | None:
        """From which level on events of module are logged; None is as the configuration says."""
        now = self._clock.monotonic()
        if now - self._looked >= EVERY:
            self._looked = now
            self._look()
        found = self._levels.get(module)
        return found.level if found is not None and found.until > self._clock.timestamp() else None

    def _look(self) -> None:
        try:
            known = os.stat(self._directory / NAME)
            stamp = known.st_mtime_ns, known.st_ino
        except OSError:
            stamp = (0, 0)
        if stamp != self._stamp:
            self._stamp = stamp
            self._levels = load(self._directory, self._clock.timestamp())
