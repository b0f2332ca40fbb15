"""mta.flow.identities: who an account writes as, and where mail to each address goes."""
import asyncio

import pytest

from mta.base.errors import NotAllowed, NotFound, UserError
from mta.base.limits import LIMITS
from mta.base.names import Address
from mta.flow import drafting, filing, identities, masking, people, reading, typed
from mta.flow.drafting import Draft
from mta.flow.receive import ReceiveDesk
from mta.flow.world import World
from mta.message import header
from mta.store.identities import Identity
from mta.store.uploads import Uploads
from tests.flow.away import account_id
from tests.flow.post import SIMPLE, bring, letters, queued, written

BY, ANN = "a test", Address.parse("ann@example.org")


def test_from_adding_to_removing(served: World) -> None:
    """In their order, the usual one first; everything else that one may write as comes behind."""
    ann = account_id(served, "ann")
    people.add_address(served, "ann", "sales@example.org", by=BY)
    mask = masking.add(served, ann, by=BY)
    identities.add(served, ann, Identity("Ann A.", ANN, " Answers@else.example ", "\nAnn\r\nHarbour 1\n"), by=BY)
    [first, second] = identities.add(served, ann, Identity("  Anna  B. ", ANN), by=BY)
    assert (first.reply_to, first.signature, second.name) == ("Answers@else.example", "Ann\nHarbour 1", "Anna B.")
    assert [one.id for one in identities.make_usual(served, ann, second.id, by=BY)] == [second.id, first.id]
    assert [(one.name, str(one.address)) for one in identities.usable(served, ann)] == [
        ("Anna B.", "ann@example.org"), ("Ann A.", "ann@example.org"), ("Ann", "sales@example.org"), ("", str(mask.address))]
    identities.change(served, ann, Identity("Anna", ANN, id=second.id), by=BY)
    assert [one.name for one in identities.remove(served, ann, first.id, by=BY)] == ["Anna"]
    assert identities.set_full_name(served, ann, " Ann  Example ", by=BY) == "Ann Example"
    assert people.get_account(served, "ann").full_name == "Ann Example"


def test_mistakes(served: World) -> None:
    """Another's address, what is no address or text, too many; another account's identity does not exist."""
    ann, bob = account_id(served, "ann"), account_id(served, "bob")
    with pytest.raises(NotAllowed):
        identities.add(served, ann, Identity("x", Address.parse("bob@example.org")), by=BY)
    for wrong in (Identity("x" * 101, ANN), Identity("x", ANN, "nonsense"), Identity("x", ANN, "a@b.example, c@d.example"),
                  Identity("x", ANN, "", "s" * 5_001), Identity("x\x07", ANN), Identity("x", ANN, "", "a\x00")):
        with pytest.raises(UserError):
            identities.add(served, ann, wrong, by=BY)
    [made] = identities.add(served, ann, Identity("x", ANN), by=BY)
    for work in (lambda: identities.remove(served, bob, made.id, by=BY), lambda: identities.make_usual(served, bob, made.id, by=BY),
                 lambda: identities.set_address(served, bob, "ann@example.org", display_name="x", by=BY),
                 lambda: identities.set_address(served, ann, "ann@example.org", mailbox_id=99, by=BY)):
        with pytest.raises(NotFound):
            work()
    with pytest.raises(UserError):
        typed.address("nonsense")
    for _ in range(LIMITS.identities - 1):
        identities.add(served, ann, Identity("x", ANN), by=BY)
    with pytest.raises(UserError, match="no more"):
        identities.add(served, ann, Identity("x", ANN), by=BY)


def test_signatures() -> None:
    """Under what is written and above what is quoted; another one takes its place."""
    assert identities.signed("", "") == ""
    assert identities.signed("", "Ann") == "\n\n-- \nAnn"
    assert identities.signed("> quoted", "Ann") == "\n\n-- \nAnn\n> quoted"
    assert identities.signed("hello\n\n-- \nAnn", "", "Ann") == "hello"


def test_drafts(served: World) -> None:
    """What one begins has sender and signature; what is sent has the name and where answers go."""
    ann = account_id(served, "ann")
    identities.add(served, ann, Identity("Ann A.", ANN, "answers@else.example", "Ann\nHarbour 1"), by=BY)
    draft = drafting.begin(served, ann)
    assert (draft.from_, draft.text) == ("Ann A. <ann@example.org>", "\n\n-- \nAnn\nHarbour 1")
    uploads = Uploads(served.store.directory, served.clock)
    for author in (draft.from_, "ann@example.org"):
        asyncio.run(drafting.send(served, uploads, ann, Draft(from_=author, to="x@else.example", text="x"), "0123456789.1"))
    for row, _ in queued(served):
        top = header.parse(written(served, row))
        assert (top.text("from"), top.text("reply-to")) == ('"Ann A." <ann@example.org>', "answers@else.example")


async def test_where_mail_goes(served: World) -> None:
    """Into the mailbox of the address it came by; rules and the Inbox otherwise."""
    ann = account_id(served, "ann")
    people.add_address(served, "ann", "sales@example.org", by=BY)
    sales = filing.add_mailbox(served, ann, "Sales").id
    [_, row] = identities.set_address(served, ann, "Sales@example.org", display_name="Example Sales", mailbox_id=sales, by=BY)
    assert (row.display_name, row.mailbox_id) == ("Example Sales", sales)
    assert ("Example Sales", "sales@example.org") in [(one.name, str(one.address)) for one in identities.usable(served, ann)]
    desk = ReceiveDesk(served)
    await bring(desk, ["sales@example.org"])
    await bring(desk, ["ann@example.org"])
    assert [len(letters(served, "ann", name)) for name in ("Sales", "Inbox")] == [1, 1]
    junk = next(one.id for one in reading.all_mailboxes(served, ann) if one.role == "junk")
    with pytest.raises(UserError, match="does not belong"):
        identities.set_address(served, ann, "sales@example.org", mailbox_id=junk, by=BY)
    assert identities.set_address(served, ann, "sales@example.org", to_inbox=True, by=BY)[1].mailbox_id is None
    await bring(desk, ["sales@example.org"], SIMPLE)
    assert len(letters(served, "ann")) == 2
