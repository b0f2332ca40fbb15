"""web.webmail: mailboxes, lists and messages by calls, each account its own."""
from typing import Any

import pytest

from mta.base.clock import SetClock
from mta.base.names import Domain
from mta.flow import indexing, people
from mta.secure.protection import Seen
from mta.store import queue, seen
from tests.web.conftest import Browser
from tests.web.letters import RICH, put
from web.call import House


def box(browser: Browser, role: str) -> dict[str, Any]:
    """The mailbox with a role."""
    [found] = [mailbox for mailbox in browser.call("webmail/mailboxes") if mailbox["role"] == role]
    return found        # type: ignore[no-any-return]  # JSON


def subjects(page: dict[str, Any]) -> list[str]:
    """What a page lists."""
    return [message["subject"] for message in page["messages"]]


@pytest.fixture
def letters(house: House, clock: SetClock) -> list[int]:
    """Seven messages in ann's Inbox, the oldest first."""
    ids = []
    for number in range(7):
        clock.advance(1)
        ids.append(put(house.world, subject=f"number {number}"))
    return ids


def test_mailboxes(ann: Browser, letters: list[int]) -> None:
    """Those with a role come first; counts are right; others are made, renamed and removed."""
    assert [mailbox["role"] for mailbox in ann.call("webmail/mailboxes")] == [
        "inbox", "sent", "drafts", "archive", "junk", "trash", "rejects"]
    inbox = box(ann, "inbox")
    assert (inbox["total"], inbox["unread"], inbox["name"], inbox["parent"]) == (7, 7, "Inbox", "")
    made = ann.call("webmail/mailbox_add", name="Family/Cats")
    assert (made["name"], made["parent"]) == ("Family/Cats", "Family")
    assert ann.call("webmail/mailbox_rename", id=made["id"], name="Cats")["parent"] == ""
    ann.call("webmail/mailbox_remove", id=made["id"])
    assert ann.refused("webmail/mailbox_remove", id=inbox["id"])["code"] == "user:conflict"
    assert ann.refused("webmail/mailbox_add", name="Inbox")["code"] == "user:conflict"


def test_travel(ann: Browser, house: House) -> None:
    """How mail gets to whom one types, and nothing about half an address."""
    account = people.get_account(house.world, "ann").id
    house.world.store.write_now(lambda db: seen.note(db, [account], Seen(
        Domain("b.example"), True, "mta-sts", True, 1_000.0, True, None, False)))
    assert ann.call("webmail/travel", recipients="Bob <bob@b.example>, ann@example.org, eve@c.example, half@") == [
        {"address": "bob@b.example", "way": "verified", "requiretls": True, "at": 1_000.0, "bars": [True, True, None, False, True]},
        {"address": "ann@example.org", "way": "here", "requiretls": True, "at": None, "bars": [None] * 5},
        {"address": "eve@c.example", "way": "unknown", "requiretls": False, "at": None, "bars": [None] * 5}]


def test_protection_is_kept_in_drafts(ann: Browser) -> None:
    """What the message asks of connections is there when one goes on writing."""
    draft = {**ann.call("webmail/compose"), "to": "bob@b.example"}
    assert draft["tls"] == "default"
    kept = ann.call("webmail/draft_save", draft={**draft, "tls": "required"})
    assert ann.call("webmail/draft", id=kept["id"])["tls"] == "required"
    assert ann.refused("webmail/draft_save", draft={**draft, "tls": "perhaps"})["place"] == "draft.tls"


def test_pages(ann: Browser, letters: list[int]) -> None:
    """Newest first, from page to page, or by a jump."""
    inbox = box(ann, "inbox")["id"]
    first = ann.call("webmail/page", mailbox_id=inbox, limit=3)
    assert (subjects(first), first["total"]) == (["number 6", "number 5", "number 4"], 7)
    second = ann.call("webmail/page", mailbox_id=inbox, before=first["next"], limit=3)
    assert subjects(second) == ["number 3", "number 2", "number 1"]
    assert subjects(ann.call("webmail/page", mailbox_id=inbox, skip=5, limit=3)) == ["number 1", "number 0"]
    assert first["modseq"] == ann.call("webmail/state")["modseq"]
    [line] = [message for message in first["messages"] if message["id"] == letters[6]]
    assert line["from"] == [{"name": "Xenia", "address": "x@example.net"}]
    assert (line["preview"], line["flags"], line["attachments"]) == ("Text of number 6", [], 0)


