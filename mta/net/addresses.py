"""Which addresses this machine has."""
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from mta.base.names import IPAddress, ip_address

#: Flags of an IPv6 address (linux/if_addr.h).
TEMPORARY: Final = 0x01
DEPRECATED: Final = 0x20
TENTATIVE: Final = 0x40


def is_ours(ip: IPAddress) -> bool:
    """Whether an interface of this machine has the address: the kernel lets us have a socket there."""
    try:
        with socket.socket(socket.AF_INET if ip.version == 4 else socket.AF_INET6, socket.SOCK_DGRAM) as trial:
            trial.bind((str(ip), 0))
    except OSError:
        return False
    return True


def addresses(proc: Path = Path("/proc")) -> tuple[IPAddress, ...]:
    """All addresses of this machine but those of loopback and of one link alone, and those that change by themselves (RFC 8981)."""
    found = {*_four(_text(proc / "net" / "fib_trie")), *_six(_text(proc / "net" / "if_inet6"))}
    return tuple(sorted((ip for ip in found if not ip.is_loopback and not ip.is_link_local), key=lambda ip: (ip.version, ip)))


def _four(trie: str) -> Iterator[IPAddress]:
    """The leaves of the kernel's table of routes that lead to ourselves."""
    leaf = ""
    for line in trie.splitlines():
        words = line.split()
        if words[:1] == ["|--"]:
            leaf = words[1]
        elif words == ["/32", "host", "LOCAL"] and leaf:
            yield ip_address(leaf)


def _six(table: str) -> Iterator[IPAddress]:
    """A line of it has address, interface, length of prefix, scope, flags and name."""
    for line in table.splitlines():
        words = line.split()
        if len(words) == 6 and not int(words[4], 16) & (TEMPORARY | DEPRECATED | TENTATIVE):
            yield ip_address(":".join(words[0][at:at + 4] for at in range(0, 32, 4)))


def _text(file: Path) -> str:
    try:
        return file.read_text("ascii", "replace")
    except OSError:    # a kernel without IPv6 has no such file
        return ""
