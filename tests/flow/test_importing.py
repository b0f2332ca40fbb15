"""mta.flow.importing: broken off at any point and gone on with, repeated, stopped, uploaded in pieces; nothing twice, nothing lost."""
import asyncio
from collections.abc import Callable

import pytest

from mta.base.clock import SetClock
from mta.base.errors import Conflict, NotFound, UserError
from mta.base.events import Event, Recorded
from mta.base.limits import LIMITS
from mta.flow import filing, importing, people, reading
from mta.flow.world import World
from mta.net import sealing
from mta.store import accounts, imports, lessons
from mta.store.importfiles import ImportFiles
from tests.flow.mailfiles import OWNER, box, bring, contents, held, letter, tgz
from tests.flow.outbox import facts

MANY = 100


@pytest.fixture
def ann(served: World) -> int:
    """Ann's account."""
    return people.get_account(served, "ann").id


def maildir(count: int = MANY, flags: str = "") -> dict[str, bytes]:
    """A Maildir of so many messages in two folders."""
    return {f"Maildir/{'.Old/' if number % 3 else ''}cur/17000{number:05}.M{number}.h:2,{flags}": letter(number).encode()
            for number in range(count)}


@pytest.mark.parametrize("form", ["mbox", "tgz"])
def test_broken_off_and_gone_on_with(served: World, ann: int, form: str) -> None:
    """Ended after each batch by turns, it comes to the same as without: every message once, counted once."""
    octets = tgz(maildir()) if form == "tgz" else box(*(letter(number) for number in range(MANY)))
    states = []
    for _ in range(MANY):
        row = bring(served, ann, octets, stop_after=(MANY if form == "tgz" else 1))
        states.append((row.state, row.added))
        if row.state == "done":
            break

    assert states[-1] == ("done", MANY)
    assert len(states) > 2
    assert row.known == 0
    assert row.octets == row.total
    assert len({content for _, content in contents(served, ann)}) == len(contents(served, ann)) == MANY


