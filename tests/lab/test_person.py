"""Somebody sets up new domains from nothing, in a browser: publishes what the page tells, sees it become right by itself, sends
and receives; then one record after another breaks, and each is named.

One domain's zone is signed, the other's is not.  A validating unbound stands before the zones; our own checks ask them directly, too.
"""
import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests import chromium
from tests.lab.founded import DOMAIN, HERE, HOST, THERE, Founded, cabled, namespace
from tests.lab.names import Names, ZoneFile
from tests.lab.namespace import Namespace
from tests.lab.person import BY_ITSELF, Person
from tests.lab.postfix import Postfix
from tests.lab.vouched import Authority

UNSIGNED, SIGNED = "vale.test", "peak.test"
REVERSE = "113.0.203.in-addr.arpa"
#: What could be better in the lab, for both domains and for the one without signatures: it has one name server, and no IPv6.
ACCEPTED = {
    SIGNED: {"Name servers", "Host and reverse names", "MX"},
    UNSIGNED: {"Name servers", "Host and reverse names", "MX", "DNSSEC", "DANE"}}

pytestmark = chromium.NEEDED


@pytest.fixture(scope="module")
def machine() -> Iterator[Namespace]:
    """The machine, fresh."""
    with namespace("person") as space:
        yield space


@pytest.fixture(scope="module")
def world(machine: Namespace) -> Iterator[Postfix]:
    """The rest of the world."""
    with cabled(machine, "beyond") as postfix:
        yield postfix


@pytest.fixture(scope="module")
def names(machine: Namespace, world: Postfix) -> Names:
    """The DNS: the host's zone is there, the two new domains are registered and empty."""
    with machine.entered():
        return Names(machine, [
            ZoneFile(DOMAIN, f"mx A {HERE}", signed=True), ZoneFile(UNSIGNED, ""), ZoneFile(SIGNED, "", signed=True),
            ZoneFile("far.test", f'@ MX 10 mx\nmx A {THERE}\n@ TXT "v=spf1 mx -all"', signed=True),
            ZoneFile(REVERSE, f"5 PTR {HOST}.\n6 PTR mx.far.test.")])


@pytest.fixture(scope="module")
def founded(machine: Namespace, names: Names) -> Iterator[Founded]:
    """The server as quickstart made it, with certificates that an authority of the lab vouches for."""
    with machine.entered():
        server = Founded(machine, "server")
        authority = Authority(server.folder / "authority")
        named = [HOST, *(f"{label}.{domain}" for domain in (DOMAIN, UNSIGNED, SIGNED) for label in ("mta-sts", "autoconfig"))]
        certificate = authority.issue(named)
        settings = server.config.read_text()
        assert settings.count("\n[tls]\n") == 1
        files = f'certificate = "{certificate.file}"\nkey = "{certificate.key}"\nca_file = "{authority.file}"'
        server.config.write_text(settings.replace("\n[tls]\n", f"\n[tls]\n{files}\n"))
        names.change(DOMAIN, server.part("DNS records"))
        server.start()
        yield server
        assert server.stop() == 0, server.text()[-3000:]
        assert "agree" in server.command("verify")


@pytest.fixture(scope="module")
def browser(machine: Namespace) -> Iterator[Browser]:
    """A headless Chromium on the machine."""
    with machine.entered(), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.SMALL, headless=True, args=[*chromium.QUIET, "--disable-quic"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """One page for the whole way; no script may fail on it."""
    context = browser.new_context(viewport={"width": 1360, "height": 900})
    page = context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda problem: troubles.append(str(problem)))
    yield page
    context.close()
    assert troubles == []


@pytest.fixture(scope="module")
def person(page: Page, founded: Founded, names: Names) -> Person:
    """Somebody who has signed in."""
    who = Person(page, founded, names, (DOMAIN, UNSIGNED, SIGNED, REVERSE))
    who.sign_in()
    return who


@pytest.fixture(autouse=True)
def inside(machine: Namespace) -> Iterator[None]:
    """Each test runs on the machine."""
    with machine.entered():
        yield


