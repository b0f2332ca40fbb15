"""Counters that are right across processes, and a page that Prometheus can read."""
import io
import os
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from mta import VERSION
from mta.base.clock import SetClock
from mta.base.events import Event, Journal, Record
from mta.base.measures import Measure
from mta.base.metrics import CONTENT_TYPE, SLOTS, Gauge, Meter, exposition, fresh, our_modules

Page = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def page(folder: Path, roles: tuple[str, ...] = ("acceptor", "web"), gauges: tuple[Gauge, ...] = ()) -> Page:
    """The page as Prometheus' own parser reads it."""
    text = exposition(folder, roles, gauges).decode()
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text) for sample in family.samples}


def events(found: Page, role: str, event: Event) -> float:
    """The counter of an event."""
    return found["pillarbox_events_total", (("event", event.key), ("role", role))]


def journal(meter: Meter, role: str = "acceptor") -> Journal:
    """A silent journal that counts."""
    notes = Journal(role, SetClock(), stream=io.StringIO())
    notes.add_meter(meter)
    return notes


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder of counters."""
    fresh(tmp_path / "metrics")
    return tmp_path / "metrics"


def test_everything_is_there_from_the_start(folder: Path) -> None:
    """Before anything happened every event and every module has its 0 for every role."""
    found = page(folder)
    for role in ("acceptor", "web"):
        assert all(events(found, role, event) == 0 for event in Event)
        assert found["pillarbox_unexpected_total", (("module", "mta.base.metrics"), ("role", role))] == 0
    measured = sum(
        len(list(measure.combinations)) * (len(measure.bounds) + 3 if measure.kind == "histogram" else 1) for measure in Measure)
    assert len(found) == 2 * (len(Event) + len(our_modules())) + measured + 1
    assert [name for name, number in found.items() if number] == [("pillarbox_build_info", (("version", VERSION),))]


def test_events_are_counted(folder: Path) -> None:
    """What a journal notes is in the page at once."""
    meter = Meter(folder, "acceptor")
    notes = journal(meter)
    for _ in range(3):
        notes.note(Event.MAIL_FROM, "t.1", ip="192.0.2.1", sender="a")
    notes.note(Event.UNEXPECTED, where="mta.flow.receive line 7", problem="x")
    notes.note(Event.UNEXPECTED, where="a \" strange\nplace", problem="x")
    notes.note(Event.WEB_ERROR, ip="", path="/", where="web.view", problem="a page failed")
    notes.note(Event.WEB_ERROR, ip="", path="/", where="", problem="a lock was busy")
    found = page(folder)
    assert events(found, "acceptor", Event.MAIL_FROM) == 3
    assert events(found, "web", Event.MAIL_FROM) == 0
    assert events(found, "acceptor", Event.UNEXPECTED) == 2
    assert found["pillarbox_unexpected_total", (("module", "mta.flow.receive"), ("role", "acceptor"))] == 1
    assert found["pillarbox_unexpected_total", (("module", "a"), ("role", "acceptor"))] == 1
    assert found["pillarbox_unexpected_total", (("module", "web.view"), ("role", "acceptor"))] == 1
    assert sum(number for (name, _), number in found.items() if name == "pillarbox_unexpected_total") == 3
    meter.close()


def test_what_the_supervisor_tells(folder: Path) -> None:
    """A role that keeps no file tells its counts; what it does not name is 0."""
    text = exposition(folder, ["web"], told={"supervisor": {Event.ROLE_FELL.key: 2}}).decode()
    assert 'pillarbox_events_total{role="supervisor",event="supervisor.role_fell"} 2\n' in text
    assert 'pillarbox_events_total{role="supervisor",event="supervisor.reloaded"} 0\n' in text


def test_copies_of_a_role_are_added_up(folder: Path) -> None:
    """Two acceptors and a web role: counters by role, gauges by process."""
    meters = [Meter(folder, "acceptor", 0, now=1000.0), Meter(folder, "acceptor", 1), Meter(folder, "web")]
    for meter in meters:
        journal(meter).note(Event.MAIL_FROM, "t.1", ip="192.0.2.1", sender="a")
    found = page(folder)
    assert events(found, "acceptor", Event.MAIL_FROM) == 2
    assert events(found, "web", Event.MAIL_FROM) == 1
    mine = (("number", "0"), ("pid", str(os.getpid())), ("role", "acceptor"))
    assert found["pillarbox_process_start_time_seconds", mine] == 1000.0
    assert found["pillarbox_process_resident_memory_bytes", mine] > 1_000_000
    assert found["pillarbox_process_cpu_seconds_total", mine] > 0
    for meter in meters:
        meter.close()


def test_a_dead_process_leaves_its_counts_and_its_file(folder: Path) -> None:
    """A killed process is no gauge any more; what it counted stays, and its successor goes on from there."""
    program = f"""
