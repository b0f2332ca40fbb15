"""python -m tests.bench [SCENARIO ...]: measure, and print the figures as a table.

Without names all scenarios run, one after the other; nothing else should run meanwhile.
"""
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.bench import counting, idle, inbound, junk, large, outgoing, pages, reader, soon

#: What is measured; each prints its own lines as "what | figure | unit".
SCENARIOS: dict[str, Callable[[Path], list[tuple[str, str]]]] = {
    "counting": counting.measure,
    "idle": idle.measure,
    "inbound": inbound.measure,
    "inbound-full": inbound.measure_full,
    "inbound-slow-disk": inbound.measure_slow_disk,
    "junk": junk.measure,
    "large": large.measure,
    "latency": outgoing.measure_latency,
    "outgoing": outgoing.measure,
    "pages": pages.measure,
    "reader": reader.measure,
    "soon": soon.measure,
}


def main(names: list[str]) -> int:
    """Run the scenarios with these names, or all."""
    unknown = set(names) - SCENARIOS.keys()
    if unknown:
        print(f"no scenario {', '.join(sorted(unknown))}; there are {', '.join(SCENARIOS)}", file=sys.stderr)
        return 2
    print(f"{os.cpu_count()} cores, {_processor()}, Python {platform.python_version()}, Linux {platform.release()}\n")
    for name in names or SCENARIOS:
        with tempfile.TemporaryDirectory(prefix="pillarbox-bench-", dir="/var/tmp") as folder:
            Path(folder).chmod(0o755)
            print(f"### {name}\n\n| what | figure |\n| --- | --- |")
            for what, figure in SCENARIOS[name](Path(folder)):
                print(f"| {what} | {figure} |", flush=True)
            print()
    return 0


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