@pytest.mark.parametrize("domain", [UNSIGNED, SIGNED])
def test_from_nothing(person: Person, world: Postfix, domain: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A new domain, its policy and an account; the records that the page tells; a letter out and one in; all seen by itself."""
    page, postfix = person.page, world
    person.go("setup")
    page.get_by_label("A new domain").fill(domain)
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("heading", name=f"Set up {domain}")).to_be_visible()
    expect(person.stage("dns").get_by_role("heading", level=2)).to_contain_text("not right yet", timeout=BY_ITSELF)

    person.go(f"domain/{domain}")
    page.get_by_label("What other servers are told").select_option("enforce")
    page.locator("form", has=page.get_by_label("What other servers are told")).get_by_role("button", name="Save").click()
    expect(page.get_by_text("they belong together").first).to_be_visible()

    person.go(f"setup/{domain}")
    person.stage("account").get_by_label(f"Address before @{domain}").fill(f"ann.{domain[:4]}")
    person.stage("account").get_by_label("Password").fill("correct horse battery")
    person.stage("account").get_by_role("button", name="Add the account").click()
    expect(person.stage("account").get_by_role("heading", level=2)).to_contain_text("done")

    person.publish(person.told())
    expect(person.stage("dns").get_by_role("heading", level=2)).to_contain_text("done", timeout=BY_ITSELF)
    expect(person.stage("certificate").get_by_role("heading", level=2)).to_contain_text("done")
    expect(person.stage("machine").get_by_role("heading", level=2)).not_to_contain_text("…", timeout=BY_ITSELF)

    outgoing = person.stage("outgoing")
    outgoing.get_by_label("To an address of yours elsewhere").fill("bob@far.test")
    outgoing.get_by_role("button", name="Send a test letter").click()
    expect(outgoing.get_by_role("heading", level=2)).to_contain_text("done", timeout=BY_ITSELF)
    sent = postfix.wait_for(f"d={domain}".encode())
    assert b"First letter of" in sent

    postfix.sendmail("bob@far.test", f"ann.{domain[:4]}@{domain}",
                     message=f"From: bob@far.test\nSubject: For {domain}\n\nHello.\n".encode())
    expect(person.stage("incoming").get_by_text(f"For {domain}")).to_be_visible(timeout=BY_ITSELF)
    expect(page.get_by_role("status").filter(has_text="All is done")).to_be_visible()
    page.screenshot(path=str(tmp_path_factory.mktemp("seen") / f"{domain}.png"), full_page=True)


@pytest.mark.parametrize("domain", [UNSIGNED, SIGNED])
def test_what_is_green(person: Person, founded: Founded, domain: str) -> None:
    """The same on the command line: nothing is wrong, and what could be better is what a lab cannot have."""
    rows = {row["name"]: row for row in founded.json("dns", "check", domain)}
    assert {name for name, row in rows.items() if row["errors"] or row["unknown"]} == set(), rows
    warnings = {name: row["warnings"] for name, row in rows.items() if row["warnings"]}
    assert set(warnings) == ACCEPTED[domain], warnings
    states = {row["state"] for row in founded.json("dns", "records", domain, "--diff") if not row["optional"]}
    assert states == {"right"}


Change = Callable[[str], str]


def without(owner: str, kind: str, text: str = "") -> Change:
    """The zone without records of a name and type that have a text in them."""
    def change(records: str) -> str:
        kept = [line for line in records.splitlines() if not (line.lower().startswith(f"{owner} {kind} ".lower()) and text in line)]
        assert len(kept) < len(records.splitlines()), f"no {owner} {kind} in {records}"
        return "\n".join(kept)
    return change


def with_(old: str, new: str) -> Change:
    """The zone with a text replaced."""
    def change(records: str) -> str:
        assert old in records, f"{old} is not in {records}"
        return records.replace(old, new)
    return change


def _dkim(records: str) -> str:
    """The zone with one letter of the key that signs changed."""
    line = next(line for line in records.splitlines() if "._domainkey." in line and "k=rsa" in line)
    at = line.index("p=") + 40
    return records.replace(line, line[:at] + ("A" if line[at] != "A" else "B") + line[at + 1:])


#: What breaks: its zone, how, which section says so, with which words.
BROKEN: dict[str, tuple[str, Change, str, str]] = {
    "MX gone": (SIGNED, without(f"{SIGNED}.", "MX"), "MX", "MX"),
    "MX elsewhere": (SIGNED, with_(f"MX 10 {HOST}.", "MX 10 mx.far.test."), "MX", "mx.far.test"),
    "SPF gone": (SIGNED, without(f"{SIGNED}.", "TXT", "v=spf1"), "SPF", "SPF"),
    "SPF twice": (SIGNED, lambda text: f'{text}\n@ TXT "v=spf1 -all"', "SPF", "2"),
    "SPF lets us out": (SIGNED, with_('"v=spf1 mx -all"', '"v=spf1 -all"'), "SPF", ""),
    "DKIM differs": (SIGNED, _dkim, "DKIM", ""),
    "DMARC gone": (SIGNED, without(f"_dmarc.{SIGNED}.", "TXT"), "DMARC", "_dmarc"),
    "DMARC misspelt": (SIGNED, with_("v=DMARC1;", "v=DMARK1;"), "DMARC", ""),
    "DMARC reports elsewhere": (SIGNED, with_(f"dmarc-reports@{SIGNED}", "someone@far.test"), "DMARC", "dmarc-reports"),
    "TLSRPT gone": (SIGNED, without(f"_smtp._tls.{SIGNED}.", "TXT"), "TLS reports about the domain", "_smtp._tls"),
    "host TLSRPT gone": (DOMAIN, without(f"_smtp._tls.{HOST}.", "TXT"), "TLS reports about the host", "_smtp._tls"),
    "MTA-STS record gone": (SIGNED, without(f"_mta-sts.{SIGNED}.", "TXT"), "MTA-STS", "_mta-sts"),
    "MTA-STS id old": (SIGNED, lambda text: re.sub(r"v=STSv1; id=\w+", "v=STSv1; id=20200101", text), "MTA-STS", "20200101"),
    "MTA-STS host gone": (SIGNED, without(f"mta-sts.{SIGNED}.", "CNAME"), "MTA-STS", f"mta-sts.{SIGNED}"),
    "autoconfig gone": (SIGNED, without(f"autoconfig.{SIGNED}.", "CNAME"), "Autoconfig", f"autoconfig.{SIGNED}"),
    "autodiscover gone": (SIGNED, without(f"_autodiscover._tcp.{SIGNED}.", "SRV"), "Autodiscover", "_autodiscover"),
    "SRV elsewhere": (SIGNED, with_(f"SRV 0 1 465 {HOST}.", "SRV 0 1 465 mx.far.test."), "Services (SRV)", "_submissions"),
    "TLSA of another key": (DOMAIN, lambda text: re.sub(r"(_25\._tcp\.\S+ TLSA 3 1 1) \w{8}", r"\1 00000000", text), "DANE", ""),
    "PTR elsewhere": (REVERSE, with_(f"5 PTR {HOST}.", "5 PTR host5.far.test."), "Host and reverse names", "host5.far.test"),
    "host elsewhere": (DOMAIN, with_(f"A {HERE}", f"A {THERE}"), "Host and reverse names", THERE),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_record_is_named(person: Person, founded: Founded, names: Names, what: str) -> None:
    """With the section it belongs to, in words that name it; and with the record as it should be, if it is one of the domain's."""
    zone, change, section, said = BROKEN[what]
    before = names.records(zone)
    try:
        names.change(zone, change(before))
        rows = {row["name"]: row for row in founded.json_of_check(SIGNED)}
    finally:
        names.change(zone, before)
    row = rows[section]
    troubles = " ".join([*row["errors"], *row["warnings"]])
    assert troubles, rows
    assert said in troubles + " ".join(row["records"]), row
    if zone == SIGNED:
        assert all(line in person.names.records(SIGNED) or line.split()[1] in ("TLSA",) for line in row["records"]) or row["records"], row


def test_bad_signatures_are_named(founded: Founded, names: Names) -> None:
    """Signatures that ran out: whoever validates gets nothing any more, and that is said."""
    before = names.records(SIGNED)
    try:
        names.change(SIGNED, before, expired=True)
        rows = founded.json_of_check(SIGNED)
    finally:
        names.change(SIGNED, before)
    assert any("DNSSEC" in text or "signature" in text.lower() for row in rows for text in (*row["errors"], *row["unknown"])), rows


def test_a_broken_record_on_the_page(person: Person, names: Names) -> None:
    """The walk that was at its end sees it, with what is there beside what should be; and sees that it was mended."""
    before = names.records(UNSIGNED)
    person.go(f"setup/{UNSIGNED}")
    dns = person.stage("dns")
    expect(dns.get_by_role("heading", level=2)).to_contain_text("done", timeout=BY_ITSELF)
    expect(dns.get_by_role("button", name="Look now")).to_be_visible(timeout=BY_ITSELF)
    names.change(UNSIGNED, before.replace(f"MX 10 {HOST}.", "MX 10 mx.far.test."))
    dns.get_by_role("button", name="Look now").click()
    differs = dns.get_by_role("region", name=f"MX {UNSIGNED}. is different")
    expect(differs.locator("del")).to_have_text("mx.far.test.", timeout=BY_ITSELF)
    expect(differs.locator("ins")).to_have_text(f"{HOST}.")
    expect(dns.locator(".finding").get_by_text("goes to mx.far.test")).to_be_visible(timeout=BY_ITSELF)
    expect(dns.get_by_role("heading", level=2)).to_contain_text("not right yet", timeout=BY_ITSELF)
    names.change(UNSIGNED, before)
    expect(dns.get_by_role("heading", level=2)).to_contain_text("done", timeout=BY_ITSELF)
