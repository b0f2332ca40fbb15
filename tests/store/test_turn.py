"""Whose turn it is to write."""
import threading
from pathlib import Path

from mta.store.turn import Turn


def test_two_turns_of_one_process_exclude_each_other(tmp_path: Path) -> None:
    """While one holds the turn the other waits, and gets it then."""
    one, other = Turn(tmp_path / "lock"), Turn(tmp_path / "lock")
    order: list[str] = []

    def second() -> None:
        with other:
            order.append("second")

    with one:
        waiter = threading.Thread(target=second)
        waiter.start()
        waiter.join(0.05)
        assert waiter.is_alive()
        order.append("first")
    waiter.join()
    one.close()
    other.close()

    assert order == ["first", "second"]


def test_it_can_be_closed_unused(tmp_path: Path) -> None:
    """A turn that nobody took leaves no file."""
    Turn(tmp_path / "lock").close()

    assert not (tmp_path / "lock").exists()
