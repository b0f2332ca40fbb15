"""Two browsers and a delivering Postfix, 1,000 things done by chance: in the end both pages show what the database has.

A quarter is done with mouse and keyboard, the rest by the page's own elements, in both pages at
the same time.  TOGETHER_SEED chooses what is done; a failure names it.
"""
import contextlib
import os
import random
import smtplib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from playwright.sync_api import Error as Refused

from tests.chromium import NEEDED
from tests.lab import chromium
from tests.lab.conftest import THEM, US
from tests.lab.postfix import Postfix
from tests.lab.server import PASSWORD, Pillarbox
from tests.lab.shelves import Shelves
from tests.lab.waiting import until

pytestmark = NEEDED

SEED = int(os.environ.get("TOGETHER_SEED", "1"))
ROUNDS, BY_PAGE, BY_HAND = 10, 76, 24
DEEDS = (Path(__file__).parent / "deeds.js").read_text()
ACCOUNT = "twin"
#: What one page does, the other does not know yet: the server refuses what is about a mailbox or message that is gone.
EXPECTED = (*chromium.EXPECTED, "status of 400", "status of 404", "status of 409")


class Reader:
    """A page, and how it lists mail at the moment."""

    def __init__(self, page: Page, chance: random.Random) -> None:
        self.page, self.chance = page, chance
        self.order, self.threads = "newest", "off"
        self.done = 0
        page.set_default_timeout(1_000)

    def call(self, words: str) -> Any:
        """What a function of deeds.js answers."""
        return self.page.evaluate(f"{DEEDS}.{words}")

    def click(self, selector: str) -> bool:
        """With the mouse, on one of what is in sight; False if there is nothing."""
        places = self.page.evaluate(
            """selector => [...document.querySelectorAll(selector)].map(one => one.getBoundingClientRect())
                .filter(box => box.width && box.top >= 0 && box.bottom <= innerHeight)
                .map(box => [box.x + box.width / 2, box.y + box.height / 2])""", selector)
        if not places:
            return False
        self.page.mouse.click(*self.chance.choice(places))
        return True

    def press(self, key: str) -> None:
        """A key; what it asks is answered."""
        self.page.keyboard.press(key)
        self.click("dialog[open] .danger")

    def dialog(self, text: str) -> None:
        """Type into the dialog that is open, and confirm."""
        self.page.locator("dialog[open] input").first.fill(text, timeout=500)
        self.page.keyboard.press("Enter")

    def deed(self) -> None:
        """One thing by hand."""
        kinds: tuple[Callable[[], object], ...] = (
            self.open, self.open, self.select, self.select, self.switch, self.switch, self.move, self.label, self.undo, self.undo, self.new,
            self.rename, self.remove, self.view, self.search, self.draft, self.drag, self.read_all,
            *(lambda key=key: self.press(key) for key in ("j", "j", "k", "e", "#", "m", "s", "u", "n", "End", "PageDown")))
        with contextlib.suppress(Refused):      # what it was about may have gone to the other page
            self.chance.choice(kinds)()
            self.done += 1
        self.rest()

    def rest(self) -> None:
        """Nothing is asked or written any more."""
        for _ in range(20):
            if not self.page.locator("dialog[open], .compose:not([hidden])").count():
                return
            self.page.keyboard.press("Escape")
            self.page.wait_for_timeout(20)

    def open(self) -> None:
        """A message."""
        self.click(".list .row")

    def select(self) -> None:
        """Some messages, and do something with them."""
        for _ in range(self.chance.randrange(1, 4)):
            self.click(".row input[type=checkbox]")
        self.click(".tools:not([hidden]) button.button")
        self.click("dialog[open] .danger")

    def switch(self) -> None:
        """Another mailbox, mostly the Inbox."""
        self.click(self.chance.choice((".sidebar [data-role=inbox]", ".sidebar li > button:first-child")))

    def move(self) -> None:
        """By name."""
        self.click(".list .row")
        self.page.keyboard.press("v")
        self.dialog(self.chance.choice(("arch", "inb", "shelf", "trash")))

    def label(self) -> None:
        """Give a label."""
        self.click(".list .row")
        self.page.keyboard.press("l")
        self.page.get_by_label("New label").fill(self.chance.choice(("Work", "Home", "Blue")), timeout=500)
        self.page.keyboard.press("Enter")

    def undo(self) -> None:
        """What was done."""
        self.page.get_by_role("button", name="Undo").last.click(timeout=200)

    def new(self) -> None:
        """A mailbox."""
        self.page.get_by_role("button", name="New mailbox").click()
        self.dialog(f"Shelf {self.chance.randrange(5)}")

    def menu(self, word: str) -> None:
        """Choose from the menu of one of the mailboxes that were made here."""
        if self.click(".sidebar button[aria-label^='More for Shelf']"):
            self.page.locator("dialog[open] .choices button", has_text=word).click(timeout=200)

    def rename(self) -> None:
        """A mailbox."""
        self.menu("Rename")
        self.dialog(self.chance.choice(("Shelf ", "Shelf 0/")) + str(self.chance.randrange(5, 9)))

    def remove(self) -> None:
        """A mailbox with all in it."""
        self.menu("Remove")
        self.page.locator("dialog[open] .danger").click()

    def read_all(self) -> None:
        """Of a mailbox."""
        self.menu("read")

    def view(self) -> None:
        """Another layout, order or manner."""
        self.page.get_by_role("button", name="View", exact=True).click()
        choice = self.chance.randrange(3)
        if choice == 0:
            self.page.get_by_label("Layout").select_option(self.chance.choice(("auto", "beside", "below")))
        elif choice == 1:
            self.order = self.chance.choice(("newest", "newest", "oldest", "largest", "sender", "subject"))
            self.page.get_by_label("Order").select_option(self.order)
        else:
            self.threads = self.chance.choice(("off", "on", "unread"))
            self.page.get_by_label("Conversations").select_option(self.threads)

    def search(self) -> None:
        """For something."""
        self.page.keyboard.press("/")
        self.page.keyboard.type(self.chance.choice(("letter", "is:unread", "from:carl", "answer")))
        self.page.keyboard.press("Enter")
        self.page.keyboard.press("Escape")

    def draft(self) -> None:
        """Write something that is not sent."""
        self.page.keyboard.press("c")
        self.page.get_by_label("Subject").fill(f"draft {self.chance.randrange(100)}")
        self.page.get_by_role("button", name="Save as draft and close").click()

    def drag(self) -> None:
        """A message onto a mailbox."""
        box = self.page.locator(".sidebar li > button:first-child").nth(self.chance.randrange(5))
        self.page.locator(".list .row").first.drag_to(box)

    def wrong(self, server: Pillarbox) -> str:
        """In what the page differs from the database."""
        threads = self.threads != "off" and self.order == "newest"
        seen = self.call("seen()")
        searched = "newest" if seen["hash"].startswith("#search") else self.order
        return Shelves.look(server, ACCOUNT, searched).difference(seen, threads)


