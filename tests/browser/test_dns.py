"""The page of a domain: its DNS records, and whether they are there."""
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, SCREEN, Opener
from tests.browser.test_reports import admin
from tests.browser.test_webmail import overflow
from tests.serving import Server

ZONE = """\
example.org NS ns1.example.org
example.org NS ns2.example.org
ns1.example.org A 127.0.0.1
ns2.example.org A 127.0.0.1
example.org MX 10 mx.else.test
mx.else.test A 127.0.0.9
example.org TXT "v=spf1 include:_spf.else.test ~all"
_spf.else.test TXT "v=spf1 ip4:198.51.100.0/24 -all"
_dmarc.example.org SERVFAIL
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A localserve with a domain that had its mail elsewhere."""
    server = Server(tmp_path_factory.mktemp("dns") / "data")
    server.folder.mkdir(mode=0o700)
    (server.folder / "zone").write_text(ZONE)
    server.start()
    server.command("domain", "add", "example.org")
    yield server
    server.stop()


@pytest.mark.parametrize("size", [SCREEN, PHONE], ids=["screen", "phone"])
def test_the_dns_of_a_domain(opened: Opener, size: tuple[int, int], tmp_path_factory: pytest.TempPathFactory) -> None:
    """What should be there, with what is; the check says what is wrong, and shows the record."""
    page = admin(opened, size, "domain/example.org")
    expect(page.get_by_text('"v=spf1 mx include:_spf.else.test ~all"').first).to_be_visible()
    page.get_by_role("button", name="Check now").click()
    finding = page.locator(".finding", has=page.get_by_role("heading", name="MX wrong"))
    expect(finding.get_by_text("Mail for example.org goes to mx.else.test, not to this server.")).to_be_visible(timeout=40_000)
    expect(finding.get_by_text("example.org. MX 10 localhost.")).to_be_visible()
    expect(finding.get_by_role("button", name="Copy example.org. MX 10 localhost.")).to_be_visible()
    expect(page.locator(".finding", has_text="DMARC not known").get_by_text("SERVFAIL")).to_be_visible()
    expect(page.get_by_text("Looked at")).to_be_visible()
    assert overflow(page) == 0
    page.reload()
    expect(finding).to_be_visible()
    page.get_by_text("internet.nl would give about").click()
    row = page.get_by_role("row").filter(has_text="there is one SPF record")
    expect(row.get_by_text("passes", exact=True)).to_be_visible()
    page.get_by_text("As text for a zone file").click()
    expect(page.locator("details.zone-file[open]").get_by_text("example.org. MX 10 localhost.").first).to_be_visible()
    assert overflow(page) == 0
    page.locator(".dns-check").screenshot(path=str(tmp_path_factory.mktemp("seen") / f"dns-{size[0]}.png"))
