"""What is said while a dialog is open is seen, heard and can be answered there; and stays when the dialog ends."""
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, SCREEN, letter
from tests.browser.test_away import accessible
from tests.serving import Server

#: Whether the middle of a notice is what one would click on.
ON_TOP = """(one) => {
  const box = one.getBoundingClientRect();
  return one.contains(document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2));
}"""


def test_a_mistake_in_a_dialog(page: Page, server: Server) -> None:
    """Over the dialog, read out, dismissed by keyboard; it is left behind on the page when the dialog ends."""
    page.get_by_role("button", name="Contacts").click()
    page.get_by_role("button", name="New contact").click()
    form = page.get_by_role("dialog", name="New contact")
    form.get_by_label("Addresses").fill("not an address")
    form.get_by_role("button", name="Save").click()
    said = form.locator(".notice")
    expect(said).to_be_visible()
    assert said.evaluate(ON_TOP)
    assert said.evaluate("(one) => one.closest('[aria-live]').getAttribute('aria-live')") == "polite"
    assert accessible(page) == []
    form.get_by_role("button", name="Dismiss").press("Enter")
    expect(said).to_have_count(0)
    expect(form.get_by_role("button", name="Save")).to_be_focused()
    page.keyboard.press("Enter")
    expect(said).to_be_visible()
    page.keyboard.press("Escape")
    expect(form).to_have_count(0)
    left = page.get_by_role("dialog", name="Contacts").locator(".notice")
    expect(left).to_be_visible()
    assert left.evaluate(ON_TOP)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("status").locator(".notice")).to_be_visible()
    assert server.json("contacts", "list", "demo") == []


def test_undone_by_a_key(page: Page, server: Server) -> None:
    """What was just done, without the way to the button; not where single keys are no commands."""
    server.send(letter("undone by z"))
    row = page.locator(".row", has_text="undone by z")
    row.click()
    page.keyboard.press("e")
    expect(row).to_have_count(0)
    expect(page.get_by_role("button", name="Undo")).to_have_attribute("title", "Undo (z)")
    page.keyboard.press("z")
    expect(row).to_be_visible()
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)
    page.get_by_role("button", name="View", exact=True).click()
    page.get_by_label("Single keys are commands").uncheck()
    page.keyboard.press("Escape")
    row.click()
    for key in ("e", "c", "?", "#"):
        page.keyboard.press(key)
    page.keyboard.press("ArrowDown")
    expect(row).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator(".compose")).to_have_count(0)
    page.get_by_role("button", name="View", exact=True).click()
    with page.expect_response("**/display_keep"):
        page.get_by_label("Single keys are commands").check()


def test_a_question_that_was_declined(page: Page) -> None:
    """Whoever thinks better of sending is back at the button, which rests while the question is asked, on a telephone too."""
    for width, height in (SCREEN, PHONE):
        page.set_viewport_size({"width": width, "height": height})
        page.keyboard.press("c")
        page.get_by_label("To", exact=True).fill("carla@example.net")
        page.get_by_label("Subject").fill("The plan")
        page.get_by_role("textbox", name="Message").fill("It is attached.")
        page.get_by_role("button", name="Send", exact=True).click()
        expect(page.get_by_role("dialog", name="Are you sure?")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("button", name="Send", exact=True)).to_be_focused()
        page.get_by_role("button", name="Discard").click()
        page.get_by_role("dialog").get_by_role("button", name="Discard").click()
        expect(page.locator(".compose")).to_have_count(0)
