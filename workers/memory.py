"""What the processes cost in memory, and how the supervisor keeps that small."""
import ctypes
import gc
import re
import sys
from typing import Final

#: madvise(2): drop pages; those of a file are read from it again when somebody wants them.
MADV_DONTNEED: Final = 4
#: proc(5), smaps: start, end, rights, then offset, device, inode and path of a file.
MAPPING: Final = re.compile(rb"([0-9a-f]+)-([0-9a-f]+) r-[x-]p \S+ \S+ [1-9]\d* +/\S")
#: Sizes of gaps between the things in memory that are worth filling, in octets; malloc rounds them up.
GAPS: Final = tuple(1 << power for power in range(16, 3, -1))
#: mallopt(3): M_ARENA_MAX, M_TRIM_THRESHOLD, and M_MMAP_THRESHOLD, which would no longer find its own measure.
MALLOC: Final = {-8: 1, -1: 65_536, -3: 1 << 20}


class _Heap(ctypes.Structure):
    """struct mallinfo2 of mallinfo(3): what malloc has; keepcost is what is free at its end."""

    _fields_ = tuple((name, ctypes.c_size_t) for name in (
        "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"))


def freeze() -> None:
    """Before the fork: what there is will stay, and nobody should touch it, or it would be copied.

    Collecting garbage would, so it will not look there; new things in the gaps between
    the old ones would, so the gaps are filled.
    """
    give_back_soon()
    sys.path_importer_cache.clear()    # the names in every folder that was imported from
    gc.collect()
    gc.freeze()
    fill_gaps()


def give_back_soon() -> None:
    """Let malloc, here and in what is forked, have one heap for all threads and keep little that is free at its end.

    Each thread would get a heap of its own, and each heap grow to what it once needed
    (measured: 3 MB of the whole tree).  Threads do not get into each other's way: nearly
    all that they ask malloc for, they ask while they hold Python's lock.
    """
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        for option, figure in MALLOC.items():
            libc.mallopt(option, figure)


def fill_gaps() -> int:
    """Take for good what malloc has free between things that stay; how many octets.

    A third of a megabyte in hundreds of pieces, but each process would copy the page
    around each of them (measured: 4 MB of the whole tree).  Needs the malloc of glibc 2.33
    or later, and leaves any other as it is.
    """
    libc = ctypes.CDLL(None)
    if not hasattr(libc, "mallinfo2"):
        return 0
    libc.mallinfo2.restype = _Heap
    libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, (ctypes.c_size_t,)
    libc.free.argtypes = ctypes.c_void_p,
    taken = 0
    for size in GAPS:
        end = libc.mallinfo2().keepcost
        while (place := libc.malloc(size)) and libc.mallinfo2().keepcost == end:
            taken += size
        libc.free(place)    # it came from the end, where new things may go
    return taken


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
