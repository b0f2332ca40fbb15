"""How much is tried: little and always the same in CI, FUZZ times as much and anew each time by hand.

`FUZZ=100 scripts/test tests/fuzz` makes everything a hundred times as long.
"""
import os
from typing import Final

from hypothesis import HealthCheck, settings

LONGER: Final = int(os.environ.get("FUZZ", "1"))


def tries(examples: int) -> settings:
    """So many examples, or FUZZ times as many."""
    return settings(
        max_examples=examples * LONGER, deadline=None, derandomize=LONGER == 1,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much])
