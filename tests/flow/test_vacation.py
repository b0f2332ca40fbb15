"""mta.flow.vacation: writing the answer, seeing it, trying it on stored mail."""
import pytest

from mta.base.clock import SetClock
from mta.base.errors import UserError
from mta.base.limits import LIMITS
from mta.flow import people, vacation
from mta.flow.receive import ReceiveDesk
from mta.flow.world import World
from mta.message import header
from mta.store.connection import value
from mta.store.vacations import Vacation
from tests.flow.away import account_id
from tests.flow.post import SIMPLE, bring, queued

BY = "a test"


def test_days_become_times() -> None:
    """Midnights of the zone, both days included; summer time counts."""
    kept = vacation.checked(Vacation(True, "2030-03-30", "2030-03-31", "Europe/Berlin", text=" away\r\n"))
    assert (kept.begins, kept.ends) == (1_901_055_600.0, 1_901_055_600.0 + 47 * 3_600)
    assert kept.text == "away"
    assert vacation.checked(Vacation(zone=" ")).zone == "UTC"


@pytest.mark.parametrize(("wanted", "said"), [
    (Vacation(True), "needs a text"), (Vacation(True, text="x" * (LIMITS.answer_text + 1)), "characters long"),
    (Vacation(True, text="a\x00b"), "cannot be shown"), (Vacation(True, text="x", subject="a\x07"), "cannot be shown"),
    (Vacation(True, text="x", subject="s" * 201), "subject"), (Vacation(text="x", zone="Berlin"), "no time zone"),
    (Vacation(text="x", zone="../../etc/passwd"), "no time zone"), (Vacation(first_day="31.1.2030"), "no day"),
    (Vacation(first_day="2030-02-30"), "no day"), (Vacation(first_day="2030-02-02", last_day="2030-02-01"), "before")])
def test_mistakes(served: World, wanted: Vacation, said: str) -> None:
    """Are said in a sentence, and nothing is changed."""
    with pytest.raises(UserError, match=said):
        vacation.change(served, account_id(served, "ann"), wanted, by=BY)
    assert vacation.get(served, account_id(served, "ann")) == Vacation()


def test_preview(served: World) -> None:
    """As it would be sent, to nobody in particular; an account without an address has none."""
    octets = vacation.preview(served, account_id(served, "ann"), Vacation(text="Grüße", subject="Weg"))
    top = header.parse(octets)
    assert (top.text("from"), top.text("subject"), top.text("auto-submitted")) == ("Ann <ann@example.org>", "Weg", "auto-replied")
    people.add_account(served, "carl", by=BY)
    with pytest.raises(UserError, match="no address"):
        vacation.preview(served, account_id(served, "carl"), Vacation(text="x"))


async def test_whom_it_would_have_answered(served: World, clock: SetClock) -> None:
    """Each stored message with the reason, the newest first; nothing is sent or remembered."""
    desk, ann = ReceiveDesk(served), account_id(served, "ann")
    await bring(desk, ["ann@example.org"])
    await bring(desk, ["ann@example.org"])
    await bring(desk, ["ann@example.org"], b"List-Id: <x>\r\n" + SIMPLE)
    await bring(desk, ["ann@example.org"], SIMPLE, None)
    clock.advance(8 * 86_400.0)
    await bring(desk, ["ann@example.org"])

    found = vacation.trial(served, ann)
    assert [bool(one.why) for one in found] == [False, True, True, True, False]
    assert "no sender" in found[1].why
    assert "mailing list" in found[2].why
    assert "seven days" in found[3].why
    assert len(vacation.trial(served, ann, 2)) == 2
    assert queued(served) == []
    # What was found out when it came counts; of what nobody has checked, that is said.
    assert {one.doubt for one in found} == {""}
    ids = [one.message.id for one in found]
    prefix = served.store.read(lambda db: value(db, "SELECT prefix FROM message_detail WHERE message_id = ?", (ids[0],)))
    assert b"dmarc=none" in prefix
    forged = prefix.replace(b"dmarc=none", b"dmarc=fail")
    served.store.write_now(lambda db: db.execute("UPDATE message_detail SET prefix = ? WHERE message_id = ?", (forged, ids[0])))
    served.store.write_now(lambda db: db.execute("UPDATE message_detail SET identity = x'' WHERE message_id = ?", (ids[4],)))
    again = vacation.trial(served, ann)
    assert "may not be from whom it says" in again[0].why
    assert (again[4].why, again[4].doubt) == ("", vacation.UNCHECKED)
    vacation.change(served, ann, Vacation(True, text="x"), by=BY)
    await bring(desk, ["ann@example.org"])
    assert len(queued(served)) == 1
