"""mta.flow.undelete, mta.store.deleted, removed accounts: what can be had back, for how long, and what it costs."""
from dataclasses import replace

import pytest

from mta.base.clock import SetClock
from mta.base.errors import Conflict, NoRoom, NotFound, UserError
from mta.base.limits import LIMITS
from mta.base.names import Address, Domain
from mta.flow import filing, people, undelete, upkeep
from mta.flow.world import World
from mta.message.flags import Flags
from mta.store import accounts, bodies, credentials, deleted, mailboxes, masks, messages, removal
from mta.store.accounts import Resolution
from tests.store.population import add_account, deliver, mailbox

DAY = 86_400.0
CONTENT = b"Subject: hello\r\nMessage-ID: <a@x>\r\n\r\nHello.\r\n"


def no_wait(seconds: float) -> bool:
    """There is time."""
    return False


def subjects(world: World, account: int, role: str = "inbox") -> list[str]:
    """What is in a mailbox, the newest first."""
    return [row.subject for row in world.store.read(lambda db: messages.page(db, mailbox(world.store, account, role)))]


def throw(world: World, account: int, *subjects: str, role: str = "inbox", **facts: object) -> list[int]:
    """Messages with these subjects that were in the mailbox with a role, and are removed for good."""
    ids = [deliver(world.store, mailbox(world.store, account, role), CONTENT, subject=subject, **facts).id for subject in subjects]
    world.store.write_now(lambda db: messages.expunge(db, account, ids))
    return ids


@pytest.fixture
def ann(world: World) -> int:
    """An account."""
    return add_account(world.store)


def test_there_and_back(world: World, ann: int, clock: SetClock) -> None:
    """Content, flags and keywords are as they were; it is there once; the quota and the list follow."""
    ids = throw(world, ann, "one", "two", flags=Flags.SEEN | Flags.DELETED, keywords=("blue",), rcpt_to="ann+x@example.org")
    rows, total, size = undelete.page(world, ann)
    assert [(row.subject, row.deleted, row.mailbox) for row in rows] == [("two", None, "Inbox"), ("one", None, "Inbox")]
    row = world.store.read(lambda db: accounts.get(db, ann))
    assert row is not None
    assert (total, row.size, row.messages) == (2, 0, 0)
    assert size == sum(each.size for each in rows)
    assert bodies.sweep(world.store) == (0, 0)

    assert undelete.bring_back(world, ann, ids[:1]) == ["Inbox"]
    [back] = world.store.read(lambda db: messages.page(db, mailbox(world.store, ann)))
    assert (back.subject, back.flags, back.keywords, back.rcpt_to) == ("hello", Flags.SEEN, ("blue",), "ann+x@example.org")
    assert messages.content(world.store, back).endswith(CONTENT)
    assert [row.id for row in undelete.page(world, ann)[0]] == ids[1:]
    with pytest.raises(NotFound):
        undelete.bring_back(world, ann, ids[:1])


@pytest.mark.parametrize(("role", "where"), [
    ("inbox", "Inbox"), ("archive", "Archive"), ("trash", "Inbox"), ("junk", "Inbox"), ("drafts", "Drafts")])
def test_where_it_goes(world: World, ann: int, role: str, where: str) -> None:
    """To where it was; out of Trash and Junk to the Inbox."""
    assert undelete.bring_back(world, ann, throw(world, ann, "x", role=role)) == [where]


def test_a_mailbox_that_was_removed(world: World, ann: int) -> None:
    """Its messages are kept, and it is made again."""
    place = filing.add_mailbox(world, ann, "Lists/Talk")
    deliver(world.store, place.id, CONTENT)
    filing.remove_mailbox(world, ann, place.id)
    [row] = undelete.page(world, ann)[0]
    assert undelete.bring_back(world, ann, [row.id]) == ["Lists/Talk"]


