"""Tests of mta.flow.world."""
from dataclasses import replace

from mta.flow.world import World
from mta.judge.rates import MemoryTally


def test_counting_alone_or_together(world: World) -> None:
    """Without a tally of all processes each has its own, and keeps it."""
    assert world.tally is world.tally
    shared = MemoryTally(world.clock.timestamp)

    assert replace(world, shared_tally=shared).tally is shared
