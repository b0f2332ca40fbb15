"""How many connections each copy of a role holds, in all and by network: numbers in shared memory.

The acceptors listen on the same sockets, and the kernel would let the one that wakes
first take most connections.  Who holds more than another looks away for a moment, so
that they end up evenly loaded without anybody handing anything out.

What one network may have open is a bound for all copies together.  Each copy writes into
a row of its own, so nothing has to be locked, and the sum over the rows is what counts.
"""
import mmap
import struct
from collections.abc import Sequence

SLOT = struct.Struct("=I")
#: A copy that is not there counts as full.
GONE = 2**32 - 1
#: Counters of one row; networks are spread over them by their hash.  With 2,000 connections
#: nine in ten networks have theirs for themselves; the others are counted a few too high.
COUNTERS = 65_536


class Loads:
    """The numbers of one generation of one role; made before the fork, then seen by all copies."""

    def __init__(self, copies: int) -> None:
        self._copies = copies
        self._memory = mmap.mmap(-1, max(SLOT.size * copies, 1))
        # Zeroes that nobody has written to take no memory: other roles than the acceptor never do.
        counters = memoryview(mmap.mmap(-1, max(2 * COUNTERS * copies, 1))).cast("H")
        self._rows = [counters[COUNTERS * number:COUNTERS * (number + 1)] for number in range(copies)]
        for number in range(copies):
            self.set(number, GONE)

    def set(self, number: int, connections: int) -> None:
        """Copy number holds that many connections now."""
        SLOT.pack_into(self._memory, SLOT.size * number, connections)

    def gone(self, number: int) -> None:
        """Copy number has ended: nobody waits for it, and its guests have gone with it."""
        self.set(number, GONE)
        self._rows[number][:] = memoryview(bytes(2 * COUNTERS)).cast("H")

    def get(self, number: int) -> int:
        """What copy number last said."""
        return int(SLOT.unpack_from(self._memory, SLOT.size * number)[0])

    def turn(self, number: int) -> bool:
        """Whether the next connection is for copy number: no other holds fewer."""
        own = self.get(number)
        return all(own <= self.get(other) for other in range(self._copies))

    def crowd(self, number: int) -> "Crowd":
        """Where copy number counts its guests by network."""
        return Crowd(self._rows, number)


class Crowd:
    """A mta.judge.rates.Crowd of all copies, seen by one of them."""

    def __init__(self, rows: Sequence[memoryview], number: int) -> None:
        self._rows, self._own = rows, rows[number]

    def change(self, key: str, by: int) -> None:
        """So many more of key are with us, or fewer."""
        # Every copy was forked from one process, so all have the same secret seed of hash().
        self._own[hash(key) % COUNTERS] += by

    def size(self, key: str) -> int:
        """How many of key are with any copy."""
        place = hash(key) % COUNTERS
        return sum(row[place] for row in self._rows)
