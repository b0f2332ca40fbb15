"""web.admin_sent: reports to others by calls."""
import pytest

from mta.base.clock import SetClock
from mta.dns.zone import Zone
from mta.flow import reportout
from mta.flow.world import World
from tests.flow.reporter import see
from tests.web.conftest import Browser

RECORD = '_dmarc.b.test TXT "v=DMARC1; p=reject; rua=mailto:agg@b.test"'


@pytest.fixture
def seen(served: World, zone: Zone) -> World:
    """A server that has seen mail in the name of b.test, which asks for reports."""
    zone.add(RECORD)
    see(served, messages=3)
    see(served, messages=2, optional=2, header_from="x.b.test")
    return served


def test_what_waits(admin: Browser, seen: World) -> None:
    """With how much of it is no reason to write, and in whose name reports are sent."""
    page = admin.call("admin/sent_reports")
    assert [(one["kind"], one["domain"], one["counted"], one["optional"]) for one in page["evidence"]] == [("dmarc", "b.test", 5, 2)]
    assert (page["dmarc"], page["tls"], page["submitter"], page["suppressed"]) == (True, True, "example.org", [])


def test_a_preview(admin: Browser, seen: World, zone: Zone) -> None:
    """The document and who would get it; nothing changes by that."""
    found = admin.call("admin/sent_report_preview", kind="dmarc", domain="b.test")
    assert (found["to"], found["counted"], found["why_not"], found["problems"], found["cut"]) == (["agg@b.test"], 5, "", [], False)
    assert found["document"].startswith("<?xml")
    assert found["name"].endswith(".xml.gz")
    admin.call("admin/sent_report_suppress", address="agg@b.test", reason="bounces")
    held = admin.call("admin/sent_report_preview", kind="dmarc", domain="b.test")
    assert (held["to"], held["problems"], held["document"]) == ([], ["agg@b.test is suppressed: bounces"], "")
    assert len(admin.call("admin/sent_reports")["evidence"]) == 1
    assert admin.refused("admin/sent_report_preview", kind="tls", domain="b.test")["code"] == "user:notFound"


async def test_sent_now(admin: Browser, seen: World) -> None:
    """What waits becomes a report, which is sent; it is listed with what became of it, and can be removed."""
    ident = admin.call("admin/sent_report_send", kind="dmarc", domain="b.test")
    [planned] = admin.call("admin/sent_report_list", kind="dmarc")
    assert (planned["id"], planned["state"], planned["to"], planned["settled"]) == (ident, "due", [], None)
    assert admin.call("admin/sent_reports")["evidence"] == []
    await reportout.send_due(seen)
    [line] = admin.call("admin/sent_report_list", kind="dmarc", domain="b.test")
    assert (line["state"], line["counted"], line["due"]) == ("sent", 5, None)
    assert [(one["uri"], one["fate"]) for one in line["to"]] == [("agg@b.test", "waiting")]
    assert admin.call("admin/sent_report_list", kind="dmarc", before=ident) == admin.call("admin/sent_report_list", kind="tls") == []
    assert admin.refused("admin/sent_report_remove", kind="tls", id=ident)["code"] == "user:notFound"
    admin.call("admin/sent_report_remove", kind="dmarc", id=ident)
    assert admin.call("admin/sent_report_list", kind="dmarc") == []
    assert admin.refused("admin/sent_report_send", kind="dmarc", domain="b.test")["code"] == "user:notFound"


def test_forgotten(admin: Browser, seen: World) -> None:
    """What waits is told to nobody."""
    assert admin.call("admin/sent_report_forget", kind="dmarc", domain="b.test") == 5
    assert admin.refused("admin/sent_report_forget", kind="dmarc", domain="b.test")["code"] == "user:notFound"
    assert admin.refused("admin/sent_report_forget", kind="dmarc", domain="a..b")["code"] == "user:error"


def test_suppressed(admin: Browser, seen: World, clock: SetClock) -> None:
    """For some days or for good, until somebody allows it again."""
    page = admin.call("admin/sent_report_suppress", address="Agg@b.test", days=2)
    [one] = page["suppressed"]
    assert (one["address"], one["until"] - clock.timestamp()) == ("agg@b.test", 2 * 86_400)
    assert admin.call("admin/sent_report_suppress", address="https://b.test/tls")["suppressed"][1]["until"] is None
    assert [row["address"] for row in admin.call("admin/sent_report_allow", address="agg@b.test")["suppressed"]] == ["https://b.test/tls"]
    assert admin.refused("admin/sent_report_allow", address="agg@b.test")["code"] == "user:notFound"
    for wrong in ({"address": "nobody"}, {"address": "a@b.test", "days": 0}, {"address": "a@b.test", "days": 3_651}):
        assert admin.refused("admin/sent_report_suppress", **wrong)["code"] == "user:error"


def test_not_for_strangers(stranger: Browser, ann: Browser) -> None:
    """Only the administrator sees them."""
    for browser in (stranger, ann):
        assert browser.ask("admin/sent_reports").status in (401, 403)
