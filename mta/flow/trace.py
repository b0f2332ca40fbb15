"""What happened to a message: found by who or what was in it, and told step by step.

trace.db knows every session of the last weeks, refusals before DATA included; the events
of accepted messages are in pillarbox.db and outlive it; the queue and its history know
what became of mail to others.  This joins them by trace id.

A trace id names a session ("k3v9x0a2bc"), or one message within it ("k3v9x0a2bc.1"): the
text in parentheses at the end of our replies.
"""
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from mta.base.errors import Failure, Reach
from mta.base.events import Event
from mta.base.tokens import BASE32
from mta.flow.world import World
from mta.report import causes
from mta.report.advice import Explanation, explain
from mta.store import events, outgoing, queue
from mta.store.events import Happening, Traces, as_term, terms_of
from mta.store.outgoing import OutgoingRow
from mta.store.queue import QueuedMessage, QueuedRecipient

#: A trace id or its beginning, with or without the number of the message.
TRACE: Final = re.compile(rf"([{BASE32}]{{4,10}})(?:\.(\d{{1,6}}))?")
#: The beginning of an IP address, as people type it to mean a network.
NETWORK: Final = re.compile(r"\d{1,3}(\.\d{1,3}){0,2}\.|[0-9a-f]{1,4}(:[0-9a-f]{1,4})*::?", re.IGNORECASE)
#: How many messages of one session are shown among the results.
MESSAGES: Final = 50
#: What an event says about the end of a message, in one word.
OUTCOMES: Final = {
    **dict.fromkeys((Event.SESSION_REFUSED, Event.COMMAND_REFUSED, Event.MAIL_REFUSED, Event.RECIPIENT_REFUSED, Event.MESSAGE_REFUSED,
                     Event.SUBMISSION_REFUSED), "refused"),
    Event.LOGIN: "signed in", Event.MAIL_FROM: "broken off", Event.RECIPIENT_ACCEPTED: "broken off",
    Event.LOGIN_FAILED: "sign-in failed", Event.TLS_FAILED: "TLS failed",
    Event.MESSAGE_ACCEPTED: "accepted", Event.MESSAGE_SUBMITTED: "accepted", Event.MESSAGE_STORED: "stored", Event.QUEUED: "queued",
    Event.DEFERRED: "waiting", Event.DELIVERED: "delivered", Event.BOUNCED: "failed",
}
#: Events that tell what another server said against a message, or why it could not be asked.
EXPLAINED: Final = (Event.DEFERRED, Event.BOUNCED, Event.HOST_SKIPPED)
#: The words from what happens first to what happens last: of one recipient the later one counts.
ORDER: Final = ("signed in", "broken off", "refused", "sign-in failed", "TLS failed", "accepted", "queued", "waiting", "stored",
                "delivered", "failed")


@dataclass(slots=True)
class Summary:
    """One message, or a session without any: times in seconds since 1970, octets 0 if unknown."""

    trace: str
    first: float
    latest: float
    ip: str = ""
    sender: str = ""
    recipients: list[str] = field(default_factory=list)
    outcome: str = ""
    octets: int = 0
    message_id: str = ""


@dataclass(frozen=True, slots=True)
class Results:
    """A page of summaries, the latest first; before is where to go on, None if that was all."""

    summaries: list[Summary]
    before: int | None


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened: key and facts for machines, level and sentence for people; meaning explains another server's refusal."""

    at: float
    role: str
    trace: str
    key: str
    level: str
    sentence: str
    facts: dict[str, Any]
    meaning: Explanation | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """Everything known about a trace: its steps, who still waits in the queue, what became of the others."""

    trace: str
    steps: list[Step]
    waiting: list[tuple[QueuedMessage, QueuedRecipient]]
    finished: list[OutgoingRow]


def search(
    world: World, text: str = "", *, since: float | None = None, until: float | None = None, event: Event | None = None,
    level: str = "debug", before: int | None = None, limit: int = 50,
) -> Results:
    """Messages and sessions that text names: an address, a domain, a Message-ID, an IP address or its beginning, a trace id.

    Without text, all; since and until are seconds since 1970; event and level ask for
    sessions in which that happened.  limit counts sessions.
    """
    term, session, number = _asked_for(text)
    traces = Traces(world.store.trace_db, world.clock)
    try:
        hits = traces.find(term=term, session=session, since=since, until=until, event=event, level=level, before=before, limit=limit)
        summaries = [
            summary for hit in hits
            for summary in _summaries(traces.session(hit.session), hit.session, term)
            if not number or summary.trace.endswith(f".{number}")]
    finally:
        traces.close()
    return Results(summaries, hits[-1].step_id if len(hits) == limit else None)


def show(world: World, trace: str) -> Story:
    """What is known about a trace id: of a message its own steps and the session's, of a session everything.

    A Story without steps means that nothing is known (any more).
    """
    session, _, number = trace.strip().lower().partition(".")
    traces = Traces(world.store.trace_db, world.clock)
    try:
        happenings = traces.session(session)
    finally:
        traces.close()
    kept = world.store.read(lambda db: events.accepted(db, session))
    wanted = [happening for happening in _joined(happenings, kept) if not number or happening.trace in (session, f"{session}.{number}")]
    waiting, finished = world.store.read(lambda db: (queue.by_trace(db, session, number), outgoing.by_trace(db, session, number)))
    return Story(trace, [_step(happening) for happening in wanted], waiting, finished)


