"""Delivery from queue to other servers, which behave as a test tells them."""
import asyncio
import contextlib
import dataclasses
import os
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mta.base.clock import SetClock
from mta.base.errors import NoRoom
from mta.base.events import Event, Recorded
from mta.base.limits import LIMITS
from mta.base.names import Domain
from mta.config.model import Route, Transport
from mta.dns.zone import Zone
from mta.flow.deliver import Delivery
from mta.flow.destination import STUCK
from mta.flow.world import World
from mta.store import queue
from tests.flow.outbox import (
    CONTENT,
    FullAtFirst,
    SlowAtOutcomes,
    deliver,
    delivering,
    facts,
    history,
    lone,
    put,
    quick,
    settled,
    until,
    waiting,
)
from tests.flow.post import letters, source
from tests.peers import CLOSE, FRIENDLY, HANGUP, SILENCE, Server, listening

MINUTE, HOUR = 60.0, 3_600.0
SINK = "/usr/sbin/smtp-sink"


@pytest.fixture
def zone() -> Zone:
    """b.test and c.test, whose mail hosts are on this machine."""
    return Zone("""
        b.test MX 10 mx.b.test
        mx.b.test A 127.0.0.1
        c.test A 127.0.0.1
        two.test MX 10 first.two.test
        two.test MX 20 second.two.test
        first.two.test A 127.0.0.2
        second.two.test A 127.0.0.3
        null.test MX 0 .
        bücher.example A 127.0.0.1
        trouble.test TROUBLE
    """)


# --- it works ------------------------------------------------------------------------------


async def test_a_message_is_delivered(served: World, recorded: Recorded) -> None:
    """Envelope, prefix and body arrive; the queue forgets, the history and the journal know."""
    ident = await put(served, "bob@b.test", prefix=b"Received: here\r\n")
    async with listening(Server()) as server:
        await deliver(served, server.port)

    mail = lone(server.mails)
    assert mail.content == b"Received: here\r\n" + CONTENT
    assert (mail.mail.split(" ")[1], mail.recipients) == ("FROM:<ann@example.org>", ["RCPT TO:<bob@b.test>"])
    assert server.lines[0] == "EHLO mx.example.org"
    assert waiting(served) == []
    row = lone(history(served))
    assert (row.outcome, row.code, row.text, row.host, row.attempts) == ("delivered", 250, "Taken", "mx.b.test", 1)
    done = lone(facts(recorded, Event.DELIVERED))
    assert (done["queued"], done["host"], done["reply"]) == (ident, "mx.b.test", "250 2.0.0 Taken")
    assert lone(facts(recorded, Event.ATTEMPT))["next_hop"] == "b.test"


async def test_what_is_due_goes_over_one_connection(served: World) -> None:
    """A few messages to one destination need one connection, and recipients of one message one transaction."""
    for _ in range(3):
        await put(served, "bob@b.test", "cy@b.test")
    async with listening(Server()) as server:
        await deliver(served, server.port)

    assert [len(mail.recipients) for mail in server.mails] == [2, 2, 2]
    assert server.connections == 1
    assert server.verbs()[-1] == "QUIT"


async def test_much_mail_opens_more_connections_up_to_the_limit(served: World) -> None:
    """Never more than the limit for one destination, and all of it arrives once."""
    for _ in range(150):
        await put(served, "bob@b.test")
    async with listening(Server()) as server:
        await deliver(served, server.port)

    assert len(server.mails) == 150
    assert 1 < server.most_open <= LIMITS.destination_connections
    assert len(history(served)) == 150


