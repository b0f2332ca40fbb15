"""workers.commands.forwarding: addresses that an account forwards to."""
import pytest

from tests.workers.commands.conftest import Typing


@pytest.fixture
def ann(typed: Typing) -> Typing:
    """Two accounts."""
    typed("domain add example.org")
    for name in ("ann", "bob"):
        typed(f"account add {name} --address {name}@example.org --no-password")
    return typed


def test_from_adding_to_removing(ann: Typing) -> None:
    """The code is in the message that waits for the address."""
    [target] = ann.json("forward add ann me@far.example --keep archive --no-seal")
    assert (target["address"], target["confirmed"], target["keep"], target["seal"]) == ("me@far.example", False, "archive", False)
    assert ann.attempt(f"forward confirm ann {target['id']} 0000-0000")[0] == 1
    ann(f"forward code ann {target['id']}")
    waiting = ann.json("queue list")
    assert len(waiting) == 2
    [changed] = ann.json(f"forward set ann {target['id']} --only-rules --attach")
    assert (changed["forwards"], changed["keep"], changed["attach"]) == ("what rules say", "archive", True)
    assert "me@far.example" in ann("forward list ann")
    ann(f"forward remove ann {target['id']}")
    assert ann.json("forward list ann") == []


def test_mistakes(ann: Typing) -> None:
    """One sentence each."""
    for words, said in (("add ann ann@example.org", "circle"), ("add ann nonsense", "no address"), ("set ann 9", "no address 9"),
                        ("remove ann 9", "no address 9"), ("code ann 9", "no address 9"), ("confirm ann 9 x", "no address 9")):
        status, _, problem = ann.attempt(f"forward {words}")
        assert status == 1, words
        assert said in problem
    status, _, problem = ann.attempt("rule add ann --from *@x.example --forward me@far.example")
    assert (status, "add it under Forwarding" in problem) == (1, True)
    [rule] = ann.json("rule add ann --from *@x.example --reply", "It was received.")
    assert (rule["reply"], "answer it" in rule["then"]) == ("It was received.", True)
