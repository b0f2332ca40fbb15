"""Tests of mta.flow.drafting."""
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from mta.base.clock import SystemClock
from mta.base.errors import NotAllowed, NotFound, UserError
from mta.base.names import Address
from mta.flow import deposit, drafting, filing, identities, people, reading
from mta.flow.drafting import Attached, Draft, DraftProblem, Overtaken
from mta.flow.travelling import Protection
from mta.flow.world import World
from mta.store import mailboxes
from mta.store.identities import Identity
from mta.store.uploads import Uploads
from tests.flow.post import letters, queued, source, spooled, written

BY = "a test"
QUESTION = b"""\
From: =?utf-8?q?J=C3=B6rg?= <joerg@else.example>
To: Ann <ann+club@example.org>, Bob <bob@example.org>
Cc: carol@else.example
Subject: Plan
Message-ID: <q@else.example>
References: <root@else.example>
Date: Tue, 1 Jan 2030 01:00:00 +0100
Content-Type: multipart/mixed; boundary=b

--b

Shall we?
> he asked
--b
Content-Type: application/pdf; name=plan.pdf
Content-Transfer-Encoding: base64

AAECAwQ=
--b--
"""


@pytest.fixture
def ann(served: World) -> int:
    """Ann's account."""
    return people.get_account(served, "ann").id


@pytest.fixture
def uploads(served: World) -> Uploads:
    """Files that were sent ahead; how old they are, the machine's clock says."""
    return Uploads(served.store.directory, SystemClock())


@pytest.fixture
def question(served: World, ann: int) -> int:
    """A message that Ann got."""
    return deposit.file_in(served, ann, QUESTION).id


def upload(uploads: Uploads, account: int, content: bytes) -> str:
    """A file of the account."""
    sink = uploads.sink(account)
    sink.write(content)
    return sink.finish()


def parsed(octets: bytes) -> EmailMessage:
    """The message as Python reads it."""
    read = message_from_bytes(octets, policy=policy.default)
    assert isinstance(read, EmailMessage)
    return read


def test_an_empty_draft(served: World, ann: int) -> None:
    """The usual sender is there."""
    draft = drafting.begin(served, ann)
    assert draft == Draft(from_="Ann <ann@example.org>", lineage=draft.lineage)
    assert draft.lineage != drafting.begin(served, ann).lineage
    people.add_alias(served, "team@example.org", ["ann@example.org"], sendable=True, by="test")
    people.add_alias(served, "all@example.org", ["ann@example.org"], by="test")
    people.add_alias(served, "others@example.org", ["bob@example.org"], sendable=True, by="test")
    assert [str(mailbox.address) for mailbox in drafting.identities(served, ann)] == ["ann@example.org", "team@example.org"]


def test_an_answer(served: World, ann: int, question: int) -> None:
    """From the address that was written to, to the author, with the text quoted."""
    draft = drafting.reply(served, ann, question)

    assert (draft.from_, draft.to, draft.cc, draft.subject, draft.answers) == (
        "Ann <ann+club@example.org>", "Jörg <joerg@else.example>", "", "Re: Plan", question)
    assert draft.text == "\n\nOn 2030-01-01 at 00:00 UTC, Jörg wrote:\n> Shall we?\n>> he asked\n"
    assert drafting.reply(served, ann, question, "everybody").cc == "Bob <bob@example.org>, carol@else.example"


FORMATTED = b"""\
From: =?utf-8?q?J=C3=B6rg_=3Cx=3E?= <joerg@else.example>
To: Ann <ann@example.org>
Subject: Colours
Date: Tue, 1 Jan 2030 01:00:00 +0100
Content-Type: multipart/related; boundary=b

--b
Content-Type: text/html

<p>Some <b>bold</b> words<script>alert(1)</script> <img src="cid:ship@x" alt="a ship"> <img src="https://spy.example/p" alt="a spy">
--b
Content-Type: image/png; name=ship.png
Content-ID: <ship@x>
Content-Transfer-Encoding: base64

AAECAwQ=
--b--
"""


