"""The sockets the server listens on; only the supervisor makes them, while it is still root.

They outlive the processes that use them: while a role is restarted, clients wait in the
queue of the kernel, and a new generation takes over without a gap.
"""
import contextlib
import errno
import os
import socket
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mta.base.errors import SetupError
from mta.config.model import SERVICES, Config, Listener
from workers.privileges import Identity

#: Connections that may wait to be accepted.
BACKLOG = 511
#: Unix sockets: (service, who may connect beside the service user).
EVERYONE, NOBODY = 0o666, 0o600

#: What a socket is bound to: service, then IP or path, then port or 0.
Key = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Listening:
    """All listening sockets, by what they are bound to."""

    sockets: Mapping[Key, socket.socket]

    def of(self, *services: str) -> dict[str, list[socket.socket]]:
        """The sockets of these services, by service."""
        return {service: [sock for key, sock in self.sockets.items() if key[0] == service] for service in services}

    def close(self, kept: Collection[socket.socket] = ()) -> None:
        """Close all but those that are kept."""
        for sock in self.sockets.values():
            if sock not in kept:
                sock.close()


def listen(config: Config, user: Identity, known: Mapping[Key, socket.socket]) -> Listening:
    """Bind all that config asks for; what is known already is kept.  SetupError naming every port that cannot be had."""
    sockets: dict[Key, socket.socket] = {}
    problems = []
    for listener, service, ip, port in _wanted(config):
        key = service, ip, port
        try:
            sock = known.get(key) or _bind(ip, port)
        except OSError as problem:
            if not _unreachable(ip, problem):
                problems.append(_explain(problem, config, listener, service, ip, port))
            continue
        sockets[key] = sock
    for service, path, mode in (
            ("control", config.control_socket, NOBODY), ("resolver", config.resolver_socket, NOBODY),
            ("sendmail", config.sendmail_socket, EVERYONE)):
        key = service, str(path), 0
        try:
            sockets[key] = known.get(key) or _bind_path(path, mode, user)
        except OSError as problem:
            problems.append(f"{path}: cannot be made: {problem.strerror or problem}")
    if problems:
        for key, sock in sockets.items():
            if key not in known:
                sock.close()
        raise SetupError("\n".join(problems))
    return Listening(sockets)


def refused(config: Config) -> Iterator[tuple[Listener, str, str]]:
    """The ports that could not be had now: listener, service, and why."""
    for listener, service, ip, port in _wanted(config):
        try:
            _bind(ip, port).close()
        except OSError as problem:
            if not _unreachable(ip, problem):
                yield listener, service, _explain(problem, config, listener, service, ip, port)


def _wanted(config: Config) -> Iterator[tuple[Listener, str, str, int]]:
    for listener in config.listeners:
        for service in SERVICES:
            port = getattr(listener, service)
            for ip in listener.ips if port else ():
                yield listener, service, ip, port


def _bind(ip: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in ip else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind((ip, port))
        sock.listen(BACKLOG)
        sock.setblocking(False)
    except OSError:
        sock.close()
        raise
    return sock


def _bind_path(path: Path, mode: int, user: Identity) -> socket.socket:
    """A Unix socket at path.  Who serves the data directory holds its lock, so what lies there is a dead server's."""
    with contextlib.suppress(FileNotFoundError):
        path.unlink()
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o777 & ~mode)
    try:
        sock.bind(str(path))
    except OSError:
        sock.close()
        raise
    finally:
        os.umask(before)
    if os.geteuid() == 0:
        os.chown(path, user.uid, user.gid, follow_symlinks=False)
    sock.listen(BACKLOG)
    sock.setblocking(False)
    return sock


def _unreachable(ip: str, problem: OSError) -> bool:
    """Whether this is a machine without IPv6, which has no "::" to listen on; nobody could reach it there."""
    return ip == "::" and problem.errno in (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL)


def _explain(problem: OSError, config: Config, listener: Listener, service: str, ip: str, port: int) -> str:
    """One line: what is the matter with the port, and what to do."""
    place = f"port {port} on {ip} ({service}{'' if config.local else f' of [listeners.{listener.name}]'})"
    match problem.errno:
        case errno.EADDRINUSE:
            return (f"{place} is in use by another program: `ss -ltnp sport = :{port}` shows which; stop it or choose another "
                    f"{'--port-offset' if config.local else 'port'}")
        case errno.EACCES if config.local:
            return f"{place} needs root: choose a --port-offset from 1000 on"
        case errno.EACCES:
            return f"{place} needs root: start the server as root, or choose a port above 1023"
        case errno.EADDRNOTAVAIL:
            return f"{place} is not an address of this machine: `ip address` lists what it has"
        case _:
            return f"{place} cannot be opened: {problem.strerror or problem}"
