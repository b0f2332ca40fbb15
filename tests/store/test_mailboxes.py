"""Mailboxes: names, hierarchy, roles, UIDVALIDITY."""
import pytest

from mta.base.clock import SetClock
from mta.base.errors import Conflict, NotAllowed, NotFound, UserError
from mta.message.flags import Flags
from mta.store import bodies, changes, deleted, mailboxes, messages
from mta.store.connection import value
from mta.store.database import Store
from mta.store.mailboxes import MailboxRow
from tests.store.population import add_account, deliver, mailbox


def add(store: Store, account: int, name: str, role: str | None = None) -> int:
    """Make a mailbox."""
    return store.write_now(lambda db: mailboxes.add(db, store.clock, account, name, role))


def get(store: Store, id: int) -> MailboxRow:
    """The mailbox with this id."""
    row = store.read(lambda db: mailboxes.get(db, id))
    assert row is not None
    return row


def named(store: Store, account: int) -> list[str]:
    """The names of all mailboxes."""
    return [row.name for row in store.read(lambda db: mailboxes.all(db, account))]


def kinds(store: Store, account: int, since: int) -> list[tuple[str, dict[str, object]]]:
    """What was logged after since."""
    return [(change.kind, change.facts) for change in store.read(lambda db: changes.since(db, account, since))]


def test_the_standard_ones(store: Store) -> None:
    """One for each role, in the order people expect, empty and subscribed."""
    account = add_account(store)

    assert named(store, account) == ["Inbox", "Sent", "Drafts", "Archive", "Junk", "Trash", "Rejects"]
    row = get(store, mailbox(store, account))
    assert (row.role, row.uidnext, row.subscribed) == ("inbox", 1, True)
    assert (row.total, row.unread, row.unseen, row.deleted, row.size) == (0, 0, 0, 0, 0)


def test_add_makes_parents(store: Store) -> None:
    """A/B/C needs A and A/B; each is logged."""
    account = add_account(store)
    before = store.read(lambda db: changes.latest(db, account))
    id = add(store, account, "Work/2030/May")

    assert named(store, account)[7:] == ["Work", "Work/2030", "Work/2030/May"]
    assert kinds(store, account, before) == [
        ("mailbox_added", {"name": name, "role": None}) for name in ("Work", "Work/2030", "Work/2030/May")]
    assert store.read(lambda db: mailboxes.by_name(db, account, "Work/2030/May")) == get(store, id)
    with pytest.raises(Conflict):
        add(store, account, "Work/2030")


@pytest.mark.parametrize("name", ["inbox", "INBOX", "Inbox"])
def test_the_inbox_in_any_case(store: Store, name: str) -> None:
    """RFC 9051 §5.1: its name has no case, also as the first part of another."""
    account = add_account(store)
    row = store.read(lambda db: mailboxes.by_name(db, account, name))

    assert row is not None
    assert row.role == "inbox"
    add(store, account, f"{name}/Lists")
    assert "Inbox/Lists" in named(store, account)
    with pytest.raises(Conflict):
        add(store, account, name)


@pytest.mark.parametrize("name", [
    "", "/", "/a", "a/", "a//b", " a", "a ", "a/ b", "a\nb", "a\0", "a\u202eb", "x" * 256, "ü" * 128,
    "a*", "a%b", '"a"', "a\\b", "#news", "\ud800",
])
def test_names_that_cannot_be(store: Store, name: str) -> None:
    """Too long, empty parts, control characters, wildcards."""
    with pytest.raises(UserError):
        mailboxes.check_name(name)


def test_names_are_nfc(store: Store) -> None:
    """Two ways to write the same letters are one name."""
    account = add_account(store)
    id = add(store, account, "Bu\u0308cher")

    assert get(store, id).name == "Bücher"
    for name in ("Bücher", "Bu\u0308cher"):
        found = store.read(lambda db, name=name: mailboxes.by_name(db, account, name))    # type: ignore[misc]  # a lambda with a default
        assert found == get(store, id)


