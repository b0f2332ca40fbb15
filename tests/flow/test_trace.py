"""A message's story: found by anything in it, told step by step, with its end."""
from collections.abc import Iterator
from functools import partial

import pytest

from mta.base.clock import SetClock
from mta.base.errors import Failure, Reach
from mta.base.events import Event, Journal, Record
from mta.base.names import Address
from mta.base.reply import Reply
from mta.flow import trace
from mta.flow.world import World
from mta.store import bodies, events, queue
from mta.store.connection import Connection
from mta.store.events import TraceSink

IP = "192.0.2.1"
SESSION = "k3v9x0a2bc"


@pytest.fixture
def sink(world: World) -> Iterator[TraceSink]:
    """What the world's journal notes is kept."""
    sink = TraceSink(world.store.trace_db, world.clock, delay=3600.0)
    world.journal.add_sink(sink)
    yield sink
    sink.close()


def visit(journal: Journal, session: str = SESSION, *, ip: str = IP) -> None:
    """A session with one message to two of ours, one of them refused, and one message to us refused whole."""
    journal.note(Event.SESSION_OPENED, session, ip=ip, port=1, listener="smtp")
    one, two = f"{session}.1", f"{session}.2"
    journal.note(Event.MAIL_FROM, one, ip=ip, sender="eve@e.example")
    journal.note(Event.RECIPIENT_ACCEPTED, one, ip=ip, sender="eve@e.example", recipient="ann@example.org")
    journal.note(Event.RECIPIENT_REFUSED, one, ip=ip, sender="eve@e.example", recipient="no@example.org", reply="550 5.1.1 no")
    journal.note(
        Event.MESSAGE_ACCEPTED, one, ip=ip, sender="eve@e.example", recipients=["ann@example.org"], octets=4711, message_id="<1@e>")
    journal.note(
        Event.MESSAGE_STORED, one, account="ann", mailbox="Inbox", recipient="ann@example.org", message=1, message_id="<1@e>", reason="")
    journal.note(Event.MAIL_REFUSED, two, ip=ip, sender="spam@s.example", reply="550 5.7.1 no")
    journal.note(Event.SESSION_CLOSED, session, ip=ip, reason="quit", messages=1, seconds=1.0)


def traces(world: World, text: str = "", **more: object) -> list[str]:
    """The traces of a search's summaries."""
    return [summary.trace for summary in trace.search(world, text, **more).summaries]  # type: ignore[arg-type]  # keywords passed on


def test_a_message_is_summed_up(world: World, sink: TraceSink) -> None:
    """Who, from where, to whom, how big, and how it ended for each."""
    visit(world.journal)
    sink.flush()
    [found] = trace.search(world, "ann@example.org").summaries
    assert (found.trace, found.ip, found.sender) == (f"{SESSION}.1", IP, "eve@e.example")
    assert found.recipients == ["ann@example.org", "no@example.org"]
    assert (found.octets, found.message_id, found.outcome) == (4711, "<1@e>", "stored, refused")


def test_what_came_to_no_end(world: World, sink: TraceSink) -> None:
    """A client that left before its message was whole, one that was refused before DATA, someone who only signed in."""
    note = world.journal.note
    note(Event.MAIL_FROM, "k3v9x0a2b2.1", ip=IP, sender="eve@e.example")
    note(Event.RECIPIENT_ACCEPTED, "k3v9x0a2b2.1", ip=IP, sender="eve@e.example", recipient="ann@example.org")
    note(Event.MAIL_FROM, "k3v9x0a2b3.1", ip=IP, sender="eve@e.example")
    note(Event.RECIPIENT_REFUSED, "k3v9x0a2b3.1", ip=IP, sender="eve@e.example", recipient="no@example.org", reply="550 5.1.1 no")
    note(Event.LOGIN, "k3v9x0a2b4", ip=IP, account="ann", mechanism="PLAIN", service="web")
    sink.flush()
    found = {summary.trace: summary.outcome for summary in trace.search(world).summaries}
    assert found == {"k3v9x0a2b2.1": "broken off", "k3v9x0a2b3.1": "refused", "k3v9x0a2b4": "signed in"}


