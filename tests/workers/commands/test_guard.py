"""workers.commands.guard: app passwords, second factors, sessions, sign-ins, frozen sending and the audit log."""
import os
import pwd

import pytest

from mta.base import totp
from mta.base.clock import SystemClock
from mta.store import credentials, twofactors
from mta.store.database import Store
from tests.workers.commands.conftest import Typing


@pytest.fixture
def ann(typed: Typing) -> Typing:
    """An account."""
    typed("domain add example.org")
    typed("account add ann --address ann@example.org", stdin="a few words in a row\n")
    return typed


def change(typed: Typing, work: object) -> None:
    """Change something as the running server would."""
    store = Store.open(typed.directory / "data", SystemClock())
    store.write_now(lambda db: work(db, store.clock))    # type: ignore[operator]
    store.close()


def test_app_passwords(ann: Typing) -> None:
    """Made, listed without the password, revoked; mistakes are said."""
    [made] = ann.json("password app add ann", "the printer", "--for", "smtp")
    assert "-" in made["password"]
    [row] = ann.json("password app list ann")
    assert (row["label"], row["for"], row["until"], row["used"]) == ("the printer", ["smtp"], None, None)
    assert made["password"] not in str(row)
    assert "already" in ann.attempt("password app add ann", "the printer")[2]
    assert "date" in ann.attempt("password app add ann x --last-day tomorrow")[2]
    ann(f"password app revoke ann {made['id']}")
    assert ann.json("password app list ann@example.org") == []
    assert ann.attempt(f"password app revoke ann {made['id']}")[0] == 1
    assert "none" in ann("password app list ann")


def test_two_factor(ann: Typing) -> None:
    """Shown for all and for one; switched off, for the administrator as well."""
    ann("password set --admin", stdin="other words in a row\n")

    def on(db: object, clock: SystemClock) -> None:
        for whose in (1, None):
            twofactors.begin(db, clock, whose, b"x" * totp.SECRET_OCTETS)    # type: ignore[arg-type]
            factor = twofactors.get(db, whose)    # type: ignore[arg-type]
            assert factor
            twofactors.confirm(db, clock, factor, 0, ["a", "b"])    # type: ignore[arg-type]

    change(ann, on)
    assert [(row["name"], row["two_factor"], row["recovery_codes"]) for row in ann.json("account two-factor")] == [
        ("admin", True, 2), ("ann", True, 2)]
    assert ann.json("account two-factor ann --off")[0]["two_factor"] is False
    assert ann.json("account two-factor --admin --off")[0]["two_factor"] is False
    for wrong in ("account two-factor ann --off", "account two-factor --off", "account two-factor ann --admin", "account two-factor bob"):
        assert ann.attempt(wrong)[0] == 1


def test_sessions(ann: Typing) -> None:
    """Listed and ended, one or all of somebody."""
    def sign_in(db: object, clock: SystemClock) -> None:
        for number, whose in enumerate((1, 1, None)):
            credentials.add_session(db, clock, whose, f"s{number}", "c", "192.0.2.1", "Firefox", 9_999.0)    # type: ignore[arg-type]

    change(ann, sign_in)
    rows = ann.json("session list")
    assert sorted(row["account"] for row in rows) == ["admin", "ann", "ann"]
    ann(f"session end {rows[-1]['id']}")
    assert ann.attempt(f"session end {rows[-1]['id']}")[0] == 1
    ann("session end --account ann")
    assert ann.json("session list ann") == []
    ann("session end --admin")
    assert ann.json("session list") == []
    assert "give the id" in ann.attempt("session end")[2]


def test_freezing(ann: Typing) -> None:
    """Frozen with a reason, listed, and let go."""
    ann("account freeze ann --reason", "the laptop was stolen")
    [row] = ann.json("account frozen")
    assert (row["account"], row["reason"], row["waiting"]) == ("ann", "the laptop was stolen", 0)
    assert "already" in ann.attempt("account freeze ann")[2]
    assert ann.json("account unfreeze ann") == [{"account": "ann", "released": 0}]
    assert ann.json("account frozen") == []
    assert "not frozen" in ann.attempt("account unfreeze ann")[2]


def test_sign_ins(ann: Typing) -> None:
    """Nobody yet; an account that is not there is said."""
    assert ann.json("signin list ann --failed --text x") == []
    assert ann.attempt("signin list bob")[0] == 1


def test_the_audit_log(ann: Typing) -> None:
    """Commands that change something are in it, with what came of them and without passwords; others are not."""
    ann("account list")
    ann.attempt("account set bob --disabled")
    rows = ann.json("audit")
    assert [(row["function"], row["outcome"]) for row in rows] == [
        ("account set", "NotFound"), ("account add", "ok"), ("domain add", "ok")]
    assert rows[1]["arguments"] == "name=ann address=ann@example.org"
    assert rows[0]["origin"] == "command line"
    assert rows[0]["who"] == pwd.getpwuid(os.getuid()).pw_name
    assert "words" not in str(rows)
    assert [row["function"] for row in ann.json("audit", "example.org domain")] == ["domain add"]
    before = len(ann.json("audit"))
    ann("verify --quick")
    ann("verify --quick --repair")
    assert [row["function"] for row in ann.json("audit")[:len(ann.json("audit")) - before]] == ["verify"]
    assert ann.json("audit --who nobody") == []
    assert len(ann.json("audit --days 1 --limit 1")) == 1
