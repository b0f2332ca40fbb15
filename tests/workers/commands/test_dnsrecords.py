"""workers.commands.dnsrecords: what the DNS should have, and whether it has."""
import json
from pathlib import Path

from mta.dns.zone import Zone
from mta.flow import published
from tests.workers.commands.conftest import Typing


def test_records(typed: Typing, tmp_path: Path) -> None:
    """For people, for machines, and for a zone file; what is there is taken into account."""
    typed("domain add example.org")
    (tmp_path / "zone").write_text('example.org TXT "v=spf1 include:else.test ~all"')
    zone = f"--zone {tmp_path / 'zone'}"
    rows = typed.json(f"dns records example.org {zone}")
    assert [row["value"] for row in rows if row["name"] == "example.org." and row["type"] == "TXT"] == [
        '"v=spf1 mx include:else.test ~all"']
    out = typed(f"dns records example.org {zone}")
    assert 'example.org. TXT "v=spf1 mx include:else.test ~all"\n' in out
    assert "; Other servers bring mail for the domain" in out
    file = typed(f"dns records example.org --zone-file {zone}")
    assert file.startswith("$TTL 300\n")
    Zone(file)
    (tmp_path / "zone").write_text("example.org TIMEOUT TXT")
    status, _, err = typed.attempt(f"dns records example.org {zone}")
    assert (status, err) == (0, f"{published.UNKNOWN}\n")
    status, _, err = typed.attempt(f"dns records elsewhere.test {zone}")
    assert status
    assert "elsewhere.test" in err


def test_check(typed: Typing, tmp_path: Path) -> None:
    """The sections with what to do; the exit status tells whether something is wrong."""
    typed("domain add example.org")
    file = tmp_path / "zone"
    file.write_text("example.org SERVFAIL MX\nexample.org NS a.test")
    status, out, _ = typed.attempt(f"dns check example.org --zone {file}")
    assert status == 1
    assert "MX: not known\n  unknown  The DNS does not say what is at example.org (MX): SERVFAIL." in out
    assert "\n  FAILS     DMARC, DKIM and SPF: there is a DMARC record\n" in out
    assert "\n  not known RPKI: " in out
    assert "DMARC: wrong\n  error    " in out
    assert '    _dmarc.example.org. TXT "v=DMARC1; p=none; rua=mailto:dmarc-reports@example.org"\n' in out
    status, out, _ = typed.attempt(f"dns check example.org --zone {file} --json")
    rows = json.loads(out)
    assert status == 1
    assert {row["name"]: row["verdict"] for row in rows}["MX"] == "not known"
    assert all(set(row) == {"name", "verdict", "errors", "warnings", "unknown", "instructions", "records", "tests"} for row in rows)


def test_differences(typed: Typing, tmp_path: Path) -> None:
    """Each record beside what is there."""
    typed("domain add example.org")
    (tmp_path / "zone").write_text("example.org MX 10 old.test\n_smtp._tls.example.org SERVFAIL")
    zone = f"--zone {tmp_path / 'zone'}"
    out = typed(f"dns records example.org --diff {zone}")
    assert "example.org. MX differs\n  - 10 old.test.\n  + 10 localhost." in out
    assert "_smtp._tls.example.org. TXT unknown: SERVFAIL\n" in out
    assert " records are there\n" in out
    rows = typed.json(f"dns records example.org --diff {zone}")
    assert next(row["there"] for row in rows if row["type"] == "MX") == ["10 old.test."]


def test_the_way(typed: Typing) -> None:
    """Stage by stage, and what is next; a test letter sets out once somebody has an address."""
    typed("domain add example.org")
    status, out, _ = typed.attempt("setup example.org")
    assert status == 1
    assert "done  domain: example.org is served" in out
    assert "next: `pillarbox account add NAME --address NAME@example.org`" in out
    status, _, err = typed.attempt("setup example.org --send me@else.test")
    assert (status, "nobody has an address" in err) == (1, True)
    status, _, err = typed.attempt("setup example.org --account ann")
    assert (status, "goes with --send" in err) == (1, True)
    typed("account add ann --address ann@example.org", stdin="a long password\n")
    _, out, _ = typed.attempt("setup example.org --send me@else.test")
    assert "to do outgoing: The letter to me@else.test is on its way." in out
    _, out, _ = typed.attempt("setup example.org --json")
    assert {row["stage"] for row in json.loads(out)} == {"domain", "account", "dns", "certificate", "outgoing", "incoming"}