def test_a_message(ann: Browser, house: House) -> None:
    """A message to read has text, addresses, attachments, and where its documents are."""
    id = put(house.world, text=RICH)
    seen = ann.call("webmail/message", id=id, mark_seen=True)
    assert seen["summary"]["subject"] == "Grüße"
    assert seen["summary"]["flags"] == ["\\Seen"]
    assert seen["summary"]["from"] == [{"name": "Jörg", "address": "joerg@example.net"}]
    assert seen["cc"] == [{"name": "", "address": "carol@example.net"}]
    assert seen["text"].startswith("Hello Ann")
    assert seen["html_url"] == f"/webmail/message/{id}/html"
    [page] = [part for part in seen["attachments"] if not part["inline"]]
    assert (page["kind"], page["url"]) == ("text/html", f"/webmail/message/{id}/part/2")
    assert seen["reasons"]
    assert {"name": "Message-ID", "value": "<rich@example.net>"} in ann.call("webmail/headers", id=id)
    assert box(ann, "inbox")["unread"] == 0


def test_flags_and_moves(ann: Browser, letters: list[int]) -> None:
    """Flags are set and cleared; messages go to Archive, to Trash, and for good."""
    ann.call("webmail/flags", ids=letters[:2], add=["\\Seen", "\\Flagged", "work"], remove=[])
    [one, two] = ann.call("webmail/summaries", ids=letters[:2])
    assert one["flags"] == two["flags"] == ["\\Seen", "\\Flagged"]
    assert one["keywords"] == ["work"]
    ann.call("webmail/flags", ids=letters[:1], add=[], remove=["\\Seen", "work"])
    assert ann.call("webmail/summaries", ids=letters[:1])[0]["flags"] == ["\\Flagged"]
    assert ann.refused("webmail/flags", ids=letters[:1], add=["\\Strange"], remove=[])["code"] == "user:error"

    archive = box(ann, "archive")["id"]
    assert ann.call("webmail/archive", ids=letters[:2]) == {"ids": letters[:2], "mailbox_id": archive}
    assert box(ann, "archive")["total"] == 2
    trash = box(ann, "trash")["id"]
    gone = ann.call("webmail/delete", ids=letters[:3])
    assert (sorted(gone["trashed"]), gone["removed"], gone["trash"]) == (letters[:3], [], trash)
    assert box(ann, "trash")["total"] == 3
    assert sorted(ann.call("webmail/delete", ids=letters[:1])["removed"]) == letters[:1]
    assert ann.call("webmail/mailbox_empty", id=trash) == 2
    assert ann.call("webmail/summaries", ids=letters[:3]) == []
    assert ann.call("webmail/move", ids=letters[3:5], mailbox_id=archive)["ids"] == letters[3:5]
    assert ann.refused("webmail/move", ids=list(range(1_001)), mailbox_id=archive)["code"] == "user:error"


def test_a_thread(ann: Browser, house: House) -> None:
    """A conversation is listed oldest first."""
    first = put(house.world, subject="plan")
    second = put(house.world, text=(
        "From: ann@example.org\nSubject: Re: plan\nMessage-ID: <b@example.org>\nIn-Reply-To: <plan@example.net>\n\nyes\n"), mailbox="sent")
    thread = ann.call("webmail/summaries", ids=[first])[0]["thread_id"]
    assert [message["id"] for message in ann.call("webmail/thread", thread_id=thread)] == [first, second]


def test_nobody_elses(ann: Browser, house: House, letters: list[int]) -> None:
    """What is another account's does not exist, whatever is asked of it."""
    bob = Browser(ann.app)
    bob.call("webmail/login", name="bob", password="bob's password")
    inbox, id = box(ann, "inbox")["id"], letters[0]
    mine = box(bob, "inbox")["id"]
    for function, arguments in (
        ("page", {"mailbox_id": inbox}), ("message", {"id": id}), ("headers", {"id": id}), ("move", {"ids": [id], "mailbox_id": inbox}),
        ("mailbox_remove", {"id": inbox}), ("mailbox_rename", {"id": inbox, "name": "x"}), ("mailbox_empty", {"id": inbox}),
        ("search", {"query": "x", "mailbox_id": inbox}),
    ):
        assert bob.refused(f"webmail/{function}", **arguments)["code"] == "user:notFound", function
    assert bob.call("webmail/summaries", ids=letters) == []
    assert bob.call("webmail/move", ids=[id], mailbox_id=mine)["ids"] == []
    assert bob.call("webmail/delete", ids=[id])["trashed"] == []
    bob.call("webmail/flags", ids=[id], add=["\\Seen"], remove=[])
    assert ann.call("webmail/summaries", ids=[id])[0]["flags"] == []


