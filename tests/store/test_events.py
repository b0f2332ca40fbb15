"""What was noted is found again, and cannot fill the disk."""
import os
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from ipaddress import ip_address
from pathlib import Path

import pytest

from mta.base.clock import SetClock
from mta.base.events import Event, Journal, Record, Recorded
from mta.base.limits import LIMITS, Limits
from mta.base.names import Address
from mta.store import events
from mta.store.connection import connect, value
from mta.store.database import Store, hold_open
from mta.store.events import Traces, TraceSink, as_term
from mta.store.migrate import prepare


@pytest.fixture
def sink(store: Store, clock: SetClock, journal: Journal) -> Iterator[TraceSink]:
    """A sink that is part of the journal."""
    sink = TraceSink(store.trace_db, clock, journal)
    journal.add_sink(sink)
    yield sink
    sink.close()


@pytest.fixture
def traces(store: Store, clock: SetClock) -> Iterator[Traces]:
    """Reads what the sink wrote."""
    traces = Traces(store.trace_db, clock)
    yield traces
    traces.close()


def session(journal: Journal, name: str, *, ip: str = "192.0.2.1", sender: str = "ann@a.example", recipient: str = "bob@b.example") -> None:
    """One session with one refused recipient."""
    journal.note(Event.SESSION_OPENED, name, ip=ip, port=1234, listener="smtp")
    journal.note(Event.MAIL_FROM, f"{name}.1", ip=ip, sender=sender)
    journal.note(Event.RECIPIENT_REFUSED, f"{name}.1", ip=ip, sender=sender, recipient=recipient, reply="550 5.1.1 nobody")
    journal.note(Event.SESSION_CLOSED, name, ip=ip, reason="quit", messages=0, seconds=0.5)


def found(traces: Traces, **query: object) -> list[str]:
    """The sessions a search finds."""
    return [hit.session for hit in traces.find(**query)]  # type: ignore[arg-type]  # tests pass keywords on


def test_a_session_is_one_row(sink: TraceSink, journal: Journal, traces: Traces, store: Store) -> None:
    """What a process notes about a session within a second is one step; its events come back in order."""
    session(journal, "abc")
    sink.flush()
    happenings = traces.session("abc")
    assert [happening.event for happening in happenings] == [
        Event.SESSION_OPENED, Event.MAIL_FROM, Event.RECIPIENT_REFUSED, Event.SESSION_CLOSED]
    assert [happening.trace for happening in happenings] == ["abc", "abc.1", "abc.1", "abc"]
    assert happenings[2].facts == {
        "ip": "192.0.2.1", "sender": "ann@a.example", "recipient": "bob@b.example", "reply": "550 5.1.1 nobody"}
    db = connect(store.trace_db, synchronous="OFF")
    assert value(db, "SELECT count(*) FROM step") == 1
    db.close()


def test_web_requests_are_in_the_log_alone(sink: TraceSink, journal: Journal, traces: Traces, store: Store) -> None:
    """Pages that somebody looks at must not push out what is known of mail."""
    journal.note(Event.WEB_REQUEST, ip="192.0.2.1", method="GET", path="/", status=200, ms=1)
    journal.note(Event.WEB_ERROR, ip="192.0.2.1", path="/", where="web.site", problem="broken")
    sink.flush()
    assert [happening.key for happening in traces.recent(level="debug")] == ["web.error"]


def test_it_is_written_within_a_second_by_itself(sink: TraceSink, journal: Journal, traces: Traces) -> None:
    """Nobody has to ask: the thread writes; closing is only the last time."""
    session(journal, "abc")
    sink.close()
    assert found(traces, session="abc") == ["abc"]


@pytest.mark.parametrize("query", [
    {"term": "ann@a.example"}, {"term": "a.example"}, {"term": "bob@b.example"}, {"term": "192.0.2.1"}, {"term": "192.0.2.*"},
    {"session": "ab"}, {"event": Event.RECIPIENT_REFUSED}, {"event": Event.RECIPIENT_REFUSED, "term": "a.example"}, {"level": "notice"},
    {"event": Event.MAIL_FROM}, {"level": "notice", "term": "a.example"}, {"level": "notice", "session": "abc"},
], ids=str)
def test_each_way_to_find_it(sink: TraceSink, journal: Journal, traces: Traces, query: dict[str, object]) -> None:
    """Address, domain, IP, the beginning of an IP or of a trace id, event and level."""
    session(journal, "abc")
    journal.note(Event.SESSION_OPENED, "xyz", ip="198.51.100.7", port=1, listener="smtp")
    sink.flush()
    assert found(traces, **query) == ["abc"]


