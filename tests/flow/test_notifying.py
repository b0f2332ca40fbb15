"""Browsers are told of new mail: what they get, and what follows from the answers of their services."""
import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from mta.base.clock import SetClock
from mta.base.errors import NotFound, UserError
from mta.base.events import Event, Record, Recorded
from mta.base.limits import LIMITS
from mta.dns.zone import Zone
from mta.flow import filing, notifying, people, preferences, pushing
from mta.flow.notifying import Notifier, Sender
from mta.flow.receive import ReceiveDesk
from mta.flow.world import World
from mta.judge.facts import Facts
from mta.net.https import Https
from mta.secure.webpush import pack, public
from mta.store import pushes
from tests.flow.post import SIMPLE, bring
from tests.pushservice import HOST, Browser, PushService, claims
from tests.store.population import deliver, mailbox
from tests.store.test_pushes import session
from tests.webserver import serving

ME = "reporter-0:1:1:aaaaaa"
BY = "a test"


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[PushService]:
    """A push service that takes everything."""
    found = PushService(tmp_path)
    found.answer()
    async with serving(found.server):
        yield found


@pytest.fixture
def browser(served: World) -> Browser:
    """Ann's browser, which is told."""
    ann, made = people.get_account(served, "ann").id, Browser.new()
    pushing.add(served, ann, session(served.store, ann), f"https://{HOST}/one", *made.keys, "Firefox", by=BY)
    return made


def ann(world: World) -> int:
    """Her account."""
    return people.get_account(world, "ann").id


def put(world: World, **facts: Any) -> int:
    """A message in Ann's Inbox, of which she is to be told."""
    given: dict[str, Any] = {"subject": "Hello", "from_text": "Carl", **facts}
    row = deliver(world.store, mailbox(world.store, ann(world)), **given)
    world.store.write_now(lambda db: pushes.note(db, world.clock, ann(world), row.id))
    return row.id


async def run(world: World, service: PushService) -> float:
    """Tell all that is due; seconds to the next."""
    notifier = Notifier(world, ME, Sender(world, service.https()))
    await notifier.begin()
    await notifier.settle()
    return await notifier.begin()


async def test_a_message_is_told(served: World, service: PushService, browser: Browser, recorded: Recorded) -> None:
    """From the SMTP session to the notice in the browser; the service learns who we are, and nothing of what."""
    await bring(ReceiveDesk(served), ["ann@example.org"])
    assert await run(served, service) == notifying.LOOK
    [(head, body)] = service.server.requests
    assert head.startswith("POST /one HTTP/1.1\r\n")
    assert {name: service.header(name) for name in ("TTL", "Urgency", "Topic", "Content-Encoding", "Content-Type", "Cookie")} == {
        "TTL": "86400", "Urgency": "normal", "Topic": "new-mail", "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream", "Cookie": ""}
    assert claims(service.header("Authorization")) == {
        "aud": f"https://{HOST}", "exp": served.clock.timestamp() + 12 * 3_600, "sub": "mailto:postmaster@mx.example.org"}
    assert service.header("Authorization").endswith(f"k={pack(public(pushing.own_key(served)))}")
    told = service.told(browser)
    assert told == {"account": "ann", "message": told["message"], "mailbox": mailbox(served.store, ann(served)), "others": 0, "unread": 1,
                    "from": "Carl", "subject": "Hello", "proven": False}
    assert b"Hello" not in body
    assert recorded.keys()[-1] == "push.told"
    [row] = pushing.browsers(served, ann(served))
    assert (row.used, row.failures) == (served.clock.timestamp(), 0)


