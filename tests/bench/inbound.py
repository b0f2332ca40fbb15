"""Mail from strangers: 5 kB messages over 20 connections, against Postfix and a bare aiosmtpd in the same run.

The messages are signed (rsa-sha256, 2,048 bits) by a handful of domains with SPF and
DMARC records; ours checks all of it, the others check nothing.
"""
import asyncio
import multiprocessing
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mta.base.clock import SystemClock
from mta.store import lessons
from mta.store.database import Store
from mta.store.search import SearchIndex
from tests.bench import domains, load
from tests.bench.pages import fill, fill_index
from tests.bench.tree import cpu, tree
from tests.lab.namespace import Namespace
from tests.lab.postfix import Postfix
from tests.serving import Server

#: Messages that lie in the mailbox already.
FULL = int(os.environ.get("BENCH_MAILBOX", "100000"))
COUNT = int(os.environ.get("BENCH_MESSAGES", "4000"))
CONNECTIONS = 20
SIZE = 5_000
RECIPIENT = "demo@localhost"
SENDERS = domains.sending(5)


def measure(folder: Path) -> list[tuple[str, str]]:
    """Messages a second and CPU per message: ours, Postfix's, a bare aiosmtpd's."""
    lines = []
    server = domains.served(folder, SENDERS)
    assert server.process is not None
    _run(server.ip, server.smtp, 500, server.process.pid)    # warm
    ours = _run(server.ip, server.smtp, COUNT, server.process.pid, settle=True)
    server.stop()
    lines += _lines("Pillarbox, stored, visible and indexed", ours)
    if shutil.which("postfix"):
        with _postfix(folder) as (pid, space), space.entered():
            _run("127.0.0.20", 25, 500, pid)
            theirs = _run("127.0.0.20", 25, COUNT, pid, settle=True)
        lines += _lines("bare Postfix, into a maildir", theirs)
        lines.append(("messages a second, Pillarbox to Postfix", f"{ours['rate'] / theirs['rate']:.2f}"))
        lines.append(("CPU per message, Pillarbox to Postfix", f"{ours['cpu'] / theirs['cpu']:.2f}"))
    with _bare_aiosmtpd() as (port, pid):
        _run("127.0.0.1", port, 500, pid)
        bare = _run("127.0.0.1", port, COUNT, pid)
    lines += _lines("bare aiosmtpd, one process, keeps nothing", bare)
    lines.append(("CPU per message, Pillarbox to bare aiosmtpd", f"{ours['cpu'] / bare['cpu']:.2f}"))
    return lines


