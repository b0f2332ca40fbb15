"""scripts/: plain POSIX shell that says what is missing, with a machine made of links to a few commands."""
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = sorted(path for path in (ROOT / "scripts").iterdir() if path.suffix != ".py")
COMMANDS = ("sh", "basename", "cat", "dirname", "id", "rm")


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A checkout on a machine without Python: its bin/ is all of PATH."""
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    for name in ("setup.cfg", "pyproject.toml", "setup.py"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "bin").mkdir()
    for name in COMMANDS:
        (tmp_path / "bin" / name).symlink_to(str(shutil.which(name)))
    return tmp_path


def python(place: Path, program: str) -> None:
    """Put a python3 there that answers as this shell program does."""
    command = place / "bin" / "python3"
    command.write_text(f"#!/bin/sh\n{program}\n")
    command.chmod(0o755)


def run(place: Path, *, user: int | None = None) -> "subprocess.CompletedProcess[str]":
    """scripts/run, until it fails."""
    return subprocess.run([place / "scripts" / "run"], capture_output=True, text=True, check=False, timeout=60, user=user,
                          env={"PATH": str(place / "bin")})


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
@pytest.mark.skipif(shutil.which("dash") is None, reason="no dash here")
def test_scripts_are_plain_shell(script: Path) -> None:
    """A shell that knows nothing beyond POSIX reads them."""
    assert script.read_text().startswith(("#!/bin/sh\n", "# Sourced"))
    subprocess.run(["dash", "-n", script], check=True)


def test_a_machine_without_python_is_told_so(bare: Path) -> None:
    """In one line, with the remedy."""
    done = run(bare)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "run: needs Python 3.11 or newer, and found none (Debian: apt-get install python3 python3-venv)\n"


def test_an_old_python_is_named(bare: Path) -> None:
    """What is there, and what is needed."""
    python(bare, 'case "$1" in --version) echo Python 3.9.2 ;; *) exit 1 ;; esac')

    assert "needs Python 3.11 or newer, and found Python 3.9.2" in run(bare).stderr


def test_a_python_without_venv_is_told_so(bare: Path) -> None:
    """Debian keeps it in a package of its own."""
    python(bare, 'case "$*" in *ensurepip*) exit 1 ;; esac')

    assert run(bare).stderr == (
        "run: python3 cannot make virtual environments: install its venv module (Debian: apt-get install python3-venv)\n")


def test_dependencies_that_do_not_come_are_told(bare: Path) -> None:
    """Most likely there is no network; the next run tries again."""
    python(bare, 'case "$*" in *"-m venv"*) mkdir -p .venv/bin && cp "$0" .venv/bin/python ;; *"-m pip"*) exit 1 ;; esac')
    for name in ("mkdir", "cp"):
        (bare / "bin" / name).symlink_to(str(shutil.which(name)))

    for _ in range(2):
        done = run(bare)
        assert done.returncode == 1
        assert done.stderr == "run: could not install the dependencies named in setup.cfg: is the network up?\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="root may write everywhere, and only root can be somebody else")
def test_a_checkout_that_cannot_be_written_is_told_so(bare: Path) -> None:
    """Instead of a traceback of venv."""
    python(bare, "exit 0")
    for place in (bare, *bare.parents):
        if not place.stat().st_mode & 0o001:
            place.chmod(0o711)
    (bare / "scripts").chmod(0o755)
    bare.chmod(0o755)

    done = run(bare, user=65_534)

    assert done.returncode == 1
    assert f"run: may not write to {bare}, where .venv belongs" in done.stderr
