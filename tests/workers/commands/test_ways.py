"""workers.commands.ways: transports and routes at the command line."""
from tests.workers.commands.conftest import Typing


def test_transports(typed: Typing) -> None:
    """Made with a password from standard input, which no list shows."""
    assert "transport relay added" in typed("transport add relay smtp.relay.test --username me", stdin="s3cret\n")
    [row] = typed.json("transport", "list")
    assert row == {"name": "relay", "host": "smtp.relay.test", "port": 587, "tls": "starttls", "username": "me", "dkim": "all",
                   "in_file": False, "waiting": 0}
    typed("transport set relay --port 465 --tls implicit")
    typed("transport set relay --password", stdin="other\n")
    assert "465" in typed("transport list")
    status, _, said = typed.attempt("transport", "add", "direct", "x.test")
    assert (status, "a way of its own" in said) == (1, True)
    typed("transport remove relay")
    assert typed.json("transport", "list") == []


def test_routes(typed: Typing) -> None:
    """Added, moved, tried, removed."""
    assert "mail to b.test is given up" in typed("route add fail --to b.test")
    typed("route add direct --attempts 2 --position 1")
    assert [(row["number"], row["to"], row["attempts"], row["transport"]) for row in typed.json("route", "list")] == [
        (1, "", 2, "direct"), (2, "b.test", 0, "fail")]
    assert typed.json("route", "try", "bob@b.test") == [{"next_hop": "transport:fail", "way": "fail", "route": "2 of the list"}]
    typed("route set 2 --attempts 0 --to c.test")
    assert typed.json("route", "try", "bob@c.test")[0]["way"] == "direct"
    assert "2 of the list" in typed("route try bob@b.test")
    assert typed.attempt("route", "set", "9", "--to", "x.test")[0] == 1
    assert typed.attempt("route", "add", "relay")[0] == 1
    typed("route remove 1")
    assert len(typed.json("route", "list")) == 1
