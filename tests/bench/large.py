"""One message of 25 MB: what it costs in CPU and in memory that only the acceptor has."""
import base64
import os
import smtplib
from pathlib import Path

from tests.bench.tree import cpu, private, tree
from tests.serving import Server


def measure(folder: Path) -> list[tuple[str, str]]:
    """CPU of the tree for one such message, growth of the acceptors' own memory at its peak."""
    server = Server(folder / "pillarbox", environment={"MALLOC_TRIM_THRESHOLD_": "65536"}).start()
    assert server.process is not None
    attachment = base64.encodebytes(os.urandom(18_200_000)).replace(b"\n", b"\r\n")
    message = (b"From: a@example.net\r\nTo: demo@localhost\r\nSubject: large\r\nMIME-Version: 1.0\r\n"
               b"Content-Type: multipart/mixed; boundary=xyz\r\n\r\n--xyz\r\nContent-Type: text/plain\r\n\r\nhere it is\r\n"
               b"--xyz\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n")
    message += attachment + b"--xyz--\r\n"
    server.send(b"Subject: warm\r\n\r\nx\r\n")
    pids = server.pids("acceptor")
    memory = {pid: private(pid) for pid in pids}
    peak = 0
    before = cpu(tree(server.process.pid))
    with smtplib.SMTP(server.ip, server.smtp) as client:
        client.ehlo()
        client.mail("a@example.net")
        client.rcpt("demo@localhost")
        assert client.docmd("DATA")[0] == 354
        assert client.sock is not None
        stuffed = message.replace(b"\r\n.", b"\r\n..") + b".\r\n"
        for at in range(0, len(stuffed), 1_000_000):
            client.sock.sendall(stuffed[at:at + 1_000_000])
            peak = max(peak, *(private(pid) - memory[pid] for pid in pids))
        assert client.getreply()[0] == 250
        peak = max(peak, *(private(pid) - memory[pid] for pid in pids))
    used = cpu(tree(server.process.pid)) - before
    server.stop()
    return [("size", f"{len(message) / 1e6:.1f} MB"), ("CPU of the whole tree until 250", f"{used:.2f} s"),
            ("growth of an acceptor's own memory", f"{peak / 1e6:.1f} MB")]
