"""What the supervisor said last, for the moments in which it does not answer.

At a reload the supervisor replaces itself: until the new program has imported what it
needs, a second or more on a busy machine, callers wait at its socket.  A page, or a scrape
of the metrics, is not held up by that.
"""
from typing import Any, Final

from mta.base.clock import Clock
from mta.base.errors import TemporaryError
from mta.config.model import Config
from workers import control

#: Seconds that a page waits for the supervisor, and that what it said last stands for what is so now.
PATIENCE: Final = 0.5
KEPT: Final = 60.0


class Supervision:
    """The supervisor as other processes see it; calls may come from any thread."""

    def __init__(self, config: Config, clock: Clock) -> None:
        self._socket, self._clock = config.control_socket, clock
        self._said: dict[str, tuple[float, control.Answer]] = {}

    def ask(self, do: str) -> control.Answer:
        """Its answer, and how many seconds `old` that is: 0.0, or more where it is silent and this is what it said last.

        TemporaryError where it has said nothing for a minute.
        """
        now = self._clock.monotonic()
        try:
            answer: dict[str, Any] = control.ask(self._socket, do, wait=PATIENCE)
        except TemporaryError:
            at, answer = self._said.get(do, (-KEPT, {}))
            if now - at >= KEPT:
                raise
            return {**answer, "old": now - at}
        self._said[do] = now, answer
        return {**answer, "old": 0.0}
