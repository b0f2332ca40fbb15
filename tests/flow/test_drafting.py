"""Tests of mta.flow.drafting."""
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from mta.base.clock import SystemClock
from mta.base.errors import NotAllowed, NotFound
from mta.flow import deposit, drafting, filing, people, reading
from mta.flow.drafting import Attached, Draft, DraftProblem
from mta.flow.travelling import Protection
from mta.flow.world import World
from mta.store import mailboxes
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
    assert drafting.begin(served, ann) == Draft(from_="Ann <ann@example.org>")
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
    assert drafting.reply(served, ann, question, everybody=True).cc == "Bob <bob@example.org>, carol@else.example"


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
    drafting.keep(served, uploads, ann, Draft(id=question, from_="ann@example.org"))

    assert reading.letter(served, ann, question).mailbox.name == "Inbox"


def test_drafts_need_room(served: World, ann: int, uploads: Uploads) -> None:
    """Nothing is lost of what was kept before."""
    kept = drafting.keep(served, uploads, ann, Draft(from_="ann@example.org", text="first"))
    drafts = served.store.read(lambda db: mailboxes.by_role(db, ann, "drafts"))
    assert drafts is not None
    people.set_account(served, "ann", quota=drafts.size + 10, by=BY)
    with pytest.raises(Exception, match="full"):
        drafting.keep(served, uploads, ann, replace(kept, id=None, text="x" * 100_000))

    assert source(served, letters(served, "ann", "Drafts")[0]).rstrip().endswith(b"first")
    assert spooled(served) == []
