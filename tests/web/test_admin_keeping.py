"""web.admin_keeping: backups and removed accounts, through the API."""
from dataclasses import replace
from pathlib import Path

from mta.config.model import Backup
from mta.flow import backupjobs, backups
from mta.flow.world import World
from mta.store import messages
from tests.store.population import deliver, mailbox
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


def test_inside_a_backup(admin: Browser, served: World, tmp_path: Path) -> None:
    """Compared, looked into, and mail of it brought back; what would surprise is asked before."""
    served.config = replace(served.config, backup=Backup(to=tmp_path / "backups"))
    inbox = mailbox(served.store, 1)
    deliver(served.store, inbox, b"Subject: lost\r\n\r\nHello.\r\n", subject="lost")
    backups.daily(served, lambda seconds: False)
    [made] = admin.call("admin/backups")["backups"]
    assert (made["checked"], made["path"]) == (None, str(tmp_path / "backups" / made["name"]))
    name = made["name"]
    [job] = admin.call("admin/backup_verify", name=name)["jobs"]
    assert (job["kind"], job["state"], job["by"][:5]) == ("verify", "waiting", "admin")
    assert admin.call("admin/backup_stop", id=job["id"])["jobs"][0]["state"] == "stopped"
    assert admin.refused("admin/backup_stop", id=job["id"])["code"] == "user:conflict"
    admin.call("admin/backup_verify", name=name)
    backupjobs.work(served, lambda seconds: False)
    [made] = admin.call("admin/backups")["backups"]
    assert (made["checked"], made["wrong"]) == (served.clock.timestamp(), [])

    assert [(one["name"], one["messages"], one["here"]) for one in admin.call("admin/backup_accounts", name=name)] == [
        ("ann", 1, True), ("bob", 0, True)]
    folders = admin.call("admin/backup_folders", name=name, account="ann")
    assert {"name": "Inbox", "messages": 1, "size": made["size"]}.keys() == folders[0].keys()
    [letter] = admin.call("admin/backup_messages", name=name, account="ann", mailbox="Inbox")
    assert letter["subject"] == "lost"
    served.store.write_now(lambda db: messages.expunge(db, 1, [letter["id"]]))
    assert admin.refused("admin/backup_restore", name=name, account="ann", target="bob")["code"] == "user:conflict"
    assert admin.refused("admin/backup_restore", name="../x", account="ann")["code"] == "user:notFound"
    admin.call("admin/backup_restore", name=name, account="ann", mailbox="Inbox", messages=[letter["id"]])
    backupjobs.work(served, lambda seconds: False)
    [job, *_] = admin.call("admin/backups")["jobs"]
    assert (job["state"], job["added"], job["chosen"]) == ("done", 1, 1)
    assert served.store.read(lambda db: [row.subject for row in messages.page(db, inbox)]) == ["lost"]


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