def write(number: int, chance: random.Random) -> bytes:
    """A letter, or an answer to one."""
    answered = chance.randrange(max(1, number))
    more = f"In-Reply-To: <{answered}@them.test>\nReferences: <{answered}@them.test>\n" if number > 5 and chance.random() < 0.5 else ""
    name, text = chance.choice(("Carl", "Dora", "Emil")), "Good day. " * chance.randrange(1, 40)
    return (f"From: {name} <carl@them.test>\nTo: {ACCOUNT}@us.test\nSubject: {'answer' if more else 'letter'} {number}\n"
            f"Message-ID: <{number}@them.test>\n{more}\n{text}\n").encode()


@pytest.fixture
def readers(us: Pillarbox, browser: Browser) -> Iterator[tuple[Reader, Reader]]:
    """Two browsers of one account, signed in."""
    us.command("account", "add", ACCOUNT, "--address", f"{ACCOUNT}@us.test", stdin=PASSWORD)
    with chromium.watched(browser, EXPECTED) as one, chromium.watched(browser, EXPECTED) as other:
        for page in (one, other):
            chromium.sign_in(page, ACCOUNT)
        yield Reader(one, random.Random(SEED)), Reader(other, random.Random(SEED + 1))


@pytest.fixture(scope="module")
def browser(us: Pillarbox) -> Iterator[Browser]:
    """A headless Chromium inside the namespace."""
    with chromium.launched(us.space) as browser:
        yield browser


def agree(readers: tuple[Reader, Reader], us: Pillarbox, when: str) -> None:
    """Both pages show what the database has, as soon as they may."""
    def wrong() -> str:
        return "; ".join(f"{reader.order}, conversations {reader.threads}: {said}" for reader in readers if (said := reader.wrong(us)))

    until(lambda: not wrong(), 60, lambda: f"seed {SEED}, {when}: {wrong()}")


@pytest.mark.timeout(400)    # of which it needs a fifth, alone on the machine
def test_two_browsers_and_a_delivering_postfix(readers: tuple[Reader, Reader], us: Pillarbox, them: Postfix) -> None:
    """After 1,000 operations by chance, and ten times on the way there: lists, counts, flags and labels are those of the database."""
    chance, sent = random.Random(SEED), 0
    with smtplib.SMTP(US, 25, source_address=(THEM, 0), timeout=30) as client:
        for sent in range(150):
            client.sendmail("carl@them.test", [f"{ACCOUNT}@us.test"], write(sent, chance).replace(b"\n", b"\r\n"))
    began = time.monotonic()
    for number in range(ROUNDS):
        for reader in readers:
            reader.page.evaluate(f"void {DEEDS}.deeds({chance.randrange(2**31)}, {BY_PAGE // 2}).then(() => {{ window.through = true; }})")
        for _ in range(6):
            sent += 1
            them.sendmail("carl@them.test", f"{ACCOUNT}@us.test", message=write(sent, chance))
        for reader in readers:
            until(lambda reader=reader: reader.page.evaluate("() => window.through"), 60, "the page is through")  # type: ignore[misc]
            reader.page.evaluate("() => { window.through = false; }")
            reader.rest()
        for step in range(BY_HAND):
            readers[step % 2].deed()
        until(lambda: "queue is empty" in them.space.run("postqueue", "-c", them.folder / "etc", "-p"), 30, "Postfix has delivered all")
        agree(readers, us, f"round {number}")
    print(f"seed {SEED}: {ROUNDS * (BY_PAGE + BY_HAND)} operations in {time.monotonic() - began:.0f} s")
    assert all(reader.done > ROUNDS * BY_HAND / 4 for reader in readers)
    for reader in readers:
        for box in Shelves.look(us, ACCOUNT, "newest").names:
            reader.page.evaluate("box => { location.hash = `#box/${box}`; }", box)
            top, more = 0.0, True
            while more:
                more, height = reader.call(f"scroll({top})")
                top += height
                agree(readers, us, f"at the end, mailbox {box}")
