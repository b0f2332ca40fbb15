"""The administrator's page of a domain: its policy on protected transport, aliases, keys, and its end."""
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, SCREEN, Opener
from tests.browser.looks import faults, picture
from tests.browser.test_admin import admin, fits_a_phone
from tests.browser.test_webmail import overflow
from tests.serving import Server

__all__ = ["admin"]

pytestmark = pytest.mark.xdist_group("domains")


def test_the_policy_of_a_domain(opened: Opener, server: Server) -> None:
    """Chosen, with its DNS records at once below it; a mistake is said; nothing is wider than a phone's screen."""
    server.command("domain", "add", "example.org")
    page = opened(SCREEN)
    page.goto("/admin/#domain/example.org")
    page.get_by_label("Password").fill("pillarbox")
    page.get_by_role("button", name="Sign in").click()
    form = page.locator("form", has=page.get_by_label("What other servers are told"))
    form.get_by_label("What other servers are told").select_option("testing")
    form.get_by_label("They keep it for so many days").fill("14")
    form.get_by_label("Hosts besides this one").fill("a..b")
    form.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("no host name")
    form.get_by_label("Hosts besides this one").fill("*.backup.example")
    form.get_by_role("button", name="Save").click()

    expect(page.get_by_text("_mta-sts.example.org.").first).to_be_visible()
    row, = server.json("domain", "show", "example.org")
    assert row["mtasts_policy"] == ["version: STSv1", "mode: testing", "mx: localhost", "mx: *.backup.example", "max_age: 1209600"]
    [published] = [record["value"] for record in row["records"] if record["name"].startswith("_mta-sts.")]
    expect(page.get_by_text(published).first).to_be_visible()
    expect(page.get_by_label("What other servers are told")).to_have_value("testing")
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    assert overflow(page) <= 0


def test_settings(admin: Page, server: Server) -> None:
    """A separator that is none is said, and nothing typed is lost; mended, all of it is there."""
    server.command("domain", "add", "set.example")
    admin.goto("/admin/#domain/set.example")
    form = admin.locator("form", has=admin.get_by_label("Separator"))
    form.get_by_label("Description").fill("The harbour")
    form.get_by_label("Mail to unknown addresses goes to").select_option("demo")
    form.get_by_label("Takes mail").uncheck()
    form.get_by_label("Separator").fill("@")
    form.get_by_role("button", name="Save").click()
    expect(admin.get_by_role("status").get_by_text("separator")).to_be_visible()
    expect(form.get_by_label("Description")).to_have_value("The harbour")
    expect(form.get_by_label("Takes mail")).not_to_be_checked()
    [row] = server.json("domain", "show", "set.example")
    assert (row["catchall"], row["enabled"]) == (None, True)    # all of it or nothing
    form.get_by_label("Separator").fill("-")
    form.get_by_role("button", name="Save").click()
    expect(admin.get_by_role("status").get_by_text("Saved.", exact=True)).to_be_visible()
    [row] = server.json("domain", "show", "set.example")
    assert (row["description"], row["catchall"], row["enabled"], row["separator"]) == ("The harbour", "demo", False, "-")


def test_aliases(admin: Page, server: Server) -> None:
    """An alias is changed and removed; a member that is no address is said above the form, where it can be mended."""
    server.command("domain", "add", "alias.example")
    server.command("address", "add", "demo", "demo@alias.example")
    server.command("alias", "add", "team@alias.example", "demo@alias.example")
    admin.goto("/admin/#domain/alias.example")
    admin.get_by_role("button", name="Change team@alias.example").click()
    box = admin.get_by_role("dialog", name="team@alias.example")
    box.get_by_label("Addresses, one a line").fill("demo@alias.example\ncarla at example.net")
    box.get_by_label("Accounts here among them may write in its name").check()
    box.get_by_label("Who may write to it").select_option("members")
    box.get_by_role("button", name="Save").click()
    problem = box.get_by_role("status")
    expect(problem).to_contain_text("is no address")
    expect(box.get_by_label("Addresses, one a line")).to_have_value("demo@alias.example\ncarla at example.net")
    fits_a_phone(admin, "alias-wrong")
    assert faults(admin) == []
    picture(admin, "alias-wrong")
    problem.get_by_role("button", name="Dismiss").click()    # what lay behind the dialog could not be pressed
    expect(problem.locator(".notice")).to_have_count(0)
    box.get_by_label("Addresses, one a line").fill("demo@alias.example\ncarla@example.net")
    box.get_by_role("button", name="Save").click()
    row = admin.get_by_role("row", name="team@alias.example")
    expect(row).to_contain_text("carla@example.net")
    expect(row).to_contain_text("its members")
    [held] = server.json("alias", "list", "alias.example")
    assert (held["members"], held["sendable"], held["post"]) == (["demo@alias.example", "carla@example.net"], True, "members")
    fits_a_phone(admin, "alias")
    admin.get_by_role("button", name="Change team@alias.example").click()
    server.command("alias", "set", "team@alias.example", "--post", "domain")
    box.get_by_label("Addresses, one a line").fill("carla@example.net")
    box.get_by_role("button", name="Save").click()
    faster = admin.get_by_role("dialog").filter(has=admin.get_by_role("alert"))
    expect(faster).to_contain_text("team@alias.example")
    faster.get_by_role("button", name="Load it again").click()
    expect(row).to_contain_text("people at its domain")
    admin.get_by_role("button", name="Remove team@alias.example").click()
    admin.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(admin.get_by_text("No aliases.")).to_be_visible()
    assert server.json("alias", "list", "alias.example") == []


