"""A Dovecot of Debian's on loopback, with mail in it, for tests of imports; and a line to it that can be cut."""
import asyncio
import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

from mta.message import maildir
from tests.authority import Authority

HOST, USER, PASSWORD = "imap.old.test", "ann", "old 'secret' pass\\word"
AVAILABLE = os.geteuid() == 0 and shutil.which("dovecot") is not None
CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/state
protocols = imap
listen = 127.0.0.1
log_path = {folder}/log
ssl = required
ssl_cert = <{certificate}
ssl_key = <{key}
disable_plaintext_auth = yes
auth_mechanisms = plain login
default_internal_user = nobody
default_internal_group = nogroup
default_login_user = nobody
first_valid_uid = 1
mail_location = maildir:{folder}/mail
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {plain}
  }}
  inet_listener imaps {{
    port = {tls}
  }}
}}
service anvil {{
  chroot =
}}
passdb {{
  driver = passwd-file
  args = {folder}/users
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={folder}/mail
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Gesendet {{
    special_use = \\Sent
    auto = subscribe
  }}
  mailbox Papierkorb {{
    special_use = \\Trash
    auto = subscribe
  }}
}}
"""


class Dovecot:
    """One that runs until close(); tls and plain are its ports."""

    def __init__(self) -> None:
        # Not below pytest's folder: that is root's alone, and Dovecot's user has to get here.
        folder = Path(tempfile.mkdtemp(prefix="dovecot-"))
        folder.chmod(0o755)
        self.folder, self.authority = folder, Authority(folder)
        self._saved = 0
        self.tls, self.plain = _free_port(), _free_port()
        certificate, key = self.authority.issue(HOST)
        (folder / "mail").mkdir()
        shutil.chown(folder / "mail", "nobody", "nogroup")
        (folder / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n")
        self.config = folder / "dovecot.conf"
        self.config.write_text(CONFIG.format(folder=folder, certificate=certificate, key=key, plain=self.plain, tls=self.tls))
        self._process = subprocess.Popen(["dovecot", "-F", "-c", self.config])
        end = time.monotonic() + 20
        while not _listens(self.tls):
            assert time.monotonic() < end, (folder / "log").read_text()
            time.sleep(0.05)

    def save(self, mailbox: str, content: bytes, flags: str = "", received: float = 1_580_000_000.0) -> None:
        """Put a message there, with the letters of flags; the mailbox has to be there."""
        self._saved += 1
        folder = self.folder / "mail" / maildir.folder_name("Inbox" if mailbox == "INBOX" else mailbox)
        path = folder / "cur" / f"1580000000.M{self._saved}.old:2,{flags}"
        path.write_bytes(content)
        os.utime(path, (received, received))
        shutil.chown(path, "nobody", "nogroup")

    def admin(self, *words: str, stdin: bytes = b"") -> str:
        """What doveadm says."""
        done = subprocess.run(["doveadm", "-c", self.config, *words], input=stdin, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    def close(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)


class Line:
    """A way to a port that breaks off after each of `cuts` octets from the server, one for each connection, and then no more."""

    def __init__(self, to: int, cuts: list[int]) -> None:
        self._to, self.cuts, self.port, self.connections = to, cuts, 0, 0

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator["Line"]:
        """While it can be used."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            await server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        left = self.cuts.pop(0) if self.cuts else 1 << 60
        back, out = await asyncio.open_connection("127.0.0.1", self._to)

        async def forth() -> None:
            with contextlib.suppress(OSError):
                while piece := await reader.read(65_536):
                    out.write(piece)
                out.close()

        task = asyncio.create_task(forth())
        with contextlib.suppress(OSError):
            while left > 0 and (piece := await back.read(min(65_536, left))):
                left -= len(piece)
                writer.write(piece)
                await writer.drain()
        for each in (writer, out):
            each.transport.abort()
        task.cancel()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
