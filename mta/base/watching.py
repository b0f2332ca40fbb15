"""What nobody caught is noted and counted like everything else that was not foreseen, and ends nothing.

A task whose exception nobody asked for, a callback that raised, a thread that broke, a
destructor: Python prints these and goes on.  Here they become Event.UNEXPECTED, which
names the module, so that the metrics page counts them and an alert can follow.
"""
import asyncio
import sys
import threading
from typing import Any

from mta.base.errors import origin
from mta.base.events import Event, Journal


def watch_loop(loop: asyncio.AbstractEventLoop, journal: Journal) -> None:
    """Note what no coroutine or callback of loop caught; a peer that broke off is nobody's failure."""
    def note(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        problem = context.get("exception")
        if not isinstance(problem, OSError):
            where = origin(problem) if problem else __name__
            journal.note(Event.UNEXPECTED, where=where, problem=f"{context.get('message')}: {problem!r}")
    loop.set_exception_handler(note)


def watch_process(journal: Journal) -> None:
    """Note what no thread of this process caught, and what came up where nothing can be raised."""
    def broken(facts: threading.ExceptHookArgs) -> None:
        if facts.exc_value is not None:
            name = facts.thread.name if facts.thread else "a thread"
            journal.note(Event.UNEXPECTED, where=f"{origin(facts.exc_value)} {name}", problem=repr(facts.exc_value))

    def unraisable(facts: "sys.UnraisableHookArgs") -> None:
        if facts.exc_value is not None:
            journal.note(Event.UNEXPECTED, where=origin(facts.exc_value), problem=f"{facts.err_msg or 'ignored'}: {facts.exc_value!r}")

    threading.excepthook = broken
    sys.unraisablehook = unraisable
