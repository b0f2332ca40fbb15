"""mta.auth.questions: each question once, independent ones side by side."""
import asyncio

from mta.auth.questions import Questions
from mta.base.clock import SetClock
from mta.base.names import Domain
from mta.dns.answer import Answer, Outcome, RecordType
from mta.dns.cache import CachingResolver
from mta.dns.zone import Zone

NAME = Domain("example.org")


class Gate:
    """A Resolver that answers when it is opened."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.waiting: list[RecordType] = []
        self.cancelled: list[RecordType] = []

    async def ask(self, name: Domain, kind: RecordType) -> Answer:
        self.waiting.append(kind)
        try:
            await self.open.wait()
        except asyncio.CancelledError:
            self.cancelled.append(kind)
            raise
        return Answer(name, kind, Outcome.EMPTY)


async def test_a_question_is_asked_once() -> None:
    """Whoever wants the answer meanwhile or later gets the same one; kinds differ."""
    gate = Gate()
    questions = Questions(gate)
    questions.ahead(NAME, RecordType.A)
    asked = [asyncio.create_task(questions.ask(NAME, kind)) for kind in (RecordType.A, RecordType.MX, RecordType.A)]
    await asyncio.sleep(0)
    gate.open.set()

    assert [(await one).kind for one in asked] == [RecordType.A, RecordType.MX, RecordType.A]
    assert (await questions.ask(NAME, RecordType.A)).outcome is Outcome.EMPTY
    assert sorted(gate.waiting, key=lambda kind: kind.value) == [RecordType.A, RecordType.MX]
    assert questions.count == 2


async def test_what_was_given_up_before_it_was_asked_does_not_count() -> None:
    """The figure is what the DNS was bothered with."""
    gate = Gate()
    questions = Questions(gate)
    questions.ahead(NAME, RecordType.A)
    questions.close()
    await asyncio.sleep(0)

    assert (questions.count, gate.waiting) == (0, [])


async def test_what_was_asked_ahead_is_given_up() -> None:
    """Nothing waits for an answer that nobody wants."""
    gate = Gate()
    questions = Questions(gate)
    questions.ahead(NAME, RecordType.A)
    await asyncio.sleep(0)
    questions.close()
    await asyncio.sleep(0)

    assert gate.cancelled == [RecordType.A]


async def test_what_is_remembered_needs_no_task() -> None:
    """An answer that the resolver below has at hand is there at once, and counts once."""
    below = CachingResolver(Zone("a.example A 192.0.2.1"), SetClock())
    name = Domain("a.example")
    await below.ask(name, RecordType.A)
    questions = Questions(below)
    before = asyncio.all_tasks()
    questions.ahead(name, RecordType.A)

    assert asyncio.all_tasks() == before
    assert (await questions.ask(name, RecordType.A)).found
    assert questions.count == 1
