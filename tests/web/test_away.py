"""web.away: the answer while one is away, through the API."""
from typing import Any

from mta.flow import deposit
from mta.flow.world import World
from tests.flow.away import account_id
from tests.web.conftest import Browser

WANTED: dict[str, Any] = {
    "enabled": True, "first_day": "2029-12-31", "last_day": "", "zone": "Europe/Berlin", "subject": "", "text": "I am away.",
    "active": False}


def test_away(ann: Browser, served: World) -> None:
    """Written, seen and switched off; what comes back is what holds."""
    assert ann.call("account/away")["enabled"] is False
    kept = ann.call("account/away_change", answer=WANTED)
    assert kept == ann.call("account/away") == {**WANTED, "active": True, "version": kept["version"]}
    assert "Auto-Submitted: auto-replied\n" in ann.call("account/away_preview", answer=WANTED)
    assert ann.call("account/away_change", answer={**WANTED, "enabled": False})["active"] is False
    assert "Europe/Berlin" in ann.call("account/time_zones")


def test_trial(ann: Browser, served: World) -> None:
    """Each message with why it would have had no answer."""
    deposit.file_in(served, account_id(served, "ann"), b"From: carl@else.example\nSubject: Hi\n\nText\n")
    [one] = ann.call("account/away_try")
    assert (one["message"]["subject"], one["why"]) == ("Hi", "It has no sender to answer (a notice of a server).")


def test_mistakes_and_strangers(ann: Browser, stranger: Browser) -> None:
    """Are said; who is not signed in learns nothing."""
    assert ann.refused("account/away_change", answer={**WANTED, "text": ""})["code"] == "user:error"
    assert ann.refused("account/away_preview", answer={**WANTED, "zone": "x"})["code"] == "user:error"
    for function, arguments in (("away", {}), ("away_change", {"answer": WANTED}), ("away_try", {}), ("forwards", {}), ("masks", {}),
                                ("persona", {}), ("mask_key_add", {"label": "x"})):
        assert stranger.refused(f"account/{function}", **arguments)["code"] == "user:signedOut"
