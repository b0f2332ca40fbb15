"""The administration's pages about reports, of others and to others: what an operator sees of them, on a screen and on a phone."""
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from functools import cache

import pytest
from playwright.sync_api import Page, expect

from mta.base.clock import SystemClock
from mta.base.names import ip_address
from mta.report.aggregate import AggregateReport, DkimSeen, Row, SpfSeen
from mta.report.evaluation import digest
from mta.report.tlsrptjson import FailureDetail
from mta.store import evaluations, sentreports
from mta.store.connection import connect
from mta.store.evaluations import Fresh
from tests.browser.conftest import PHONE, SCREEN, Opener
from tests.browser.test_webmail import overflow
from tests.flow import reportmail
from tests.flow.reporter import evaluation
from tests.serving import Server

DAY = 86_400
ADDRESS = "dmarc-reports@example.org"
ZONE = """\
reporter.example TXT "v=spf1 ip4:127.0.0.1 -all"
_dmarc.reporter.example TXT "v=DMARC1; p=reject"
_dmarc.asker.example TXT "v=DMARC1; p=none; rua=mailto:agg@asker.example"
9.113.0.203.in-addr.arpa PTR mail.example.org
mail.example.org A 203.0.113.9
1.0.18.198.in-addr.arpa PTR out1.letters.example
out1.letters.example A 198.18.0.1
"""


def today() -> int:
    """The beginning of this day of UTC, seconds since 1970."""
    return int(time.time()) // DAY * DAY


def row(ip: str, count: int, *, dkim: bool, spf: bool, disposition: str = "none", passes_as: str = "") -> Row:
    """Messages of one kind in the name of example.org."""
    checks = (DkimSeen(passes_as, "k1", "pass"),) if passes_as else ()
    return Row(ip_address(ip), count, disposition, "pass" if dkim else "fail", "pass" if spf else "fail", "example.org", "example.org",
               dkim_results=(DkimSeen("example.org", "s", "pass" if dkim else "fail"), *checks),
               spf_results=(SpfSeen("example.org", "pass" if spf else "fail"),))


def of_day(day: int) -> AggregateReport:
    """What a reporter saw so many days ago."""
    rows = [row("203.0.113.9", 180 + 37 * (day % 7), dkim=True, spf=True), row("2001:db8::25", 20 + day, dkim=True, spf=True),
            row("198.18.0.1", 4 + day % 3, dkim=False, spf=False, passes_as="letters.example")]
    if day % 4 == 1:
        rows += [row("198.51.100.7", 25 + day, dkim=False, spf=False, disposition="quarantine"),
                 row("198.51.100.8", 9, dkim=False, spf=False, disposition="reject")]
    report = reportmail.aggregate(*rows, ident=f"day-{day}", begin=today() - day * DAY)
    return replace(report, policy=replace(report.policy, p="none"))


@cache
def tls_message() -> tuple[bytes, str]:
    """A report about TLS, and the record of the key that signed it."""
    failures = (FailureDetail("certificate-expired", 12, "203.0.113.50", "mx.example.org", "", "192.0.2.25", "X509_V_ERR"),
                FailureDetail("starttls-not-supported", 2, mx_host="mx.example.org"))
    report = reportmail.tls_report(*failures, good=486)
    return reportmail.signed(reportmail.tls_mail(replace(report, begin=today() - DAY, end=today() - 1)), at=int(time.time()))


