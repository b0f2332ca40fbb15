"""An OpenDKIM of the lab that signs what a Postfix hands it, as a milter."""
from pathlib import Path

from tests.lab.namespace import Namespace
from tests.lab.waiting import port_open, until

ADDRESS, PORT, SELECTOR = "127.0.0.60", 8_891, "sel"


class OpenDkim:
    """One signer for a domain; record is the line of its zone that publishes the key."""

    def __init__(self, space: Namespace, domain: str) -> None:
        self.folder = space.folder / "opendkim"
        self.folder.mkdir()
        space.run("opendkim-genkey", "-b", "2048", "-d", domain, "-s", SELECTOR, "-D", self.folder)
        self.record = (self.folder / f"{SELECTOR}.txt").read_text()
        (self.folder / "opendkim.conf").write_text(CONFIG.format(
            domain=domain, selector=SELECTOR, key=self.folder / f"{SELECTOR}.private", port=PORT, address=ADDRESS))
        space.start("opendkim", "-f", "-x", self.folder / "opendkim.conf", log=self.folder / "log")
        until(lambda: port_open(ADDRESS, PORT), why=f"opendkim listens; {self._log()}")

    @property
    def settings(self) -> str:
        """What a Postfix needs in main.cf to be signed for."""
        milter = f"inet:{ADDRESS}:{PORT}"
        return f"smtpd_milters = {milter}\nnon_smtpd_milters = {milter}\nmilter_default_action = tempfail\n"

    def _log(self) -> str:
        path: Path = self.folder / "log"
        return path.read_text() if path.exists() else ""


CONFIG = """Mode s
Domain {domain}
Selector {selector}
KeyFile {key}
Socket inet:{port}@{address}
Canonicalization relaxed/simple
OversignHeaders From
Syslog no
UserID root
RequireSafeKeys no
"""
