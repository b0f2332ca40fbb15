"""What people decide about mail that comes in: rules, what the filter may do, and why a message is where it is."""
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, SCREEN, STAYING, Opener, letter, sign_in
from tests.browser.test_webmail import overflow
from tests.lab.waiting import until
from tests.serving import Server


@pytest.fixture(autouse=True)
def no_rules(server: Server) -> None:
    """Whatever rules there were are gone."""
    for rule in server.json("rule", "list", "demo"):
        server.command("rule", "remove", "demo", str(rule["id"]))


def account(opened: Opener, size: tuple[int, int], page: str) -> Page:
    """A page of the account, signed in."""
    shown = opened(size)
    shown.goto(f"/account/#{page}")
    shown.get_by_label("Account or address").fill("demo")
    shown.get_by_label("Password").fill("pillarbox")
    shown.get_by_role("button", name="Sign in").click()
    expect(shown.get_by_role("heading", name=page.capitalize(), exact=True)).to_be_visible()
    return shown


def test_rules_from_first_to_last(opened: Opener, server: Server) -> None:
    """Written after a mistake was said, tried, put in order, changed, switched off and forgotten."""
    server.send(letter("to be tried"))
    page = account(opened, SCREEN, "rules")
    page.get_by_role("button", name="New rule").click()
    form = page.get_by_role("dialog")
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_role("alert")).to_contain_text("needs a condition")
    form.get_by_label("From", exact=True).fill("carla@*")
    form.get_by_label("Always accept it").check()
    expect(form.get_by_text("Anybody may write such names")).to_be_visible()
    form.get_by_label("Verified domain").fill("example.net")
    expect(form.get_by_text("Anybody may write such names")).to_be_hidden()
    form.get_by_label("Verified domain").fill("")
    form.get_by_role("button", name="Try it on stored mail").click()
    expect(form.get_by_role("status")).to_contain_text("of the newest")
    expect(form.get_by_role("cell", name="to be tried").first).to_be_visible()
    form.get_by_label("File into").select_option("Archive")
    form.get_by_label("Keywords").fill("sea  harbour")
    form.get_by_role("button", name="Save").click()
    expect(page.get_by_role("listitem")).to_contain_text("From is carla@*: file into Archive, mark it harbour, sea, always accept it.")

    page.get_by_role("button", name="New rule").click()
    form.get_by_text("More conditions").click()
    form.get_by_label("Header fields").fill("Subject: *tried*\nX-Tag")
    form.get_by_label("Name").fill("Second")
    form.get_by_label("Flag it").check()
    form.get_by_role("button", name="Save").click()
    expect(page.get_by_role("listitem").nth(1)).to_contain_text("If subject is *tried* and x-tag is *: flag it.")
    page.get_by_role("button", name="Look at Second earlier").click()
    expect(page.get_by_role("listitem").first).to_contain_text("Second")
    page.get_by_role("button", name="Try them on stored mail").click()
    expect(page.get_by_role("cell", name="From carla@*").first).to_be_visible()

    page.get_by_role("button", name="Second", exact=True).click()
    expect(form.get_by_label("Header fields")).to_have_value("subject: *tried*\nx-tag: *")
    form.get_by_label("Use this rule").uncheck()
    form.get_by_role("button", name="Save").click()
    expect(page.get_by_role("listitem").first).to_contain_text("not used")
    page.get_by_role("button", name="Remove Second").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove", exact=True).click()
    expect(page.get_by_role("listitem")).to_have_count(1)
    assert [rule["name"] for rule in server.json("rule", "list", "demo")] == ["From carla@*"]


def test_a_rule_whose_mailbox_is_gone(opened: Opener, server: Server) -> None:
    """Told before the mailbox is removed, marked afterwards, and mended by choosing another one."""
    page = opened(SCREEN)
    page.goto("/webmail/")
    sign_in(page)
    page.get_by_role("button", name="New mailbox").click()
    page.get_by_role("dialog").get_by_role("textbox").fill("Shops")
    page.get_by_role("dialog").get_by_role("textbox").press("Enter")
    expect(page.get_by_role("heading", name="Shops")).to_be_visible()
    server.command("rule", "add", "demo", "--from", "*@shop.example", "--file", "Shops", "--name", "Shopping")
    page.get_by_role("navigation").get_by_role("button", name="Shops").first.dblclick()
    page.get_by_role("button", name="Remove…").click()
    expect(page.get_by_role("dialog")).to_contain_text("The rule “Shopping” will file nowhere")
    page.get_by_role("dialog").get_by_role("button", name="Remove", exact=True).click()
    expect(page.get_by_role("button", name="Shops")).to_have_count(0)

    page.goto("/account/#rules")
    rule = page.get_by_role("listitem")
    expect(rule).to_contain_text("its mailbox is gone")
    expect(rule).to_contain_text("leave it where it goes, since the mailbox Shops is gone")
    page.get_by_role("button", name="Shopping", exact=True).click()
    form = page.get_by_role("dialog")
    expect(form.get_by_label("File into").locator("option:checked")).to_have_text("Shops (is gone)")
    form.get_by_label("Flag it").check()
    form.get_by_role("button", name="Save").click()
    expect(rule).to_contain_text("flag it")
    expect(rule).to_contain_text("its mailbox is gone")
    page.get_by_role("button", name="Shopping", exact=True).click()
    form.get_by_label("File into").select_option("Archive")
    form.get_by_role("button", name="Save").click()
    expect(rule).to_contain_text("file into Archive")
    expect(rule).not_to_contain_text("gone")


