"""A machine that became a mail server by `pillarbox quickstart`, with one cable to the rest of the world: a Postfix."""
import contextlib
import json
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.lab.namespace import Namespace
from tests.lab.postfix import Postfix
from tests.lab.server import COMMAND, USER, Pillarbox

HERE, THERE = "203.0.113.5", "203.0.113.6"
DOMAIN, HOST = "hill.test", "mx.hill.test"
#: Nobody translates names for the Postfix: it hands all to us.
SETTINGS = (f"relayhost = [{HERE}]\nsmtp_dns_support_level = disabled\nsmtp_host_lookup = native\nsmtpd_peername_lookup = no\n"
            "inet_protocols = ipv4\n")


class Founded(Pillarbox):
    """A server that quickstart made of what was typed; said is what that printed."""

    def __init__(self, space: Namespace, name: str, *more: str, typed: str = "", trust: Path | None = None, acme: str = "none") -> None:
        self.space, self.address, self.domain, self._typed, self._acme = space, HERE, DOMAIN, typed, acme
        self._environment = {**os.environ, **({"SSL_CERT_FILE": str(trust)} if trust else {})}
        self.folder = space.folder / name
        self.folder.mkdir()
        self.folder.chmod(0o755)
        self.config, self.log, self.unit = self.folder / "etc" / "pillarbox.toml", self.folder / "log", self.folder / "etc" / "p.service"
        self.more = more
        self.said = self.quickstart()

    def quickstart(self, *more: str, check: bool = True) -> str:
        """Type it."""
        return self.space.run(*COMMAND, "quickstart", f"you@{DOMAIN}", "--config", self.config, "--data", self.folder / "data", "--run",
                              self.folder / "run", "--unit", self.unit, "--user", USER, "--acme", self._acme, "--hostname",
                              HOST, "--probe", "far.test", *self.more, *more, check=check, stdin=self._typed.encode())

    def part(self, title: str) -> str:
        """What was printed below a title."""
        found = re.search(rf"^{title}[^\n]*\n-+\n(.*?)(?:\n\n|\Z)", self.said, re.MULTILINE | re.DOTALL)
        assert found, self.said
        return found[1]

    @property
    def password(self) -> str:
        """The account's."""
        return self.part("Passwords").splitlines()[0].split()[1]

    @property
    def admin_password(self) -> str:
        """The administrator's."""
        return self.part("Passwords").splitlines()[1].split()[1]

    def json_of_check(self, domain: str) -> list[dict[str, Any]]:
        """The sections of `dns check`, whether or not something is wrong."""
        rows: list[dict[str, Any]] = json.loads(self.command("dns", "check", domain, "--json", check=False))
        return rows

    def files(self) -> dict[str, bytes]:
        """Every file that is there."""
        return {str(path): path.read_bytes() for path in self.folder.rglob("*") if path.is_file()}


@contextlib.contextmanager
def cabled(machine: Namespace, name: str, settings: str = SETTINGS, others: tuple[str, ...] = ()) -> Iterator[Postfix]:
    """The rest of the world, at the other end of a cable, with these addresses beside its own."""
    with namespace(name) as space:
        ip("link", "add", "cable", "netns", machine.name, "type", "veth", "peer", "name", "cable", "netns", space.name)
        for end, addresses in ((machine, (HERE,)), (space, (THERE, *others))):
            for address in addresses:
                ip("-n", end.name, "addr", "add", f"{address}/24", "dev", "cable")
            ip("-n", end.name, "link", "set", "cable", "up")
        with space.entered():
            postfix = Postfix(space, "far", (THERE,), ("far.test",), settings)
        yield postfix
        with space.entered():
            postfix.stop()


@contextlib.contextmanager
def namespace(name: str) -> Iterator[Namespace]:
    """One with a folder that every user can enter."""
    with tempfile.TemporaryDirectory(prefix=f"pillarbox-{name}-") as folder:
        Path(folder).chmod(0o755)
        space = Namespace(f"pillarbox-{name}-{os.getpid()}", Path(folder), ())
        try:
            yield space
        finally:
            space.close()


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)
