"""web.admin_reports: reports of others by calls."""
from collections.abc import Sequence

import pytest

from mta.base.names import Domain, ip_address
from mta.dns.zone import Zone
from mta.flow import people
from mta.flow.world import World
from mta.report.aggregate import Row, SpfSeen
from mta.report.arf import FailureReport
from mta.report.tlsrptjson import FailureDetail
from mta.store import received
from mta.store.received import Item, NewPolicy, NewReport, ReceivedKind
from tests.flow.reportmail import DAY, NOW
from tests.web.conftest import Browser

ROWS = (Row(ip_address("203.0.113.9"), 7, "none", "pass", "pass", "example.org", "example.org"),
        Row(ip_address("198.51.100.7"), 3, "reject", "fail", "fail", "example.org", "", None, spf_results=(SpfSeen("x.example", "fail"),)))


@pytest.fixture
def kept(served: World) -> list[int]:
    """A report of each kind about example.org, and one about the host."""
    ours = people.domain(served, "example.org")
    ids = []
    given: list[tuple[ReceivedKind, int | None, str, str, int, int, Sequence[Item]]] = [
        ("dmarc", ours.id, "example.org", "dmarc", 7, 3, ROWS), ("tls", ours.id, "example.org", "sts", 10, 4, (
            FailureDetail("certificate-expired", 4, mx_host="mx.example.org"),)),
        ("tls", None, "mx.example.org", "tlsa", 5, 0, ()),
        ("failure", ours.id, "xn--bcher-kva.example.org", "dmarc", 0, 1, (FailureReport("auth-failure"),))]
    for kind, ident, name, policy, good, bad, items in given:
        report = NewReport(kind, Domain("reporter.example"), "Reporter", "a@reporter.example", f"{kind}-{name}", NOW - DAY, NOW - 1, (
            NewPolicy(ident, Domain(name), policy, "p=none", good, bad, items),), ("late",), ("odd",))
        ids.append(served.store.write_now(lambda db, report=report: received.add(db, served.clock, report)))    # type: ignore[misc]
    return ids


def test_all_domains(admin: Browser, kept: list[int]) -> None:
    """With the host, and where reports about it go."""
    page = admin.call("admin/reports")
    assert [(one["domain"], one["messages"], one["failed"], one["sessions"], one["failed_sessions"]) for one in page["totals"]] == [
        ("", 0, 0, 5, 0), ("example.org", 10, 3, 14, 4)]
    assert (page["host"], page["host_address"], page["kept"]) == ("mx.example.org", "tls-reports@mx.example.org", 400)
    assert admin.call("admin/report_host_address", address="")["records"] == []
    assert admin.refused("admin/report_host_address", address="x@else.example")["code"] == "user:error"
    assert admin.refused("admin/reports", days=0)["code"] == "user:error"


def test_views(admin: Browser, kept: list[int]) -> None:
    """Who sends, how connections did; in words."""
    view = admin.call("admin/report_dmarc", domain="example.org")
    assert [(one["network"], one["verdict"], one["opinions"]) for one in view["sources"]] == [
        ("203.0.113.0/24", "yours", {"yours": 7}), ("198.51.100.0/24", "forged", {"forged": 3})]
    assert view["days"] == [{"day": NOW - DAY, "passed": 7, "delivered": 0, "quarantined": 0, "rejected": 3}]
    assert (view["now"], view["next"], view["safe"], view["policy"]) == ("none", "quarantine", None, "p=none")
    tls = admin.call("admin/report_tls", domain="example.org", days=7)
    assert [(one["result"], one["meaning"], one["sessions"]) for one in tls["failures"]] == [
        ("certificate-expired", "The certificate had run out.", 4)]
    assert admin.call("admin/report_tls", domain="")["days"] == [{"day": NOW - DAY, "good": 5, "bad": 0}]
    assert admin.refused("admin/report_dmarc", domain="else.example")["code"] == "user:notFound"


def test_single_reports(admin: Browser, kept: list[int]) -> None:
    """Listed, shown, without a document if their mail is gone, removed."""
    lines = admin.call("admin/report_list")
    assert [line["kind"] for line in lines] == ["failure", "tls", "tls", "dmarc"]
    assert lines[0]["domains"] == ["bücher.example.org"]
    assert [line["id"] for line in admin.call("admin/report_list", kind="tls", domain="")] == [kept[2]]
    assert len(admin.call("admin/report_list", before=kept[1])) == 1
    page = admin.call("admin/report_show", id=kept[0])
    assert (page["errors"], page["problems"]) == (["late"], ["odd"])
    assert page["policies"][0]["records"][1] == {
        "ip": "198.51.100.7", "messages": 3, "disposition": "reject", "dkim": False, "spf": False, "header_from": "example.org",
        "envelope_from": "", "envelope_to": None,
        "results": [{"kind": "spf", "domain": "x.example", "selector": "mfrom", "result": "fail", "text": ""}]}
    assert admin.call("admin/report_show", id=kept[3])["policies"][0]["messages"][0]["kind"] == "auth-failure"
    assert admin.refused("admin/report_raw", id=kept[0])["code"] == "user:notFound"
    admin.call("admin/report_remove", id=kept[0])
    for function in ("show", "raw", "remove"):
        assert admin.refused(f"admin/report_{function}", id=kept[0])["code"] == "user:notFound"


def test_names(admin: Browser, zone: Zone) -> None:
    """What the DNS does not say is no error of the server's: it is told beside the address."""
    zone.add("9.113.0.203.in-addr.arpa PTR mail.example.org\nmail.example.org A 203.0.113.9\n7.100.51.198.in-addr.arpa SERVFAIL")
    found = admin.call("admin/report_names", ips=["203.0.113.9", "198.51.100.7"])
    assert [(one["name"], bool(one["problem"])) for one in found] == [("mail.example.org", False), ("", True)]
    assert admin.refused("admin/report_names", ips=["192.0.2.1"] * 51)["code"] == "user:error"


def test_what_the_dns_asks_for(admin: Browser, zone: Zone) -> None:
    """A name that the DNS does not tell is told in words: no error, and none of the server's."""
    zone.add('_dmarc.example.org TXT "v=DMARC1; p=none; rua=mailto:dmarc-reports@example.org"\n_smtp._tls.example.org TIMEOUT')
    dmarc, tls = admin.call("admin/report_asked", domain="example.org")
    assert (dmarc["wanted"], dmarc["problems"]) == ("dmarc-reports@example.org", [])
    assert "no answer in time" in tls["problems"][0]
    assert [one["kind"] for one in admin.call("admin/report_asked", domain="")] == ["TLS"]
    assert admin.refused("admin/report_asked", domain="a..b")["code"] == "user:error"


def test_addresses_of_a_domain(admin: Browser) -> None:
    """Changed with the other settings; null leaves them."""
    settings = {"name": "example.org", "description": "", "enabled": True, "catchall": "", "separator": "+", "case_sensitive": False}
    page = admin.call("admin/domain_change", **settings, dmarc_reports="Ann@example.org", tls_reports="")
    assert (page["dmarc_reports"], page["tls_reports"]) == ("ann@example.org", "")
    assert admin.call("admin/domain_change", **settings)["dmarc_reports"] == "ann@example.org"
    assert any("rua=mailto:ann@example.org" in record["value"] for record in page["records"])
    assert admin.refused("admin/domain_change", **settings, dmarc_reports="x@else.example")["code"] == "user:error"


def test_not_for_strangers(stranger: Browser, ann: Browser) -> None:
    """Only the administrator sees them."""
    for browser in (stranger, ann):
        assert browser.ask("admin/report_list").status in (401, 403)
