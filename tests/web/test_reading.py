"""The webmail's functions for who reads."""
import io
import zipfile

import pytest

from tests.web.conftest import Browser
from tests.web.letters import PICTURE, RICH, put
from web.call import House

NESTED = """\
From: Xenia <x@example.net>
To: ann@example.org
Subject: with others
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain

see there
--b
Content-Type: message/rfc822

From: Inner <i@example.net>
Subject: <i>within</i>
Content-Type: text/html

<b>inside</b><script>steal()</script><img src="https://tracker.example/x.gif">
--b
Content-Type: text/calendar; method=REQUEST

BEGIN:VEVENT
SUMMARY:Meeting
DTSTART:20300301T140000Z
END:VEVENT
--b
Content-Type: application/pdf
Content-Disposition: attachment; filename="plan.pdf"

%PDF-1.1
--b
Content-Type: text/html; name=page.html
Content-Disposition: attachment; filename=page.html

<script>steal()</script>
--b
Content-Type: image/svg+xml
Content-Disposition: attachment; filename=x.svg

<svg onload="steal()"/>
--b--
"""


def inbox(ann: Browser) -> int:
    """The id of the Inbox."""
    return next(int(one["id"]) for one in ann.call("webmail/mailboxes") if one["role"] == "inbox")


def test_lists(ann: Browser, house: House) -> None:
    """Other orders, conversations, and a whole list acted on."""
    for subject in ("b", "a"):
        put(house.world, subject=subject)
    page = ann.call("webmail/sorted_page", mailbox_id=inbox(ann), order="subject")
    assert [one["subject"] for one in page["messages"]] == ["a", "b"]
    told = ann.call("webmail/conversations", mailbox_id=inbox(ann))
    assert [(one["latest"]["subject"], one["total"], one["unread"]) for one in told["conversations"]] == [("a", 1, 1), ("b", 1, 1)]
    assert ann.refused("webmail/sorted_page", mailbox_id=inbox(ann), order="best")["code"] == "user:badArgument"
    assert ann.call("webmail/mailbox_read", id=inbox(ann)) == 2
    done = ann.call("webmail/act_on_all", action="archive", mailbox_id=inbox(ann))
    assert (done["found"], done["next"]) == (2, None)
    assert [one["mailbox_id"] for one in done["moved"]] == [inbox(ann)]
    assert ann.call("webmail/labels") == []


def test_choices(ann: Browser) -> None:
    """Are kept as the page wrote them; senders whose pictures are loaded."""
    assert ann.call("webmail/display_choices") == ""
    ann.call("webmail/display_keep", choices="{}")
    assert ann.call("webmail/display_choices") == "{}"
    assert ann.call("webmail/outside_choose", sender="x@y.example", allowed=True) == ["x@y.example"]
    assert ann.call("webmail/outside_senders") == ["x@y.example"]


def test_a_role(ann: Browser) -> None:
    """A mailbox may be for something else."""
    made = ann.call("webmail/mailbox_add", name="Old")
    assert ann.call("webmail/mailbox_role", id=made["id"], role="archive")["role"] == "archive"


def test_what_is_elsewhere(ann: Browser, house: House) -> None:
    """It is counted, and loaded only by the document that allows it."""
    rich = put(house.world, text=RICH)
    assert ann.call("webmail/blocked", id=rich) == {"elsewhere": 1, "missing": 0}
    closed, open_ = (ann.request("GET", f"/webmail/message/{rich}/{form}") for form in ("html", "outside"))
    assert b"tracker.example" not in closed.body
    assert b'src="https://tracker.example/x.gif"' in open_.body
    assert "img-src data: https: http:;" in open_.headers["content-security-policy"]
    for policy in (closed.headers["content-security-policy"], open_.headers["content-security-policy"]):
        assert policy.startswith("sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none';")
        assert "script-src" not in policy
    assert ann.call("webmail/leaving", id=rich) is None
    assert ann.refused("webmail/leave", id=rich)["code"] == "user:notAllowed"


def test_parts_in_place(ann: Browser, house: House) -> None:
    """A message within, a text, a picture, a PDF are shown, each caged; what a browser would run is text, or not shown at all."""
    number = put(house.world, text=NESTED)
    parts = {one["kind"]: one["part"] for one in ann.call("webmail/message", id=number)["attachments"]}
    inner = ann.request("GET", f"/webmail/message/{number}/show/{parts['message/rfc822']}")
    assert b"<b>inside</b>" in inner.body
    assert b"&lt;i&gt;within&lt;/i&gt;" in inner.body
    assert b"steal" not in inner.body
    assert b"tracker" not in inner.body
    page = ann.request("GET", f"/webmail/message/{number}/show/{parts['text/html']}")
    assert b"&lt;script&gt;" in page.body
    for shown in (inner, page):
        assert shown.headers["content-security-policy"].startswith("sandbox allow-popups")
    pdf = ann.request("GET", f"/webmail/message/{number}/show/{parts['application/pdf']}")
    assert (pdf.headers["content-type"], pdf.body.strip()) == ("application/pdf", b"%PDF-1.1")
    assert "default-src 'none'" in pdf.headers["content-security-policy"]
    assert ann.request("GET", f"/webmail/message/{number}/show/{parts['image/svg+xml']}").status == 404
    assert ann.request("GET", f"/webmail/message/{number}/show/9").status == 404
    told = ann.call("webmail/invitation", id=number, part=parts["text/calendar"])
    assert [event["summary"] for event in told["events"]] == ["Meeting"]
    rich = put(house.world, text=RICH)
    picture = ann.request("GET", f"/webmail/message/{rich}/show/1.2")
    assert (picture.body, picture.headers["content-type"]) == (PICTURE, "image/png")


def test_all_as_one_archive(ann: Browser, stranger: Browser, house: House) -> None:
    """Everything that can be saved, under its name; for its owner alone."""
    number = put(house.world, text=NESTED)
    saved = ann.request("GET", f"/webmail/message/{number}/attachments.zip")
    assert saved.headers["content-disposition"].startswith('attachment; filename="with others.zip"')
    with zipfile.ZipFile(io.BytesIO(saved.body)) as archive:
        assert {"plan.pdf", "page.html", "x.svg"} <= set(archive.namelist())
    assert stranger.request("GET", f"/webmail/message/{number}/attachments.zip").status == 401
    assert stranger.request("GET", f"/webmail/message/{number}/show/1").status == 401


@pytest.mark.parametrize("function", ["labels", "display_choices", "outside_senders"])
def test_for_who_is_signed_in(stranger: Browser, function: str) -> None:
    """Nobody else learns anything."""
    assert stranger.refused(f"webmail/{function}")["code"] == "user:signedOut"
