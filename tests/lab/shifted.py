"""The command `pillarbox` with a clock that tests move: python -m tests.lab.shifted FILE WORDS…

All that Pillarbox does with time goes by SystemClock, so the shift of that is enough: days
pass at once, while waits go on as they do.  FILE holds the seconds to be added, as a
double; it is mapped into memory before the processes of the server are made, so each of
them sees a change at once, whatever it may open.  Other programs go by the machine's own
clock, and OpenSSL does: certificates and signatures of zones must hold on both.
"""
import mmap
import struct
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

SHIFT = struct.Struct("=d")


class Shift:
    """The seconds between the machine's clock and that of the servers that were started with its file."""

    def __init__(self, file: Path) -> None:
        with file.open("r+b" if file.exists() else "w+b") as opened:
            if file.stat().st_size < SHIFT.size:
                opened.write(SHIFT.pack(0.0))
                opened.flush()
            self._octets = mmap.mmap(opened.fileno(), SHIFT.size)

    def timestamp(self) -> float:
        """What the servers' clocks show, seconds since 1970."""
        shift: float = SHIFT.unpack_from(self._octets)[0]
        return time.time() + shift

    def set(self, timestamp: float) -> None:
        """Let the clocks show that time now."""
        SHIFT.pack_into(self._octets, 0, timestamp - time.time())


def main() -> int:
    """Run the command; its exit status."""
    from mta.base.clock import SystemClock
    from workers import command

    shift = Shift(Path(sys.argv[1]))
    SystemClock.timestamp = lambda self: shift.timestamp()    # type: ignore[method-assign]
    SystemClock.now = lambda self: datetime.fromtimestamp(shift.timestamp(), UTC)    # type: ignore[method-assign]
    return command.main(sys.argv[2:])


if __name__ == "__main__":
    sys.exit(main())
