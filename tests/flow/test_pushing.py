"""Which browsers are told of new mail, and of which mail."""
import pytest

from mta.base.errors import NotFound, UserError
from mta.base.events import Recorded
from mta.base.names import Address
from mta.flow import deposit, filing, people, preferences, pushing, reading, ruling
from mta.flow.receive import ReceiveDesk
from mta.flow.world import World
from mta.judge.rules import Actions, Rule
from mta.message.flags import Flags
from mta.store import pushes
from tests.flow.post import SIMPLE, bring
from tests.flow.test_deposit import message_for
from tests.pushservice import Browser
from tests.store.test_pushes import session

BY = "a test"


def add(world: World, name: str = "ann", endpoint: str = "https://push.test/one") -> int:
    """A browser of an account; its id."""
    account, browser = people.get_account(world, name).id, Browser.new()
    return pushing.add(world, account, session(world.store, account, endpoint), endpoint, *browser.keys, "Firefox", by=BY).id


def waiting(world: World) -> int:
    """How many messages Ann's one browser is to be told of."""
    notice = world.store.write_now(lambda db: pushes.claim(db, world.clock, "reporter-0:1:1:a"))
    if notice is None:
        return 0
    world.store.write_now(lambda db: pushes.needless(db, world.clock, notice, "reporter-0:1:1:a"))
    return notice.messages


def test_our_key(served: World) -> None:
    """It is made once."""
    assert len(pushing.own_key(served)) == 32
    assert pushing.own_key(served) == pushing.own_key(served)


def test_on_and_off(served: World, recorded: Recorded) -> None:
    """It is noted who is told where; the endpoint is a secret and stands nowhere but in the row."""
    ann, bob = people.get_account(served, "ann").id, people.get_account(served, "bob").id
    id = add(served, endpoint="https://push.test/secret")
    assert [(name, row.id) for name, row in pushing.everybody(served)] == [("ann", id)]
    assert [pushing.host(row) for row in pushing.browsers(served, ann)] == ["push.test"]
    with pytest.raises(NotFound):
        pushing.remove(served, bob, id, by=BY)
    pushing.remove(served, ann, id, by=BY)
    assert pushing.browsers(served, ann) == []
    assert recorded.keys()[-2:] == ["push.on", "push.off"]
    assert not any("secret" in record.line() for record in recorded.records)


@pytest.mark.parametrize("endpoint", [
    "http://push.test/x", "https://192.0.2.1/x", "https://[2001:db8::1]/x", "https://user@push.test/x", "https://push.test:8443/x",
    "push.test", "https://push.test/" + "x" * 2_000, "https://push.test/a b", "https://push.test/\r\nX: y", ""])
def test_no_endpoint(served: World, endpoint: str) -> None:
    """What is no https address of a name at the usual port is called by nobody."""
    with pytest.raises(UserError, match="address of the subscription"):
        add(served, endpoint=endpoint)


def test_no_keys(served: World) -> None:
    """Keys that are none are refused at once, not when mail comes."""
    ann = people.get_account(served, "ann").id
    with pytest.raises(UserError, match="keys of the subscription"):
        pushing.add(served, ann, session(served.store, ann), "https://push.test/x", "AAAA", "AAAA", "", by=BY)


def test_renewed(served: World) -> None:
    """Only by the session that has it: an endpoint that somebody learned is not theirs to move."""
    ann, browser = people.get_account(served, "ann").id, Browser.new()
    id = add(served)
    [row] = pushing.browsers(served, ann)
    for account, signed_in in ((ann, session(served.store, ann, "other")), (people.get_account(served, "bob").id, row.session_id)):
        with pytest.raises(NotFound):
            pushing.renew(served, account, signed_in, row.endpoint, "https://push.test/new", *browser.keys)
    found = pushing.renew(served, ann, row.session_id, row.endpoint, "https://push.test/new", *browser.keys)
    assert (found.id, found.endpoint, found.key) == (id, "https://push.test/new", browser.receiver.key)


async def test_mail_that_is_news(served: World) -> None:
    """What is delivered into the Inbox; nobody else's, and nothing that was moved, filed in or written."""
    ann = people.get_account(served, "ann").id
    add(served)
    desk = ReceiveDesk(served)
    await bring(desk, ["bob@example.org"])
    assert waiting(served) == 0
    await bring(desk, ["ann@example.org", "bob@example.org"])
    assert waiting(served) == 1
    row = deposit.file_in(served, ann, SIMPLE, "archive")
    filing.move(served, ann, [row.id], reading.mailbox_named(served, ann, "Inbox").id)
    deposit.file_in(served, ann, SIMPLE)
    assert waiting(served) == 0


async def test_other_mailboxes(served: World) -> None:
    """Only where the account wants that, and never Junk; what a rule marks as read is no news.  Here by the way of our own users."""
    bob, address = people.get_account(served, "bob").id, Address.parse("bob@example.org")
    add(served, "bob")
    message = await message_for(served, address)

    async def told() -> int:
        await deposit.local(served, message, [address])
        return waiting(served)

    assert await told() == 1
    archive, junk = (reading.mailbox_named(served, bob, name).id for name in ("Archive", "Junk"))
    for place, before, after in ((archive, 0, 1), (junk, 0, 0)):
        rule = ruling.add(served, bob, Rule("there", ruling.conditions(author="ann@*"), Actions(place)), by=BY)
        preferences.change(served, bob, {"push_everywhere": False}, by=BY)
        assert await told() == before
        preferences.change(served, bob, {"push_everywhere": True}, by=BY)
        assert await told() == after
        ruling.remove(served, bob, rule.id, by=BY)
    ruling.add(served, bob, Rule("seen", ruling.conditions(author="ann@*"), Actions(flags=Flags.SEEN)), by=BY)
    assert await told() == 0
