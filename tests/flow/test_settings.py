"""mta.flow.settings: a change is made whole and noted, or neither."""
import pytest

from mta.base.errors import Conflict
from mta.base.events import Event, Recorded
from mta.flow.settings import adopt
from mta.flow.world import World
from mta.store import domains
from mta.store.connection import Connection
from tests.flow.conftest import BY


def test_a_change_is_noted(world: World, recorded: Recorded) -> None:
    """After it was made, with who made it; what it gives is given."""
    assert adopt(world, BY, "counted to three", lambda db: 3) == 3
    assert [(one.event, dict(one.facts)) for one in recorded.records] == [(Event.SETTING_CHANGED, {"by": BY, "what": "counted to three"})]


def test_what_was_refused_is_not_noted(served: World, recorded: Recorded) -> None:
    """All is as it was."""
    before = len(recorded.records)

    def change(db: Connection) -> None:
        domains.remove(db, domains.all(db)[0].id)
        raise Conflict("not this one")

    with pytest.raises(Conflict):
        adopt(served, BY, "removed a domain", change)
    assert len(recorded.records) == before
    assert len(served.store.read(domains.all)) == 1
