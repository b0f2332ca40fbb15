"""The pages in a real browser: Chromium signs in, reads what Postfix sent, answers, and sees new mail come by itself."""
import smtplib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.chromium import NEEDED
from tests.lab import chromium
from tests.lab.chromium import sign_in
from tests.lab.conftest import US
from tests.lab.postfix import Postfix
from tests.lab.server import PASSWORD, Pillarbox
from tests.lab.waiting import until
from tests.lab.writing import letter

pytestmark = NEEDED


@pytest.fixture(scope="module")
def browser(us: Pillarbox) -> Iterator[Browser]:
    """A headless Chromium inside the namespace."""
    with chromium.launched(us.space) as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh page; any error that a script or the policy reports fails the test."""
    with chromium.watched(browser) as page:
        yield page


def test_read_answer_and_see_new_mail(page: Page, us: Pillarbox, them: Postfix, tmp_path: Path) -> None:
    """The whole way: Postfix to the screen, an answer to Postfix, and new mail on the screen without a reload."""
    them.sendmail("carl@them.test", "ann@us.test", message=letter("for the screen", "Carl <carl@them.test>", "ann@us.test", b"Read me.\n"))
    us.wait_for("ann", "for the screen")
    sign_in(page, "ann")
    page.get_by_text("for the screen").first.click()
    expect(page.locator(".view .text")).to_contain_text("Read me.")
    page.screenshot(path=str(tmp_path / "read.png"))

    page.get_by_role("button", name="Reply (r)").click()
    page.locator(".compose [name=text]").press_sequentially("token-of-an-answer ")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("Sent.")).to_be_visible()
    answer = them.wait_for(b"token-of-an-answer").decode()
    assert "Subject: Re: for the screen" in answer
    assert "In-Reply-To: <" in answer
    assert "> Read me." in answer

    them.sendmail("carl@them.test", "ann@us.test", message=letter("by itself", "carl@them.test", "ann@us.test"))
    us.wait_for("ann", "by itself")
    begun = time.monotonic()
    expect(page.get_by_text("by itself").first).to_be_visible(timeout=5_000)
    assert time.monotonic() - begun < 5


def test_html_is_harmless(page: Page, us: Pillarbox, them: Postfix) -> None:
    """Scripts do not run, nothing is fetched from outside, text comes first."""
    message = (b"From: carl@them.test\nTo: ann@us.test\nSubject: formatted\nMIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n"
               b'<p>Formatted <b>words</b><img src="http://127.0.0.20/spy.png"><script>document.title="owned"</script>'
               b'<a href="javascript:alert(1)">x</a></p>\n')
    them.sendmail("carl@them.test", "ann@us.test", message=message)
    us.wait_for("ann", "formatted")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    sign_in(page, "ann")
    page.get_by_text("formatted").first.click()
    page.get_by_role("button", name="Formatted", exact=True).click()
    expect(page.frame_locator("iframe").get_by_text("words")).to_be_visible()

    assert all(url.startswith(f"https://{US}/") for url in asked), asked
    assert "owned" not in page.title()


def test_flag_archive_search_and_delete(page: Page, us: Pillarbox, them: Postfix) -> None:
    """What one does with mail every day."""
    for subject in ("first of three", "second of three", "third of three"):
        them.sendmail("carl@them.test", "bob@us.test", message=letter(subject, "carl@them.test", "bob@us.test", b"a rare word: quokka\n"))
        us.wait_for("bob", subject)
    sign_in(page, "bob")
    row = page.locator(".row", has_text="second of three")
    row.get_by_role("button", name="Flag").click()
    expect(row.get_by_role("button", name="Remove flag")).to_be_visible()
    page.locator(".row", has_text="first of three").get_by_role("checkbox").check()
    page.get_by_role("toolbar", name="Actions on selected messages").get_by_role("button", name="Archive").click()
    expect(page.locator(".row", has_text="first of three")).to_have_count(0)
    page.locator(".row", has_text="third of three").click()
    page.keyboard.press("#")
    expect(page.locator(".row", has_text="third of three")).to_have_count(0)
    page.locator(".sidebar").get_by_text("Archive").click()
    expect(page.locator(".row", has_text="first of three")).to_be_visible()
    page.get_by_label("Search mail").fill("quokka")
    page.keyboard.press("Enter")
    expect(page.locator(".row", has_text="second of three")).to_be_visible()


def test_the_administration(page: Page, us: Pillarbox, them: Postfix) -> None:
    """Every page of the administration shows what it is about."""
    them.sendmail("carl@them.test", "ann@us.test", message=letter("to be traced", "carl@them.test", "ann@us.test"))
    us.wait_for("ann", "to be traced")
    us.command("password", "set", "--admin", stdin=PASSWORD)
    page.goto(f"https://{US}/admin/")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Processes")).to_be_visible()
    page.locator("summary", has_text="are ready").click()
    expect(page.get_by_text("acceptor").first).to_be_visible()
    page.get_by_role("link", name="Domains", exact=True).click()
    page.get_by_role("link", name="us.test").click()
    expect(page.get_by_text("v=DKIM1").first).to_be_visible()
    page.get_by_role("link", name="Accounts", exact=True).click()
    page.get_by_role("link", name="ann", exact=True).click()
    expect(page.get_by_role("cell", name="ann@us.test", exact=True)).to_be_visible()
    page.get_by_role("link", name="Queue").click()
    expect(page.get_by_role("heading", name="Queue")).to_be_visible()
    page.get_by_role("link", name="Message trace").click()
    page.get_by_placeholder("address, Message-ID").fill("ann@us.test")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("table").get_by_text("ann@us.test").first).to_be_visible()
    with smtplib.SMTP(US, 25, timeout=30) as client, pytest.raises(smtplib.SMTPRecipientsRefused):
        client.sendmail("carl@them.test", ["nobody@us.test"], b"")
    page.get_by_placeholder("address, Message-ID").fill("nobody@us.test")
    refused = page.locator("tr", has_text="nobody@us.test")

    def found() -> bool:
        page.get_by_role("button", name="Search").click()
        return refused.count() > 0

    until(found, 60, "the refusal in the trace")
    expect(refused.first).to_contain_text("refused")
    refused.first.get_by_role("link").click()
    expect(page.get_by_text("A recipient was refused.")).to_be_visible()
    expect(page.locator(".steps")).to_contain_text("5.1.1")