async def test_what_it_says(served: World, service: PushService, browser: Browser, clock: SetClock) -> None:
    """The newest of several, cut and without what would turn it around; nothing of it if that is chosen."""
    proven = Facts(None, True).pack()
    put(served)
    id = put(served, subject="a\u202eb\r\nc" + "x" * 500, from_text="\x00" + "Ä" * 900, identity=proven)
    await run(served, service)
    told = service.told(browser)
    assert (told["message"], told["mailbox"], told["others"], told["unread"]) == (id, mailbox(served.store, ann(served)), 1, 2)
    assert told["subject"].startswith("a b cxxx")
    assert told["subject"].endswith("x…")
    assert (len(told["subject"]), len(told["from"]), told["proven"]) == (LIMITS.push_text, LIMITS.push_text, True)
    preferences.change(served, ann(served), {"push_details": False}, by=BY)
    clock.advance(LIMITS.push_gather)
    put(served)
    await run(served, service)
    assert set(service.told(browser)) == {"account", "message", "mailbox", "others", "unread"}


async def test_what_was_read_is_no_news(served: World, service: PushService, browser: Browser) -> None:
    """Whoever reads it before the notice goes need not be told; the same for what was moved to Trash."""
    filing.flag(served, ann(served), [put(served)], ["\\Seen"], [])
    await run(served, service)
    filing.delete(served, ann(served), [put(served)])
    await run(served, service)
    assert service.server.requests == []
    assert served.store.read(pushes.next_due) is None


@pytest.mark.parametrize(("status", "event", "expected"), [
    ("201 Created", Event.PUSH_TOLD, [(True, False)]), ("400 Bad Request", Event.PUSH_UNTOLD, [(False, True)]),
    ("410 Gone", Event.PUSH_UNTOLD, [])])
async def test_what_is_told_is_on_disk(
    served: World, service: PushService, browser: Browser, status: str, event: Event, expected: list[tuple[bool, bool]],
) -> None:
    """Whoever hears of a notice finds what became of it in the store."""
    found: list[list[tuple[bool, bool]]] = []

    def hear(record: Record) -> None:
        if record.event is event:
            found.append([(row.used is not None, row.failed is not None) for row in pushing.browsers(served, ann(served))])

    served.journal.add_sink(hear)
    service.answer(status)
    put(served)
    await run(served, service)
    assert found == [expected]


@pytest.mark.parametrize("status", ["404 Not Found", "410 Gone"])
async def test_gone(served: World, service: PushService, browser: Browser, recorded: Recorded, status: str) -> None:
    """The browser has no such subscription any more, so it is forgotten."""
    service.answer(status)
    put(served)
    await run(served, service)
    assert pushing.browsers(served, ann(served)) == []
    assert recorded.keys()[-2:] == ["push.untold", "push.off"]


async def test_too_large(served: World, service: PushService, browser: Browser) -> None:
    """Then without sender and subject, at once; if that is too large as well, not at all."""
    service.answer("413 Content Too Large")
    put(served)
    await run(served, service)
    assert [service.told(browser, number)["subject"] for number in range(2)] == ["Hello", ""]
    [row] = pushing.browsers(served, ann(served))
    assert (row.failures, row.failure) == (1, f"{HOST} answered 413")
    assert served.store.read(pushes.next_due) is None


@pytest.mark.parametrize(("answer", "header", "pause"), [
    ("429 Too Many Requests", "Retry-After: 200", 200.0), ("503 Service Unavailable", "Retry-After: 9999999", LIMITS.push_pause_most),
    ("500 Internal Server Error", "X: y", 30.0)])
async def test_later(
    served: World, service: PushService, browser: Browser, clock: SetClock, answer: str, header: str, pause: float,
) -> None:
    """It is tried again when the service wants, a few times; then dropped, and the mail stays unread where it is."""
    service.answer(answer, header)
    put(served)
    assert await run(served, service) == min(pause, notifying.LOOK)
    assert served.store.read(pushes.next_due) == clock.timestamp() + pause
    for _ in range(LIMITS.push_attempts - 1):
        clock.advance(LIMITS.push_pause_most)
        await run(served, service)
    clock.advance(LIMITS.push_pause_most)
    await run(served, service)
    assert len(service.server.requests) == LIMITS.push_attempts
    [row] = pushing.browsers(served, ann(served))
    assert row.failures == 1
    service.answer()
    put(served, subject="Next")
    clock.advance(LIMITS.push_gather)
    await run(served, service)
    assert service.told(browser)["subject"] == "Next"
    assert pushing.browsers(served, ann(served))[0].failures == 0


