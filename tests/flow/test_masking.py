"""mta.flow.masking: masked addresses and keys, for one account each."""
import pytest

from mta.base.clock import SetClock
from mta.base.errors import Conflict, NotFound, UserError
from mta.base.limits import LIMITS
from mta.base.names import Address, Domain
from mta.flow import drafting, masking, people
from mta.flow.receive import ReceiveDesk
from mta.flow.submit import SendRefused, send
from mta.flow.world import World
from mta.store import accounts
from tests.flow.away import account_id
from tests.flow.post import SIMPLE, bring, letters, queued

BY = "a test"


async def test_mail_both_ways(served: World, clock: SetClock) -> None:
    """Mail comes through and is counted by its author's domain; the answer bears the mask, and nothing of ann."""
    ann = account_id(served, "ann")
    mask = masking.add(served, ann, "shop.example", "for shoes", by=BY)
    assert mask.address.localpart.startswith("shop-")
    desk, to = ReceiveDesk(served), str(mask.address)
    for author, sender in ((b"news@shop.example", "news@shop.example"), (b"x@leak.example", "x@leak.example")):
        clock.advance(1.0)
        await bring(desk, [to], SIMPLE.replace(b"carl@else.example>\r\nTo", author + b">\r\nTo"), sender)
    [seen] = masking.all_masks(served, ann)
    assert (seen.mask.received, [one.domain.ascii for one in seen.senders]) == (2, ["shop.example", "leak.example"])
    assert [one.domain.ascii for one in seen.strangers] == ["leak.example"]

    draft = drafting.reply(served, ann, letters(served, "ann")[0].summary.id)
    assert draft.from_ == to, "though To names ann herself"
    assert to in [str(one.address) for one in drafting.identities(served, ann)]
    shown, _ = drafting._author(served, ann, draft.from_)
    assert shown.name == "", "the name of the account is not told"
    message = f"From: {to}\r\nTo: news@shop.example\r\nSubject: Re\r\n\r\nText\r\n".encode()
    await send(served, ann, message, mask.address, [Address.parse("news@shop.example")], "0123456789.1")
    assert len(queued(served)) == 1
    assert masking.all_masks(served, ann)[0].mask.sent == 1
    with pytest.raises(SendRefused):
        await send(served, account_id(served, "bob"), message, mask.address, [Address.parse("x@shop.example")], "0123456789.2")


async def test_off_and_gone(served: World) -> None:
    """Refused, with or without a catch-all; on again it takes mail, gone it never does and nobody may have it."""
    ann = account_id(served, "ann")
    people.set_catchall(served, "example.org", "bob", by=BY)
    mask = masking.add(served, ann, by=BY)
    desk, to = ReceiveDesk(served), str(mask.address)
    masking.change(served, ann, mask.id, on=False, note="sold", by=BY)
    assert (await bring(desk, [to])).refused[to].code == 550
    with pytest.raises(SendRefused):
        await send(served, ann, f"From: {to}\r\n\r\nx\r\n".encode(), mask.address, [Address.parse("x@shop.example")], "0123456789.1")
    masking.change(served, ann, mask.id, on=True, by=BY)
    assert (await bring(desk, [to])).refused == {}
    masking.remove(served, ann, mask.id, by=BY)
    assert (await bring(desk, [to])).refused[to].code == 550
    assert masking.all_masks(served, ann) == []
    with pytest.raises(NotFound):
        masking.change(served, ann, mask.id, on=True, by=BY)
    with pytest.raises(Conflict):
        people.add_address(served, "bob", to, by=BY)
    with pytest.raises(Conflict):
        masking.add(served, ann, local=mask.address.localpart, by=BY)


