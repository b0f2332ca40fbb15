"""The lab's fixtures: one namespace with DNS for the whole run, and peers in it.

The lab needs root and Debian's packages.  Where they are missing its tests are skipped by
name with that reason; with CI set nothing may be skipped, so there the lack is an error.
"""
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from mta.base.clock import SystemClock
from mta.base.names import Domain
from mta.net.tls import self_signed
from tests import lists
from tests.browser import calls
from tests.lab import protection
from tests.lab.names import Names, ZoneFile
from tests.lab.namespace import Namespace
from tests.lab.postfix import Postfix
from tests.lab.protection import Protection
from tests.lab.server import PASSWORD, Pillarbox

PROGRAMS = (
    "ip", "postfix", "posttls-finger", "swaks", "nsd", "unbound", "ldns-signzone", "dig", "script", "saslpasswd2", "opendkim",
    "opendkim-genkey", "openssl", "pebble", "pebble-challtestsrv", "testssl")

#: Who is where.  `us` is Pillarbox, `them` a Postfix with a domain of its own, `other` a second one.
US, US6 = "127.0.0.10", "fd00::10"
THEM, THEM6 = "127.0.0.20", "fd00::20"
OTHER = "127.0.0.30"
#: A Postfix that relays for those who sign in.
SMART = "127.0.0.40"
NOBODY = "127.0.0.99"
#: A Postfix that signs, one that passes mail on, a machine that nobody knows, and a name server that never answers.
SIGNER, FORWARDER, STRANGER, SILENT = "127.0.0.60", "127.0.0.50", "127.0.0.66", "127.0.0.54"
#: A Pillarbox that gets its certificates from an authority, and that authority.
CERTIFIED, AUTHORITY = "127.0.0.70", "127.0.0.80"
#: The web server of a list, of the public internet like the one with MTA-STS policies.
LISTS = "11.0.0.12"
#: A Postfix that sends back what it gets, and answers by itself.
ROUND = "127.0.0.51"
#: What comes over loopback is never refused as forged: a forger has an address that is none.
STRANGER6 = "fd00::66"
#: Two Pillarboxes and a Postfix that report to one another; who has a second address is reached there by strangers.
ONE, ONE6, TWO, TWO6, THREE = "127.0.0.131", "fd00::131", "127.0.0.132", "fd00::132", "127.0.0.133"
ADDRESSES = (*protection.ADDRESSES, ONE, ONE6, TWO, TWO6, THREE, US, US6, THEM, THEM6, OTHER, SMART, SIGNER, FORWARDER, STRANGER,
             STRANGER6, SILENT, CERTIFIED, AUTHORITY, ROUND, LISTS)


def host(name: str, four: str, six: str = "") -> str:
    """The records of a mail domain whose only host is mx below it."""
    lines = [f"@ MX 10 mx.{name}.", f"mx A {four}", '@ TXT "v=spf1 mx -all"']
    return "\n".join(lines + ([f"mx AAAA {six}"] if six else []))


#: Everything that can be wrong in one zone: records that are none, keys that are none, and loops.
BROKEN = """@ A 127.0.0.66
@ TXT "v=spf1 ip4:127.0.0.999 -all"
_dmarc TXT "v=DMARC1; p=perhaps"
s._domainkey TXT "v=DKIM1; k=rsa; p=AAAA"
t._domainkey CNAME u._domainkey
u._domainkey CNAME t._domainkey
loop TXT "v=spf1 include:loop.wrong.test -all"
names TXT "v=spf1 a:one.wrong.test -all"
one CNAME two
two CNAME one"""

