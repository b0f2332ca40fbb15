"""What a role notes is counted: its file among the counters, from its beginning to its end."""
import contextlib
from collections.abc import Iterator

from mta.base.metrics import Meter
from workers.place import Place


@contextlib.contextmanager
def counting(place: Place) -> Iterator[None]:
    """What a role notes is counted for the metrics page too.

    After an exception the counters stay open: it ends the process, and is still to be counted.
    """
    meter = Meter(place.config.counters, place.role, place.number, now=place.clock.timestamp())
    place.journal.add_meter(meter)
    yield
    meter.close()
