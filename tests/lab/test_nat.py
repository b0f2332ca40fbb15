"""A machine behind a router that translates its one public address, as at home: mail in and out, checks, and certificates.

Three networks: the machine's (private addresses), the router's (nftables: DNAT for what
comes in, SNAT for what goes out, for the machine's own calls to the public address too),
and the rest of the world, with a Postfix and an authority (Pebble).
"""
import json
import os
import shutil
import smtplib
import ssl
from collections.abc import Iterator

import pytest

from tests.lab.authority import Authority
from tests.lab.founded import DOMAIN, HERE, HOST, SETTINGS, THERE, Founded, ip, namespace
from tests.lab.names import Names, ZoneFile
from tests.lab.namespace import Namespace
from tests.lab.postfix import Postfix
from tests.lab.waiting import until

pytestmark = [pytest.mark.timeout(300),
              pytest.mark.skipif(not shutil.which("nft") and not os.environ.get("CI"), reason="Debian's nftables is not installed")]

#: The machine and its router; the router has HERE outside.
INNER, ROUTER = "192.168.7.2", "192.168.7.1"
PORTS = "{ 25, 80, 443, 465, 587 }"
RULES = (
    "add table ip home", "add chain ip home in { type nat hook prerouting priority dstnat; }",
    "add chain ip home out { type nat hook postrouting priority srcnat; }",
    f"add rule ip home in ip daddr {HERE} tcp dport {PORTS} dnat to {INNER}",
    f'add rule ip home out oifname "outside" snat to {HERE}',
    # What the machine says to the public address comes back to it, as most routers do it (hairpin).
    f'add rule ip home out oifname "inside" ip saddr {INNER} masquerade')


@pytest.fixture(scope="module")
def machine() -> Iterator[Namespace]:
    """The machine, which has no public address."""
    with namespace("home") as space:
        yield space


@pytest.fixture(scope="module")
def beyond(machine: Namespace) -> Iterator[Namespace]:
    """The rest of the world, which knows no way to private addresses."""
    with namespace("router") as router, namespace("internet") as space:
        ip("link", "add", "cable", "netns", machine.name, "type", "veth", "peer", "name", "inside", "netns", router.name)
        ip("link", "add", "cable", "netns", space.name, "type", "veth", "peer", "name", "outside", "netns", router.name)
        for place, device, address in ((machine, "cable", INNER), (router, "inside", ROUTER), (router, "outside", HERE),
                                       (space, "cable", THERE)):
            ip("-n", place.name, "addr", "add", f"{address}/24", "dev", device)
            ip("-n", place.name, "link", "set", device, "up")
        ip("-n", machine.name, "route", "add", "default", "via", ROUTER)
        router.run("sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward")
        for rule in RULES:
            router.run("nft", rule)
        yield space


@pytest.fixture(scope="module")
def world(beyond: Namespace) -> Iterator[Postfix]:
    """Somebody else's mail server."""
    with beyond.entered():
        postfix = Postfix(beyond, "far", (THERE,), ("far.test",), SETTINGS)
    yield postfix
    with beyond.entered():
        postfix.stop()


@pytest.fixture(scope="module")
def authority(beyond: Namespace) -> Authority:
    """One that looks for every name at the public address."""
    with beyond.entered():
        return Authority(beyond, THERE, HERE, bound=False)


@pytest.fixture(scope="module")
def zone(machine: Namespace, world: Postfix) -> Names:
    """The DNS."""
    with machine.entered():
        return Names(machine, [
            ZoneFile(DOMAIN, f"mx A {HERE}", signed=True), ZoneFile("far.test", f'@ MX 10 mx\nmx A {THERE}\n@ TXT "v=spf1 mx -all"'),
            ZoneFile("113.0.203.in-addr.arpa", f"5 PTR {HOST}.\n6 PTR mx.far.test.")])


