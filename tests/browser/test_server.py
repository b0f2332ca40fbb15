"""The pages about the server itself in a browser: certificates, policies, block lists, log, configuration."""
from playwright.sync_api import Page, expect

from tests.browser.test_admin import admin, fits_a_phone

__all__ = ["admin"]


def test_certificates(admin: Page) -> None:
    """The one that localserve made; without an authority there is nothing to renew."""
    admin.get_by_role("navigation", name="Pages").get_by_role("link", name="Server").click()
    fits_a_phone(admin, "server")
    admin.get_by_role("link", name="Certificates").click()
    expect(admin.get_by_text("this server itself (self-signed)")).to_be_visible()
    history = admin.get_by_role("region", name="History").get_by_role("row", name="self-signed")
    expect(history).to_have_count(1)
    expect(history).to_contain_text("none")
    fits_a_phone(admin, "certificates")
    admin.get_by_role("button", name="Renew all now").click()
    expect(admin.get_by_role("status").get_by_text("no authority is asked for certificates")).to_be_visible()


def test_policies(admin: Page) -> None:
    """A domain without one, and a name that is none."""
    admin.goto("/admin/#policies")
    admin.get_by_label("Policy of a domain").fill("a..b")
    admin.get_by_role("button", name="Fetch").click()
    expect(admin.get_by_text("is no domain")).to_be_visible()
    admin.get_by_label("Policy of a domain").fill("nothing.test")
    admin.get_by_role("button", name="Fetch").click()
    expect(admin.get_by_text("It could not be fetched")).to_be_visible()
    admin.get_by_label("Servers of a domain").fill("nothing.test")
    admin.get_by_role("button", name="Look", exact=True).click()
    expect(admin.get_by_text("does not exist")).to_be_visible()
    admin.get_by_label("Servers of a domain").fill("localhost")
    admin.get_by_role("button", name="Look", exact=True).click()
    expect(admin.get_by_role("dialog").get_by_role("heading", name="Mail for localhost")).to_be_visible(timeout=30_000)
    admin.keyboard.press("Escape")
    fits_a_phone(admin, "policies")


def test_block_lists(admin: Page) -> None:
    """None is configured, and that is said."""
    admin.goto("/admin/#blocklists")
    admin.get_by_role("button", name="Look now").click()
    expect(admin.get_by_role("status").get_by_text("no block list is configured")).to_be_visible()
    fits_a_phone(admin, "blocklists")


def test_the_log(admin: Page) -> None:
    """A part is louder, and as before again."""
    admin.goto("/admin/#log")
    choice = admin.get_by_label("Level of mtasts")
    expect(choice).to_have_value("")
    choice.select_option("debug")
    expect(admin.get_by_role("row", name="mtasts").locator("time")).to_be_visible()
    fits_a_phone(admin, "log")
    admin.get_by_label("Level of mtasts").select_option("")
    expect(admin.locator("time")).to_have_count(0)


def test_the_configuration(admin: Page) -> None:
    """All settings, fewer of them, none."""
    admin.goto("/admin/#configuration")
    expect(admin.get_by_text("acceptor.copies")).to_be_visible()
    admin.get_by_label("Only what is not as by default").check()
    expect(admin.get_by_text("acceptor.copies")).to_have_count(0)
    expect(admin.get_by_text("postmaster", exact=True)).to_be_visible()
    fits_a_phone(admin, "configuration")
    admin.get_by_label("Search").fill("no such setting")
    expect(admin.get_by_text("No such setting.")).to_be_visible()
