"""web.undelete: what was removed for good, through the API."""
from mta.flow.world import World
from mta.store import accounts, messages
from tests.store.population import deliver, mailbox
from tests.web.conftest import Browser


def gone(served: World, subject: str) -> int:
    """A message of ann's that is no more."""
    row = deliver(served.store, mailbox(served.store, 1), f"Subject: {subject}\r\n\r\nHello.\r\n".encode(), subject=subject)
    served.store.write_now(lambda db: messages.expunge(db, 1, [row.id]))
    return row.id


def test_there_and_back(ann: Browser, served: World) -> None:
    """Listed with what bounds them, brought back, removed now."""
    ids = [gone(served, subject) for subject in ("one", "two", "three")]
    shown = ann.call("account/deleted")
    assert [(one["id"], one["subject"], one["mailbox"], one["deleted"], one["days_left"]) for one in shown["messages"]] == [
        (ids[2], "three", "Inbox", None, 30), (ids[1], "two", "Inbox", None, 30), (ids[0], "one", "Inbox", None, 30)]
    assert (shown["total"], shown["quota"], shown["days"]) == (3, 0, 30)
    assert [one["id"] for one in ann.call("account/deleted", before=None, before_id=ids[2])["messages"]] == [ids[1], ids[0]]
    assert ann.call("account/undelete_messages", ids=[ids[0]]) == ["Inbox"]
    assert ann.call("account/deleted_forget", ids=[ids[1]]) == 1
    assert ann.call("account/deleted_forget") == 1
    assert ann.call("account/deleted")["total"] == 0


def test_mistakes(ann: Browser, served: World) -> None:
    """What is gone, nothing named, no room: each is said."""
    assert ann.refused("account/undelete_messages", ids=[999])["code"] == "user:notFound"
    assert ann.refused("account/undelete_messages", ids=[])["code"] == "user:error"
    one = gone(served, "one")
    served.store.write_now(lambda db: accounts.update(db, 1, quota=1))
    assert ann.refused("account/undelete_messages", ids=[one])["code"] == "user:noRoom"
    assert ann.call("account/deleted")["total"] == 1