def test_where_and_how_many(served: World) -> None:
    """At domains of the account's addresses that the administrator allows, up to a limit."""
    ann = account_id(served, "ann")
    people.add_domain(served, "example.net", by=BY)
    assert masking.possible(served, ann) == [Domain("example.org")]
    with pytest.raises(UserError, match=r"can be at example\.org"):
        masking.add(served, ann, domain="example.net", by=BY)
    people.add_address(served, "ann", "ann@example.net", by=BY)
    assert masking.add(served, ann, domain="@Example.NET", by=BY).address.domain == Domain("example.net")
    masking.allow(served, "example.org", False, by=BY)
    assert masking.possible(served, ann) == [Domain("example.net")]
    assert masking.domain_choices(served) == [(Domain("example.net"), True), (Domain("example.org"), False)]
    masking.set_limit(served, ann, 1, by=BY)
    with pytest.raises(UserError, match="may have 1"):
        masking.add(served, ann, by=BY)
    masking.set_limit(served, ann, None, by=BY)
    assert masking.usage(served, ann) == (1, LIMITS.masks)
    masking.allow(served, "example.net", False, by=BY)
    with pytest.raises(UserError, match="ask the administrator"):
        masking.add(served, ann, by=BY)
    for name in ("no.example", "no such"):
        with pytest.raises(NotFound):
            masking.allow(served, name, True, by=BY)
    with pytest.raises(UserError):
        masking.set_limit(served, ann, -1, by=BY)
    people.set_account(served, "ann", enabled=False, by=BY)
    with pytest.raises(UserError, match="switched off"):
        masking.add(served, ann, by=BY)


@pytest.mark.parametrize("local", ["ann", "postmaster", "a+b"])
def test_taken_names(served: World, local: str) -> None:
    """An address, a reserved name, and what would mean another address."""
    with pytest.raises((Conflict, UserError)):
        masking.add(served, account_id(served, "ann"), local=local, by=BY)


@pytest.mark.parametrize("local", [".a", "a.", "a..b", "ä", "a b", "x" * 65, "-a", "a@b"])
def test_names_that_cannot_be(served: World, local: str) -> None:
    """Only what every form takes."""
    with pytest.raises(UserError, match="cannot stand before"):
        masking.add(served, account_id(served, "ann"), local=local, by=BY)


def test_another_accounts(served: World) -> None:
    """Does not exist."""
    mask = masking.add(served, account_id(served, "ann"), by=BY)
    bob = account_id(served, "bob")
    for work in (lambda: masking.change(served, bob, mask.id, on=False, by=BY), lambda: masking.remove(served, bob, mask.id, by=BY),
                 lambda: masking.find(served, bob, str(mask.address))):
        with pytest.raises(NotFound):
            work()
    assert masking.find(served, account_id(served, "ann"), str(mask.id)) == mask
    with pytest.raises(UserError):
        masking.add(served, bob, note="x" * 251, by=BY)
    assert not served.store.read(lambda db: accounts.by_login(db, str(mask.address))), "nobody signs in with it"


def test_keys(served: World) -> None:
    """Shown once, open one thing, are bounded in number."""
    ann = account_id(served, "ann")
    secret = masking.add_key(served, ann, "", by=BY)
    [key] = masking.keys(served, ann)
    assert (masking.holder(served, secret), key.label) == ((key.id, ann), "password manager")
    assert masking.holder(served, "pbm_x") is None
    assert masking.holder(served, "") is None
    assert masking.holder(served, "pbm_" + "x" * 1_000) is None
    assert secret.removeprefix("pbm_") not in repr(served.store.read(lambda db: list(db.execute("SELECT * FROM mask_key"))))
    for _ in range(LIMITS.mask_keys - 1):
        masking.add_key(served, ann, "x", by=BY)
    with pytest.raises(UserError):
        masking.add_key(served, ann, "x", by=BY)
    masking.remove_key(served, ann, key.id, by=BY)
    assert masking.holder(served, secret) is None
    assert masking.suffix_mark(served, ann, ".x@example.org") != masking.suffix_mark(served, ann + 1, ".x@example.org")