def test_formatted_answers(served: World, ann: int, question: int) -> None:
    """HTML is quoted as HTML below the signature; a message without any, or a part of the text, as text."""
    identities.add(served, ann, Identity("Ann", Address.parse("ann@example.org"), signature="Ann & Co"), by=BY)
    got = deposit.file_in(served, ann, FORMATTED).id
    draft = drafting.reply(served, ann, got, formatted=True)

    empty = "<div><br></div>"
    assert draft.html == (
        f"{empty}{empty}<div>-- </div><div>Ann &amp; Co</div>{empty}{empty}<div>On 2030-01-01 at 00:00 UTC, Jörg &lt;x&gt; wrote:</div>"
        f"<blockquote><p>Some <b>bold</b> words a ship a spy</p></blockquote>{empty}")
    assert draft.text == drafting.reply(served, ann, got).text
    assert drafting.reply(served, ann, got, only="bold", formatted=True).html == ""
    assert drafting.reply(served, ann, question, formatted=True).html == ""
    assert drafting.reply(served, ann, got).html == ""


def test_formatted_forwards(served: World, ann: int, uploads: Uploads) -> None:
    """Pictures within the text come along as parts, and what is sent shows them; those from elsewhere do not."""
    got = deposit.file_in(served, ann, FORMATTED).id
    draft = drafting.forward(served, ann, got, formatted=True)

    said = '<p>Some <b>bold</b> words <img src="cid:ship@x" alt="a ship"> a spy</p>'
    assert draft.html.endswith(f"<div>To: Ann &lt;ann@example.org&gt;</div><div><br></div>{said}")
    assert [(one.name, one.content_id, one.message) for one in draft.attachments] == [("ship.png", "ship@x", got)]
    assert drafting.forward(served, ann, got, formatted=True, attached=True).html == ""

    kept = drafting.keep(served, uploads, ann, replace(draft, to="bob@example.org"))
    assert kept.id is not None
    octets = source(served, reading.letter(served, ann, kept.id))
    assert b"spy.example" not in octets
    [picture] = [part for part in parsed(octets).walk() if part.get_content_type() == "image/png"]
    assert (picture["Content-ID"], picture.get_payload(decode=True)) == ("<ship@x>", bytes(range(5)))
    assert said in drafting.take_up(served, ann, kept.id).html


def test_a_forward(served: World, ann: int, question: int) -> None:
    """With text and files."""
    draft = drafting.forward(served, ann, question)

    assert (draft.to, draft.subject, draft.forwards) == ("", "Fwd: Plan", question)
    assert "From: Jörg <joerg@else.example>\nDate: 2030-01-01 at 00:00 UTC\nSubject: Plan\n" in draft.text
    assert [(file.name, file.message, file.part) for file in draft.attachments] == [("plan.pdf", question, "2")]


def test_keeping(served: World, ann: int, uploads: Uploads, question: int) -> None:
    """What is kept can be taken up as it was, half an address and all; each time it replaces the one before."""
    draft = replace(
        drafting.reply(served, ann, question), to="Jörg <joerg@else.example>, bob, \"Smith, J.\" <j@x.example>", bcc="dora@far.example",
        subject="Grüße", text="Hello\n\n" + "a long paragraph " * 30 + "ends\n> quoted\n>> twice\n-- \nAnn",
        attachments=(
            Attached("ä.txt", "text/plain", 3, upload(uploads, ann, b"abc")), Attached("plan.pdf", "application/pdf", 5, "", question, "2"),
            Attached("empty", "application/x-empty", 0, upload(uploads, ann, b""))))
    first = drafting.keep(served, uploads, ann, draft)
    second = drafting.keep(served, uploads, ann, first)

    [kept] = letters(served, "ann", "Drafts")
    assert kept.summary.id == second.id
    assert set(kept.summary.flags) == {"\\Seen", "\\Draft"}
    assert second.id is not None
    again = drafting.take_up(served, ann, second.id)
    assert (again.to, again.bcc, again.subject, again.text.rstrip(), again.answers) == (
        draft.to, draft.bcc, draft.subject, draft.text.rstrip(), question)
    assert again.from_ == draft.from_
    assert [(file.name, file.kind, file.message) for file in again.attachments] == [
        ("ä.txt", "text/plain", second.id), ("plan.pdf", "application/pdf", second.id), ("empty", "application/x-empty", second.id)]
    assert [file.size for file in again.attachments] == [3, 7, 0]    # about, for base64
    with pytest.raises(NotFound):
        uploads.open(ann, draft.attachments[0].upload)


