"""Counters that every process keeps and one page shows, for Prometheus.

Each process has a small file in one folder, mapped into memory, and counts events there:
one addition, no lock and no system call.  Whoever is asked for the page adds up all files.
A file belongs to the process that holds its lock; a process that starts takes over the
file of a dead one of its role, so that counters only grow, and there are no more files
than processes ran at the same time.

Why not prometheus-client's multiprocess mode: it costs 6 MB and 40 ms to import, keeps a file
for every process that ever lived, and takes twice as long to count (1.6 us instead of 0.7).

The supervisor is root and writes nothing where others may; it tells what it counted when asked.

The folder is emptied when the server starts (fresh()), by the unprivileged user who owns it.
Files begin with a header: magic, length of the names, pid, start (seconds since 1970);
then the names of the events, the counters (unsigned 64 bit), and slots for exceptions,
each 56 octets of a module's name and a counter.
"""
import fcntl
import itertools
import json
import mmap
import os
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final, Self

from mta.base.events import Event, Record

MAGIC: Final = b"PBoxMet1"
HEADER: Final = struct.Struct("8sQQd")
#: Modules that may have had an unexpected exception, in one process; later ones share the last slot.
SLOTS: Final = 32
NAME: Final = 56
OTHERS: Final = "others"
EVENTS: Final = tuple(Event)
#: What may tell of an exception that nobody foresaw.
UNFORESEEN: Final = frozenset((Event.UNEXPECTED, Event.WEB_ERROR))
PLACE: Final = {event: number for number, event in enumerate(EVENTS)}
NAMES: Final = json.dumps([event.key for event in EVENTS]).encode()
#: Where the counters begin: behind the names, on a multiple of eight.
COUNTERS: Final = HEADER.size + (len(NAMES) + 7) // 8 * 8
SIZE: Final = COUNTERS + 8 * len(EVENTS) + SLOTS * (NAME + 8)
#: The content type of the page (Prometheus exposition format 0.0.4).
CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Gauge:
    """A value that the page shows beside the counters; kind is "gauge" or "counter"."""

    name: str
    help: str
    values: Sequence[tuple[Mapping[str, str], float]]
    kind: str = "gauge"