@pytest.fixture(scope="module")
def founded(machine: Namespace, zone: Names, authority: Authority) -> Iterator[Founded]:
    """The server, running, with its records published; it believes the authority, which the public would do anyway."""
    with machine.entered():
        server = Founded(machine, "translated", "--nat-ip", HERE, acme=authority.directory.replace(THERE, "acme.far.test"))
        zone.change(DOMAIN, server.part("DNS records"))
        # Pebble's own certificate is for an address, and by somebody whom only the lab believes.
        text = server.config.read_text().replace("acme.far.test", THERE)
        server.config.write_text(text.replace("[acme]\n", f'[acme]\nca_file = "{authority.ca_file}"\n'))
        server.start()
    yield server
    assert server.stop() == 0, server.text()[-3000:]
    assert "agree" in server.command("verify")


@pytest.fixture(autouse=True)
def inside(machine: Namespace) -> Iterator[None]:
    """Each test runs on the machine."""
    with machine.entered():
        yield


def test_the_survey(founded: Founded) -> None:
    """The public address stands where others would look; the private one nowhere in the DNS."""
    survey = founded.part("This machine")
    for text in (f"A router translates {HERE} to this machine ({INNER})", f"OK  host name     {HOST} leads to {HERE}.",
                 f"OK  reverse DNS   {HERE} is called {HOST}.", "OK  port 25 "):
        assert text in survey
    assert f"{HOST}. A {HERE}" in founded.part("DNS records")
    assert INNER not in founded.part("DNS records")


def test_without_the_word_for_it(founded: Founded) -> None:
    """The name's address is taken; a name that leads nowhere is no reason to guess."""
    more, founded.more = founded.more, ()
    place = founded.folder / "another"
    words = ("--dry-run", "--config", str(place / "p.toml"), "--data", str(place / "data"), "--unit", str(place / "p.service"))
    said = founded.quickstart(*words, check=False)
    assert f"A router translates {HERE}" in said
    said = founded.quickstart(*words, "--hostname", f"nowhere.{DOMAIN}", check=False)
    assert "name the public one with --nat-ip" in " ".join(said.split())
    founded.more = more


def test_a_certificate_comes(founded: Founded, world: Postfix) -> None:
    """Asked for over the public address, and shown to whoever comes that way."""
    def labels() -> set[str]:
        rows = json.loads(founded.command("tls", "status", "--json", check=False))
        return {row["label"] for row in rows if row["ports"]}

    def shown() -> str:
        return world.space.run("openssl", "s_client", "-connect", f"{HERE}:25", "-starttls", "smtp", "-servername", HOST)

    until(lambda: "host-ec" in labels(), 90, lambda: f"{labels()}\n{founded.text()[-3000:]}")
    # The acceptors are told of it a moment after it lies there.
    until(lambda: "issuer=CN = Pebble" in shown(), 30, shown)


def test_mail_in_and_out(founded: Founded, world: Postfix) -> None:
    """Through the router, by which others know us."""
    world.sendmail("bob@far.test", f"you@{DOMAIN}", message=b"From: bob@far.test\nSubject: to the inside\n\nHello.\n")
    assert "spf=pass" in founded.raw(founded.wait_for("you", "to the inside"))
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with smtplib.SMTP_SSL(INNER, 465, context=context) as client:
        client.login(f"you@{DOMAIN}", founded.password)
        client.sendmail(f"you@{DOMAIN}", ["bob@far.test"], f"From: you@{DOMAIN}\r\nSubject: to the outside\r\n\r\nHello.\r\n".encode())
    assert HERE.encode() in world.wait_for(b"Subject: to the outside")


def test_the_checks_use_the_public_address(founded: Founded) -> None:
    """Nothing is wrong with it, and nobody is told of the private one."""
    assert founded.command("check").startswith("everything is in order\n")
    found = {row["name"]: row for row in founded.json_of_check(DOMAIN)}
    for name in ("SPF", "MX", "Host and reverse names", "DANE", "TLS of the mail hosts"):
        assert (name, found[name]["errors"]) == (name, [])
    assert INNER not in str(found)