async def test_refused(served: World, service: PushService, browser: Browser) -> None:
    """Another 4xx, or a redirect, is meant: that notice is dropped, and nobody follows."""
    service.answer("307 Temporary Redirect", "Location: https://push.test/two")
    put(served)
    await run(served, service)
    assert len(service.server.requests) == 1
    assert served.store.read(pushes.next_due) is None


async def test_a_private_address_is_not_called(served: World, service: PushService, browser: Browser, recorded: Recorded) -> None:
    """Whatever the DNS says of the service's host."""
    put(served)
    notifier = Notifier(served, ME, Sender(served, Https(Zone(f"{HOST} A 127.0.0.1"), port=service.server.port)))
    await notifier.begin()
    await notifier.settle()
    assert service.server.asked == []
    assert "not of the public internet" in recorded.records[-1].line()


async def test_a_silent_service_holds_up_no_other(served: World, service: PushService, browser: Browser) -> None:
    """Bob is told while Ann's service says nothing."""
    bob, other = people.get_account(served, "bob").id, Browser.new()
    pushing.add(served, bob, session(served.store, bob, "b"), f"https://{HOST}/two", *other.keys, "Chrome", by=BY)
    service.answer(path="two")
    service.server.answers[f"{HOST}/one"] = b"SILENCE"
    notifier = Notifier(served, ME, Sender(served, service.https()))
    running = asyncio.create_task(notifier.run())
    put(served)
    notifier.wake()
    await service.server.arrived.acquire()
    await bring(ReceiveDesk(served), ["bob@example.org"])
    notifier.wake()
    await service.server.arrived.acquire()
    assert service.told(other)["account"] == "bob"
    running.cancel()
    for task in list(notifier._under_way):
        task.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await asyncio.gather(*notifier._under_way, return_exceptions=True)


async def test_the_mail_is_what_counts(served: World, browser: Browser, recorded: Recorded) -> None:
    """A bug in the making of a notice costs the notice: the message is there, the queue is not touched, the next is told."""
    class Broken(Sender):
        async def send(self, *given: object, **named: object) -> object:  # type: ignore[override]  # it never gets that far
            raise ZeroDivisionError("a test")

    reply = (await bring(ReceiveDesk(served), ["ann@example.org"], SIMPLE)).reply
    assert reply is not None
    assert reply.positive
    notifier = Notifier(served, ME, Broken(served))
    await notifier.begin()
    await notifier.settle()
    assert recorded.keys()[-1] == "unexpected"
    assert pushing.browsers(served, ann(served))[0].failures == 1
    assert served.store.read(pushes.next_due) is None


async def test_trial(served: World, service: PushService, browser: Browser, clock: SetClock) -> None:
    """Somebody looks whether it works: told at once what the service said, and not too often."""
    [row] = pushing.browsers(served, ann(served))
    sender = Sender(served, service.https())
    assert await notifying.trial(served, ann(served), row.id, sender) == HOST
    assert service.told(browser) == {"account": "ann", "test": True}
    assert service.header("Topic") == ""
    with pytest.raises(UserError, match="a moment ago"):
        await notifying.trial(served, ann(served), row.id, sender)
    clock.advance(5.0)
    service.answer("403 Forbidden")
    with pytest.raises(UserError, match="answered 403"):
        await notifying.trial(served, ann(served), row.id, sender)
    assert pushing.browsers(served, ann(served))[0].failure == f"{HOST} answered 403"
    clock.advance(5.0)
    service.answer("410 Gone")
    with pytest.raises(NotFound, match="taken from the list"):
        await notifying.trial(served, ann(served), row.id, sender)
    assert pushing.browsers(served, ann(served)) == []
