"""Certificates from an authority we did not write (Pebble), looked at by OpenSSL and testssl.sh."""
import json
import re
import smtplib
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mta.net import certificates as files
from tests.lab.authority import KEY, KID, Authority
from tests.lab.conftest import AUTHORITY, CERTIFIED, NOBODY
from tests.lab.names import Names
from tests.lab.namespace import Namespace
from tests.lab.server import Pillarbox
from tests.lab.waiting import until

pytestmark = pytest.mark.timeout(300)

#: Port, and what openssl s_client has to know of it.
PORTS = {25: ("-starttls", "smtp"), 465: (), 587: ("-starttls", "smtp"), 443: ()}
ACME = """
[acme]
directory = "{directory}"
contact = "ann@certs.test"
ca_file = "{ca_file}"
eab_kid = "{kid}"
eab_key_file = "{key_file}"
names = ["mail.certs.test"]

[listeners.inside]
ips = ["{address}"]
metrics = 9180
"""


@pytest.fixture(scope="session")
def authority(space: Namespace) -> Authority:
    """A Pebble that wants accounts to be bound to one that it knows, and looks at `certified` for every name."""
    with space.entered():
        return Authority(space, AUTHORITY, CERTIFIED)


@pytest.fixture(scope="session")
def certified(space: Namespace, names: Names, authority: Authority) -> Iterator[Pillarbox]:
    """A Pillarbox of certs.test that asks it for certificates."""
    key_file = authority.folder / "eab"
    key_file.write_text(f"{KEY}\n")
    more = ACME.format(directory=authority.directory, ca_file=authority.ca_file, kid=KID, key_file=key_file, address=CERTIFIED)
    with space.entered():
        server = Pillarbox(space, "certs", (CERTIFIED,), "certs.test", ("ann",), more)
    yield server
    with space.entered():
        assert server.stop() == 0, server.text()[-3000:]
        assert "agree" in server.command("verify")


@pytest.fixture
def issued(certified: Pillarbox) -> Pillarbox:
    """The server, once it has all its certificates."""
    until(lambda: {"host-ec", "host-rsa", "domain-certs.test"} <= {label for label, row in served(certified).items() if row["ports"]},
          60, "certificates")
    return certified


def served(server: Pillarbox) -> dict[str, dict[str, Any]]:
    """What tls status says, by label."""
    rows = json.loads(server.command("tls", "status", "--json", check=False))
    return {row["label"]: row for row in rows}


def reconfigure(server: Pillarbox, **settings: str) -> None:
    """Change settings of [acme] and reload."""
    text = server.config.read_text()
    for name, value in settings.items():
        text = re.sub(rf"(?m)^{name} = .*\n", "", text)
        if value:
            text = text.replace("[acme]\n", f'[acme]\n{name} = {value}\n')
    server.config.write_text(text)
    server.command("reload")


def shake_hands(space: Namespace, authority: Authority, port: int, name: str, *more: str) -> str:
    """What openssl s_client says of a handshake."""
    return space.run("openssl", "s_client", "-connect", f"{CERTIFIED}:{port}", *PORTS[port], "-CAfile", authority.root,
                     *(["-servername", name, "-verify_hostname", name] if name else ["-noservername"]), *more, check=False, stdin=b"")


