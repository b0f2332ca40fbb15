"""Tests of mta.flow.preferences."""
import pytest

from mta.base.errors import NotFound, UserError
from mta.base.events import Event, Recorded
from mta.flow import people, preferences
from mta.flow.preferences import DEFAULTS, Preferences
from mta.flow.world import World
from mta.store import accounts

BY = "a test"


def test_choices(served: World, recorded: Recorded) -> None:
    """What is given is kept with its type, for this account alone; the rest is as before."""
    ann, bob = (people.get_account(served, name).id for name in ("ann", "bob"))
    assert preferences.get(served, ann) == DEFAULTS

    chosen = preferences.change(served, ann, {"junk_filter": False, "threshold": 0.75, "reject_days": None}, by=BY)
    assert chosen == preferences.get(served, ann) == Preferences(junk_filter=False, threshold=0.75)
    assert chosen.junk_filter is False
    assert recorded.records[-1].event is Event.SETTING_CHANGED
    assert recorded.records[-1].facts["what"] == "set junk_filter=False, threshold=0.75 for account ann"
    assert preferences.change(served, ann, {"junk_filter": True, "reject_days": 0, "subject_pass": True}, by=BY) == Preferences(
        threshold=0.75, reject_days=0, subject_pass=True)
    assert preferences.get(served, bob) == DEFAULTS


def test_only_what_differs_is_kept(served: World) -> None:
    """Who chose nothing gets the default, whatever it is in a later version; what a later version kept is left alone."""
    ann = people.get_account(served, "ann").id
    preferences.change(served, ann, {"threshold": DEFAULTS.threshold, "reject_days": 3}, by=BY)
    served.store.write_now(lambda db: accounts.set_setting(db, ann, "of the future", "x"))
    assert served.store.read(lambda db: accounts.settings(db, ann)) == {"reject_days": 3, "of the future": "x"}
    assert preferences.get(served, ann) == Preferences(reject_days=3)


@pytest.mark.parametrize("given", [
    {"threshold": 0.2}, {"threshold": 1.0}, {"threshold": float("nan")}, {"reject_days": 61}, {"reject_days": -1}, {"something": 1}])
def test_what_cannot_be_chosen(served: World, given: dict[str, float]) -> None:
    """Nothing is kept then."""
    ann = people.get_account(served, "ann").id
    with pytest.raises(UserError):
        preferences.change(served, ann, {"reject_days": 2, **given}, by=BY)
    assert preferences.get(served, ann) == DEFAULTS
    with pytest.raises(NotFound):
        preferences.change(served, 99, {"reject_days": 2}, by=BY)
