"""How many connections each copy of a role holds, in all and by network: numbers in shared memory.

The acceptors listen on the same sockets, and the kernel would let the one that wakes
first take most connections.  Who holds more than another looks away for a moment, so
that they end up evenly loaded without anybody handing anything out.

What one network may have open is a bound for all copies together.  Each copy writes into
a row of its own, so nothing has to be locked, and the sum over the rows is what counts.
"""
import hashlib
import mmap
import os
import struct
from collections.abc import Sequence

from mta.base.tokens import secret_octets

SLOT = struct.Struct("=I")
#: A copy that is not there counts as full.
GONE = 2**32 - 1
#: Counters of one row; networks are spread over them by their hash.  With 2,000 connections
#: nine in ten networks have theirs for themselves; the others are counted a few too high.
COUNTERS = 65_536
#: Octets of the secret at the beginning, with which all hash: strangers cannot choose who shares a counter.
SECRET = 16


class Loads:
    """The numbers of one generation of one role; made before the fork, then seen by all copies.

    descriptor is an open file of the memory; who inherits it (workers.handover) sees the same numbers.
    """

    def __init__(self, copies: int, descriptor: int | None = None) -> None:
        slots, counters = SLOT.size * copies, 2 * COUNTERS * copies
        self.copies = copies
        self.descriptor = os.memfd_create("loads") if descriptor is None else descriptor
        os.ftruncate(self.descriptor, SECRET + slots + counters)
        self._memory = mmap.mmap(self.descriptor, SECRET + slots + counters)
        # Zeroes that nobody has looked at take no memory: other roles than the acceptor never do.
        numbers = memoryview(self._memory)[SECRET + slots:].cast("H")
        self._rows = [numbers[COUNTERS * number:COUNTERS * (number + 1)] for number in range(copies)]
        if descriptor is None:
            self._memory[:SECRET] = secret_octets(SECRET)
            for number in range(copies):
                self.set(number, GONE)

    def close(self) -> None:
        """Hand this memory to nobody any more; whoever sees it goes on seeing it."""
        os.close(self.descriptor)

    def set(self, number: int, connections: int) -> None:
        """Copy number holds that many connections now."""
        SLOT.pack_into(self._memory, SECRET + SLOT.size * number, connections)

    def gone(self, number: int) -> None:
        """Copy number has ended: nobody waits for it, and its guests have gone with it."""
        self.set(number, GONE)
        self._rows[number][:] = memoryview(bytes(2 * COUNTERS)).cast("H")

    def get(self, number: int) -> int:
        """What copy number last said."""
        return int(SLOT.unpack_from(self._memory, SECRET + SLOT.size * number)[0])

    def turn(self, number: int) -> bool:
        """Whether the next connection is for copy number: no other holds fewer."""
        own = self.get(number)
        return all(own <= self.get(other) for other in range(self.copies))

    def crowd(self, number: int) -> "Crowd":
        """Where copy number counts its guests by network."""
        return Crowd(self._rows, number, self._memory[:SECRET])


class Crowd:
    """A mta.judge.rates.Crowd of all copies, seen by one of them."""

    def __init__(self, rows: Sequence[memoryview], number: int, secret: bytes) -> None:
        self._rows, self._own, self._secret = rows, rows[number], secret

    def change(self, key: str, by: int) -> None:
        """So many more of key are with us, or fewer."""
        self._own[self._place(key)] += by

    def size(self, key: str) -> int:
        """How many of key are with any copy."""
        place = self._place(key)
        return sum(row[place] for row in self._rows)

    def _place(self, key: str) -> int:
        # Not hash(): its seed is another one in a copy that a new program forked (workers.handover).
        return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=2, key=self._secret).digest())