@pytest.mark.parametrize("query", [
    {"term": "carl@b.example"}, {"term": "192.0.2"}, {"session": "b"}, {"event": Event.BOUNCED}, {"level": "error"},
], ids=str)
def test_what_is_not_there_is_not_found(sink: TraceSink, journal: Journal, traces: Traces, query: dict[str, object]) -> None:
    """A query that fits nothing has no hits."""
    session(journal, "abc")
    sink.flush()
    assert found(traces, **query) == []


def test_time_bounds(sink: TraceSink, journal: Journal, traces: Traces, clock: SetClock) -> None:
    """Since and until narrow it down."""
    start = clock.timestamp()
    for name in ("first", "second", "third"):
        session(journal, name)
        sink.flush()
        clock.advance(100)
    assert found(traces, since=start + 50) == ["third", "second"]
    assert found(traces, until=start + 150) == ["second", "first"]
    assert found(traces, since=start + 50, until=start + 150, term="a.example") == ["second"]


def test_pages_join_and_repeat_nothing(sink: TraceSink, journal: Journal, traces: Traces) -> None:
    """Sessions with several steps are shown once, where their last step is."""
    names = [f"s{number}" for number in range(7)]
    for _ in range(3):
        for name in names:
            session(journal, name)
            sink.flush()
    seen: list[str] = []
    before = None
    while hits := traces.find(term="a.example", before=before, limit=3):
        seen += [hit.session for hit in hits]
        before = hits[-1].step_id
    assert seen == names[::-1]


def test_addresses_are_found_in_any_form(sink: TraceSink, journal: Journal, traces: Traces) -> None:
    """Upper case, U-labels and objects are the same address; a person may type any of them."""
    session(journal, "one", sender="Ann@A.Example")
    session(journal, "two", sender="jo@bücher.example")
    journal.note(Event.MAIL_FROM, "three", ip=ip_address("2001:db8::1"), sender=Address.parse("ü@bücher.example"))
    sink.flush()
    assert found(traces, term=as_term(" <ANN@a.example> ")) == ["one"]
    assert found(traces, term=as_term("jo@BÜCHER.example")) == ["two"]
    assert found(traces, term=as_term("bücher.example")) == ["three", "two"]
    assert found(traces, term=as_term("ü@xn--bcher-kva.example")) == ["three"]
    assert found(traces, term=as_term("2001:DB8:0::1")) == ["three"]


def test_message_ids_and_lists(sink: TraceSink, journal: Journal, traces: Traces) -> None:
    """A Message-ID and every recipient of a list lead to the session."""
    journal.note(Event.MESSAGE_ACCEPTED, "abc.1", ip="192.0.2.1", sender="", recipients=["bob@b.example", "cy@c.example"], octets=5,
                 message_id="<XY.1@a.example>")
    sink.flush()
    for term in ("cy@c.example", "<XY.1@a.example>", "xy.1@A.example"):
        assert found(traces, term=as_term(term)) == ["abc"]


def test_too_many_events_are_dropped_and_counted(
    store: Store, clock: SetClock, journal: Journal, recorded: Recorded, traces: Traces,
) -> None:
    """A flood costs bounded memory; how much was lost is noted."""
    sink = TraceSink(store.trace_db, clock, journal, delay=3600.0)
    record = Record(Event.MAIL_FROM, 1.0, "abc.1", "acceptor", {"ip": "192.0.2.1", "sender": "x"})
    for _ in range(LIMITS.trace_waiting + 7):
        sink(record)
    sink.flush()
    assert [record.facts for record in recorded.records] == [{"records": 7}]
    assert len(traces.session("abc")) == LIMITS.trace_waiting
    sink.close()


def test_what_a_stranger_says_is_cut(sink: TraceSink, journal: Journal, traces: Traces) -> None:
    """Long texts and lists are kept in part; surrogates and control characters do no harm."""
    journal.note(
        Event.MESSAGE_REFUSED, "abc.1", ip="192.0.2.1", sender="x" * 100_000, recipients=["a\udcff@b.example"] * 5_000, octets=1,
        reply="\udcff\0")
    sink.flush()
    [happening] = traces.session("abc")
    assert len(happening.facts["sender"]) == LIMITS.trace_text + 1
    assert len(happening.facts["recipients"]) == LIMITS.trace_list


def test_trouble_with_the_file_is_noted_and_survived(
    store: Store, clock: SetClock, journal: Journal, recorded: Recorded, traces: Traces,
) -> None:
    """Without its file the sink drops what it has, complains once, and goes on when the file is back."""
    sink = TraceSink(store.trace_db, clock, journal)
    moved = store.trace_db.with_name("elsewhere.db")
    store.trace_db.rename(moved)
    for name in ("a", "b"):
        sink(Record(Event.MAIL_FROM, 1.0, name, "acceptor", {"ip": "192.0.2.1", "sender": "x"}))
        sink.flush()
    assert [record.event for record in recorded.records] == [Event.STORE_TROUBLE]
    moved.rename(store.trace_db)
    sink(Record(Event.MAIL_FROM, 1.0, "c", "acceptor", {"ip": "192.0.2.1", "sender": "x"}))
    sink.flush()
    assert found(traces) == ["c"]
    sink.close()


