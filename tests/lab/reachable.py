"""A Python below somebody's home is out of reach for the service user; here it is made reachable, in one process's view.

`ip netns exec` gives each command mounts of its own.  In those, a folder that others may
not enter is covered by an empty one, into which what is needed is mounted again.
"""
import shlex
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def reachable(command: tuple[str, ...]) -> tuple[str, ...]:
    """command, with Python, its packages and the sources readable for everybody; its pid stays the command's own."""
    needed = {Path(prefix).resolve() for prefix in (sys.base_prefix, sys.prefix, ROOT)}
    closed: dict[Path, list[Path]] = {}
    for path in sorted(needed):
        gate = next((parent for parent in [*reversed(path.parents), path] if not parent.stat().st_mode & 0o001), None)
        if gate is not None:
            closed.setdefault(gate, []).append(path)
    lines = []
    for gate, paths in closed.items():
        kept = [(path, f"/mnt/{number}") for number, path in enumerate(paths)]
        lines.append("mount -t tmpfs -o mode=755 tmpfs /mnt")
        lines += [f"mkdir {there} && mount --rbind {shlex.quote(str(path))} {there}" for path, there in kept]
        lines.append(f"mount -t tmpfs -o mode=755 tmpfs {shlex.quote(str(gate))}")
        lines += [f"mkdir -p -m 755 {shlex.quote(str(path))} && mount --rbind {there} {shlex.quote(str(path))}" for path, there in kept]
    if not lines:
        return command
    # The caller's umask must not close what is opened here.
    return ("sh", "-c", f"umask 022 && cd / && {' && '.join(lines)} && cd {shlex.quote(str(ROOT))} && exec \"$@\"", "sh", *command)