def test_uidvalidity_grows(store: Store, clock: SetClock) -> None:
    """A name that comes back, even within the same second, has a larger UIDVALIDITY."""
    account = add_account(store)
    first = add(store, account, "Lists")
    validity = get(store, first).uidvalidity
    store.write_now(lambda db: mailboxes.remove(db, first))
    second = add(store, account, "Lists")
    clock.advance(1_000)
    third = add(store, account, "Later")

    assert validity >= clock.timestamp() - 1_000
    assert validity < get(store, second).uidvalidity < get(store, third).uidvalidity
    assert second > first


def test_rename_takes_what_is_below(store: Store) -> None:
    """All names move along; the messages, UIDs and ids stay."""
    account = add_account(store)
    id, below = add(store, account, "Work"), add(store, account, "Work/May")
    beside = add(store, account, "Workshop")
    row = deliver(store, below)
    before = store.read(lambda db: changes.latest(db, account))
    store.write_now(lambda db: mailboxes.rename(db, store.clock, id, "Old/Work"))

    assert named(store, account)[7:] == ["Old", "Old/Work", "Old/Work/May", "Workshop"]
    assert (get(store, id).name, get(store, below).name, get(store, beside).name) == ("Old/Work", "Old/Work/May", "Workshop")
    assert store.read(lambda db: messages.get(db, account, row.id)) == row
    assert kinds(store, account, before) == [
        ("mailbox_added", {"name": "Old", "role": None}),
        ("mailbox_renamed", {"name": "Old/Work", "old": "Work"}),
        ("mailbox_renamed", {"name": "Old/Work/May", "old": "Work/May"}),
    ]
    store.write_now(lambda db: mailboxes.rename(db, store.clock, id, "Old/Work"))


def test_rename_to_another_case(store: Store) -> None:
    """Only the Inbox has no case."""
    account = add_account(store)
    id = add(store, account, "work/may")
    parent = store.read(lambda db: mailboxes.by_name(db, account, "work"))
    assert parent is not None
    store.write_now(lambda db: mailboxes.rename(db, store.clock, parent.id, "Work"))

    assert get(store, id).name == "Work/may"


def test_renames_that_cannot_be(store: Store) -> None:
    """Not the Inbox, not onto another, not below itself, not one that makes a name too long."""
    account = add_account(store)
    id, other = add(store, account, "Work"), add(store, account, "Other")
    add(store, account, "Work/" + "x" * 240)
    for mailbox_id, name, problem in (
        (mailbox(store, account), "X", NotAllowed), (id, "Other", Conflict), (id, "Work/Below", Conflict),
        (id, "Much Longer Than Before", UserError), (other, "inbox", Conflict), (99, "X", NotFound),
    ):
        with pytest.raises(problem):
            store.write_now(lambda db, at=mailbox_id, name=name: mailboxes.rename(db, store.clock, at, name))    # type: ignore[misc]
    assert get(store, id).name == "Work"


def test_remove_takes_its_messages(store: Store) -> None:
    """Counts of the account, search orders and threads follow; the bodies are swept once the messages cannot be had back."""
    account = add_account(store)
    id = add(store, account, "Lists")
    kept, gone = deliver(store, mailbox(store, account), message_id="a@x"), deliver(store, id, message_id="b@x", keywords=("k",))
    before = store.read(lambda db: changes.latest(db, account))
    store.write_now(lambda db: mailboxes.remove(db, id))

    assert store.read(lambda db: mailboxes.get(db, id)) is None
    assert store.read(lambda db: messages.get(db, account, gone.id)) is None
    assert kinds(store, account, before) == [("mailbox_removed", {})]
    assert store.read(lambda db: list(db.execute("SELECT message_id FROM unsearchable"))) == [(gone.id,)]
    assert store.read(lambda db: list(db.execute("SELECT size, messages FROM account"))) == [(kept.size, 1)]
    assert bodies.sweep(store)[0] == 0
    assert store.write_now(lambda db: deleted.forget(db, account, [gone.id])) == 1
    assert bodies.sweep(store)[0] == 1


