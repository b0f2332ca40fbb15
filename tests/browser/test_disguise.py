"""Mails made to run, load or send something: none does, in the frame where their reader sees them."""
import json
import smtplib
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Dialog, Page, Request, expect

from tests.browser.conftest import letter
from tests.message.vectors import need
from tests.serving import Server

HTML = "MIME-Version: 1.0\r\nContent-Type: text/html"
#: What would be seen if it ran: it changes the title, speaks, asks, or leaves the frame.
OURS = [
    "<img src=x onerror=\"top.document.title='ran'\">", "<svg/onload=alert(1)>", "<script>parent.document.title='ran'</script>",
    "<iframe srcdoc=\"<script>top.document.title='ran'</script>\"></iframe>", "<meta http-equiv=refresh content='0;url=https://out.example/'>",
    "<form action=https://out.example/><input name=a autofocus onfocus=this.form.submit()></form>",
    "<base href=https://out.example/><img src=a.gif>",
    "<link rel=stylesheet href=https://out.example/a.css>",
    "<style>@import url(https://out.example/b.css);</style>",
    "<p style=\"background:url(https://out.example/c.png)\">x</p>", "<video src=https://out.example/v poster=https://out.example/p></video>",
    "<object data=https://out.example/o></object>",
    "<embed src=https://out.example/e>", "<a href=\"javascript:top.document.title='ran'\">x</a>",
    "<img srcset='https://out.example/s 1x'>", "<table background=https://out.example/t><tr><td>x</table>", "<input type=image src=https://out.example/i>",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "<a href=https://out.example/ ping=https://out.example/ping target=_top>x</a>",
]


def attacks() -> list[str]:
    """Those of the suites of DOMPurify and bleach, and our own."""
    known = [case["payload"] for case in json.loads((need("html-dompurify") / "cases.json").read_text())]
    known += [path.read_text().partition("--")[0] for path in sorted(need("html-bleach").glob("*.test"))]
    return known + OURS


def mails(payloads: list[str]) -> Iterator[bytes]:
    """One message for each, base64 since they are not made of lines."""
    for number, payload in enumerate(payloads):
        body = payload.encode("utf-8", "replace").hex(" ").upper().split(" ")
        lines = "=\r\n".join("".join(f"={octet}" for octet in body[at:at + 24]) for at in range(0, len(body), 24))
        yield letter(f"attack {number:03}", f"{HTML}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n", lines)


def test_no_attack_comes_through(page: Page, server: Server) -> None:
    """Over a hundred mails, with and without what is elsewhere: no script, no request that leaves, no way out of the frame."""
    payloads = attacks()
    assert len(payloads) > 100
    with smtplib.SMTP("127.0.0.1", server.smtp) as smtp:
        for mail in mails(payloads):
            smtp.sendmail("x@example.net", ["demo@localhost"], mail)
    noted: list[str] = []
    here = urlsplit(page.url).netloc
    asked: list[str] = []

    def requested(request: Request) -> None:
        if urlsplit(request.url).scheme in ("http", "https") and urlsplit(request.url).netloc != here:
            asked.append(request.url)

    def spoke(dialog: Dialog) -> None:
        noted.append(dialog.message)
        dialog.dismiss()

    page.context.on("request", requested)
    page.on("dialog", spoke)
    page.context.on("page", lambda other: noted.append(f"opened {other.url}"))
    page.context.route(lambda url: urlsplit(url).netloc != here, lambda route: route.abort())
    ids = page.evaluate("""async () => {
        const state = await fetch('/api/webmail/state', {method: 'POST', headers: {'Content-Type': 'application/json'}, body: '{}'});
        const token = (await state.json()).result.csrf;
        const ask = async (name, args) => (await (await fetch('/api/webmail/' + name, {method: 'POST', body: JSON.stringify(args),
            headers: {'Content-Type': 'application/json', 'X-Pillarbox-Csrf': token}})).json()).result;
        const inbox = (await ask('mailboxes', {})).find((one) => one.role === 'inbox');
        const pages = await Promise.all([0, 1].map((at) => ask('page', {mailbox_id: inbox.id, skip: 200 * at, limit: 200})));
        return pages.flatMap((one) => one.messages).filter((one) => one.subject.startsWith('attack')).map((one) => one.id);
    }""")
    assert len(ids) == len(payloads)
    title = page.title()
    for form in ("html", "outside"):
        for start in range(0, len(ids), 25):
            # As the page does it, twenty-five at a time: a frame with the sandbox of the page, and the policy of the server.
            page.evaluate("""async ([ids, form]) => {
                const place = document.body.appendChild(document.createElement('div'));
                await Promise.all(ids.map((id) => new Promise((done) => {
                    const frame = document.createElement('iframe');
                    frame.setAttribute('sandbox', 'allow-popups allow-popups-to-escape-sandbox');
                    frame.onload = done;
                    frame.src = `/webmail/message/${id}/${form}`;
                    place.append(frame);
                })));
                await new Promise((done) => setTimeout(done, 150));
                place.remove();
            }""", [ids[start:start + 25], form])
        if form == "html":
            assert asked == [], "a request left although nobody had asked for it"
    assert noted == []
    assert page.title() == title
    # With what is elsewhere, pictures are asked for, and nothing else.
    assert not [url for url in asked if url.endswith((".css", "/ping", "/e", "/o", "/v", "/p"))]
    expect(page.get_by_role("heading", name="Inbox")).to_be_visible()


@pytest.mark.parametrize("form", ["html", "outside"])
def test_alone_it_is_no_page_either(page: Page, server: Server, form: str) -> None:
    """Opened as a page of its own, the document has no origin and runs nothing."""
    server.send(letter(f"alone {form}", f"{HTML}\r\n", "<b>alone</b><script>document.title='ran'</script>"))
    page.locator(".row", has_text=f"alone {form}").click()
    number = page.evaluate("location.hash").rpartition("/")[2]    # page.url may not have heard of it yet
    other = page.context.new_page()
    other.goto(f"/webmail/message/{number}/{form}")
    expect(other.locator("b")).to_have_text("alone")
    assert other.evaluate("() => self.origin") == "null"
    assert other.title() == ""
