"""Tests of mta.flow.filing."""
import pytest

from mta.base.errors import Conflict, NotAllowed, NotFound, UserError
from mta.flow import deposit, filing, people, reading
from mta.flow.world import World
from mta.store import mailboxes

BY = "a test"


@pytest.fixture
def ann(served: World) -> int:
    """Ann's account."""
    return people.get_account(served, "ann").id


def put(world: World, account: int, subject: str = "Hello", mailbox: str = "inbox") -> int:
    """A message in a mailbox."""
    return deposit.file_in(world, account, f"From: x@example.net\nSubject: {subject}\n\nText\n".encode(), mailbox).id


def role(world: World, account: int, name: str) -> int:
    """The id of the mailbox with a role."""
    row = world.store.read(lambda db: mailboxes.by_role(db, account, name))
    assert row is not None
    return row.id


def where(world: World, account: int, message: int) -> str:
    """The name of the mailbox that a message is in."""
    return reading.letter(world, account, message).mailbox.name


def test_mailboxes_come_and_go(served: World, ann: int) -> None:
    """Made with those above, renamed with those below, removed with their messages."""
    row = filing.add_mailbox(served, ann, "Clients/Blue")
    message = put(served, ann)
    filing.move(served, ann, [message], row.id)
    above = reading.mailbox_named(served, ann, "Clients")
    filing.rename_mailbox(served, ann, above.id, "Customers")

    assert where(served, ann, message) == "Customers/Blue"
    with pytest.raises(Conflict, match="below"):
        filing.remove_mailbox(served, ann, above.id)
    filing.remove_mailbox(served, ann, row.id)
    filing.remove_mailbox(served, ann, above.id)
    with pytest.raises(NotFound):
        reading.letter(served, ann, message)


def test_mailboxes_with_a_role_stay(served: World, ann: int) -> None:
    """Sent, Trash and their like are expected to be there."""
    with pytest.raises(Conflict, match="sent"):
        filing.remove_mailbox(served, ann, role(served, ann, "sent"))


def test_nobody_elses(served: World, ann: int) -> None:
    """Other people's mailboxes and messages do not exist."""
    bob = people.get_account(served, "bob").id
    message, inbox = put(served, bob), role(served, bob, "inbox")

    assert filing.flag(served, ann, [message], ["\\Seen"]) == []
    assert filing.delete(served, ann, [message]).removed == ()
    for attempt in (
        lambda: filing.move(served, ann, [put(served, ann)], inbox), lambda: filing.copy(served, ann, [put(served, ann)], inbox),
        lambda: filing.rename_mailbox(served, ann, inbox, "Mine"), lambda: filing.remove_mailbox(served, ann, inbox),
        lambda: filing.empty_mailbox(served, ann, inbox), lambda: reading.letter(served, ann, message),
        lambda: reading.page(served, ann, inbox), lambda: reading.raw(served, ann, message),
    ):
        with pytest.raises(NotFound):
            attempt()


def test_flags_and_keywords(served: World, ann: int) -> None:
    """System flags by their names in any case, anything else is a keyword."""
    message = put(served, ann)
    assert filing.flag(served, ann, [message], ["\\seen", "$Forwarded", "todo"]) == [message]
    assert filing.flag(served, ann, [message], [], ["$forwarded", "other"]) == [message]
    assert filing.flag(served, ann, [message], ["\\Seen"]) == []

    found = reading.letter(served, ann, message).summary
    assert (found.flags, found.keywords) == (("\\Seen",), ("todo",))
    with pytest.raises(UserError, match="no flag"):
        filing.flag(served, ann, [message], ["\\Recent"])
    with pytest.raises(UserError):
        filing.flag(served, ann, [message], ["to do"])


def test_thrown_away_twice_is_gone(served: World, ann: int) -> None:
    """First to Trash, from there for good; what is in Junk goes at once."""
    message, junk = put(served, ann), put(served, ann, mailbox="junk")
    trash = role(served, ann, "trash")

    assert filing.delete(served, ann, [message, junk]) == filing.Deleted((message,), (junk,), trash)
    assert where(served, ann, message) == "Trash"
    assert filing.delete(served, ann, [message]) == filing.Deleted((), (message,), trash)


def test_archive_and_copy(served: World, ann: int) -> None:
    """Moved messages keep their id, copies have another."""
    message = put(served, ann)
    moved, archive = filing.archive(served, ann, [message])
    [copied] = filing.copy(served, ann, [message], role(served, ann, "inbox"))

    assert (moved, archive) == ([message], role(served, ann, "archive"))
    assert copied != message
    assert where(served, ann, copied) == "Inbox"


def test_a_missing_role_is_given_anew(served: World, ann: int) -> None:
    """Without Archive there will be one: the mailbox of that name, or a new one."""
    served.store.write_now(lambda db: mailboxes.set_role(db, role(served, ann, "archive"), None))
    moved, archive = filing.archive(served, ann, [put(served, ann)])
    assert where(served, ann, moved[0]) == "Archive"

    served.store.write_now(lambda db: mailboxes.remove(db, archive))
    moved, _ = filing.archive(served, ann, [put(served, ann)])
    assert where(served, ann, moved[0]) == "Archive"


def test_emptying(served: World, ann: int) -> None:
    """Trash is emptied at once, Inbox is not."""
    for _ in range(3):
        put(served, ann, mailbox="trash")

    assert filing.empty_mailbox(served, ann, role(served, ann, "trash")) == 3
    with pytest.raises(NotAllowed):
        filing.empty_mailbox(served, ann, role(served, ann, "inbox"))


def test_not_too_much_at_once(served: World, ann: int) -> None:
    """One change holds the lock for a moment only."""
    with pytest.raises(UserError, match="at most"):
        filing.move(served, ann, list(range(2_000)), role(served, ann, "inbox"))
