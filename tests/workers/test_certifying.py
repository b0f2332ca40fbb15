"""workers.certifying: the operator's program, and a run without an authority."""
import io
import time
from dataclasses import replace
from pathlib import Path

import pytest

from mta.base.clock import SystemClock
from mta.base.errors import TemporaryError
from mta.base.events import Journal
from mta.base.names import Domain
from mta.config.model import Config, Listener
from mta.net import certificates
from tests.serving import alive
from workers.certifying import certify, run_hook
from workers.preparing import make_directories, prepare
from workers.privileges import whoever

CLOCK = SystemClock()


def program(path: Path, text: str) -> Path:
    """A shell script."""
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_what_the_program_gets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What to do and for which name as arguments, the text in its environment, and nothing else of ours."""
    monkeypatch.setenv("SECRET", "x")
    hook = program(tmp_path / "hook", f'echo "$1 $2 $PILLARBOX_VALUE [$SECRET]" >> {tmp_path}/said; cat >> {tmp_path}/said')
    run_hook(hook, "set", "_acme-challenge.example.org", "value-1")
    assert (tmp_path / "said").read_text() == "set _acme-challenge.example.org value-1 []\n"


@pytest.mark.parametrize(("text", "said"), [
    ("echo no such zone; exit 3", r"ended with status 3: no such zone"), ("exit 1", "it said nothing"),
    ("sleep 60 & echo $! > $PILLARBOX_VALUE; wait", r"did not end within 0 seconds")], ids=["fails", "silent", "slow"])
def test_a_program_that_fails(tmp_path: Path, text: str, said: str) -> None:
    """Its last words are told; who takes too long is ended, with all that it started."""
    hook, pid = program(tmp_path / "hook", text), tmp_path / "pid"
    with pytest.raises(TemporaryError, match=said):
        run_hook(hook, "unset", "_acme-challenge.example.org", str(pid), seconds=0.3)
    end = time.monotonic() + 10    # killed is not yet gone
    while pid.exists() and alive(int(pid.read_text())):
        assert time.monotonic() < end, "what the program started outlived it"
        time.sleep(0.01)


def test_a_program_that_is_none(tmp_path: Path) -> None:
    """The setting is named."""
    with pytest.raises(TemporaryError, match=r"setting dns_hook\): No such file"):
        run_hook(tmp_path / "none", "set", "n", "v")


def test_a_run(tmp_path: Path) -> None:
    """Without an authority it sees to our own certificates, and is done."""
    config = Config(hostname=Domain("mx.example.org"), data=tmp_path / "data", run=tmp_path / "run", user="", postmaster="ann",
                    listeners=(Listener("a", ("127.0.0.1",), smtp=25),))
    make_directories(config, whoever())
    journal = Journal("certificates", CLOCK, stream=io.StringIO())
    prepare(config, None, CLOCK, journal, True)
    assert certify(config, CLOCK, journal, lambda role: None) == []
    certificates.own(config, "ec").unlink()
    assert certify(config, CLOCK, journal, lambda role: None) == ["made a certificate of our own with the ec key"]
    assert certify(replace(config, local=True), CLOCK, journal, lambda role: None) == []
