"""One signed message of 25 MB: what it costs in CPU and in memory that only the acceptor has, all checks on."""
import base64
import os
import smtplib
from pathlib import Path

from tests.bench import domains
from tests.bench.tree import cpu, private, tree


def measure(folder: Path) -> list[tuple[str, str]]:
    """CPU of the tree for one such message, growth of the acceptors' own memory at its peak."""
    [domain] = domains.sending(1)
    server = domains.served(folder, [domain], {"MALLOC_TRIM_THRESHOLD_": "65536"})
    assert server.process is not None
    attachment = base64.encodebytes(os.urandom(18_200_000)).replace(b"\n", b"\r\n")
    message = (f"From: {domain.sender}\r\n".encode() + b"To: demo@localhost\r\nSubject: large\r\nMIME-Version: 1.0\r\n"
               b"Content-Type: multipart/mixed; boundary=xyz\r\n\r\n--xyz\r\nContent-Type: text/plain\r\n\r\nhere it is\r\n"
               b"--xyz\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n")
    message = domains.signed(message + attachment + b"--xyz--\r\n.\r\n", domain.signer).removesuffix(b".\r\n")
    server.send(b"Subject: warm\r\n\r\nx\r\n")
    pids = server.pids("acceptor")
    memory = {pid: private(pid) for pid in pids}
    peak = 0
    before = cpu(tree(server.process.pid))
    with smtplib.SMTP(server.ip, server.smtp) as client:
        client.ehlo()
        client.mail(domain.sender)
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
    [row] = (row for row in server.json("message", "list", "demo", "Inbox") if row["subject"] == "large")
    assert "dkim=pass" in server.command("message", "raw", str(row["id"]))[:4_000]
    server.stop()
    return [("size", f"{len(message) / 1e6:.1f} MB"), ("CPU of the whole tree until 250", f"{used:.2f} s"),
            ("growth of an acceptor's own memory", f"{peak / 1e6:.1f} MB")]