async def test_the_limits_on_connections(served: World, zone: Zone) -> None:
    """Many destinations at once keep to the total; messages on one connection too."""
    quick(served)
    limits = dataclasses.replace(served.config.limits, delivery_connections=3, messages_per_connection=2)
    for number in range(10):
        zone.add(f"d{number}.test A 127.0.0.1")
        for _ in range(3):
            await put(served, f"bob@d{number}.test")
    async with listening(Server()) as server:
        delivery = Delivery(served, "delivery-0:1:1:test", server.port)
        delivery.limits = delivery.dialing.limits = limits
        running = asyncio.create_task(delivery.run())
        await settled(delivery, served)
        delivery.stop()
        await running

    assert len(server.mails) == 30
    # A connection that is taking leave is not counted any more.
    assert server.most_open <= 3 + 3
    assert server.connections == 20


async def test_mail_that_comes_later_is_found(served: World) -> None:
    """A wake-up is all it takes, and what comes while a connection is open goes over it."""
    async with listening(Server()) as server, delivering(served, server.port) as delivery:
        await settled(delivery, served)
        for _ in range(3):
            await put(served, "bob@b.test")
            delivery.wake()
            await settled(delivery, served)
        assert len(server.mails) == 3


async def test_a_slow_message_holds_up_no_other(served: World, clock: SetClock) -> None:
    """While a server thinks about one message, the next ones to it leave over another connection."""
    server = Server({"RCPT TO:<slow@": SILENCE})
    for name in ("slow", "behind"):
        await put(served, f"{name}@b.test")
    async with listening(server), delivering(served, server.port) as delivery:
        delivery.wake()
        await until(lambda: "RCPT TO:<slow@b.test>" in server.lines)
        await put(served, "later@b.test")
        clock.advance(STUCK)
        delivery.wake()
        await until(lambda: len(waiting(served)) == 1)
        assert lone(waiting(served))[1].attempts == 0
        for lane in delivery.destinations["b.test"].lanes:
            lane.cancel()

    assert (server.connections, len(server.mails)) == (2, 2)


async def test_slow_servers_elsewhere_hold_up_nothing_here(served: World) -> None:
    """With every connection taken, mail from one of us to another is in its mailbox at once."""
    server = Server({"BANNER": SILENCE})
    await put(served, "bob@b.test")
    async with listening(server), delivering(served, server.port) as delivery:
        delivery.limits = dataclasses.replace(LIMITS, delivery_connections=1)
        delivery.wake()
        await until(lambda: server.connections == 1)
        await put(served, "bob@example.org")
        delivery.wake()
        await until(lambda: bool(letters(served, "bob")))
        assert lone(waiting(served))[1].attempts == 0
        for lane in delivery.destinations["b.test"].lanes:
            lane.cancel()


async def test_mail_for_ourselves_is_deposited(served: World) -> None:
    """Local recipients take the same road, also beside others and through a transport's hop."""
    quick(served, transports=(Transport("relay", "127.0.0.1", 1, "none"),), routes=(Route(transport="relay"),))
    await put(served, "bob@example.org", "nobody@example.org")
    await deliver(served)

    [letter] = letters(served, "bob")
    assert source(served, letter).endswith(CONTENT)
    [bounce] = letters(served, "ann")
    assert "Not delivered" in bounce.summary.subject
    assert sorted(row.outcome for row in history(served)) == ["delivered", "delivered", "failed"]
    assert waiting(served) == []


# --- hosts and addresses ------------------------------------------------------------------------


async def test_the_next_host_is_asked(served: World, recorded: Recorded) -> None:
    """A host that is down, slow, or hangs up does not stop the mail while another takes it."""
    quick(served)
    for behaviour in ({"BANNER": "554 No"}, {"BANNER": "421 Busy"}, {"BANNER": SILENCE}, {"EHLO": CLOSE}, {"MAIL": HANGUP + "421 Bye"},
                      {"DATA": CLOSE}, {".": HANGUP + "421 Bye"}):
        await put(served, "bob@two.test")
        async with listening(Server(behaviour), "127.0.0.2") as bad, listening(Server(), "127.0.0.3", bad.port) as good:
            await deliver(served, bad.port)
            assert (bad.connections, len(good.mails)) == (1, 1), behaviour
    assert waiting(served) == []
    assert len(facts(recorded, Event.HOST_SKIPPED)) == 7


