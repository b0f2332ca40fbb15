"""What waits in a browser: chosen, held, let go, put off, sent another way, protected, dropped; and the same for a single one."""
import re
import smtplib
import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.looks import faults, picture
from tests.browser.test_admin import admin, fits_a_phone
from tests.serving import Server

__all__ = ["admin"]

pytestmark = pytest.mark.xdist_group("queue")

NAMES = ("alma", "bert", "cleo", "dora", "emil", "fred")


@pytest.fixture
def waiting(server: Server) -> Iterator[None]:
    """A message to each of NAMES elsewhere, all held by a rule; nothing waits afterwards."""
    server.command("queue", "rule", "add", "--account", "demo")
    rule = server.json("queue", "rule", "list")[0]["id"]
    with smtplib.SMTP("127.0.0.1", server.submission) as client:
        client.starttls()
        client.login("demo", "pillarbox")
        for name in NAMES:
            client.sendmail("demo@localhost", [f"{name}@else.example"], f"From: demo@localhost\r\nSubject: For {name}\r\n\r\nText\r\n")
    server.command("queue", "rule", "remove", str(rule))
    yield
    if server.json("queue", "list"):
        server.command("queue", "drop", "--all", "--silent")


def rows(server: Server) -> dict[str, dict[str, Any]]:
    """What the server says waits, by the name of the recipient."""
    return {row["recipient"].partition("@")[0]: row for row in server.json("queue", "list")}


def choose(page: Page, *names: str) -> None:
    """Exactly these are ticked."""
    for name in NAMES:
        box = page.get_by_label(f"Choose {name}@else.example")
        if box.count():
            box.set_checked(name in names)


def line(page: Page, name: str) -> Locator:
    """The row of a recipient."""
    return page.get_by_role("row").filter(has_text=f"{name}@else.example")


def test_chosen_ones(admin: Page, server: Server, waiting: None) -> None:
    """Each deed takes those that are ticked and no others; what was typed wrong can be mended."""
    server.command("transport", "add", "relay", "127.0.0.1", "--port", "1", "--tls", "none")
    admin.goto("/admin/#queue")
    expect(admin.get_by_role("link", name="For alma")).to_be_visible()
    admin.get_by_role("button", name="Hold", exact=True).first.click()
    expect(admin.get_by_text("Choose something first")).to_be_visible()

    choose(admin, "alma", "bert")
    expect(admin.get_by_text("2 chosen")).to_be_visible()
    fits_a_phone(admin, "queue-chosen")
    admin.get_by_role("button", name="Try later…").click()
    box = admin.get_by_role("dialog")
    box.get_by_label("Not before").fill("2001-01-01T00:00")
    box.get_by_role("button", name="Put off").click()
    expect(box.get_by_role("alert")).to_contain_text("the time is from now on")
    expect(box.get_by_label("Not before")).to_have_value("2001-01-01T00:00")
    looked_at(admin, "queue-later")
    tomorrow = time.strftime("%Y-%m-%dT%H:%M", time.localtime(time.time() + 86_400))
    box.get_by_label("Not before").fill(tomorrow)
    box.get_by_role("button", name="Put off").click()
    expect(admin.get_by_text("2 put off.")).to_be_visible()
    expect(box).to_have_count(0)
    assert sorted(name for name, row in rows(server).items() if row["due"] > time.time() + 3_600) == ["alma", "bert"]

    choose(admin, "alma")
    admin.get_by_role("button", name="Release").click()
    expect(admin.get_by_text("1 released.")).to_be_visible()
    expect(line(admin, "alma")).not_to_contain_text("held")
    assert rows(server)["alma"]["state"] == "waiting"
    choose(admin, "alma")
    admin.get_by_role("button", name="Hold", exact=True).first.click()
    expect(admin.get_by_text("1 held.")).to_be_visible()
    expect(line(admin, "alma")).to_contain_text("held")
    assert {row["state"] for row in rows(server).values()} == {"held"}

    choose(admin, "cleo")
    admin.get_by_role("button", name="Other way…").click()
    looked_at(admin, "queue-way")
    box.get_by_role("button", name="relay").click()
    expect(line(admin, "cleo")).to_contain_text("by relay")
    assert [name for name, row in rows(server).items() if row["transport"] == "relay"] == ["cleo"]
    choose(admin, "dora")
    admin.get_by_role("button", name="Require TLS…").click()
    looked_at(admin, "queue-tls")
    box.get_by_role("button", name="TLS required").click()
    expect(line(admin, "dora")).to_contain_text("TLS required")
    expect(admin.get_by_text("1 message changed.")).to_be_visible()
    shown = server.command("queue", "show", str(rows(server)["dora"]["id"]))
    assert "required" in shown, shown

    choose(admin, "emil")
    admin.get_by_role("button", name="Drop…").click()
    looked_at(admin, "queue-drop")
    box.get_by_role("button", name="Cancel").click()
    assert set(rows(server)) == set(NAMES)
    admin.get_by_role("button", name="Drop…").click()
    box.get_by_role("button", name="Drop, tell nobody").click()
    expect(line(admin, "emil")).to_have_count(0)
    choose(admin, "fred")
    admin.get_by_role("button", name="Drop…").click()
    box.get_by_role("button", name="Drop and tell the sender").click()
    expect(line(admin, "fred")).to_have_count(0)
    assert set(rows(server)) == set(NAMES) - {"emil", "fred"}
    told = [row["subject"] for row in server.json("message", "list", "demo", "Inbox")]
    assert [subject for subject in told if "For " in subject] == ["Not delivered: For fred"]

    choose(admin, "bert")
    admin.get_by_role("button", name="Try now").click()
    expect(admin.get_by_text("1 will be tried now.")).to_be_visible()
    expect(line(admin, "bert")).to_have_count(0)
    assert "bert" not in rows(server)
    server.command("queue", "drop", "--all", "--silent")
    server.command("transport", "remove", "relay")


