"""A fresh Debian becomes a mail server by the words of the README, without a thing that only a developer's machine has.

Its files are those of debootstrap (tests.lab.debian), its network has one cable to the rest of
the world.  There is no systemd that runs: what the unit says is started by hand.
"""
import os
import re
import shlex
import smtplib
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.debian import ROOT, TOLD, Debian, Unreachable
from tests.lab.founded import DOMAIN, HERE, HOST, THERE, Founded, cabled, namespace
from tests.lab.names import Names, ZoneFile
from tests.lab.namespace import Namespace
from tests.lab.postfix import Postfix

#: Making the root file system, which is kept, takes minutes.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

UNIT = "/etc/systemd/system/pillarbox.service"
#: What of the README's example is another in the lab: the probe is somebody who is there, and no authority is.
LAB = ("--probe", "far.test", "--acme", "none")


def told() -> list[str]:
    """The commands of the README, in order, without what is said beside them."""
    section = (ROOT / "README.md").read_text().partition("## From there to a real server")[2]
    block = re.search(r"As root:\n\n((?:    .*\n)+)", section)
    assert block
    return [line.partition(" #")[0].strip() for line in block[1].splitlines()]


class Installed(Founded):
    """What the README's commands made of a Debian; dry is what the look before printed, changed the files that it touched."""

    def __init__(self, space: Namespace, debian: Debian) -> None:
        self.space, self.address, self.domain, self.debian = space, HERE, DOMAIN, debian
        self._environment = dict(os.environ)
        self.folder, self.config, self.log = debian.folder, Path("/etc/pillarbox/pillarbox.toml"), space.folder / "log"
        debian.unpack()
        *install, look, make = told()
        assert install[0].split() == ["apt", "install", *TOLD]
        debian.shell(space, "\n".join(install[1:]))
        before = self.stand()
        self.dry = self.typed(look)
        self.changed = before ^ self.stand()
        self.said = self.typed(make)

    def typed(self, line: str, check: bool = True) -> str:
        """A line of the README, for the lab's domain."""
        return self.space.run(*self.debian.words(*line.replace("example.org", DOMAIN).split(), *LAB), check=check)

    def stand(self) -> set[tuple[str, int, int]]:
        """Every file of the machine but the program's own, with its size and time."""
        places = (path for top in ("etc", "var", "run", "home", "root") for path in (self.folder / top).rglob("*"))
        return {(str(path), found.st_size, found.st_mtime_ns) for path in places for found in [path.lstat()]}

    @property
    def program(self) -> tuple[str, ...]:
        """As it was installed there."""
        return self.debian.words("pillarbox")

    def command(self, *words: str | Path, stdin: str = "", check: bool = True) -> str:
        """Typed at that machine."""
        return self.space.run(*self.program, *words, "--config", self.config, stdin=stdin.encode(), check=check)

    def start(self) -> None:
        """What the unit has systemd do."""
        line = re.search(r"(?m)^ExecStart=(.*)", (self.folder / UNIT[1:]).read_text())
        assert line
        command, verb, *more = shlex.split(line[1])
        assert (command, verb, more) == ("/opt/pillarbox/bin/pillarbox", "serve", ["--config", str(self.config)])
        super().start()


@pytest.fixture(scope="module")
def machine() -> Iterator[Namespace]:
    """The machine's network."""
    with namespace("debian") as space:
        yield space


@pytest.fixture(scope="module")
def world(machine: Namespace) -> Iterator[Postfix]:
    """The rest of the world."""
    with cabled(machine, "beyond") as postfix:
        yield postfix


@pytest.fixture(scope="module")
def zone(machine: Namespace, world: Postfix) -> Names:
    """The DNS, which knows the machine and not yet the domain's mail."""
    with machine.entered():
        return Names(machine, [
            ZoneFile(DOMAIN, f"mx A {HERE}", signed=True), ZoneFile("far.test", f'@ MX 10 mx\nmx A {THERE}\n@ TXT "v=spf1 mx -all"'),
            ZoneFile("113.0.203.in-addr.arpa", f"5 PTR {HOST}.\n6 PTR mx.far.test.")])