@pytest.mark.parametrize(("chosen", "wanted", "field"), [("default", "", None), ("required", "yes", None), ("not-required", "no", "No")])
async def test_protection(served: World, ann: int, uploads: Uploads, chosen: Protection, wanted: str, field: str | None) -> None:
    """The choice is kept with the draft, and goes out as RFC 8689 §4.3 says it: in the envelope or in the header, never both."""
    draft = replace(drafting.begin(served, ann), to="carl@else.example", subject="x", text="Text", tls=chosen)
    kept = drafting.keep(served, uploads, ann, draft)
    assert kept.tls == chosen
    assert kept.id is not None
    again = drafting.take_up(served, ann, kept.id)
    assert again.tls == chosen
    await drafting.send(served, uploads, ann, again, "trace.1")

    [(message, _)] = queued(served)
    assert message.tls_required == wanted
    sent = parsed(written(served, message))
    assert (sent["TLS-Required"], sent["X-Require-TLS"]) == (field, None)


@pytest.mark.parametrize(("fields", "wanted"), [
    (b"tls-required: NO", "not-required"), (b"x-require-tls: yes\r\nTLS-Required: No", "required"), (b"TLS-Required: Yes", "default"),
    (b"TLS-Required: No\r\nTLS-Required: No", "default"), (b"X-Require-TLS: No", "default"),
])
def test_drafts_of_others(served: World, ann: int, fields: bytes, wanted: str) -> None:
    """A mail program's draft may say it too."""
    row = deposit.file_in(served, ann, b"From: ann@example.org\r\n" + fields + b"\r\n\r\nText\r\n", "drafts")
    assert drafting.take_up(served, ann, row.id).tls == wanted


async def test_sending(served: World, ann: int, uploads: Uploads, question: int) -> None:
    """The draft goes, a copy is in Sent, the question is marked, and the answer belongs to it."""
    kept = drafting.keep(served, uploads, ann, replace(
        drafting.reply(served, ann, question), bcc="dora@far.example", text="Yes, we shall.\n",
        attachments=(Attached("a.bin", "application/octet-stream", 256, upload(uploads, ann, bytes(range(256)))),)))
    sent = await drafting.send(served, uploads, ann, kept, "trace.1")

    assert letters(served, "ann", "Drafts") == []
    [copy] = letters(served, "ann", "Sent")
    assert copy.summary.id == sent.copy
    assert "\\Answered" in reading.letter(served, ann, question).summary.flags
    assert copy.summary.thread_id == reading.letter(served, ann, question).summary.thread_id
    assert sorted(str(recipient.recipient) for _, recipient in queued(served)) == ["dora@far.example", "joerg@else.example"]
    message = parsed(written(served, queued(served)[0][0]))
    assert (message["In-Reply-To"], message["References"]) == ("<q@else.example>", "<root@else.example> <q@else.example>")
    assert message["Bcc"] is None
    assert message["From"] == "Ann <ann+club@example.org>"
    body = message.get_body()
    assert body is not None
    assert body.get_content().strip() == "Yes, we shall."
    assert [part.get_content() for part in message.iter_attachments()] == [bytes(range(256))]
    assert spooled(served) == []


