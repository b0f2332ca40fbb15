"""mta.flow.dnscheck with a name server that is not ours: nsd reads what we print, and is asked by itself."""
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from mta.base.names import IPAddress, ip_address
from mta.dns.zone import Zone
from mta.flow.world import World
from mta.net.upstream import Server, Upstreams
from tests.flow.dnscheck.conftest import Checking, published

NSD = shutil.which("nsd") or "/usr/sbin/nsd"
SOA = "example.org. SOA ns1.example.net. a.example.org. 7 3600 600 86400 300"

pytestmark = pytest.mark.skipif(not Path(NSD).exists(), reason="Debian's nsd is not installed")


@pytest.fixture
def nsd(sound: World, tmp_path: Path) -> Iterator[int]:
    """The port at 127.0.0.1 of a server that has the zone as it is printed."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    ours = [line for line in published(sound).splitlines() if "example.org. " in line and "SECURE" not in line and "PTR" not in line]
    (tmp_path / "zone").write_text("\n".join(["$TTL 300", SOA, *ours, ""]))
    (tmp_path / "nsd.conf").write_text(
        f'server:\n ip-address: 127.0.0.1@{port}\n username: ""\n zonesdir: "{tmp_path}"\n pidfile: ""\n database: ""\n'
        f' zonelistfile: "{tmp_path}/zonelist"\n xfrdfile: "{tmp_path}/xfrd"\n logfile: "{tmp_path}/log"\n server-count: 1\n'
        f'remote-control:\n control-enable: no\nzone:\n name: example.org\n zonefile: zone\n')
    process = subprocess.Popen([NSD, "-d", "-c", str(tmp_path / "nsd.conf")], stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            with pytest.raises(subprocess.TimeoutExpired):    # it must not have ended
                process.wait(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(10)


async def test_nsd_has_what_we_print(sound: World, zone: Zone, checking: Checking, nsd: int) -> None:
    """It takes the records as they are printed, and answers each question as our own reading of them does."""
    found = await checking(authority=lambda ip: Upstreams([Server(ip_of(), nsd, trusted=False)], sound.clock))
    assert found["Name servers"].errors == []
    assert found["Name servers"].warnings == []
    zone.add("example.org MX 20 other.example.org")
    found = await checking(authority=lambda ip: Upstreams([Server(ip_of(), nsd, trusted=False)], sound.clock))
    assert "What is at example.org (MX) has changed" in found["Name servers"].warnings[0]


def ip_of() -> IPAddress:
    """Where it listens, whatever the zone says of its name servers."""
    return ip_address("127.0.0.1")
