"""workers.commands.traces: looking for what happened."""
import pytest

from mta.base.errors import UserError
from tests.workers.commands.conftest import Typing
from workers.commands.traces import moment


def test_what_is_not_known_is_said(typed: Typing) -> None:
    """An empty search is an empty list, a trace that is not there a line."""
    assert typed.json("trace search bob@example.net --since 2d") == []
    assert typed.attempt("trace show 0123456789")[2].startswith("pillarbox: nothing is known of the trace '0123456789'")


@pytest.mark.parametrize(("text", "seconds"), [
    ("90s", 999_910.0), ("2h", 992_800.0), ("1970-01-02", 86_400.0), ("1970-01-01T01:00", 3_600.0), ("1970-01-01T01:00+01:00", 0.0)])
def test_times_are_read_as_people_write_them(text: str, seconds: float) -> None:
    """Without a zone they are UTC."""
    assert moment(text, 1_000_000.0) == seconds


def test_what_is_no_time_is_said() -> None:
    """With examples."""
    with pytest.raises(UserError, match="2030-01-31"):
        moment("yesterday", 0.0)