def test_a_domain_goes(admin: Page, server: Server) -> None:
    """While it has an address it stays, and that is said; the address is taken away on the same page, and it goes."""
    server.command("domain", "add", "going.example")
    server.command("address", "add", "demo", "demo@going.example")
    admin.goto("/admin/#domain/going.example")
    admin.get_by_role("button", name="Remove this domain").click()
    admin.get_by_role("dialog").get_by_role("button", name="Remove the domain").click()
    expect(admin.get_by_role("status").get_by_text("the domain still has addresses; remove them first")).to_be_visible()
    assert "going.example" in [row["domain"] for row in server.json("domain", "list")]
    admin.get_by_role("button", name="Remove demo@going.example").click()
    admin.get_by_role("dialog").get_by_role("button", name="Remove", exact=True).click()
    expect(admin.get_by_text("No addresses.")).to_be_visible()
    admin.get_by_role("button", name="Remove this domain").click()
    admin.get_by_role("dialog").get_by_role("button", name="Remove the domain").click()
    expect(admin.get_by_role("heading", name="Domains")).to_be_visible()
    expect(admin.get_by_role("link", name="going.example")).to_have_count(0)
    assert "going.example" not in [row["domain"] for row in server.json("domain", "list")]


def test_keys_sign_and_go(admin: Page, server: Server) -> None:
    """A key is switched on and off; one that signs meanwhile is not removed; one that does not is, after a question."""
    server.command("domain", "add", "signed.example")
    [rsa, other] = [str(row["selector"]) for row in server.json("domain", "key", "list", "signed.example")]
    admin.goto("/admin/#domain/signed.example")
    signs = admin.get_by_label(f"Sign with {other}")
    signs.check()
    expect(admin.get_by_role("button", name=f"Remove {other}")).to_have_count(0)
    assert [row["signing"] for row in server.json("domain", "key", "list", "signed.example")] == [True, True]
    admin.get_by_label(f"Sign with {rsa}").uncheck()
    expect(admin.get_by_role("button", name=f"Remove {rsa}")).to_be_visible()
    server.command("domain", "set", "signed.example", "--sign", rsa)
    admin.get_by_role("button", name=f"Remove {rsa}").click()
    admin.get_by_role("dialog").get_by_role("button", name="Remove the key").click()
    expect(admin.get_by_role("status").get_by_text(f"the key {rsa} signs; switch it off first")).to_be_visible()
    admin.reload()
    admin.get_by_label(f"Sign with {rsa}").uncheck()
    admin.get_by_role("button", name=f"Remove {rsa}").click()
    expect(admin.get_by_text("take its record out of the DNS")).to_be_visible()
    admin.get_by_role("dialog").get_by_role("button", name="Remove the key").click()
    expect(admin.get_by_label(f"Sign with {rsa}")).to_have_count(0)
    assert [(row["selector"], row["signing"]) for row in server.json("domain", "key", "list", "signed.example")] == [(other, True)]
    server.command("domain", "remove", "signed.example")
    signs.click()
    expect(admin.get_by_role("status").get_by_text("signed.example").last).to_be_visible()
    expect(signs).to_be_checked()    # it shows what is, not what was wished


def test_what_is_typed_stays(admin: Page, server: Server) -> None:
    """An alias and a key are made while settings are being changed: the page is drawn anew, and what was typed is there, unsaved.

    What somebody else has changed meanwhile is shown instead, and a page that one comes back to has what is saved.
    """
    server.command("domain", "add", "typed.example")
    admin.goto("/admin/#domain/typed.example")
    form = admin.locator("form", has=admin.get_by_label("Separator"))
    form.get_by_label("Description").fill("Half a sent")
    form.get_by_label("Takes mail").uncheck()
    form.get_by_label("Mail to unknown addresses goes to").select_option("demo")
    admin.get_by_label("They keep it for so many days").fill("30")
    server.command("domain", "set", "typed.example", "--catchall", "demo")
    admin.get_by_role("button", name="Add an alias").click()
    box = admin.get_by_role("dialog")
    box.get_by_label("Alias").fill("crew@typed.example")
    box.get_by_label("Passes on to").fill("demo@localhost")
    box.get_by_role("button", name="Add").click()
    expect(admin.get_by_role("cell", name="crew@typed.example", exact=True)).to_be_visible()
    expect(form.get_by_label("Description")).to_have_value("Half a sent")
    expect(form.get_by_label("Takes mail")).not_to_be_checked()
    expect(admin.get_by_label("They keep it for so many days")).to_have_value("30")
    form.get_by_label("Description").fill("Half a sentence, and the rest.")
    form.get_by_role("button", name="Save").click()
    expect(admin.get_by_role("status").get_by_text("Saved.", exact=True)).to_be_visible()
    expect(admin.get_by_label("They keep it for so many days")).to_have_value("30")
    [row] = server.json("domain", "show", "typed.example")
    assert (row["description"], row["enabled"], row["catchall"]) == ("Half a sentence, and the rest.", False, "demo")
    admin.get_by_role("link", name="Domains").first.click()
    expect(admin.get_by_role("heading", name="Domains")).to_be_visible()
    admin.go_back()
    expect(admin.get_by_label("They keep it for so many days")).to_have_value("7")
