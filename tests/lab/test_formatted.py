"""A formatted letter: written in Chromium with a file and a picture, sent to a Postfix, read there by Python's parser, and answered."""
import base64
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import ClassVar

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from tests.chromium import NEEDED
from tests.lab import chromium
from tests.lab.chromium import sign_in
from tests.lab.postfix import Postfix
from tests.lab.server import Pillarbox

pytestmark = NEEDED
DOT = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d4944415478da63fccfc050cf0000048101808ce1a2cd"
                    "0000000049454e44ae426082")
PASTE = """([dot]) => {
  const octets = Uint8Array.from(atob(dot), (one) => one.charCodeAt(0));
  const data = new DataTransfer();
  data.items.add(new File([octets], "dot.png", { type: "image/png" }));
  const paste = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
  document.querySelector(".compose .page").dispatchEvent(paste);
}"""


class Elements(HTMLParser):
    """What a document is made of."""

    #: All that an editor of ours may leave in a letter, with its attributes.
    USUAL: ClassVar[dict[str, set[str]]] = {
        **{name: set() for name in ("html", "head", "body", "p", "br", "b", "i", "ul", "li", "div", "blockquote")},
        "meta": {"charset", "http-equiv", "content"}, "img": {"src", "alt"}, "a": {"href"}}

    def __init__(self, text: str) -> None:
        super().__init__()
        self.pictures: list[str] = []
        self.strange: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """One element."""
        names = {name for name, _ in attrs}
        if tag not in self.USUAL or not names <= self.USUAL[tag]:
            self.strange.append(f"{tag} {attrs}")
        self.pictures += [value or "" for name, value in attrs if tag == "img" and name == "src"]


@pytest.fixture(scope="module")
def browser(us: Pillarbox) -> Iterator[Browser]:
    """A headless Chromium inside the namespace."""
    with chromium.launched(us.space) as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """The webmail of ann."""
    with chromium.watched(browser) as page:
        sign_in(page, "ann")
        yield page


def parsed(octets: bytes) -> EmailMessage:
    """A message; what Python finds wrong with any part of it fails the test."""
    read = message_from_bytes(octets, policy=policy.default)
    assert isinstance(read, EmailMessage)
    assert [part.defects for part in read.walk() if part.defects] == []
    return read


def kinds(part: EmailMessage) -> object:
    """The tree of types."""
    own = part.get_content_type()
    return {own: [kinds(one) for one in part.iter_parts() if isinstance(one, EmailMessage)]} if part.is_multipart() else own


def body(read: EmailMessage, kind: str) -> str:
    """The text in one of its forms."""
    found = read.get_body((kind,))
    assert found is not None, kind
    return str(found.get_content())


def test_a_formatted_letter_and_its_answer(page: Page, us: Pillarbox, them: Postfix) -> None:
    """Text beside HTML, the picture where the HTML has it, the file apart; nothing of the editor stays; answers belong together."""
    page.get_by_role("button", name="Write", exact=True).click()
    page.get_by_label("To", exact=True).fill("Carl <carl@them.test>")
    page.get_by_label("Subject").fill("Grüße, formatted")
    page.get_by_role("button", name="Formatted text").click()
    text = page.locator(".compose .page")
    text.press_sequentially("Good ")
    text.press("Control+b")
    text.press_sequentially("dæy")
    text.press("Control+b")
    text.press("Enter")
    text.press_sequentially("token-of-a-letter & <more>")
    text.press("Enter")
    page.evaluate(PASTE, [base64.b64encode(DOT).decode()])
    page.locator(".compose input[type=file]").set_input_files([FilePayload(name="plän.txt", mimeType="text/plain", buffer=b"the plan\r\n")])
    expect(page.locator(".compose .attachments li")).to_have_count(2)
    expect(page.locator(".compose progress")).to_have_count(0)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("Sent.")).to_be_visible()

    sent = parsed(them.wait_for(b"token-of-a-letter"))
    assert kinds(sent) == {"multipart/mixed": [
        {"multipart/alternative": ["text/plain", {"multipart/related": ["text/html", "image/png"]}]}, "text/plain"]}
    assert body(sent, "plain").split() == ["Good", "dæy", "token-of-a-letter", "&", "<more>", "dot.png"]     # what the picture is called
    document = Elements(body(sent, "html"))
    assert document.strange == []
    [picture] = [part for part in sent.walk() if part.get_content_type() == "image/png"]
    assert document.pictures == [f"cid:{str(picture['Content-ID']).strip('<>')}"]
    assert (picture.get_content(), picture.get_content_disposition()) == (DOT, "inline")
    [file] = sent.iter_attachments()
    assert (file.get_filename(), file.get_content_disposition()) == ("plän.txt", "attachment")
    assert file.get_payload(decode=True) == b"the plan\n"     # a mailbox in a folder has such line ends
    assert sent["Bcc"] is None

    answer = ("From: Carl <carl@them.test>\nTo: ann@us.test\nSubject: Re: =?utf-8?q?Gr=C3=BC=C3=9Fe=2C_formatted?=\n"
              f"Message-ID: <answer@them.test>\nIn-Reply-To: {sent['Message-ID']}\nReferences: {sent['Message-ID']}\n"
              "MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n"
              "<p>Thank <i>you</i>.</p>\n").encode()
    them.sendmail("carl@them.test", "ann@us.test", message=answer)
    page.locator(".row", has_text="Re: Grüße, formatted").click()
    page.get_by_role("button", name="Reply (r)").click()
    expect(page.get_by_label("Subject")).to_have_value("Re: Grüße, formatted")
    if not page.locator(".compose .page").is_visible():
        page.get_by_role("button", name="Formatted text").click()
    expect(page.locator(".compose .page blockquote")).to_contain_text("Thank you.")
    page.locator(".compose .page").press("Control+Home")
    page.locator(".compose .page").press_sequentially("token-of-the-last-word")
    page.get_by_role("button", name="Send", exact=True).click()
    last = parsed(them.wait_for(b"token-of-the-last-word"))
    assert kinds(last) == {"multipart/alternative": ["text/plain", "text/html"]}
    assert last["In-Reply-To"] == "<answer@them.test>"
    assert str(last["References"]).split() == [str(sent["Message-ID"]), "<answer@them.test>"]
    assert last["Subject"] == "Re: Grüße, formatted"
    assert "> Thank you." in body(last, "plain")
    assert Elements(body(last, "html")).strange == []
    threads = us.rows("SELECT DISTINCT thread_id FROM message JOIN message_detail ON message_id = id WHERE subject LIKE '%, formatted'")
    assert len(threads) == 1
