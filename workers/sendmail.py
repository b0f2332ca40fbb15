"""Mail that programs of this machine hand in over a Unix socket (`pillarbox sendmail`).

The kernel says which user calls (SO_PEERCRED); that user is an account: the one that
[[local_users]] names, else the one of the same name; root is the postmaster.  A caller
sends one line of JSON, then the message with CRLF line ends, then ends its half:

    {"recipients": ["ann@example.org"], "sender": null, "full_name": "", "from_header": false}

The answer is one line, {"status": 0, "text": "…"}, status as sysexits(3).
"""
import asyncio
import json
import pwd
import re
import socket
from dataclasses import dataclass
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
#: Octets read at a time.
CHUNK: Final = 64 * 1024
#: Callers at a time in one process; the others wait.
CALLERS: Final = 20
FIELD: Final = re.compile(rb"[!-9;-~]{1,200}[ \t]*:")
#: "root (Cron Daemon)": a name as RFC 822 had it.
COMMENT: Final = re.compile(r"\(([^()]*)\)\s*$")
RECIPIENT_FIELDS: Final = ("to", "cc", "bcc")


@dataclass(frozen=True, slots=True)
class Wish:
    """What the caller asked for, and who it is."""

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
        account = self._account(uid)
        own = self._world.store.read(lambda db: next((row.address for row in accounts.addresses(db, account.id)), None))
        if own is None:
            raise Refused(EX_NOPERM, f"the account {account.name} has no address to send from: `pillarbox address add` gives it one")
        recipients = [self._recipient(str(each)) for each in asked["recipients"]]
        return Wish(account, own, self._sender(asked["sender"], own), recipients, header.clean(str(asked["full_name"])),
                    bool(asked["from_header"]))

    def _account(self, uid: int) -> AccountRow:
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
        return found

    def _sender(self, text: object, own: Address) -> Address | None:
        """The reverse path: as asked for, "<>" being null, else the account's first address."""
        if text is None or text == "":
            return own
        if text == "<>":
            return None
        given = str(text).strip("<>")
        try:
            return Address.parse(given)
        except BadName:
            # cron and others give a login name; who it is has been settled.
            if "@" not in given:
                return own
            raise Refused(EX_DATAERR, f"{given!r} is not an address to send from") from None

    def _recipient(self, text: str) -> Address:
        """A recipient; a bare name is an account here, or root or postmaster."""
        spec = text.strip().removeprefix("<").removesuffix(">")
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
        top = b""
        while b"\r\n\r\n" not in top and len(top) < self._limits.header_octets and (chunk := await reader.read(CHUNK)):
            top += chunk
        recipients, top = self._complete(wish, top)
        if not recipients:
            raise Refused(EX_DATAERR, "the message names no recipients in To, Cc or Bcc")
        if len(recipients) > self._limits.recipients:
            raise Refused(EX_DATAERR, f"{len(recipients)} recipients are too many; {self._limits.recipients} are possible")
        sink: BodySink = self._world.store.bodies.sink()
        try:
            sink.write(top)
            while chunk := await reader.read(CHUNK):
                if sink.size + len(chunk) > self._limits.message:
                    raise Refused(EX_DATAERR, f"the message is larger than the {self._limits.message} octets that are possible")
                sink.write(chunk)
            return recipients, sink.finish()
        except BaseException:
            sink.abandon()
            raise

    def _complete(self, wish: Wish, top: bytes) -> tuple[list[Address], bytes]:
        """Recipients, and the beginning of the message as it will be sent: with a From of ours if it has none that says who."""
        if not FIELD.match(top):
            top = b"\r\n" + top    # no header at all, as from `echo | sendmail`
        parsed = header.parse(top)
        named = [mailbox for field in RECIPIENT_FIELDS for mailbox in address.parse_field(parsed, field)] if wish.from_header else []
        recipients = [*wish.recipients, *(each.address or self._recipient(each.raw) for each in named)]
        froms = parsed.all("from")
        authors = address.parse_field(parsed, "from")
        # "From: root (Cron Daemon)" names nobody that others could answer.
        if not froms or (len(froms) == 1 and all("@" not in author.raw and author.address is None for author in authors)):
            comment = COMMENT.search(parsed.text("from"))
            names = (wish.full_name, *(author.name for author in authors), comment[1] if comment else "", wish.account.full_name)
            name = next(filter(None, names), "")
            for field in froms:
                top = top[:field.start] + top[field.end:]
            top = compose.address_field("From", [Mailbox(name, wish.own, "")]) + top
        return list(dict.fromkeys(recipients)), top
