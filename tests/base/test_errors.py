"""mta.base.errors: who has to do something about it."""
import json

import pytest

from mta.base import errors
from mta.base.names import Domain


@pytest.mark.parametrize("kind", [errors.NotFound, errors.Conflict, errors.NotAllowed])
def test_what_the_caller_can_mend_is_a_user_error(kind: type[errors.PillarboxError]) -> None:
    """One `except UserError` at the border catches them all."""
    assert issubclass(kind, errors.UserError)
    assert issubclass(errors.NoRoom, errors.TemporaryError)
    assert not issubclass(errors.SetupError, errors.UserError)


def test_a_failure_is_a_fact() -> None:
    """It compares by value and cannot be changed."""
    failure = errors.Failure(errors.Reach.HOST, False, 421, "4.3.2", "busy", "connect")

    assert failure == errors.Failure(errors.Reach.HOST, False, 421, "4.3.2", "busy", "connect", "")
    with pytest.raises(AttributeError):
        failure.code = 250  # type: ignore[misc]  # that is the test


def test_where_a_problem_came_up() -> None:
    """The innermost module of ours counts, not the library that raised, nor a problem that was never raised."""
    with pytest.raises(errors.BadName) as ours:
        Domain.parse("a b")
    assert errors.origin(ours.value) == "mta.base.names"
    with pytest.raises(ValueError, match="Expecting") as foreign:
        json.loads("{")
    assert errors.origin(foreign.value) == "unknown"
    assert errors.origin(ValueError()) == "unknown"
