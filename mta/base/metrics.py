"""Counters that every process keeps and one page shows, for Prometheus.

Each process has a small file in one folder, mapped into memory, and counts there every
event and what mta.base.measures lists: one addition, no system call.  Whoever is asked
for the page adds up all files.
A file belongs to the process that holds its lock; a process that starts takes over the
file of a dead one of its role, so that counters only grow, and there are no more files
than processes ran at the same time.

Why not prometheus-client's multiprocess mode: it costs 6 MB and 40 ms to import, keeps a file
for every process that ever lived, and takes twice as long to count (1.6 us instead of 0.7).

The supervisor is root and writes nothing where others may; it tells what it counted when asked.

The folder is emptied when the server starts (fresh()), by the unprivileged user who owns it.
Files begin with a header: magic, length of the layout, pid, start (seconds since 1970);
then the layout (which cell is what, as JSON), the cells (unsigned 64 bit, seconds as
microseconds), and slots for exceptions, each 56 octets of a module's name and a counter.
"""
import errno
import fcntl
import itertools
import json
import mmap
import os
import struct
import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final, Self

from mta import VERSION
from mta.base.events import Event, Record
from mta.base.measures import READERS, Measure

#: A cell: the key of an event; or title, labels and part of a measure ("" or a bound, "+Inf", "sum").
Cell = tuple[str, tuple[str, ...], str]

MAGIC: Final = b"PBoxMet2"
HEADER: Final = struct.Struct("8sQQd")
#: Modules that may have had an unexpected exception, in one process; later ones share the last slot.
SLOTS: Final = 32
NAME: Final = 56
OTHERS: Final = "others"
EVENTS: Final = tuple(Event)
#: What may tell of an exception that nobody foresaw.
UNFORESEEN: Final = frozenset((Event.UNEXPECTED, Event.WEB_ERROR))
LAYOUT: Final = json.dumps({
    "events": [event.key for event in EVENTS],
    "measures": [[each.title, list(each.labels.values()), each.bounds if each.kind == "histogram" else None] for each in Measure]}).encode()


def _cells(layout: Mapping[str, Any]) -> Iterator[Cell]:
    """What the cells of a file with this layout are, in order."""
    for key in layout["events"]:
        yield key, (), ""
    for title, labels, bounds in layout["measures"]:
        parts = [""] if bounds is None else [*(_bound(bound) for bound in bounds), "+Inf", "sum"]
        for values in itertools.product(*labels):
            for part in parts:
                yield title, values, part


def _bound(bound: float) -> str:
    return f"{bound:g}"


CELLS: Final = tuple(_cells(json.loads(LAYOUT)))


def _starts() -> list[dict[tuple[str, ...], int]]:
    found: dict[str, dict[tuple[str, ...], int]] = {measure.title: {} for measure in Measure}
    for place, (title, labels, _) in enumerate(CELLS[len(EVENTS):], len(EVENTS)):
        found[title].setdefault(labels, place)
    return list(found.values())


#: The first cell of each measure for each combination of labels; by number of the measure.
STARTS: Final = _starts()
#: READERS by number of the event; to look an Event up in a dictionary takes longer than to count it.
READ: Final = [READERS.get(event) for event in EVENTS]
#: Where the cells begin: behind the layout, on a multiple of eight.
COUNTERS: Final = HEADER.size + (len(LAYOUT) + 7) // 8 * 8
SIZE: Final = COUNTERS + 8 * len(CELLS) + SLOTS * (NAME + 8)
#: Measures that count only while their process lives.
LIVE: Final = frozenset(each.title for each in Measure if each.kind == "gauge")
#: The content type of the page (Prometheus exposition format 0.0.4).
CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Gauge:
    """Values that the page shows beside the measures; kind is "gauge" or "counter"."""

    name: str
    help: str
    values: Sequence[tuple[Mapping[str, str], float]]
    kind: str = "gauge"


@dataclass(frozen=True, slots=True)
class Family:
    """One name on the page, without its values."""

    name: str
    help: str
    labels: tuple[str, ...] = ()
    kind: str = "gauge"

    def of(self, values: Iterable[tuple[tuple[str, ...], float]]) -> Gauge:
        """With values for labels, in order."""
        return Gauge(self.name, self.help, [(dict(zip(self.labels, labels, strict=True)), value) for labels, value in values], self.kind)


