"""How the server is, in one look: a line for each part of it, with the page that tells more.

Each part is a function in LOOKS that gives a Line, or None where it says nothing here.
Whoever adds a part of the server whose health matters adds a line there; pages, API and
`pillarbox health` show it without further ado.
"""
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from mta.base.limits import LIMITS
from mta.flow import backups, blocklists, certificates, destinations, nightly, people, rotation, settling, sources, traffic
from mta.flow import setup as first_steps
from mta.flow import trace as tracing
from mta.flow.world import World
from mta.store import backupstate, dnschecks, domains, queue

State = Literal["good", "attention", "bad"]
#: Octets of free disk below which somebody should look.
LITTLE_ROOM: Final = 1024**3
#: Seconds: mail that waits longer deserves a look, and errors that are told.
LONG_WAIT: Final = 86_400.0
RECENT: Final = 86_400.0
#: Sentences of one line.
TOLD: Final = 8
EARLY: Final = 14 * 86_400.0


@dataclass(frozen=True, slots=True)
class Line:
    """One part: its topic, its state, a summary and what is to be mended, and the page of the administration about it."""

    topic: str
    state: State
    summary: str
    todo: tuple[str, ...]
    page: str


def lines(world: World) -> list[Line]:
    """Every part, in the order of LOOKS."""
    return [line for look in LOOKS if (line := look(world)) is not None]


def set_up(world: World) -> Line | None:
    """What has to be done before the server can do its work."""
    unfinished = settling.unfinished(world, people.all_domains(world))
    todo = [*first_steps.lacking(world), *(f"{name} is not set up yet: Set up says what is left." for name in unfinished)]
    return _line("Set up", todo, "done", "setup", bad=False) if todo else None


def waiting(world: World) -> Line:
    """Mail that waits for other servers."""
    totals = world.store.read(lambda db: queue.totals(db, world.clock))
    if totals.oldest is None:
        return Line("Queue", "good", "empty", (), "queue")
    waits = world.clock.timestamp() - totals.oldest
    said = f"{totals.recipients} {'waits' if totals.recipients == 1 else 'wait'}, the oldest for {_span(waits)}"
    said += f"; {totals.held} held" if totals.held else ""
    todo = [f"Mail has waited for {_span(waits)}: the queue shows what the other servers said."] if waits > LONG_WAIT else []
    return _line("Queue", todo, said, "queue", bad=False, always=said)


def disk(world: World) -> Line:
    """Room for mail."""
    usage = shutil.disk_usage(world.store.directory)
    said = f"{_octets(usage.free)} of {_octets(usage.total)} free"
    todo = [f"Only {_octets(usage.free)} are left; without room no mail is accepted."] if usage.free < LITTLE_ROOM else []
    return _line("Disk", todo, said, "overview", bad=usage.free < LIMITS.disk_low, always=said)


def certified(world: World) -> Line:
    """Certificates in use."""
    known = [one for one in certificates.status(world) if one.facts and one.ports]
    todo = certificates.problems(world)
    first = min((one.facts.until for one in known if one.facts), default=None)
    said = "none is in use" if first is None else f"the first ends in {_span(first - world.clock.timestamp())}"
    soon = first is not None and first - world.clock.timestamp() < EARLY
    return _line("Certificates", todo, said, "overview", bad=soon, always=said)


def names(world: World) -> Line | None:
    """What the DNS of our domains was found to be like, and keys that wait for it."""
    if world.config.local:
        return None
    known = {row.domain.unicode: world.store.read(lambda db, id=row.id: dnschecks.latest(db, id))    # type: ignore[misc]
             for row in world.store.read(domains.all) if row.enabled}
    unseen = [name for name, last in known.items() if last is None]
    looked = min((last.last for last in known.values() if last is not None), default=None)
    said = "nobody has looked yet" if looked is None else f"all was right when looked at, {_span(world.clock.timestamp() - looked)} ago"
    if looked is not None and unseen:
        said += f"; not looked at yet: {', '.join(unseen[:5])}"
    wrong = nightly.problems(world)
    return _line("DNS", [*wrong, *rotation.problems(world), *sources.problems(world)], said, "domains", bad=bool(wrong))


def lists(world: World) -> Line | None:
    """Block lists: whether they work, and have us."""
    zones = blocklists.configured(world.config)
    if not zones:
        return None
    listed = any(one.listed for one in blocklists.standings(world) if one.zone in zones)
    return _line("Block lists", blocklists.problems(world), f"{len(zones)} asked; none has this server", "overview", bad=listed)


def delivering(world: World) -> Line:
    """Whether others take our mail."""
    return _line("Destinations", destinations.trouble(world), "nobody refuses mail for a reason that is to be mended here", "destinations",
                 bad=False)


def receiving(world: World) -> Line:
    """Whether mail comes in as usual."""
    return _line("Incoming mail", traffic.problems(world), "as usual", "trace", bad=True)


def kept(world: World) -> Line:
    """Backups: made, and tried."""
    if world.config.backup.to is None:
        return _line("Backups", ["No backups are made: set [backup] to = \"/path\" in the configuration."], "", "backups", bad=False)
    state, now = world.store.read(backupstate.get), world.clock.timestamp()
    said = "the first is made tonight" if state.made is None else f"the newest was made {_span(now - state.made)} ago"
    if state.tested is not None and not state.unfit:
        tried = "compared with its hashes" if world.config.backup.recipient else "restored to try it"
        said += f", one was {tried} {_span(now - state.tested)} ago"
    return _line("Backups", backups.problems(world), said, "backups", bad=True)


def errors(world: World) -> Line:
    """What went wrong lately by our fault."""
    since = world.clock.timestamp() - RECENT
    told: dict[str, int] = {}
    for step in tracing.recent(world, level="error", limit=200):
        if step.at >= since:
            told[step.sentence] = told.get(step.sentence, 0) + 1
    todo = [f"{sentence} ({count} {'time' if count == 1 else 'times'} in 24 hours)" for sentence, count in told.items()]
    return _line("Errors", todo, "none in 24 hours", "trace", bad=False)


#: All parts; that of the processes is told by the supervisor (processes()).
LOOKS: Final[tuple[Callable[[World], Line | None], ...]] = (
    set_up, waiting, delivering, receiving, disk, kept, certified, names, lists, errors)


def processes(unready: list[str], problem: str, fallen: int, memory: int, old: float = 0.0) -> Line:
    """The line of the processes: names of those that do not answer, why the supervisor is silent (""), restarts, octets.

    old is how many seconds ago that was so, where the supervisor is silent since.
    """
    if problem:
        return Line("Processes", "bad", problem, (problem,), "overview")
    todo = [f"The process {name} does not answer." for name in unready]
    said = f"all answer, {_octets(memory)} of memory" + (f"; {fallen} restarts" if fallen else "")
    if old:
        said = f"restarting, as at a reload; {_span(old)} ago: {said}"
    return _line("Processes", todo, said, "overview", bad=True)


def _line(topic: str, todo: list[str], well: str, page: str, *, bad: bool, always: str = "") -> Line:
    state: State = "good" if not todo else "bad" if bad else "attention"
    summary = always or (well if not todo else "1 thing to look at" if len(todo) == 1 else f"{len(todo)} things to look at")
    return Line(topic, state, summary, tuple(todo[:TOLD]), page)


def _span(seconds: float) -> str:
    """A length of time in the unit that fits."""
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}s"
    return f"{max(0, seconds):.0f} seconds"


def _octets(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"