def presented(space: Namespace, authority: Authority, port: int, name: str, *more: str) -> files.Facts:
    """The certificate of a handshake."""
    said = shake_hands(space, authority, port, name, *more)
    pem = re.search(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n", said, re.S)
    assert pem, said
    return files.facts_of(pem[0].encode())


def renewed(server: Pillarbox, *labels: str, before: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """acme renew; the certificates afterwards, which are others than before."""
    server.command("acme", "renew", *labels)
    after = served(server)
    for label in labels:
        assert after[label]["since"] > before[label]["since"] or after[label]["until"] != before[label]["until"]
    return after


def anew(server: Pillarbox, label: str, seen: Callable[[], bool]) -> None:
    """acme renew, until what comes of a proof is seen.

    Pebble goes by an old proof once in a hundred times though it is told never to: it reuses
    one unless a number from 0 to 99 is more than the percentage it was given.
    """
    for _ in range(8):
        server.command("acme", "renew", label, check=False)
        if seen():
            return
    raise AssertionError(f"eight orders for {label}, and no proof was asked for as it should have been")


def test_from_the_first_minute(issued: Pillarbox, space: Namespace, authority: Authority) -> None:
    """Nobody has to ask: after the start every TLS port has a certificate that chain and name hold of, for both kinds of keys."""
    rows = served(issued)

    assert rows["host-ec"]["names"] == rows["host-rsa"]["names"] == ["mx.certs.test", "mail.certs.test"]
    assert rows["domain-certs.test"]["names"] == ["mta-sts.certs.test", "autoconfig.certs.test"]
    assert [row["key"] for row in rows.values()][:2] == ["EC P-256", "RSA 2048"]
    for port in PORTS:
        for name in ("mx.certs.test", "mail.certs.test", "mta-sts.certs.test"):
            until(lambda: "Verify return code: 0 (ok)" in shake_hands(space, authority, port, name), 60, f"{name} at port {port}")    # noqa: B023
        assert presented(space, authority, port, "").digest == rows["host-ec"]["digest"]
        for curve in ("RSA-PSS+SHA256", "ECDSA+SHA256"):
            key = presented(space, authority, port, "mx.certs.test", "-sigalgs", curve).key
            assert key == {"R": "RSA 2048", "E": "EC P-256"}[curve[0]]
    assert "certificate.failed" not in issued.text()


def test_tlsa_records_say_what_is_shown(issued: Pillarbox, space: Namespace, authority: Authority) -> None:
    """The printed records are the digests of the keys that a sender sees at port 25."""
    said = issued.command("dane", "record")

    values = re.findall(r"(?m)^_25\._tcp\.mx\.certs\.test\. TLSA 3 1 1 ([0-9a-f]{64}) ;", said)
    seen = {presented(space, authority, 25, "mx.certs.test", "-sigalgs", name).digest for name in ("RSA-PSS+SHA256", "ECDSA+SHA256")}
    assert set(values) == seen
    assert len(seen) == 2


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_no_session_tickets_at_port_25(issued: Pillarbox, space: Namespace, authority: Authority, version: str) -> None:
    """Senders of Microsoft stumble over them."""
    said = shake_hands(space, authority, 25, "mx.certs.test", version)

    assert "Verify return code: 0 (ok)" in said
    assert "ticket" not in said.lower()


def test_renewed_without_a_word(issued: Pillarbox, space: Namespace, authority: Authority) -> None:
    """The key stays, so TLSA records stay true; who is connected stays connected; who comes then sees the new one."""
    before = served(issued)
    old = presented(space, authority, 25, "mx.certs.test")
    with smtplib.SMTP(CERTIFIED, 25, timeout=60) as session:
        session.starttls()
        session.ehlo("there.test")
        pids = [row["pid"] for row in issued.json("status")]
        issued.command("acme", "renew")
        assert served(issued)["host-ec"]["digest"] == before["host-ec"]["digest"] == old.digest
        until(lambda: presented(space, authority, 25, "mx.certs.test").serial != old.serial, 60, "the acceptors have the new one")
        until(lambda: presented(space, authority, 443, "mx.certs.test").digest == old.digest, 60, "the web role has it")
        assert [row["pid"] for row in issued.json("status")] == pids
        assert session.noop()[0] == 250
    assert "certificate.loaded" in issued.text()


def test_by_handshake(issued: Pillarbox, space: Namespace, authority: Authority) -> None:
    """tls-alpn-01: the web role answers it at port 443, and shows everybody else the usual certificate all the while."""
    before = served(issued)
    reconfigure(issued, challenge='"tls-alpn-01"')
    try:
        issued.command("acme", "renew")
    finally:
        reconfigure(issued, challenge="")
    assert {row["digest"] for label, row in served(issued).items() if "host" in label} == {
        row["digest"] for label, row in before.items() if "host" in label}
    assert served(issued)["domain-certs.test"]["digest"] != before["domain-certs.test"]["digest"]
    assert list((issued.folder / "data" / "acme" / "tls-alpn-01").iterdir()) == []


def test_by_record(issued: Pillarbox, authority: Authority) -> None:
    """dns-01: the operator's program sets and unsets records; it learns nothing else of us."""
    before = served(issued)
    hook = authority.hook()
    reconfigure(issued, challenge='"dns-01"', dns_hook=f'"{hook}"')
    asked = sorted(f"{action} _acme-challenge.{name}.certs.test" for action in ("set", "unset") for name in ("mta-sts", "autoconfig"))

    def called() -> list[str]:
        return (authority.folder / "hook.calls").read_text().splitlines()
    try:
        anew(issued, "domain-certs.test", lambda: sorted({line.split(" [")[0] for line in called()}) == asked)
    finally:
        reconfigure(issued, challenge="", dns_hook="")
    calls = called()
    assert served(issued)["domain-certs.test"]["digest"] != before["domain-certs.test"]["digest"]
    assert sum(line.startswith("set ") for line in calls) == sum(line.startswith("unset ") for line in calls)
    assert "'PILLARBOX_VALUE'" in calls[0]
    assert "HOME" not in calls[0]


def test_a_name_that_fails_costs_the_others_nothing(issued: Pillarbox, authority: Authority) -> None:
    """The authority does not find us at one name: it is left out, with the reason; the rest is renewed in the same run."""
    authority.lead("mail.certs.test", NOBODY)
    try:
        anew(issued, "host-ec", lambda: served(issued)["host-ec"]["problems"] != [])
    finally:
        authority.lead("mail.certs.test")
    row = served(issued)["host-ec"]
    assert row["names"] == ["mx.certs.test"]
    assert row["problems"][0].startswith("mail.certs.test is not in it: urn:ietf:params:acme:error:connection")
    issued.command("acme", "renew", "host-ec")
    assert served(issued)["host-ec"]["names"] == ["mx.certs.test", "mail.certs.test"]
    assert served(issued)["host-ec"]["problems"] == []


def test_a_name_that_leads_elsewhere_is_not_asked_for(issued: Pillarbox, names: Names, authority: Authority) -> None:
    """Our own DNS says so before the authority is bothered."""
    records = names.records("certs.test")
    names.change("certs.test", records.replace(f"autoconfig A {CERTIFIED}", f"autoconfig A {NOBODY}"))
    asked = authority.text().count("autoconfig.certs.test")
    try:
        issued.command("acme", "renew", "domain-certs.test")
        row = served(issued)["domain-certs.test"]
        assert row["names"] == ["mta-sts.certs.test"]
        assert f"it leads to {NOBODY}, which no listener has" in row["problems"][0]
        assert authority.text().count("autoconfig.certs.test") == asked
        assert "which no listener has" in issued.command("check", check=False)
    finally:
        names.change("certs.test", records)
    issued.command("acme", "renew", "domain-certs.test")
    assert served(issued)["domain-certs.test"]["names"] == ["mta-sts.certs.test", "autoconfig.certs.test"]


def test_the_alarm(issued: Pillarbox, authority: Authority) -> None:
    """After three failures the postmaster hears the authority's own words, once; the event, the counter and the overview too."""
    authority.lead("mx.certs.test", NOBODY)
    try:
        anew(issued, "host-rsa", lambda: "certificate.alarm" in issued.text())
    finally:
        authority.lead("mx.certs.test")
    mail = issued.raw(issued.wait_for("ann", "The certificates of mx.certs.test need you"))
    assert "3 attempts to get it failed" in mail.replace("=\n", "")
    assert "urn:ietf:params:acme:error:connection" in mail.replace("=\n", "")
    assert issued.text().count("certificate.alarm") == 1
    counters = metrics(issued)
    assert 'pillarbox_events_total{role="certificates",event="certificate.alarm"} 1\n' in counters
    assert counters.count('pillarbox_certificate_until_seconds{name="mx.certs.test",key="RSA 2048"}') == 1
    assert "3 attempts" in issued.command("tls", "status", check=False)
    issued.command("acme", "renew", "host-rsa", check=False)
    assert issued.text().count("certificate.alarm") == 1
    assert served(issued)["host-rsa"]["problems"] == []


def metrics(server: Pillarbox) -> str:
    """The page for Prometheus."""
    with urllib.request.urlopen(f"http://{CERTIFIED}:9180/metrics", timeout=10) as answer:
        text: str = answer.read().decode()
    return text


def test_an_authority_that_forgot_us(issued: Pillarbox, space: Namespace, authority: Authority) -> None:
    """It was started anew: our account is made again; what it issues now ends soon, and the alarm says so."""
    authority.restart(life=3_000)
    before = served(issued)["domain-certs.test"]
    issued.command("acme", "renew", "domain-certs.test")
    after = served(issued)["domain-certs.test"]
    assert after["until"] < before["until"]
    assert after["problems"] == []
    authority.restart(life=90 * 86_400)
    issued.command("acme", "renew")
    until(lambda: "Verify return code: 0 (ok)" in shake_hands(space, authority, 465, "mx.certs.test"), 60, "the new ones are in use")


def test_a_change_of_keys(issued: Pillarbox, space: Namespace, names: Names, authority: Authority) -> None:
    """Two steps: the next keys are published and seen, then used; both are in the records until nobody shows the old ones."""
    before = {row["value"].split()[-1] for row in issued.json("dane", "record")}
    issued.command("tls", "hostkeys", "--next")
    lines = issued.json("dane", "record")
    both = {row["value"].split()[-1] for row in lines}
    assert before < both
    assert len(both) == 4
    records = names.records("certs.test")
    names.change("certs.test", records + "".join(f"\n_25._tcp.mx TLSA 3 1 1 {digest}" for digest in before))
    assert "does not list the next keys yet" in issued.command("tls", "hostkeys", "--switch", check=False)
    names.change("certs.test", records + "".join(f"\n_25._tcp.mx TLSA {row['value']}" for row in lines))
    until(lambda: issued.json("tls", "hostkeys")[2]["listed"], 60, "the DNS lists the next keys")
    until(lambda: "may remember" not in issued.command("tls", "hostkeys", "--switch", check=False), 60, "two TTLs have passed")
    until(lambda: presented(space, authority, 25, "mx.certs.test").digest in both - before, 60, f"new keys; {issued.text()[-2000:]}")
    until(lambda: {row["value"].split()[-1] for row in issued.json("dane", "record")} == both - before,
          30, "only the new keys are in the records")
    issued.command("tls", "hostkeys")
    names.change("certs.test", records)


#: Findings that come of the lab and not of us: its authority is nobody's, and publishes neither revocation nor CAA.
THE_LABS = {"cert_chain_of_trust", "cert_revocation", "DNS_CAArecord", "cert_trust", "OCSP_stapling", "cert_extlifeSpan",
            "cert_crlDistributionPoints", "cert_ocspURL", "certificate_transparency", "cert_notBefore", "cert_validityPeriod"}


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("port", [*PORTS])
def test_testssl_finds_nothing(issued: Pillarbox, space: Namespace, port: int, tmp_path: Path) -> None:
    """testssl.sh: protocols, ciphers, forward secrecy, certificate and known holes; no finding of ours from MEDIUM on."""
    report = tmp_path / "report.json"
    starttls = ("--starttls", "smtp") if "-starttls" in PORTS[port] else ()
    said = space.run(
        "testssl", "--quiet", "--color", "0", "--warnings", "off", "--ip", "one", "--nodns", "min", "--jsonfile", report, "--protocols",
        "--server-preference", "--server-defaults", *(["--headers"] if port == 443 else []),
        *(["--std", "--fs", "--vulnerable"] if port in (25, 443) else []),    # the other two are the same process
        *starttls, f"mx.certs.test:{port}", check=False, seconds=500)
    assert report.exists(), said[-3000:]
    findings = json.loads(report.read_text())
    seen = {row["id"] for row in findings}
    grave = [row for row in findings if row["severity"] in ("MEDIUM", "HIGH", "CRITICAL") and row["id"].split(" ")[0] not in THE_LABS]

    print("\n".join(f"{row['severity']} {row['id']}: {row['finding']}" for row in findings if row["severity"] not in ("OK", "INFO")))
    assert {"TLS1_2", "TLS1_3", "cipher_order"} <= seen, said[-3000:]
    if port in (25, 443):
        assert {"FS", "PFS"} & seen, "forward secrecy, as newer and older versions call it"
        assert "heartbleed" in seen
    assert grave == []
