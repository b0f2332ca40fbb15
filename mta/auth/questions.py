"""The questions of one check: each is asked once, and independent ones side by side."""
import asyncio

from mta.base.names import Domain
from mta.dns.answer import Answer, RecordType
from mta.dns.resolver import Resolver, at_hand


class Questions:
    """A Resolver that asks nothing twice, and can ask ahead of need; count is how many questions were asked."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._at_hand = at_hand(resolver)
        self.count = 0
        self._known: dict[tuple[str, RecordType], Answer] = {}
        self._asked: dict[tuple[str, RecordType], asyncio.Task[Answer]] = {}

    def known(self, name: Domain, kind: RecordType) -> Answer | None:
        """The answer if nobody has to wait for it; see mta.dns.resolver.at_hand."""
        question = name.ascii, kind
        answer = self._known.get(question)
        if answer is None and question not in self._asked:
            answer = self._at_hand(name, kind)
            if answer is not None:
                self.count += 1
                self._known[question] = answer
        return answer

    def ahead(self, name: Domain, kind: RecordType) -> None:
        """Ask now, for an answer that may be wanted later."""
        if self.known(name, kind) is None:
            self._task(name, kind)

    async def ask(self, name: Domain, kind: RecordType) -> Answer:
        answer = self.known(name, kind)
        return answer if answer is not None else await self._task(name, kind)

    def _task(self, name: Domain, kind: RecordType) -> asyncio.Task[Answer]:
        question = name.ascii, kind
        if question not in self._asked:
            self._asked[question] = asyncio.create_task(self._ask(name, kind))
        return self._asked[question]

    async def _ask(self, name: Domain, kind: RecordType) -> Answer:
        self.count += 1     # here, since a check may end before a task begins
        return await self._resolver.ask(name, kind)

    def close(self) -> None:
        """Wait for no answer any more."""
        for task in self._asked.values():
            task.cancel()
