"""mta.flow.intake: what a letter becomes (how imports come to it: test_importing, test_fileimport, test_imapimport)."""
import pytest

from mta.base.clock import SetClock
from mta.flow import intake, people
from mta.flow.intake import Letter, Target
from mta.flow.world import World
from mta.message.flags import Flags
from mta.store import imported, messages
from mta.store.imported import Known
from tests.flow.mailfiles import box, bring, contents, letter

DAY = 86_400.0


def examined(world: World, octets: bytes, received: float | None) -> Letter:
    """A letter that was looked at."""
    sink = world.store.bodies.sink()
    sink.write(octets)
    found = Letter("here", len(octets), None, sink.finish(), Target(name="M"), received=received, keywords=("NonJunk", "x"))
    intake.examine(world, found)
    return found


@pytest.mark.parametrize(("told", "fields", "wanted"), [
    (1_600_000_000.0, b"", 1_600_000_000.0),
    (None, b"Received: from a by b; Thu, 01 Jan 2015 00:00:00 +0000\r\nDate: Fri, 02 Jan 2015 00:00:00 +0000\r\n", 1_420_070_400.0),
    (None, b"Date: Fri, 02 Jan 2015 00:00:00 +0000\r\n", 1_420_156_800.0),
    (None, b"Date: Fri, 02 Jan 2415 00:00:00 +0000\r\n", None), (-5.0, b"", None), (None, b"", None)])
def test_when_it_came(served: World, clock: SetClock, told: float | None, fields: bytes, wanted: float | None) -> None:
    """As the source says, else its newest Received, else its Date, else now; never in the future."""
    assert examined(served, fields + b"\r\nx", told).received == (clock.timestamp() if wanted is None else wanted)


def test_older_names_of_flags(served: World) -> None:
    """Become flags."""
    found = examined(served, b"\r\nx", None)
    assert (found.flags, found.keywords) == (Flags.NOT_JUNK, ("x",))


def test_following(served: World) -> None:
    """Only what changed at the source is changed here; a message that is gone is no fault."""
    account = people.get_account(served, "ann").id
    bring(served, account, box(letter(1)), "Inbox")
    [(id, uid)] = served.store.read(lambda db: list(db.execute("SELECT id, uid FROM message")))
    known = Known(id, Flags.SEEN, ("a",))
    served.store.write_now(lambda db: messages.set_flags(db, account, [id], Flags.FLAGGED, Flags.SEEN, ["mine"]))
    for flags, keywords, wanted in ((Flags.SEEN, ("a",), 0), (Flags.SEEN | Flags.ANSWERED, ("a", "b", "not possible (", "c"), 1)):
        assert served.store.write_now(
            lambda db, flags=flags, keywords=keywords: intake.follow(db, account, b"key", known, flags, keywords)) == wanted  # type: ignore[misc]  # defaults
    row = served.store.read(lambda db: messages.get(db, account, id))
    assert row is not None
    assert (row.flags, row.keywords) == (Flags.FLAGGED | Flags.ANSWERED, ("b", "c", "mine"))
    served.store.write_now(lambda db: messages.expunge(db, account, [id]))
    assert served.store.write_now(lambda db: intake.follow(db, account, b"key", known, Flags.NONE, ())) == 0
    assert served.store.read(lambda db: imported.get(db, account, b"key")) == Known(id, Flags.NONE, ())
    assert uid == 1
    assert contents(served, account) == []
