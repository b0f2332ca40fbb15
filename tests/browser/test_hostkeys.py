"""The host's keys in a browser, on a server with a configuration file: those of a localserve are for nobody else."""
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SCREEN, Opener
from tests.browser.looks import faults, picture
from tests.browser.test_admin import fits_a_phone
from tests.serving import Server

pytestmark = [pytest.mark.xdist_group("hostkeys"), pytest.mark.timeout(400)]

OWN = "correct horse battery"
#: Nobody answers at the port of its name server: the DNS says nothing, at once.
CONFIG = """hostname = "mx.keys.example"
data = "{folder}/data"
run = "{folder}/run"
user = ""
postmaster = "ann"

[dns]
upstreams = ["127.0.0.1:9"]

[listeners.here]
ips = ["127.0.0.1"]
smtp = {smtp}
http = {http}
https = {https}
web = ["admin", "account"]
"""


class Configured(Server):
    """`pillarbox serve` with a file, at the ports that a localserve would have."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        folder.mkdir(mode=0o755)
        self.file = folder / "pillarbox.toml"
        self.file.write_text(CONFIG.format(folder=folder, smtp=self.smtp, http=self.http, https=self.https))

    def words(self) -> list[str]:
        """By its file."""
        return ["serve", "--config", str(self.file)]

    def place(self) -> list[str]:
        """The same."""
        return ["--config", str(self.file)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One that others could know."""
    server = Configured(tmp_path_factory.mktemp("hostkeys") / "server").start()
    server.command("domain", "add", "keys.example")
    server.command("account", "add", "ann", "--address", "ann@keys.example", stdin=OWN.encode())
    server.command("password", "set", "--admin", stdin=OWN.encode())
    yield server
    server.stop()


@pytest.fixture
def admin(opened: Opener) -> Page:
    """The administration, signed in with a password that a real server takes."""
    page = opened(SCREEN)
    page.goto("/admin/#overview")
    page.get_by_label("Password").fill(OWN)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("navigation", name="Pages")).to_be_visible()
    return page


def states(server: Server) -> list[tuple[str, str]]:
    """Algorithm and state of each key, as the command line says."""
    return sorted((str(row["algorithm"]), str(row["state"])) for row in server.json("tls", "hostkeys"))


def test_the_two_steps(admin: Page, server: Server) -> None:
    """The next keys are made and shown; to switch before the DNS has them is refused, with the reason, and done on demand."""
    admin.goto("/admin/#certificates")
    keys = admin.get_by_role("region", name="Keys")
    expect(keys.get_by_role("row")).to_have_count(3)
    keys.get_by_role("button", name="Make the next keys").click()
    expect(keys.get_by_role("row")).to_have_count(5)
    expect(keys.get_by_role("cell", name="next")).to_have_count(2)
    assert states(server) == [("ec", "current"), ("ec", "next"), ("rsa", "current"), ("rsa", "next")]
    fits_a_phone(admin, "hostkeys")
    switch = keys.get_by_role("button", name="Switch to the next keys")
    switch.click()
    box = admin.get_by_role("dialog")
    expect(box).to_contain_text("The DNS does not tell", timeout=60_000)
    fits_a_phone(admin, "hostkeys-sure")
    assert faults(admin) == []
    picture(admin, "hostkeys-sure")
    box.get_by_role("button", name="Cancel").click()
    assert ("ec", "next") in states(server)
    switch.click()
    box.get_by_role("button", name="Switch all the same").click()
    expect(admin.get_by_role("status").get_by_text("The next keys are in use")).to_be_visible(timeout=60_000)
    expect(keys.get_by_role("cell", name="next")).to_have_count(0)
    assert ("ec", "next") not in states(server)
    assert ("ec", "current") in states(server)


def test_a_password_that_is_guessed_early(admin: Page, server: Server) -> None:
    """Here, where passwords count, one that everybody knows is refused, and stays to be mended."""
    admin.goto("/admin/#account/ann")
    field = admin.get_by_label("New password")
    field.fill("password1")
    admin.get_by_role("button", name="Change", exact=True).click()
    expect(admin.get_by_role("status").get_by_text("this password is guessed early")).to_be_visible()
    expect(field).to_have_value("password1")
