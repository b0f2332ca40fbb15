"""What one process of this machine may say to another: bells, commands, mail of local programs.

Invariant: whatever octets lie in jobs.db, they are a bell or Refused; whatever a caller
sends to the supervisor, it hears an answer or is hung up on; whatever a program hands in,
it gets one line with a status, and what is queued for it is written in its own name.
"""
import json
import socket
from contextlib import closing

from huey.registry import Message
from hypothesis import example, given
from hypothesis import strategies as some

from mta.base.limits import LIMITS
from mta.flow.world import World
from mta.message import address, header
from mta.store.bell import BELL_TASK, TICK_TASK, BellSerializer, Refused
from tests.flow import conftest as flows
from tests.flow.post import queued, spooled, written
from tests.fuzz.effort import tries
from tests.fuzz.test_dns import NASTY, PLAIN
from workers.control import LINE, Caller
from workers.sendmail import HandIn

config, world, served, zone = flows.config, flows.world, flows.served, flows.zone
CBOR = some.lists(some.sampled_from([BELL_TASK, TICK_TASK, "deliver", 1, -1, 2**70, True, 1.0, None]) | PLAIN, max_size=4)


@tries(200)
@given(some.binary(max_size=40) | some.sampled_from(NASTY) | some.sampled_from(NASTY).map(lambda octets: b"\x83" + octets * 3))
def test_any_octets_in_jobs_db(octets: bytes) -> None:
    """Nothing but a bell comes out, and nothing else is raised."""
    try:
        heard = BellSerializer()._deserialize(octets)
    except Refused:
        return
    assert heard.name in (BELL_TASK, TICK_TASK)


@tries(100)
@given(CBOR)
def test_any_bell(parts: list[object]) -> None:
    """What cannot be carried is refused before it is written; what can comes back as it was."""
    name, *args = parts or [None]
    try:
        octets = BellSerializer()._serialize(Message(None, name, args=tuple(args), kwargs={}))
    except Refused:
        return
    assert len(octets) <= LIMITS.bell
    back = BellSerializer()._deserialize(octets)
    assert (back.name, back.args) == (name, tuple(args))


JSON = some.recursive(some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=8),
                      lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=4), inner, max_size=3))


@tries(150)
@example([b"[" * (LINE - 1) + b"\n"])
@example([b'{"do": []}\n', b'{"do": {}}\n', b'{"do": "echo"}\n', b"\xff\n", b"1" * 4_000 + b"\n"])
@example([b"x" * LINE])
@given(some.lists(some.binary(max_size=30) | JSON.map(lambda value: json.dumps({"do": "echo", "word": value}).encode() + b"\n"), max_size=5))
def test_any_command_for_the_supervisor(pieces: list[bytes]) -> None:
    """Each line is answered until it hangs up; nothing is raised in the process that nobody restarts."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        caller = Caller(ours, {"echo": lambda asked: {"heard": asked["word"]}})
        theirs.sendall(b"".join(pieces))
        theirs.shutdown(socket.SHUT_WR)
        while caller.hear():
            pass
        ours.shutdown(socket.SHUT_WR)
        with theirs.makefile("rb") as answers:
            heard = [json.loads(line) for line in answers]
    assert len(heard) <= b"".join(pieces).count(b"\n")
    assert all(answer["ok"] or answer["error"] == "not understood" for answer in heard)


WISHES = some.fixed_dictionaries({
    "recipients": some.lists(some.sampled_from(["bob@example.org", "root", "x@else.example"]), min_size=1, max_size=2)
    | some.lists(some.sampled_from(["ann", "<>", "@", "\ud800@a.example", ""]) | some.text(max_size=5), max_size=3) | JSON,
    "sender": some.sampled_from([None, "", "<>", "root", "bob@example.org", "ann@example.org"]) | JSON,
    "full_name": some.text(max_size=10) | JSON, "from_header": some.booleans() | JSON})
LETTERS = some.lists(some.sampled_from([
    b"From: ann@example.org\r\n", b"From: bob@example.org\r\n", b"From: root (Cron)\r\n", b"From:\r\n", b"Sender: bob@example.org\r\n",
    b"To: bob@example.org\r\n", b"To: x@else.example, <bob@example.org\r\n", b"Bcc: x@else.example\r\n", b" x@else.example\r\n",
    b"\r\n", b"Subject: \xff\r\n", b"text\r\n", b"\n", b"\r", b"\0", b".\r\n", b"x" * 1_100]) | some.binary(max_size=8), max_size=8).map(b"".join)


@tries(100)
@example(b"[" * 100_000 + b"\n", b"")
@example(b'{"recipients": ["bob@example.org"], "sender": null, "full_name": "\\ud800", "from_header": false}\n', b"\r\nhi\r\n")
@example(b'{"recipients": ["bob@example.org"], "sender": null, "full_name": "", "from_header": false}\n', b"To: x\r\n\r\na\nb\r\n")
@example(b'{"recipients": ["bob@example.org"], "sender": null, "full_name": "", "from_header": false}\n', b"To: x\r\n\r\na\0b\r\n")
@given(WISHES.map(lambda wish: json.dumps(wish).encode() + b"\n") | some.binary(max_size=20), LETTERS)
async def test_anything_handed_in(served: World, first: bytes, message: bytes) -> None:
    """One status, nothing unexpected, nobody else's name, no octet that SMTP could not carry, and no file left behind."""
    hand_in = HandIn(served, LIMITS)
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with closing(theirs):
        theirs.sendall(first + message)
        theirs.shutdown(socket.SHUT_WR)
        await hand_in.welcome(ours)
        await hand_in.finish()
        answer = theirs.recv(10_000)
    assert set(json.loads(answer)) == {"status", "text"}
    assert "problem with this message" not in json.loads(answer)["text"]
    assert spooled(served) == []
    for row, _ in queued(served):
        octets = written(served, row)
        authors = address.authors(header.parse(octets[len(row.prefix):]))
        assert [str(author) for author in authors.addresses] == ["ann@example.org"]
        assert b"\nBcc:" not in octets
        assert octets.count(b"\n") == octets.count(b"\r\n") == octets.count(b"\r"), octets
        assert b"\0" not in octets
