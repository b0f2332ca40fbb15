"""`pillarbox sendmail`: what programs expect of /usr/sbin/sendmail.

Any user of the machine may call it.  It opens no store and needs no rights: the message
goes to the running server over a Unix socket, which knows who we are and which account
that is (settings of [[local_users]]).  Options of the original that make no difference
here are taken and ignored.  Exit status as sysexits(3): without a server 75, try later.
"""
import json
import os
import socket
import stat
import sys
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from mta.base.errors import PillarboxError
from mta.config.model import USUAL_RUN
from workers.commands.site import Site

EX_USAGE, EX_UNAVAILABLE, EX_TEMPFAIL = 64, 69, 75
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
            case "p":
                print("sendmail: `pillarbox queue list` shows what waits", file=sys.stderr)
                return EX_USAGE
            case _:    # newaliases, and running the queue: both happen by themselves
                return 0
    except BadUsage as problem:
        print(f"sendmail: {problem}", file=sys.stderr)
        return EX_USAGE
    except PillarboxError as problem:
        print(f"sendmail: {problem}", file=sys.stderr)
        return EX_TEMPFAIL


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
    # Old callers give several recipients in one word.
    wish.recipients = [part.strip() for word in wish.recipients for part in word.split(",") if part.strip()]
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
            case "b" if value[:1] in ("m", "i", "p"):
                wish.mode = value[0]
            case "b":
                raise BadUsage(f"-b{value} is not something this sendmail does; it takes a message from standard input")
            case "q":
                wish.mode = "q"
        return


def hand_in(path: Path, wish: Wish, message: BinaryIO) -> int:
    """Give the message to the server; its exit status."""
    ask = {"recipients": wish.recipients, "sender": wish.sender, "full_name": wish.full_name, "from_header": wish.from_header}
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as conn, conn.makefile("rb") as answers:
            conn.settimeout(WAIT)
            conn.connect(str(path))
            try:
                conn.sendall(json.dumps(ask).encode() + b"\n")
                for chunk in lines(message, wish.dot_ends):
                    conn.sendall(chunk)
                conn.shutdown(socket.SHUT_WR)
            except BrokenPipeError:
                pass    # refused before the end: the answer says why
            answer = json.loads(answers.readline())
    except (OSError, ValueError):
        print(f"sendmail: no server takes mail at {path}; try again later", file=sys.stderr)
        return EX_TEMPFAIL
    if answer["status"]:
        print(f"sendmail: {answer['text']}", file=sys.stderr)
    return int(answer["status"])


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