def test_recent_events_of_the_overview(sink: TraceSink, journal: Journal, traces: Traces, clock: SetClock) -> None:
    """Notices and errors, the latest first, of roles and sessions alike."""
    session(journal, "abc")
    clock.advance(1)
    journal.note(Event.ROLE_FELL, process="web", status=9, wait=1.0)
    sink.flush()
    assert [happening.event for happening in traces.recent()] == [Event.ROLE_FELL, Event.RECIPIENT_REFUSED]
    assert [happening.event for happening in traces.recent(level="error")] == [Event.ROLE_FELL]
    assert len(traces.recent(level="debug", limit=3)) == 3


@pytest.mark.parametrize(("small", "left"), [
    (replace(LIMITS, trace_rows=5), 5), (replace(LIMITS, trace_age=5.5), 5), (replace(LIMITS, trace_octets=1), 18),
], ids=("rows", "age", "size"))
def test_the_file_is_bounded(sink: TraceSink, journal: Journal, store: Store, clock: SetClock, small: Limits, left: int) -> None:
    """By rows, by age, and by size (a tenth at a time): the oldest go, with their terms."""
    for number in range(20):
        session(journal, f"s{number}")
        sink.flush()
        clock.advance(1)
    traces = Traces(store.trace_db, clock, small)
    gone = 0
    while gone < 20 - left:
        gone += (step := traces.prune(4))
        assert 1 <= step <= 4
    assert found(traces, limit=100) == [f"s{number}" for number in range(19, 19 - left, -1)]
    traces.close()
    db = connect(store.trace_db, synchronous="OFF")
    assert value(db, "SELECT count(*) FROM term WHERE step_id NOT IN (SELECT id FROM step)") == 0
    db.close()


def test_accepted_events_ride_with_the_message(store: Store, clock: SetClock) -> None:
    """They are in pillarbox.db, found by session, and pruned by age."""
    records = [Record(Event.MESSAGE_ACCEPTED, clock.timestamp(), "abc.1", "acceptor", {
        "ip": "192.0.2.1", "sender": Address.parse("ann@a.example"), "recipients": ["bob@b.example"], "octets": 7, "message_id": "1@a"})]
    for trace in ("abc.1", "abc.2", "abcd.1", "ab"):
        store.write_now(partial(events.insert_accepted, trace=trace, records=records))
    store.write_now(lambda db: events.insert_accepted(db, "abc.3", []))
    happenings = store.read(lambda db: events.accepted(db, "abc"))
    assert [happening.facts["sender"] for happening in happenings] == ["ann@a.example"] * 2
    assert store.write_now(lambda db: events.prune_accepted(db, clock, 60.0, 100)) == 0
    clock.advance(61)
    assert store.write_now(lambda db: events.prune_accepted(db, clock, 60.0, 3)) == 3
    assert store.write_now(lambda db: events.prune_accepted(db, clock, 60.0, 3)) == 1


def test_a_damaged_file_is_made_anew_at_the_next_start(tmp_path: Path, clock: SetClock, journal: Journal, recorded: Recorded) -> None:
    """What a power failure may do to this file: it is noted, marked, and put aside when the server starts."""
    prepare(tmp_path, clock)
    path = tmp_path / "trace.db"
    path.write_bytes(path.read_bytes()[:4096] + b"\x55" * (path.stat().st_size - 4096))
    sink = TraceSink(path, clock, journal)
    sink(Record(Event.MAIL_FROM, 1.0, "a", "acceptor", {"ip": "192.0.2.1", "sender": "x"}))
    sink.close()
    assert [record.event for record in recorded.records] == [Event.STORE_TROUBLE]

    lock = hold_open(tmp_path, "shared")
    assert prepare(tmp_path, clock) == [], "not under the hands of those who have it open"
    os.close(lock)
    assert prepare(tmp_path, clock)[0].startswith("trace.db was damaged and is made anew")
    assert prepare(tmp_path, clock) == []

    sink = TraceSink(path, clock, journal)
    sink(Record(Event.MAIL_FROM, 1.0, "b", "acceptor", {"ip": "192.0.2.1", "sender": "x"}))
    sink.close()
    traces = Traces(path, clock)
    assert found(traces) == ["b"]
    traces.close()