def measure_slow_disk(folder: Path) -> list[tuple[str, str]]:
    """The same with 10 ms added to every sync, as on a cheap VPS; a preloaded library waits after each."""
    (folder / "slow.c").write_text(SLOW)
    subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", folder / "slow.so", folder / "slow.c", "-ldl"], check=True)
    server = domains.served(folder, SENDERS, {"LD_PRELOAD": str(folder / "slow.so")})
    assert server.process is not None
    _run(server.ip, server.smtp, 200, server.process.pid)
    found = _run(server.ip, server.smtp, COUNT // 2, server.process.pid)
    server.stop(60)
    return _lines("Pillarbox, 10 ms added to each sync", found)


def measure_full(folder: Path) -> list[tuple[str, str]]:
    """What a taught junk filter adds, and what 100,000 stored messages add to that, each against the account without."""
    server = domains.served(folder, SENDERS)
    assert server.process is not None

    def run() -> dict[str, float]:
        assert server.process is not None
        _run(server.ip, server.smtp, 500, server.process.pid, settle=True)
        found = _run(server.ip, server.smtp, COUNT // 2, server.process.pid, settle=True)
        server.stop()
        return found
    empty = run()
    _with_store(server, _teach)
    server.start(60)
    taught = run()
    _with_store(server, _fill)
    server.start(60)
    full = run()
    return [*_lines("an empty mailbox, the filter abstains", empty), *_lines("the filter taught 600 lessons", taught),
            *_lines(f"the filter taught, {FULL:,} messages stored", full),
            ("CPU per message, taught to untaught", f"{taught['cpu'] / empty['cpu']:.2f}"),
            ("CPU per message, 100,000th message to the first ones", f"{full['cpu'] / taught['cpu']:.2f}")]


def _with_store(server: Server, act: Callable[[Store, int, int], None]) -> None:
    """act on the store of a server that is stopped; it is told the demo account and its inbox."""
    store = Store.open(server.folder / "data", SystemClock())
    account, inbox = store.read(lambda db: next(iter(db.execute("SELECT account_id, id FROM mailbox WHERE role = 'inbox'"))))
    act(store, account, inbox)
    store.close()


def _teach(store: Store, account: int, inbox: int) -> None:
    """The reporter takes these lessons when it starts, and its work counts until it is done, before the clock starts."""
    ids = store.read(lambda db: [row[0] for row in db.execute("SELECT id FROM message WHERE mailbox_id = ? LIMIT 600", (inbox,))])
    store.write_now(lambda db: lessons.note(db, store.clock, account, {id: "junk" if id % 4 == 0 else "good" for id in ids}, "a bench"))


def _fill(store: Store, account: int, inbox: int) -> None:
    fill(store, inbox, FULL)
    index = SearchIndex(store.search_db)
    fill_index(store, index, account)
    index.close()


SLOW = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>
static void wait10(void) { struct timespec t = {0, 10000000}; nanosleep(&t, 0); }
#define SLOWED(name) int name(int fd) { \\
    static int (*real)(int); if (!real) real = dlsym(RTLD_NEXT, #name); \\
    int result = real(fd); wait10(); return result; }
SLOWED(fsync)
SLOWED(fdatasync)
"""


def _run(ip: str, port: int, count: int, pid: int, *, settle: bool = False) -> dict[str, float]:
    """Send count messages; with settle the CPU counts until the tree is quiet (indexing, local delivery)."""
    first = int(time.time() * 1_000) % 10**9
    share = count // len(SENDERS)
    batches = [load.messages(share, SIZE, RECIPIENT, each.sender, first + place * share) for place, each in enumerate(SENDERS)]
    texts = [(each.sender, domains.signed(text, each.signer))
             for batch in zip(*batches, strict=True) for each, text in zip(SENDERS, batch, strict=True)]
    count = len(texts)
    before = cpu(tree(pid))
    result = load.run(ip, port, texts, CONNECTIONS, RECIPIENT)
    assert not result.refused, f"{result.refused} of {count} were refused"
    used = cpu(tree(pid))
    while settle:
        time.sleep(1.0)
        now = cpu(tree(pid))
        settle, used = now - used > 0.03, now
    return {"rate": result.rate, "cpu": 1_000 * (used - before) / count, "p50": result.percentile(0.5), "p99": result.percentile(0.99)}


def _lines(who: str, found: dict[str, float]) -> list[tuple[str, str]]:
    return [(f"{who}: messages a second", f"{found['rate']:.0f}"), (f"{who}: CPU per message", f"{found['cpu']:.2f} ms"),
            (f"{who}: wait for 250, median and p99", f"{found['p50']:.0f} ms, {found['p99']:.0f} ms")]


@contextmanager
def _postfix(folder: Path) -> Iterator[tuple[int, Namespace]]:
    """A Postfix that delivers to a maildir, its master's pid, and where it is."""
    space = Namespace(f"bench{os.getpid()}", folder, ("127.0.0.20",))
    try:
        with space.entered():
            postfix = Postfix(space, "bench", ("127.0.0.20",), ("localhost",), "smtpd_client_connection_count_limit = 0\nmydestination =\n")
        pid = int((postfix.folder / "spool" / "pid" / "master.pid").read_text())
        yield pid, space
        with space.entered():
            postfix.stop()
    finally:
        space.close()


class _Nothing:
    """An aiosmtpd handler that takes everything and keeps nothing."""

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        return "250 OK"


def _serve_bare(ready: Any) -> None:
    from aiosmtpd.smtp import SMTP

    async def serve() -> None:
        server = await asyncio.get_running_loop().create_server(lambda: SMTP(_Nothing(), enable_SMTPUTF8=True), "127.0.0.1", 0)
        ready.put(server.sockets[0].getsockname()[1])
        await server.serve_forever()
    import uvloop
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve())


@contextmanager
def _bare_aiosmtpd() -> Iterator[tuple[int, int]]:
    context = multiprocessing.get_context("spawn")
    ready = context.Queue()
    process = context.Process(target=_serve_bare, args=(ready,), daemon=True)
    process.start()
    try:
        assert process.pid is not None
        yield ready.get(timeout=30), process.pid
    finally:
        process.terminate()
        process.join()