def test_writing(ann: Browser, house: House) -> None:
    """A draft is begun, kept, kept again, taken up, and sent; what was kept goes, a copy is in Sent, and it is queued."""
    draft = ann.call("webmail/compose")
    assert draft["from"] == "Ann <ann@example.org>"
    kept = ann.call("webmail/draft_save", draft={**draft, "to": "Bob <bob@", "subject": "Grüße", "text": "Hällo\n"})
    again = ann.call("webmail/draft_save", draft={**kept, "to": "bob@example.org, Carol <carol@example.net>", "bcc": "dan@example.net"})
    assert box(ann, "drafts")["total"] == 1
    taken = ann.call("webmail/draft", id=again["id"])
    assert (taken["to"], taken["bcc"], taken["subject"]) == ("bob@example.org, Carol <carol@example.net>", "dan@example.net", "Grüße")
    sent = ann.call("webmail/send", draft=taken)
    assert box(ann, "drafts")["total"] == 0
    copy = ann.call("webmail/message", id=sent["id"])
    assert (copy["summary"]["subject"], copy["text"].strip(), copy["bcc"]) == ("Grüße", "Hällo", [])
    waiting = house.world.store.read(lambda db: queue.listing(db, house.world.clock))
    assert {str(one.recipient) for _, one in waiting} == {"bob@example.org", "carol@example.net", "dan@example.net"}
    assert {message.trace for message, _ in waiting} == {sent["trace"]}


def test_answering(ann: Browser, house: House) -> None:
    """An answer has recipients, subject and quotation, and marks what it answers; so does what is passed on."""
    id = put(house.world, text=RICH)
    answer = ann.call("webmail/reply", id=id)
    assert (answer["to"], answer["subject"], answer["answers"]) == ("Jörg <joerg@example.net>", "Re: Grüße", id)
    assert "> Hello Ann" in answer["text"]
    everybody = ann.call("webmail/reply", id=id, whom="everybody")
    assert "bob@example.org" in everybody["to"] + everybody["cc"]
    assert "ann@example.org" not in everybody["to"] + everybody["cc"]
    ann.call("webmail/send", draft=answer)
    forwarded = ann.call("webmail/forward", id=id)
    assert forwarded["attachments"]
    sent = ann.call("webmail/send", draft={**forwarded, "to": "eve@example.net"})
    assert ann.call("webmail/summaries", ids=[id])[0]["flags"] == ["\\Answered", "$Forwarded"]
    assert len(ann.call("webmail/message", id=sent["id"])["attachments"]) == len(forwarded["attachments"])


def test_attaching(ann: Browser, house: House) -> None:
    """A file that was uploaded is in the message that is sent, and then no upload any more."""
    sink = house.uploads.sink(ann.call("webmail/state")["account_id"])
    sink.write(b"content of the file")
    upload = sink.finish()
    file = {"name": "päper.txt", "kind": "text/plain", "size": 19, "upload": upload, "message_id": None, "part": ""}
    draft = {**ann.call("webmail/compose"), "to": "bob@example.org", "attachments": [file]}
    sent = ann.call("webmail/send", draft=draft)
    [attached] = ann.call("webmail/message", id=sent["id"])["attachments"]
    assert (attached["name"], attached["kind"]) == ("päper.txt", "text/plain")
    assert ann.request("GET", attached["url"]).body == b"content of the file"
    error = ann.refused("webmail/send", draft=draft)
    assert (error["code"], error["place"]) == ("user:error", "draft.attachments[0]")


@pytest.mark.parametrize(("change", "code", "place"), [
    ({"to": ""}, "user:error", "draft.to"), ({"to": "nobody"}, "user:error", "draft.to"),
    ({"to": "a@b.example", "cc": "x y z"}, "user:error", "draft.cc"),
    ({"from": "eve@example.net", "to": "a@b.example"}, "user:notAllowed", ""),
    ({"from": "", "to": "a@b.example"}, "user:error", "draft.from"),
    ({"subject": 1}, "user:badArgument", "draft.subject"),
])
def test_what_cannot_be_sent(ann: Browser, change: dict[str, Any], code: str, place: str) -> None:
    """It is said which field has to be changed; nothing leaves."""
    error = ann.refused("webmail/send", draft={**ann.call("webmail/compose"), **change})
    assert (error["code"], error["place"]) == (code, place)
    assert box(ann, "sent")["total"] == 0


def test_searching(ann: Browser, house: House, letters: list[int]) -> None:
    """What is indexed is found, newest first, Trash left out."""
    while indexing.advance(house.world, house.index):
        pass
    assert subjects(ann.call("webmail/search", query="text of number")) == [f"number {number}" for number in range(6, -1, -1)]
    assert subjects(ann.call("webmail/search", query='"number 3"')) == ["number 3"]
    ann.call("webmail/delete", ids=letters[3:4])
    assert subjects(ann.call("webmail/search", query='"number 3"')) == []
    trash = box(ann, "trash")["id"]
    assert subjects(ann.call("webmail/search", query="number", mailbox_id=trash)) == ["number 3"]
    first = ann.call("webmail/search", query="number", limit=2)
    assert subjects(ann.call("webmail/search", query="number", before=first["next"], limit=2)) == ["number 4", "number 2"]
