"""The wheel: built, installed into an empty environment, and mail goes through it."""
import json
import os
import shutil
import signal
import smtplib
import subprocess
import sys
import tarfile
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.serving import free_offset

ROOT = Path(__file__).resolve().parent.parent
#: What lies in a checkout beside the source.
BESIDE = shutil.ignore_patterns("__pycache__", "node_modules", "private", ".*", "build", "dist", "*.egg-info")

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.xdist_group("wheel")]


def run(*words: str | Path) -> str:
    """Run a command; its standard output."""
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False, timeout=500, env=ENVIRONMENT)
    assert done.returncode == 0, f"{words}: {done.stdout}\n{done.stderr}"
    return done.stdout


#: Nothing of this checkout may be found by accident.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source distribution, and the wheel that is built of it, from a copy of the source, so that nothing is left in this one."""
    place = tmp_path_factory.mktemp("wheel")
    shutil.copytree(ROOT, place / "source", ignore=BESIDE)
    run(sys.executable, "-m", "build", "--outdir", place, place / "source")
    return place


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    """The wheel."""
    return next(built.glob("*.whl"))


@pytest.fixture(scope="module")
def pillarbox(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command, installed with its dependencies into an environment that was empty."""
    place = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", place)
    run(place / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel)
    return place / "bin" / "pillarbox"


def test_everything_is_inside(wheel: Path) -> None:
    """The schema, every built web file, every module; no tests, no sources of the web client."""
    names = set(zipfile.ZipFile(wheel).namelist())

    assert "mta/store/schema.sql" in names
    assert {str(path.relative_to(ROOT)) for path in (ROOT / "web" / "static").rglob("*") if path.is_file()} <= names
    assert {str(path.relative_to(ROOT)) for top in ("mta", "web", "workers") for path in (ROOT / top).rglob("*.py")
            if "node_modules" not in path.parts} <= names
    assert not [name for name in names if name.startswith("tests/") or name.endswith(".ts")]


def test_the_source_distribution_is_a_checkout(built: Path) -> None:
    """With scripts, tests, documents and the sources of the web client."""
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}

    assert {"Makefile", "README.md", "schema.sql", "docs/pillarbox.toml", "docs/webmail.png", "scripts/run", "scripts/environment",
            "tests/conftest.py", "web/client/package.json"} <= names
    assert {str(path.relative_to(ROOT)) for path in (ROOT / "tests").rglob("*.py")} <= names


@pytest.fixture
def served(pillarbox: Path, tmp_path: Path) -> Iterator[tuple[Path, int]]:
    """A running localserve: its directory and its port offset."""
    offset = free_offset()
    with (tmp_path / "log").open("wb") as log, subprocess.Popen(
            [pillarbox, "localserve", "--dir", tmp_path / "here", "--port-offset", str(offset)],
            stdout=subprocess.PIPE, stderr=log, text=True, cwd=tmp_path, env=ENVIRONMENT) as process:
        assert process.stdout
        said = []
        for line in process.stdout:
            said.append(line)
            if line == "pillarbox ready\n":
                break
        else:
            raise AssertionError("".join(said) + (tmp_path / "log").read_text())
        yield tmp_path / "here", offset
        process.send_signal(signal.SIGTERM)
        process.stdout.read()
        assert process.wait(20) == 0


def test_mail_goes_through_it(pillarbox: Path, served: tuple[Path, int]) -> None:
    """From a stranger's SMTP to the command line, and the webmail's page is there."""
    directory, offset = served
    with smtplib.SMTP("127.0.0.1", 25 + offset, timeout=20) as client:
        client.sendmail("ann@example.org", ["demo@localhost"], "From: ann@example.org\r\nSubject: through the wheel\r\n\r\nhi\r\n")

    listed: list[dict[str, Any]] = json.loads(run(pillarbox, "message", "list", "demo", "Inbox", "--json", "--dir", directory))
    assert listed[0]["subject"] == "through the wheel"
    with urllib.request.urlopen(f"http://127.0.0.1:{80 + offset}/webmail/", timeout=20) as page:
        assert b"<html" in page.read()
    assert run(pillarbox, "--dir", directory, "verify") == "databases and mail files agree\n"


def test_help_and_sample_need_no_server(pillarbox: Path) -> None:
    """The first commands of an operator."""
    assert "localserve" in run(pillarbox, "--help")
    assert run(pillarbox, "config", "sample").startswith("# Pillarbox: sample configuration")