PROCESS: Final = ("role", "number", "pid")
HAPPENED: Final = Family("pillarbox_events_total", "What happened, by event and role.", ("role", "event"), "counter")
BLAMED: Final = Family(
    "pillarbox_unexpected_total", "Exceptions that the program did not foresee, by role and module.", ("role", "module"), "counter")
STARTED: Final = Family("pillarbox_process_start_time_seconds", "When the process started, seconds since 1970.", PROCESS)
RESIDENT: Final = Family("pillarbox_process_resident_memory_bytes", "Memory of the process, what it shares with others included.", PROCESS)
PROCESSOR: Final = Family("pillarbox_process_cpu_seconds_total", "Processor time of the process.", PROCESS, "counter")
BUILD: Final = Family("pillarbox_build_info", "Always 1; the version is a label.", ("version",))
#: What every page has beside the measures.
FAMILIES: Final = (HAPPENED, BLAMED, STARTED, RESIDENT, PROCESSOR, BUILD)


class Meter:
    """The counters of one process; a meter of its Journal.  Made after the fork and after the drop of privileges."""

    def __init__(self, folder: Path, role: str, number: int = 0, *, now: float = 0.0) -> None:
        self._closed = False
        self._file = _take(folder, role, number)
        self._map = _mapped(self._file)
        HEADER.pack_into(self._map, 0, MAGIC, len(LAYOUT), os.getpid(), now)
        self._cells = memoryview(self._map)[COUNTERS:].cast("Q")
        # A step of count() cannot be interrupted by another thread; a += 1 could.
        self._counts: dict[int, itertools.count[int]] = {}
        self._timing = threading.Lock()
        for gauge in (each for each in Measure if each.kind == "gauge"):
            for place in STARTS[gauge.number].values():
                self._cells[place] = 0
        self._modules = {name: slot for slot in range(SLOTS) if (name := self._name(slot))}

    def __call__(self, record: Record) -> None:
        """Count the event and what its facts say; nothing once closed."""
        if self._closed:
            return
        event = record.event
        self._count(event.number)
        read = READ[event.number]
        if read is not None:
            try:
                for measure, value, labels in read(record.facts):
                    self.measure(measure, value, labels)
            except (TypeError, ValueError, KeyError, AttributeError):
                self._blame("mta.base.measures")    # a fact of another kind than usual must not end who noted it
        elif event in UNFORESEEN and (module := str(record.facts["where"]).partition(" ")[0]):
            # where begins with a module, up to a space; trouble that was foreseen names none.
            self._blame(module)

    def measure(self, measure: Measure, value: float, labels: tuple[str, ...]) -> None:
        """Count one more (counter), or note value (gauge, histogram of seconds); nothing once closed."""
        if self._closed:
            return
        starts = STARTS[measure.number]
        start = starts.get(labels)
        if start is None:
            start = starts[measure.fitting(labels)]
        if measure.kind == "counter":
            self._count(start)
        elif measure.kind == "gauge":
            self._cells[start] = max(0, int(value))
        else:
            bounds = measure.bounds
            with self._timing:
                self._cells[start + bisect_left(bounds, value)] += 1
                self._cells[start + len(bounds) + 1] += max(0, int(value * 1e6))

    def close(self) -> None:
        """Give the file to whoever comes next."""
        self._closed = True
        self._cells.release()
        self._map.close()
        os.close(self._file)

    def _count(self, place: int) -> None:
        counts = self._counts.get(place)
        if counts is None:
            counts = self._counts.setdefault(place, itertools.count(self._cells[place] + 1))
        self._cells[place] = next(counts)

    def _blame(self, module: str) -> None:
        """Count an exception that nobody foresaw."""
        self._count(self._cell(self._slot(module)))

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
        return len(CELLS) + slot * (NAME // 8 + 1) + NAME // 8


def fresh(folder: Path) -> None:
    """Make folder, empty.  Before any role starts, as the user the roles run as."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in folder.glob("*.counts"):
        path.unlink(missing_ok=True)


def exposition(
    folder: Path, roles: Iterable[str], gauges: Iterable[Gauge] = (), told: Mapping[str, Mapping[str, int]] = {},
) -> bytes:
    """The page: every event for every role (0 if it never happened), exceptions by module, measures, processes, gauges.

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
    measured: Counter[Cell] = Counter()
    for process in processes:
        measured.update({cell: number for cell, number in process.measured.items() if process.pid or cell[0] not in LIVE})
    page = [
        HAPPENED.of(events.items()),
        BLAMED.of(modules.items()),
        STARTED.of((process.labels, process.started) for process in living),
        RESIDENT.of((process.labels, _resident(process.pid)) for process in living),
        PROCESSOR.of((process.labels, _cpu(process.pid)) for process in living),
        BUILD.of([((VERSION,), 1)]),
        *gauges,
    ]
    lines = itertools.chain(map(_lines, page), (_measured(measure, measured) for measure in Measure))
    return "".join(itertools.chain.from_iterable(lines)).encode()


@cache
def our_modules() -> tuple[str, ...]:
    """The names of all modules of the program, without importing them."""
    root = Path(__file__).resolve().parent.parent.parent
    paths = (path for top in ("mta", "web", "workers") for path in (root / top).rglob("*.py"))
    return tuple(sorted({".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__") for path in paths}))