async def test_sending_a_forward(served: World, ann: int, uploads: Uploads, question: int) -> None:
    """Without keeping it first; the message forwarded is marked."""
    draft = replace(drafting.forward(served, ann, question), to="carl@else.example")
    await drafting.send(served, uploads, ann, draft, "trace")

    assert "$Forwarded" in reading.letter(served, ann, question).summary.flags
    assert parsed(written(served, queued(served)[0][0]))["X-Forwarded-Message-Id"] == "<q@else.example>"


def test_a_kept_forward_knows_what_it_forwards(served: World, ann: int, uploads: Uploads, question: int) -> None:
    """So that sending it later marks the right message."""
    kept = drafting.keep(served, uploads, ann, drafting.forward(served, ann, question))

    assert kept.id is not None
    assert drafting.take_up(served, ann, kept.id).forwards == question


async def test_a_question_that_is_gone(served: World, ann: int, uploads: Uploads, question: int) -> None:
    """The answer is sent all the same."""
    draft = drafting.reply(served, ann, question)
    filing.delete(served, ann, [question])
    filing.delete(served, ann, [question])
    await drafting.send(served, uploads, ann, draft, "trace")

    assert len(queued(served)) == 1


@pytest.mark.parametrize(("changes", "place"), [
    ({"to": ""}, "draft.to"), ({"to": "carl"}, "draft.to"), ({"cc": "carl@"}, "draft.cc"), ({"bcc": "x y z"}, "draft.bcc"),
    ({"from_": ""}, "draft.from"), ({"from_": "a@x.example, b@x.example"}, "draft.from"),
    ({"attachments": (Attached("f", "text/plain", 1, "0" * 20),)}, "draft.attachments[0]"),
    ({"attachments": (Attached("f", "text/plain", 1, "", 99, "2"),)}, "draft.attachments[0]"),
    ({"attachments": (Attached("f", "text/plain", 1),)}, "draft.attachments[0]"),
])
async def test_what_has_to_be_changed(served: World, ann: int, uploads: Uploads, changes: dict[str, object], place: str) -> None:
    """The place is the field of the form."""
    draft = replace(Draft(from_="ann@example.org", to="carl@else.example"), **changes)    # type: ignore[arg-type]  # fields by name

    with pytest.raises(DraftProblem) as problem:
        await drafting.send(served, uploads, ann, draft, "trace")
    assert problem.value.place == place
    assert queued(served) == []
    assert spooled(served) == []


async def test_in_ones_own_name_only(served: World, ann: int, uploads: Uploads) -> None:
    """The rules of submission hold here too; the draft stays."""
    kept = drafting.keep(served, uploads, ann, Draft(from_="bob@example.org", to="carl@else.example"))
    with pytest.raises(NotAllowed, match="may not write as"):
        await drafting.send(served, uploads, ann, kept, "trace")

    assert len(letters(served, "ann", "Drafts")) == 1


def test_only_drafts_are_replaced(served: World, ann: int, uploads: Uploads, question: int) -> None:
    """A message elsewhere does not go because somebody says it was a draft."""
    with pytest.raises(Overtaken):
        drafting.keep(served, uploads, ann, Draft(id=question, from_="ann@example.org"))

    assert reading.letter(served, ann, question).mailbox.name == "Inbox"


def test_drafts_need_room(served: World, ann: int, uploads: Uploads) -> None:
    """Nothing is lost of what was kept before."""
    kept = drafting.keep(served, uploads, ann, Draft(from_="ann@example.org", text="first"))
    drafts = served.store.read(lambda db: mailboxes.by_role(db, ann, "drafts"))
    assert drafts is not None
    people.set_account(served, "ann", quota=drafts.size + 10, by=BY)
    with pytest.raises(Exception, match="full"):
        drafting.keep(served, uploads, ann, replace(kept, text="x" * 100_000))

    assert source(served, letters(served, "ann", "Drafts")[0]).rstrip().endswith(b"first")
    assert spooled(served) == []


