"""Doorbells: how one process tells another that something changed.

One pair of datagram sockets per process, made before the fork.  Whoever commits rings;
a bell says only *that* there is something, the databases say what.  Ringing never
blocks: a full bell is ringing already.  A role that starts anew finds the rings that its
predecessor missed.
"""
import contextlib
import socket
from collections.abc import Iterable, Mapping

#: A process: its role and which copy it is, from 0.
Bearer = tuple[str, int]


class Doorbells:
    """The bells of all processes as one of them sees them (or an outsider, who has none of his own)."""

    def __init__(self, pairs: Mapping[Bearer, tuple[socket.socket, socket.socket]], own: Bearer | None = None) -> None:
        self.pairs = dict(pairs)
        self._own = own
        self._buttons: dict[str, list[socket.socket]] = {}
        for (role, _), (_, button) in self.pairs.items():
            self._buttons.setdefault(role, []).append(button)

    @classmethod
    def make(cls, bearers: Iterable[Bearer], known: "Doorbells | None" = None) -> "Doorbells":
        """Bells for bearers; those that are in known are kept, with the rings in them."""
        old = known.pairs if known else {}
        return cls({bearer: old.get(bearer) or _pair() for bearer in bearers})

    def of(self, role: str, number: int = 0) -> "Doorbells":
        """The same bells, seen by that process."""
        return Doorbells(self.pairs, (role, number))

    def ring(self, role: str) -> None:
        """Wake every copy of role.  Never blocks or raises; a role that does not exist hears nothing."""
        for button in self._buttons.get(role, ()):
            with contextlib.suppress(OSError):
                button.send(b"!")

    @property
    def fd(self) -> int:
        """The descriptor that turns readable when our own bell is rung."""
        return self._bell.fileno()

    def clear(self) -> bool:
        """Take all rings of our own bell; True if there was one.  Look at the databases afterwards, not before."""
        rang = False
        with contextlib.suppress(BlockingIOError):
            while self._bell.recv(16):
                rang = True
        return rang

    def close(self) -> None:
        """Take all bells down."""
        for pair in self.pairs.values():
            for end in pair:
                end.close()

    @property
    def _bell(self) -> socket.socket:
        if self._own is None:
            raise LookupError("an outsider has no bell of his own")
        return self.pairs[self._own][0]


def _pair() -> tuple[socket.socket, socket.socket]:
    bell, button = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    bell.setblocking(False)
    button.setblocking(False)
    return bell, button