def test_choices_about_junk(opened: Opener, server: Server) -> None:
    """Kept, and there when one comes back."""
    page = account(opened, SCREEN, "junk")
    expect(page.get_by_text("Too few yet to judge mail by its words")).to_be_visible()
    page.get_by_label("Words make junk from, %").fill("75.5")
    page.get_by_label("Let refused people in").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Words make junk from, %")).to_have_value("75.5")
    [shown] = server.json("account", "show", "demo")
    assert (shown["threshold"], shown["subject_pass"], shown["junk_filter"]) == (0.755, True, True)


def test_on_a_phone(opened: Opener, server: Server) -> None:
    """Every page and the form fit the screen."""
    page = account(opened, PHONE, "rules")
    server.command("rule", "add", "demo", "--header", f"X-Very-Long-Name: *{'long' * 40}*", "--mark", "x", "--name", "wide" * 40)
    page.reload()
    expect(page.get_by_role("listitem")).to_be_visible()
    assert overflow(page) <= 0
    page.get_by_role("button", name="widewide").first.click()
    box = page.get_by_role("dialog").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE[0]
    assert page.get_by_role("dialog").evaluate("box => box.scrollWidth <= box.clientWidth")
    page.get_by_role("button", name="Close").click()
    for name in ("junk", "account"):
        page.evaluate("place => { location.hash = place; }", name)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert overflow(page) <= 0, name


def test_why_is_this_here(opened: Opener, server: Server) -> None:
    """Who it is from and what counted stands with the message, and a rule can be made from there."""
    server.send(letter("why here", "List-Id: Talk <talk.lists.example.net>\r\n"))
    page = opened(PHONE)
    page.goto("/webmail/")
    sign_in(page)
    page.locator(".row", has_text="why here").first.click()
    why = page.locator(".why")
    expect(why.get_by_text("The sender is not proven")).to_be_visible()
    why.get_by_text("Why is this here?").click()
    expect(why.get_by_text("anybody may have written that name")).to_be_visible()
    expect(why.locator(".reasons li").first).to_be_visible()
    expect(why.get_by_role("list", name="Checks")).to_contain_text("SPF")
    assert overflow(page) <= 0
    why.get_by_role("button", name="Make a rule from this message").click()
    page.get_by_role("dialog").get_by_role("button", name="From carla@example.net").click()
    form = page.get_by_role("dialog", name="New rule")
    expect(form.get_by_label("From", exact=True)).to_have_value("carla@example.net")
    form.get_by_label("File into").select_option("Archive")
    form.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The rule is there")).to_be_visible()
    assert [rule["file"] for rule in server.json("rule", "list", "demo")] == ["Archive"]

    server.send(letter("by the rule"))
    [filed] = [one for one in server.json("message", "list", "demo", "Archive") if one["subject"] == "by the rule"]
    page.goto(f"/webmail/#search/subject%3Arule/{filed['id']}")
    page.locator(".why summary").click()
    expect(page.locator(".why .reasons")).to_contain_text("Your rule “From carla@example.net” fits.")


def test_junk_and_back(page: Page, server: Server) -> None:
    """What is in Junk can only be called good, wherever it is seen; undone, nothing is left of it."""
    server.send(letter("no junk at all"))
    row = page.locator(".row", has_text="no junk at all")
    page.evaluate(STAYING)
    row.click()
    page.get_by_role("toolbar", name="Message actions").get_by_role("button", name="Junk", exact=True).click()
    expect(page.get_by_text("moved to Junk; the filter learns from that")).to_be_visible()
    expect(row).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(row).to_be_visible()
    [found] = [one for one in server.json("message", "list", "demo", "Inbox") if one["subject"] == "no junk at all"]
    assert "$Junk" not in found["flags"]

    row.get_by_role("checkbox").check()
    page.get_by_role("toolbar", name="Actions on selected messages").get_by_role("button", name="Junk", exact=True).click()
    until(lambda: server.json("search", "demo", "subject:junk", "in:junk"), why="the message is indexed")
    page.get_by_label("Search mail").fill("subject:junk in:junk")
    page.get_by_label("Search mail").press("Enter")
    row.click()
    page.get_by_role("toolbar", name="Message actions").get_by_role("button", name="Not junk").click()
    expect(page.get_by_text("moved to Inbox; the filter learns from that")).to_be_visible()
    [found] = [one for one in server.json("message", "list", "demo", "Inbox") if one["subject"] == "no junk at all"]
    assert "$NotJunk" in found["flags"]