# --- versions ------------------------------------------------------------------------------


def test_two_pages_write_one_draft(served: World, ann: int, uploads: Uploads) -> None:
    """Who has an old version is told, and nothing is overwritten; who takes up the new one may go on."""
    kept = drafting.keep(served, uploads, ann, replace(drafting.begin(served, ann), text="one", writer="desk"))
    assert kept.id is not None
    phone = replace(drafting.take_up(served, ann, kept.id), writer="phone")
    newer = drafting.keep(served, uploads, ann, replace(phone, text="two"))
    with pytest.raises(Overtaken, match="changed elsewhere") as refused:
        drafting.keep(served, uploads, ann, replace(kept, text="three"))

    assert refused.value.place == "draft.lineage"
    assert newer.id is not None
    assert [letter.text for letter in letters(served, "ann", "Drafts")] == ["two\n"]
    drafting.keep(served, uploads, ann, replace(drafting.take_up(served, ann, newer.id), writer="desk", text="four"))
    assert [letter.text for letter in letters(served, "ann", "Drafts")] == ["four\n"]


def test_an_answer_that_got_lost(served: World, ann: int, uploads: Uploads) -> None:
    """A page that never heard that its draft was kept keeps it again, and there is one; without a name nobody is the same page."""
    new = replace(drafting.begin(served, ann), text="one", writer="desk")
    first = drafting.keep(served, uploads, ann, new)
    again = drafting.keep(served, uploads, ann, replace(new, text="two"))
    drafting.keep(served, uploads, ann, replace(first, text="three"))

    assert [letter.text for letter in letters(served, "ann", "Drafts")] == ["three\n"]
    with pytest.raises(Overtaken):
        drafting.keep(served, uploads, ann, replace(again, id=None, writer=""))


async def test_a_draft_is_sent_once(served: World, ann: int, uploads: Uploads) -> None:
    """Who sends again what was sent already, because the answer got lost or from another device, is told."""
    kept = drafting.keep(served, uploads, ann, replace(drafting.begin(served, ann), to="carl@else.example", text="x", writer="desk"))
    assert kept.id is not None
    other = replace(drafting.take_up(served, ann, kept.id), writer="phone")
    await drafting.send(served, uploads, ann, kept, "0123456789.1")
    for late in (kept, other):
        with pytest.raises(Overtaken, match="sent or thrown away") as refused:
            await drafting.send(served, uploads, ann, late, "0123456789.2")
        assert refused.value.place == "draft.id"

    assert len(queued(served)) == 1
    assert len(letters(served, "ann", "Sent")) == 1


# --- formatted -----------------------------------------------------------------------------


async def test_formatted(served: World, ann: int, uploads: Uploads) -> None:
    """HTML goes with its text and its pictures, clean; a draft keeps it, and the picture belongs to it."""
    picture = Attached("a.png", "image/png", 3, upload(uploads, ann, b"png"), content_id="p1@here")
    other = Attached("b.png", "image/png", 3, upload(uploads, ann, b"PNG"), content_id="p2@here")
    html = '<p onclick="x()">Look: <b>here</b> <img src="cid:p1@here" alt="a ship"></p><script>x</script><blockquote>said</blockquote>'
    kept = drafting.keep(served, uploads, ann, replace(
        drafting.begin(served, ann), to="carl@else.example", subject="x", html=html, attachments=(picture, other)))
    assert kept.id is not None
    draft = drafting.take_up(served, ann, kept.id)
    assert draft.html == '<p>Look: <b>here</b> <img src="cid:p1@here" alt="a ship"></p><blockquote>said</blockquote>'
    await drafting.send(served, uploads, ann, draft, "0123456789.1")

    [(message, _)] = queued(served)
    sent = parsed(written(served, message))
    assert [part.get_content_type() for part in sent.walk()] == [
        "multipart/mixed", "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png", "image/png"]
    plain, formatted = sent.get_body(("plain",)), sent.get_body(("html",))
    assert plain is not None
    assert formatted is not None
    assert plain.get_content().splitlines() == ["Look: here a ship", "", "> said"]
    assert "<b>here</b>" in formatted.get_content()
    [shown, attached] = [part for part in sent.walk() if part.get_content_type() == "image/png"]
    assert (shown["Content-ID"], shown.get_content_disposition()) == ("<p1@here>", "inline")
    assert (attached["Content-ID"], attached.get_content_disposition()) == (None, "attachment")