@pytest.fixture(scope="module")
def installed(machine: Namespace, zone: Names) -> Iterator[Installed]:
    """The server, running, with its records published."""
    try:
        debian = Debian(machine.folder / "root", HOST)
    except Unreachable as problem:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no fresh Debian is to be had: {problem}")
    with machine.entered():
        server = Installed(machine, debian)
        zone.change(DOMAIN, server.part("DNS records"))
        server.start()
    yield server
    assert server.stop() == 0, server.text()[-3000:]
    assert "agree" in server.command("verify")


@pytest.fixture(autouse=True)
def inside(machine: Namespace) -> Iterator[None]:
    """Each test runs in the machine's network."""
    with machine.entered():
        yield


def test_the_first_look(installed: Installed) -> None:
    """Tells what a newcomer has to know, by the machine's own name, and changes nothing."""
    assert installed.changed == set()
    for text in (f"OK  host name     {HOST} leads to {HERE}.", f"OK  reverse DNS   {HERE} is called {HOST}.", "OK  port 25 ", "OK  ports ",
                 "OK  mail servers  No other mail server is installed.", "useradd --system"):
        assert text in installed.dry
    assert "only root can enter" not in installed.dry.lower()
    # python3-venv brings them along.
    assert "->  authorities" not in installed.dry


def test_what_was_made(installed: Installed) -> None:
    """The service user owns all data, and nobody else reads it; the unit is one that systemd takes, and confines."""
    assert installed.command("check").startswith("everything is in order\n")
    strange = "find /var/lib/pillarbox ! -user pillarbox -o -perm /077 ! -type l"
    assert installed.debian.shell(installed.space, strange) == ""
    assert installed.debian.shell(installed.space, f"systemd-analyze verify {UNIT}") == ""
    # systemd's own measure, in tenths: 100 confines nothing.
    said = installed.debian.shell(installed.space, f"systemd-analyze security --no-pager --offline=true --threshold=40 {UNIT}")
    assert "Overall exposure level for pillarbox.service" in said


def test_mail_in_and_out(installed: Installed, world: Postfix) -> None:
    """Before and after a restart, which loses nothing."""
    for turn in ("first", "second"):
        world.sendmail("bob@far.test", f"you@{DOMAIN}", message=f"From: bob@far.test\nSubject: {turn} in\n\nHello.\n".encode())
        assert "spf=pass" in installed.raw(installed.wait_for("you", f"{turn} in"))
        with smtplib.SMTP_SSL(HERE, 465, context=_unverified()) as client:
            client.login(f"you@{DOMAIN}", installed.password)
            client.sendmail(f"you@{DOMAIN}", ["bob@far.test"], f"From: you@{DOMAIN}\r\nSubject: {turn} out\r\n\r\nHello.\r\n".encode())
        assert b"d=hill.test" in world.wait_for(f"Subject: {turn} out".encode())
        if turn == "first":
            assert installed.stop() == 0
            installed.start()
            assert installed.wait_for("you", "first in")
    installed.wait_until_queue_is_empty()


def test_it_reloads(installed: Installed) -> None:
    """By the words of the unit; a mistake in the configuration is told, and changes nothing."""
    line = re.search(r"(?m)^ExecReload=(.*)", (installed.folder / UNIT[1:]).read_text())
    assert line
    before = installed.role("web")
    installed.debian.shell(installed.space, line[1])
    now = installed.role("web")
    assert now != before
    config = installed.folder / str(installed.config)[1:]
    text = config.read_text()
    config.write_text(text + "nonsense = 1\n")
    assert "nonsense" in installed.space.run(*installed.debian.words(*shlex.split(line[1])), check=False)
    config.write_text(text)
    assert installed.role("web") == now


def test_a_second_time_it_refuses(installed: Installed) -> None:
    """And names what is there."""
    assert installed.typed(told()[-1], check=False).count("is there already, and is not overwritten") == 3


def _unverified() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context
