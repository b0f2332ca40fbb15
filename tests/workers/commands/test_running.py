"""workers.commands.running: starting, asking, stopping; a whole localserve."""
import subprocess
import sys
from pathlib import Path

import pytest

from mta.base.clock import SystemClock
from mta.config.model import local
from tests.serving import Server
from tests.workers.commands.conftest import Typing
from workers import control, preparing
from workers.command import main
from workers.commands.running import introduction
from workers.privileges import whoever

ROOT = Path(__file__).resolve().parents[3]


def test_a_newcomer_is_told_everything() -> None:
    """Every address, port, name and password, and what to try."""
    said = "\n".join(introduction(local(Path("/d"), "127.0.0.1", 1_000), Path("/d")))

    for word in ("https://127.0.0.1:1443/webmail/", "/account/", "/admin/", "http://127.0.0.1:1080", "http://127.0.0.1:9180/metrics",
                 "1025", "1465", "1587", "demo@localhost", "pillarbox", "--to demo@localhost", "message list demo Inbox"):
        assert word in said
    assert "https://[::1]:1443/" in "\n".join(introduction(local(Path("/d"), "::1"), Path("/d")))
    assert "'/a b/pillarbox' --dir /d message list" in "\n".join(introduction(local(Path("/d")), Path("/d"), "/a b/pillarbox"))


@pytest.mark.parametrize(("words", "said"), [
    (["--ip", "localhost"], "--ip: 'localhost' is not an IP address"),
    (["--port-offset", "60000"], "--port-offset must be from 0 to"),
    (["--dir", f"/tmp/{'x' * 100}"], "is too long"),
    (["--config", "/x.toml"], "localserve needs no configuration"),
])
def test_what_cannot_be_is_said(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything is made."""
    assert main(["localserve", *words]) == 1
    assert said in capsys.readouterr().err


def test_serve_needs_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And says which."""
    assert main(["serve", "--config", str(tmp_path / "p.toml")]) == 1
    assert "p.toml: cannot be read" in capsys.readouterr().err
    assert main(["serve", "--dir", str(tmp_path)]) == 1
    assert "serve needs a configuration file" in capsys.readouterr().err


def test_without_a_server_there_is_nobody_to_ask(typed: Typing) -> None:
    """Status, reload and stop are for a running one."""
    for verb in ("status", "reload", "stop"):
        status, _, err = typed.attempt(verb)
        assert (status, err.count("\n")) == (1, 1)
        assert "no server answers at" in err


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    """As programs print it."""
    assert main(["version"]) == 0
    assert capsys.readouterr().out.startswith("pillarbox ")


def test_a_server_goes_on_when_nobody_reads_what_it_says() -> None:
    """`pillarbox localserve | head -1` is no way to stop it."""
    code = "import sys; from workers.commands.running import tell; [tell('x' * 1000) for _ in range(1000)]; print('alive', file=sys.stderr)"
    done = subprocess.run(f'{sys.executable} -c "{code}" | true', shell=True, capture_output=True, text=True, check=True, cwd=ROOT)

    assert done.stderr == "alive\n"


def test_localserve_from_start_to_stop(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Ready, asked, used while it runs, started a second time, reloaded, stopped; then used again."""
    server = Server(tmp_path / "here").start()
    typed = Typing(server.folder, capsys, monkeypatch)
    try:
        roles = [row["role"] for row in typed.json("status")]
        assert sorted(set(roles)) == ["acceptor", "delivery", "reporter", "resolver", "supervisor", "web"]
        assert "acceptor" in typed("status")
        assert typed.json("message list demo Inbox")[0]["subject"] == "Welcome to Pillarbox"
        typed("account add ann --no-password")

        assert main(["localserve", "--dir", str(server.folder), "--port-offset", str(server.offset)]) == 1
        assert "another Pillarbox serves" in capsys.readouterr().err
        typed("reload")
        typed("stop")
        with preparing.locked(config := local(server.folder), whoever(), SystemClock()):    # all its processes are gone
            assert server.process
            assert server.process.wait(20) == 0
        assert not control.runs(config.control_socket)
    finally:
        server.stop()
    assert [row["name"] for row in typed.json("account list")] == ["ann", "demo"]
