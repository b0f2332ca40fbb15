"""Telling browsers of new mail, out of the way of everything else.

The reporter role runs a Notifier.  What is to be told stands in rows (mta.store.pushes), so
a restart forgets nothing; what a service does not take is tried again for a while and
then dropped, for the mail itself is safe and old news is none.  A notice never touches a
message.

What is told is who wrote, about what, and how much is unread; only the browser can read
it.  The service learns that there was something, when, and how much in steps of half a
kilobyte.

Standards: RFC 8030 §5, RFC 8291 §4, RFC 8292 §2.

Read on: mta.judge.pushanswer says what follows from an answer.
"""
import asyncio
import json
from typing import Final

from mta.base.errors import NotFound, SetupError, TemporaryError, UserError, origin
from mta.base.events import Event
from mta.base.limits import LIMITS
from mta.base.tokens import secret_octets
from mta.flow import preferences, pushing
from mta.flow.world import World
from mta.judge import facts, pushanswer
from mta.judge.pushanswer import Consequence, Step
from mta.message.flags import Flags
from mta.net.https import BadUrl, Https, HttpsError, Place
from mta.net.tls import client_context
from mta.secure import webpush
from mta.secure.webpush import Receiver
from mta.store import accounts, mailboxes, messages, pushes
from mta.store.connection import Connection
from mta.store.pushes import BrowserRow, Notice

#: Seconds after which rows are looked at though nobody rang: bells may be lost.
LOOK: Final = 60.0
#: A notice that waits at the service is replaced by a newer one (RFC 8030 §5.4).
TOPIC: Final = "new-mail"
#: Seconds between two trials of one browser.
TRIAL_PAUSE: Final = 3.0

News = dict[str, str | int | bool]


