"""web.imports: imports of an account, through the API."""
from mta.flow import importing
from mta.flow.world import World
from tests.flow.away import account_id
from tests.flow.mailfiles import box, letter
from tests.flow.test_importing import work
from tests.web.conftest import Browser


def test_a_file(ann: Browser, served: World) -> None:
    """Announced, brought, seen, stopped, gone on with and forgotten; what was passed over is told."""
    octets = box(letter(1), letter(2, "X-Mozilla-Status: 0009\n"))
    made = ann.call("account/import_file", name="Inbox.mbox", size=len(octets), mailbox="Old")
    assert (made["state"], made["percent"], made["mailbox"], made["octets"], made["size"]) == ("coming", 0, "Old", 0, len(octets))
    importing.append(served, account_id(served, "ann"), made["id"], 0, octets[:len(octets) // 2])
    assert ann.call("account/imports")[0]["percent"] in (49, 50)
    importing.append(served, account_id(served, "ann"), made["id"], len(octets) // 2, octets[len(octets) // 2:])
    assert ann.call("account/import_stop", id=made["id"])[0]["state"] == "stopped"
    assert ann.call("account/import_go_on", id=made["id"])[0]["state"] == "waiting"
    work(served)
    [done] = ann.call("account/imports")
    assert (done["state"], done["percent"], done["added"], done["skipped"]) == ("done", 100, 1, 1)
    [skip] = ann.call("account/import_skips", id=made["id"])
    assert "Thunderbird" in skip["reason"]
    assert ann.refused("account/import_stop", id=made["id"])["code"] == "user:conflict"
    assert ann.call("account/import_remove", id=made["id"]) == []
    assert ann.refused("account/import_skips", id=made["id"])["code"] == "user:notFound"
    assert ann.refused("account/import_file", name="x", size=0)["code"] == "user:error"
    assert ann.refused("account/import_file", name="x", size=5, mailbox="a//b")["code"] == "user:error"


def test_another_server(ann: Browser, served: World) -> None:
    """What the page does not know is the password."""
    made = ann.call("account/import_imap", host="imap.old.example", user="ann", password="secret words")
    assert (made["kind"], made["source"], made["state"]) == ("imap", "ann at imap.old.example", "waiting")
    assert ann.refused("account/import_imap", host="imap.old.example", user="ann", password="x")["code"] == "user:conflict"
    assert "secret words" not in str(ann.call("account/imports"))
    work(served)
    [stopped] = ann.call("account/imports")
    assert stopped["state"] == "stopped"
    assert ann.refused("account/import_go_on", id=made["id"])["code"] == "user:error"
    assert ann.call("account/import_go_on", id=made["id"], password="x")[0]["state"] == "waiting"
    assert ann.refused("account/import_imap", host="a b", user="ann", password="x")["code"] == "user:error"
