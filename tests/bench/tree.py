"""What a process tree costs: processor time and memory, from /proc."""
import os
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


def tree(pid: int) -> list[int]:
    """pid and all below it."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, task.read_text().split()):
            found += tree(child)
    return found


def cpu(pids: list[int]) -> float:
    """Processor seconds that pids (and their ended children) have used."""
    total = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += sum(map(int, fields[11:15]))
    return total / TICK


def pss(pid: int) -> int:
    """Proportional memory of one process in octets: shared pages are divided among those who share them."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0


def private(pid: int) -> int:
    """Memory that only this process has, in octets, without pages of files."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    wanted = ("Private_Dirty:", "Swap:")
    return sum(int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith(wanted))
