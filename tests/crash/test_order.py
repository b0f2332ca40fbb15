"""The order of syncs is seen from outside: body, folder, database, and only then 250."""
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from tests.serving import Server

MESSAGE = b"From: a@example.net\r\nTo: demo@localhost\r\nSubject: in order\r\n\r\n" + b"one line\r\n" * 100


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
def test_250_comes_after_all_syncs(tmp_path: Path) -> None:
    """strace of the acceptor while one message arrives (DESIGN §2)."""
    server = Server(tmp_path / "server", environment={"PILLARBOX_TEST": ""}).start()
    trace = tmp_path / "trace"
    tracers = [
        subprocess.Popen(["strace", "-f", "-y", "-s", "120", "-ttt", "-o", f"{trace}.{pid}", "-p", str(pid),
                          "-e", "trace=fsync,fdatasync,link,linkat,rename,renameat,renameat2,write,writev,sendto,sendmsg"],
                         stderr=subprocess.PIPE)
        for pid in server.pids("acceptor")]
    for tracer in tracers:
        assert tracer.stderr is not None
        assert b"attached" in tracer.stderr.readline()
    server.send(MESSAGE)
    time.sleep(0.2)
    for tracer in tracers:
        tracer.terminate()
        tracer.communicate()
    server.stop()
    lines = sorted(
        line.split(None, 1)[1] for path in tmp_path.glob("trace.*") for line in path.read_text().splitlines() if " " in line)

    order = [step for line in lines for step in [_step(line)] if step]
    first = order.index("body synced")
    assert order[first:first + 4] == ["body synced", "folder synced", "database synced", "250"], order


def _step(line: str) -> str:
    """What a line of strace means here, or nothing."""
    if " resumed>" in line or "= -1" in line:
        return ""
    if re.search(r"f(data)?sync\(\d+<[^>]*/mail/(tmp|\d{4}-\d\d-\d\d)/[^>]+>", line):
        return "body synced"
    if re.search(r"fsync\(\d+<[^>]*/mail/\d{4}-\d\d-\d\d>", line):
        return "folder synced"
    if re.search(r"f(data)?sync\(\d+<[^>]*pillarbox\.db-wal>", line):
        return "database synced"
    if re.search(r'(write|sendto|sendmsg|writev)\(.*"250 2\.\d\.\d (?!.*\(.*\.\d+\)"?$)', line):
        return "250" if "stored" in line or "accepted" in line.lower() or "queued" in line.lower() else ""
    return ""
