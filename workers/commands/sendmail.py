"""`pillarbox sendmail`: what programs expect of /usr/sbin/sendmail.

Any user of the machine may call it.  It opens no store and needs no rights: the message
goes to the running server over a Unix socket, which knows who we are and which account
that is (settings of [[local_users]]).  Options of the original that make no difference
here are taken and ignored.  Exit status as sysexits(3): without a server 75, try later.
"""
import contextlib
import json
import os
import socket
import stat
import sys
from argparse import Namespace
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from mta.base.errors import PillarboxError
from mta.config.model import USUAL_RUN
from workers.commands.dialog import converse
from workers.commands.paper import show
from workers.commands.site import Site

EX_OK, EX_USAGE, EX_TEMPFAIL = 0, 64, 75
#: Options that are followed by a value; of these only -f, -r and -F mean something to us.
WITH_VALUE = "ABCDFLNORVXbdfhiopqr"
#: Of these the value can only be attached (-oi, -bm, -i, -q15m, -d0), not be the next word.
ATTACHED = "bdioq"
#: Octets read at a time.
CHUNK = 64 * 1024
#: Seconds the server may take to store a message.
WAIT = 300.0


@dataclass(slots=True)
class Wish:
    """What was asked for on the command line."""

    recipients: list[str] = field(default_factory=list)
    sender: str | None = None
    full_name: str = ""
    from_header: bool = False
    dot_ends: bool = True
    mode: str = "m"


class BadUsage(PillarboxError):
    """The command line asks for something that we do not do."""


def sendmail(site: Site, arguments: Namespace) -> int:
    """Send what is on standard input."""
    try:
        wish = understand(arguments.words)
        match wish.mode:
            case "m":
                return hand_in(_socket(site), wish, sys.stdin.buffer)
            case "s":
                path = _socket(site)
                converse(lambda each, message: exchange(path, Wish(each.recipients, each.sender), message),
                         sys.stdin.buffer, sys.stdout.buffer)
            case "p":
                from workers.commands.queue import whole
                from workers.queueverbs import QUEUE
                show(whole(site), as_json=False, columns=QUEUE)
            case _:    # newaliases, and running the queue: both happen by themselves
                pass
    except BadUsage as problem:
        print(f"sendmail: {problem}", file=sys.stderr)
        return EX_USAGE
    except PillarboxError as problem:
        print(f"sendmail: {problem}", file=sys.stderr)
        return EX_TEMPFAIL
    return EX_OK


def understand(words: list[str]) -> Wish:
    """Read a sendmail command line.  BadUsage if it asks for what we do not do."""
    wish = Wish()
    rest = iter(words)
    for word in rest:
        if word == "--":
            wish.recipients += rest
        elif not word.startswith("-") or word == "-":
            wish.recipients.append(word)
        else:
            _option(wish, word[1:], rest)
    if wish.mode == "m" and not wish.recipients and not wish.from_header:
        raise BadUsage("to whom? Name the recipients, or say -t to take them from the message")
    return wish


def _option(wish: Wish, option: str, rest: Iterator[str]) -> None:
    """Take one option word, with its value if that is the next word."""
    while option:
        letter, value = option[0], option[1:]
        if letter not in WITH_VALUE:
            if letter == "t":
                wish.from_header = True
            option = value    # flags may stand together: -ti
            continue
        if not value and letter not in ATTACHED:
            value = next(rest, "")
        match letter:
            case "f" | "r":
                wish.sender = value
            case "F":
                wish.full_name = value
            case "i":
                wish.dot_ends = False
                _option(wish, value, rest)
            case "o" if value.startswith("i"):
                wish.dot_ends = False
            case "b" if value[:1] in ("m", "i", "p", "s"):
                wish.mode = value[0]
            case "b":
                raise BadUsage(f"-b{value} is not something this sendmail does; it takes a message from standard input")
            case "q":
                wish.mode = "q"
        return


def hand_in(path: Path, wish: Wish, message: BinaryIO) -> int:
    """Give the message to the server; its exit status, and on standard error what is wrong."""
    status, text = exchange(path, wish, lines(message, wish.dot_ends))
    if status:
        print(f"sendmail: {text}", file=sys.stderr)
    return status


def exchange(path: Path, wish: Wish, message: Iterable[bytes]) -> tuple[int, str]:
    """Give the message, with CRLF line ends, to the server: exit status and what it says.  Without a server, to try again later.

    An exception of message ends it with nothing sent.
    """
    ask = {"recipients": wish.recipients, "sender": wish.sender, "full_name": wish.full_name, "from_header": wish.from_header}
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as conn, conn.makefile("rb") as answers:
            conn.settimeout(WAIT)
            conn.connect(str(path))
            # A broken pipe is a refusal before the end: the answer says why.
            with contextlib.suppress(BrokenPipeError):
                conn.sendall(json.dumps(ask).encode() + b"\n")
                for piece in message:
                    if piece:
                        conn.sendall(len(piece).to_bytes(4) + piece)
                conn.sendall(bytes(4))
                conn.shutdown(socket.SHUT_WR)
            answer = json.loads(answers.readline())
            return int(answer["status"]), str(answer["text"])
    except (OSError, ValueError):
        return EX_TEMPFAIL, f"no server takes mail at {path}; try again later"


def lines(message: BinaryIO, dot_ends: bool) -> Iterator[bytes]:
    """The message in chunks, each line ended by CRLF; a line with only a dot ends it if dot_ends."""
    waiting: list[bytes] = []
    size = 0
    for line in message:
        text = line.removesuffix(b"\n").removesuffix(b"\r")
        if dot_ends and text == b".":
            break
        waiting.append(text)
        waiting.append(b"\r\n")
        size += len(text)
        if size > CHUNK:
            yield b"".join(waiting)
            waiting, size = [], 0
    yield b"".join(waiting)


def _socket(site: Site) -> Path:
    """Where the server takes mail.  The configuration need not be readable for everybody: then it is where it usually is."""
    try:
        return site.config.sendmail_socket
    except PillarboxError:
        usual = USUAL_RUN / "sendmail.sock"
        if site.directory is None and _is_socket(usual):
            return usual
        raise


def _is_socket(path: Path) -> bool:
    try:
        return stat.S_ISSOCK(os.stat(path).st_mode)
    except OSError:
        return False
