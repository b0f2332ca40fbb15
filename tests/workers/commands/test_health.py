"""workers.commands.health: the server in one look."""
from tests.workers.commands.conftest import Typing


def test_one_look(typed: Typing) -> None:
    """A line for each part; without a server the processes are in trouble, and the exit status says so."""
    typed("domain add example.org")
    status, out, _ = typed.attempt("health")
    assert status == 1
    assert "Processes      TROUBLE" in out
    assert "Queue          good     empty" in out
    rows = typed.json("health")
    assert {row["topic"] for row in rows} >= {"Processes", "Queue", "Disk", "Certificates", "Errors", "Incoming mail", "Destinations"}