ZONES = (
    ("us.test", host("us.test", US, US6), True),
    ("them.test", host("them.test", THEM, THEM6), True),
    ("plain.test", host("plain.test", THEM), False),
    ("six.test", f"@ MX 10 mx\nmx AAAA {THEM6}", False),
    ("other.test", host("other.test", OTHER), False),
    ("xn--bcher-kva.test", host("xn--bcher-kva.test", THEM), False),
    ("xn--mll-hoa.test", host("xn--mll-hoa.test", OTHER), False),
    ("many.test", host("many.test", US), False),
    ("smart.test", host("smart.test", SMART), False),
    ("relayed.test", host("relayed.test", NOBODY), False),
    ("nullmx.test", "@ MX 0 .", False),
    ("implicit.test", f"@ A {THEM}", False),
    ("broken.test", f"@ MX 10 mx\nmx A {NOBODY}", False),
    ("mixed.test", f"@ MX 10 dead\n@ MX 20 mx\ndead A {NOBODY}\nmx A {THEM}", False),
    ("alias.test", "@ MX 10 mx\nmx CNAME mx.them.test.", False),
    ("signs.test", host("signs.test", SIGNER) + '\n_dmarc TXT "v=DMARC1; p=reject"', True),
    ("forwards.test", host("forwards.test", FORWARDER), False),
    ("wrong.test", BROKEN, False),
    ("round.test", host("round.test", ROUND), False),
    ("certs.test", f"{host('certs.test', CERTIFIED)}\nmail A {CERTIFIED}\nmta-sts A {CERTIFIED}\nautoconfig A {CERTIFIED}", True),
    (lists.DOMAIN, f"{lists.RECORDS}\nout A {LISTS}", False),
    ("one.test", host("one.test", ONE), True),
    ("two.test", host("two.test", TWO), True),
    ("three.test", host("three.test", THREE), False),
    ("127.in-addr.arpa", "\n".join([
        "10.0.0 PTR mx.us.test.", "20.0.0 PTR mx.them.test.", "30.0.0 PTR mx.other.test.", "60.0.0 PTR mx.signs.test.",
        "50.0.0 PTR mx.forwards.test.", "51.0.0 PTR mx.round.test.",
        "120.0.0 PTR mx.far.test.", "131.0.0 PTR mx.one.test.", "132.0.0 PTR mx.two.test.",
        "133.0.0 PTR mx.three.test."]), True),
)


SETTINGS = """
[tls]
ca_file = "{authority}"

[transports.smart]
host = "mx.smart.test"
username = "us"
password_file = "{secret}"

[[routes]]
recipient_domain = "relayed.test"
transport = "smart"
"""


#: What has machines and networks of its own, or its own servers in a network like the shared one, and need not wait for the others.
APART = {
    "test_certificates.py": "certificates", "test_reports.py": "reports", "test_debian.py": "debian",
    "test_person.py": "person", "test_quickstart.py": "quickstart", "test_relay.py": "quickstart",
    "test_nat.py": "quickstart"}


@pytest.hookimpl(tryfirst=True)    # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests of the shared lab run in one worker, those with a network of their own in others; all only where they can be built."""
    missing = [program for program in PROGRAMS if not shutil.which(program)]
    reason = f"the lab needs {', '.join(missing)}" if missing else "the lab needs root" if os.geteuid() else ""
    for item in items:
        if Path(__file__).parent not in item.path.parents:
            continue
        item.add_marker(pytest.mark.lab)
        item.add_marker(pytest.mark.xdist_group(APART.get(item.path.name, "lab")))
        if reason and not os.environ.get("CI"):
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(autouse=True, scope="session")
def _heard() -> Iterator[None]:
    """What pages call is noted."""
    with calls.listening():
        yield


@pytest.fixture(scope="session")
def space() -> Iterator[Namespace]:
    """The namespace, with a folder that every peer may enter."""
    folder = Path(tempfile.mkdtemp(prefix="pillarbox-lab-"))
    folder.chmod(0o755)
    space = Namespace(f"pillarbox{os.getpid()}", folder, ADDRESSES)
    yield space
    space.close()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def protected(space: Namespace) -> Protection:
    """The lab's certificates, and what the DNS says of them."""
    return Protection(space.folder / "vouched")


@pytest.fixture(scope="session")
def names(space: Namespace, protected: Protection) -> Names:
    """DNS for everyone inside."""
    zones = [ZoneFile(name, records, signed) for name, records, signed in (*ZONES, *protected.zones())]
    zones.append(ZoneFile("forged.test", f"@ MX 10 mx\nmx A {THEM}", signed=True, forged=f"\tA\t{THEM}=>\tA\t127.0.0.66"))
    return Names(space, zones, silent={"silent.test": SILENT})