def test_removes_that_cannot_be(store: Store) -> None:
    """Not the Inbox, and not one with others below it."""
    account = add_account(store)
    add(store, account, "Work/May")
    work = store.read(lambda db: mailboxes.by_name(db, account, "Work"))
    assert work is not None
    for id, problem in ((mailbox(store, account), NotAllowed), (work.id, Conflict), (99, NotFound)):
        with pytest.raises(problem):
            store.write_now(lambda db, id=id: mailboxes.remove(db, id))    # type: ignore[misc]  # a lambda with a default


def test_roles_move(store: Store) -> None:
    """A role has one holder; taking it is logged for both."""
    account = add_account(store)
    id, sent = add(store, account, "Outbox"), mailbox(store, account, "sent")
    before = store.read(lambda db: changes.latest(db, account))
    store.write_now(lambda db: mailboxes.set_role(db, id, "sent"))
    store.write_now(lambda db: mailboxes.set_role(db, id, "sent"))

    assert mailbox(store, account, "sent") == id
    assert get(store, sent).role is None
    assert kinds(store, account, before) == [("mailbox_role", {"role": None}), ("mailbox_role", {"role": "sent"})]
    store.write_now(lambda db: mailboxes.set_role(db, id, None))
    assert store.read(lambda db: mailboxes.by_role(db, account, "sent")) is None
    for at, role, problem in ((mailbox(store, account), "sent", NotAllowed), (id, "inbox", NotAllowed), (id, "nonsense", UserError)):
        with pytest.raises(problem):
            store.write_now(lambda db, at=at, role=role: mailboxes.set_role(db, at, role))    # type: ignore[misc]  # a lambda with defaults
    for role, wrong in (("trash", Conflict), ("nonsense", UserError)):
        with pytest.raises(wrong):
            add(store, account, "New", role)


def test_subscriptions(store: Store) -> None:
    """What mail programs should show."""
    account = add_account(store)
    store.write_now(lambda db: mailboxes.subscribe(db, mailbox(store, account), False))

    assert not get(store, mailbox(store, account)).subscribed
    with pytest.raises(NotFound):
        store.write_now(lambda db: mailboxes.subscribe(db, 99, True))


def test_keywords_keep_their_first_spelling(store: Store) -> None:
    """A mailbox knows each keyword once, in any case; new ones are logged; there is a bound."""
    account = add_account(store)
    inbox = mailbox(store, account)
    before = store.read(lambda db: changes.latest(db, account))
    learn = mailboxes.learn_keywords

    assert store.write_now(lambda db: learn(db, account, inbox, ["Work", "urgent"])) == ["Work", "urgent"]
    assert store.write_now(lambda db: learn(db, account, inbox, ["WORK"])) == ["Work"]
    assert store.read(lambda db: mailboxes.keywords(db, inbox)) == ["urgent", "Work"]
    assert kinds(store, account, before) == [("mailbox_keywords", {"keywords": ["Work", "urgent"]})]
    with pytest.raises(UserError):
        store.write_now(lambda db: learn(db, account, inbox, [f"k{number}" for number in range(199)]))


def test_an_account_has_not_too_many(store: Store) -> None:
    """There is a bound, parents included."""
    account = add_account(store)
    store.write_now(lambda db: db.execute("""
        WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 1992)
        INSERT INTO mailbox (account_id, name, uidvalidity, modseq) SELECT ?, 'x' || n, 1, 1 FROM number""", (account,)).fetchall())
    with pytest.raises(UserError):
        add(store, account, "a/b")
    assert "a" not in named(store, account)
    add(store, account, "a")


def test_counts_are_of_the_right_mailbox(store: Store) -> None:
    r"""total leaves out \Deleted, unread both, unseen and deleted each their own."""
    account = add_account(store)
    inbox = mailbox(store, account)
    for flags in (Flags.NONE, Flags.SEEN, Flags.DELETED, Flags.SEEN | Flags.DELETED, Flags.FLAGGED):
        deliver(store, inbox, flags=flags)
    row = get(store, inbox)

    assert (row.total, row.unread, row.unseen, row.deleted, row.uidnext) == (3, 2, 3, 2, 6)
    assert row.size == store.read(lambda db: value(db, "SELECT size FROM account"))
