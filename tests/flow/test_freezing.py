"""mta.flow.freezing: accounts that are suddenly not like themselves."""
from dataclasses import replace

import pytest

from mta.base.clock import SetClock
from mta.base.errors import Conflict, NotFound, UserError
from mta.base.events import Recorded
from mta.base.names import Address, ip_address
from mta.flow import freezing, people, submit
from mta.flow.freezing import judged
from mta.flow.submit import SendRefused, SubmitDesk
from mta.flow.world import World
from mta.store import freezes, outgoing, queue, signins
from mta.store.connection import Connection
from mta.store.freezes import Sending, Usual
from mta.store.signins import Attempt, SignInLog
from tests.flow.away import account_id
from tests.flow.conftest import BY
from tests.flow.post import letters
from tests.flow.test_submit import HELLO, refused, submitted

ANN = Address.parse("ann@example.org")
QUIET = Usual(busiest=3, known=100, finished=10, failed=0)


def wrote(world: World, account: int, count: int, start: int = 0) -> None:
    """The account writes to so many people, one by one, now."""
    def change(db: Connection) -> None:
        for at in range(start, start + count):
            outgoing.remember(db, world.clock, account, [Address.parse(f"p{at}@else.example")])

    world.store.write_now(change)


def ended(world: World, account: int, count: int, outcome: str) -> None:
    """So many of its messages came to an end just now."""
    now = world.clock.timestamp()
    world.store.write_now(lambda db: db.executemany(
        "INSERT INTO outgoing (queue_message_id, account_id, sender, recipient, kind, message_id, subject, trace, size, queued, finished, "
        "attempts, outcome, code, enhanced, text, host, during) VALUES (1, ?, '', 'x@y.example', 'mail', '', '', '', 1, ?, ?, 1, ?, 550, "
        "'5.1.1', '', '', '')", [(account, now, now, outcome)] * count))


@pytest.mark.parametrize(("sending", "usual", "places", "frozen"), [
    (Sending(1, 49, 49), QUIET, 0, False),                            # small
    (Sending(1, 50, 50), QUIET, 0, True),
    (Sending(1, 500, 10), QUIET, 0, False),                           # to people it knows
    (Sending(1, 100, 100), replace(QUIET, busiest=50), 0, False),     # as busy before
    (Sending(1, 200, 100), replace(QUIET, busiest=50), 0, True),
    (Sending(1, 25, 25), QUIET, 2, True),                             # from elsewhere
    (Sending(1, 24, 24), QUIET, 9, False),
    (Sending(1, 30, 30), replace(QUIET, finished=50, failed=20), 0, True),
    (Sending(1, 30, 30), replace(QUIET, finished=100, failed=20), 0, False),
    (Sending(1, 30, 30), replace(QUIET, finished=19, failed=19), 0, False),
    (Sending(1, 30, 5), replace(QUIET, finished=50, failed=40), 0, False)])
def test_what_is_unlike(sending: Sending, usual: Usual, places: int, frozen: bool) -> None:
    """Much more than ever, to new people, or to many who do not exist; new places halve it, and never stop anybody alone."""
    assert bool(judged(sending, usual, places, 50)) == frozen


async def test_a_stolen_password(served: World, recorded: Recorded) -> None:
    """Sending is refused, what is queued waits, owner and postmaster have mail; others are not touched; undone, it goes on."""
    bob = account_id(served, "bob")
    await submit.send(served, bob, HELLO.replace(b"ann@", b"bob@"), Address.parse("bob@example.org"), [Address.parse("carl@else.example")],
                      "t.1")
    assert freezing.watch(served) == "0 busy, 0 frozen"
    wrote(served, bob, 60)
    assert freezing.watch(served) == "1 busy, 1 frozen"
    assert freezing.watch(served) == "1 busy, 0 frozen"

    with pytest.raises(SendRefused, match="was stopped") as told:
        await submit.send(served, bob, HELLO.replace(b"ann@", b"bob@"), Address.parse("bob@example.org"), [ANN], "t.2")
    assert told.value.reply.code == 451
    desk = SubmitDesk(served)
    answer = await submitted(desk, bob, HELLO.replace(b"ann@", b"bob@"), sender="bob@example.org")
    assert refused(answer)[:2] == (451, "4.7.1")
    assert (await submitted(desk, account_id(served, "ann"))).reply.code == 250    # type: ignore[union-attr]
    [(name, freeze, waiting)] = freezing.listing(served)
    assert (name, freeze.by, waiting) == ("bob", freezing.BY_SERVER, 1)
    assert "61 people within an hour" in freeze.reason
    [bobs], [keepers] = letters(served, "bob"), letters(served, "ann")
    assert "Sending from your account was stopped" in str(bobs)
    assert "bob cannot send any more" in str(keepers)
    assert recorded.keys().count("account.frozen") == 1
    assert freezing.problems(served)[0].startswith("bob cannot send: it wrote to 6")

    assert freezing.unfreeze(served, bob, by=BY) == 1
    assert [row.held for _, row in served.store.read(lambda db: queue.listing(db, served.clock, account_id=bob))] == [False]
    await submit.send(served, bob, HELLO.replace(b"ann@", b"bob@"), Address.parse("bob@example.org"), [ANN], "t.3")
    assert freezing.watch(served) == "1 busy, 0 frozen"    # somebody has looked at it