@pytest.mark.parametrize(("text", "wanted"), [
    ("eve@e.example", [f"{SESSION}.1"]), ("EVE@e.example", [f"{SESSION}.1"]), ("e.example", [f"{SESSION}.1"]), ("<1@e>", [f"{SESSION}.1"]),
    ("spam@s.example", [f"{SESSION}.2"]), (IP, [f"{SESSION}.2", f"{SESSION}.1"]), ("192.0.2.", [f"{SESSION}.2", f"{SESSION}.1"]),
    (SESSION, [f"{SESSION}.2", f"{SESSION}.1"]), ("k3v9", [f"{SESSION}.2", f"{SESSION}.1"]), (f"({SESSION}.2)", [f"{SESSION}.2"]),
    ("", [f"{SESSION}.2", f"{SESSION}.1"]), ("nobody@e.example", []), ("198.51.100.1", []), ("zzzz", []),
])
def test_each_way_to_ask(world: World, sink: TraceSink, text: str, wanted: list[str]) -> None:
    """Addresses, domains, Message-IDs, IP addresses and networks, trace ids whole or in part."""
    visit(world.journal)
    sink.flush()
    assert traces(world, text) == wanted


def test_filters(world: World, sink: TraceSink, clock: SetClock) -> None:
    """By time, by event, by level; sessions without a message are shown as such."""
    start = clock.timestamp()
    visit(world.journal)
    sink.flush()
    clock.advance(1000)
    world.journal.note(Event.SESSION_REFUSED, "zz34567890", ip="203.0.113.5", reason="rate", reply="421 later")
    sink.flush()
    assert traces(world, since=start + 500) == ["zz34567890"]
    assert traces(world, until=start + 500) == [f"{SESSION}.2", f"{SESSION}.1"]
    assert traces(world, event=Event.SESSION_REFUSED) == ["zz34567890"]
    assert traces(world, level="error") == []
    [found] = trace.search(world, "203.0.113.5").summaries
    assert (found.outcome, found.ip, found.recipients) == ("refused", "203.0.113.5", [])


def test_pages(world: World, sink: TraceSink) -> None:
    """Every session once, over any number of pages."""
    for number in range(5):
        visit(world.journal, f"aaaa{number}aaaaa")
        sink.flush()
    seen: list[str] = []
    before: int | None = None
    while True:
        page = trace.search(world, "ann@example.org", before=before, limit=2)
        seen += [summary.trace for summary in page.summaries]
        before = page.before
        if before is None:
            break
    assert seen == [f"aaaa{number}aaaaa.1" for number in (4, 3, 2, 1, 0)]


def test_a_story_has_every_step(world: World, sink: TraceSink) -> None:
    """Of a message: its own steps and the session's; of a session: all; with a sentence for each."""
    visit(world.journal)
    sink.flush()
    steps = trace.show(world, f"{SESSION}.1").steps
    assert [step.key for step in steps] == [
        "smtp.connected", "smtp.mail", "smtp.recipient", "smtp.refused_recipient", "smtp.accepted", "mailbox.stored", "smtp.closed"]
    refused = steps[3]
    assert (refused.level, refused.sentence, refused.facts["reply"]) == ("notice", "A recipient was refused.", "550 5.1.1 no")
    assert len(trace.show(world, SESSION.upper()).steps) == 8
    assert trace.show(world, "0000000000").steps == []


def test_accepted_mail_is_told_of_without_trace_db(world: World, sink: TraceSink) -> None:
    """What was kept with the message is shown once, whether or not trace.db has it too."""
    facts: dict[str, object] = {
        "ip": IP, "sender": Address.parse("eve@e.example"), "recipients": ["ann@example.org"], "octets": 1, "message_id": "<1@e>"}
    record = Record(Event.MESSAGE_ACCEPTED, world.clock.timestamp() - 0.01, f"{SESSION}.1", "acceptor", facts)
    world.store.write_now(partial(events.insert_accepted, trace=f"{SESSION}.1", records=[record]))
    assert [step.key for step in trace.show(world, f"{SESSION}.1").steps] == ["smtp.accepted"]
    world.journal.note(record.event, record.trace, **facts)
    sink.flush()
    assert [step.key for step in trace.show(world, f"{SESSION}.1").steps] == ["smtp.accepted"]


