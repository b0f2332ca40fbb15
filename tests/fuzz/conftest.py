"""Longer fuzzing may take as long as it likes."""
import pytest

from tests.fuzz.effort import LONGER


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The bound on a test's time is for CI."""
    for item in items:
        if LONGER > 1 and "tests/fuzz/" in item.nodeid:
            item.add_marker(pytest.mark.timeout(0))