def seen(server: Server) -> None:
    """What a server that reports to others would have seen: mail in the name of asker.example, and a report that nobody took."""
    packed, clock = evaluation(header_from="asker.example").pack(), SystemClock()
    record = "v=DMARC1; p=none; rua=mailto:agg@asker.example"
    with closing(connect(server.folder / "data" / "pillarbox.db")) as db:
        evaluations.add(db, Fresh("asker.example", digest(packed), packed, record, clock.timestamp(), 3))
        ident = sentreports.plan(db, clock, "tls", "told.example", today() - DAY, today(), today())
        sentreports.deliver(db, clock, ident, "https://told.example/tls", "refused", "404 Not Found")
        sentreports.settle(db, clock, ident, "unsent", "nobody took it", 7)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A localserve with a domain, to which reports of 24 days came as mail."""
    server = Server(tmp_path_factory.mktemp("reports") / "data")
    server.folder.mkdir(mode=0o700)
    message, record = tls_message()
    (server.folder / "zone").write_text(ZONE + record)
    server.start()
    try:
        server.command("domain", "add", "example.org")
        for day in range(24, 0, -1):
            server.send(reportmail.dmarc_mail(of_day(day)), reportmail.SENDER, ADDRESS)
        server.send(message, reportmail.SENDER, "tls-reports@example.org")
        seen(server)
        yield server
    finally:
        server.stop()


def admin(opened: Opener, size: tuple[int, int], page: str, scheme: str = "light") -> Page:
    """A page of the administration, signed in."""
    shown = opened(size)
    shown.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    shown.goto(f"/admin/#{page}")
    shown.get_by_label("Password").fill("pillarbox")
    shown.get_by_role("button", name="Sign in").click()
    expect(shown.get_by_role("heading", level=1)).to_be_visible()
    return shown


def test_who_sends_as_us(opened: Opener) -> None:
    """From the table of domains to the sources of one, their names and verdicts, the chart and what it shows as numbers."""
    page = admin(opened, SCREEN, "reports")
    line = page.get_by_role("row", name="example.org").first
    expect(line).to_contain_text("500")    # connections of the TLS report
    line.get_by_role("link").first.click()
    expect(page.get_by_role("heading", name="Mail in the name of example.org")).to_be_visible()
    expect(page.get_by_role("note")).to_contain_text("It is not safe yet to move to quarantine")
    expect(page.get_by_role("note")).to_contain_text("from services to set up")
    chart = page.get_by_role("img", name="Messages by day")
    expect(chart).to_be_visible()
    assert chart.locator("g").count() == 24
    assert chart.locator("rect.quarantined").count() == 6
    page.get_by_text("As a table").click()
    expect(page.locator(".chart tbody tr")).to_have_count(24)

    ours = page.get_by_role("row", name="203.0.113.0/24")
    expect(ours).to_contain_text("mail.example.org")
    expect(ours).to_contain_text("yours")
    service = page.get_by_role("row", name="198.18.0.0/24")
    expect(service).to_contain_text("out1.letters.example")
    expect(service).to_contain_text("a service to set up")
    expect(service).to_contain_text("They pass as letters.example")
    expect(page.get_by_role("row", name="198.51.100.0/24")).to_contain_text("forged")

    page.get_by_label("Of the last").select_option("7 days")
    expect(chart.locator("g")).to_have_count(6)


def test_one_report(opened: Opener, server: Server) -> None:
    """With its rows and its document, and gone with its mail when it is removed."""
    page = admin(opened, SCREEN, "dmarc/example.org")
    expect(page.get_by_role("link", name="Reporter", exact=True)).to_have_count(10)
    page.get_by_role("button", name="More", exact=True).click()
    expect(page.get_by_role("link", name="Reporter", exact=True)).to_have_count(24)
    page.get_by_role("link", name="Reporter", exact=True).last.click()
    expect(page.get_by_role("heading", name="Report of Reporter")).to_be_visible()
    expect(page.get_by_role("row", name="198.18.0.1")).to_contain_text("DKIM letters.example k1 pass")
    page.get_by_role("button", name="Raw report").click()
    raw = page.get_by_role("dialog", name="day-24.xml")
    expect(raw).to_contain_text("<report_id>day-24</report_id>")
    with page.expect_download() as saved:
        raw.get_by_role("link", name="Save as a file").click()
    assert saved.value.suggested_filename == "day-24.xml"
    raw.get_by_role("button", name="Close").click()
    before = len(server.json("report", "received", "list", "--kind", "dmarc"))
    page.get_by_role("button", name="Remove").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_role("heading", name="Reports of others")).to_be_visible()
    assert len(server.json("report", "received", "list", "--kind", "dmarc")) == before - 1


def test_connections(opened: Opener) -> None:
    """What failed, what it means and what one can do."""
    page = admin(opened, SCREEN, "tls/example.org")
    expect(page.get_by_text("14 of 500 sessions failed (2.8 %).")).to_be_visible()
    expect(page.get_by_role("row", name="The certificate had run out.")).to_contain_text("Renew it")
    expect(page.get_by_role("img", name="Sessions by day")).to_be_visible()
    page.get_by_role("button", name="Does the DNS ask for reports?").click()
    expect(page.get_by_text("there is no TXT record at _smtp._tls.example.org")).to_be_visible()


def test_addresses(opened: Opener, server: Server) -> None:
    """Chosen on the domain's page and for the host; what cannot be is said."""
    page = admin(opened, SCREEN, "domain/example.org")
    expect(page.get_by_label("DMARC reports go to")).to_have_value(ADDRESS)
    save = page.locator("form", has=page.get_by_label("TLS reports go to")).get_by_role("button", name="Save")
    page.get_by_label("TLS reports go to").fill("nobody@elsewhere.example")
    save.click()
    expect(page.get_by_text("neither a domain of this server")).to_be_visible()
    page.get_by_label("TLS reports go to").fill("")
    save.click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_text("_smtp._tls.example.org.")).to_have_count(0)
    assert server.json("domain", "show", "example.org")[0]["tls_reports"] == ""
    server.command("domain", "set", "example.org", "--tls-reports", "tls-reports@example.org")

    page.goto("/admin/#reports")
    host = page.get_by_label("Reports about TLS to this host")
    expect(host).to_have_value("tls-reports@localhost")
    host.fill("tls-reports@example.org")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("rua=mailto:tls-reports@example.org")).to_be_visible()
    assert server.json("report", "host-address")[0]["tls_reports"] == "tls-reports@example.org"