class Sender:
    """Hands notices to push services; belongs to one loop.  https is made when it is needed."""

    def __init__(self, world: World, https: Https | None = None) -> None:
        self._world, self._https = world, https
        self._key = b""

    async def send(self, row: BrowserRow, news: News, attempts: int, *, topic: str = TOPIC) -> tuple[Consequence, str]:
        """One attempt: what follows from it, and the problem in words ("" if there is none)."""
        short = not (news.get("from") or news.get("subject"))
        found, problem = await self._once(row, news, attempts, topic, short)
        if found.step is Step.SHORTEN:
            found, problem = await self._once(row, {**news, "from": "", "subject": ""}, attempts, topic, True)
        return found, problem

    async def _once(self, row: BrowserRow, news: News, attempts: int, topic: str, short: bool) -> tuple[Consequence, str]:
        try:
            place = Place.parse(row.endpoint)
        except BadUrl as problem:
            return Consequence(Step.GONE), str(problem)
        world = self._world
        key = self._key = self._key or await asyncio.to_thread(pushing.own_key, world)
        content = json.dumps(news, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        body = webpush.encrypt(content, Receiver(row.key, row.secret), webpush.new_key(), secret_octets(webpush.SALT))
        now = world.clock.timestamp()
        try:
            https = self._https = self._https or Https(
                world.resolver, client_context(verify=True, authorities=world.config.tls.ca_file))
            answer = await https.post(place, body, "application/octet-stream", most=LIMITS.push_answer, headers=[
                ("Content-Encoding", "aes128gcm"), ("TTL", str(LIMITS.push_lives)), ("Urgency", "normal"),
                *([("Topic", topic)] if topic else []),
                ("Authorization", webpush.authorization(f"https://{place.host.ascii}", _contact(world), key, now))])
        except HttpsError as problem:
            # Without details: whoever named the host reads this, and it is not his what our network knows of it.
            return pushanswer.after(0, "", attempts, now), f"{place.host}: {problem.trouble.value}"
        except SetupError as problem:
            return pushanswer.after(0, "", attempts, now), str(problem)
        found = pushanswer.after(answer.status, answer.header("retry-after"), attempts, now, short=short)
        return found, "" if found.step is Step.DONE else f"{place.host} answered {answer.status}"


class Notifier:
    """Tells browsers that are due, some at a time; owner is what this process claims them as."""

    def __init__(self, world: World, owner: str, sender: Sender | None = None) -> None:
        self._world, self._owner = world, owner
        self._sender = sender or Sender(world)
        self._awake = asyncio.Event()
        self._places = asyncio.Semaphore(LIMITS.pushes_at_once)
        self._under_way: set[asyncio.Task[None]] = set()

    def wake(self) -> None:
        """There may be something to tell.  On the loop."""
        self._awake.set()

    async def run(self) -> None:
        """Tell until cancelled; nothing that goes wrong ends it."""
        while True:
            self._awake.clear()
            try:
                pause = await self.begin()
            except TemporaryError as problem:
                pause = LOOK
                self._world.journal.note(Event.STORE_TROUBLE, where="push", problem=str(problem))
            except Exception as problem:    # a bug must not end the role's other work, nor this for good
                pause = LOOK
                self._world.journal.note(Event.UNEXPECTED, where=origin(problem), problem=repr(problem))
            try:
                async with asyncio.timeout(pause):
                    await self._awake.wait()
            except TimeoutError:
                pass

    async def begin(self) -> float:
        """Begin with all that is due; gives how many seconds it is to the next."""
        world = self._world
        while True:
            due = world.store.read(pushes.next_due)
            if due is None or due > world.clock.timestamp():
                return LOOK if due is None else min(LOOK, due - world.clock.timestamp())
            await self._places.acquire()
            try:
                notice = await world.store.write(lambda db: pushes.claim(db, world.clock, self._owner))
            except BaseException:
                self._places.release()
                raise
            if notice is None:
                self._places.release()
                continue    # it was somebody's who is not told any more
            task = asyncio.create_task(self._tell(notice))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    async def settle(self) -> None:
        """Wait for what is under way."""
        await asyncio.gather(*self._under_way)

    async def _tell(self, notice: Notice) -> None:
        try:
            await self._told(notice)
        except TemporaryError as problem:    # the lease runs out, and it is tried again
            self._world.journal.note(Event.STORE_TROUBLE, where="push", problem=str(problem))
        except Exception as problem:    # a bug costs this notice, and is not met again with it
            world = self._world
            world.journal.note(Event.UNEXPECTED, where=origin(problem), problem=repr(problem))
            await world.store.write(lambda db: pushes.failed(db, world.clock, notice, self._owner, "this server could not make the notice"))
        finally:
            self._places.release()
            self.wake()

    async def _told(self, notice: Notice) -> None:
        world, row, owner = self._world, notice.browser, self._owner
        found = world.store.read(lambda db: _news(db, notice))
        if found is None:
            await world.store.write(lambda db: pushes.needless(db, world.clock, notice, owner))
            return
        name, news = found
        consequence, problem = await self._sender.send(row, news, notice.attempts + 1)
        host = pushing.host(row)
        if consequence.step is Step.DONE:
            await world.store.write(lambda db: pushes.told(db, world.clock, notice, owner))
            world.journal.note(Event.PUSH_TOLD, account=name, browser=row.id, host=host, messages=notice.messages)
            return
        ended: str | None = None
        match consequence.step:
            case Step.AGAIN:
                await world.store.write(lambda db: pushes.again(db, world.clock, notice, owner, consequence.pause, problem))
            case Step.GONE:
                await world.store.write(lambda db: pushes.forget(db, row))
                ended = problem
            case _:
                if await world.store.write(lambda db: pushes.failed(db, world.clock, notice, owner, problem)):
                    ended = f"{LIMITS.push_failures} notices in a row were not taken; the last: {problem}"
        # Only what is on disk is told, as of those that were taken.
        world.journal.note(
            Event.PUSH_UNTOLD, account=name, browser=row.id, host=host, outcome=consequence.step.value, problem=problem)
        if ended is not None:
            pushing.ended(world, row, ended)


async def trial(world: World, account: int, id: int, sender: Sender | None = None) -> str:
    """Tell a browser something now, to see whether it works: the push service that took it.

    NotFound if the browser is gone, also if its service says so; UserError with what else that said.
    """
    row = world.store.read(lambda db: pushes.get(db, account, id))
    last = max(row.used or 0.0, row.failed or 0.0)
    if 0 <= world.clock.timestamp() - last < TRIAL_PAUSE:
        raise UserError("this browser was told something a moment ago; wait some seconds")
    name = world.store.read(lambda db: _name(db, account))
    consequence, problem = await (sender or Sender(world)).send(row, {"account": name, "test": True}, 1, topic="")
    host = pushing.host(row)
    if consequence.step is Step.GONE:
        await world.store.write(lambda db: pushes.forget(db, row))
        pushing.ended(world, row, problem)
        raise NotFound(f"the browser takes no notices any more ({problem}), so it was taken from the list; switch them on there again")
    await world.store.write(lambda db: pushes.tried(db, world.clock, id, problem))
    if problem:
        world.journal.note(Event.PUSH_UNTOLD, account=name, browser=id, host=host, outcome=consequence.step.value, problem=problem)
        raise UserError(f"the push service did not take it: {problem}")
    world.journal.note(Event.PUSH_TOLD, account=name, browser=id, host=host, messages=0)
    return host


def _news(db: Connection, notice: Notice) -> tuple[str, News] | None:
    """The account's name, and what there is to tell; None if the newest message was read, moved away or removed meanwhile."""
    account = notice.browser.account_id
    row = messages.get(db, account, notice.message)
    place = mailboxes.get(db, row.mailbox_id) if row else None
    if row is None or place is None or row.flags & Flags.SEEN or place.role in pushing.QUIET:
        return None
    chosen = preferences.of(db, account)
    if place.role != "inbox" and not chosen.push_everywhere:
        return None
    name, inbox = _name(db, account), mailboxes.by_role(db, account, "inbox")
    news: News = {
        "account": name, "message": row.id, "mailbox": place.id, "others": notice.messages - 1, "unread": inbox.unread if inbox else 0}
    if chosen.push_details:
        who = facts.unpack(row.identity) if row.identity else None
        news |= {"from": _shown(row.from_text), "subject": _shown(row.subject), "proven": bool(who and who.proven)}
    return name, news


def _shown(text: str) -> str:
    """One line without what would change how the rest of it looks, cut to what a screen shows."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text[:LIMITS.kept_text]).split())
    return line if len(line) <= LIMITS.push_text else f"{line[:LIMITS.push_text - 1]}…"


def _name(db: Connection, account: int) -> str:
    row = accounts.get(db, account)
    return row.name if row else ""


def _contact(world: World) -> str:
    """Where a service's people reach ours (RFC 8292 §2.1); RFC 5321 §4.5.1: that address is always there."""
    return f"mailto:postmaster@{world.config.hostname.ascii}"
