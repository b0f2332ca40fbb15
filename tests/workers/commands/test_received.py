"""workers.commands.received: reports of others from the command line."""
from pathlib import Path

import pytest

from mta.base.clock import SystemClock
from mta.base.names import Domain, ip_address
from mta.report.aggregate import DkimSeen, Row, SpfSeen
from mta.report.tlsrptjson import FailureDetail
from mta.store import domains, received
from mta.store.database import Store
from mta.store.received import NewPolicy, NewReport, ReceivedKind
from tests.workers.commands.conftest import Typing

DAY = 86_400


@pytest.fixture
def known(typed: Typing) -> Typing:
    """A server with a domain, about which there is a report of each kind, and one about the host."""
    typed("domain add example.org")
    clock = SystemClock()
    start = clock.timestamp() // DAY * DAY - DAY
    rows = (Row(ip_address("203.0.113.9"), 7, "none", "pass", "pass", "example.org", "example.org", None, (),
                (DkimSeen("example.org", "s", "pass"),), (SpfSeen("example.org", "pass"),)),
            Row(ip_address("198.51.100.7"), 3, "reject", "fail", "fail", "example.org", spf_results=(SpfSeen("x.example", "fail"),)))
    failure = FailureDetail("certificate-expired", 4, mx_host="mx.example.org", reason="X\x1b[31m")
    store = Store.open(typed.directory / "data", clock)
    try:
        ours = store.read(lambda db: domains.get(db, Domain("example.org")))
        assert ours is not None
        policies: list[tuple[ReceivedKind, NewPolicy]] = [
            ("dmarc", NewPolicy(ours.id, ours.domain, "dmarc", "p=none", 7, 3, rows)),
            ("tls", NewPolicy(ours.id, ours.domain, "sts", "version: STSv1", 10, 4, (failure,))),
            ("tls", NewPolicy(None, Domain("localhost"), "tlsa", "", 5, 0))]
        for kind, policy in policies:
            report = NewReport(
                kind, Domain("reporter.example"), "Reporter", "a@reporter.example", f"{kind}-{policy.domain}", start, start + DAY - 1,
                (policy,), ("the clock was wrong",), ("odd",))
            store.write_now(lambda db, report=report: received.add(db, clock, report))    # type: ignore[misc]
    finally:
        store.close()
    return typed


def test_lists(known: Typing) -> None:
    """Of each kind, about a domain or the host."""
    [row] = known.json("report received list --kind dmarc")
    assert (row["organization"], row["domains"], row["good"], row["bad"]) == ("Reporter", ["example.org"], 7, 3)
    assert [row["report_id"] for row in known.json("report received list --kind tls")] == ["tls-localhost", "tls-example.org"]
    assert [row["report_id"] for row in known.json("report received list --kind tls example.org")] == ["tls-example.org"]
    assert [row["report_id"] for row in known.json("report received list --kind tls localhost --limit 5")] == ["tls-localhost"]
    assert known.json("report received list --kind failure") == []
    assert "Reporter" in known("report received list --kind dmarc")


def test_one(known: Typing) -> None:
    """With what was odd, and its rows; nothing of a stranger reaches the terminal but text."""
    [row] = known.json("report received list --kind dmarc")
    shown = known(f"report received show {row['id']}")
    assert "Odd: odd" in shown
    assert "The reporter says: the clock was wrong" in shown
    assert "203.0.113.9" in shown
    assert "spf x.example mfrom fail" in shown
    [whole] = known.json(f"report received show {row['id']}")
    assert whole["policies"][0]["records"][0]["messages"] == 7
    [tls] = known.json("report received list --kind tls example.org")
    assert "\x1b" not in known(f"report received show {tls['id']}")
    status, _, err = known.attempt(f"report received show {row['id']} --raw")
    assert (status, "has been removed" in err) == (1, True)
    known(f"report received remove {row['id']}")
    assert known.attempt(f"report received show {row['id']}")[0] == 1


def test_sources(known: Typing, tmp_path: Path) -> None:
    """Who sends, with names if they are asked for, and the line about the policy."""
    zone = tmp_path / "zone"
    zone.write_text("9.113.0.203.in-addr.arpa PTR mail.example.org\nmail.example.org A 203.0.113.9\n")
    rows = known.json(f"report received sources example.org --names --zone {zone}")
    assert [(row["network"], row["name"], row["verdict"]) for row in rows] == [
        ("203.0.113.0/24", "mail.example.org", "yours"), ("198.51.100.0/24", "", "forged")]
    assert "Too little is known yet" in known("report received sources example.org")
    assert known.attempt("report received sources else.example")[0] == 1


def test_asked(typed: Typing, tmp_path: Path) -> None:
    """What the DNS asks for, with its exit status."""
    typed("domain add example.org")
    zone = tmp_path / "zone"
    zone.write_text('_dmarc.example.org TXT "v=DMARC1; p=none; rua=mailto:dmarc-reports@example.org"\n')
    status, out, _ = typed.attempt(f"report asked example.org --zone {zone}")
    assert status == 1
    assert "The DNS asks for reports to dmarc-reports@example.org." in out
    assert "asks for no reports about TLS" in " ".join(out.split())
    zone.write_text(zone.read_text() + '_smtp._tls.example.org TXT "v=TLSRPTv1; rua=mailto:tls-reports@example.org"\n')
    assert typed.attempt(f"report asked example.org --zone {zone}")[0] == 0
    assert typed.attempt(f"report asked localhost --zone {zone} --json")[0] == 1


def test_failures(known: Typing) -> None:
    """In plain words."""
    [row] = known.json("report received failures example.org")
    assert (row["sessions"], row["meaning"]) == (4, "The certificate had run out.")
    assert known.json("report received failures localhost") == []


def test_addresses(typed: Typing) -> None:
    """Of a domain and of the host: shown, chosen, refused if they are not ours."""
    typed("domain add example.org")
    [shown] = typed.json("domain show example.org")
    assert (shown["dmarc_reports"], shown["tls_reports"]) == ("dmarc-reports@example.org", "tls-reports@example.org")
    typed("domain set example.org --dmarc-reports Ann@example.org --tls-reports", "")
    [shown] = typed.json("domain show example.org")
    assert (shown["dmarc_reports"], shown["tls_reports"]) == ("ann@example.org", "")
    assert typed.json("report host-address") == [{"host": "localhost", "tls_reports": "tls-reports@localhost"}]
    assert typed.json("report host-address t@example.org")[0]["tls_reports"] == "t@example.org"
    assert typed.json("report host-address", "")[0]["tls_reports"] == ""
    status, _, err = typed.attempt("report host-address a@else.example")
    assert (status, "neither a domain of this server" in err) == (1, True)