def test_a_change_that_fails_counts_nothing(served: World, ann: int, recorded: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch whose commit fails leaves neither messages nor a position behind them; what nobody foresaw is noted with its module."""
    from mta.store import imported
    kept, calls = imported.note, 0

    def note(*arguments: object) -> None:
        nonlocal calls
        calls += 1
        if calls == 40:
            raise OSError("the disk went away")
        kept(*arguments)    # type: ignore[arg-type]  # passed through

    monkeypatch.setattr(imported, "note", note)
    octets = box(*(letter(number) for number in range(MANY)))
    first = bring(served, ann, octets)
    assert first.state == "stopped"
    assert first.added == len(contents(served, ann)) < 40
    [unforeseen] = facts(recorded, Event.UNEXPECTED)
    assert unforeseen["where"].startswith("mta.")
    assert "the disk went away" in unforeseen["problem"]
    row = bring(served, ann, octets)
    assert (row.state, row.added) == ("done", MANY)
    assert len(contents(served, ann)) == MANY


def test_repeated(served: World, ann: int) -> None:
    """Again: nothing twice, what is new comes, flags that changed there change here, and what the owner changed here stays."""
    bring(served, ann, tgz(maildir(6)), "one.tgz")
    rows = {row.subject: row for row in reading.page(served, ann, reading.mailbox_named(served, ann, "Old").id).messages}
    filing.flag(served, ann, [rows["letter 1"].id], ["\\Flagged"], [])
    filing.move(served, ann, [rows["letter 2"].id], reading.mailbox_named(served, ann, "Archive").id)
    filing.delete(served, ann, [rows["letter 4"].id])
    files = maildir(7)
    changed = {path.replace("M1.h:2,", "M1.h:2,S").replace("M2.h:2,", "M2.h:2,R"): content for path, content in files.items()}
    row = bring(served, ann, tgz(changed), "two.tgz")

    assert (row.added, row.known, row.changed) == (1, 6, 2)
    got = {name: [one[:2] for one in rows] for name, rows in held(served, ann).items()}
    assert got["Old"] == [("letter 1", ("\\Seen", "\\Flagged")), ("letter 5", ())]
    assert got["Archive"] == [("letter 2", ("\\Answered",))]
    assert got["Inbox"] == [("letter 0", ()), ("letter 3", ()), ("letter 6", ())]
    assert bring(served, ann, tgz(changed), "three.tgz").changed == 0


def test_what_came_otherwise(served: World, ann: int) -> None:
    """A message that is here already by content and Message-ID does not come again, though it was never imported."""
    from mta.flow import deposit
    deposit.file_in(served, ann, letter(1).encode())
    row = bring(served, ann, box(letter(1), letter(2), letter(1, text="other")), "Inbox")

    assert (row.added, row.known) == (2, 1)


def test_nothing_else_happens(served: World, ann: int, recorded: Recorded) -> None:
    """No rule is asked, nothing is answered or queued or learned; threads, modseq, counts and times are those of the mail."""
    before = served.store.read(lambda db: accounts.get(db, ann))
    row = bring(served, ann, box(letter(1), letter(2, "In-Reply-To: <1@example.net>\n")), "Inbox")

    rows = reading.page(served, ann, reading.mailbox_named(served, ann, "Inbox").id).messages
    assert len({one.thread_id for one in rows}) == 1
    assert {one.received for one in rows} == {1704103200.0}
    after = served.store.read(lambda db: accounts.get(db, ann))
    assert before is not None
    assert after is not None
    assert (after.messages, after.modseq > before.modseq) == (2, True)
    assert served.store.read(lambda db: lessons.newest(db, [one.id for one in rows])) == {}
    assert not {Event.QUEUED.key, Event.ANSWERED.key, Event.MESSAGE_STORED.key} & set(recorded.keys())
    assert row.skipped == 0


def test_training(served: World, ann: int) -> None:
    """Only if it was chosen."""
    bring(served, ann, tgz({"M/cur/1.a:2,S": letter(1).encode(), "M/.Junk/cur/2.b:2,": letter(2).encode(),
                            "M/.Sent/cur/3.c:2,S": letter(3).encode()}), train=True)
    ids = {row.subject: row.id for name in ("Inbox", "Junk", "Sent")
           for row in reading.page(served, ann, reading.mailbox_named(served, ann, name).id).messages}
    found = served.store.read(lambda db: lessons.newest(db, ids.values()))

    assert {id: one.verdict for id, one in found.items()} == {ids["letter 1"]: "good", ids["letter 2"]: "junk"}


def test_quota(served: World, ann: int) -> None:
    """When the account is full it stops in plain words, and goes on there when there is room."""
    octets = box(*(letter(number) for number in range(50)))
    served.store.write_now(lambda db: accounts.update(db, ann, quota=3_000))
    row = bring(served, ann, octets)
    assert row.state == "stopped"
    assert "full" in row.problem
    assert row.added == len(contents(served, ann)) > 0
    served.store.write_now(lambda db: accounts.update(db, ann, quota=0))
    row = bring(served, ann, octets)
    assert (row.state, row.added, row.known) == ("done", 50, 0)


def test_too_large_a_message(served: World, ann: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is passed over and named; the others come."""
    from dataclasses import replace

    from mta.flow import fileimport
    monkeypatch.setattr(fileimport, "LIMITS", replace(LIMITS, message=5_000))
    row = bring(served, ann, box(letter(1), letter(2, text="x\n" * 5_000), letter(3)), "Inbox")

    assert (row.added, row.skipped) == (2, 1)
    [(place, reason)] = importing.one(served, ann, row.id)[1]
    assert "Inbox, octet" in place
    assert "more than" in reason


def test_too_many_keywords(served: World, ann: int) -> None:
    """The messages come, the keywords that are too many are named."""
    letters = [letter(number, f"X-Keywords: key{number}\nStatus: RO\n") for number in range(LIMITS.keywords_per_mailbox + 5)]
    row = bring(served, ann, box(*letters), "Inbox")

    assert (row.state, row.added, row.skipped) == ("done", len(letters), 5)
    assert "keyword" in importing.one(served, ann, row.id)[1][0][1]


# --- uploads ---------------------------------------------------------------------------------------


def upload(world: World, account: int, octets: bytes, pieces: int = 3) -> imports.ImportRow:
    """A file that was brought in pieces."""
    row = importing.begin_upload(world, account, "Inbox.mbox", len(octets))
    size = -(-len(octets) // pieces)
    for start in range(0, len(octets), size):
        row = importing.append(world, account, row.id, start, octets[start:start + size])
    return row


def work(world: World, wait: Callable[[float], bool] = lambda seconds: False) -> None:
    """What the reporter does."""
    while claimed := importing.claim(world, OWNER):
        importing.run(world, claimed, OWNER, wait, lambda task: asyncio.run(task))


def test_upload_in_pieces(served: World, ann: int, rung: list[str]) -> None:
    """Each piece where it belongs; the import begins with the last one, and its file goes at the end."""
    octets = box(letter(1), letter(2))
    row = importing.begin_upload(served, ann, "Inbox.mbox", len(octets))
    importing.append(served, ann, row.id, 0, octets[:10])
    with pytest.raises(Conflict, match="10 octets"):
        importing.append(served, ann, row.id, 0, octets[:10])
    with pytest.raises(UserError, match="more than"):
        importing.append(served, ann, row.id, 10, octets)
    with pytest.raises(NotFound):
        importing.append(served, people.get_account(served, "bob").id, row.id, 10, octets[10:])
    assert importing.claim(served, OWNER) is None
    rung.clear()
    assert importing.append(served, ann, row.id, 10, octets[10:]).state == "waiting"
    assert "reporter" in rung
    work(served)
    done, _ = importing.one(served, ann, row.id)
    assert (done.state, done.added) == ("done", 2)
    assert not ImportFiles(served.store.directory).mail(row.id).exists()


def test_stopped_by_its_owner(served: World, ann: int) -> None:
    """Whoever works on it stops with the next batch; what came stays, and it goes on when it is wanted."""
    row = upload(served, ann, box(*(letter(number) for number in range(MANY))))

    def wait(seconds: float) -> bool:
        if importing.one(served, ann, row.id)[0].added:
            importing.stop(served, ann, row.id)
        return False

    work(served, wait)
    stopped, _ = importing.one(served, ann, row.id)
    assert (stopped.state, stopped.problem) == ("stopped", importing.STOPPED)
    assert 0 < len(contents(served, ann)) == stopped.added < MANY
    with pytest.raises(Conflict):
        importing.stop(served, ann, row.id)
    importing.go_on(served, ann, row.id)
    with pytest.raises(Conflict):
        importing.remove(served, ann, row.id) if importing.claim(served, OWNER) else None
    served.store.write_now(lambda db: db.execute("UPDATE import SET claimed_until = 0"))
    work(served)
    assert len(contents(served, ann)) == MANY
    importing.remove(served, ann, row.id)
    assert importing.listing(served, ann) == []


def test_the_role_ends(served: World, ann: int) -> None:
    """What is half done then is the successor's, at once."""
    row = upload(served, ann, box(*(letter(number) for number in range(MANY))))
    claimed = importing.claim(served, OWNER)
    assert claimed is not None
    importing.run(served, claimed, OWNER, lambda seconds: importing.one(served, ann, row.id)[0].added > 0, lambda task: None)
    assert importing.one(served, ann, row.id)[0].state == "running"
    assert importing.claim(served, "test-0:1:2:y") is None
    assert served.store.write_now(lambda db: imports.release_all(db, "test")) == 1
    work(served)
    done, _ = importing.one(served, ann, row.id)
    assert (done.state, done.added, len(contents(served, ann))) == ("done", MANY, MANY)


def test_forsaken_uploads_go(served: World, ann: int, clock: SetClock) -> None:
    """After a week, with their files; files of imports that are gone too."""
    row = importing.begin_upload(served, ann, "x", 100)
    importing.append(served, ann, row.id, 0, b"x")
    files = ImportFiles(served.store.directory)
    files.append(999, 0, b"nobody's")
    importing.sweep(served)
    assert files.size(row.id) == 1
    assert files.size(999) == 0
    clock.advance(LIMITS.import_coming_age + 1)
    importing.sweep(served)
    assert importing.listing(served, ann) == []
    assert files.size(row.id) == 0


@pytest.mark.parametrize("size", [0, -1, LIMITS.import_upload + 1])
def test_impossible_sizes(served: World, ann: int, size: int) -> None:
    """Are refused before anything is sent."""
    with pytest.raises(UserError):
        importing.begin_upload(served, ann, "x", size)


# --- passwords -------------------------------------------------------------------------------------


def test_the_password_is_sealed_and_goes(served: World, ann: int) -> None:
    """It is in no row in clear, and without the key, which goes with the run, in none at all."""
    row = importing.begin_imap(served, ann, "imap.old.example", "ann@old.example", "correct horse")
    files = ImportFiles(served.store.directory)
    key = files.key(row.id)
    assert key is not None
    assert row.secret is not None
    assert b"correct horse" not in row.secret
    assert sealing.unseal(key, row.secret) == "correct horse"
    for file in served.store.directory.rglob("*"):
        assert not file.is_file() or b"correct horse" not in file.read_bytes()
    work(served)    # the DNS of this test knows no such server
    stopped, _ = importing.one(served, ann, row.id)
    assert (stopped.state, stopped.secret, files.key(row.id)) == ("stopped", None, None)
    assert "knows no address" in stopped.problem
    with pytest.raises(UserError, match="password"):
        importing.go_on(served, ann, row.id)


@pytest.mark.parametrize(("host", "user", "password", "port", "security"), [
    ("", "a", "b", 993, "tls"), ("a b", "a", "b", 993, "tls"), ("imap.example", "", "b", 993, "tls"), ("imap.example", "a", "", 993, "tls"),
    ("imap.example", "a", "b", 0, "tls"), ("imap.example", "a", "b", 993, "none")])
def test_impossible_servers(served: World, ann: int, host: str, user: str, password: str, port: int, security: str) -> None:
    """Are refused with what to write instead."""
    with pytest.raises(UserError):
        importing.begin_imap(served, ann, host, user, password, port=port, security=security)


def test_removed_accounts_take_it_along(served: World) -> None:
    """What was remembered of imports goes in slices with the account."""
    bob = people.get_account(served, "bob").id
    bring(served, bob, box(*(letter(number) for number in range(20))))
    people.remove_account(served, "bob", for_good=True, by="a test")

    assert served.store.read(lambda db: list(db.execute("SELECT count(*) FROM imported"))) == [(0,)]
    assert served.store.read(lambda db: list(db.execute("SELECT count(*) FROM import"))) == [(0,)]


