"""A role for tests: says what happens to it on standard output, and does what files in its data directory ask.

Its program is the module `greeting`, which a test may change: WORD is said.
`refuse` makes it unable to start, `fall` makes it fall before it is ready, `stubborn` deaf to SIGTERM; with `early`
the loner asks for certificates before anybody is ready.
"""
import os
import sys
from importlib import import_module

from mta.base.errors import SetupError
from workers import control
from workers.place import Place


def prepare() -> None:
    """Import what is heavy."""
    import_module("greeting")
    _say(f"imported by {os.getpid()}")


def serve(place: Place) -> None:
    """Answer one octet to whoever connects; say when the bell rang."""
    asked = place.config.data
    if (asked / "refuse").exists():
        raise SetupError("the disk is made of cheese")
    if (asked / "fall").exists():
        os._exit(3)
    if (asked / "early").exists() and place.name.startswith("loner"):
        control.certify(place.config.control_socket)
    word = sys.modules["greeting"].WORD
    _say(f"{place.name} serves {','.join(sorted(place.sockets))} at level {place.config.log_level} as {os.getpid()}, {word}")
    place.ready()
    while not place.stop.wait(0.02) or (asked / "stubborn").exists():
        if place.doorbells.clear():
            _say(f"{place.name} heard its bell")
        for listening in (sock for many in place.sockets.values() for sock in many):
            try:
                conn, _ = listening.accept()
            except BlockingIOError:
                continue
            conn.send(b"!")
            conn.close()
    _say(f"{place.name} is done")


def _say(line: str) -> None:
    """In one piece, since others write there too."""
    os.write(sys.stdout.fileno(), f"{line}\n".encode())
