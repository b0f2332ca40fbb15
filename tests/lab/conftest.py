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

from tests.lab.names import Names, ZoneFile
from tests.lab.namespace import Namespace
from tests.lab.postfix import Postfix
from tests.lab.server import Pillarbox

PROGRAMS = ("ip", "postfix", "swaks", "nsd", "unbound", "ldns-signzone", "dig", "script", "opendkim", "opendkim-genkey")

#: Who is where.  `us` is Pillarbox, `them` a Postfix with a domain of its own, `other` a second one.
US, US6 = "127.0.0.10", "fd00::10"
THEM, THEM6 = "127.0.0.20", "fd00::20"
OTHER = "127.0.0.30"
#: A Postfix that signs, one that passes mail on, a machine that nobody knows, and a name server that never answers.
SIGNER, FORWARDER, STRANGER, SILENT = "127.0.0.40", "127.0.0.50", "127.0.0.66", "127.0.0.54"
ADDRESSES = (US, US6, THEM, THEM6, OTHER, SIGNER, FORWARDER, STRANGER, SILENT)


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
    ("nullmx.test", "@ MX 0 .", False),
    ("implicit.test", f"@ A {THEM}", False),
    ("broken.test", "@ MX 10 mx\nmx A 127.0.0.99", False),
    ("mixed.test", f"@ MX 10 dead\n@ MX 20 mx\ndead A 127.0.0.99\nmx A {THEM}", False),
    ("alias.test", "@ MX 10 mx\nmx CNAME mx.them.test.", False),
    ("signs.test", host("signs.test", SIGNER) + '\n_dmarc TXT "v=DMARC1; p=reject"', True),
    ("forwards.test", host("forwards.test", FORWARDER), False),
    ("wrong.test", BROKEN, False),
    ("127.in-addr.arpa", "\n".join([
        "10.0.0 PTR mx.us.test.", "20.0.0 PTR mx.them.test.", "30.0.0 PTR mx.other.test.", "40.0.0 PTR mx.signs.test.",
        "50.0.0 PTR mx.forwards.test."]), False),
)


@pytest.hookimpl(tryfirst=True)    # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All lab tests run in one worker, and only where the lab can be built."""
    missing = [program for program in PROGRAMS if not shutil.which(program)]
    reason = f"the lab needs {', '.join(missing)}" if missing else "the lab needs root" if os.geteuid() else ""
    for item in items:
        if Path(__file__).parent not in item.path.parents:
            continue
        item.add_marker(pytest.mark.lab)
        item.add_marker(pytest.mark.xdist_group("lab"))
        if reason and not os.environ.get("CI"):
            item.add_marker(pytest.mark.skip(reason=reason))


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
def names(space: Namespace) -> Names:
    """DNS for everyone inside."""
    zones = [ZoneFile(name, records, signed) for name, records, signed in ZONES]
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
def us(space: Namespace, names: Names) -> Iterator[Pillarbox]:
    """The Pillarbox under test: accounts ann and bob at us.test."""
    with space.entered():
        server = Pillarbox(space, "us", (US, US6), "us.test", ("ann", "bob"))
    yield server
    with space.entered():
        assert server.stop() == 0, server.text()[-3000:]
        assert "agree" in server.command("verify")
