"""workers.commands.loudness: `log` and `config show`."""
from tests.workers.commands.conftest import Typing


def test_the_log(typed: Typing) -> None:
    """Louder for some minutes, and back."""
    assert all(row["until"] is None for row in typed.json("log", "list"))
    [row] = typed.json("log", "set", "mtasts", "debug", "--minutes", "5")
    assert row["level"] == "debug"
    assert "debug" in typed("log list")
    [row] = typed.json("log", "set", "mtasts", "usual")
    assert row["until"] is None
    status, _, said = typed.attempt("log", "set", "nothing", "debug")
    assert (status, "there is no module" in said) == (1, True)


def test_the_configuration(typed: Typing) -> None:
    """All of it, or what is not as by default."""
    every, changed = typed.json("config", "show"), typed.json("config", "show", "--changed")
    assert len(every) > len(changed) > 0
    assert {"name": "postmaster", "value": '"demo"'}.items() <= next(row for row in changed if row["name"] == "postmaster").items()
    assert {row["source"] for row in every} == {"default", "localserve"}
    assert "hostname" in typed("config show --changed")
