"""mta.flow.gathering: counted now, written a little later."""
import asyncio

from mta.flow.gathering import Gathering
from mta.flow.world import World


class Numbers(Gathering):
    """Gathers numbers; each flush is one row."""

    def __init__(self, world: World, delay: float) -> None:
        super().__init__(world, delay)
        self.some: list[int] = []
        self.rows: list[list[int]] = []
        self.written = asyncio.Event()

    def note(self, number: int) -> None:
        """One more."""
        self.some.append(number)
        self._wake()

    def waits(self) -> bool:
        """Whether a number waits."""
        return bool(self.some)

    async def flush(self) -> None:
        """A row of them."""
        some, self.some = self.some, []
        if some:
            self.rows.append(some)
            self.written.set()


async def test_together_and_at_the_end(world: World) -> None:
    """What comes while the first waits goes with it; later ones again; what is left when it ends is written."""
    numbers = Numbers(world, 0.0)
    numbers.note(1)
    numbers.note(2)
    await numbers.written.wait()
    assert numbers.rows == [[1, 2]]
    slow = Numbers(world, 3_600.0)
    slow.note(3)
    await asyncio.sleep(0)
    assert slow.rows == []
    await slow.close()
    assert slow.rows == [[3]]
    await Numbers(world, 1.0).close()
