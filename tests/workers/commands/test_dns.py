"""workers.commands.dns: questions typed by hand."""
import json
from pathlib import Path

import pytest

from mta.net import upstream
from tests.workers.commands.conftest import Typing

ZONE = """signed.test. SECURE
signed.test. MX 10 mx.signed.test.
signed.test. TXT "v=spf1 \\"x\\" -all"
_25._tcp.mx.signed.test. TLSA 3 1 1 00FF
mx.signed.test. A 192.0.2.1
mx.signed.test. AAAA 2001:db8::1
plain.test. MX 0 .
www.plain.test. CNAME mx.signed.test.
forged.test. BOGUS
dead.test. SERVFAIL
1.2.0.192.in-addr.arpa. PTR mx.signed.test.
"""


@pytest.fixture
def zone(tmp_path: Path) -> str:
    """A signed domain, an unsigned one, a forged one, and one that does not answer."""
    (tmp_path / "zone").write_text(ZONE)
    return str(tmp_path / "zone")


@pytest.mark.parametrize(("kind", "name", "record", "dnssec"), [
    ("mx", "signed.test", "10 mx.signed.test.", "authentic"), ("MX", "plain.test", "0 .", "insecure"),
    ("tlsa", "_25._tcp.mx.signed.test", "3 1 1 00ff", "authentic"), ("txt", "signed.test.", r'"v=spf1 \"x\" -all"', "authentic"),
    ("ptr", "192.0.2.1", "mx.signed.test.", "insecure"), ("ptr", "1.2.0.192.in-addr.arpa", "mx.signed.test.", "insecure"),
    ("a", "www.plain.test", "192.0.2.1", "insecure")])
def test_records_and_what_they_are_worth(typed: Typing, zone: str, kind: str, name: str, record: str, dnssec: str) -> None:
    """Each kind as it stands in a zone file, and whether DNSSEC vouches for it."""
    [row] = typed.json(f"dns lookup {kind} {name} --zone {zone}")

    assert (row["record"], row["dnssec"], row["outcome"], row["questions"]) == (record, dnssec, "found", 1)


def test_all_addresses(typed: Typing, zone: str) -> None:
    """Both families at once; people are told in a sentence what DNSSEC says."""
    out = typed(f"dns lookup ip mx.signed.test --zone {zone}")

    assert [line.split() for line in out.splitlines()[1:3]] == [
        ["mx.signed.test", "A", "300", "authentic", "192.0.2.1"], ["mx.signed.test", "AAAA", "300", "authentic", "2001:db8::1"]]
    assert "AAAA: found. DNSSEC vouches for this answer." in out


def test_aliases_are_told(typed: Typing, zone: str) -> None:
    """An answer is worth no more than the alias that led to it."""
    out = typed(f"dns lookup a www.plain.test --zone {zone}")

    assert "A: found (through mx.signed.test). DNSSEC does not vouch for this answer." in out


@pytest.mark.parametrize(("name", "outcome", "dnssec", "said"), [
    ("nobody.signed.test", "nothing", "authentic", "no such name. DNSSEC vouches for this answer"),
    ("mx.signed.test", "empty", "authentic", "no such records"), ("nobody.plain.test", "nothing", "insecure", "does not vouch"),
    ("forged.test", "bogus", "bogus", "DNSSEC says forged"), ("dead.test", "trouble", "unknown", "SERVFAIL")])
def test_no_records(typed: Typing, zone: str, name: str, outcome: str, dnssec: str, said: str) -> None:
    """Absence, forgery and silence are told apart; the exit status is 1."""
    status, out, _ = typed.attempt(f"dns lookup mx {name} --zone {zone}")
    assert (status, said in out) == (1, True), out

    [row] = json.loads(typed.attempt(f"dns lookup mx {name} --zone {zone} --json")[1])
    assert (row["outcome"], row["dnssec"], row["record"]) == (outcome, dnssec, "")


def test_a_server_that_is_not_believed(typed: Typing, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a trusted server nothing is ever authentic, and the command says why."""
    monkeypatch.setattr(upstream, "_nameservers", lambda path: [])
    status, out, _ = typed.attempt("dns lookup mx signed.test")

    assert status == 1
    assert "None of the DNS servers is on this machine or among [dns] trusted" in out


@pytest.mark.parametrize(("line", "said"), [
    ("dns lookup xyz a.test", "a, aaaa, caa, cname, dnskey, ds, ip, mx"), ("dns lookup mx a..test", "not a domain name")])
def test_mistakes(typed: Typing, line: str, said: str) -> None:
    """One line, with what to type instead."""
    status, _, err = typed.attempt(line)

    assert (status, said in err, err.count("\n")) == (1, True, 1), err