async def test_what_was_held_before_stays_held(served: World) -> None:
    """Letting an account go releases what its freeze held, nothing else."""
    ann = account_id(served, "ann")
    await submit.send(served, ann, HELLO, ANN, [Address.parse("a@else.example"), Address.parse("b@else.example")], "t.1")
    first = served.store.read(lambda db: queue.listing(db, served.clock))[0][1].id
    served.store.write_now(lambda db: queue.hold(db, [first]))
    freezing.freeze(served, ann, "the laptop\nwas stolen", by=BY)
    assert freezing.listing(served)[0][1].reason == "the laptop was stolen"
    assert freezing.unfreeze(served, ann, by=BY) == 1
    assert {row.id: row.held for _, row in served.store.read(lambda db: queue.listing(db, served.clock))}[first]


async def test_an_account_that_goes_for_good(served: World, recorded: Recorded) -> None:
    """What its freeze held goes with it, and is told; what else waits is delivered, and what the administrator held stays his."""
    ann = account_id(served, "ann")
    served.config = replace(served.config, postmaster="bob")
    for number in range(3):
        await submit.send(served, ann, HELLO, ANN, [Address.parse(f"p{number}@else.example")], "t.1")
    first = served.store.read(lambda db: queue.listing(db, served.clock))[0][1].id
    served.store.write_now(lambda db: queue.hold(db, [first]))
    freezing.freeze(served, ann, "stolen", by=BY)
    people.remove_account(served, "ann", by=BY)
    assert len(served.store.read(lambda db: queue.listing(db, served.clock))) == 3
    people.remove_account(served, "ann", for_good=True, by=BY)
    [(_, left)] = served.store.read(lambda db: queue.listing(db, served.clock))
    assert (left.id, left.held) == (first, True)
    assert "gave up 2 deliveries that were held since it was frozen" in str(recorded.records[-1].facts["what"])
    dropped = served.store.read(lambda db: list(db.execute("SELECT recipient, outcome, text FROM outgoing ORDER BY id")))
    assert [(row[1], row[2]) for row in dropped] == [("dropped", f"dropped by {BY}")] * 2


def test_a_month_of_the_same_is_usual(served: World, clock: SetClock) -> None:
    """Who sends as much each day is like that; today's mail is no measure of itself."""
    ann = account_id(served, "ann")
    ended(served, ann, 40, "delivered")
    assert served.store.read(lambda db: freezes.usual(db, clock, ann)).busiest == 0
    clock.advance(3 * 86_400)
    assert served.store.read(lambda db: freezes.usual(db, clock, ann)) == Usual(40, 40, 0, 0)
    wrote(served, ann, 100)
    assert freezing.watch(served) == "1 busy, 0 frozen"
    wrote(served, ann, 60, 100)
    assert freezing.watch(served) == "1 busy, 1 frozen"


def test_many_who_do_not_exist(served: World) -> None:
    """Are a list that somebody bought."""
    ann = account_id(served, "ann")
    wrote(served, ann, 30)
    ended(served, ann, 25, "failed")
    assert freezing.watch(served) == "1 busy, 1 frozen"
    assert "25 of the 25 people" in freezing.listing(served)[0][1].reason


def test_new_places_count(served: World, clock: SetClock) -> None:
    """The log of sign-ins says from where."""
    ann = account_id(served, "ann")
    for ip in ("192.0.2.1", "198.51.100.1", "203.0.113.1"):
        SignInLog(served.store, clock).add(Attempt(
            clock.timestamp(), ann, "ann", "ok", "smtp", "PLAIN", ip, signins.place_of(ip_address(ip)), "", 0, "", ""))
    wrote(served, ann, 30)
    assert freezing.watch(served) == "1 busy, 1 frozen"
    assert "2 new places" in freezing.listing(served)[0][1].reason


def test_it_can_be_switched_off(served: World) -> None:
    """By a setting; and where the server is for this machine alone."""
    wrote(served, account_id(served, "ann"), 100)
    never = replace(served.config.smtp, freeze_recipients_per_hour=0)
    for config in (replace(served.config, smtp=never), replace(served.config, local=True)):
        served.config = config
        assert freezing.watch(served).startswith("nothing")


def test_mistakes(served: World) -> None:
    """Twice, nobody, and too much said."""
    ann = account_id(served, "ann")
    with pytest.raises(Conflict, match="not frozen"):
        freezing.unfreeze(served, ann, by=BY)
    with pytest.raises(UserError, match="reason"):
        freezing.freeze(served, ann, "x" * 2_000, by=BY)
    with pytest.raises(NotFound):
        freezing.freeze(served, 999, "", by=BY)
    freezing.freeze(served, ann, "", by=BY)
    with pytest.raises(Conflict, match="already"):
        freezing.freeze(served, ann, "", by=BY)
