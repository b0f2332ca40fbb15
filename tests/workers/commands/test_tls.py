"""workers.commands.tls: certificates, keys and records at the command line."""
import io
import json
from pathlib import Path

import pytest

from mta.base.clock import SystemClock
from mta.base.events import Journal
from mta.config.parse import load
from tests.workers.commands.conftest import Typing
from workers.command import main
from workers.preparing import make_directories, prepare
from workers.privileges import whoever


class Real:
    """Commands typed at a server with a configuration file, which does not run."""

    def __init__(self, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._file, self._capsys = file, capsys

    def __call__(self, line: str) -> tuple[int, str, str]:
        """Status, standard output and error."""
        status = main(["--config", str(self._file), *line.split()])
        captured = self._capsys.readouterr()
        return status, captured.out, captured.err


@pytest.fixture
def real(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Real:
    """mx.example.org, prepared."""
    file = tmp_path / "pillarbox.toml"
    file.write_text('hostname = "mx.example.org"\ndata = "data"\nrun = "run"\nuser = ""\n[listeners.a]\nips = ["127.0.0.1"]\nsmtp = 25\n')
    config, clock = load(file), SystemClock()
    make_directories(config, whoever())
    prepare(config, None, clock, Journal("prepare", clock, stream=io.StringIO()), True)
    return Real(file, capsys)


def test_status(real: Real) -> None:
    """Each certificate with what people and machines want to know; 0 while nothing is wrong."""
    status, out, _ = real("tls status")
    assert status == 0
    assert "self-signed-ec\n  names    mx.example.org\n  issuer   itself\n  until" in out
    assert "  ports    25\n" in out
    rows = json.loads(real("tls status --json")[1])
    assert [(row["label"], row["key"], row["self_signed"], row["ports"], row["problems"]) for row in rows] == [
        ("self-signed-ec", "EC P-256", True, [25], []), ("self-signed-rsa", "RSA 2048", True, [25], [])]


def test_keys_and_records(real: Real) -> None:
    """Keys and records agree; the next ones are added; switching makes certificates with them."""
    rows = json.loads(real("tls hostkeys --json")[1])
    status, out, _ = real("dane record")
    assert status == 0
    assert [line.split(" ;")[0] for line in out.splitlines()] == [f"_25._tcp.mx.example.org. TLSA 3 1 1 {row['digest']}" for row in rows]
    _, out, _ = real("tls hostkeys --next")
    assert "comes next" in out
    assert "Add the TLSA records of the next keys" in out
    assert len(json.loads(real("dane record --json")[1])) == 4
    status, _, err = real("tls hostkeys --switch")
    assert status == 1
    assert "the DNS does not tell" in err, "the server does not run"
    status, out, err = real("tls hostkeys --switch --now")
    assert status == 0
    assert "the server does not run" in err
    now = {row["digest"] for row in json.loads(real("tls hostkeys --json")[1]) if row["state"] == "current"}
    assert {row["digest"] for row in json.loads(real("tls status --json")[1])} == now
    assert now.isdisjoint(row["digest"] for row in rows)
    made = json.loads(real("tls history --json")[1])
    assert {(row["certificate"], row["outcome"], row["next"]) for row in made} == {
        ("self-signed-ec", "came", None), ("self-signed-rsa", "came", None)}
    assert len(made) == 4, "the first two, which came before anybody asked, and those of the new keys"
    assert "self-signed-ec" in real("tls history")[1]


def test_localserve_has_neither(typed: Typing) -> None:
    """It says what it is for."""
    typed("domain list")
    for words in ("tls hostkeys", "dane record"):
        status, _, err = typed.attempt(words)
        assert status == 1
        assert "configuration file" in err