# --- files ---------------------------------------------------------------------------------


def _mapped(file: int) -> mmap.mmap:
    """The file of a Meter in memory; on a full disk memory that nobody else sees."""
    try:
        os.ftruncate(file, SIZE)
        # Where a file has a hole and the disk no room, writing through the mapping ends the process (SIGBUS).
        os.posix_fallocate(file, 0, SIZE)
        # Not through the mapping, where it would count as memory of ours.
        os.pwrite(file, LAYOUT, HEADER.size)
    except OSError as problem:
        if problem.errno != errno.ENOSPC:
            raise
        return mmap.mmap(-1, SIZE)
    return mmap.mmap(file, SIZE)


def _take(folder: Path, role: str, number: int) -> int:
    """A locked file for this process: a dead one's of the same role, number and program, or a new one."""
    # Not by glob: the making of its pattern would copy half a megabyte of what we share with our parent.
    for name in sorted(os.listdir(folder)):
        if not (name.startswith(f"{role}.{number}.") and name.endswith(".counts")):
            continue
        file = os.open(folder / name, os.O_RDWR | os.O_CLOEXEC)
        if _lock(file) and os.pread(file, len(LAYOUT), HEADER.size) == LAYOUT and os.fstat(file).st_size == SIZE:
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
    measured: dict[Cell, int] = field(default_factory=dict)
    modules: dict[str, int] = field(default_factory=dict)

    @property
    def labels(self) -> tuple[str, ...]:
        return self.role, self.number, str(self.pid)

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """What the file at path says, or None if it is no file of ours (yet)."""
        try:
            file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return None
        try:
            octets = os.pread(file, 1 << 22, 0)
            alive = not _lock(file)
        finally:
            os.close(file)
        role, number, _ = path.name.split(".", 2)
        if len(octets) < HEADER.size or not octets.startswith(MAGIC):
            return None
        _, length, pid, started = HEADER.unpack_from(octets)
        process = cls(role, number, pid if alive else 0, started)
        layout = octets[HEADER.size:HEADER.size + length]
        cells = CELLS if layout == LAYOUT else tuple(_cells(json.loads(layout)))
        at = HEADER.size + (length + 7) // 8 * 8
        for (title, labels, part), count in zip(cells, struct.unpack_from(f"{len(cells)}Q", octets, at), strict=True):
            if not title.startswith("pillarbox_"):
                process.events[title] = count
            elif count:
                process.measured[title, labels, part] = count
        for start in range(at + 8 * len(cells), len(octets) - NAME, NAME + 8):
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


def _measured(measure: Measure, found: Mapping[Cell, int]) -> Iterator[str]:
    """The lines of one measure, all combinations of labels."""
    yield f"# HELP {measure.title} {measure.sentence}\n# TYPE {measure.title} {measure.kind}\n"
    for values in measure.combinations:
        inside = ",".join(f'{name}="{text}"' for name, text in zip(measure.labels, values, strict=True))
        if measure.kind != "histogram":
            yield f"{measure.title}{f'{{{inside}}}' if inside else ''} {found.get((measure.title, values, ''), 0)}\n"
            continue
        total = 0
        for bound in (*map(_bound, measure.bounds), "+Inf"):
            total += found.get((measure.title, values, bound), 0)
            yield f'{measure.title}_bucket{{{inside}{"," if inside else ""}le="{bound}"}} {total}\n'
        braces = f"{{{inside}}}" if inside else ""
        yield f"{measure.title}_sum{braces} {found.get((measure.title, values, 'sum'), 0) / 1e6}\n{measure.title}_count{braces} {total}\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
