"""A machine whose provider blocks port 25: everything goes out through a server that takes it with a password, over TLS.

The block is in the machine's own network (nftables), the relay is a Postfix in the rest of
the world, with Cyrus SASL, and hands on to another.
"""
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from mta.base.clock import SystemClock
from mta.base.names import Domain
from mta.net.tls import self_signed
from tests.lab.founded import DOMAIN, HERE, HOST, SETTINGS, THERE, Founded, cabled, namespace
from tests.lab.names import Names, ZoneFile
from tests.lab.namespace import Namespace
from tests.lab.postfix import Postfix
from tests.lab.server import PASSWORD

pytestmark = pytest.mark.skipif(not shutil.which("nft") and not os.environ.get("CI"), reason="Debian's nftables is not installed")

RELAY, RELAY_HOST = "203.0.113.7", "smtp.relay.test"
SPF = "v=spf1 mx include:relay.test -all"
#: Only who signs in over TLS may send, and no port of it is for anybody else.
SUBMISSION = """submission inet n - n - - smtpd
  -o smtpd_sasl_auth_enable=yes -o smtpd_tls_security_level=encrypt
  -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject -o smtpd_sasl_authenticated_header=yes
"""


@pytest.fixture(scope="module")
def machine() -> Iterator[Namespace]:
    """The machine, from which nothing gets out to port 25."""
    with namespace("blocked") as space:
        for rule in ("add table inet provider", "add chain inet provider out { type filter hook output priority 0; }",
                     'add rule inet provider out oifname "cable" tcp dport 25 drop'):
            space.run("nft", rule)
        yield space


@pytest.fixture(scope="module")
def world(machine: Namespace) -> Iterator[Postfix]:
    """The rest of the world."""
    with cabled(machine, "open", others=(RELAY,)) as postfix:
        yield postfix


@pytest.fixture(scope="module")
def certificate(machine: Namespace) -> tuple[Path, Path]:
    """The relay's certificate and key."""
    made = self_signed([Domain(RELAY_HOST)], [], machine.folder / "relay-tls", SystemClock())
    # Who is to believe it may not enter where the key is.
    believed = machine.folder / "relay.pem"
    believed.write_bytes(made[0].read_bytes())
    return believed, made[1]


@pytest.fixture(scope="module")
def relay(world: Postfix, certificate: tuple[Path, Path]) -> Iterator[Postfix]:
    """The server that takes mail of its customer `me`."""
    space = world.space
    users = space.folder / "sasldb2"
    space.run("saslpasswd2", "-p", "-c", "-f", users, "-u", "relay.test", "me", stdin=PASSWORD.encode())
    users.chmod(0o644)
    space.place(users)
    with space.entered():
        postfix = Postfix(
            space, "relay", (RELAY,), (),
            SETTINGS.replace(HERE, THERE) + f"smtpd_tls_cert_file = {certificate[0]}\nsmtpd_tls_key_file = {certificate[1]}\n"
            "smtpd_sasl_local_domain = relay.test\n", SUBMISSION)
    yield postfix
    with space.entered():
        postfix.stop()


@pytest.fixture(scope="module")
def zone(machine: Namespace, relay: Postfix) -> Names:
    """The DNS; the relay says from where it sends."""
    with machine.entered():
        return Names(machine, [
            ZoneFile(DOMAIN, f"mx A {HERE}", signed=True), ZoneFile("far.test", f"@ MX 10 mx\nmx A {THERE}"),
            ZoneFile("relay.test", f'smtp A {RELAY}\n@ TXT "v=spf1 ip4:{RELAY} -all"'),
            ZoneFile("113.0.203.in-addr.arpa", f"5 PTR {HOST}.\n6 PTR mx.far.test.")])


@pytest.fixture(scope="module")
def founded(machine: Namespace, zone: Names, certificate: tuple[Path, Path]) -> Iterator[Founded]:
    """The server, running, with its records published."""
    with machine.entered():
        server = Founded(machine, "relayed", "--relay", RELAY_HOST, "--relay-user", "me", typed=f"{PASSWORD}\n", trust=certificate[0])
        zone.change(DOMAIN, server.part("DNS records"))
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
    """Without the relay it says what is blocked, and what to do; with it, that the relay is there."""
    assert f"OK  relay         {RELAY_HOST} answers at port 587." in founded.part("This machine")
    more, founded.more = founded.more, ()
    beside = founded.folder / "beside"
    said = founded.quickstart("--dry-run", "--config", str(beside / "p.toml"), "--data", str(beside / "data"), "--unit",
                              str(beside / "p.service"), check=False)
    founded.more = more
    assert "->  port 25       No connection goes out to port 25 (mx.far.test)." in said, said
    assert "--relay HOST" in said


def test_spf_says_so(founded: Founded) -> None:
    """One term for the relay, the same wherever one asks; it lets the relay in and nobody else, and the check is content."""
    records = founded.part("DNS records")
    assert f'{DOMAIN}. TXT "{SPF}"' in records
    assert f"a:{RELAY_HOST}" not in founded.said
    assert "ask whoever runs smtp.relay.test" in " ".join(founded.said.replace("\n; ", " ").split())
    assert f'"{SPF}"' in founded.command("dns", "records", DOMAIN)
    check = next(one for one in founded.json_of_check(DOMAIN) if one["name"] == "SPF")
    assert (check["errors"], check["warnings"]) == ([], [])
    for ip, result in ((RELAY, "pass"), (THERE, "fail")):
        assert result in founded.command("spf", "check", "--ip", ip, "--mail-from", f"you@{DOMAIN}", check=False)


def test_mail_goes_out_through_it(founded: Founded, relay: Postfix, world: Postfix) -> None:
    """Signed in, over TLS; what comes in comes directly."""
    founded.space.run("swaks", "--server", f"{HERE}:465", "--tls-on-connect", "--auth", "PLAIN", "--auth-user", f"you@{DOMAIN}",
                      "--auth-password", founded.password, "--from", f"you@{DOMAIN}", "--to", "bob@far.test", "--header", "Subject: around")
    founded.wait_until_queue_is_empty()
    sent = world.wait_for(b"Subject: around")
    assert b"(Authenticated sender: me" in sent
    assert b"d=hill.test" in sent
    relay.wait_for_log("relay=203.0.113.6")
    world.sendmail("bob@far.test", f"you@{DOMAIN}", message=b"From: bob@far.test\nSubject: directly\n\nHello.\n")
    founded.wait_for("you", "directly")


def test_the_password_is_kept(founded: Founded) -> None:
    """From everybody but the service user, and out of the configuration."""
    file = founded.config.with_name("relay-password")
    found = file.stat()
    assert (stat.S_IMODE(found.st_mode), found.st_uid) == (0o640, 0)
    assert PASSWORD not in founded.config.read_text() + founded.said