async def test_a_host_that_refused_is_asked_last(served: World) -> None:
    """Once it has failed, the other is asked first for some minutes."""
    quick(served)
    async with listening(Server({"BANNER": "421 Busy"}), "127.0.0.2") as bad, listening(Server(), "127.0.0.3", bad.port) as good:
        async with delivering(served, bad.port) as delivery:
            for _ in range(3):
                await put(served, "bob@two.test")
                delivery.wake()
                await settled(delivery, served)
        assert (bad.connections, len(good.mails)) == (1, 3)


async def test_a_verdict_is_not_appealed(served: World) -> None:
    """Whoever says no to a recipient or message is believed: the other host is not asked."""
    await put(served, "bob@two.test", sender=None)
    async with listening(Server({"RCPT": "550 5.1.1 No"}), "127.0.0.2") as first, listening(Server(), "127.0.0.3", first.port) as second:
        await deliver(served, first.port)

    assert second.connections == 0
    assert lone(history(served)).outcome == "failed"


async def test_an_unanswered_message_is_not_sent_to_the_next_host(served: World) -> None:
    """It may have been taken: later, not elsewhere."""
    quick(served)
    await put(served, "bob@two.test")
    async with listening(Server({".": CLOSE}), "127.0.0.2") as first, listening(Server(), "127.0.0.3", first.port) as second:
        await deliver(served, first.port)

    assert second.connections == 0
    assert lone(waiting(served))[1].attempts == 1


async def test_an_old_connection_may_end(served: World) -> None:
    """A server that hangs up after some messages gets the rest over a new connection, and nobody is blamed."""
    for _ in range(3):
        await put(served, "bob@b.test")
    async with listening(Server({"MAIL": ["250 Ok", HANGUP + "421 4.7.0 Enough", "250 Ok", CLOSE, "250 Ok"]})) as server:
        await deliver(served, server.port)

    assert len(server.mails) == 3
    assert server.connections == 3
    assert [row.attempts for row in history(served)] == [1, 1, 1]


async def test_limits_of_the_server(served: World) -> None:
    """MAILMAX=1: a connection for each message."""
    for _ in range(3):
        await put(served, "bob@b.test")
    async with listening(Server(offers=("PIPELINING", "LIMITS MAILMAX=1"))) as server:
        await deliver(served, server.port)

    assert (len(server.mails), server.connections) == (3, 3)


async def test_nobody_there(served: World, clock: SetClock) -> None:
    """What is due for a dead destination is put off together, not dialled for one by one."""
    quick(served)
    for _ in range(5):
        await put(served, "bob@b.test")
    async with listening(Server()) as server:
        pass
    await deliver(served, server.port)

    rows = [one for _, one in waiting(served)]
    assert [one.attempts for one in rows] == [1] * 5
    assert all(abs(one.due - clock.timestamp() - 450) < 20 for one in rows)
    assert "no connection to mx.b.test (127.0.0.1)" in rows[0].last_text
    assert (rows[0].last_during, rows[0].claimed_by) == ("connect", None)


async def test_a_server_that_wants_few_connections(served: World) -> None:
    """Refusing the second connection costs no message an attempt."""
    server = Server()
    server.answers = {"BANNER": lambda _: "220 peer.test" if server.open == 1 else "421 4.7.0 Too many connections"}
    for _ in range(60):
        await put(served, "bob@b.test")
    async with listening(server):
        await deliver(served, server.port)

    assert len(server.mails) == 60
    assert {row.attempts for row in history(served)} == {1}


async def test_loops_are_cut(served: World, zone: Zone) -> None:
    """A mail host that turns out to be this server is not dialled, nor those behind it."""
    zone.add("loop.test MX 10 here.loop.test")
    zone.add("loop.test MX 20 mx.b.test")
    zone.add("here.loop.test A 127.0.0.1")
    await put(served, "bob@loop.test", sender=None)
    async with listening(Server()) as server:
        listener = dataclasses.replace(served.config.listeners[0], ips=("127.0.0.1",), smtp=server.port)
        served.config = dataclasses.replace(served.config, listeners=(listener,))
        await deliver(served, server.port)

    assert server.connections == 0
    assert lone(history(served)).enhanced == "5.4.6"


