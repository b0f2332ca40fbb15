"""workers.commands.queue: what waits, and what can be done with it."""
import asyncio
import io

import pytest

from mta.base.clock import SystemClock
from mta.base.events import Journal
from mta.base.names import Address
from mta.config.model import local
from mta.flow import people, submit
from tests.workers.commands.conftest import LETTER, Typing
from workers.worlds import open_world


@pytest.fixture
def waiting(typed: Typing) -> Typing:
    """An account with a message to two strangers in the queue, and no server to deliver it."""
    typed("domain add example.net")
    typed("account add bob --no-password --address bob@example.net")
    clock = SystemClock()
    with open_world(local(typed.directory), clock, Journal("test", clock, stream=io.StringIO()), lambda role: None) as world:
        bob = Address.parse("bob@example.net")
        asyncio.run(submit.send(world, people.get_account(world, "bob").id, LETTER.replace("\n", "\r\n").encode(), bob,
                                [Address.parse("ann@example.org"), Address.parse("carol@example.com")], "0123456789.1"))
    return typed


def ids(typed: Typing, *words: str) -> list[int]:
    """The ids that a listing shows."""
    return [row["id"] for row in typed.json("queue list", *words)]


def test_what_waits_is_listed_and_shown(waiting: Typing) -> None:
    """By recipient; with every step."""
    rows = waiting.json("queue list")

    assert {(row["sender"], row["recipient"], row["state"], row["attempts"], row["next_hop"]) for row in rows} == {
        ("bob@example.net", "ann@example.org", "due", 0, "example.org"), ("bob@example.net", "carol@example.com", "due", 0, "example.com")}
    assert "carol@example.com" in waiting("queue list")
    ann, = ids(waiting, "--recipient", "ann@")
    shown, = waiting.json(f"queue show {ann}")
    assert (shown["subject"], shown["trace"], shown["what"]) == ("Grüße from the sea", "0123456789.1", None)
    assert shown["recipient"] in [step["facts"]["recipient"] for step in shown["steps"] if step["event"] == "queue.added"]
    assert "ann@example.org" in waiting(f"queue show {ann}")
    assert "Subject:" in waiting(f"queue raw {ann}")
    assert waiting.attempt("queue", "raw", "99")[0] == 1
    assert len(ids(waiting, "--limit", "1")) == 1
    assert ids(waiting, "--sender", "eve") == []


def test_what_waits_can_be_held_released_and_tried(waiting: Typing) -> None:
    """One or several at once."""
    both = " ".join(map(str, ids(waiting)))

    assert waiting(f"queue hold {both}") == "2 deliveries held\n"
    assert len(ids(waiting, "--held")) == 2
    assert ids(waiting, "--not-held") == []
    one = ids(waiting)[0]
    assert waiting(f"queue release {one}") == "1 delivery released\n"
    assert waiting(f"queue retry {both}") == "2 deliveries tried now\n"
    assert ids(waiting, "--held") == []


def test_what_waits_can_be_given_up(waiting: Typing) -> None:
    """The sender is told, or not."""
    ann, carol = ids(waiting, "--recipient", "ann@")[0], ids(waiting, "--recipient", "carol@")[0]

    assert waiting(f"queue drop {ann} --silent") == "1 delivery dropped\n"
    assert ids(waiting) == [carol]
    assert waiting(f"queue drop {carol}") == "1 delivery given up; its sender is told\n"
    notice, = waiting.json("queue list")
    assert (notice["sender"], notice["recipient"]) == ("<>", "bob@example.net")


def test_what_waits_can_ask_for_other_protection(waiting: Typing) -> None:
    """For the whole message, whichever of its recipients is named; `queue show` says what it is."""
    ann, carol = ids(waiting, "--recipient", "ann@")[0], ids(waiting, "--recipient", "carol@")[0]

    assert waiting.json(f"queue show {ann}")[0]["tls"] == "default"
    assert waiting(f"queue tls not-required {ann}") == "1 message changed; TLS: not-required\n"
    assert waiting.json(f"queue show {carol}")[0]["tls"] == "not-required"
    assert waiting(f"queue tls required {ann} {carol}") == "1 message changed; TLS: required\n"
    assert "required" in waiting(f"queue show {carol}")


def test_mistakes_are_one_line(waiting: Typing) -> None:
    """An id that is not there, a transport that is not configured."""
    for line, said in (("queue show 999", "999"), ("queue retry 999", "999"), (f"queue route nowhere {ids(waiting)[0]}", "no transport")):
        status, out, err = waiting.attempt(line)
        assert (status, out, err.count("\n")) == (1, "", 1)
        assert said in err
    assert waiting(f"queue route direct {ids(waiting)[0]}") == "1 delivery sent by direct\n"


def test_many_at_once(waiting: Typing) -> None:
    """Filters instead of ids; both or neither is a mistake."""
    assert "1 delivery held" in waiting("queue hold --to carol@")
    assert [row["recipient"] for row in waiting.json("queue list --state held")] == ["carol@example.com"]
    assert "1 delivery released" in waiting("queue release --state held")
    assert "2 deliveries tried" in waiting("queue schedule 2h --account bob")
    assert "1 delivery sent by direct" in waiting("queue route direct --next-hop example.org")
    for wrong in ("queue hold", "queue hold 1 --all", "queue schedule soon --all", "queue schedule 90d --all",
                  "queue hold --account nobody"):
        assert waiting.attempt(wrong)[0] == 1
    assert "2 deliveries dropped" in waiting("queue drop --all --silent")


def test_rules_that_hold(waiting: Typing) -> None:
    """Added, listed, removed; what it held stays held."""
    assert "1 delivery held" in waiting("queue rule add --to example.com --reason", "on a list")
    [rule] = waiting.json("queue rule list")
    assert (rule["to"], rule["reason"]) == ("example.com", "on a list")
    assert waiting.attempt("queue rule add")[0] == 1
    waiting(f"queue rule remove {rule['id']}")
    assert waiting.json("queue rule list") == []
    assert len(waiting.json("queue list --held")) == 1
