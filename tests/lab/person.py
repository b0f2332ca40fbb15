"""A person at the administration's pages, who does what they say and nothing else."""
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

from tests.lab.founded import Founded
from tests.lab.names import Names

#: Milliseconds in which a page that looks again by itself must have seen what was done.
BY_ITSELF = 60_000
INSIDE = "http://127.0.0.1:1080"


@dataclass(frozen=True)
class Person:
    """Has a browser, the passwords that quickstart printed, and the pages of whoever hosts the DNS: zones by their names."""

    page: Page
    server: Founded
    names: Names
    zones: tuple[str, ...]

    def sign_in(self) -> None:
        """At the administration, through the machine's own address."""
        self.page.goto(f"{INSIDE}/admin/")
        self.page.get_by_label("Password").fill(self.server.admin_password)
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page.get_by_role("button", name="Sign out")).to_be_visible()

    def go(self, place: str) -> None:
        """To a page of the administration."""
        self.page.goto("about:blank")
        self.page.goto(f"{INSIDE}/admin/#{place}")

    def stage(self, key: str) -> Locator:
        """A part of the walk."""
        return self.page.locator(f"#walk-{key}")

    def told(self) -> list[str]:
        """The records that the page says should be there, one a line."""
        text = self.stage("dns").locator(".zone-text")
        expect(text).to_be_attached(timeout=BY_ITSELF)
        return text.inner_text().splitlines() if text.is_visible() else (text.text_content() or "").splitlines()

    def publish(self, lines: list[str]) -> None:
        """Put each record into its zone; what is there of the same name and type goes, but for texts about other things."""
        sorted_by_zone: dict[str, list[str]] = {}
        for line in lines:
            owner = line.split()[0].rstrip(".")
            zone = max((one for one in self.zones if owner == one or owner.endswith(f".{one}")), key=len)
            sorted_by_zone.setdefault(zone, []).append(line)
        for zone, found in sorted_by_zone.items():
            replaced = {_about(line, zone) for line in found}
            kept = [line for line in self.names.records(zone).splitlines() if line.strip() and _about(line, zone) not in replaced]
            self.names.change(zone, "\n".join([*kept, *found]))


def _about(line: str, zone: str) -> tuple[str, str, str]:
    """Full name, type, and of a text its first word: what a record replaces."""
    owner, kind, data = line.split(None, 2)
    full = owner if owner.endswith(".") else f"{zone}." if owner == "@" else f"{owner}.{zone}."
    return full.lower(), kind, data.split()[0].rstrip(";") if kind == "TXT" else ""
