"""What the processes cost in memory, and how the supervisor keeps that small."""
import ctypes
import gc
import re
from typing import Final

#: madvise(2): drop pages; those of a file are read from it again when somebody wants them.
MADV_DONTNEED: Final = 4
#: proc(5), smaps: start, end, rights, then offset, device, inode and path of a file.
MAPPING: Final = re.compile(rb"([0-9a-f]+)-([0-9a-f]+) r-[x-]p \S+ \S+ [1-9]\d* +/\S")


def freeze() -> None:
    """Before the fork: what there is will stay, and collecting garbage must not touch it, or it would be copied."""
    gc.collect()
    gc.freeze()


def forget_libraries() -> int:
    """Drop the pages of libraries that we needed for importing and hardly will again; how many octets were mapped.

    The supervisor imports for all and then sleeps.  The processes it forked have these
    pages where they use them; without this, ours would be counted beside theirs.
    """
    madvise = ctypes.CDLL(None).madvise
    madvise.argtypes = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int
    octets, mapped = 0, None
    with open("/proc/self/smaps", "rb") as lines:
        for line in lines.read().splitlines():
            if b"-" in line[:20]:
                mapped = MAPPING.match(line)
            # What somebody has written to is no longer the file's: relocated tables are read-only now, but were not.
            elif mapped and line.startswith(b"Anonymous:") and line.split()[1] == b"0":
                start, end = int(mapped[1], 16), int(mapped[2], 16)
                if madvise(start, end - start, MADV_DONTNEED) == 0:
                    octets += end - start
    return octets


def share(pid: int) -> int:
    """Octets of memory that a process answers for, what it shares divided by how many share it (PSS); 0 if we may not know."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", "rb") as lines:
            return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(b"Pss:")), 0)
    except OSError:
        return 0