def test_by_keyboard(admin: Page, server: Server, waiting: None) -> None:
    """Whoever goes through the list by keyboard stays where they are when it is drawn anew, as it is every ten seconds."""
    admin.clock.install()
    admin.goto("/admin/#queue")
    box = admin.get_by_label("Choose cleo@else.example")
    for element in (box, line(admin, "cleo").get_by_role("link", name="For cleo")):
        element.focus()
        element.evaluate("one => one.setAttribute('data-before', '')")
        admin.clock.fast_forward(10_500)
        expect(element).not_to_have_attribute("data-before", "")
        expect(element).to_be_focused()
    box.press("Space")
    expect(admin.get_by_text("1 chosen")).to_be_visible()


def test_a_single_one(admin: Page, server: Server, waiting: None) -> None:
    """Its page does the same, shows what has changed, and says so when it has gone meanwhile."""
    ident = rows(server)["alma"]["id"]
    admin.goto(f"/admin/#queued/{ident}")
    expect(admin.get_by_role("heading", name="For alma")).to_be_visible()
    admin.get_by_role("button", name="Require TLS…").click()
    admin.get_by_role("dialog").get_by_role("button", name="TLS not required").click()
    expect(admin.get_by_text("TLS not required", exact=True)).to_be_visible()
    admin.get_by_role("button", name="Try later…").click()
    box = admin.get_by_role("dialog", name="Try later")
    box.get_by_label("Not before").fill("2099-01-01T00:00")
    box.get_by_role("button", name="Put off").click()
    expect(box.get_by_role("alert")).to_contain_text("30 days")
    box.get_by_role("button", name="Cancel").click()
    admin.get_by_text("Show the message as it will be sent").click()
    expect(admin.get_by_role("region", name="Source")).to_contain_text("Subject: For alma")
    fits_a_phone(admin, "queued-held")
    server.command("queue", "drop", str(ident), "--silent")
    admin.get_by_role("button", name="Release").click()
    expect(admin.get_by_role("status").get_by_text(re.compile("delivered or dropped meanwhile"))).to_be_visible()
    other = rows(server)["bert"]["id"]
    admin.goto(f"/admin/#queued/{other}")
    admin.get_by_role("button", name="Drop…").click()
    admin.get_by_role("dialog").get_by_role("button", name="Drop, tell nobody").click()
    expect(admin.get_by_role("heading", name="Queue", exact=True)).to_be_visible()
    expect(line(admin, "bert")).to_have_count(0)
    assert "bert" not in rows(server)


def looked_at(page: Page, name: str) -> None:
    """What is open now fits a telephone, and everybody can use it."""
    fits_a_phone(page, name)
    assert faults(page) == []
    picture(page, name)
