"""Mail that programs of this machine hand in over a Unix socket (`pillarbox sendmail`).

The kernel says which user calls (SO_PEERCRED); that user is an account: the one that
[[local_users]] names, else the one of the same name; root is the postmaster.  A caller
sends one line of JSON,

    {"recipients": ["ann@example.org"], "sender": null, "full_name": "", "from_header": false}

then the message with CRLF line ends in pieces, each after its length in four octets, then
a piece without octets: a caller that was killed half way has not sent half a message.
The answer is one line, {"status": 0, "text": "…"}, status as sysexits(3).
"""
import asyncio
import json
import pwd
import re
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any, Final

from mta.base.errors import BadName, PillarboxError, TemporaryError
from mta.base.events import Event
from mta.base.limits import Limits
from mta.base.names import Address
from mta.base.reply import Reply
from mta.base.tokens import short_id
from mta.flow import submit
from mta.flow.world import World
from mta.message import address, compose, header
from mta.message.address import Mailbox
from mta.store import accounts
from mta.store.accounts import AccountRow
from mta.store.bodies import BodySink, SpooledBody
from workers.control import peer_uid

EX_OK, EX_DATAERR, EX_NOUSER, EX_SOFTWARE, EX_TEMPFAIL, EX_NOPERM = 0, 65, 67, 70, 75, 77
#: Longest first line: a thousand recipients, generously.
WISH: Final = 512 * 1024
#: Largest piece of a message.
PIECE: Final = 1024 * 1024
#: Callers at a time in one process; the others wait.
CALLERS: Final = 20
FIELD: Final = re.compile(rb"[!-9;-~]{1,200}[ \t]*:")
#: "root (Cron Daemon)": a name as RFC 822 had it.
COMMENT: Final = re.compile(r"\(([^()]*)\)\s*$")
#: "From ann Tue Jan  1 12:00:00 2030": how a message begins in an mbox file, and in what some programs send.
MBOX: Final = re.compile(rb"From [^\r]{0,998}\r\n")
SPACES: Final = bytes.maketrans(b"\r\n\0", b"   ")
RECIPIENT_FIELDS: Final = ("to", "cc", "bcc")


@dataclass(frozen=True, slots=True)
class Wish:
    """What the caller asked for, and who it is: its login name here, the account, and an address of that."""

    login: str
    account: AccountRow
    own: Address
    sender: Address | None
    recipients: list[Address]
    full_name: str
    from_header: bool


