"""workers.commands.identities: who an account writes as."""
import pytest

from tests.workers.commands.conftest import Typing


@pytest.fixture
def ann(typed: Typing) -> Typing:
    """An account."""
    typed("domain add example.org")
    typed("account add ann --address ann@example.org --no-password --full-name Ann")
    return typed


def test_identities(ann: Typing) -> None:
    """What is not given stays; the signature may come from standard input."""
    ann("identity add ann --address ann@example.org --name A --reply-to x@else.example")
    [first, second] = ann.json("identity add ann --address ann@example.org --name B --signature -")
    ann(f"identity set ann {second['id']} --usual --signature -", stdin="Ann\nHarbour 1\n")
    [usual, other] = ann.json("identity list ann")
    assert (usual["name"], usual["signature"]) == ("B", "Ann\nHarbour 1")
    assert (other["id"], other["name"], other["reply_to"]) == (first["id"], "A", "x@else.example")
    ann(f"identity set ann {first['id']} --reply-to", "")
    assert ann.json("identity list ann")[1]["reply_to"] == ""
    ann(f"identity remove ann {second['id']}")
    assert len(ann.json("identity list ann")) == 1


def test_addresses(ann: Typing) -> None:
    """Name and mailbox of each."""
    assert ann.json("identity addresses ann") == [{"address": "ann@example.org", "name": "", "mailbox": "Inbox"}]
    [row] = ann.json("identity address ann ann@example.org --mailbox Archive --name", "Ann A.")
    assert (row["name"], row["mailbox"]) == ("Ann A.", "Archive")
    assert ann.json("identity address ann ann@example.org --mailbox", "")[0]["mailbox"] == "Inbox"


def test_mistakes(ann: Typing) -> None:
    """One sentence each."""
    for words, said in (("add ann --name x", "needs an --address"),
                        ("add ann --address bob@example.org", "may not write as"),
                        ("set ann 9 --name x", "no identity 9"), ("remove ann 9", "no identity 9"),
                        ("address ann bob@example.org --name x", "no address"),
                        ("address ann ann@example.org --mailbox Nowhere", "Nowhere")):
        status, _, problem = ann.attempt(f"identity {words}")
        assert status == 1, words
        assert said in problem