STEPS = ("BANNER", "EHLO", "MAIL", "RCPT", "DATA", ".", "QUIT")
ENDLESS = "250 " + "|".join(["on and on"] * (LIMITS.reply_lines + 1))


@pytest.mark.parametrize("offers", [FRIENDLY, ("8BITMIME",)], ids=("pipelining", "one by one"))
@pytest.mark.parametrize("answer", [
    CLOSE, SILENCE, "421 4.3.2 Bye", HANGUP + "421 4.3.2 Bye", "451 4.3.0 Later", "550 5.7.1 No", "354 Go ahead", "999 Huh", "what? no",
    ENDLESS], ids=("close", "silence", "421", "421 and close", "451", "550", "354", "999", "nonsense", "endless"))
async def test_every_fault_at_every_step(
    served: World, zone: Zone, recorded: Recorded, clock: SetClock, answer: str, offers: tuple[str, ...],
) -> None:
    """Whatever a server does, and wherever: a refusal for good is bounced, the rest waits; at QUIT nothing counts any more."""
    quick(served)
    for number, step in enumerate(STEPS):
        domain = f"step{number}.test"
        zone.add(f"{domain} A 127.0.0.1")
        await put(served, f"bob@{domain}")
        async with listening(Server({step: answer}, offers)) as server:
            await deliver(served, server.port)

        done = [row.outcome for row in history(served) if row.recipient.domain == Domain(domain)]
        left = [one.attempts for _, one in waiting(served)]
        if step == "QUIT" or (step == "EHLO" and answer.startswith("550")) or (step == "DATA" and answer.startswith("354")):
            assert (done, left, len(server.mails)) == (["delivered"], [], 1), step
        elif answer.startswith("550"):
            # Who refuses MAIL and takes the rest of the group all the same gets an empty message (RFC 2920 §3.1).
            assert (done, left, [mail for mail in server.mails if mail.content]) == (["failed"], [], []), step
        else:
            assert (done, left) == ([], [1]), step
        for _, one in waiting(served):
            served.store.write_now(lambda db, one=one: queue.drop(db, clock, [one.id], "the test"))    # type: ignore[misc]
    assert facts(recorded, Event.UNEXPECTED) == []


# --- DNS ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("domain", "outcome", "enhanced"), [
    ("null.test", "failed", "5.1.10"), ("nothing.test", "failed", "5.1.2"), ("trouble.test", "", "4.4.3"),
])
async def test_what_the_dns_says(served: World, domain: str, outcome: str, enhanced: str) -> None:
    """Certainly nobody there ends it; no answer means later."""
    await put(served, f"bob@{domain}", sender=None)
    await deliver(served)

    if outcome:
        row = lone(history(served))
        assert (row.outcome, row.enhanced) == (outcome, enhanced)
    else:
        assert lone(waiting(served))[1].last_enhanced == enhanced


# --- retries and the end -----------------------------------------------------------------------------------


async def test_the_schedule(served: World, clock: SetClock) -> None:
    """Greylisted at first, taken at the second attempt; not tried before it is due."""
    await put(served, "bob@b.test")
    async with listening(Server({"RCPT": ["450 4.2.0 Greylisted"]})) as server, delivering(served, server.port) as delivery:
        await settled(delivery, served)
        one = lone(waiting(served))[1]
        assert (one.attempts, one.last_code, one.last_text, one.last_host) == (1, 450, "Greylisted", "mx.b.test")
        clock.advance(400)
        delivery.wake()
        await settled(delivery, served)
        assert not server.mails
        clock.advance(100)
        delivery.wake()
        await settled(delivery, served)
        assert len(server.mails) == 1
    assert lone(history(served)).attempts == 2