class Meter:
    """The counters of one process; a sink of its Journal.  Made after the fork and after the drop of privileges."""

    def __init__(self, folder: Path, role: str, number: int = 0, *, now: float = 0.0) -> None:
        self._closed = False
        self._file = _take(folder, role, number)
        os.ftruncate(self._file, SIZE)
        self._map = mmap.mmap(self._file, SIZE)
        if self._map[:8] != MAGIC:
            self._map[HEADER.size:HEADER.size + len(NAMES)] = NAMES
        HEADER.pack_into(self._map, 0, MAGIC, len(NAMES), os.getpid(), now)
        self._cells = memoryview(self._map)[COUNTERS:].cast("Q")
        # A step of count() cannot be interrupted by another thread; a += 1 could.
        self._counts = [itertools.count(self._cells[number] + 1) for number in range(len(EVENTS))]
        self._modules = {name: slot for slot in range(SLOTS) if (name := self._name(slot))}
        self._module_counts = [itertools.count(self._cells[self._cell(slot)] + 1) for slot in range(SLOTS)]

    def __call__(self, record: Record) -> None:
        """Count the event; nothing once closed."""
        if self._closed:
            return
        place = PLACE[record.event]
        self._cells[place] = next(self._counts[place])
        if record.event not in UNFORESEEN:
            return
        # where begins with a module, up to a space; trouble that was foreseen names none.
        if module := str(record.facts["where"]).partition(" ")[0]:
            slot = self._slot(module)
            self._cells[self._cell(slot)] = next(self._module_counts[slot])

    def close(self) -> None:
        """Give the file to whoever comes next."""
        self._closed = True
        self._cells.release()
        self._map.close()
        os.close(self._file)

    def _slot(self, module: str) -> int:
        """The slot of a module, a new one if there is room."""
        name = module.encode("utf-8", "replace")[:NAME].decode("utf-8", "ignore")
        if name not in self._modules:
            if len(self._modules) >= SLOTS - 1:
                name = OTHERS
            slot = self._modules.setdefault(name, len(self._modules))
            start = COUNTERS + 8 * self._cell(slot) - NAME
            self._map[start:start + NAME] = name.encode().ljust(NAME, b"\0")
        return self._modules[name]

    def _name(self, slot: int) -> str:
        start = COUNTERS + 8 * self._cell(slot) - NAME
        return self._map[start:start + NAME].rstrip(b"\0").decode("utf-8", "replace")

    @staticmethod
    def _cell(slot: int) -> int:
        """The index of a slot's counter among the cells; its name lies in front of it."""
        return len(EVENTS) + slot * (NAME // 8 + 1) + NAME // 8


def fresh(folder: Path) -> None:
    """Make folder, empty.  Before any role starts, as the user the roles run as."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in folder.glob("*.counts"):
        path.unlink(missing_ok=True)


def exposition(
    folder: Path, roles: Iterable[str], gauges: Iterable[Gauge] = (), told: Mapping[str, Mapping[str, int]] = {},
) -> bytes:
    """The page: every event for every role (0 if it never happened), exceptions by module, processes, gauges.

    told are events of roles that keep no file, by role and key of the event.
    """
    roles = [*roles, *told]
    processes = list(_processes(folder))
    events = {(role, event.key): 0 for role in roles for event in EVENTS}
    modules = {(role, module): 0 for role in roles for module in our_modules()}
    for process in processes:
        for key, count in process.events.items():
            events[process.role, key] = events.get((process.role, key), 0) + count
        for module, count in process.modules.items():
            modules[process.role, module] = modules.get((process.role, module), 0) + count
    for role, counts in told.items():
        events.update({(role, key): count for key, count in counts.items()})
    living = [process for process in processes if process.pid]
    page = [
        Gauge("pillarbox_events_total", "What happened, by event and role.",
              [({"role": role, "event": key}, count) for (role, key), count in events.items()], "counter"),
        Gauge("pillarbox_unexpected_total", "Exceptions that the program did not foresee, by role and module.",
              [({"role": role, "module": module}, count) for (role, module), count in modules.items()], "counter"),
        Gauge("pillarbox_process_start_time_seconds", "When the process started, seconds since 1970.",
              [(process.labels, process.started) for process in living]),
        Gauge("pillarbox_process_resident_memory_bytes", "Memory of the process, what it shares with others included.",
              [(process.labels, _resident(process.pid)) for process in living]),
        Gauge("pillarbox_process_cpu_seconds_total", "Processor time of the process.",
              [(process.labels, _cpu(process.pid)) for process in living], "counter"),
        *gauges,
    ]
    return "".join(itertools.chain.from_iterable(map(_lines, page))).encode()


@cache
def our_modules() -> tuple[str, ...]:
    """The names of all modules of the program, without importing them."""
    root = Path(__file__).resolve().parent.parent.parent
    paths = (path for top in ("mta", "web", "workers") for path in (root / top).rglob("*.py"))
    return tuple(sorted({".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__") for path in paths}))


# --- files ---------------------------------------------------------------------------------


def _take(folder: Path, role: str, number: int) -> int:
    """A locked file for this process: a dead one's of the same role, number and program, or a new one."""
    for path in sorted(folder.glob(f"{role}.{number}.*.counts")):
        file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        if _lock(file) and os.pread(file, len(NAMES), HEADER.size) == NAMES and os.fstat(file).st_size == SIZE:
            return file
        os.close(file)
    for attempt in itertools.count():
        path = folder / f"{role}.{number}.{os.getpid()}-{attempt}.counts"
        try:
            file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except FileExistsError:
            continue
        fcntl.flock(file, fcntl.LOCK_EX)    # only a reader of the page may have it, for a moment
        return file
    raise AssertionError("unreachable")


def _lock(file: int) -> bool:
    """Take the lock of a file; False if somebody has it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@dataclass(slots=True)
class _Process:
    """What one file says; pid is 0 if its process is gone."""

    role: str
    number: str
    pid: int
    started: float
    events: dict[str, int] = field(default_factory=dict)
    modules: dict[str, int] = field(default_factory=dict)

    @property
    def labels(self) -> dict[str, str]:
        return {"role": self.role, "number": self.number, "pid": str(self.pid)}

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """What the file at path says, or None if it is no file of ours (yet)."""
        try:
            file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return None
        try:
            octets = os.pread(file, 1 << 20, 0)
            alive = not _lock(file)
        finally:
            os.close(file)
        role, number, _ = path.name.split(".", 2)
        if len(octets) < HEADER.size or not octets.startswith(MAGIC):
            return None
        _, length, pid, started = HEADER.unpack_from(octets)
        process = cls(role, number, pid if alive else 0, started)
        names = json.loads(octets[HEADER.size:HEADER.size + length])
        at = HEADER.size + (length + 7) // 8 * 8
        counts = struct.unpack_from(f"{len(names)}Q", octets, at)
        process.events = dict(zip(names, counts, strict=True))
        for start in range(at + 8 * len(names), len(octets) - NAME, NAME + 8):
            if name := octets[start:start + NAME].rstrip(b"\0").decode("utf-8", "replace"):
                [process.modules[name]] = struct.unpack_from("Q", octets, start + NAME)
        return process


def _processes(folder: Path) -> Iterator[_Process]:
    for path in sorted(folder.glob("*.counts")):
        process = _Process.read(path)
        if process is not None:
            yield process


def _cpu(pid: int) -> float:
    """Seconds of processor time, user and system; 0 if the process is gone."""
    try:
        # proc(5): field 2 is the name in parentheses and may hold spaces; 14 and 15 are ticks.
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, IndexError):
        return 0.0


def _resident(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * float(os.sysconf("SC_PAGE_SIZE"))
    except (OSError, IndexError):
        return 0.0


# --- the page ----------------------------------------------------------------------------------


def _lines(gauge: Gauge) -> Iterator[str]:
    yield f"# HELP {gauge.name} {gauge.help}\n# TYPE {gauge.name} {gauge.kind}\n"
    for labels, value in gauge.values:
        inside = ",".join(f'{name}="{_escaped(text)}"' for name, text in labels.items())
        number = str(value) if isinstance(value, int) else repr(float(value))
        yield f"{gauge.name}{{{inside}}} {number}\n" if inside else f"{gauge.name} {number}\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