# --- kinds of answers ------------------------------------------------------------------------


LISTED = QUESTION.replace(b"References:", b"List-Id: <l.else.example>\nList-Post: <mailto:l%2Bx@else.example?subject=x>\nReferences:")


def test_an_answer_to_a_list(served: World, ann: int, question: int) -> None:
    """To the list alone, wherever the author wants answers; what is of no list has none."""
    listed = deposit.file_in(served, ann, LISTED).id
    draft = drafting.reply(served, ann, listed, "list")
    assert (draft.to, draft.cc, draft.in_list) == ("l+x@else.example", "", True)
    assert drafting.reply(served, ann, listed).in_list
    assert not drafting.reply(served, ann, question).in_list
    with pytest.raises(UserError, match="does not say"):
        drafting.reply(served, ann, question, "list")


def test_what_is_quoted(served: World, ann: int) -> None:
    """Without the signature; or only what was chosen of it."""
    signed = deposit.file_in(served, ann, b"From: a@b.example\n\none\ntwo\n-- \nA. B.\nFirm\n").id
    assert drafting.reply(served, ann, signed).text.endswith("wrote:\n> one\n> two\n")
    assert drafting.reply(served, ann, signed, only="two\n").text.endswith("wrote:\n> two\n")


async def test_a_whole_message_passed_on(served: World, ann: int, uploads: Uploads, question: int) -> None:
    """As an attachment, octet for octet but for line ends; kept on the way as well."""
    draft = replace(drafting.forward(served, ann, question, attached=True), to="carl@else.example")
    assert (draft.text, [(file.name, file.kind) for file in draft.attachments]) == ("", [("Plan.eml", "message/rfc822")])
    kept = drafting.keep(served, uploads, ann, draft)
    assert kept.id is not None
    await drafting.send(served, uploads, ann, drafting.take_up(served, ann, kept.id), "0123456789.1")

    [(message, _)] = queued(served)
    [part] = [part for part in parsed(written(served, message)).iter_attachments() if part.get_content_type() == "message/rfc822"]
    inner = part.get_content()
    assert (inner["Subject"], inner["From"]) == ("Plan", "Jörg <joerg@else.example>")
    assert "\\Forwarded" in reading.letter(served, ann, question).summary.flags or "$Forwarded" in reading.letter(
        served, ann, question).summary.flags


def test_written_again(served: World, ann: int, question: int) -> None:
    """All that stands in it, from an address of ours, answering nothing."""
    draft = drafting.write_again(served, ann, question)
    assert (draft.id, draft.from_, draft.to, draft.cc, draft.subject, draft.answers) == (
        None, "Ann <ann+club@example.org>", "Ann <ann+club@example.org>, Bob <bob@example.org>", "carol@else.example", "Plan", None)
    assert [file.name for file in draft.attachments] == ["plan.pdf"]


async def test_archived_when_answered(served: World, ann: int, uploads: Uploads, question: int) -> None:
    """The message that was answered goes to Archive with the answer."""
    await drafting.send(served, uploads, ann, replace(drafting.reply(served, ann, question), text="x"), "0123456789.1", archive=True)
    assert reading.letter(served, ann, question).mailbox.role == "archive"
