"""web.admin_keeping: backups and removed accounts, through the API."""
from dataclasses import replace
from pathlib import Path

from mta.config.model import Backup
from mta.flow import backups
from mta.flow.world import World
from tests.web.conftest import Browser


def test_backups(admin: Browser, ann: Browser, served: World, tmp_path: Path) -> None:
    """Without a place it says so; with one they are listed, with what became of them."""
    assert admin.call("admin/backups")["place"] == ""
    assert admin.refused("admin/backup_run")["code"] == "user:error"
    served.config = replace(served.config, backup=Backup(to=tmp_path / "backups"))
    assert admin.refused("admin/backup_try")["code"] == "user:notFound"
    assert admin.call("admin/backup_run")["next"] <= served.clock.timestamp()
    backups.daily(served, lambda seconds: False)
    shown = admin.call("admin/backup_try")
    assert (shown["place"], shown["encrypted"], shown["problem"], shown["problems"]) == (str(tmp_path / "backups"), False, "", [])
    [one] = shown["backups"]
    assert (one["accounts"], one["messages"], one["trouble"]) == (2, 0, [])
    backups.weekly(served, lambda seconds: False)
    shown = admin.call("admin/backups")
    assert (shown["tested_name"], shown["unfit"]) == (one["name"], [])
    assert "Backups" in [line["topic"] for line in admin.call("admin/overview")["health"]]
    assert ann.refused("admin/backups")["code"] == "user:signedOut"


def test_removed_accounts(admin: Browser, ann: Browser, served: World) -> None:
    """Removed, listed, brought back; for good at last."""
    served.config = replace(served.config, postmaster="bob")
    admin.call("admin/account_remove", name="ann")
    assert ann.refused("account/sessions")["code"] == "user:signedOut"
    assert [line["name"] for line in admin.call("admin/accounts")] == ["bob"]
    [one] = admin.call("admin/accounts_removed")
    assert (one["name"], one["until"] - one["since"]) == ("ann", 30 * 86_400)
    assert admin.refused("admin/account_add", name="ann", password="a new password")["code"] == "user:conflict"
    assert admin.call("admin/account_restore", name="ann") == []
    assert admin.refused("admin/account_restore", name="ann")["code"] == "user:notFound"
    assert admin.refused("admin/account_forget", name="ann")["code"] == "user:notFound"
    assert [line["name"] for line in admin.call("admin/accounts")] == ["ann", "bob"]
    admin.call("admin/account_remove", name="ann")
    assert admin.call("admin/account_forget", name="ann") == []
    assert admin.refused("admin/account", name="ann")["code"] == "user:notFound"
