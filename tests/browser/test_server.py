"""The pages about the server itself in a browser: certificates, policies, block lists, log, configuration."""
import io

from playwright.sync_api import Page, expect

from mta.base.clock import SystemClock
from mta.base.events import Journal
from mta.base.names import Domain
from mta.config.model import local
from mta.secure.mtasts import Mode, Policy
from mta.store import policies
from tests.browser.test_admin import admin, fits_a_phone
from tests.serving import Server
from workers.worlds import open_world

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
    expect(admin.get_by_role("dialog").get_by_role("heading", name="Mail for localhost")).to_be_visible()
    admin.keyboard.press("Escape")
    fits_a_phone(admin, "policies")


def test_a_policy_is_forgotten(admin: Page, server: Server) -> None:
    """Only after a question that says what that risks; one that has gone meanwhile is not missed."""
    clock, policy = SystemClock(), Policy(Mode.ENFORCE, 86_400, ("mx.kept.example",))
    with open_world(local(server.folder), clock, Journal("test", clock, stream=io.StringIO()), lambda role: None) as world:
        now = clock.timestamp()
        for name in ("kept.example", "gone.example"):
            world.store.write_now(lambda db, name=name: policies.keep(db, Domain(name), policy, "1", now, now + 86_400, now + 43_200))  # type: ignore[misc]  # a loop's name
    admin.goto("/admin/#policies")
    expect(admin.get_by_role("row", name="kept.example").first).to_contain_text("enforce")
    fits_a_phone(admin, "policies-known")
    forget = admin.get_by_role("button", name="Forget the policy of gone.example")
    forget.click()
    admin.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    assert [row["domain"] for row in server.json("mtasts", "list")] == ["gone.example", "kept.example"]
    forget.click()
    expect(admin.get_by_role("dialog")).to_contain_text("could read that mail")
    admin.get_by_role("dialog").get_by_role("button", name="Forget").click()
    expect(forget).to_have_count(0)
    assert [row["domain"] for row in server.json("mtasts", "list")] == ["kept.example"]
    server.command("mtasts", "forget", "kept.example")
    admin.get_by_role("button", name="Forget the policy of kept.example").click()
    admin.get_by_role("dialog").get_by_role("button", name="Forget").click()
    expect(admin.get_by_role("status").get_by_text("kept.example")).to_be_visible()


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