@pytest.fixture(autouse=True)
def inside(request: pytest.FixtureRequest) -> Iterator[None]:
    """Each lab test runs inside the namespace."""
    space: Namespace = request.getfixturevalue("space")
    with space.entered():
        yield


@pytest.fixture(scope="session")
def them(space: Namespace, names: Names) -> Iterator[Postfix]:
    """A Postfix that takes mail for the domains of `them`, and sends mail of its own."""
    with space.entered():
        postfix = Postfix(space, "them", (THEM, THEM6), (
            "them.test", "plain.test", "six.test", "implicit.test", "mixed.test", "alias.test", "xn--bcher-kva.test", "bücher.test"))
    yield postfix
    postfix.stop()


@pytest.fixture(scope="session")
def certificates(space: Namespace) -> dict[str, tuple[Path, Path]]:
    """Certificates with their keys, by host; "" has the file of all that are to be believed."""
    folder, hosts = space.folder / "tls", ("mx.other.test", "mx.smart.test")
    made = {name: self_signed([Domain(name)], [], folder / name, SystemClock()) for name in hosts}
    folder.chmod(0o755)
    believed = folder / "believed.pem"
    believed.write_bytes(made["mx.smart.test"][0].read_bytes())
    return {**made, "": (believed, believed)}


@pytest.fixture(scope="session")
def other(space: Namespace, names: Names, certificates: dict[str, tuple[Path, Path]]) -> Iterator[Postfix]:
    """A Postfix that offers TLS and no SMTPUTF8."""
    certificate, key = certificates["mx.other.test"]
    with space.entered():
        postfix = Postfix(
            space, "other", (OTHER,), ("other.test", "xn--mll-hoa.test"),
            f"smtpd_tls_cert_file = {certificate}\nsmtpd_tls_key_file = {key}\nsmtpd_tls_security_level = may\n"
            "smtpd_tls_received_header = yes\nsmtputf8_enable = no\n")
    yield postfix
    postfix.stop()


@pytest.fixture(scope="session")
def faces(space: Namespace, names: Names, protected: Protection) -> Iterator[Postfix]:
    """A Postfix with many certificates (tests.lab.protection), which takes mail for all domains that are named there."""
    with space.entered():
        postfix = Postfix(
            space, "faces", (protection.SAFE,), protection.DOMAINS, protected.settings(), protected.services())
    yield postfix
    postfix.stop()


@pytest.fixture(scope="session")
def smart(space: Namespace, names: Names, certificates: dict[str, tuple[Path, Path]]) -> Iterator[Postfix]:
    """A Postfix whose port 587 takes mail from who signs in over TLS, by Cyrus SASL."""
    certificate, key = certificates["mx.smart.test"]
    users = space.folder / "sasldb2"
    space.run("saslpasswd2", "-p", "-c", "-f", users, "-u", "smart.test", "us", stdin=PASSWORD.encode())
    users.chmod(0o644)
    space.place(users)
    with space.entered():
        postfix = Postfix(
            space, "smart", (SMART,), ("relayed.test",),
            f"smtpd_tls_cert_file = {certificate}\nsmtpd_tls_key_file = {key}\nsmtpd_sasl_local_domain = smart.test\n",
            "submission inet n - n - - smtpd\n  -o smtpd_sasl_auth_enable=yes -o smtpd_tls_security_level=encrypt\n"
            "  -o smtpd_client_restrictions=permit_sasl_authenticated,reject\n")
    yield postfix
    postfix.stop()


@pytest.fixture(scope="session")
def us(space: Namespace, names: Names, certificates: dict[str, tuple[Path, Path]], protected: Protection) -> Iterator[Pillarbox]:
    """The Pillarbox under test: accounts ann and bob at us.test, the lab's authority believed, relayed.test's mail by the smarthost."""
    secret = space.folder / "smarthost-password"
    secret.write_text(f"{PASSWORD}\n")
    with space.entered():
        server = Pillarbox(space, "us", (US, US6), "us.test", ("ann", "bob"),
                           SETTINGS.format(secret=secret, authority=protected.authority.file), certificates[""][0])
    yield server
    with space.entered():
        assert server.stop() == 0, server.text()[-3000:]
        assert "agree" in server.command("verify")
