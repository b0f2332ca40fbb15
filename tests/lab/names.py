"""The lab's DNS: signed and unsigned zones at nsd, a validating unbound in front.

A private root signs `test.`, which signs those of its zones that want it; one trust
anchor serves all, and an unknown name is an instant NXDOMAIN.  Zones are named by their
full name without the last dot; records are lines of a zone file relative to the zone.
"""
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

from tests.lab.namespace import Namespace
from tests.lab.waiting import until

AUTHORITY = "127.0.0.53"


@dataclass
class ZoneFile:
    """One zone under test. (or a reverse zone): its records, and what is wrong with it on purpose."""

    name: str
    records: str
    signed: bool = False
    forged: str = ""      # text that is replaced after signing ("old=>new"), so that signatures fail
    expired: bool = False   # its signatures ran out some days ago
    keys: dict[str, Path] = field(default_factory=dict)


class Names:
    """nsd and unbound, running; silent are zones that are served elsewhere, by an address."""

    def __init__(self, space: Namespace, zones: list[ZoneFile], silent: Mapping[str, str] = MappingProxyType({})) -> None:
        self._silent = silent
        self._written = 0
        self._space = space
        self.folder = space.folder / "dns"
        for name in ("keys", "zones", "xfr"):
            (self.folder / name).mkdir(parents=True)
        self.folder.chmod(0o755)
        self._zones = {zone.name: zone for zone in zones}
        self._build()
        self._nsd = space.start("nsd", "-d", "-c", self.folder / "nsd.conf", log=self.folder / "nsd.out")
        self._unbound = space.start("unbound", "-d", "-c", self.folder / "unbound.conf", log=self.folder / "unbound.out")
        ask = ("dig", "+tries=1", "+time=1", "@127.0.0.1", "ns.lab")
        until(lambda: "status: NOERROR" in space.run(*ask, check=False), why="unbound answers")

    def change(self, name: str, records: str, *, forged: str = "", expired: bool = False) -> None:
        """Replace the records of a zone, and what is wrong with its signatures; visible through unbound when this returns."""
        zone = self._zones[name]
        zone.records, zone.forged, zone.expired = records, forged, expired
        self._write(zone)
        self._space.run("nsd-control", "-c", self.folder / "nsd.conf", "reload", f"{name}.")
        # nsd reloads after it has answered.
        ask = ("dig", "+short", "+tries=1", "+time=1", f"@{AUTHORITY}", f"_written.{name}", "TXT")
        until(lambda: f'"{self._written}"' in self._space.run(*ask, check=False), why=f"nsd serves the new {name}")
        # TTL 0 does not drop a key that failed before; a flush does.
        self._space.run("unbound-control", "-c", self.folder / "unbound.conf", "flush_zone", ".")

    def records(self, name: str) -> str:
        """The records of a zone as they are now."""
        return self._zones[name].records

    def _build(self) -> None:
        top = ZoneFile("test", "", signed=True)
        tests = [zone for zone in self._zones.values() if zone.name.endswith(".test")]
        for zone in self._zones.values():
            self._write(zone)
        lines = [f"{zone.name}. NS ns.lab." for zone in tests]
        lines += [self._delegation(zone) for zone in tests if zone.signed]
        # Their name servers have names in the zone itself, so the addresses stand here (glue).
        lines += [f"{name}. NS ns.{name}.\nns.{name}. A {address}" for name, address in self._silent.items()]
        top.records = "\n".join(lines)
        self._write(top)
        reverse = [zone for zone in self._zones.values() if zone.name.endswith(".arpa")]
        root = ZoneFile("root", "\n".join([
            "test. NS ns.lab.", f"ns.lab. A {AUTHORITY}", *(f"{zone.name}. NS ns.lab." for zone in reverse),
            self._delegation(top), *(self._delegation(zone) for zone in reverse if zone.signed)]), signed=True)
        self._write(root, origin=".")
        (self.folder / "root.anchor").write_text(self._delegation(root))
        (self.folder / "nsd.conf").write_text(NSD.format(folder=self.folder, authority=AUTHORITY) + "".join(
            f'zone:\n  name: "{name}."\n  zonefile: "{name}"\n' for name in ["test", *self._zones]))
        (self.folder / "unbound.conf").write_text(UNBOUND.format(folder=self.folder) + STUB.format(authority=AUTHORITY))
        private = "".join(f'  local-zone: "{zone.name}." nodefault\n' for zone in reverse)
        text = (self.folder / "unbound.conf").read_text().replace("server:\n", "server:\n" + private, 1)
        (self.folder / "unbound.conf").write_text(text)

    def _delegation(self, zone: ZoneFile) -> str:
        return zone.keys["ksk"].with_suffix(".ds").read_text()

    def _write(self, zone: ZoneFile, origin: str = "") -> None:
        origin = origin or f"{zone.name}."
        source = self.folder / "zones" / f"{zone.name}.src"
        self._written += 1
        source.write_text(
            f"$ORIGIN {origin}\n$TTL 1\n@ SOA ns.lab. hostmaster.lab. 1 3600 600 86400 1\n@ NS ns.lab.\n"
            f'_written TXT "{self._written}"\n{zone.records}\n')
        target = self.folder / "zones" / zone.name
        if not zone.signed:
            target.write_text(source.read_text())
            return
        if not zone.keys:
            zone.keys = {kind: self._key(origin, kind) for kind in ("ksk", "zsk")}
        self._tool("ldns-signzone", "-u", "-n", "-t", "0", *_dates(zone.expired), "-o", origin, "-f", target, source, *(
            key.with_suffix("") for key in zone.keys.values()))
        if zone.forged:
            old, _, new = zone.forged.partition("=>")
            text = target.read_text()
            assert old in text, f"{old} is not in the signed zone"
            target.write_text(text.replace(old, new))

    def _key(self, origin: str, kind: str) -> Path:
        words = ["ldns-keygen", "-a", "ECDSAP256SHA256", *(["-k"] if kind == "ksk" else []), "-r", "/dev/urandom", origin]
        return self.folder / "keys" / f"{self._tool(*words).strip()}.key"

    def _tool(self, *words: str | Path) -> str:
        done = subprocess.run(list(map(str, words)), cwd=self.folder / "keys", capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{words}: {done.stderr}"
        return done.stdout


def _dates(expired: bool) -> list[str]:
    """From when to when signatures hold."""
    now = datetime.now(UTC)
    # unbound forgives up to a day.
    first, last = (now - timedelta(days=30), now - timedelta(days=3)) if expired else (now - timedelta(days=1), now + timedelta(days=30))
    return ["-i", f"{first:%Y%m%d%H%M%S}", "-e", f"{last:%Y%m%d%H%M%S}"]


NSD = """server:
  ip-address: {authority}
  username: ""
  chroot: ""
  zonesdir: "{folder}/zones"
  database: ""
  pidfile: "{folder}/nsd.pid"
  logfile: "{folder}/nsd.log"
  xfrdfile: "{folder}/xfrd.state"
  zonelistfile: "{folder}/zone.list"
  xfrdir: "{folder}/xfr"
  server-count: 1
  rrl-ratelimit: 0
remote-control:
  control-enable: yes
  control-interface: "{folder}/nsd.sock"
zone:
  name: "."
  zonefile: root
"""
UNBOUND = """server:
  chroot: ""
  username: ""
  directory: "{folder}"
  pidfile: "{folder}/unbound.pid"
  use-syslog: no
  logfile: "{folder}/unbound.log"
  interface: 127.0.0.1
  interface: ::1
  access-control: 127.0.0.0/8 allow
  access-control: ::1 allow
  num-threads: 1
  do-not-query-localhost: no
  unblock-lan-zones: yes
  insecure-lan-zones: yes
  local-zone: "test." nodefault
  module-config: "validator iterator"
  trust-anchor-file: "{folder}/root.anchor"
  trust-anchor-signaling: no
  root-key-sentinel: no
  qname-minimisation: no
  val-log-level: 2
  val-bogus-ttl: 0
  cache-max-ttl: 0
  cache-max-negative-ttl: 0
  infra-host-ttl: 1
  ede: yes
remote-control:
  control-enable: yes
  control-interface: "{folder}/unbound.sock"
  control-use-cert: no
"""
STUB = """stub-zone:
  name: "."
  stub-addr: {authority}
  stub-no-cache: yes
"""