class Refused(PillarboxError):
    """The message is not taken; status as sysexits(3), the text for the caller."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class Tidy:
    """Makes text of programs fit to be sent: CR and LF stand only together, NUL nowhere; elsewhere they become spaces.

    A program's output has them (a progress bar, a file without meaning) and means no harm,
    but servers that disagree on what ends a line can be made to see two messages in one.
    The result does not depend on how the text is cut.
    """

    def __init__(self) -> None:
        self._held = b""

    def feed(self, piece: bytes) -> bytes:
        """What is sent of this piece, and of a CR that ended the last one."""
        text = self._held + piece
        self._held = text[-1:] if text.endswith(b"\r") else b""
        text = text[:len(text) - len(self._held)]
        ends = text.count(b"\r\n")
        if text.count(b"\r") == ends == text.count(b"\n") and b"\0" not in text:
            return text
        return b"\r\n".join(line.translate(SPACES) for line in text.split(b"\r\n"))


class HandIn:
    """Takes what is handed in; one for a process."""

    def __init__(self, world: World, limits: Limits) -> None:
        self._world, self._limits = world, limits
        self._room = asyncio.Semaphore(CALLERS)
        self._busy: set[asyncio.Task[None]] = set()

    async def welcome(self, conn: socket.socket) -> None:
        """Serve one caller, in a task of its own."""
        uid = peer_uid(conn)
        reader = asyncio.StreamReader(WISH)
        protocol = asyncio.StreamReaderProtocol(reader)
        loop = asyncio.get_running_loop()
        try:
            transport, _ = await loop.connect_accepted_socket(lambda: protocol, conn)
        except OSError:
            return conn.close()
        task = loop.create_task(self._serve(uid, reader, asyncio.StreamWriter(transport, protocol, reader, loop)))
        self._busy.add(task)
        task.add_done_callback(self._busy.discard)

    async def finish(self) -> None:
        """Return when everybody was served."""
        if self._busy:
            await asyncio.wait(self._busy)

    async def _serve(self, uid: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with self._room, asyncio.timeout(self._limits.data_wait):
                status, text = await self._answer(uid, reader)
                writer.write(json.dumps({"status": status, "text": text}).encode() + b"\n")
                await writer.drain()
        except (OSError, TimeoutError):
            pass    # the caller has gone, or never said anything
        finally:
            writer.close()

    async def _answer(self, uid: int, reader: asyncio.StreamReader) -> tuple[int, str]:
        try:
            asked = json.loads(await reader.readuntil(b"\n"))
            wish = await asyncio.to_thread(self._read_wish, uid, asked)
            recipients, body = await self._take(wish, reader)
            await submit.send(self._world, wish.account.id, body, wish.sender, recipients, f"{short_id()}.1")
        except Refused as problem:
            return problem.status, str(problem)
        except (ValueError, TypeError, KeyError, RecursionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return EX_DATAERR, "the request was not understood"
        except TemporaryError as problem:
            return EX_TEMPFAIL, f"{problem}; try again later"
        except PillarboxError as problem:
            reply = getattr(problem, "reply", Reply(554, "5.6.0", str(problem)))
            return (EX_NOPERM if reply.enhanced.startswith("5.7") else EX_DATAERR) if reply.lasting else EX_TEMPFAIL, str(problem)
        except Exception as problem:    # a bug of ours must not look like the end of the connection
            self._world.journal.note(Event.UNEXPECTED, where=__name__, problem=repr(problem))
            return EX_SOFTWARE, "the server has a problem with this message; its log says more"
        return EX_OK, ""

    # --- who calls, and what for --------------------------------------------------------------

    def _read_wish(self, uid: int, asked: dict[str, Any]) -> Wish:
        """The request in types; blocks.  Refused if this user may not, ValueError and the like if it is none."""
        login, account = self._caller(uid)
        own = self._world.store.read(lambda db: next((row.address for row in accounts.addresses(db, account.id)), None))
        if own is None:
            raise Refused(EX_NOPERM, f"the account {account.name} has no address to send from: `pillarbox address add` gives it one")
        wish = Wish(login, account, own, None, [], header.clean(str(asked["full_name"])), bool(asked["from_header"]))
        recipients = [one for each in asked["recipients"] for one in self._recipients(str(each))]
        return replace(wish, sender=self._sender(wish, asked["sender"]), recipients=recipients)

    def _caller(self, uid: int) -> tuple[str, AccountRow]:
        """The login name of a user and the account that it sends as."""
        config = self._world.config
        try:
            login = pwd.getpwuid(uid).pw_name
        except KeyError:
            login = f"user {uid}"
        named = {user.user: user.account for user in config.local_users}
        name = named.get(login) or (config.postmaster if uid == 0 or config.local else login)
        found = self._world.store.read(lambda db: accounts.by_name(db, name))
        if found is None:
            raise Refused(EX_NOPERM, f"{login} may not send: there is no account {name!r}; a [[local_users]] setting can name another")
        return login, found

    def _sender(self, wish: Wish, text: object) -> Address | None:
        """The reverse path: as asked for, "<>" being null, else the account's first address."""
        if text is None or text == "":
            return wish.own
        if text == "<>":
            return None
        given = str(text).strip("<>")
        found = address.read_spec(given)
        if self._is_login(wish, found, given):
            return wish.own
        if found is None:
            raise Refused(EX_DATAERR, f"{given!r} is not an address to send from")
        return found

    def _is_login(self, wish: Wish, found: Address | None, given: str) -> bool:
        """Whether this names a user of the machine and not an address: "root", or root@ the host's name, as cron and others write it.

        Nobody could answer it; and who it is has been settled.
        """
        if found is None:
            return "@" not in given
        return (found.domain == self._world.config.hostname and found.localpart == wish.login
                and not self._world.store.read(lambda db: accounts.may_use(db, wish.account.id, found)))

    def _recipients(self, text: str) -> list[Address]:
        """The recipients that a word of the command line names: one, or several as in a To field."""
        found = address.parse_list(text) if "," in text or "<" in text else [Mailbox("", None, text)]
        if not found:
            raise Refused(EX_DATAERR, f"{text!r} names no recipient")
        return [one.address or self._recipient(one.raw) for one in found]

    def _recipient(self, text: str) -> Address:
        """A recipient; a bare name is an account here, or root or postmaster."""
        spec = text.strip()
        if "@" not in spec:
            return self._local(spec)
        try:
            return Address.parse(spec)
        except BadName as problem:
            raise Refused(EX_DATAERR, str(problem)) from None

    def _local(self, name: str) -> Address:
        if name.lower() in ("root", "postmaster", "mailer-daemon"):
            return Address("postmaster", self._world.config.hostname)

        def question(db: Any) -> Address | None:
            account = accounts.by_name(db, name)
            return next((row.address for row in accounts.addresses(db, account.id)), None) if account else None
        found = self._world.store.read(question)
        if found is None:
            raise Refused(EX_NOUSER, f"there is no {name!r} here; write the whole address")
        return found

    # --- the message ----------------------------------------------------------------------------

    async def _take(self, wish: Wish, reader: asyncio.StreamReader) -> tuple[list[Address], SpooledBody]:
        """The recipients and the message, on disk, with what it lacks added to its header."""
        pieces = _pieces(reader)
        top = b""
        while b"\r\n\r\n" not in top and len(top) < self._limits.header_octets and (piece := await anext(pieces, b"")):
            top += piece
        recipients, top = await asyncio.to_thread(self._complete, wish, top)
        if not recipients:
            raise Refused(EX_DATAERR, "the message names no recipients in To, Cc or Bcc")
        if len(recipients) > self._limits.recipients:
            raise Refused(EX_DATAERR, f"{len(recipients)} recipients are too many; {self._limits.recipients} are possible")
        sink: BodySink = self._world.store.bodies.sink()
        try:
            sink.write(top)
            async for piece in pieces:
                if sink.size + len(piece) > self._limits.message:
                    raise Refused(EX_DATAERR, f"the message is larger than the {self._limits.message} octets that are possible")
                sink.write(piece)
            return recipients, sink.finish()
        except BaseException:
            sink.abandon()
            raise

    def _complete(self, wish: Wish, top: bytes) -> tuple[list[Address], bytes]:
        """Recipients, and the beginning of the message as it will be sent: with a From of ours if it has none that says who."""
        top = top[mbox.end():] if (mbox := MBOX.match(top)) else top
        if not FIELD.match(top):
            top = b"\r\n" + top    # no header at all, as from `echo | sendmail`
        parsed = header.parse(top)
        named = [mailbox for field in RECIPIENT_FIELDS for mailbox in address.parse_field(parsed, field)] if wish.from_header else []
        recipients = [*wish.recipients, *(each.address or self._recipient(each.raw) for each in named)]
        froms = parsed.all("from")
        authors = address.parse_field(parsed, "from")
        # "From: root (Cron Daemon)" names nobody that others could answer.
        if not froms or (len(froms) == 1 and all(self._is_login(wish, author.address, author.raw) for author in authors)):
            comment = COMMENT.search(parsed.text("from"))
            names = (wish.full_name, *(author.name for author in authors), comment[1] if comment else "", wish.account.full_name)
            name = next(filter(None, names), "")
            for field in froms:
                top = top[:field.start] + top[field.end:]
            top = compose.address_field("From", [Mailbox(name, wish.own, "")]) + top
        return list(dict.fromkeys(recipients)), top


async def _pieces(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """The message as it comes, tidy.  IncompleteReadError if it breaks off, ValueError if it is not cut as agreed."""
    tidy = Tidy()
    while size := int.from_bytes(await reader.readexactly(4)):
        if size > PIECE:
            raise ValueError(f"a piece of {size} octets")
        if text := tidy.feed(await reader.readexactly(size)):
            yield text
