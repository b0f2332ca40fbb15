"""A fresh Debian: what debootstrap makes (minbase), in which nobody has been, with a registry of Python packages beside it.

Making one takes minutes and the network, so it is kept for a month below /var/tmp, made
whole beside its place and renamed; each use is a copy.  What pip would fetch lies there
too, got by the machine's own pip with its own settings, since the network of the lab
leads nowhere.
"""
import configparser
import contextlib
import hashlib
import shutil
import subprocess
import sys
import time
from pathlib import Path

from tests.lab.namespace import Namespace

ROOT = Path(__file__).resolve().parents[2]
#: The oldest Debian with a Python that is new enough.
SUITE, PYTHON = "bookworm", "3.11"
USUAL_MIRROR = "http://deb.debian.org/debian/"
#: What a fresh machine has beside minbase, and what the README tells people to install.
INCLUDED = ("python3", "systemd")
TOLD = ("python3-venv",)
KEPT = Path("/var/tmp/pillarbox-debian")
SECONDS = 30 * 86_400
#: What lies in a checkout beside the source.
BESIDE = shutil.ignore_patterns("__pycache__", "node_modules", "private", ".*", "build", "dist", "*.egg-info")
#: Run by `ip netns exec`, whose mounts are the command's own, as is the machine's name: root, name, command.
ENTER = """cd "$1" && hostname "$2" && mount -t proc proc proc && shift 2 &&
exec chroot . env -i HOME=/root LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@" """


class Unreachable(Exception):
    """Debian's mirror or the registry of packages cannot be had, as its message says."""


class Debian:
    """A machine's files below folder, which is made; its processes live in a namespace."""

    def __init__(self, folder: Path, name: str) -> None:
        made = _made()
        subprocess.run(["cp", "-a", "--reflink=auto", made / "root", folder], check=True)
        self.folder, self._name = folder, name
        shutil.copytree(made / "wheels", folder / "usr" / "share" / "wheels")
        self.write("etc/pip.conf", "[global]\nno-index = true\nfind-links = /usr/share/wheels\n")
        self.write("etc/resolv.conf", "nameserver 127.0.0.1\n")
        self.write("etc/hostname", f"{name}\n")
        self.write("etc/hosts", "127.0.0.1 localhost\n::1 localhost\n")

    def words(self, *command: str) -> tuple[str, ...]:
        """The command, inside: to be run in a namespace."""
        return ("unshare", "--uts", "sh", "-c", ENTER, "sh", str(self.folder), self._name, *command)

    def shell(self, space: Namespace, text: str) -> str:
        """What a shell of root's prints, in /root/pillarbox, where the source is.  AssertionError if it fails."""
        return space.run(*self.words("sh", "-ec", f"cd /root/pillarbox; {text}"), seconds=300)

    def write(self, path: str, text: str) -> None:
        """A file of the machine."""
        (self.folder / path).write_text(text)

    def unpack(self) -> None:
        """Put the source where root can install it from."""
        shutil.copytree(ROOT, self.folder / "root" / "pillarbox", ignore=BESIDE)


def _made() -> Path:
    """Where root and wheels are kept; made if they are not there.  Unreachable if they cannot be."""
    KEPT.mkdir(0o700, exist_ok=True)
    found = KEPT.stat()
    # Anybody may write to /var/tmp, and what lies there is run as root.
    assert (found.st_uid, found.st_mode & 0o077, KEPT.is_symlink()) == (0, 0, False), f"{KEPT} is somebody else's"
    wanted = hashlib.sha256(repr((SUITE, INCLUDED, TOLD, requirements())).encode()).hexdigest()[:16]
    place = KEPT / wanted
    for old in KEPT.iterdir():
        # What another run is making now is as young.
        if old.stat().st_mtime < time.time() - SECONDS:
            shutil.rmtree(old)
    if not place.exists():
        new = KEPT / f"{wanted}.{time.time_ns()}"
        new.mkdir()
        try:
            _make(new)
            with contextlib.suppress(FileExistsError):    # another run was faster
                new.rename(place)
        finally:
            shutil.rmtree(new, ignore_errors=True)
    return place


def _make(new: Path) -> None:
    try:
        (new / "wheels").mkdir()
        _run(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--only-binary=:all:",
             "--python-version", PYTHON, "--dest", new / "wheels", *requirements())
        _run("debootstrap", "--variant=minbase", f"--include={','.join(INCLUDED + TOLD)}", SUITE, new / "root", _mirror())
    except subprocess.CalledProcessError as problem:
        raise Unreachable(f"{problem.cmd[0]}: {problem.stdout[-500:]}") from problem


def _run(*words: str | Path) -> str:
    return subprocess.run(list(map(str, words)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True).stdout


def _mirror() -> str:
    """Where this machine gets Debian from."""
    with contextlib.suppress(OSError, subprocess.CalledProcessError):
        for line in _run("apt-get", "indextargets", "--format", "$(CODENAME) $(REPO_URI)", "Created-By: Packages").splitlines():
            suite, _, mirror = line.partition(" ")
            if suite == SUITE and "debian" in mirror and "security" not in mirror:
                return mirror
    return USUAL_MIRROR


def requirements() -> list[str]:
    """What the source needs to be built and to run, as pip takes it."""
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    return ["setuptools >= 68", "wheel", *filter(None, setup["options"]["install_requires"].split("\n"))]