def recent(world: World, *, level: str = "notice", limit: int = 50) -> list[Step]:
    """The latest events of at least that level, whoever they are about, the latest first: for the overview."""
    traces = Traces(world.store.trace_db, world.clock)
    try:
        return [_step(happening) for happening in traces.recent(level=level, limit=limit)]
    finally:
        traces.close()


def _asked_for(text: str) -> tuple[str, str, str]:
    """What a person means: a term, or the beginning of a session's id and the number of a message."""
    text = text.strip().strip("()").strip()
    found = TRACE.fullmatch(text.lower())
    if found:
        return "", found[1], found[2] or ""
    if NETWORK.fullmatch(text):
        return f"{text.lower()}*", "", ""
    return (as_term(text) if text else ""), "", ""


def _joined(seen: Sequence[Happening], kept: Iterable[Happening]) -> list[Happening]:
    """What was seen, and what was kept with the message and is missing there, in order of time."""
    # Not by time: what is kept is noted again after the commit.
    known = {_identity(happening) for happening in seen}
    missing = [happening for happening in kept if _identity(happening) not in known]
    return sorted([*seen, *missing], key=lambda happening: happening.at)


def _identity(happening: Happening) -> tuple[str, str, str]:
    return happening.trace, happening.key, repr(sorted(happening.facts.items()))


def _summaries(happenings: Sequence[Happening], session: str, term: str) -> list[Summary]:
    """A line for each message of a session that has to do with term, or for the session if it has none."""
    shared = [happening for happening in happenings if "." not in happening.trace]
    messages: dict[str, list[Happening]] = {}
    for happening in happenings:
        if "." in happening.trace:
            messages.setdefault(happening.trace, []).append(happening)
    if term and len(messages) > 1 and not _mentions(shared, term):
        messages = {trace: some for trace, some in messages.items() if _mentions(some, term)}
    lines = [_summary(trace, some, shared) for trace, some in list(messages.items())[-MESSAGES:]]
    return lines[::-1] or [_summary(session, shared or happenings, ())]


def _mentions(happenings: Iterable[Happening], term: str) -> bool:
    terms = terms_of(happenings)
    return any(found.startswith(term[:-1]) for found in terms) if term.endswith("*") else term in terms


def _summary(trace: str, happenings: Sequence[Happening], shared: Iterable[Happening]) -> Summary:
    summary = Summary(trace, happenings[0].at, happenings[-1].at)
    ends: dict[str, str] = {}
    for happening in happenings:
        facts = happening.facts
        summary.ip = summary.ip or ("" if happening.event is Event.ATTEMPT else str(facts.get("ip", "")))
        summary.sender = summary.sender or str(facts.get("sender") or "")
        summary.message_id = summary.message_id or str(facts.get("message_id", ""))
        octets = facts.get("octets")
        summary.octets = octets if isinstance(octets, int) else summary.octets
        named = _recipients(facts)
        summary.recipients += [recipient for recipient in named if recipient not in summary.recipients]
        word = OUTCOMES.get(happening.event) if happening.event else None
        for recipient in (named or [""]) if word else ():
            if word and ORDER.index(word) >= ORDER.index(ends.get(recipient, word)):
                ends[recipient] = word
    summary.ip = summary.ip or next((str(happening.facts["ip"]) for happening in shared if "ip" in happening.facts), "")
    named_ends = [ends[recipient] for recipient in summary.recipients if recipient in ends]
    words = list(dict.fromkeys(named_ends or ends.values()))
    # A message that came to no end was broken off; if it came to one, that says it all.
    summary.outcome = ", ".join([word for word in words if word != "broken off"] or words)
    return summary


def _recipients(facts: dict[str, Any]) -> list[str]:
    recipients = facts.get("recipients", facts.get("recipient", ()))
    return [recipients] if isinstance(recipients, str) else [str(part) for part in recipients] if isinstance(recipients, list) else []


def _step(happening: Happening) -> Step:
    event = happening.event
    level, sentence = (event.level, event.sentence) if event else ("info", "Something that another version of the program noted.")
    meaning = _meaning(event, happening.facts) if event in EXPLAINED else None
    return Step(happening.at, happening.role, happening.trace, happening.key, level, sentence, happening.facts, meaning)


def _meaning(event: Event, facts: dict[str, Any]) -> Explanation:
    """What a reply in an event means; it begins with its codes, unless no server said it."""
    reply, host, during = (str(facts.get(name, "")) for name in ("reply", "host", "during"))
    found = causes.CODES.match(reply)
    code, enhanced = (int(found[1] or 0), found[2] or "") if found else (0, "")
    text = causes.CODES.sub("", reply, count=1)
    return explain(Failure(Reach.RECIPIENT, event is Event.BOUNCED, code, enhanced, text, during, host))
