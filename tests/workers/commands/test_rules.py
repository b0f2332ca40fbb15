"""workers.commands.rules: an account's own rules."""
from pathlib import Path

import pytest

from mta.base.clock import SystemClock
from mta.store import mailboxes
from mta.store.connection import Connection
from mta.store.database import Store
from tests.workers.commands.conftest import Typing


@pytest.fixture
def ann(typed: Typing, letter: Path) -> Typing:
    """An account with a message."""
    typed("domain add example.org")
    typed("account add ann --address ann@example.org --no-password")
    typed("message deliver ann", str(letter))
    return typed


def test_rules_come_change_and_go(ann: Typing) -> None:
    """What is not given stays, what is empty is taken away."""
    [first] = ann.json("rule add ann --from *@shop.example --verified shop.example --file Archive --mark \\Seen --mark shop --accept",
                       "--header", "Subject: *sale*")
    assert (first["name"], first["from"], first["verified"]) == ("From *@shop.example", "*@shop.example", "shop.example")
    assert first["file"] == "Archive"
    assert (first["mark"], first["headers"], first["accept"], first["last"]) == (["\\Seen", "shop"], ["subject: *sale*"], True, True)
    [second] = ann.json("rule add ann --network 192.0.2.7 --forwarder --go-on")

    text = ann("rule list ann")
    assert "from *@shop.example; verified shop.example; subject: *sale*" in text
    assert "network 192.0.2.7 " in text
    assert "forwarder; go on" in text
    [changed] = ann.json(f"rule set ann {first['id']} --no-accept --disabled --name Shop --file", "", "--mark", "", "--from", "")
    assert (changed["name"], changed["from"], changed["file"], changed["mark"], changed["accept"]) == ("Shop", "", "", [], False)
    assert (changed["verified"], changed["headers"], changed["enabled"]) == ("shop.example", ["subject: *sale*"], False)
    assert [rule["id"] for rule in ann.json(f"rule move ann {second['id']} 1")] == [second["id"], first["id"]]
    ann(f"rule remove ann {first['id']}")
    assert [rule["id"] for rule in ann.json("rule list ann")] == [second["id"]]


def test_a_mailbox_that_is_gone(ann: Typing) -> None:
    """The list says which rule has none, and what happens instead; another one can be given."""
    [rule] = ann.json("rule add ann --from *@shop.example --file Archive")
    store = Store.open(ann.directory / "data", SystemClock())

    def remove(db: Connection) -> None:
        row = mailboxes.by_name(db, 1, "Archive")
        assert row is not None
        mailboxes.remove(db, row.id)

    store.write_now(remove)
    store.close()
    [lost] = ann.json("rule list ann")
    assert (lost["file"], lost["lost"]) == ("", "Archive")
    assert "file into Archive, which is gone: into the Inbox" in ann("rule list ann")
    assert ann.json(f"rule set ann {rule['id']} --mark shop")[0]["lost"] == "Archive"
    [found] = ann.json(f"rule set ann {rule['id']} --file Trash")
    assert (found["file"], found["lost"]) == ("Trash", "")


def test_trying(ann: Typing) -> None:
    """A rule, conditions that are none yet, or all rules; the wrong mixture is said."""
    [rule] = ann.json("rule add ann --from bob@* --mark bob")
    want = {"mailbox": "Inbox", "from": "bob@example.net", "subject": "Grüße from the sea"}
    for line, name in ((f"rule try ann {rule['id']}", "From bob@*"), ("rule try ann", "From bob@*"), ("rule try ann --to *", "(this)")):
        found = ann.json(line)
        if name == "(this)":
            assert found == []    # put there by hand, it came by no address
        else:
            assert [{**each, **want, "rules": [name]} for each in found] == found
            assert len(found) == 1
    assert "rule by its id" in ann.attempt(f"rule try ann {rule['id']} --from x")[2]
    assert ann.attempt("rule try ann 99")[0] == 1


def test_mistakes(ann: Typing) -> None:
    """Said in words, and nothing is changed."""
    for line, said in (("--mark x", "needs a condition"), ("--from x --file Nowhere", "no mailbox"),
                       ("--header x --mark y", "names no field"),
                       ("--list x --mailing-list", "must be certain")):
        status, _, err = ann.attempt(f"rule add ann {line}")
        assert (status, said in err) == (1, True), err
    assert ann("rule list ann").strip() == "(none)"