async def test_what_is_written_late_is_tried_in_time(served: World, clock: SetClock) -> None:
    """An outcome that is on disk only once all lanes have ended: the next attempt is made when it is due, though nobody wakes us."""
    quick(served)
    served.store = slow = SlowAtOutcomes(served.store)    # type: ignore[assignment]
    await put(served, "bob@b.test")
    async with listening(Server()) as server:
        pass
    async with delivering(served, server.port) as delivery:
        await until(lambda: slow.waiting.is_set() and not delivery.destinations)
        for _ in range(20):     # until it has looked once more, and sleeps
            await asyncio.sleep(0.01)
        clock.advance(500)
        slow.on.set()
        await until(lambda: lone(waiting(served))[1].attempts == 2)


async def test_five_days_in_vain(served: World, clock: SetClock) -> None:
    """A notice after four hours, one only; after five days the bounce and nothing more."""
    quick(served)
    await put(served, "bob@b.test")
    start = clock.timestamp()
    async with listening(Server({"RCPT": "450 4.2.0 Not now"})) as server, delivering(served, server.port) as delivery:
        for _ in range(400):
            await settled(delivery, served)
            subjects = [letter.summary.subject for letter in letters(served, "ann")]
            age = clock.timestamp() - start
            assert len(subjects) == (age >= 4 * HOUR) + (not waiting(served))
            if not waiting(served):
                break
            clock.advance(20 * MINUTE)
            delivery.wake()

    assert subjects == ["Not delivered: Hello", "Not delivered yet: Hello"]
    assert 120 * HOUR <= clock.timestamp() - start <= 121 * HOUR
    failed = next(row for row in history(served) if row.outcome == "failed")
    assert failed.attempts == 15


async def test_two_processes_tell_once(served: World, clock: SetClock) -> None:
    """Both find the late message; one notice is sent."""
    quick(served)
    await put(served, "bob@b.test")
    async with listening(Server({"RCPT": "450 4.2.0 Not now"})) as server:
        await deliver(served, server.port)
        clock.advance(5 * HOUR)
        async with delivering(served, server.port) as one, delivering(served, server.port) as other:
            await asyncio.gather(settled(one, served), settled(other, served))

    assert [letter.summary.subject for letter in letters(served, "ann")] == ["Not delivered yet: Hello"]


async def test_several_recipients_fail_together(served: World) -> None:
    """One bounce names them all; the one who got the message is not named."""
    await put(served, "no1@b.test", "yes@b.test", "no2@b.test")
    async with listening(Server({"RCPT TO:<no": "550 5.1.1 No such user"})) as server:
        await deliver(served, server.port)

    assert len(server.mails) == 1
    [bounce] = letters(served, "ann")
    text = source(served, bounce).decode()
    assert "no1@b.test" in text
    assert "no2@b.test" in text
    assert "yes@b.test" not in text
    assert "DKIM-Signature" in text


async def test_no_bounce_for_a_bounce(served: World) -> None:
    """Mail with the null sender, and reports of our own, vanish into the history."""
    await put(served, "bob@b.test", sender=None)
    await put(served, "bob@b.test", kind="tls_report")
    async with listening(Server({"RCPT": "550 5.1.1 No"})) as server:
        await deliver(served, server.port)

    assert [row.outcome for row in history(served)] == ["failed", "failed"]
    assert letters(served, "ann") == []
    assert waiting(served) == []


async def test_a_bounce_goes_out(served: World) -> None:
    """To a stranger whose mail an alias passed on: null sender, our name in EHLO."""
    await put(served, "bob@b.test", sender="carl@c.test")
    async with listening(Server({"RCPT TO:<bob": "550 5.1.1 No"})) as server:
        await deliver(served, server.port)

    mail = lone(server.mails)
    assert mail.mail.startswith("MAIL FROM:<>")
    assert mail.recipients == ["RCPT TO:<carl@c.test>"]
    assert b"Auto-Submitted: auto-replied" in mail.content


