"""Tests of mta.flow.world."""
from dataclasses import replace

from mta.flow.world import World
from mta.judge.rates import MemoryCrowd, MemoryTally


def test_counting_alone_or_together(world: World) -> None:
    """Without a tally and a crowd of all processes each has its own, and keeps it."""
    assert world.tally is world.tally
    assert world.crowd is world.crowd
    tally, crowd = MemoryTally(world.clock.timestamp), MemoryCrowd()
    shared = replace(world, shared_tally=tally, shared_crowd=crowd)

    assert (shared.tally, shared.crowd) == (tally, crowd)