def test_the_queue_and_its_history_are_part_of_the_story(world: World, sink: TraceSink) -> None:
    """Who still waits and what became of the others, with what the other servers said."""
    spool = world.store.bodies.sink()
    spool.write(b"x")
    spooled = spool.finish()

    def add(db: Connection) -> int:
        return queue.add(db, world.clock, queue.NewQueued(
            None, Address.parse("ann@example.org"), [Address.parse(f"{name}@b.example") for name in ("bob", "ben", "bea")],
            bodies.insert(db, spooled), 1, b"", False, False, "<2@e>", "x", "ann", f"{SESSION}.3"),
            lambda recipient: recipient.domain.ascii)
    world.store.write_now(add, [spooled])
    [(_, rows)] = world.store.write_now(lambda db: queue.claim(db, world.clock, "b.example", "me", 10))
    later = Failure(Reach.HOST, False, 451, "4.7.1", "greylisted", "RCPT", "mx.b.example")
    world.store.write_now(lambda db: queue.delivered(db, world.clock, rows[0].id, Reply(250, "", "ok"), "mx.b.example"))
    world.store.write_now(lambda db: queue.defer(db, world.clock, rows[1].id, world.clock.timestamp() + 60, later))
    for asked in (f"{SESSION}.3", SESSION):
        story = trace.show(world, asked)
        assert [(str(row.recipient), row.last_text) for _, row in story.waiting] == [("bea@b.example", ""), ("ben@b.example", "greylisted")]
        assert [(str(row.recipient), row.outcome) for row in story.finished] == [("bob@b.example", "delivered")]
    other = trace.show(world, f"{SESSION}.4")
    assert (other.waiting, other.finished) == ([], [])


def test_each_recipient_ends_as_it_ended_last(world: World, sink: TraceSink) -> None:
    """Queued, put off, delivered: delivered; the ip of our own attempts is not the client's."""
    name = f"{SESSION}.1"
    note = world.journal.note
    note(Event.MESSAGE_SUBMITTED, name, account="ann", sender="ann@example.org", recipients=["bob@b.example", "cy@c.example"], octets=9,
         message_id="<3@e>")
    for recipient in ("bob@b.example", "cy@c.example"):
        note(Event.QUEUED, name, queued=1, sender="ann@example.org", recipient=recipient, message_id="<3@e>")
    note(Event.ATTEMPT, name, queued=1, next_hop="b.example", host="mx.b.example", ip="198.51.100.9")
    note(Event.DEFERRED, name, queued=1, recipient="bob@b.example", host="mx", during="RCPT", reply="451", due=1.0)
    note(Event.DELIVERED, name, queued=1, recipient="bob@b.example", host="mx", reply="250", seconds=0.1)
    note(Event.BOUNCED, name, queued=1, recipient="cy@c.example", host="mx", during="RCPT", reply="550")
    sink.flush()
    [found] = trace.search(world, "cy@c.example").summaries
    assert (found.outcome, found.ip) == ("delivered, failed", "")
    assert traces(world, "198.51.100.9") == [name]


def test_recent_events(world: World, sink: TraceSink) -> None:
    """The overview's lines: notices and errors, the latest first."""
    visit(world.journal)
    world.journal.note(Event.ROLE_FELL, process="web", status=9, wait=0.1)
    sink.flush()
    assert {step.key for step in trace.recent(world)} == {"smtp.refused_recipient", "smtp.refused_sender", "supervisor.role_fell"}
    assert [step.sentence for step in trace.recent(world, level="error")] == ["A process ended and will be started again."]


def test_what_others_said_is_explained(world: World, sink: TraceSink) -> None:
    """Each attempt with what its reply means; what we saw ourselves is no reply, and a delivery needs no words."""
    name = f"{SESSION}.1"
    note = world.journal.note
    note(Event.DEFERRED, name, queued=1, recipient="bob@b.example", host="gmail-smtp-in.l.google.com", during="DATA",
         reply="421 4.7.28 Our system has detected an unusual rate of unsolicited mail", due=1.0)
    note(Event.DEFERRED, name, queued=1, recipient="bob@b.example", host="mx.b.example", during="connect",
         reply="connection refused", due=2.0)
    note(Event.BOUNCED, name, queued=1, recipient="bob@b.example", host="mx.b.example", during="RCPT", reply="550 5.1.1 no such user here")
    note(Event.DELIVERED, name, queued=1, recipient="carl@b.example", host="mx.b.example", reply="250 ok", seconds=1.0)
    sink.flush()
    rate, silent, unknown, done = (step.meaning for step in trace.show(world, name).steps)
    assert [one and one.name for one in (rate, silent, unknown, done)] == ["gmail-rate", "", "no-such-user", None]