def test_emptying_trash_is_no_end(world: World, ann: int) -> None:
    """The button that empties it, and the one that throws away there."""
    first = deliver(world.store, mailbox(world.store, ann, "trash"), CONTENT)
    filing.delete(world, ann, [first.id])
    deliver(world.store, mailbox(world.store, ann, "trash"), CONTENT)
    filing.empty_mailbox(world, ann, mailbox(world.store, ann, "trash"))
    assert undelete.page(world, ann)[1] == 2


def test_thirty_days(world: World, ann: int, clock: SetClock) -> None:
    """The time is noted within a minute; then the days are counted; then it goes, file and all."""
    throw(world, ann, "old")
    look = upkeep.EachMinute(world, free=lambda path: 10**12)
    look()
    clock.advance(29.5 * DAY)
    throw(world, ann, "new")
    look()
    upkeep.forget_deleted(world, no_wait)
    rows, _, _ = undelete.page(world, ann)
    assert [(row.subject, undelete.days_left(world, row)) for row in rows] == [("new", 30), ("old", 1)]
    clock.advance(DAY)
    assert upkeep.forget_deleted(world, no_wait).startswith("1 rows")
    assert [row.subject for row in undelete.page(world, ann)[0]] == ["new"]
    assert bodies.sweep(world.store)[0] == 1


def test_quota(world: World, ann: int, clock: SetClock) -> None:
    """It counts for nothing, is bounded by the quota, the oldest go first; what comes back needs room."""
    ids = throw(world, ann, "a", "b", "c", "d")
    size = undelete.page(world, ann)[2] // 4
    world.store.write_now(lambda db: accounts.update(db, ann, quota=2 * size + 10))
    upkeep.forget_deleted(world, no_wait)
    assert [row.subject for row in undelete.page(world, ann)[0]] == ["d", "c"]
    deliver(world.store, mailbox(world.store, ann), CONTENT)
    with pytest.raises(NoRoom, match="counts for the quota again"):
        undelete.bring_back(world, ann, ids[2:])
    assert undelete.page(world, ann)[1] == 1, "the first had room, the second is kept"


def test_for_good_means_it(world: World, ann: int) -> None:
    """By hand, some or all; of others nothing."""
    bob = add_account(world.store, "bob")
    ids = throw(world, ann, *"abc")
    assert undelete.forget(world, bob, ids) == 0
    with pytest.raises(NotFound):
        undelete.bring_back(world, bob, ids)
    assert undelete.forget(world, ann, ids[:1]) == 1
    assert undelete.forget_all(world, ann) == 2
    assert bodies.sweep(world.store)[0] == 3
    with pytest.raises(UserError):
        undelete.forget(world, ann, [])


def test_pages(world: World, ann: int, clock: SetClock) -> None:
    """All of them come once, noted and unnoted times together."""
    first = throw(world, ann, *"abc")
    upkeep.EachMinute(world, free=lambda path: 10**12)()
    clock.advance(60)
    second = throw(world, ann, *"de")
    seen: list[int] = []
    before = None
    while rows := undelete.page(world, ann, before, 2)[0]:
        seen += [row.id for row in rows]
        before = (deleted.LATEST if rows[-1].deleted is None else rows[-1].deleted, rows[-1].id)
    assert seen == [*second[::-1], *first[::-1]]


def test_kept_drafts_and_refused_mail_are_not_kept(world: World, ann: int) -> None:
    """A version of a draft that is replaced is no message that anybody removed."""
    row = deliver(world.store, mailbox(world.store, ann, "drafts"), CONTENT)
    world.store.write_now(lambda db: messages.expunge(db, ann, [row.id], keep=False))
    assert undelete.page(world, ann)[1] == 0


# --- accounts ------------------------------------------------------------------------------------


def resolve(world: World, text: str) -> Resolution:
    """Who gets mail to an address."""
    return world.store.read(lambda db: accounts.resolve(db, Address.parse(text), Domain.parse("mx.example.org"), "postmaster"))


