"""Tests of mta.store.rules."""
from dataclasses import replace
from ipaddress import ip_network

import pytest

from mta.base.errors import NotFound
from mta.base.names import Domain
from mta.judge.rules import Actions, Conditions, Rule
from mta.message.flags import Flags
from mta.store import accounts, mailboxes, rules
from mta.store.database import Store
from tests.store.population import add_account, mailbox


def full(mailbox_id: int) -> Rule:
    """A rule that asks for everything and does everything."""
    return Rule(
        "Talk",
        Conditions("*@a.example", "b*", "ann+talk@*", Domain("a.example"), ip_network("2001:db8::/32"), "talk.*", (("subject", "*ü*"),)),
        Actions(mailbox_id, Flags.SEEN | Flags.FLAGGED, ("todo", "later"), True, True, True), False, False)


def add(store: Store, account: int, rule: Rule) -> int:
    """One more rule of an account."""
    return store.write_now(lambda db: rules.add(db, account, rule))


def move(store: Store, account: int, id: int, place: int) -> None:
    """Put a rule elsewhere."""
    store.write_now(lambda db: rules.move(db, account, id, place))


def names(store: Store, account: int) -> list[str]:
    """The rules of an account in their order."""
    return [rule.name for rule in store.read(lambda db: rules.all(db, account))]


def test_a_rule_comes_back_as_it_was(store: Store) -> None:
    """All that it asks and does; one that asks and does nothing too; changed, it stays where it is."""
    ann = add_account(store)
    wanted, empty = full(mailbox(store, ann, "archive")), Rule("Nothing", Conditions(), Actions())
    first, second = (add(store, ann, rule) for rule in (wanted, empty))

    assert store.read(lambda db: rules.all(db, ann)) == [replace(wanted, id=first), replace(empty, id=second)]
    changed = replace(empty, id=first)
    store.write_now(lambda db: rules.change(db, ann, changed))
    assert store.read(lambda db: rules.get(db, ann, first)) == changed
    assert names(store, ann) == ["Nothing", "Nothing"]


def test_order(store: Store) -> None:
    """New ones come last; moved ones push the others along, and any place is one."""
    ann = add_account(store)
    ids = [add(store, ann, Rule(name, Conditions(), Actions())) for name in "abc"]

    for id, place, want in ((ids[2], 1, "cab"), (ids[2], 2, "acb"), (ids[0], 99, "cba"), (ids[0], -5, "acb")):
        move(store, ann, id, place)
        assert "".join(names(store, ann)) == want
    store.write_now(lambda db: rules.remove(db, ann, ids[2]))
    add(store, ann, Rule("d", Conditions(), Actions()))
    assert "".join(names(store, ann)) == "abd"


def test_nobody_elses(store: Store) -> None:
    """Another account's rules can be neither seen nor changed."""
    ann, bob = add_account(store), add_account(store, "bob")
    id = add(store, bob, full(mailbox(store, bob)))

    assert store.read(lambda db: rules.get(db, ann, id)) is None
    with pytest.raises(NotFound):
        store.write_now(lambda db: rules.change(db, ann, Rule("x", Conditions(), Actions(), id=id)))
    with pytest.raises(NotFound):
        store.write_now(lambda db: rules.remove(db, ann, id))
    with pytest.raises(NotFound):
        move(store, ann, id, 1)
    assert names(store, bob) == ["Talk"]


def test_what_goes_with_others(store: Store) -> None:
    """A mailbox that goes is filed into no longer; rules go with their account."""
    ann = add_account(store)
    place = store.write_now(lambda db: mailboxes.add(db, store.clock, ann, "Talk"))
    id = add(store, ann, full(place))

    store.write_now(lambda db: mailboxes.remove(db, place))
    left = store.read(lambda db: rules.get(db, ann, id))
    assert left is not None
    assert left.actions.mailbox is None
    store.write_now(lambda db: accounts.remove(db, ann))
    assert names(store, ann) == []


def test_a_mailbox_that_goes_and_comes(store: Store) -> None:
    """The rule keeps the name, and files there again when there is a mailbox of that name: a new one, or one renamed to it."""
    ann, bob = add_account(store), add_account(store, "bob")

    def target() -> tuple[int | None, str]:
        [one] = store.read(lambda db: rules.all(db, ann))
        return one.actions.mailbox, one.actions.lost

    lists = store.write_now(lambda db: mailboxes.add(db, store.clock, ann, "Talk"))
    add(store, ann, Rule("Talk", Conditions(author="*"), Actions(lists)))
    store.write_now(lambda db: mailboxes.rename(db, store.clock, lists, "Lists/Old"))
    assert target() == (lists, "")
    store.write_now(lambda db: mailboxes.remove(db, lists))
    assert target() == (None, "Lists/Old")
    store.write_now(lambda db: mailboxes.add(db, store.clock, bob, "Lists/Old"))
    store.write_now(lambda db: mailboxes.add(db, store.clock, ann, "Lists/Other"))
    assert target() == (None, "Lists/Old")
    again = store.write_now(lambda db: mailboxes.add(db, store.clock, ann, "Lists/Old"))
    assert target() == (again, "")
    store.write_now(lambda db: mailboxes.remove(db, again))
    other = store.write_now(lambda db: mailboxes.add(db, store.clock, ann, "Elsewhere"))
    store.write_now(lambda db: mailboxes.rename(db, store.clock, other, "Lists/Old"))
    assert target() == (other, "")


def test_versions(store: Store) -> None:
    """Each change of a rule, of their order or of a rule's mailbox is another one; other changes are none, nor are another account's."""
    ann, bob = add_account(store), add_account(store, "bob")
    lists = store.write_now(lambda db: mailboxes.add(db, store.clock, ann, "Lists"))
    seen = [store.read(lambda db: rules.version(db, ann))]

    def changed() -> bool:
        seen.append(store.read(lambda db: rules.version(db, ann)))
        return seen[-1] not in seen[:-1]

    one, two = add(store, ann, Rule("a", Conditions(), Actions(lists))), add(store, ann, Rule("b", Conditions(), Actions()))
    assert changed()
    move(store, ann, two, 1)
    assert changed()
    store.write_now(lambda db: rules.change(db, ann, Rule("c", Conditions(), Actions(lists), id=two)))
    assert changed()
    store.write_now(lambda db: mailboxes.remove(db, lists))
    assert changed()
    store.write_now(lambda db: mailboxes.add(db, store.clock, ann, "Lists"))
    assert changed()
    store.write_now(lambda db: rules.remove(db, ann, one))
    assert changed()

    add(store, bob, Rule("d", Conditions(), Actions()))
    store.write_now(lambda db: mailboxes.add(db, store.clock, ann, "Other"))
    store.write_now(lambda db: accounts.set_setting(db, ann, "reject_days", 3))
    assert not changed()
    assert store.read(lambda db: rules.version(db, 99_999)) == -1
