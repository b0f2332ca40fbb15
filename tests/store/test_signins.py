"""mta.store.signins: the log of sign-ins."""
from dataclasses import replace

from mta.base.clock import SetClock
from mta.base.events import Journal, Recorded
from mta.base.limits import Limits
from mta.base.names import ip_address
from mta.store import signins
from mta.store.database import Store
from mta.store.signins import OK, Attempt, SignIn, SignInLog

ONE = Attempt(0.0, 1, "ann", OK, "smtp", "PLAIN", "192.0.2.1", "192.0.2.0/24", "laptop", 0, "", "t")


def add(store: Store, clock: SetClock, **fields: object) -> None:
    """One attempt, now."""
    attempt = replace(ONE, at=clock.timestamp(), **fields)  # type: ignore[arg-type]
    if "ip" in fields:
        attempt = replace(attempt, place=signins.place_of(ip_address(str(fields["ip"]))))
    SignInLog(store, clock).add(attempt)


def listing(store: Store, **asked: object) -> list[SignIn]:
    """The log."""
    return signins.ask(store, lambda db: signins.listing(db, **asked))    # type: ignore[arg-type]


def test_the_same_within_an_hour_is_one(store: Store, clock: SetClock) -> None:
    """Another outcome, program, password or hour is another entry."""
    add(store, clock)
    clock.advance(600)
    add(store, clock)
    for other in ({"outcome": "wrong"}, {"agent": "phone"}, {"label": "app"}, {"account_id": None}):
        add(store, clock, **other)
    clock.advance(3_600)
    add(store, clock)

    rows = listing(store)
    assert [row.times for row in rows] == [1, 1, 1, 1, 1, 2]
    assert rows[-1].latest - rows[-1].first == 600


def test_new_places(store: Store, clock: SetClock) -> None:
    """The first place of an account is none; a failure makes no place known; a network counts once."""
    for ip, outcome in (("192.0.2.1", OK), ("192.0.2.99", OK), ("198.51.100.1", "wrong"), ("198.51.100.1", OK), ("198.51.100.2", OK),
                        ("2001:db8:1::1", OK), ("2001:db8:1:9::1", OK)):
        add(store, clock, ip=ip, outcome=outcome)
        clock.advance(1)

    assert [row.ip for row in reversed(listing(store)) if row.new_place] == ["198.51.100.1", "2001:db8:1::1"]
    assert signins.ask(store, lambda db: signins.new_places(db, 1, 0.0)) == 2
    assert signins.ask(store, lambda db: signins.new_places(db, 1, clock.timestamp())) == 0
    assert signins.ask(store, lambda db: signins.new_places(db, 2, 0.0)) == 0


def test_what_is_asked_for(store: Store, clock: SetClock) -> None:
    """By account, text and outcome, page by page."""
    for at in range(5):
        add(store, clock, agent=f"program {at}")
    add(store, clock, account_id=None, name="x%' OR 1=1", outcome="wrong")
    assert len(listing(store, account_id=1)) == 5
    assert [row.name for row in listing(store, failed=True)] == ["x%' OR 1=1"]
    assert [row.agent for row in listing(store, text="PROGRAM 3")] == ["program 3"]
    first = listing(store, limit=2)
    assert [row.id for row in listing(store, limit=2, before=first[-1].id)] == [first[-1].id - 1, first[-1].id - 2]


def test_bounds(store: Store, clock: SetClock) -> None:
    """Strangers who guess push out guesses, never the owner's own sign-ins; what is old goes."""
    add(store, clock)
    limits = Limits(sign_ins_failed=10)
    for at in range(30):
        add(store, clock, account_id=None, name=f"guess {at}", outcome="wrong")
    assert signins.prune_file(store, 15, limits) == 15
    assert signins.prune_file(store, 15, limits) == 5
    assert [row.name for row in listing(store)][-1] == "ann"
    assert len(listing(store)) == 11
    clock.advance(Limits().sign_in_age + 1)
    assert signins.prune_file(store, 100) == 11


def test_it_waits_in_a_thread(store: Store, clock: SetClock) -> None:
    """With a delay nothing is written before the flush; what is too much of failures is dropped, a success never."""
    log = SignInLog(store, clock, delay=60.0)
    for at in range(Limits().sign_ins_waiting + 5):
        log.add(replace(ONE, outcome="wrong", name=str(at), at=clock.timestamp()))
    log.add(replace(ONE, at=clock.timestamp()))
    assert listing(store) == []
    log.close()
    assert len(listing(store, limit=9_999)) == Limits().sign_ins_waiting + 1


def test_a_broken_file_keeps_nobody_out(store: Store, clock: SetClock, journal: Journal, recorded: Recorded) -> None:
    """It is noted, and that is all."""
    whole = store.trace_db.read_bytes()
    store.trace_db.write_bytes(b"nonsense" * 1_000)
    SignInLog(store, clock, journal).add(ONE)
    store.trace_db.write_bytes(whole)
    assert recorded.keys() == ["store.trouble"]
