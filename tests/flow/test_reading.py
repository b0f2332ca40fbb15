"""Tests of mta.flow.reading."""
import base64

import pytest

from mta.base.errors import NotFound, UserError
from mta.flow import deposit, filing, people, reading
from mta.flow.reading import Cursor
from mta.flow.world import World
from mta.judge.screen import Reason
from mta.store.search import Document, SearchIndex

PICTURE = base64.b64encode(bytes(range(60))).decode()
RICH = f"""\
From: =?utf-8?q?J=C3=B6rg?= <joerg@example.net>
To: Ann <ann@example.org>, Bob <bob@example.org>
Cc: carol@example.net
Reply-To: answers@example.net
Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=
Date: Tue, 1 Jan 2030 01:00:00 +0100
Message-ID: <rich@example.net>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=a

--a
Content-Type: multipart/related; boundary=b

--b
Content-Type: text/html; charset=utf-8

<p>Hello <b>Ann</b> <img src="cid:pic"><img src="https://tracker.example/x.gif"><script>alert(1)</script></p>
--b
Content-Type: image/png; name="pic.png"
Content-ID: <pic>
Content-Transfer-Encoding: base64

{PICTURE}
--b--
--a
Content-Type: application/pdf
Content-Disposition: attachment; filename="../a plan.pdf"
Content-Transfer-Encoding: base64

{PICTURE}
--a
Content-Type: message/rfc822

Subject: Inner letter

Inside
--a--
"""


@pytest.fixture
def ann(served: World) -> int:
    """Ann's account."""
    return people.get_account(served, "ann").id


@pytest.fixture
def inbox(served: World, ann: int) -> int:
    """Her Inbox."""
    return reading.mailbox_named(served, ann, "INBOX").id


def put(world: World, account: int, subject: str = "Hello", text: str = "Text") -> int:
    """A message in the Inbox."""
    return deposit.file_in(world, account, f"From: x@example.net\nSubject: {subject}\n\n{text}\n".encode()).id


def subjects(page: reading.Page) -> list[str]:
    """What a page lists."""
    return [message.subject for message in page.messages]


def test_pages(served: World, ann: int, inbox: int) -> None:
    """Newest first, page by page, or from any place in the list."""
    for number in range(7):
        put(served, ann, str(number))
        served.clock.advance(1)    # type: ignore[attr-defined]  # a test's clock

    first = reading.page(served, ann, inbox, limit=3)
    second = reading.page(served, ann, inbox, first.next, limit=3)
    third = reading.page(served, ann, inbox, second.next, limit=3)
    assert [subjects(page) for page in (first, second, third)] == [["6", "5", "4"], ["3", "2", "1"], ["0"]]
    assert (first.total, third.next) == (7, None)
    assert first.modseq > 0
    assert subjects(reading.page(served, ann, inbox, skip=2, limit=2)) == ["4", "3"]
    assert subjects(reading.page(served, ann, inbox, first.next, skip=1, limit=2)) == ["2", "1"]
    assert subjects(reading.page(served, ann, inbox, skip=100)) == []


def test_mailboxes_in_their_order(served: World, ann: int) -> None:
    """Inbox first, those with a role next, then by name."""
    filing.add_mailbox(served, ann, "aardvarks")

    names = [row.name for row in reading.all_mailboxes(served, ann)]
    assert names[0] == "Inbox"
    assert names[-1] == "aardvarks"
    with pytest.raises(NotFound):
        reading.mailbox_named(served, ann, "nothing")


def test_a_list_opens_no_file(served: World, ann: int, inbox: int) -> None:
    """Everything that a list shows is in the row."""
    message = deposit.file_in(served, ann, RICH.encode())
    served.store.bodies.path(message.body_name).rename(served.store.directory / "elsewhere")

    [found] = reading.page(served, ann, inbox).messages
    served.store.bodies.path(message.body_name).parent.joinpath("../../elsewhere").rename(served.store.bodies.path(message.body_name))
    assert (found.subject, found.from_[0].name, found.preview, found.attachments) == ("Grüße", "Jörg", "Hello Ann", 2)
    assert found.date == 1_893_456_000.0
    assert [str(to.address) for to in found.to] == ["ann@example.org", "bob@example.org"]
    assert reading.summaries(served, ann, [message.id, 99]) == [found]
    assert reading.thread(served, ann, found.thread_id) == [found]
    with pytest.raises(UserError):
        reading.summaries(served, ann, range(1_000))


