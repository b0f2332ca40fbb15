"""mta.store.sentreports: when reports are due, what became of them, who gets none."""
from mta.base.clock import SetClock
from mta.store import sentreports
from mta.store.database import Store
from mta.store.sentreports import DeliveryRow, Suppression


def plan(store: Store, clock: SetClock, domain: str = "b.test", due: float = 10.0) -> int:
    """A report that is due so many seconds from now."""
    now = clock.timestamp()
    return store.write_now(lambda db: sentreports.plan(db, clock, "dmarc", domain, now - 86_400, now, now + due))


def test_a_report_comes_due(store: Store, clock: SetClock) -> None:
    """In order of their times, until they are settled; each has a name of its own."""
    second, first = plan(store, clock, due=20.0), plan(store, clock, "c.test")
    assert store.read(lambda db: sentreports.due(db, clock)) is None
    assert store.read(sentreports.next_due) == clock.timestamp() + 10
    assert store.read(sentreports.last_due) == clock.timestamp() + 20
    assert store.read(sentreports.due_by_kind) == {"dmarc": 2, "tls": 0}
    clock.advance(30)
    row = store.read(lambda db: sentreports.due(db, clock))
    assert row is not None
    assert (row.id, row.policy_domain, row.state, row.attempts) == (first, "c.test", "due", 0)
    assert row.token.startswith("20300101")
    assert row.token.isalnum()
    assert store.write_now(lambda db: sentreports.settle(db, clock, first, "sent", "", 7))
    assert not store.write_now(lambda db: sentreports.settle(db, clock, first, "unsent", "again", 0))
    settled = store.read(lambda db: sentreports.get(db, first))
    assert settled is not None
    assert (settled.state, settled.due, settled.counted, settled.settled) == ("sent", None, 7, clock.timestamp())
    last = store.read(lambda db: sentreports.due(db, clock))
    assert last is not None
    assert last.id == second
    assert last.token != row.token


def test_put_off(store: Store, clock: SetClock) -> None:
    """With its reason; brought forward by somebody who does not want to wait, or when the clock was set back."""
    ident = plan(store, clock)
    later = clock.timestamp() + 5_000
    assert store.write_now(lambda db: sentreports.defer(db, ident, later, "the DNS is silent"))
    assert store.read(sentreports.next_due) == later
    assert store.write_now(lambda db: sentreports.bring_forward(db, clock, ident))
    assert store.read(sentreports.next_due) == clock.timestamp()
    store.write_now(lambda db: sentreports.defer(db, ident, later, ""))
    store.write_now(lambda db: sentreports.hurry(db, later, 1.0))
    assert store.read(sentreports.next_due) == later
    store.write_now(lambda db: sentreports.hurry(db, later - 1, 1.0))
    assert store.read(sentreports.next_due) == 1.0
    store.write_now(lambda db: sentreports.settle(db, clock, ident, "unsent", "", 0))
    assert not store.write_now(lambda db: sentreports.defer(db, ident, later, ""))
    assert not store.write_now(lambda db: sentreports.bring_forward(db, clock, ident))


def test_an_address_gets_it_once(store: Store, clock: SetClock) -> None:
    """What became of it there is written once, and not after the end."""
    ident = plan(store, clock)
    assert store.write_now(lambda db: sentreports.deliver(db, clock, ident, "mailto:a@b.test", "queued", "", "<1@x>"))
    assert not store.write_now(lambda db: sentreports.deliver(db, clock, ident, "mailto:a@b.test", "refused", "no"))
    assert store.read(lambda db: sentreports.deliveries(db, ident)) == [
        DeliveryRow(ident, "mailto:a@b.test", "queued", "", "<1@x>", clock.timestamp())]
    store.write_now(lambda db: sentreports.settle(db, clock, ident, "sent", "", 0))
    assert not store.write_now(lambda db: sentreports.deliver(db, clock, ident, "mailto:c@b.test", "queued"))
    assert not store.write_now(lambda db: sentreports.deliver(db, clock, 99, "mailto:c@b.test", "queued"))


