"""Looks at the machine for `pillarbox quickstart`: addresses, ports, programs, room, clock.

Reads what Linux shows below /proc and changes nothing.  What cannot be read is not known,
and never an error.
"""
import contextlib
import ctypes
import os
import shutil
import stat
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from mta.flow.survey import Machine
from mta.net.addresses import addresses
from mta.net.trust import known

#: adjtimex(2): what it returns while nothing keeps the clock right; and room for its struct.
TIME_ERROR: Final = 5
TIMEX: Final = 512
#: State of a socket that listens, in /proc/net/tcp (linux/tcp_states.h).
LISTEN: Final = "0A"
#: Programs that also want port 25, and the services as which Debian starts them.
MAIL_SERVERS: Final = {
    "usr/sbin/exim4": "exim4", "usr/sbin/postfix": "postfix", "usr/sbin/smtpd": "opensmtpd", "usr/libexec/sendmail/sendmail": "sendmail",
    "usr/lib/sm.bin/sendmail": "sendmail", "usr/sbin/courieresmtpd": "courier-mta"}
#: What a process is called, where that is not its service.
SERVICES: Final = {"master": "postfix", "smtpd": "opensmtpd", "apache2": "apache2"}


def look(data: Path, root: Path = Path("/")) -> Machine:
    """All facts about this machine; data is where mail will be, root where its files are."""
    there = next(parent for parent in (data, *data.parents) if parent.exists())
    return Machine(
        name=os.uname().nodename, addresses=addresses(root / "proc"), ports=ports(root / "proc"),
        mail_servers=tuple(dict.fromkeys(name for file, name in MAIL_SERVERS.items() if (root / file).exists())),
        free=shutil.disk_usage(there).free, memory=memory(root / "proc"), synchronized=synchronized(),
        closed=closed(Path(sys.base_prefix), Path(sys.prefix), Path(__file__)),
        authorities=known())


def ports(proc: Path) -> Mapping[int, str]:
    """The TCP ports that are listened on, with the program that does, "" if it is not known."""
    sockets: dict[str, int] = {}
    for name in ("tcp", "tcp6"):
        with contextlib.suppress(OSError):
            for line in (proc / "net" / name).read_text().splitlines()[1:]:
                words = line.split()
                if len(words) > 9 and words[3] == LISTEN:
                    sockets[words[9]] = int(words[1].rpartition(":")[2], 16)
    found = dict.fromkeys(sockets.values(), "")
    for inode, program in _owners(proc):
        if inode in sockets and not found[sockets[inode]]:
            found[sockets[inode]] = program
    return found


def _owners(proc: Path) -> Iterator[tuple[str, str]]:
    """The sockets that processes hold, as far as we may see, each with the process's name."""
    for process in proc.iterdir() if proc.is_dir() else ():
        if process.name.isdecimal():
            with contextlib.suppress(OSError):
                name = (process / "comm").read_text().strip()
                for handle in (process / "fd").iterdir():
                    with contextlib.suppress(OSError):
                        kind, _, inode = os.readlink(handle).partition(":")
                        if kind == "socket":
                            yield inode.strip("[]"), SERVICES.get(name, name)


def closed(*places: Path) -> str:
    """A folder at or above the places that others than its owner may not enter, "" if there is none."""
    folders = (folder for place in places for folder in (*reversed(place.resolve().parents), place.resolve()) if folder.is_dir())
    return next((str(folder) for folder in folders if not folder.stat().st_mode & stat.S_IXOTH), "")


def memory(proc: Path) -> int:
    """Octets of memory that the machine has; 0 if it does not say."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        for line in (proc / "meminfo").read_text().splitlines():
            if line.startswith("MemTotal:"):
                return int(line.split()[1]) * 1024
    return 0


def synchronized() -> bool | None:
    """Whether something keeps the clock right, as the kernel was told; None if it may not be asked."""
    state = int(ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.create_string_buffer(TIMEX)))
    return None if state < 0 else state != TIME_ERROR