# --- international, 8-bit ----------------------------------------------------------------------------------


async def test_addresses_at_a_server_without_smtputf8(served: World) -> None:
    """a@bücher.example goes as A-label; ü@… bounces at once with 5.6.7."""
    await put(served, "a@bücher.example", "ü@bücher.example", sender=None)
    async with listening(Server(offers=("8BITMIME",))) as server:
        await deliver(served, server.port)

    assert lone(server.mails).recipients == ["RCPT TO:<a@xn--bcher-kva.example>"]
    assert sorted((str(row.recipient), row.enhanced) for row in history(served)) == [
        ("a@bücher.example", "2.0.0"), ("ü@bücher.example", "5.6.7")]


async def test_addresses_at_a_server_with_smtputf8(served: World) -> None:
    """Both arrive, and SMTPUTF8 is said."""
    await put(served, "a@bücher.example", "ü@bücher.example", sender=None)
    async with listening(Server()) as server:
        await deliver(served, server.port)

    assert lone(server.mails).mail.endswith(" SMTPUTF8")
    assert len(lone(server.mails).recipients) == 2


async def test_a_server_without_8bitmime(served: World) -> None:
    """It gets the same text in quoted-printable."""
    content = "Subject: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nGrüße\r\n".encode()
    await put(served, "bob@b.test", content=content, eight_bit=True)
    async with listening(Server(offers=("PIPELINING", "SIZE"))) as server:
        await deliver(served, server.port)

    mail = lone(server.mails)
    assert b"Content-Transfer-Encoding: quoted-printable" in mail.content
    assert b"Gr=C3=BC=C3=9Fe" in mail.content
    assert "BODY" not in mail.mail
    assert f"SIZE={len(mail.content)}" in mail.mail


# --- trouble at home ---------------------------------------------------------------------------------------------


async def test_a_body_that_is_gone(served: World) -> None:
    """Our own trouble is no reason to bounce; the others are not held up."""
    await put(served, "bob@b.test")
    await put(served, "bob@b.test", content=CONTENT * 2)
    message = waiting(served)[0][0]
    path = served.store.bodies.path(message.body_name)
    kept = path.read_bytes()
    path.unlink()
    async with listening(Server()) as server:
        await deliver(served, server.port)

    assert lone(waiting(served))[1].last_enhanced == "4.3.0"
    assert len(server.mails) == 1
    path.write_bytes(kept)


async def test_stopping_lets_a_transfer_finish(served: World) -> None:
    """What runs when we are told to stop is finished, what has not begun is given back."""
    for _ in range(3):
        await put(served, "bob@b.test")
    told = asyncio.Event()

    def slowly(_: str) -> str:
        told.set()
        return "250 2.0.0 Taken"

    async with listening(Server({".": slowly})) as server:
        delivery = Delivery(served, "delivery-0:1:1:test", server.port)
        running = asyncio.create_task(delivery.run())
        await told.wait()
        delivery.stop()
        await running

    assert len(server.mails) == len(history(served)) < 3
    assert all(one.claimed_by is None and one.attempts == 0 for _, one in waiting(served))
    assert len(server.mails) + len(waiting(served)) == 3


@pytest.mark.parametrize("copy", [0, 1])
async def test_a_dead_predecessor_holds_nothing(served: World, copy: int) -> None:
    """What a killed process had claimed is taken up at once, also that of a copy which is no more (delivery.copies was lowered)."""
    await put(served, "bob@b.test")
    served.store.write_now(lambda db: queue.claim(db, served.clock, "b.test", f"delivery-{copy}:999999999:1:dead", 10))
    async with listening(Server()) as server:
        await deliver(served, server.port)

    assert len(server.mails) == 1


