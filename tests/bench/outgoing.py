"""Mail to other servers: how fast a queue drains, and how soon a message leaves."""
import contextlib
import os
import shutil
import smtplib
import socket
import sqlite3
import ssl
import statistics
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mta.base.clock import SystemClock
from mta.base.names import Address
from mta.store import bodies, queue
from mta.store.database import Connection, Store
from tests.bench import load
from tests.bench.tree import cpu, tree
from tests.lab.names import Names, ZoneFile
from tests.lab.namespace import Namespace
from tests.lab.server import PASSWORD, USER, Pillarbox
from tests.lab.waiting import port_open, until

COUNT = int(os.environ.get("BENCH_QUEUED", "10000"))
DOMAINS = 10
US, SINK = "127.0.0.10", "127.0.0.40"
TRIES = 50


def measure(folder: Path) -> list[tuple[str, str]]:
    """Messages a second from a full queue to one sink that stands for all domains."""
    with _lab(folder) as (space, server):
        sink = space.start("smtp-sink", "-u", "postfix", "-c", f"{SINK}:25", "200")
        until(lambda: port_open(SINK, 25), why="smtp-sink listens")
        server.stop()
        _fill(server.folder / "data")
        server.start()
        pid = server.pid
        before, begun = cpu(tree(pid)), time.perf_counter()
        database = sqlite3.connect(f"file:{server.folder}/data/pillarbox.db?mode=ro", uri=True)
        left = COUNT
        first = 0.0
        while left:
            time.sleep(0.05)
            [left] = database.execute("SELECT count(*) FROM queue_recipient").fetchone()
            if not first and left < COUNT:
                first = time.perf_counter()
        seconds = time.perf_counter() - first
        database.close()
        used = cpu(tree(pid)) - before
        space.end(sink)
        ready = first - begun
    return [("messages", f"{COUNT} to {DOMAINS} domains, 5 kB"), ("messages a second", f"{COUNT / seconds:.0f}"),
            ("CPU per message", f"{1_000 * used / COUNT:.2f} ms"), ("from start to the first delivery", f"{ready:.2f} s")]


def measure_latency(folder: Path) -> list[tuple[str, str]]:
    """From the end of DATA at submission to the first octet that the next server hears."""
    waits, replies = [], []
    with _lab(folder) as (_, server), _listener() as heard:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with smtplib.SMTP(US, 587, timeout=30) as client:
            client.starttls(context=context)
            client.login("ann", PASSWORD)
            for number in range(TRIES):
                heard.clear()
                client.mail("ann@us.test")
                client.rcpt(f"someone@d{number % DOMAINS}.test")
                assert client.docmd("DATA")[0] == 354
                begun = time.perf_counter()
                client.send(f"From: ann@us.test\r\nSubject: latency {number}\r\n\r\nx\r\n.\r\n".encode())
                assert client.getreply()[0] == 250
                replies.append(time.perf_counter() - begun)
                until(lambda: heard, 10, f"the message leaves; {server.text()[-2000:]}")
                waits.append(heard[0] - begun)
                # The next message shall find no open connection: wait until this one is done.
                server.wait_until_queue_is_empty()
    return [("from the final dot to 250, median", f"{1_000 * statistics.median(replies):.1f} ms"),
            ("from the final dot to the first octet at the next server, median", f"{1_000 * statistics.median(waits):.1f} ms"),
            ("the same, slowest of 50", f"{1_000 * max(waits):.1f} ms")]


@contextmanager
def _lab(folder: Path) -> Iterator[tuple[Namespace, Pillarbox]]:
    """A namespace with ten domains whose mail goes to the sink, and a server in it; the caller's thread is inside."""
    space = Namespace(f"bench{os.getpid()}", folder, (US, SINK))
    try:
        with space.entered():
            zones = [ZoneFile(f"d{number}.test", f"@ MX 10 mx\nmx A {SINK}") for number in range(DOMAINS)]
            Names(space, [*zones, ZoneFile("us.test", f"@ MX 10 mx\nmx A {US}")])
            server = Pillarbox(space, "bench", (US,), "us.test", ("ann",))
            yield space, server
            server.stop()
    finally:
        space.close()


def _fill(data: Path) -> None:
    """Queue COUNT messages, each with a body of its own, while no server runs."""
    clock = SystemClock()
    store = Store.open(data, clock)
    texts = load.messages(COUNT, 5_000, "someone@example.net")
    for start in range(0, COUNT, 200):
        spooled = []
        for text in texts[start:start + 200]:
            sink = store.bodies.sink()
            sink.write(text.removesuffix(b".\r\n"))
            spooled.append(sink.finish())

        def change(db: Connection, start: int = start, spooled: "list[bodies.SpooledBody]" = spooled) -> None:
            for offset, body in enumerate(spooled):
                recipient = Address.parse(f"someone{start + offset}@d{(start + offset) % DOMAINS}.test")
                queue.add(db, clock, queue.NewQueued(
                    account_id=None, sender=Address.parse("ann@us.test"), recipients=(recipient,), body_id=bodies.insert(db, body),
                    body_size=body.size, prefix=b"", smtputf8=False, eight_bit=False, message_id=f"bench.{start + offset}@us.test",
                    subject="bench", header_from="ann@us.test", trace="bench"), lambda address: address.domain.ascii)
        store.write_now(change, spooled)
    store.close()
    for path in [data, *data.rglob("*")]:
        shutil.chown(path, USER, USER)
    subprocess.run(["sync"], check=True)


@contextmanager
def _listener() -> Iterator[list[float]]:
    """A server at the sink's address; the list gets the moments at which a client's first octet came."""
    heard: list[float] = []
    listening = socket.create_server((SINK, 25))

    def talk(conn: socket.socket) -> None:
        with contextlib.suppress(OSError), conn, conn.makefile("rb") as lines:
            conn.sendall(b"220 sink ESMTP\r\n")
            first = conn.recv(1, socket.MSG_PEEK)
            heard.append(time.perf_counter())
            assert first
            data = False
            for line in lines:
                if data:
                    data = line != b".\r\n"
                    if not data:
                        conn.sendall(b"250 ok\r\n")
                    continue
                data = line.upper().startswith(b"DATA")
                conn.sendall(b"354 go\r\n" if data else b"250 ok\r\n")

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=talk, args=(listening.accept()[0],), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield heard
    finally:
        listening.close()
