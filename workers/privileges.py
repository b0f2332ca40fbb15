"""Losing rights: from root to the service user, for good.

Order matters: groups, group, user, then no_new_privs; the parent-death signal comes last,
since changing the user clears it.
"""
import contextlib
import ctypes
import os
import pwd
import resource
import signal
from dataclasses import dataclass
from pathlib import Path

from mta.base.errors import SetupError

#: prctl(2).
PR_SET_PDEATHSIG = 1
PR_SET_NO_NEW_PRIVS = 38
#: Connections, databases and spool files of one process.
OPEN_FILES = 8_192


@dataclass(frozen=True, slots=True)
class Identity:
    """A user of this machine."""

    name: str
    uid: int
    gid: int


def whoever() -> Identity:
    """Who we are."""
    uid = os.geteuid()
    return Identity(user_name(uid), uid, os.getegid())


def service_user(name: str) -> Identity:
    """The user to run as; an empty name means whoever we are.  SetupError if we cannot become it."""
    if not name:
        return whoever()
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        raise SetupError(
            f"there is no user {name!r} (setting user): make it with `adduser --system --group {name}` or name another") from None
    if os.geteuid() not in (0, entry.pw_uid):
        raise SetupError(f"the server runs as user {name} (setting user): do this as root or as {name}, not as {user_name(os.geteuid())}")
    return Identity(name, entry.pw_uid, entry.pw_gid)


def become(identity: Identity) -> None:
    """Be identity and nobody else; does nothing if we are already."""
    if os.geteuid() != identity.uid:
        os.initgroups(identity.name, identity.gid)
        os.setresgid(identity.gid, identity.gid, identity.gid)
        os.setresuid(identity.uid, identity.uid, identity.uid)
    os.umask(0o077)


def confine(parent: int) -> None:
    """Give up the way back, and die with parent (a process id) whatever ends it."""
    _prctl(PR_SET_NO_NEW_PRIVS, 1)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))    # a core file would hold mail and keys
    raise_open_files()
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:    # it died between the fork and now
        os._exit(0)


def raise_open_files() -> None:
    """As many open files as we may have, up to what we can use."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def become_owner(directory: Path) -> None:
    """For commands: as root, become the owner of directory, so that no file of root's is ever left in it.

    And whoever we are: no file that others may read.
    """
    os.umask(0o077)
    if os.geteuid() != 0:
        return
    owner = directory.stat()
    if owner.st_uid != 0:
        become(Identity(user_name(owner.st_uid), owner.st_uid, owner.st_gid))


def user_name(uid: int) -> str:
    """The login name of a user, or the number if it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


#: Made once, before any fork.
_LIBC = ctypes.CDLL(None, use_errno=True)


def _prctl(option: int, value: int) -> None:
    if _LIBC.prctl(option, value, 0, 0, 0) != 0:
        problem = ctypes.get_errno()
        raise OSError(problem, os.strerror(problem))
