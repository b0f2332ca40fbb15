"""The administrator's page of a domain: its policy on protected transport."""
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, SCREEN, Opener
from tests.browser.test_webmail import overflow
from tests.serving import Server


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
