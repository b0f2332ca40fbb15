"""A Postfix of the lab: one instance with its own folders, log and addresses."""
import re
import subprocess
from pathlib import Path

from tests.lab.namespace import Namespace
from tests.lab.waiting import port_open, until

MAILBOX_UID = 5_000


class Postfix:
    """One instance, listening at port 25 of its addresses; mail for `domains` lands in `mailbox`.

    settings are further lines of main.cf, services of master.cf.
    """

    def __init__(
            self, space: Namespace, name: str, addresses: tuple[str, ...], domains: tuple[str, ...] = (), settings: str = "",
            services: str = "",
    ) -> None:
        self.space = space
        self.folder = space.folder / f"postfix-{name}"
        self.addresses = addresses
        for part in ("etc", "spool", "data", "mail"):
            (self.folder / part).mkdir(parents=True)
        for part in ("", "spool"):
            (self.folder / part).chmod(0o755)
        _own(self.folder / "data", "postfix")
        _own(self.folder / "mail", f"{MAILBOX_UID}:{MAILBOX_UID}")
        master = Path("/usr/share/postfix/master.cf.dist").read_text()
        # Debian chroots what it can; the lab's resolver and certificates are outside.
        (self.folder / "etc" / "master.cf").write_text(re.sub(r"(?m)^(\S+\s+\S+\s+\S+\s+\S+\s+)[-y](\s)", r"\1n\2", master) + services)
        usual = MAIN.format(
            folder=self.folder, addresses=" ".join(addresses), name=name, domains=" ".join(domains), uid=MAILBOX_UID,
            four=next(address for address in addresses if ":" not in address),
            six=next((address for address in addresses if ":" in address), ""))
        # What is set twice is warned of by each process that starts.
        own = {line.partition(" = ")[0] for line in settings.splitlines()}
        kept = [line for line in usual.splitlines(keepends=True) if line.partition(" = ")[0] not in own]
        (self.folder / "etc" / "main.cf").write_text("".join(kept) + settings)
        self.start()

    def start(self) -> None:
        """Start, and wait until it listens."""
        self.space.run("script", "-qec", f"postfix -c {self.folder}/etc start", "/dev/null")
        until(lambda: port_open(self.addresses[0], 25), why=lambda: f"it listens; {self.log()}")

    def log(self) -> str:
        """Everything logged so far."""
        path = self.folder / "maillog"
        return path.read_text("utf-8", "replace") if path.exists() else ""

    def received(self) -> list[bytes]:
        """The messages that landed in the mailbox, oldest first."""
        new = self.folder / "mail" / "box" / "new"
        return [path.read_bytes() for path in sorted(new.iterdir(), key=lambda path: path.stat().st_mtime_ns)] if new.exists() else []

    def wait_for(self, marker: bytes, seconds: float = 30.0) -> bytes:
        """The first message with marker in it."""
        return until(
            lambda: next((mail for mail in self.received() if marker in mail), b""), seconds,
            lambda: f"{marker!r} arrives; {self.log()[-2000:]}")

    def sendmail(self, sender: str, *recipients: str, message: bytes) -> None:
        """Hand in a message as a local program would."""
        self.space.run("sendmail", "-C", self.folder / "etc", "-i", "-f", sender, *recipients, stdin=message)

    def wait_for_log(self, text: str, seconds: float = 30.0, since: int = 0) -> str:
        """The first log line with text in it, after the first since characters."""
        return until(
            lambda: next((line for line in self.log()[since:].splitlines() if text in line), ""), seconds,
            lambda: f"{text!r} in the log; {self.log()[-2000:]}")

    def configure(self, **settings: str) -> None:
        """Change settings of main.cf while it runs."""
        self.space.run("postconf", "-c", self.folder / "etc", "-e", *(f"{name}={value}" for name, value in settings.items()))
        self.reload()

    def reload(self) -> None:
        """Let new processes take over, which know nothing yet: its DNS answers are kept by the old ones."""
        self.space.run("postfix", "-c", self.folder / "etc", "reload")

    def stop(self) -> None:
        """End the instance; its queue and mailbox stay."""
        self.space.run("postfix", "-c", self.folder / "etc", "stop", check=False)
        until(lambda: not port_open(self.addresses[0], 25), why="its port is closed")


def _own(path: Path, owner: str) -> None:
    subprocess.run(["chown", owner, str(path)], check=True)


MAIN = """compatibility_level = 3.6
queue_directory = {folder}/spool
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {folder}/maillog
maillog_file_prefixes = /
alias_maps =
alias_database =
myhostname = {name}.lab
inet_interfaces = {addresses}
inet_protocols = all
smtp_bind_address = {four}
smtp_bind_address6 = {six}
smtp_address_preference = ipv4
smtputf8_enable = yes
virtual_mailbox_domains = {domains}
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = static:box/
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{uid}
virtual_minimum_uid = 1000
smtpd_recipient_restrictions = reject_unauth_destination
mynetworks = 10.255.255.0/24
message_size_limit = 60000000
mailbox_size_limit = 0
virtual_mailbox_limit = 0
minimal_backoff_time = 2s
maximal_backoff_time = 4s
queue_run_delay = 2s
"""
