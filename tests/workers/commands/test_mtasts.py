"""workers.commands.mtasts: policies, looked into at the command line."""
import json
from pathlib import Path

import pytest

from mta.base.clock import SystemClock
from mta.base.names import Domain
from mta.secure.mtasts import Mode, Policy
from mta.store import policies
from mta.store.database import Store
from tests.workers.commands.conftest import Typing

ZONE = '_mta-sts.example.org TXT "v=STSv1; id=7"\nexample.org MX 10 mx.example.org\n'
POLICY = "version: STSv1\nmode: enforce\nmx: mx.example.org\nmax_age: 604800\n"


@pytest.fixture
def zone(tmp_path: Path) -> str:
    """The DNS of example.org."""
    (tmp_path / "zone").write_text(ZONE)
    return str(tmp_path / "zone")


def test_a_policy_before_it_is_published(typed: Typing, zone: str, tmp_path: Path) -> None:
    """From files alone, without a server; the exit status is for scripts."""
    file = tmp_path / "policy.txt"
    file.write_text(POLICY)
    status, out, _ = typed.attempt(f"mtasts lookup example.org --zone {zone} --policy {file}")
    assert status == 0
    assert [line.split()[:2] for line in out.splitlines()[:2]] == [["record", "pass"], ["policy", "pass"]]
    assert out.endswith(f"2 questions asked of {zone}.\n")
    record, policy, host = json.loads(typed(f"mtasts lookup example.org --zone {zone} --policy {file} --json"))
    assert (record["domain"], record["id"], record["status"]) == ("example.org", "7", "pass")
    assert (policy["mode"], policy["max_age"], policy["mx"]) == ("enforce", 604_800, ["mx.example.org"])
    assert (host["host"], host["allowed"]) == ("mx.example.org", True)

    file.write_text(POLICY.replace("mx.", "mx2."))
    status, out, _ = typed.attempt(f"mtasts lookup example.org --zone {zone} --policy {file}")
    assert status == 1
    assert "mx: mx.example.org" in out
    file.write_text("nothing")
    status, out, _ = typed.attempt(f"mtasts lookup example.org --zone {zone} --policy {file} --json")
    assert (status, json.loads(out)[1]["problem"]) == (1, "sts-policy-invalid")
    assert "policy.txt cannot be used: line 1" in json.loads(out)[1]["what"]


def test_the_web_server_is_asked(typed: Typing, zone: str) -> None:
    """At the address that the DNS has for mta-sts.DOMAIN."""
    status, out, _ = typed.attempt(f"mtasts lookup example.org --zone {zone} --json")
    rows = json.loads(out)
    assert (status, rows[1]["problem"]) == (1, "sts-policy-fetch-error")
    assert rows[1]["what"] == "mta-sts.example.org: it has no address."
    assert rows[1]["questions"] == 3


def test_known_policies(typed: Typing) -> None:
    """Those of the cache, with what went wrong."""
    typed("domain list")
    store = Store.open(typed.directory / "data", SystemClock())
    policy, now = Policy(Mode.TESTING, 1_000, ("a.example",)), 1_900_000_000.0
    store.write_now(lambda db: policies.keep(db, Domain("a.example"), policy, "7", now, now + 1_000, now + 500))
    store.write_now(lambda db: policies.failed(db, Domain("b.example"), "8", "sts-policy-invalid", "why", now, now + 500))
    store.close()
    good, bad = typed.json("mtasts list")
    assert (good["domain"], good["mode"], good["mx"], good["id"], good["problem"]) == ("a.example", "testing", ["a.example"], "7", "")
    assert (bad["domain"], bad["mode"], bad["valid_until"], bad["why"]) == ("b.example", "", None, "why")
    assert bad["problem"] == "sts-policy-invalid"
    assert "2030-03-17" in typed("mtasts list")


def test_what_cannot_be(typed: Typing, zone: str) -> None:
    """One line says what to change."""
    for line, said in (("mtasts lookup a..b", "not a domain name"), ("mtasts lookup example.org --policy /none", "/none"),
                       ("mtasts lookup example.org --zone /none", "/none")):
        status, out, err = typed.attempt(line)
        assert (status, out, err.count("\n")) == (1, "", 1)
        assert said in err