def test_the_list(store: Store, clock: SetClock) -> None:
    """Newest first, by kind and domain, in pages."""
    ids = [plan(store, clock, domain) for domain in ("b.test", "c.test", "b.test")]
    assert [row.id for row in store.read(lambda db: sentreports.listing(db, "dmarc"))] == ids[::-1]
    assert [row.id for row in store.read(lambda db: sentreports.listing(db, "dmarc", policy_domain="b.test"))] == [ids[2], ids[0]]
    assert [row.id for row in store.read(lambda db: sentreports.listing(db, "dmarc", before=ids[2], limit=1))] == [ids[1]]
    assert store.read(lambda db: sentreports.listing(db, "tls")) == []


def test_old_reports_go(store: Store, clock: SetClock) -> None:
    """Those that are settled, and what became of them; those that are due stay."""
    gone, stays = plan(store, clock), plan(store, clock)
    store.write_now(lambda db: sentreports.deliver(db, clock, gone, "mailto:a@b.test", "queued"))
    store.write_now(lambda db: sentreports.settle(db, clock, gone, "sent", "", 0))
    assert store.write_now(lambda db: sentreports.prune(db, clock, 100.0, 10)) == 0
    clock.advance(101)
    assert store.write_now(lambda db: sentreports.prune(db, clock, 100.0, 10)) == 1
    assert [row.id for row in store.read(lambda db: sentreports.listing(db, "dmarc"))] == [stays]
    assert store.write_now(lambda db: sentreports.remove(db, stays))
    assert not store.write_now(lambda db: sentreports.remove(db, stays))


def test_too_many_reports_go(store: Store, clock: SetClock) -> None:
    """The oldest of those that are settled, whatever their age."""
    ids = [plan(store, clock) for _ in range(5)]
    for ident in ids[1:]:
        store.write_now(lambda db, ident=ident: sentreports.settle(db, clock, ident, "needless", "", 0))    # type: ignore[misc]
    assert store.write_now(lambda db: sentreports.prune(db, clock, 100.0, 10, most=2)) == 2
    assert [row.id for row in store.read(lambda db: sentreports.listing(db, "dmarc"))] == [ids[4], ids[3], ids[0]]


def test_suppressions(store: Store, clock: SetClock) -> None:
    """For good or for a time; the last word counts."""
    now = clock.timestamp()
    store.write_now(lambda db: sentreports.suppress(db, clock, "a@b.test", None, "bounces"))
    store.write_now(lambda db: sentreports.suppress(db, clock, "c@b.test", now + 10, "asked us"))
    assert store.read(lambda db: sentreports.suppressions(db, clock)) == [
        Suppression("a@b.test", None, "bounces", now), Suppression("c@b.test", now + 10, "asked us", now)]
    assert store.read(lambda db: sentreports.suppressions(db, clock, after="a@b.test"))[0].address == "c@b.test"
    assert store.read(sentreports.suppression_count) == 2
    clock.advance(10)
    assert store.read(lambda db: sentreports.suppressed(db, clock, "c@b.test")) is None
    assert [one.address for one in store.read(lambda db: sentreports.suppressions(db, clock))] == ["a@b.test"]
    assert store.write_now(lambda db: sentreports.prune(db, clock, 100.0, 10)) == 1
    store.write_now(lambda db: sentreports.suppress(db, clock, "a@b.test", now + 20, "shorter"))
    found = store.read(lambda db: sentreports.suppressed(db, clock, "a@b.test"))
    assert found is not None
    assert (found.until, found.reason, found.created) == (now + 20, "shorter", now)
    assert store.write_now(lambda db: sentreports.allow(db, "a@b.test"))
    assert not store.write_now(lambda db: sentreports.allow(db, "a@b.test"))
