"""A server that has nothing to do: how soon it is ready, what it holds, what it burns."""
import time
from pathlib import Path

from tests.bench.tree import cpu, pss, tree
from tests.serving import Server

WATCHED = 30.0


def measure(folder: Path) -> list[tuple[str, str]]:
    """Start-up, memory by process, and processor time over half a minute."""
    Server(folder / "pillarbox").start().stop()    # the first start makes keys and databases
    server = Server(folder / "pillarbox")
    begun = time.perf_counter()
    server.start()
    ready = time.perf_counter() - begun
    assert server.process is not None
    server.send(b"Subject: wake everyone\r\n\r\nx\r\n")
    time.sleep(5)
    pids = tree(server.process.pid)
    before, since = cpu(pids), time.perf_counter()
    time.sleep(WATCHED)
    burnt = (cpu(pids) - before) / (time.perf_counter() - since)
    memory = {pid: pss(pid) for pid in pids}
    names = {int(line["pid"]): f"{line['role']} {line['number']}" for line in server.status()}
    names[server.process.pid] = "supervisor"
    server.stop()
    return [("ready after the start", f"{ready:.2f} s"), ("memory of the whole tree (PSS)", f"{sum(memory.values()) / 1e6:.0f} MB"),
            *((f"memory of {names.get(pid, 'process')}", f"{octets / 1e6:.1f} MB") for pid, octets in memory.items()),
            ("processor time of the whole tree", f"{100 * burnt:.2f} % of one core")]
