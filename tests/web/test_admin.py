"""web.admin: the administrator's session and the overview."""
import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from mta.config.model import Acme, Judge
from mta.dns.zone import Zone
from mta.flow import blocklists
from mta.flow.world import World
from mta.store import certificates as standings
from tests.web.conftest import STATUS, Browser, silent


def test_the_administrators_password(admin: Browser) -> None:
    """It is changed like an account's, and has nothing to do with any."""
    other = Browser(admin.app)
    other.call("admin/login", password="admin's password")
    assert admin.refused("admin/password", old="wrong", new="another password")["code"] == "user:notAllowed"
    admin.call("admin/password", old="admin's password", new="another password")
    assert admin.call("admin/state")["signed_in"]
    assert not other.call("admin/state")["signed_in"]
    other.call("admin/login", password="another password")
    other.call("admin/logout")
    assert other.refused("admin/overview")["code"] == "user:signedOut"


def test_everybodys_sessions(admin: Browser, ann: Browser) -> None:
    """The administrator sees all sessions and may end them."""
    known = admin.call("admin/sessions")
    assert sorted(one["account"] for one in known) == ["", "ann"]
    admin.call("admin/session_end", id=next(one["id"] for one in known if one["account"] == "ann"))
    assert ann.refused("webmail/mailboxes")["code"] == "user:signedOut"
    assert admin.refused("admin/session_end", id=12_345)["code"] == "user:notFound"


def test_certificates_in_danger_stand_in_the_overview(admin: Browser, served: World) -> None:
    """With the authority's own words."""
    served.config = replace(served.config, acme=Acme(directory="https://ca.example/dir"))
    served.store.write_now(lambda db: standings.change(db, "host-ec", failures=3, problem="acme:error:caa: CAA forbids"))
    assert "Certificate host-ec: 3 attempts to get it failed. The authority says: acme:error:caa: CAA forbids" in admin.call(
        "admin/overview")["warnings"]


def test_the_overview(admin: Browser) -> None:
    """Processes, counts, and what to look at."""
    seen = admin.call("admin/overview")
    assert [(role["role"], role["ready"], role["restarts"]) for role in seen["roles"]] == [("web", True, 0), ("delivery", False, 2)]
    assert (seen["domains"], seen["accounts"], seen["queued"], seen["oldest_queued"]) == (1, 2, 0, None)
    assert "The process delivery does not answer." in seen["warnings"]


def test_block_lists(admin: Browser, served: World, zone: Zone) -> None:
    """The configured ones with what the last examination found, or that there was none yet."""
    assert admin.call("admin/overview")["block_lists"] == []
    served.config = replace(served.config, judge=Judge(dnsbl=("works.example", "broken.example")))
    assert {(one["zone"], one["examined"]) for one in admin.call("admin/overview")["block_lists"]} == {
        ("works.example", None), ("broken.example", None)}

    zone.add("2.0.0.127.works.example A 127.0.0.2")
    asyncio.run(blocklists.watch(served))
    works, broken = admin.call("admin/overview")["block_lists"]
    assert works == {"zone": "works.example", "problem": "", "examined": served.clock.timestamp()}
    assert "does not list 127.0.0.2" in broken["problem"]


class TestSilence:
    """The supervisor does not answer."""

    @pytest.fixture
    def told(self) -> Callable[[], Mapping[str, Any]]:
        """Nothing is told."""
        return silent

    def test_the_overview_says_so(self, admin: Browser) -> None:
        """The page is there all the same, and says why it knows nothing of processes."""
        seen = admin.call("admin/overview")
        assert seen["roles"] == []
        assert seen["problem"] == "no server answers"


class TestReload:
    """The supervisor replaces itself; what it said last is still known."""

    @pytest.fixture
    def told(self) -> Callable[[], Mapping[str, Any]]:
        """What it said four seconds ago, when all answered."""
        return lambda: {**STATUS, "roles": STATUS["roles"][:1], "old": 4.0}

    def test_the_overview_keeps_the_last_figures(self, admin: Browser) -> None:
        """The page has them, as old as they are, and says what is going on."""
        seen = admin.call("admin/overview")
        assert [(role["uptime"], role["memory"]) for role in seen["roles"]] == [(64.0, 9_000_000)]
        assert seen["problem"] == ""
        [line] = [line for line in seen["health"] if line["topic"] == "Processes"]
        assert line["summary"] == "restarting, as at a reload; 4 seconds ago: all answer, 9 MB of memory"
