"""What one program hands over to the next, which takes its place in the same process.

At a reload the supervisor starts its own command line anew (exec), so that code that
changed on disk is what runs.  The process stays: systemd sees the same one, and its
children have the same parent.  Open files stay open if they are meant to: listening
sockets, report pipes, doorbells, shared memory, the lock on the data directory.  What
they are and what else must be known goes with them as JSON in a memory file: plain data,
since the next program may be another version.  One that does not know this FORMAT says
so in the rehearsal (rehearsal.py), and is then never started.
"""
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from mta.base.errors import SetupError
from mta.config.model import Config
from workers.child import Child
from workers.doorbells import Doorbells
from workers.generation import Generation, Post
from workers.listening import Listening
from workers.loads import Loads
from workers.privileges import Identity
from workers.process import Role

#: Of Estate.  Raise it when what is there changes its meaning or goes; what is new and has a default may come without.
FORMAT: Final = 1
#: Of the environment: in it stands how ("rehearse" or "replace") and the number of the memory file.
VARIABLE: Final = "PILLARBOX_HANDOVER"


@dataclass(frozen=True, slots=True)
class Station:
    """A Post: its role, and its child if it has one."""

    role: str
    module: str
    sockets: tuple[str, ...]
    alone: bool
    number: int
    failures: int
    child: Child | None


@dataclass(frozen=True, slots=True)
class Standing:
    """A Generation; the last numbers of each socket, bell and memory are its open files."""

    number: int
    config: Config
    user: Identity
    sockets: tuple[tuple[str, str, int, int], ...]
    bells: tuple[tuple[str, int, int, int], ...]
    loads: tuple[tuple[str, int, int], ...]
    stations: tuple[Station, ...]

    @classmethod
    def of(cls, generation: Generation) -> "Standing":
        """generation as plain data."""
        return cls(
            generation.number, generation.config, generation.user,
            tuple((*key, sock.fileno()) for key, sock in generation.listening.sockets.items()),
            tuple((*bearer, bell.fileno(), button.fileno()) for bearer, (bell, button) in generation.doorbells.pairs.items()),
            tuple((role, loads.copies, loads.descriptor) for role, loads in generation.loads.items()),
            tuple(Station(post.role.name, post.role.module, post.role.sockets, post.role.alone, post.number, post.failures, post.child)
                  for post in generation.posts))

    def generation(self) -> Generation:
        """The same, alive again; the open files are ours from now on."""
        return Generation(
            self.number, self.config, self.user,
            Listening({(service, place, port): _socket(descriptor) for service, place, port, descriptor in self.sockets}),
            Doorbells({(role, number): (_socket(bell), _socket(button)) for role, number, bell, button in self.bells}),
            [Post(Role(one.role, one.module, one.sockets, alone=one.alone), one.number, one.child, one.failures) for one in self.stations],
            {role: Loads(copies, descriptor) for role, copies, descriptor in self.loads})

    def descriptors(self) -> Iterator[int]:
        """The open files in it."""
        yield from (descriptor for _, _, _, descriptor in self.sockets)
        yield from (descriptor for _, _, descriptor in self.loads)
        for *_, bell, button in self.bells:
            yield from (bell, button)
        yield from (one.child.report for one in self.stations if one.child)


@dataclass(frozen=True, slots=True)
class Estate:
    """All that a supervisor knows; times are monotonic seconds, which every program of a machine counts alike."""

    pid: int
    lock: int
    began: float
    generations: int
    answering: int
    reload_due: bool
    asked: frozenset[signal.Signals]
    events: Mapping[str, int]
    callers: tuple[tuple[int, bytes], ...]
    retiring: tuple[tuple[Child, float], ...]
    serving: Standing

    def descriptors(self) -> Iterator[int]:
        """The open files in it."""
        yield self.lock
        yield from (descriptor for descriptor, _ in self.callers)
        yield from (child.report for child, _ in self.retiring)
        yield from self.serving.descriptors()


class Letter(msgspec.Struct):
    """What is in the memory file."""

    format: int
    estate: msgspec.Raw


def command_line() -> list[str]:
    """What started this program: its Python, and all that was typed after it."""
    return [sys.executable, *sys.orig_argv[1:]]


def write(estate: Estate) -> int:
    """A memory file with estate in it.  SetupError if a path in it is no text; OSError if there is no room."""
    try:
        text = msgspec.json.encode(Letter(FORMAT, msgspec.Raw(msgspec.json.encode(estate, enc_hook=_plain))))
    except UnicodeError as problem:
        raise SetupError(f"a path that is not UTF-8 cannot be handed over ({problem}): stop the server, then start it") from None
    file = os.memfd_create("handover")
    with open(file, "wb", closefd=False) as out:
        out.write(text)
    return file


def replace(estate: Estate, command: list[str]) -> None:
    """Become the program that command starts.  Returns never; SetupError, with everything as it was, if that cannot be."""
    sys.stdout.flush()
    sys.stderr.flush()
    with starting(command, estate) as letter:
        handed = (letter, *estate.descriptors())
        try:
            for descriptor in handed:
                os.set_inheritable(descriptor, True)
            os.execve(command[0], command, {**os.environ, VARIABLE: f"replace {letter}"})
        finally:
            for descriptor in handed:
                os.set_inheritable(descriptor, False)


@contextlib.contextmanager
def starting(command: list[str], estate: Estate) -> Iterator[int]:
    """A memory file with estate for the program of command.  SetupError if it, or what is done with it, cannot be."""
    try:
        letter = write(estate)
        try:
            yield letter
        finally:
            os.close(letter)
    except OSError as problem:
        raise SetupError(f"{command[0]} cannot be started anew: {problem.strerror}") from None


def received() -> tuple[str, Estate] | None:
    """How, and what, the program before us hands over; None if we were simply started.

    SetupError if it is of another format.
    """
    how, _, number = os.environ.pop(VARIABLE, "").partition(" ")
    if not how:
        return None
    try:
        with open(int(number), "rb") as file:
            file.seek(0)
            text = file.read()
    except (ValueError, OSError):
        raise SetupError(f"{VARIABLE} stands in the environment, where only the server itself may put it: unset it") from None
    estate = read(text)
    if how == "replace":
        for descriptor in estate.descriptors():
            os.set_inheritable(descriptor, False)
    return how, estate


def read(text: bytes) -> Estate:
    """The estate that was written; SetupError if we do not understand it."""
    try:
        letter = msgspec.json.decode(text, type=Letter)
        if letter.format == FORMAT:
            return msgspec.json.decode(letter.estate, type=Estate, dec_hook=_typed)
        problem = f"format {letter.format}, not {FORMAT}"
    except msgspec.MsgspecError as found:
        problem = str(found)
    raise SetupError(f"this version cannot take over from the one that runs ({problem}): stop the server, then start it")


def _socket(descriptor: int) -> socket.socket:
    sock = socket.socket(fileno=descriptor)
    sock.setblocking(False)
    return sock


def _plain(value: object) -> str:
    if isinstance(value, Path):
        return str(value)
    raise NotImplementedError(f"{type(value)} is not plain")


def _typed(kind: type, value: Any) -> Path:
    if kind is Path:
        return Path(value)
    raise NotImplementedError(f"{kind} is not plain")
