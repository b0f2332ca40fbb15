"""A Pillarbox of the lab: `pillarbox serve` with a configuration of its own, started as root."""
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import apsw
from cryptography import x509

from tests import commander
from tests.lab.namespace import Namespace
from tests.lab.reachable import reachable
from tests.lab.waiting import until

#: Who it runs as after start; every Debian has this one.
USER = "daemon"
PASSWORD = "correct horse battery"
#: What waits is tried again at once, and given up soon.
IMPATIENT = """first_wait = 2
delay_notice_after = 30
give_up_after = 75"""


class Pillarbox:
    """One server inside the namespace; every account has the address NAME@DOMAIN and PASSWORD.

    more is added to the configuration file; certificates in trust are believed; queue is how long mail waits; with a shift its
    clock is moved by that (tests.lab.shifted).
    """

    #: The file that moves its clock, if it has one.
    _shift: tuple[str, ...] = ()

    def __init__(
            self, space: Namespace, name: str, addresses: tuple[str, ...], domain: str, accounts: tuple[str, ...], more: str = "",
            trust: Path | None = None, *, queue: str = IMPATIENT, shift: Path | None = None,
    ) -> None:
        self.space = space
        if shift:
            self._shift = (str(shift),)
        self._environment = {**os.environ, **({"SSL_CERT_FILE": str(trust)} if trust else {})}
        self.address, self.domain = addresses[0], domain
        self.folder = space.folder / f"pillarbox-{name}"
        self.folder.mkdir()
        self.folder.chmod(0o755)
        self.config = self.folder / "pillarbox.toml"
        quoted = ", ".join(f'"{address}"' for address in addresses)
        self.config.write_text(CONFIG.format(
            hostname=f"mx.{domain}", folder=self.folder, user=USER, postmaster=accounts[0], addresses=quoted, queue=queue) + more)
        self.log = self.folder / "log"
        self.start()
        self.command("domain", "add", domain)
        for account in accounts:
            self.command("account", "add", account, "--address", f"{account}@{domain}", stdin=PASSWORD)

    @property
    def pid(self) -> int:
        """The supervisor's process."""
        return self._process.pid

    @property
    def program(self) -> tuple[str, ...]:
        """The command `pillarbox`."""
        return (*SHIFTED, *self._shift) if self._shift else COMMAND

    def start(self) -> None:
        """Start, and wait until it is ready."""
        before = self.text().count(READY)
        self._process = self.space.start(*self.program, "serve", "--config", self.config, log=self.log, env=self._environment)
        until(lambda: self.text().count(READY) > before or self._process.poll() is not None, 30, lambda: f"ready: {self.text()}")
        assert self._process.poll() is None, self.text()

    def text(self) -> str:
        """What it logged so far."""
        return self.log.read_text("utf-8", "replace") if self.log.exists() else ""

    def command(self, *words: str | Path, stdin: str = "", check: bool = True) -> str:
        """The output of a pillarbox command on this server."""
        module = "tests.lab.shifted" if self._shift else "workers.command"
        typed = [*self._shift, *map(str, words), "--config", str(self.config)]
        status, out, err = self.space.commander(reachable(commander.WORDS))(typed, stdin.encode(), module)
        assert not check or status == 0, f"pillarbox {typed} ended with {status}:\n{out}{err}"
        return out + err

    def json(self, *words: str) -> list[dict[str, Any]]:
        """The same as data."""
        rows: list[dict[str, Any]] = json.loads(self.command(*words, "--json"))
        return rows

    def wait_for(self, account: str, subject: str, mailbox: str = "Inbox", seconds: float = 30.0) -> dict[str, Any]:
        """The first message with that subject in a mailbox."""
        def look() -> dict[str, Any] | None:
            return next((row for row in self.json("message", "list", account, mailbox) if row["subject"] == subject), None)
        found = until(look, seconds, lambda: f"{subject} in {account}/{mailbox}; {self.text()[-3000:]}")
        assert found is not None
        return found

    def raw(self, row: dict[str, Any]) -> str:
        """A message as it is stored, line ends as in text files."""
        return self.command("message", "raw", str(row["id"])).replace("\r\n", "\n")

    def wait_until_queue_is_empty(self, recipient: str = "", seconds: float = 30.0) -> None:
        """Until nothing waits for recipients with that text in their addresses."""
        words = ("queue", "list", "--recipient", recipient)
        until(lambda: not self.json(*words), seconds, lambda: f"{self.json(*words)}; {self.text()[-3000:]}")

    def notices(self, account: str, subject: str) -> list[str]:
        """What the account was told about a message with that subject, newest first."""
        rows = self.json("message", "list", account, "Inbox")
        return [self.raw(row) for row in rows if row["subject"] in (f"Not delivered: {subject}", f"Not delivered yet: {subject}")]

    def rows(self, question: str) -> list[tuple[Any, ...]]:
        """The rows of a question to its database."""
        db = apsw.Connection(str(self.folder / "data" / "pillarbox.db"), flags=apsw.SQLITE_OPEN_READONLY)
        try:
            return list(db.execute(question))
        finally:
            db.close()

    def evidence(self) -> list[tuple[str, str, str]]:
        """Policy domain, kind of policy, and type of failure ("" for none) of all that was counted about TLS."""
        return self.rows("SELECT DISTINCT policy_domain, kind, coalesce(type, '') FROM tls_result LEFT JOIN tls_failure ON result_id = id")

    def shown(self) -> x509.Certificate:
        """The certificate that whoever connects to port 25 gets to see."""
        name = f"mx.{self.domain}"
        said = self.space.run("openssl", "s_client", "-connect", f"{self.address}:25", "-starttls", "smtp", "-servername", name)
        found = re.search(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", said, re.DOTALL)
        assert found, said
        return x509.load_pem_x509_certificate(found[0].encode())

    def role(self, name: str) -> int:
        """The process of a role."""
        return next(int(row["pid"]) for row in self.json("status") if str(row["role"]).startswith(name))

    def stop(self) -> int:
        """End it; its exit status."""
        return self.space.end(self._process)


READY = "pillarbox ready"
COMMAND = reachable((sys.executable, "-m", "workers.command"))
SHIFTED = reachable((sys.executable, "-m", "tests.lab.shifted"))
CONFIG = """hostname = "{hostname}"
data = "{folder}/data"
run = "{folder}/run"
user = "{user}"
postmaster = "{postmaster}"
log_level = "debug"

[queue]
{queue}

[smtp]
first_time_recipients_per_day = 5000
freeze_recipients_per_hour = 0

[dns]
upstreams = ["127.0.0.1"]

[listeners.public]
ips = [{addresses}]
smtp = 25
submission = 587
submissions = 465
http = 80
https = 443
"""