import io, os, signal
from pathlib import Path
from mta.base.clock import SetClock
from mta.base.events import Event, Journal
from mta.base.measures import Measure
from mta.base.metrics import Meter
notes = Journal("acceptor", SetClock(), stream=io.StringIO(), sinks=(Meter(Path({str(folder)!r}), "acceptor"),))
for _ in range(5):
    notes.note(Event.MAIL_FROM, "t.1", ip="192.0.2.1", sender="a")
notes.note(Event.UNEXPECTED, where="mta.x", problem="")
os.kill(os.getpid(), signal.SIGKILL)
"""
    for _ in range(2):
        subprocess.run([sys.executable, "-c", program], timeout=60, check=False)
    found = page(folder)
    assert events(found, "acceptor", Event.MAIL_FROM) == 10
    assert found["pillarbox_unexpected_total", (("module", "mta.x"), ("role", "acceptor"))] == 2
    assert not [name for name, _ in found if name.startswith("pillarbox_process")]
    assert len(list(folder.iterdir())) == 1


def test_two_processes_do_not_share_a_file(folder: Path) -> None:
    """During a reload the old and the new one both count."""
    old, new = Meter(folder, "acceptor"), Meter(folder, "acceptor")
    for meter in (old, new):
        journal(meter).note(Event.MAIL_FROM, "t.1", ip="192.0.2.1", sender="a")
    assert events(page(folder), "acceptor", Event.MAIL_FROM) == 2
    old.close()
    third = Meter(folder, "acceptor")
    assert len(list(folder.iterdir())) == 2
    third.close()
    new.close()


def test_files_of_another_version_are_counted_and_not_taken_over(folder: Path) -> None:
    """A file whose events differ is read by the names in it."""
    meter = Meter(folder, "acceptor")
    journal(meter).note(Event.MAIL_FROM, "t.1", ip="192.0.2.1", sender="a")
    meter.close()
    [path] = folder.iterdir()
    path.write_bytes(path.read_bytes().replace(b'"smtp.tls"', b'"old.tale"'))
    Meter(folder, "acceptor").close()
    assert len(list(folder.iterdir())) == 2
    found = page(folder)
    assert events(found, "acceptor", Event.MAIL_FROM) == 1
    assert ("pillarbox_events_total", (("event", "old.tale"), ("role", "acceptor"))) in found


def test_what_is_no_file_of_ours_is_passed_over(folder: Path) -> None:
    """Half-made and foreign files do not break the page."""
    (folder / "acceptor.0.1-0.counts").write_bytes(b"")
    (folder / "acceptor.0.2-0.counts").write_bytes(b"x" * 5000)
    assert events(page(folder), "acceptor", Event.MAIL_FROM) == 0


def test_modules_are_bounded(folder: Path) -> None:
    """However many places fail, the file does not grow: the rest is counted together."""
    meter = Meter(folder, "acceptor")
    for number in range(SLOTS * 2):
        journal(meter).note(Event.UNEXPECTED, where="x" * 100 + str(number) if number == 5 else f"place{number}", problem="")
    found = page(folder)
    assert found["pillarbox_unexpected_total", (("module", "others"), ("role", "acceptor"))] == SLOTS + 1
    assert found["pillarbox_unexpected_total", (("module", "place0"), ("role", "acceptor"))] == 1
    assert sum(value for (name, _), value in found.items() if name == "pillarbox_unexpected_total") == SLOTS * 2
    meter.close()


def test_threads_lose_no_count(folder: Path) -> None:
    """Several threads of one process count at once."""
    meter = Meter(folder, "web")
    notes = journal(meter, "web")

    def work() -> None:
        for _ in range(2_000):
            notes.note(Event.INJECTED, ip="192.0.2.1", octets=1)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    notes.note(Event.INJECTED, ip="192.0.2.1", octets=1)
    assert events(page(folder), "web", Event.INJECTED) == 8_001
    meter.close()


def test_other_gauges_are_shown(folder: Path) -> None:
    """What the caller knows of is part of the page, escaped as the format wants it."""
    queue = Gauge("pillarbox_queue_recipients", "Recipients in the queue.", [({"state": 'du"e\\\n'}, 7)])
    bare = Gauge("pillarbox_disk_free_bytes", "Free.", [({}, 1.5)])
    found = page(folder, gauges=(queue, bare))
    assert found["pillarbox_queue_recipients", (("state", 'du"e\\\n'),)] == 7
    assert found["pillarbox_disk_free_bytes", ()] == 1.5
    assert CONTENT_TYPE.startswith("text/plain")


def test_the_room_of_counters_is_really_there(folder: Path) -> None:
    """No hole in the file: on a disk that is full later, writing into one would end the process."""
    with closing(Meter(folder, "web")):
        [file] = folder.iterdir()
        assert file.stat().st_blocks * 512 >= file.stat().st_size


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
def test_a_process_may_begin_on_a_full_disk(tmp_path: Path) -> None:
    """Nobody sees what it counts, but it counts and lives."""
    place = tmp_path / "full"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", place], check=True)
    try:
        (place / "filler").write_bytes(bytes(8_192))
        with closing(Meter(place, "web")) as meter:
            for event in Event:
                meter(Record(event, 0.0, "", "web", dict.fromkeys(event.wants, "mta.base")))
    finally:
        subprocess.run(["umount", place], check=True)


def test_a_closed_meter_hears_nothing(folder: Path) -> None:
    """A journal that outlives its meter still works."""
    meter = Meter(folder, "web")
    notes = journal(meter, "web")
    meter.close()
    notes.note(Event.INJECTED, ip="192.0.2.1", octets=1)
    assert events(page(folder), "web", Event.INJECTED) == 0


def test_fresh_empties(folder: Path) -> None:
    """A start of the server begins at 0."""
    Meter(folder, "acceptor").close()
    fresh(folder)
    assert list(folder.iterdir()) == []
    assert folder.stat().st_mode & 0o777 == 0o700


def test_our_modules_are_listed_without_importing() -> None:
    """The label values that are known: all modules of the program."""
    assert {"mta.base.metrics", "mta.store", "workers"} <= set(our_modules())


def series(found: Page, name: str, **labels: str) -> float:
    """One line of the page."""
    return found[name, tuple(sorted(labels.items()))]


def test_measures_count_and_time(folder: Path) -> None:
    """Counters, a histogram with its buckets, and a gauge, from facts and told directly, added up over processes."""
    meters = [Meter(folder, "acceptor", number) for number in (0, 1)]
    for number, meter in enumerate(meters):
        notes = journal(meter)
        notes.note(Event.RECIPIENT_REFUSED, "t.1", ip="192.0.2.1", sender="a", recipient="b", reply="550 5.1.1 Nobody")
        notes.measure(Measure.COMMANDS, 1, "smtp", "MAIL", "ok")
        notes.measure(Measure.COMMANDS, 1, "a listener", "BREW", "ok")
        notes.measure(Measure.SESSIONS, 3 + number)
        for seconds in (0.001, 0.002, 0.3, 99.0, -1.0):
            notes.measure(Measure.COMMAND_SECONDS, seconds, "MAIL")
    found = page(folder)
    assert series(found, "pillarbox_smtp_refusals_total", at="recipient", result="refused", reason="address") == 2
    assert series(found, "pillarbox_smtp_commands_total", listener="smtp", command="MAIL", result="ok") == 2
    assert series(found, "pillarbox_smtp_commands_total", listener="other", command="other", result="ok") == 2
    assert series(found, "pillarbox_smtp_sessions") == 7
    buckets = {bound: series(found, "pillarbox_smtp_command_seconds_bucket", command="MAIL", le=bound) for bound in (
        "0.001", "0.005", "0.1", "0.5", "60", "+Inf")}
    assert buckets == {"0.001": 4, "0.005": 6, "0.1": 6, "0.5": 8, "60": 8, "+Inf": 10}
    assert series(found, "pillarbox_smtp_command_seconds_count", command="MAIL") == 10
    assert series(found, "pillarbox_smtp_command_seconds_sum", command="MAIL") == pytest.approx(2 * 99.303)
    meters[0].close()
    found = page(folder)
    assert series(found, "pillarbox_smtp_sessions") == 4, "those of a process that is gone are gone too"
    assert series(found, "pillarbox_smtp_commands_total", listener="smtp", command="MAIL", result="ok") == 2
    successor = Meter(folder, "acceptor", 0)
    journal(successor).measure(Measure.COMMANDS, 1, "smtp", "MAIL", "ok")
    found = page(folder)
    assert series(found, "pillarbox_smtp_sessions") == 4, "a successor begins with nobody"
    assert series(found, "pillarbox_smtp_commands_total", listener="smtp", command="MAIL", result="ok") == 3
    successor.close()
    meters[1].close()


def test_threads_lose_no_time(folder: Path) -> None:
    """Histograms are right when several threads note times at once."""
    meter = Meter(folder, "web")
    notes = journal(meter, "web")

    def work() -> None:
        for _ in range(1_000):
            notes.measure(Measure.CALL_SECONDS, 0.01, "admin")

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = page(folder)
    assert series(found, "pillarbox_api_call_seconds_count", api="admin") == 4_000
    assert series(found, "pillarbox_api_call_seconds_sum", api="admin") == pytest.approx(40)
    meter.close()
    notes.measure(Measure.CALL_SECONDS, 0.01, "admin")
    assert series(page(folder), "pillarbox_api_call_seconds_count", api="admin") == 4_000


def test_a_fact_of_another_kind_ends_nothing(folder: Path) -> None:
    """What the counters cannot read is counted as a mistake of theirs; whoever noted it goes on."""
    meter = Meter(folder, "web")
    journal(meter, "web").note(Event.WEB_REQUEST, ip="", method="GET", path="/", status=None, ms=1)
    found = page(folder)
    assert events(found, "web", Event.WEB_REQUEST) == 1
    assert found["pillarbox_unexpected_total", (("module", "mta.base.measures"), ("role", "web"))] == 1
    meter.close()