async def test_a_lease_that_ran_out_over_a_transfer(served: World, clock: SetClock) -> None:
    """The machine slept: what this process is still sending it does not send once more."""
    await put(served, "bob@b.test")
    asked = asyncio.Event()
    server = Server()

    async def hold() -> None:
        await asked.wait()
        clock.advance(LIMITS.lease + 1)
        await put(served, "cy@b.test")

    def data(_: str) -> str:
        asked.set()
        return "354 Go"

    server.answers = {"DATA": data}
    async with listening(server), delivering(served, server.port) as delivery:
        await asyncio.gather(settled(delivery, served), hold())
        await settled(delivery, served)

    assert sorted(mail.recipients[0] for mail in server.mails) == ["RCPT TO:<bob@b.test>", "RCPT TO:<cy@b.test>"]


async def test_waiting_mail_follows_the_configuration(served: World) -> None:
    """A route that was added to the file serves what was queued before, one that went does not."""
    await put(served, "bob@b.test")
    async with listening(Server()) as server, listening(Server()) as relay:
        quick(served, transports=(Transport("relay", "127.0.0.1", relay.port, "none"),),
              routes=(Route(recipient_domain=Domain("b.test"), transport="relay"),))
        async with delivering(served, 1) as delivery:
            async with asyncio.timeout(10):
                while not relay.mails:
                    delivery.wake()
                    await asyncio.sleep(0.005)
                    served.clock.advance(500)    # type: ignore[attr-defined]  # the tests' clock
            await settled(delivery, served)
        quick(served, transports=(), routes=())
        await put(served, "bob@b.test", transport=None)
        await deliver(served, server.port)

    assert (len(relay.mails), len(server.mails)) == (1, 1)


# --- a real server ---------------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def smtp_sink(*options: str) -> AsyncIterator[int]:
    """Postfix's smtp-sink with these options; its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    process = await asyncio.create_subprocess_exec(SINK, *user, *options, f"127.0.0.1:{port}", "10")
    try:
        async with asyncio.timeout(10):
            while True:
                with contextlib.suppress(OSError):
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.close()
                    break
                await asyncio.sleep(0.01)
        yield port
    finally:
        process.terminate()
        await process.wait()


@pytest.mark.skipif(not Path(SINK).exists(), reason="Postfix's smtp-sink is not installed")
@pytest.mark.parametrize(("options", "outcome", "code"), [
    ((), "delivered", 250), (("-e",), "delivered", 250), (("-p",), "delivered", 250), (("-8",), "delivered", 250),
    (("-r", "rcpt"), "", 450), (("-r", "data"), "", 450), (("-f", "mail"), "failed", 500), (("-f", "."), "failed", 500),
    (("-q", "data"), "", 0), (("-Q", "rcpt"), "", 421), (("-q", "."), "", 0),
])
async def test_postfix_takes_or_refuses_it(served: World, options: tuple[str, ...], outcome: str, code: int) -> None:
    """smtp-sink, in all the ways in which it can be told to misbehave."""
    content = b"Subject: large\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + ".Grüße\r\n".encode() * 100_000
    await put(served, "bob@b.test", sender=None)
    await put(served, "cy@b.test", "dee@b.test", sender=None, content=content, eight_bit=True)
    async with smtp_sink(*options) as port:
        await deliver(served, port)

    if outcome:
        assert {row.outcome for row in history(served)} == {outcome}
        assert all(row.code // 50 == code // 50 for row in history(served))
        assert waiting(served) == []
    else:
        assert {one.last_code for _, one in waiting(served)} == {code}
        assert len(waiting(served)) == 3


async def test_a_full_disk_at_home(served: World, recorded: Recorded) -> None:
    """While nothing can be written nothing is sent; then it goes on by itself."""
    await put(served, "bob@b.test")
    store = served.store
    served.store = FullAtFirst(store, [NoRoom("full")] * 3)    # type: ignore[assignment]
    async with listening(Server()) as server:
        await deliver(served, server.port)
    served.store = store

    assert len(server.mails) == 1
    assert lone(history(served)).outcome == "delivered"
    assert len(facts(recorded, Event.STORE_TROUBLE)) == 3
