"""The questions of one check: each is asked once, and independent ones side by side."""
import asyncio

from mta.base.names import Domain
from mta.dns.answer import Answer, RecordType
from mta.dns.resolver import Resolver


class Questions:
    """A Resolver that asks nothing twice, and can ask ahead of need; count is how many questions were asked."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self.count = 0
        self._asked: dict[tuple[str, RecordType], asyncio.Task[Answer]] = {}

    def ahead(self, name: Domain, kind: RecordType) -> asyncio.Task[Answer]:
        """Ask now, for an answer that may be wanted later."""
        question = name.ascii, kind
        if question not in self._asked:
            self._asked[question] = asyncio.create_task(self._ask(name, kind))
        return self._asked[question]

    async def ask(self, name: Domain, kind: RecordType) -> Answer:
        return await self.ahead(name, kind)

    async def _ask(self, name: Domain, kind: RecordType) -> Answer:
        self.count += 1     # here, since a check may end before a task begins
        return await self._resolver.ask(name, kind)

    def close(self) -> None:
        """Wait for no answer any more."""
        for task in self._asked.values():
            task.cancel()