def test_a_letter(served: World, ann: int) -> None:
    """Text made from HTML, attachments with safe names, and why it is here."""
    message = deposit.file_in(served, ann, RICH.encode(), reason="a test").id
    letter = reading.letter(served, ann, message, mark_seen=True)

    assert letter.reasons == (Reason("a test", key="filed"),)
    assert (letter.text, letter.cut, letter.has_html, letter.defects) == ("Hello Ann", False, True, ())
    assert letter.summary.flags == ("\\Seen",)
    assert [person.spec for person in (*letter.cc, *letter.reply_to)] == ["carol@example.net", "answers@example.net"]
    assert [(part.part, part.name, part.kind, part.inline) for part in letter.attachments] == [
        ("1.2", "pic.png", "image/png", True), ("2", "a plan.pdf", "application/pdf", False),
        ("3", "Inner letter.eml", "message/rfc822", False)]
    assert letter.mailbox.name == "Inbox"


def test_html_loads_nothing_from_elsewhere(served: World, ann: int) -> None:
    """Pictures of the message get our address, others are blocked, script is gone."""
    message = deposit.file_in(served, ann, RICH.encode()).id
    shown = reading.html_body(served, ann, message, "/part/{}".format)

    assert 'src="/part/1.2"' in shown.html
    assert "tracker" not in shown.html
    assert "script" not in shown.html
    assert (shown.blocked, shown.missing) == (1, 0)
    assert "tracker" in reading.html_body(served, ann, message, "/part/{}".format, allow_remote=True).html


def test_html_of_a_plain_message(served: World, ann: int) -> None:
    """Text is shown as it is."""
    message = put(served, ann, text="1 < 2")

    assert "1 &lt; 2" in reading.html_body(served, ann, message, str).html
    assert not reading.letter(served, ann, message).has_html


def test_downloads(served: World, ann: int) -> None:
    """The content of a part, decoded; the whole message, as it is."""
    message = deposit.file_in(served, ann, RICH.encode()).id
    found = reading.attachment(served, ann, message, "2")
    file, size = reading.raw(served, ann, message)
    with file:
        octets = file.read()

    assert (found.name, found.kind, b"".join(found.pieces())) == ("a plan.pdf", "application/pdf", bytes(range(60)))
    assert octets == RICH.replace("\n", "\r\n").encode()
    assert size == len(octets)
    for number in ("", "1", "9", "x"):
        with pytest.raises(NotFound):
            reading.attachment(served, ann, message, number)


def test_header_lines(served: World, ann: int) -> None:
    """Decoded, in the order of the message."""
    message = deposit.file_in(served, ann, RICH.encode()).id

    lines = reading.header_lines(served, ann, message)
    assert lines[0] == ("From", "Jörg <joerg@example.net>")
    assert lines[4] == ("Subject", "Grüße")


def test_a_broken_message_is_shown(served: World, ann: int) -> None:
    """With what is wrong with it."""
    message = deposit.file_in(served, ann, b"Subject: x\nContent-Type: multipart/mixed; boundary=y\n\nno parts\n").id

    letter = reading.letter(served, ann, message)
    assert letter.text.strip() == "no parts"
    assert letter.defects == ("its parts have no boundary",)


def test_search(served: World, ann: int, inbox: int) -> None:
    """What the index finds, without Junk and Trash unless they are named."""
    index = SearchIndex(served.store.search_db)
    ids = [put(served, ann, "blue lorry"), put(served, ann, "red lorry"), put(served, ann, "yellow lorry")]
    index.add([Document(message, ann, 0.0, "x", "y", subject, "", False) for message, subject in
               zip(ids, ("blue lorry", "red lorry", "yellow lorry"), strict=True)], [], 0, ids[-1])
    filing.delete(served, ann, [ids[1]])

    assert subjects(reading.search(served, index, ann, "lorry")) == ["yellow lorry", "blue lorry"]
    assert subjects(reading.search(served, index, ann, "lorry in:trash")) == ["red lorry"]
    first = reading.search(served, index, ann, "lorry", inbox, limit=1)
    assert subjects(first) == ["yellow lorry"]
    assert isinstance(first.next, Cursor)
    assert subjects(reading.search(served, index, ann, "lorry", inbox, first.next, 1)) == ["blue lorry"]
    index.close()


def test_whose_message(served: World, ann: int) -> None:
    """The administrator can ask by id alone."""
    assert reading.account_of(served, put(served, ann)) == ann
    with pytest.raises(NotFound):
        reading.account_of(served, 999)
