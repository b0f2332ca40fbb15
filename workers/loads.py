"""How many connections each copy of a role holds: a few numbers in shared memory.

The acceptors listen on the same sockets, and the kernel would let the one that wakes
first take most connections.  Who holds more than another looks away for a moment, so
that they end up evenly loaded without anybody handing anything out.
"""
import mmap
import struct

SLOT = struct.Struct("=I")
#: A copy that is not there counts as full.
GONE = 2**32 - 1


class Loads:
    """The numbers of one generation of one role; made before the fork, then seen by all copies."""

    def __init__(self, copies: int) -> None:
        self._copies = copies
        self._memory = mmap.mmap(-1, max(SLOT.size * copies, 1))
        for number in range(copies):
            self.gone(number)

    def set(self, number: int, connections: int) -> None:
        """Copy number holds that many connections now."""
        SLOT.pack_into(self._memory, SLOT.size * number, connections)

    def gone(self, number: int) -> None:
        """Copy number has ended: nobody waits for it."""
        self.set(number, GONE)

    def get(self, number: int) -> int:
        """What copy number last said."""
        return int(SLOT.unpack_from(self._memory, SLOT.size * number)[0])

    def turn(self, number: int) -> bool:
        """Whether the next connection is for copy number: no other holds fewer."""
        own = self.get(number)
        return all(own <= self.get(other) for other in range(self._copies))