@pytest.fixture
def gone(world: World, ann: int) -> World:
    """Ann's account was removed; bob has the catch-all of her domain; she had two masks and was in an alias."""
    add_account(world.store, "bob")
    deliver(world.store, mailbox(world.store, ann), CONTENT)
    people.set_password(world, "ann", "a good password", by="test")
    people.add_alias(world, "team@example.org", ["ann@example.org", "bob@example.org"], by="test")
    people.set_catchall(world, "example.org", "bob", by="test")

    domain = people.domain(world, "example.org").id
    for name in ("quiet.fox", "red.hen"):
        world.store.write_now(lambda db, name=name: masks.add(db, world.clock, ann, domain, name, "shop.example", ""))    # type: ignore[misc]
    assert resolve(world, "red.hen@example.org").accounts == (ann,)
    world.config = replace(world.config, postmaster="bob")
    people.remove_account(world, "ann", by="test")
    return world


def test_a_removed_account(gone: World) -> None:
    """Nobody signs in or writes to it; its name, addresses and masks are nobody else's."""
    assert gone.store.read(lambda db: credentials.check_password(db, "ann@example.org", "a good password")) is None
    for address in ("ann@example.org", "ann+x@example.org", "red.hen@example.org"):
        found = resolve(gone, address)
        assert (found.kind, found.accounts) == ("unknown_user", ())
    assert len(resolve(gone, "team@example.org").accounts) == 1
    assert [row.name for row in people.all_accounts(gone)] == ["bob"]
    for taken in ("ann@example.org", "red.hen@example.org"):
        with pytest.raises(Conflict):
            people.add_address(gone, "bob", taken, by="test")
    with pytest.raises(Conflict, match="was removed and is still kept"):
        people.add_account(gone, "ann", by="test")
    people.remove_address(gone, "bob@example.org", by="test")
    with pytest.raises(Conflict, match="kept for accounts that were removed"):
        people.remove_domain(gone, "example.org", by="test")


def test_it_comes_back(gone: World) -> None:
    """As it was: mail, password, addresses, masks, aliases."""
    row = people.restore_account(gone, "Ann", by="test")
    assert (row.name, row.messages, row.enabled) == ("ann", 1, True)
    assert gone.store.read(lambda db: credentials.check_password(db, "ann@example.org", "a good password")) is not None
    assert resolve(gone, "red.hen@example.org").accounts == resolve(gone, "ann@example.org").accounts == (row.id,)
    assert len(resolve(gone, "team@example.org").accounts) == 2
    with pytest.raises(NotFound, match="was removed in the last 30 days"):
        people.restore_account(gone, "ann", by="test")


def test_after_thirty_days(gone: World, clock: SetClock) -> None:
    """It goes for good; the name is free, its masks are never anybody's, not even the catch-all's."""
    clock.advance(LIMITS.removed_age - 60)
    assert people.forget_removed(gone) == 0
    clock.advance(120)
    assert people.forget_removed(gone) == 1
    assert people.removed_accounts(gone) == []
    assert resolve(gone, "red.hen@example.org").kind == "unknown_user"
    assert resolve(gone, "whoever@example.org").kind == "account"
    with pytest.raises(Conflict, match="given only once"):
        people.add_address(gone, "bob", "red.hen@example.org", by="test")
    people.add_account(gone, "ann", address="ann@example.org", by="test")
    assert bodies.sweep(gone.store)[0] == 1


def test_for_good_at_once(gone: World) -> None:
    """Also one that was removed before; there is nothing to bring back then."""
    people.remove_account(gone, "ann", for_good=True, by="test")
    assert gone.store.read(removal.removed) == []
    gone.config = replace(gone.config, postmaster="nobody")
    people.remove_account(gone, "bob", for_good=True, by="test")
    assert people.all_accounts(gone) == []
    assert gone.store.read(lambda db: mailboxes.all(db, 1)) == []