def test_to_others(opened: Opener, server: Server) -> None:
    """What waits, what it would say, and what became of earlier reports; addresses are held back, and allowed again."""
    page = admin(opened, SCREEN, "reports")
    page.get_by_role("link", name="What this server reports to others").click()
    expect(page.get_by_text("Switched off in the configuration: DMARC, TLS.")).to_be_visible()
    waits = page.get_by_role("row", name="asker.example")
    expect(waits).to_contain_text("3 messages")
    waits.get_by_role("button", name="Preview…").click()
    shown = page.get_by_role("dialog")
    expect(shown).to_contain_text("To agg@asker.example")
    shown.get_by_role("button", name="Send now").click()
    expect(page.get_by_text("reports are switched off: set dmarc = true")).to_be_visible()
    waits.get_by_role("button", name="Forget").click()
    page.get_by_role("dialog").get_by_role("button", name="Forget").click()
    expect(page.get_by_text("Nothing waits to be reported.")).to_be_visible()

    told = page.get_by_role("row", name="told.example")
    expect(told).to_contain_text("not sent")
    expect(told).to_contain_text("refused: 404 Not Found")
    told.get_by_role("button", name="Remove").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(told).to_have_count(0)
    assert server.json("report", "tls", "list") == []

    page.get_by_label("Send no reports to").fill("agg@asker.example")
    page.get_by_label("For so many days").fill("30")
    page.get_by_role("button", name="Suppress").click()
    held = page.get_by_role("row", name="agg@asker.example")
    expect(held).to_be_visible()
    assert [one["address"] for one in server.json("report", "suppress", "list")] == ["agg@asker.example"]
    held.get_by_role("button", name="Allow again").click()
    expect(page.get_by_text("Everybody who asks gets reports.")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone(opened: Opener, scheme: str) -> None:
    """Every page fits the screen, in both colours."""
    page = admin(opened, PHONE, "reports", scheme)
    for place, heading in (("reports", "Reports of others"), ("dmarc/example.org", "Mail in the name of example.org"),
                           ("tls/example.org", "Connections for example.org"), ("dmarc/", "Mail in the name of this host"),
                           ("report/2", "Report of Reporter"), ("sent", "Reports to others")):
        page.evaluate("place => { location.hash = place; }", place)
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
        assert overflow(page) <= 0, place
