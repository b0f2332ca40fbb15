"""How much is too much: strangers counted by network, and who guesses passwords.

Counting is by slots of time: what happened in this slot, and the share of the last one
that still lies within the window.  That is exact enough, needs two numbers for each
network, and is the same in memory and in a table that several processes share.

Read on: mta.flow.receive counts connections and messages, mta.flow.login failures.
"""
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from mta.base.limits import LIMITS
from mta.base.names import IPAddress, networks


class Tally(Protocol):
    """Counts by kind and key within windows of time; mta.store has one for all processes."""

    def add(self, kind: str, keys: Sequence[str], window: float) -> None:
        """Something happened to each of keys."""
        ...

    def counts(self, kind: str, keys: Sequence[str], window: float) -> list[float]:
        """How often it happened to each of keys within the last window seconds, about."""
        ...


class MemoryTally:
    """A Tally of one process; of each kind it remembers at most `room` keys in one slot."""

    def __init__(self, timestamp: Callable[[], float], room: int = LIMITS.rate_keys) -> None:
        self._timestamp, self._room = timestamp, room
        self._slots: dict[tuple[str, float], tuple[int, dict[str, int], dict[str, int]]] = {}

    def add(self, kind: str, keys: Sequence[str], window: float) -> None:
        current, _, _ = self._at(kind, window)
        for key in keys:
            if key in current or len(current) < self._room:
                current[key] = current.get(key, 0) + 1

    def counts(self, kind: str, keys: Sequence[str], window: float) -> list[float]:
        current, previous, share = self._at(kind, window)
        return [current.get(key, 0) + share * previous.get(key, 0) for key in keys]

    def _at(self, kind: str, window: float) -> tuple[dict[str, int], dict[str, int], float]:
        """This slot, the one before, and how much of that one still counts."""
        slot, share = slot_and_share(self._timestamp(), window)
        last, current, previous = self._slots.get((kind, window), (slot, {}, {}))
        if slot != last:
            current, previous = {}, current if slot == last + 1 else {}
        self._slots[kind, window] = slot, current, previous
        return current, previous, share


def slot_and_share(now: float, window: float) -> tuple[int, float]:
    """The number of the slot that now lies in, and how much of the one before is within window of now."""
    slot, passed = divmod(now, window)
    return int(slot), 1.0 - passed / window


@dataclass(frozen=True, slots=True)
class Rate:
    """At most so many of kind within window seconds, from the narrow, the middle and the wide network."""

    kind: str
    window: float
    most: tuple[int, int, int]

    def over(self, tally: Tally, ip: IPAddress) -> str | None:
        """The narrowest network of ip that had its share, or None."""
        keys = network_keys(ip)
        counts = tally.counts(self.kind, keys, self.window)
        return next((key for key, count, most in zip(keys, counts, self.most, strict=True) if count >= most), None)

    def add(self, tally: Tally, ip: IPAddress) -> None:
        """One more from ip."""
        tally.add(self.kind, network_keys(ip), self.window)


class Crowd(Protocol):
    """Who is here at this moment, by key; workers.loads has one for all copies of a role."""

    def change(self, key: str, by: int) -> None:
        """So many more of key have come, or have gone if by is negative."""
        ...

    def size(self, key: str) -> int:
        """How many of key are here."""
        ...


class MemoryCrowd:
    """The Crowd of one process."""

    def __init__(self) -> None:
        self._here: dict[str, int] = {}

    def change(self, key: str, by: int) -> None:
        left = self._here.get(key, 0) + by
        if left:
            self._here[key] = left
        else:
            del self._here[key]

    def size(self, key: str) -> int:
        return self._here.get(key, 0)


class Places:
    """Things that are open at the same time (connections), by network."""

    def __init__(self, most: tuple[int, int, int], crowd: Crowd) -> None:
        self._most, self._crowd = most, crowd

    def take(self, ip: IPAddress) -> str | None:
        """Take a place; or, if there is none, the narrowest network of ip that is full."""
        keys = network_keys(ip)
        for key, most in zip(keys, self._most, strict=True):
            if self._crowd.size(key) >= most:
                return key
        for key in keys:
            self._crowd.change(key, 1)
        return None

    def leave(self, ip: IPAddress) -> None:
        """Give back a place that was taken."""
        for key in network_keys(ip):
            self._crowd.change(key, -1)


@lru_cache(maxsize=4_096)
def network_keys(ip: IPAddress) -> tuple[str, str, str]:
    """The three networks that ip is counted by, narrow to wide, as text."""
    narrow, middle, wide = networks(ip)
    return str(narrow), str(middle), str(wide)
