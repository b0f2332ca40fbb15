"""An account with mail of every kind: long names, many labels and recipients, threads, HTML, files, other ways of writing."""
import time

from tests.browser.plausible import LONG_ADDRESS, LONG_NAME, LONG_SUBJECT, Caller
from tests.browser.test_writing import DOT
from tests.serving import Server

HEBREW = "\u05e9\u05dc\u05d5\u05dd"
ARABIC_NAME = "\u0644\u064a\u0644\u0649 \u062d\u0633\u0646"
ARABIC = "\u0645\u0648\u0639\u062f \u0627\u0644\u0627\u062c\u062a\u0645\u0627\u0639 (12:30)"
ARABIC_TEXT = (
    "\u0645\u0631\u062d\u0628\u0627\u060c\n\n\u0646\u0644\u062a\u0642\u064a \u064a\u0648\u0645 "
    "\u0627\u0644\u062e\u0645\u064a\u0633 \u0641\u064a Harbour 1.\n"
    "See you there, at 12:30.\n\n> \u0645\u062a\u0649 \u0646\u0644\u062a\u0642\u064a\u061f\n> When do we meet?\n\nhttps://example.org/plan\n")
#: Turns around what follows: without care "invoice_fdp.exe" is read as "invoice_exe.pdf", and the time beside it backwards.
TURNED = "Invoice\u202egpj.exe\u2067 paid"
LABELS = ("work", "home", "urgent", "holidays-2026", "the-garden-of-the-benevolent-society", "taxes", "to-be-answered", "$label2")
WORDS = "Thank you for the plan. I have looked at it, and there are three things that we should talk about before the meeting on Thursday. "


def _letter(subject: str, text: str = WORDS, *, sender: str = "Carla Night <carla@example.net>", more: str = "") -> bytes:
    kind = "" if "Content-Type" in more else "Content-Type: text/plain; charset=utf-8\r\n"
    head = f"From: {sender}\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\n{kind}{more}"
    return (head + ("" if "\r\nTo:" in head else "To: demo@localhost\r\n") + f"\r\n{text}\r\n").encode()


FORMATTED = f"""\
--b
Content-Type: multipart/related; boundary=c

--c
Content-Type: text/html; charset=utf-8

<h1>News of the harbour</h1><table><tr><td><img src="cid:dot@x" alt="a dot" width="60" height="60"></td>
<td><p>The <b>new pier</b> is open; <a href="https://elsewhere.example/pier">read more</a>.</p>
<ul><li>Tea</li><li>Coffee</li></ul></td></tr></table>
<script>document.title = 'broken'</script><img src="https://spy.example/p.gif" alt="our logo"><div style="display:none">hidden words</div>
--c
Content-Type: image/png; name=dot.png
Content-ID: <dot@x>
Content-Disposition: inline
Content-Transfer-Encoding: base64

{DOT}
--c--
--b
Content-Type: application/pdf; name="minutes of the extraordinary general meeting, second draft with remarks.pdf"
Content-Transfer-Encoding: base64

JVBERi0=
--b
Content-Type: text/plain; name="{HEBREW} gpj.txt"

a list
--b
Content-Type: text/calendar; method=REQUEST; name=meeting.ics

BEGIN:VCALENDAR
METHOD:REQUEST
BEGIN:VEVENT
UID:1@x
SUMMARY:General meeting
LOCATION:Harbour 1
DTSTART:20300101T120000Z
DTEND:20300101T133000Z
ORGANIZER;CN=Carla Night:mailto:carla@example.net
ATTENDEE:mailto:demo@localhost
END:VEVENT
END:VCALENDAR
--b--
"""


def fill(server: Server, webmail: Caller) -> None:
    """Deliver it all."""
    forty = ", ".join(f"Member Number {number} <member{number}@a-domain-with-a-long-name-{number % 7}.example>" for number in range(40))
    carla, long, laila = "Carla Night <carla@example.net>", f'"{LONG_NAME}" <{LONG_ADDRESS}>', f"{ARABIC_NAME} <laila@example.net>"
    for number, who in enumerate((carla, long, "demo@localhost", laila)):
        thread = f"Message-ID: <talk{number}@x.example>\r\n" + ("References: <talk0@x.example>\r\n" if number else "")
        text = f"{WORDS}\r\n\r\n> {WORDS}\r\n> once more\r\n\r\n-- \r\nCarla"
        server.send(_letter("Re: The plan" if number else "The plan", text, sender=who, more=thread))
    server.send(_letter(LONG_SUBJECT, WORDS * 12, sender=long, more=f"To: demo@localhost, {forty}\r\nCc: {forty}\r\n"))
    server.send(_letter("News of the harbour", FORMATTED.replace("\n", "\r\n"), sender="Harbour <news@harbour.example>", more=(
        "Content-Type: multipart/mixed; boundary=b\r\nList-Id: <news.harbour.example>\r\n"
        "List-Unsubscribe: <mailto:leave@harbour.example>\r\n")))
    server.send(_letter(ARABIC, ARABIC_TEXT.replace("\n", "\r\n"), sender=laila,
                        more=f"To: demo@localhost, {HEBREW} <shalom@example.net>, Bob <bob@example.net>\r\n"))
    server.send(_letter(TURNED, f"Nothing {TURNED}\r\nand here it goes on.", sender="Eve\u202e evE <eve@example.net>"))
    for number in range(6):
        server.send(_letter(f"Note {number}", "Good day.", sender=f"Person {number} <person{number}@example.net>"))

    inbox = next(one["id"] for one in webmail("mailboxes") if one["role"] == "inbox")
    for name in ("Clients", "Clients/Blue Lorry Company of the River and Harbour", HEBREW, "Nothing yet"):
        webmail("mailbox_add", name=name)
    rows = webmail("page", mailbox_id=inbox)["messages"]
    found = {row["subject"]: row["id"] for row in reversed(rows)}
    webmail("flags", ids=[found[LONG_SUBJECT]], add=[*LABELS, "\\Flagged"], remove=[])
    webmail("flags", ids=[found["Note 3"], found["Note 4"]], add=["work", "\\Seen", "\\Answered"], remove=[])
    people = (("Carla Night", "carla@example.net"), (LONG_NAME.replace(",", "\\,"), LONG_ADDRESS), (ARABIC_NAME, "laila@example.net"),
              (HEBREW, "shalom@example.net"))
    webmail("contacts_import", text="".join(
        f"BEGIN:VCARD\nVERSION:3.0\nUID:{number}\nFN:{name}\nEMAIL:{address}\nCATEGORIES:pilots\nEND:VCARD\n"
        for number, (name, address) in enumerate(people)))
    for at in (3_600, 90_000):
        webmail("send", at=time.time() + at, draft={**webmail("compose"), "to": carla, "subject": f"Later {at}", "text": "Hello."})
